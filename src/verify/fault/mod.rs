//! What may be wrong with a gateway, and which of its settings mends it.

mod settings;

/// What a gateway got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    /// No token is needed where one should be.
    Open,
    /// A signature is not checked, or not with the issuer's keys.
    Signature,
    /// The token chooses how it is verified.
    Algorithm,
    Expiry,
    NotBefore,
    ExpiryMissing,
    Issuer,
    Audience,
    Critical,
    /// Another kind of token passes for an access token.
    Kind,
    /// A token is taken from elsewhere than one header.
    Place,
    Scheme,
    Revoked,
    Client,
    /// A scope's name counts in part.
    ScopeInPart,
    /// Scopes are not judged, or not as the blueprint has them.
    Scope,
    /// Somebody who has the right is refused.
    LockedOut,
    /// A resource that is for everybody is not there for everybody.
    Closed,
    Spelling,
    Unnamed,
    Method,
    Identity,
    Rewrite,
    /// The caller's token reaches the API.
    TokenForwarded,
    /// 401 and 403, or what they say, are not as RFC 6750 has them.
    Refusal,
    /// No answer, or a server error.
    NoAnswer,
}

impl Fault {
    /// What to change, at any gateway.
    fn advice(self) -> &'static str {
        match self {
            Self::Open => "Attach the access policy to this route, and deny what no route names.",
            Self::Signature => {
                "Verify every token's signature with the keys that the issuer publishes, and with no others."
            }
            Self::Algorithm => {
                "Fix the algorithms that the issuer signs with; never take the one that a token's header names."
            }
            Self::Expiry => "Refuse a token whose exp has passed, with a minute's leeway at most.",
            Self::NotBefore => {
                "Refuse a token whose nbf has not come, with a minute's leeway at most."
            }
            Self::ExpiryMissing => "Demand exp: a token without it lives for ever.",
            Self::Issuer => "Compare iss with the issuer, byte for byte.",
            Self::Audience => {
                "Demand that aud names this API as a whole, and refuse a token without aud."
            }
            Self::Critical => {
                "Refuse a token whose crit names what is not understood (RFC 7515, section 4.1.11)."
            }
            Self::Kind => {
                "Take access tokens alone: check typ (at+jwt) or aud; ask introspection for token_type."
            }
            Self::Place => {
                "Read a token from one Authorization header and nowhere else; refuse a second one."
            }
            Self::Scheme => {
                "Compare the scheme Bearer without regard to case (RFC 9110, section 11.1)."
            }
            Self::Revoked => {
                "Ask the issuer about each token (introspection), honour active: false, and keep answers for seconds only."
            }
            Self::Client => "List the clients whose tokens are taken.",
            Self::ScopeInPart => {
                "Compare scopes as whole names, in their case: split the string at blanks, never search in it."
            }
            Self::Scope => {
                "Demand the resource's scope on its own route, beside a valid token. Look for names that the gateway ignores because they are misspelt."
            }
            Self::LockedOut => {
                "Look for the scope among all that the token has: a person may have several, so equality with one is wrong."
            }
            Self::Closed => {
                "Leave this resource open: its rule takes nothing, whatever a caller shows."
            }
            Self::Spelling => {
                "Compare the path that is forwarded: refuse encoded slashes, dots, semicolons and doubled slashes, or normalise before the rules are applied and forward the result."
            }
            Self::Unnamed => "Deny by default, with 404: what no rule names is not there.",
            Self::Method => "Route by method and path; refuse other methods with 405.",
            Self::Identity => {
                "Remove these headers from every request before the gateway sets its own."
            }
            Self::Rewrite => "Remove headers that rewrite the path before anything reads them.",
            Self::TokenForwarded => {
                "Take Authorization out of what goes to the API: it needs to know who asks, not the token."
            }
            Self::Refusal => {
                "Answer 401 with WWW-Authenticate: Bearer, with error=\"invalid_token\" where a token was shown; 403 with error=\"insufficient_scope\" and the scope (RFC 6750, section 3)."
            }
            Self::NoAnswer => {
                "Look into the gateway's log: it should refuse with 4xx what it does not take."
            }
        }
    }

    /// What is wrong where a token that is good is let in without the scope.
    pub(super) fn of_a_missing_scope(self) -> Self {
        match self {
            Self::ScopeInPart | Self::Client => self,
            _ => Self::Scope,
        }
    }

    /// What to change, with the gateway's own names for it where they are known.
    pub(super) fn fix(self, gateway: &str) -> String {
        match settings::of(self, gateway) {
            Some(setting) => format!("{} In {gateway}: {setting}.", self.advice()),
            None => self.advice().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_names_the_gateways_own_setting_where_it_is_known() {
        let fix = Fault::Audience.fix("envoy");
        assert!(fix.contains("In envoy: audiences"), "{fix}");
        let unknown = Fault::Audience.fix("somebody's own");
        assert!(
            !unknown.contains("In ") && unknown.ends_with('.'),
            "{unknown}"
        );
    }
}
