//! Every refusal there is: its code, who refuses, which rule says so, what happened, what to change.

/// Who says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// This web client.
    App,
    /// The identity provider.
    Provider,
    /// The API gateway.
    Gateway,
}

impl Who {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::App => "this app",
            Self::Provider => "the identity provider",
            Self::Gateway => "the gateway",
        }
    }
}

/// A refusal, explained.
#[derive(Clone, Copy, Debug)]
pub struct Reason {
    /// For logs, and for looking it up.
    pub code: &'static str,
    /// Who says no.
    pub who: Who,
    /// The rule's source.
    pub rule: &'static str,
    /// What happened, in a few words, as a heading.
    pub heading: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to change.
    pub change: &'static str,
}

const fn reason(
    code: &'static str,
    who: Who,
    rule: &'static str,
    texts: [&'static str; 3],
) -> Reason {
    let [heading, meaning, change] = texts;
    Reason {
        code,
        who,
        rule,
        heading,
        meaning,
        change,
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $who:ident, $rule:literal, $heading:literal, $meaning:literal, $change:literal;)+) => {
        $($(#[$doc])* pub const $name: Reason = reason($code, Who::$who, $rule, [$heading, $meaning, $change]);)+
        /// All of them.
        pub const ALL: &[Reason] = &[$($name),+];
    };
}

reasons! {
    /// No such page.
    NO_SUCH_PAGE = "no_such_page", App, "RFC 9110, section 15.5.5",
        "There is no such page",
        "The address leads to nothing here.",
        "Go on from the home page.";
    /// A page that is not asked this way.
    WRONG_METHOD = "wrong_method", App, "RFC 9110, section 15.5.6",
        "This page is not asked that way",
        "The address is right, but it takes another HTTP method. What changes something takes POST, from a button of ours.",
        "Go on from the home page.";
    /// A form's token is missing, old, or of another browser.
    OUT_OF_DATE = "form_out_of_date", App, "OWASP ASVS 3.5.1",
        "That page was out of date",
        "Each form bears a value that only a page of this app, in this browser, can hold. This one did not match: the page is from before a restart, a sign-in or a log out, or it is not ours.",
        "Nothing was done. Press the button again, here or on the home page.";
    /// The checks of the setup are running, or ran just now.
    DOCTOR_BUSY = "doctor_busy", App, "RFC 6585, section 4",
        "The doctor is busy",
        "The checks are running, ran a moment ago, or ran twenty times within an hour. They sign people in at the provider, which may lock whom it sees too often.",
        "Wait ten seconds, then press the button again; after twenty runs, wait for an hour, or run solar-system doctor in a terminal.";
    /// Another site's page sent the form.
    CROSS_SITE = "cross_site", App, "OWASP ASVS 3.5.3",
        "Another site's page asked for this",
        "The browser says that this request does not come from a page of this app, so nothing was done.",
        "If it was you, do it from the home page.";
    /// A form that is too long or none at all.
    BAD_FORM = "bad_form", App, "RFC 9110, section 15.5.1",
        "That form cannot be read",
        "What was sent is not a short form, as the buttons of this app send it.",
        "Go on from the home page.";
    /// The stored result is gone.
    NO_SUCH_FLIGHT = "no_such_flight", App, "RFC 9110, section 15.5.5",
        "This result is not here",
        "Results are kept for an hour, for the browser and the person that asked, and not across a restart.",
        "Ask again from the home page.";
    /// Something broke in this program.
    OUR_FAULT = "our_fault", App, "RFC 9110, section 15.6.1",
        "Something went wrong here",
        "This app failed at something that it should manage. It goes on working.",
        "Try again. The log says more under the correlation id below.";
    /// The provider's metadata is not to be had.
    PROVIDER_UNREACHABLE = "provider_unreachable", Provider, "OpenID Connect Discovery, section 4",
        "The identity provider cannot be reached",
        "A sign-in begins with the provider's metadata, and it is not to be had.",
        "Look whether the provider runs and whether ISSUER is right. This app asks again by itself.";
    /// The provider did not answer in time.
    PROVIDER_SLOW = "provider_slow", Provider, "RFC 9110, section 15.6.5",
        "The identity provider does not answer",
        "The provider took the call but gave no whole answer within ten seconds.",
        "Try again in a moment.";
    /// The metadata is not this issuer's, or not usable.
    PROVIDER_METADATA = "provider_metadata", App, "OpenID Connect Discovery, section 4.3",
        "The identity provider's metadata cannot be used",
        "What the provider says of itself must name exactly the configured issuer, and endpoints that are https.",
        "Set ISSUER to the issuer that the provider's own metadata names, byte for byte.";
    /// An answer without a state that this browser started.
    STATE_UNKNOWN = "state_unknown", App, "RFC 6749, section 10.12",
        "No sign-in waits for this answer",
        "An answer of the provider is taken once, within ten minutes, and only in the browser that asked. This one was used already, is too old, was asked for before a restart, or was never asked for from here.",
        "If you are signed in, all is well. Else press authenticate again.";
    /// One browser signs in too often.
    TOO_MANY_SIGN_INS = "too_many_sign_ins", App, "RFC 6585, section 4",
        "That was too often",
        "This browser started sign-ins, came back from them, or asked for new tokens, more often than a person does.",
        "Wait a few seconds, then press the button again.";
    /// An answer without any state.
    STATE_MISSING = "state_missing", App, "RFC 6749, section 10.12",
        "This answer belongs to no sign-in",
        "It bears no state, so that it cannot be the answer to anything that this app asked.",
        "Press authenticate on the home page.";
    /// A parameter stands there twice.
    REPEATED_PARAMETER = "repeated_parameter", App, "RFC 6749, section 3.1",
        "This answer says something twice",
        "A parameter of the protocol must not be repeated: who reads the first and who reads the second would see different answers.",
        "Press authenticate again.";
    /// Both code and error, or neither.
    CONTRADICTION = "contradiction", App, "RFC 6749, section 4.1.2",
        "This answer contradicts itself",
        "An answer bears either a code or an error. This one has both, or neither.",
        "Press authenticate again.";
    /// `iss` is not the issuer that was asked.
    ISSUER_MISMATCH = "issuer_mismatch", App, "RFC 9207, section 2.4",
        "The answer comes from another issuer",
        "The answer must name the issuer that was asked. This one names another, or none although the provider announces that it does: somebody may be mixing up two providers.",
        "Press authenticate again. If it happens again, compare ISSUER with the provider's metadata.";
    /// The provider's rules deny the request.
    ACCESS_DENIED = "access_denied", Provider, "RFC 6749, section 4.1.2.1",
        "The identity provider denied access",
        "The provider knows who you are, and its rules do not give you what was asked for. One scope too many denies the whole request.",
        "Sign in as somebody whose group may have it, or press a level that asks for less.";
    /// Any other error of the provider.
    PROVIDER_ERROR = "provider_error", Provider, "RFC 6749, section 4.1.2.1",
        "The identity provider refused the sign-in",
        "The provider answered with an error instead of a code.",
        "Press authenticate again. If it happens again, the app's registration at the provider may not allow what was asked.";
    /// The token endpoint does not take the client.
    CLIENT_REFUSED = "client_refused", Provider, "RFC 6749, section 5.2",
        "The identity provider does not know this app",
        "The token endpoint refused the app's client id or secret.",
        "Set AUTHN_CLIENT_ID and AUTHN_CLIENT_SECRET to what the provider has registered.";
    /// The token endpoint does not take the app's assertion.
    CLIENT_KEY_REFUSED = "client_key_refused", Provider, "RFC 7523, section 3.2",
        "The identity provider does not take this app's key",
        "The app said who it is by an assertion that it signed with the key in AUTHN_CLIENT_KEY_FILE, and the token endpoint refused it.",
        "Register the key's public half at the provider, which solar-system client-key prints, and let the client there authenticate by private_key_jwt. If that is so, compare AUTHN_CLIENT_ID, ISSUER and both clocks: an assertion names them, and lives a minute.";
    /// The token endpoint does not take the code.
    CODE_REFUSED = "code_refused", Provider, "RFC 6749, section 5.2",
        "The identity provider did not take the code",
        "A code lives for about a minute, is redeemed once, and only with the redirect URI and the verifier that it was asked for with.",
        "Press authenticate again.";
    /// The token endpoint answered with another error.
    TOKEN_REFUSED = "token_refused", Provider, "RFC 6749, section 5.2",
        "The identity provider gave no tokens",
        "The token endpoint answered with an error.",
        "Press authenticate again. If it happens again, compare the app's registration at the provider with what is asked.";
    /// The token endpoint is not there.
    TOKEN_UNREACHABLE = "token_unreachable", Provider, "RFC 6749, section 3.2",
        "The identity provider's token endpoint cannot be reached",
        "The browser came back with a code, but the app could not redeem it.",
        "Press authenticate again in a moment.";
    /// The token endpoint answered rubbish.
    TOKEN_ANSWER = "token_answer", Provider, "RFC 6749, section 5.1",
        "The identity provider's token answer cannot be used",
        "What the token endpoint answered is not a token answer as the specification has it.",
        "Press authenticate again. If it happens again, look at what the provider's token endpoint answers.";
    /// The keys are not to be had.
    KEYS = "keys_unavailable", Provider, "OpenID Connect Core, section 10.1.1",
        "The identity provider's keys are not to be had",
        "Without the keys that the provider publishes, no ID token can be verified, and so nobody is signed in.",
        "Look whether the provider's jwks_uri answers. Then press authenticate again.";
    /// The ID token breaks a rule.
    ID_TOKEN = "id_token_refused", App, "OpenID Connect Core, section 3.1.3.7",
        "The ID token was refused",
        "The provider sent an ID token that breaks a rule, so nobody was signed in.",
        "Press authenticate again. If it happens again, compare the provider's settings with the rule named here.";
    /// The ID token belongs to another access token.
    AT_HASH = "at_hash_mismatch", App, "OpenID Connect Core, section 3.1.3.8",
        "The ID token belongs to another access token",
        "The ID token names the access token that it was issued with, by a hash. The access token that came along is another one.",
        "Press authenticate again.";
    /// Userinfo is about somebody else.
    ANOTHER_PERSON = "userinfo_subject", App, "OpenID Connect Core, section 5.3.2",
        "Userinfo is about somebody else",
        "The ID token and the userinfo endpoint name different people, so nobody was signed in.",
        "Press authenticate again. If it happens again, the provider is at fault.";
    /// The refresh token is taken no longer.
    SESSION_OVER = "session_over", Provider, "RFC 6749, section 5.2",
        "Your session here is over",
        "The identity provider takes the refresh token of this session no longer: it has ended, was revoked, or was used by somebody else. The app forgot its tokens, and you are signed out here.",
        "Authenticate again.";
    /// A refresh came to nothing, and nothing is known to be over.
    REFRESH_FAILED = "refresh_failed", Provider, "RFC 6749, section 6",
        "There are no new tokens",
        "The app asked the identity provider for new tokens and got none that it can use. You stay signed in with those that are there, until they end.",
        "Ask again in a moment. If it happens again, authenticate again.";
    /// Nothing to refresh with.
    NO_REFRESH_TOKEN = "no_refresh_token", App, "RFC 6749, section 1.5",
        "There is no refresh token",
        "Nobody is signed in here, or there is no refresh token: the identity provider gave none, or it is spent. So there is nothing to get new tokens with.",
        "Authenticate again.";
    /// 401 without a token.
    TOKEN_NEEDED = "token_needed", Gateway, "RFC 6750, section 3.1",
        "Refused by the gateway: it wants an access token",
        "You are not signed in, so the app sent no access token, and the gateway let nobody through.",
        "Authenticate at a level that may see this.";
    /// 401 with a token.
    TOKEN_REJECTED = "token_rejected", Gateway, "RFC 6750, section 3.1",
        "Refused by the gateway: it does not take this access token",
        "The app sent your access token, and the gateway refused it: it may have expired or been revoked, or the gateway expects another issuer or audience.",
        "Authenticate again. If it happens again, compare the gateway's issuer and audience with the token's claims on the home page.";
    /// 401 with a good token of a sign-in that is not enough.
    STEP_UP = "step_up", Gateway, "RFC 9470, section 3",
        "Refused by the gateway: it wants you to sign in again",
        "The access token is good, but this resource takes a sign-in that is more recent, or of another kind, than the one it comes from; a token that says neither is not enough.",
        "Authenticate again and ask at once. If it happens again, let the provider put auth_time and acr into its access tokens, or sign in the way that the gateway names.";
    /// 403.
    SCOPE_MISSING = "scope_missing", Gateway, "RFC 6750, section 3.1",
        "Refused by the gateway: this access token lacks a scope",
        "The access token is good, but it does not carry what this resource takes. Scopes are decided at sign-in, by the group you are in.",
        "Authenticate at a level that asks for the missing scope, as somebody whose group may have it.";
    /// 403 although every scope is there.
    FORBIDDEN = "forbidden", Gateway, "RFC 9110, section 15.5.4",
        "Refused by the gateway",
        "The gateway answered 403 although the access token carries every scope that the blueprint names for this. The gateway may not recognise this app as a client, or follow other rules.",
        "Compare the gateway's rules and its list of clients with the blueprint.";
    /// A machine's id or secret is not the provider's.
    MACHINE_UNKNOWN = "machine_unknown", Provider, "RFC 6749, section 5.2",
        "The identity provider does not know this machine",
        "The token endpoint refused the machine's client id or secret (invalid_client).",
        "Set MACHINE_CLIENT_ID and MACHINE_CLIENT_SECRET to what the provider has registered. The embedded provider prints them at its start, and takes a secret that is set.";
    /// A machine asks for a scope that it may not have.
    MACHINE_SCOPE = "machine_scope", Provider, "RFC 6749, section 5.2",
        "The identity provider does not give this machine the scope",
        "The scope is not known there (invalid_scope), or no rule gives it to this client for itself (access_denied, as Okta has it).",
        "Ask for fewer scopes, or let a rule of the provider's access policy grant this one to the client, for the grant type client credentials.";
    /// A machine may not use the grant.
    MACHINE_GRANT = "machine_grant", Provider, "RFC 6749, section 5.2",
        "The identity provider does not give this client tokens of its own",
        "The client is known, but it is not registered for the grant type client credentials (unauthorized_client).",
        "Add the grant type at the provider, or with: solar-system register --update --add-grant-type client_credentials.";
    /// Any other error of the token endpoint.
    MACHINE_REFUSED = "machine_refused", Provider, "RFC 6749, section 5.2",
        "The identity provider gave the machine no token",
        "The token endpoint answered with an error.",
        "Compare the client's registration and the provider's rules with what is asked.";
    /// An answer that is neither token nor error.
    MACHINE_ANSWER = "machine_answer", Provider, "RFC 6749, section 5.1",
        "The token endpoint's answer cannot be used",
        "What it answered is neither a token answer nor an error as the specification has them.",
        "Look at what the provider's token endpoint answers, and whether ISSUER is right.";
    /// The token endpoint is not to be had.
    MACHINE_UNREACHABLE = "machine_unreachable", Provider, "RFC 6749, section 3.2",
        "The token endpoint cannot be reached",
        "No token could be asked for.",
        "Look whether the provider runs and whether ISSUER is right. Then ask again.";
    /// 401 with a machine's token.
    MACHINE_REJECTED = "machine_rejected", Gateway, "RFC 6750, section 3.1",
        "Refused by the gateway: it does not take this access token",
        "The machine's access token was sent, and the gateway refused it: it may have expired, or the gateway expects another issuer or audience.",
        "Compare the gateway's issuer and audience with the token's claims. If AUDIENCE is not what the token names, set it.";
    /// 403 with a machine's token that lacks a scope.
    MACHINE_SCOPE_MISSING = "machine_scope_missing", Gateway, "RFC 6750, section 3.1",
        "Refused by the gateway: the machine's access token lacks a scope",
        "The access token is good, but it does not carry what this resource takes.",
        "Ask for the scope that the resource takes, as a client that may have it; what people may see takes a person who signs in.";
    /// 429.
    TOO_MANY = "too_many_requests", Gateway, "RFC 6585, section 4",
        "The gateway wants you to wait",
        "It had too many requests of late and lets this one not through.",
        "Ask again later.";
    /// 404 at the gateway.
    GATEWAY_NOT_FOUND = "gateway_not_found", Gateway, "RFC 9110, section 15.5.5",
        "The gateway does not know this path",
        "The gateway answered 404: it has no rule for what the blueprint asks, or PROXY_URI lacks a part of the path.",
        "Compare PROXY_URI and the gateway's routes with the blueprint.";
    /// Another status.
    GATEWAY_STATUS = "gateway_status", Gateway, "RFC 9110, section 15",
        "The gateway could not answer",
        "It, or the API behind it, answered with a status that is no answer.",
        "Look at the gateway and at the API behind it.";
    /// A 200 that is no list.
    GATEWAY_RUBBISH = "gateway_rubbish", Gateway, "RFC 8259",
        "The gateway's answer cannot be read",
        "It said that all is well, but what came is not the JSON that an API answers here.",
        "Look at the API behind the gateway.";
    /// Longer than what is read.
    GATEWAY_TOO_LARGE = "gateway_too_large", App, "OWASP ASVS 4.2.5",
        "The gateway's answer is too long",
        "More than a mebibyte came, so the app stopped reading.",
        "Look at the API behind the gateway.";
    /// No answer in time.
    GATEWAY_SLOW = "gateway_slow", Gateway, "RFC 9110, section 15.6.5",
        "The gateway does not answer",
        "It took the call but gave no whole answer within ten seconds.",
        "Ask again in a moment.";
    /// Nobody there.
    GATEWAY_UNREACHABLE = "gateway_unreachable", Gateway, "RFC 9110, section 15.6.3",
        "The gateway cannot be reached",
        "The app could not connect to it.",
        "Look whether the gateway runs and whether PROXY_URI is right.";
    /// Let in without a token.
    HOLE = "gateway_hole", Gateway, "OWASP ASVS 8.2.1",
        "The gateway let somebody in without an access token",
        "You are not signed in and no token was sent, yet the gateway answered what the blueprint protects. The answer is not shown. Whoever can reach this gateway can read it.",
        "Attach the access policy to this route at the gateway. To see what it should look like, authenticate first.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_told_in_full_and_has_a_code_of_its_own() {
        for (index, one) in ALL.iter().enumerate() {
            for text in [one.code, one.rule, one.heading, one.meaning, one.change] {
                assert!(!text.is_empty(), "{}", one.code);
            }
            assert!(
                one.meaning.ends_with('.') && one.change.ends_with('.'),
                "{}",
                one.code
            );
            assert!(
                ALL[..index].iter().all(|other| other.code != one.code),
                "{}",
                one.code
            );
        }
    }
}
