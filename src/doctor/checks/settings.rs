//! Settings: all of them, read the way `serve` does, and whether they fit together.

use crate::{
    doctor::{exam::Exam, saw::Saw},
    oauth::Secret,
    settings::session_secret_problem,
};

/// Values that stand in examples, and in too many copies of them.
const SAMPLES: [&str; 8] = [
    "secret",
    "changeme",
    "change-me",
    "password",
    "client-secret",
    "client_secret",
    "your-client-secret",
    "xxxxx",
];

pub(in crate::doctor) async fn settings(exam: &mut Exam, _: usize) -> Saw {
    let patient = &exam.patient;
    let seen = &patient.settings;
    let told = seen.told.iter().cloned();
    if let Some((first, others)) = seen.problems.split_first() {
        let also = others.iter().map(|problem| problem.sentence.clone());
        let got = match others.len() {
            0 => first.sentence.clone(),
            more => format!("{} (and {more} more)", first.sentence),
        };
        let all = std::iter::once(first).chain(others);
        let names: Vec<&str> = all.map(|problem| problem.name.as_str()).collect();
        return Saw::failure(
            got,
            "The program does not start like this.",
            format!(
                "Set {} in the environment or in .env as the line says; .env_example explains every setting.",
                names.join(", ")
            ),
        )
        .lines(also)
        .lines(told);
    }
    let mut weak = Vec::new();
    if let Some(secret) = patient.client_secret() {
        weak.extend(sample("AUTHN_CLIENT_SECRET", secret, &patient.client_id));
    }
    if let Some(client) = &patient.introspector {
        let name = "INTROSPECT_CLIENT_SECRET";
        weak.extend(sample(name, &client.client_secret, &client.client_id));
    }
    let warnings: Vec<String> = seen.warnings.iter().cloned().chain(weak).collect();
    if let Some((first, others)) = warnings.split_first() {
        return Saw::blemish(
            first.clone(),
            "It stops nothing, and is rarely meant.",
            "Change what the line names; .env_example explains every setting.",
        )
        .lines(others.to_vec())
        .lines(told);
    }
    Saw::pass("all can be read, and nothing is missing").lines(told)
}

fn sample(name: &str, secret: &Secret, client_id: &str) -> Option<String> {
    let text = secret.expose().to_ascii_lowercase();
    let known = SAMPLES.contains(&text.as_str()) || text == client_id.to_ascii_lowercase();
    let phrase = secret.expose().len() > 4
        && session_secret_problem(secret).is_some_and(|problem| problem.contains("sample"));
    (known || phrase).then(|| {
        format!("{name} is a word that anybody would try first: have the provider make another")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_anybody_would_try_first_is_told_without_its_value() {
        for weak in ["changeme", "Secret", "the-app", "some random phrase"] {
            let told = sample("NAME", &Secret::new(weak), "the-app").unwrap();
            assert!(told.starts_with("NAME ") && !told.contains(weak), "{told}");
        }
        assert_eq!(sample("NAME", &Secret::random(), "the-app"), None);
    }
}
