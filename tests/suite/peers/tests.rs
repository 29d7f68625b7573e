//! The peers themselves: that they start, let a person in and give the scopes that the product's tests count on.

use solar_system::oauth::pkce;
use url::Url;

use super::{Chromium, Keycloak, Look, OidcProvider, Registration};
use crate::browser::Browser;
use crate::http::{basic, client, query, send, with_form};
use crate::misbehaving::{Reply, Server};
use crate::people::{CARL, GOLD_SCOPE, JODIE, Person, SILVER_SCOPE};

const REDIRECT_URI: &str = "http://localhost:9/callback";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn oidc_provider_gives_silver_and_refuses_gold_to_silver() {
    let settings = serde_json::json!({ "redirect_uris": [REDIRECT_URI] });
    let provider = OidcProvider::start(&settings);

    let silver = sign_in(&provider.registration, CARL, "silver").await;
    let scope = redeem(&provider.registration, &silver).await;
    assert_eq!(scope, SILVER_SCOPE);

    let gold = sign_in(&provider.registration, CARL, "silver gold").await;
    assert_eq!(query(&gold, "error").as_deref(), Some("access_denied"));

    let gold = sign_in(&provider.registration, JODIE, "silver gold").await;
    let scope = redeem(&provider.registration, &gold).await;
    assert!(scope.contains("gold"), "{scope}");
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn keycloak_gives_silver_and_leaves_gold_out_for_silver() {
    let keycloak = Keycloak::shared().await;
    let app = keycloak.register(REDIRECT_URI, "http://localhost:9/").await;

    let silver = sign_in(&app, CARL, "silver gold").await;
    let scope = redeem(&app, &silver).await;
    assert!(scope.contains(SILVER_SCOPE), "{scope}");
    assert!(!scope.contains("gold"), "{scope}");

    let gold = sign_in(&app, JODIE, "silver gold").await;
    let scope = redeem(&app, &gold).await;
    assert!(scope.contains(GOLD_SCOPE), "{scope}");
}

/// Signs in with a browser of its own; where the provider sends it back to.
async fn sign_in(app: &Registration, person: Person, levels: &str) -> Url {
    let metadata = metadata(app).await;
    let scopes = levels
        .split(' ')
        .map(|level| format!("http://myapp.com/scp/{level}"));
    let scope = format!("openid {}", scopes.collect::<Vec<_>>().join(" "));
    let mut url = Url::parse(metadata["authorization_endpoint"].as_str().unwrap()).unwrap();
    url.query_pairs_mut()
        .append_pair("client_id", &app.client_id)
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("response_type", "code")
        .append_pair("scope", &scope)
        .append_pair("state", "a state")
        .append_pair("code_challenge", &pkce::s256(VERIFIER))
        .append_pair("code_challenge_method", "S256");

    let browser = Browser::new();
    let page = browser.open(url).await;
    let form = page.page().press("sign in");
    let form = form
        .with("username", person.login)
        .with("password", person.password);
    let mut seen = browser.submit(&page, form).await;
    while seen.is_redirect() && seen.location().port() != Some(9) {
        seen = browser.follow(&seen).await;
    }
    seen.location()
}

/// The granted scope of the code in this redirect.
async fn redeem(app: &Registration, redirect: &Url) -> String {
    let metadata = metadata(app).await;
    let code = query(redirect, "code").unwrap_or_else(|| panic!("no code in {redirect}"));
    let request = client().post(metadata["token_endpoint"].as_str().unwrap());
    let request = request.header("authorization", basic(&app.client_id, &app.client_secret));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let answer = send(with_form(request, &fields)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["scope"].as_str().unwrap().to_owned()
}

async fn metadata(app: &Registration) -> serde_json::Value {
    let url = format!("{}/.well-known/openid-configuration", app.issuer);
    send(client().get(url)).await.json()
}

#[tokio::test]
#[ignore = "needs Chromium and chromedriver: make test"]
async fn chromium_reads_presses_and_takes_pictures_with_scripts_and_without() {
    let server = Server::start(0, |request| {
        let pressed = request.field("level").unwrap_or_default();
        Reply::html(&format!(
            r#"<meta name="viewport" content="width=device-width"><p id="out">no script</p>
            <script>document.getElementById("out").textContent = "script " + innerWidth</script>
            <section><h2>Silver</h2><form method="post"><button name="level" value="silver">authenticate</button></form></section>
            <section><h2>Gold</h2><form method="post"><button name="level" value="gold">authenticate</button></form></section>
            <p>pressed: {pressed}</p>"#
        ))
    });
    for look in Look::ALL {
        let chromium = Chromium::open(look).await;
        chromium.get(&server.url()).await;
        let expected = if look.scripts {
            format!("script {}", look.width)
        } else {
            "no script".to_owned()
        };
        chromium.see(&expected).await;
        chromium.press_under("gold", "Authenticate").await;
        chromium.see("pressed: gold").await;
        assert!(chromium.overflow().await <= 0.0);
        chromium.picture("harness").await;
    }
}
