//! The audience of the first ID token, which a newer one must not lose.

use super::*;
use crate::misbehaving::bend::listed;

#[tokio::test]
async fn sec_web_18_an_audience_of_the_first_id_token_that_the_newer_one_leaves_out_ends_the_session()
 {
    for (audience, is_over) in [
        (json!([CLIENT_ID, "api://default"]), false),
        (json!(CLIENT_ID), true),
    ] {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        {
            let mut script = provider.script();
            script.token_answer = edit(|answer| answer["refresh_token"] = FIRST.into());
            script.id_token = listed("aud", &["api://default"]);
        }
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();
        let home = stack.authenticate(&browser, "silver").await;
        assert!(is_signed_in(&home), "{}", home.page().words());
        {
            let mut script = provider.script();
            let now = stack.clock.now();
            let claims = json!({
                "iss": provider.issuer(), "sub": "carl.sagan", "aud": audience, "iat": now, "exp": now + 600,
            });
            let header = json!({"alg": "RS256", "kid": script.keys.key_id(Algorithm::RS256)});
            let mut answer = tokens(Some(SECOND));
            answer["id_token"] = script.keys.sign(Algorithm::RS256, &header, &claims).into();
            script.reply("/token", Reply::json(&answer));
        }

        let flight = browser.go(&home, "refresh the tokens").await;

        let words = flight.page().words();
        let status = if is_over { 401 } else { 200 };
        assert_eq!(flight.status, status, "{audience}: {words}");
        let home = browser.open(stack.web("/")).await;
        assert_eq!(is_signed_in(&home), !is_over, "{audience}");
        stack.show_me(&browser, "show me the planets!").await;
        let used = bearers(&gateway.server.received()).contains(&NEWER.to_owned());
        assert_eq!(used, !is_over, "{audience}");
    }
}
