//! Client authentication: whether the token endpoint knows the app's secret or key, and refuses another.
//!
//! The code is made up. Who authenticates the client first (RFC 6749, section 5.2) answers
//! `invalid_client` for a wrong secret, and `invalid_grant` only for the right one.

use crate::{
    calls::{ClientAuthentication, Credential, SignInError, sign_in},
    doctor::{ask::Answer, exam::Exam, saw::Saw},
    net::FetchError,
    oauth::{Scopes, random_value},
};
use std::sync::Arc;

fn method(exam: &Exam) -> ClientAuthentication {
    let discovery = exam.discovery.as_ref();
    discovery.map_or(ClientAuthentication::Basic, |discovery| {
        discovery.client_authentication()
    })
}

fn method_in_words(exam: &Exam, credential: &Credential) -> &'static str {
    match (credential, method(exam)) {
        (Credential::Key(_), _) => "private_key_jwt",
        (Credential::Secret(_), ClientAuthentication::Basic) => "client_secret_basic",
        (Credential::Secret(_), ClientAuthentication::Post) => "client_secret_post",
    }
}

/// What to set, where the provider does not take the client.
fn fix(exam: &Exam, credential: &Credential) -> String {
    let client_id = &exam.patient.client_id;
    match credential {
        Credential::Secret(_) => format!(
            "Set AUTHN_CLIENT_SECRET to the secret of the client {client_id} at the provider; the client must be confidential, and registered for {}.",
            method_in_words(exam, credential)
        ),
        Credential::Key(key) => {
            let discovery = exam.discovery.as_ref();
            let lack = discovery.and_then(|found| found.assertions().lack(key.algorithm()));
            let lack = lack
                .map(|lack| format!(" Its metadata say that it takes no such assertion: {lack}."));
            format!(
                "Register the public half of AUTHN_CLIENT_KEY_FILE ({}, kid {}) for the client {client_id} at the provider, which solar-system client-key prints, and let that client authenticate by private_key_jwt.{}",
                key.algorithm(),
                key.key_id(),
                lack.unwrap_or_default()
            )
        }
    }
}

async fn ask(
    exam: &mut Exam,
    credential: &Credential,
) -> Result<Result<Answer, FetchError>, String> {
    let endpoint = exam.endpoint("token_endpoint")?;
    let patient = Arc::clone(&exam.patient);
    let method = method(exam);
    let (code, verifier) = (random_value(), random_value());
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &patient.redirect_uri),
        ("code_verifier", &verifier),
    ];
    let client = (patient.client_id.as_str(), credential);
    Ok(exam.post(&endpoint, client, method, &form).await)
}

pub(in crate::doctor) async fn client(exam: &mut Exam, _: usize) -> Saw {
    let Some(credential) = exam.patient.credential.clone() else {
        return Saw::untestable(
            "AUTHN_CLIENT_SECRET is not set, and the one that was made for the embedded provider is known to the running app alone: its page /doctor looks at this too",
        );
    };
    let answer = match ask(exam, &credential).await {
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
    let method = method_in_words(exam, &credential);
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
            "The provider does not know the client, or takes another secret, key or method from it.",
            fix(exam, &credential),
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
            "invalid_grant is due for a code that nobody issued (RFC 6749, section 5.2); whether secret or key are right shows at the sign-ins.",
            "Nothing is to be changed here if the sign-ins below work.",
        )
    };
    saw.line(answer.line("token request with a made-up code"))
}

pub(in crate::doctor) async fn others(exam: &mut Exam, _: usize) -> Saw {
    let Some(wrong) = another(exam).await else {
        return Saw::untestable("no other key could be made");
    };
    let answer = match ask(exam, &wrong).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Saw::untestable(error.to_string()),
        Err(why) => return Saw::untestable(why),
    };
    let what = match &wrong {
        Credential::Secret(_) => "a made-up secret",
        Credential::Key(_) => "another key under this one's kid",
    };
    let line = answer.line(&format!("token request with {what}"));
    let error = answer.member("error").unwrap_or_default();
    let got = answer.in_words();
    if gives_a_token(&answer) {
        return hole(format!("{} with {what}", answer.status)).line(line);
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
    let app = exam.patient.app_with(wrong);
    let openid = Scopes::from_names(["openid"]).unwrap_or_default();
    let http = exam.patient.http.clone();
    match sign_in(&http, &discovery, &app, &openid, (&login, &password)).await {
        Ok(granted) => {
            exam.hold("", granted);
            exam.held.pop(); // it is no token to go on with
            hole(format!("a real code was redeemed with {what}"))
        }
        Err(SignInError::NotRedeemed {
            status,
            error,
            told,
        }) if status == 401 || error.as_deref() == Some("invalid_client") => {
            Saw::pass(format!("a real code with {what}: {told}"))
        }
        // whatever else was refused, it was not the secret
        Err(why) => Saw::untestable(format!(
            "the provider looks at the code before the secret, and no real one came to be redeemed with {what}: {why}"
        )),
    }
    .line(line)
}

/// What the provider must not take: another secret, or another key under the name of the app's.
async fn another(exam: &mut Exam) -> Option<Credential> {
    let Some(Credential::Key(key)) = exam.patient.credential.clone() else {
        return Some(Credential::Secret(exam.made_up()));
    };
    let made = tokio::task::spawn_blocking(move || key.impostor()).await;
    Some(Credential::Key(Arc::new(made.ok()?.ok()?)))
}

fn gives_a_token(answer: &Answer) -> bool {
    let object = answer.object();
    answer.is_success() && object.is_some_and(|members| members.contains_key("access_token"))
}

fn hole(got: String) -> Saw {
    Saw::hole(
        got,
        "The secret or key protects nothing: whoever gets hold of a code redeems it.",
        "Make the client confidential at the provider, so that the token endpoint demands its secret, or an assertion by its key.",
    )
}
