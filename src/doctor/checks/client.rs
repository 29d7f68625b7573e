//! Client authentication: whether the token endpoint knows the app's secret, and refuses another.
//!
//! The code is made up. Who authenticates the client first (RFC 6749, section 5.2) answers
//! `invalid_client` for a wrong secret, and `invalid_grant` only for the right one.

use crate::{
    calls::{App, ClientAuthentication, SignInError, sign_in},
    doctor::{ask::Answer, exam::Exam, saw::Saw},
    net::FetchError,
    oauth::{Scopes, Secret, random_value},
};

fn method(exam: &Exam) -> ClientAuthentication {
    let discovery = exam.discovery.as_ref();
    discovery.map_or(ClientAuthentication::Basic, |discovery| {
        discovery.client_authentication()
    })
}

fn method_in_words(method: ClientAuthentication) -> &'static str {
    match method {
        ClientAuthentication::Basic => "client_secret_basic",
        ClientAuthentication::Post => "client_secret_post",
    }
}

async fn ask(exam: &Exam, secret: &Secret) -> Result<Result<Answer, FetchError>, String> {
    let endpoint = exam.endpoint("token_endpoint")?;
    let patient = &exam.patient;
    let (code, verifier) = (random_value(), random_value());
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &patient.redirect_uri),
        ("code_verifier", &verifier),
    ];
    let client = (patient.client_id.as_str(), secret);
    Ok(exam.post(&endpoint, client, method(exam), &form).await)
}

pub(in crate::doctor) async fn client(exam: &mut Exam, _: usize) -> Saw {
    let Some(secret) = exam.patient.client_secret.clone() else {
        return Saw::untestable(
            "AUTHN_CLIENT_SECRET is not set, and the one that was made for the embedded provider is known to the running app alone: its page /doctor looks at this too",
        );
    };
    let answer = match ask(exam, &secret).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            let fix = "Look at the provider, and at token_endpoint in its metadata.";
            return Saw::failure(
                error.to_string(),
                "The token endpoint does not answer.",
                fix,
            );
        }
        Err(why) => return Saw::untestable(why),
    };
    let method = method_in_words(method(exam));
    let error = answer.member("error").unwrap_or_default();
    let got = format!("{} ({method})", answer.in_words());
    let saw = if gives_a_token(&answer) {
        Saw::hole(
            format!("{} for a code that is made up", answer.status),
            "Whoever makes a code up gets tokens.",
            "This is no token endpoint to rely on: look at what answers there.",
        )
    } else if error == "invalid_grant" {
        Saw::pass(format!(
            "invalid_grant: the client is known, and {method} is taken"
        ))
    } else if error == "invalid_client" || answer.status == 401 {
        Saw::failure(
            got,
            "The provider does not know the client, or takes another secret or another method from it.",
            format!(
                "Set AUTHN_CLIENT_SECRET to the secret of the client {} at the provider; the client must be confidential, and registered for {method}.",
                exam.patient.client_id
            ),
        )
    } else if error == "unauthorized_client" {
        Saw::failure(
            got,
            "The client is known, and may not use the code flow.",
            "Allow the authorization code grant for the client at the provider.",
        )
    } else if error.is_empty() {
        Saw::failure(
            got,
            "What answers is no token endpoint (RFC 6749, section 5.2).",
            "Look at token_endpoint in the provider's metadata, and at what stands before it.",
        )
    } else {
        Saw::blemish(
            got,
            "invalid_grant is due for a code that nobody issued (RFC 6749, section 5.2); whether the secret is right shows at the sign-ins.",
            "Nothing is to be changed here if the sign-ins below work.",
        )
    };
    saw.line(answer.line("token request with a made-up code"))
}

pub(in crate::doctor) async fn others(exam: &mut Exam, _: usize) -> Saw {
    let wrong = exam.made_up();
    let answer = match ask(exam, &wrong).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Saw::untestable(error.to_string()),
        Err(why) => return Saw::untestable(why),
    };
    let line = answer.line("token request with a made-up secret");
    let error = answer.member("error").unwrap_or_default();
    let got = answer.in_words();
    if gives_a_token(&answer) {
        return hole(format!("{} with a made-up secret", answer.status)).line(line);
    }
    if error == "invalid_client" || answer.status == 401 {
        return Saw::pass(got).line(line);
    }
    // It may look at the code first. Then a real one tells: somebody signs in, and it is redeemed with the wrong secret.
    let levels: Vec<String> = exam.patient.people.keys().cloned().collect();
    let people = &exam.patient.people;
    let person = levels.first().and_then(|level| people.get(level)).cloned();
    let discovery = exam.discovery.clone();
    let (Some((login, password)), Some(discovery)) = (person, discovery) else {
        let why = "the provider looks at the code before the secret, and nobody is known who could get a real one (<LEVEL>_USERNAME, <LEVEL>_PASSWORD)";
        return Saw::untestable(why).line(line);
    };
    let app = App {
        client_id: exam.patient.client_id.clone(),
        client_secret: wrong,
        redirect_uri: exam.patient.redirect_uri.clone(),
        audience: exam.patient.ask_for_audience.clone(),
    };
    let openid = Scopes::from_names(["openid"]).unwrap_or_default();
    let http = exam.patient.http.clone();
    match sign_in(&http, &discovery, &app, &openid, (&login, &password)).await {
        Ok(granted) => {
            exam.hold("", granted);
            exam.held.pop(); // it is no token to go on with
            hole("a real code was redeemed with a made-up secret".to_owned())
        }
        Err(SignInError::NotRedeemed {
            status,
            error,
            told,
        }) if status == 401 || error.as_deref() == Some("invalid_client") => {
            Saw::pass(format!("a real code with a made-up secret: {told}"))
        }
        // whatever else was refused, it was not the secret
        Err(why) => Saw::untestable(format!(
            "the provider looks at the code before the secret, and no real one came to be redeemed with a made-up one: {why}"
        )),
    }
    .line(line)
}

fn gives_a_token(answer: &Answer) -> bool {
    let object = answer.object();
    answer.is_success() && object.is_some_and(|members| members.contains_key("access_token"))
}

fn hole(got: String) -> Saw {
    Saw::hole(
        got,
        "The secret protects nothing: whoever gets hold of a code redeems it.",
        "Make the client confidential at the provider, so that the token endpoint demands its secret.",
    )
}
