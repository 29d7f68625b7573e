//! One line for each well-known claim and header member.

/// What a claim or header member of this name is for.
#[must_use]
pub fn meaning(name: &str) -> &'static str {
    MEANINGS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("A claim of this provider's own.", |(_, meaning)| meaning)
}

/// RFC 7515, 7519, 9068, OpenID Connect Core, and what well-known providers add.
const MEANINGS: [(&str, &str); 64] = [
    // the header
    (
        "alg",
        "The algorithm of the signature. We accept only those we expect from this issuer.",
    ),
    ("kid", "Which of the issuer's keys made the signature."),
    (
        "typ",
        "What kind of token this is, so that one kind never passes for another.",
    ),
    ("cty", "What kind of content is inside."),
    (
        "x5t",
        "A digest of the certificate that belongs to the key.",
    ),
    (
        "jku",
        "Where keys are said to be. We never fetch them from here.",
    ),
    // the frame of every token
    ("iss", "The issuer: who made and signed this token."),
    (
        "sub",
        "The subject: whom this is about, by an identifier that never changes.",
    ),
    (
        "aud",
        "The audience: for whom the token is meant. Everybody else must refuse it.",
    ),
    (
        "exp",
        "The end: nobody may accept the token after this moment.",
    ),
    ("iat", "When the token was issued."),
    (
        "nbf",
        "The beginning: nobody may accept the token before this moment.",
    ),
    (
        "jti",
        "The token's own identifier, useful in logs and to find a replay.",
    ),
    ("ver", "The version of the token's format at this provider."),
    // the ID token
    ("auth_time", "When the person last proved who they are."),
    (
        "nonce",
        "A value we made for this one sign-in: the answer belongs to our question.",
    ),
    (
        "at_hash",
        "Half of the access token's hash: it ties the two tokens of one answer together.",
    ),
    (
        "c_hash",
        "Half of the authorization code's hash: it ties code and ID token together.",
    ),
    (
        "s_hash",
        "Half of the state's hash: it ties the answer to our request.",
    ),
    (
        "azp",
        "The authorized party: the client for which the token was made.",
    ),
    (
        "acr",
        "How strong the authentication was, as a class that both sides know.",
    ),
    (
        "amr",
        "How the person proved it: password, one-time code, key.",
    ),
    (
        "sid",
        "The session at the provider. Signing out refers to it.",
    ),
    (
        "idp",
        "The identity provider at which the person signed in.",
    ),
    // the access token
    ("client_id", "The client to which the token was issued."),
    (
        "cid",
        "The client to which the token was issued, by Okta's name for it.",
    ),
    ("uid", "The user's identifier in the provider's directory."),
    (
        "scp",
        "The scopes granted, as a list: what the bearer may do. The gateway looks here.",
    ),
    (
        "scope",
        "The scopes granted, in one string: what the bearer may do. The gateway looks here.",
    ),
    (
        "cnf",
        "The key that the token is bound to: who shows it must prove that key.",
    ),
    ("act", "Who acts for the subject."),
    ("may_act", "Who may act for the subject."),
    (
        "authorization_details",
        "What exactly is allowed, in more detail than scopes can say.",
    ),
    ("token_type", "How the token is to be used."),
    ("events", "What happened, in a notice from the provider."),
    (
        "groups",
        "The groups of the person, which the rules turn into scopes.",
    ),
    ("roles", "The roles of the person."),
    ("entitlements", "What the person is entitled to."),
    (
        "realm_access",
        "Roles in the whole realm, by Keycloak's name for them.",
    ),
    (
        "resource_access",
        "Roles at single clients, by Keycloak's name for them.",
    ),
    (
        "allowed-origins",
        "From which origins a browser may use this, by Keycloak's name for it.",
    ),
    (
        "session_state",
        "The session at the provider, by an older name.",
    ),
    ("tid", "The tenant at the provider."),
    (
        "oid",
        "The person's object identifier in the provider's directory.",
    ),
    (
        "upn",
        "The name by which the person signs in at the provider.",
    ),
    ("hd", "The domain that the account belongs to."),
    // the person
    ("name", "The full name, for display."),
    ("given_name", "The given name, for display."),
    ("family_name", "The family name, for display."),
    ("middle_name", "The middle name, for display."),
    ("nickname", "The casual name, for display."),
    (
        "preferred_username",
        "The name to sign in with. It may change, so nothing is keyed by it.",
    ),
    ("profile", "The address of the person's profile page."),
    ("picture", "The address of a picture. We do not load it."),
    ("website", "The person's web site."),
    (
        "email",
        "The e-mail address, for display. It may change hands, so nothing is keyed by it.",
    ),
    (
        "email_verified",
        "Whether the provider made sure that the address is the person's.",
    ),
    ("gender", "The gender, in the person's own words."),
    ("birthdate", "The date of birth."),
    ("zoneinfo", "The time zone."),
    ("locale", "The language and country."),
    ("phone_number", "The telephone number."),
    ("address", "The postal address."),
    (
        "updated_at",
        "When the provider last changed what it knows of the person.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_meaning_is_there_once_and_is_one_sentence_or_two() {
        for (index, (name, meaning)) in MEANINGS.iter().enumerate() {
            assert!(meaning.ends_with('.') && meaning.len() <= 90, "{name}");
            assert!(
                MEANINGS[..index].iter().all(|(earlier, _)| earlier != name),
                "{name}"
            );
        }
    }
}
