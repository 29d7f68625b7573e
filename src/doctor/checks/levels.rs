//! What a sign-in at each level grants: the scopes of the blueprint, and no other level's.

use crate::{
    blueprint::Level,
    calls::{Granted, SignInError, sign_in},
    doctor::{exam::Exam, saw::Saw},
    oauth::Scopes,
    settings::variable_prefix,
};

pub(in crate::doctor) async fn level(exam: &mut Exam, place: usize) -> Saw {
    let Some(level) = exam.level(place).cloned() else {
        return Saw::untestable("the blueprint has no such level");
    };
    let prefix = variable_prefix(&level.name);
    let Some((login, password)) = exam.patient.people.get(&level.name).cloned() else {
        return Saw::untestable(format!(
            "nobody is known who signs in at this level: set {prefix}_USERNAME and {prefix}_PASSWORD"
        ));
    };
    let (Some(app), Some(discovery)) = (exam.patient.app(), exam.discovery.clone()) else {
        return Saw::untestable("the app's secret is not known here");
    };
    let http = exam.patient.http.clone();
    let line = format!("{login} asked for {}", level.scopes);
    let saw = match sign_in(&http, &discovery, &app, &level.scopes, (&login, &password)).await {
        Ok(granted) => {
            let saw = judge(exam, &level, &granted);
            exam.hold(&level.name, granted);
            saw
        }
        Err(SignInError::UnknownPage(why)) => Saw::untestable(why),
        Err(SignInError::Refused(why) | SignInError::NotRedeemed { told: why, .. }) => {
            refused(why, &level, &login, &prefix)
        }
    };
    saw.line(line)
}

fn judge(exam: &Exam, level: &Level, granted: &Granted) -> Saw {
    let line = format!("granted: {}", granted.scopes);
    let others = exam.patient.blueprint.levels.iter();
    let foreign: Vec<&str> = others
        .flat_map(|other| other.scopes.iter())
        .filter(|scope| granted.scopes.contains(scope) && !level.scopes.contains(scope))
        .collect();
    if let Some(first) = foreign.first() {
        return Saw::hole(
            format!("{first} was granted, which was not asked for"),
            "The token opens what another level is for.",
            format!("Take {first} from the client's default scopes, and from the rule of the group {} at the provider.", level.group),
        )
        .line(line);
    }
    let missing = granted.scopes.missing(&level.scopes);
    // who issued an ID token has granted openid, and some do not say so of an access token for an API
    let unsaid = |scope: &str| scope == "openid" && granted.id_token.is_some();
    let missing =
        Scopes::from_names(missing.iter().filter(|scope| !unsaid(scope))).unwrap_or(missing);
    if !missing.is_empty() {
        let some = match granted.scopes.to_string() {
            none if none.is_empty() => "nothing".to_owned(),
            some => some,
        };
        return Saw::failure(
            format!("{some} was granted, {missing} was not"),
            "The gateway will refuse what this level is for.",
            format!(
                "At the provider, create {missing}, let the client ask for it, and let a rule grant it to the group {}.",
                level.group
            ),
        )
        .line(line);
    }
    Saw::pass(format!("{} granted", level.scopes)).line(line)
}

fn refused(why: String, level: &Level, login: &str, prefix: &str) -> Saw {
    let (reason, fix) = if why.contains("access_denied") {
        (
            "The provider's rules do not give this person all that the level asks for, or do not let the person use the app.",
            format!(
                "Put {login} into the group {} at the provider, assign the app to it, and let a rule grant it {}.",
                level.group, level.scopes
            ),
        )
    } else if why.contains("invalid_scope") {
        (
            "The provider does not know a scope that the level asks for, or does not let the client ask for it.",
            format!(
                "Create {} at the provider, and let the client ask for it.",
                level.scopes
            ),
        )
    } else if why.contains("password") {
        (
            "The person's password is another one.",
            format!("Correct {prefix}_USERNAME and {prefix}_PASSWORD."),
        )
    } else {
        (
            "The sign-in did not come to its end.",
            format!(
                "Sign in at this level in a browser, as {login}: the page that explains the refusal says more."
            ),
        )
    };
    Saw::failure(why, reason, fix)
}
