//! Who gets what by which rule.

use super::*;
use crate::{
    idp::{
        here::Here,
        org::{
            AuthorizationServer, Chosen, ClientCondition, GrantType, People, Policy, Rule, Status,
            User,
        },
        rules::{Denial, judge, judge_machine},
    },
    oauth::Scopes,
};

const PLANETS: &str = "http://myapp.com/scp/silver";
const MOONS: &str = "http://myapp.com/scp/gold";
const MACHINE: &str = "telescope";

/// A provider whose one policy, for all clients, has these rules.
fn with_rules(rules: impl FnOnce(&Org) -> Vec<Rule>) -> Provider {
    let provider = Provider::start();
    provider.change(|org| {
        let rules = rules(org);
        let server = org.server_mut("default").unwrap();
        server.policies.truncate(1);
        server.policies[0].clients = ClientCondition::All;
        server.policies[0].rules = rules;
    });
    provider
}

fn group(org: &Org, name: &str) -> String {
    let mut groups = org.groups.iter();
    groups.find(|group| group.name == name).unwrap().id.clone()
}

/// A rule for the members of these groups.
fn rule(org: &Org, name: &str, groups: &[&str], scopes: &[&str]) -> Rule {
    let mut rule = org.servers[0].policies[0].rules[0].clone();
    name.clone_into(&mut rule.name);
    rule.priority = 1;
    rule.people = People {
        groups: Chosen {
            include: groups.iter().map(|name| group(org, name)).collect(),
            exclude: Vec::new(),
        },
        users: Chosen::default(),
    };
    rule.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    rule
}

/// The name of the rule that gives these scopes to a person, or why none does.
fn by(provider: &Provider, login: &str, scopes: &str) -> Result<String, Denial> {
    let here = Here::at(&provider.idp, "default").unwrap();
    let user = here.org.user_by_login(login).unwrap();
    let asked = Scopes::parse(scopes).unwrap();
    let rule = judge(&here, here.client(APP).unwrap(), user, &asked)?;
    Ok(rule.name.clone())
}

fn policies(provider: &Provider, change: impl FnOnce(&mut Vec<Policy>)) {
    provider.change(|org| change(&mut org.server_mut("default").unwrap().policies));
}

#[test]
fn of_two_rules_of_one_priority_the_first_that_gives_all_that_is_asked_for_decides() {
    let provider = with_rules(|org| {
        vec![
            rule(org, "first", &["silver"], &["openid", PLANETS]),
            rule(org, "second", &["gold"], &["openid", PLANETS, MOONS]),
        ]
    });
    let cases = [
        ("carl.sagan", SILVER, Some("first")),
        ("carl.sagan", "openid", Some("first")),
        ("carl.sagan", GOLD, None),
        ("carl.sagan", MOONS, None),
        ("jodie.foster", SILVER, Some("first")),
        ("jodie.foster", GOLD, Some("second")),
        ("jodie.foster", "openid profile", None), // no rule names it
        ("tycho.brahe", "openid", None),
    ];
    for (login, scopes, expected) in cases {
        let outcome = by(&provider, login, scopes);
        assert_eq!(outcome.ok().as_deref(), expected, "{login} {scopes}");
    }
}

#[test]
fn the_lowest_priority_goes_first_of_policies_and_of_rules() {
    let provider = with_rules(|org| {
        let mut late = rule(org, "late", &["silver"], &["*"]);
        late.priority = 7;
        let mut early = rule(org, "early", &["silver"], &["openid"]);
        early.priority = 3;
        vec![late, early]
    });
    assert_eq!(
        by(&provider, "carl.sagan", "openid"),
        Ok("early".to_owned())
    );
    assert_eq!(by(&provider, "carl.sagan", SILVER), Ok("late".to_owned()));
    policies(&provider, |policies| {
        let mut other = policies[0].clone();
        other.priority = 0;
        other.rules.truncate(1);
        other.rules[0].name = "of the other policy".to_owned();
        policies.push(other);
    });
    let other = || Ok("of the other policy".to_owned());
    assert_eq!(by(&provider, "carl.sagan", "openid"), other());
    // A policy without a rule that fits leaves it to the next one, as at Okta.
    policies(&provider, |policies| {
        policies[1].rules[0].scopes = vec![MOONS.to_owned()];
    });
    assert_eq!(
        by(&provider, "carl.sagan", "openid"),
        Ok("early".to_owned())
    );
    policies(&provider, |policies| {
        policies[1].rules[0].scopes = vec!["*".to_owned()];
    });
    let switches: [fn(&mut Policy); 3] = [
        |policy| policy.status = Status::Inactive,
        |policy| policy.rules[0].status = Status::Inactive,
        |policy| policy.clients = ClientCondition::These(vec![GATEWAY.to_owned()]),
    ];
    for (number, switch) in switches.into_iter().enumerate() {
        assert_eq!(by(&provider, "carl.sagan", "openid"), other(), "{number}");
        let before = provider.idp.org.read().servers[0].policies[1].clone();
        policies(&provider, |policies| switch(&mut policies[1]));
        assert_eq!(
            by(&provider, "carl.sagan", "openid"),
            Ok("early".to_owned()),
            "{number}"
        );
        policies(&provider, |policies| policies[1] = before);
    }
}

#[test]
fn a_rule_is_about_whom_it_includes_and_never_about_whom_it_excludes() {
    let provider = with_rules(|org| vec![rule(org, "r", &[], &["openid"])]);
    let carl = crate::blueprint::user_id("carl.sagan");
    let (silver, everyone) = {
        let org = provider.idp.org.read();
        (group(&org, "silver"), group(&org, "Everyone"))
    };
    let word = "EVERYONE".to_owned();
    let people = |groups: [&[&String]; 2], users: [&[&String]; 2]| {
        let chosen = |[include, exclude]: [&[&String]; 2]| Chosen {
            include: include.iter().copied().cloned().collect(),
            exclude: exclude.iter().copied().cloned().collect(),
        };
        People {
            groups: chosen(groups),
            users: chosen(users),
        }
    };
    let none: &[&String] = &[];
    let cases = [
        (people([none, none], [none, none]), false),
        (people([&[&silver], none], [none, none]), true),
        (people([&[&word], none], [none, none]), true),
        (people([&[&everyone], none], [none, none]), true),
        (people([none, none], [&[&carl], none]), true),
        (people([&[&word], &[&silver]], [none, none]), false),
        (people([&[&word], none], [none, &[&carl]]), false),
        (people([none, &[&silver]], [&[&carl], none]), false),
        (people([&[&silver], &[&word]], [none, none]), false),
    ];
    for (people, expected) in cases {
        policies(&provider, |policies| {
            policies[0].rules[0].people = people.clone();
        });
        assert_eq!(
            by(&provider, "carl.sagan", "openid").is_ok(),
            expected,
            "{people:?}"
        );
    }
    assert!(by(&provider, "tycho.brahe", "openid").is_err());
}

#[test]
fn a_rule_must_name_the_grant_type_and_each_scope_or_all_of_them() {
    let provider = with_rules(|org| vec![rule(org, "r", &["silver"], &["openid", PLANETS])]);
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    for (grant_types, expected) in [
        (&["authorization_code"][..], true),
        (&["implicit", "password", "authorization_code"], true),
        (&["implicit", "password"], false),
        (&["client_credentials", "refresh_token"], false),
        (&[], false),
    ] {
        policies(&provider, |policies| {
            policies[0].rules[0].grant_types = words(grant_types);
        });
        assert_eq!(
            by(&provider, "carl.sagan", SILVER).is_ok(),
            expected,
            "{grant_types:?}"
        );
    }
    for (scopes, expected) in [
        (&["*"][..], true),
        (&[PLANETS], false), // `openid` is no exception
        (&["openid", "HTTP://myapp.com/scp/silver"], false),
        (&[], false),
    ] {
        policies(&provider, |policies| {
            policies[0].rules[0].grant_types = words(&["authorization_code"]);
            policies[0].rules[0].scopes = words(scopes);
        });
        assert_eq!(
            by(&provider, "carl.sagan", SILVER).is_ok(),
            expected,
            "{scopes:?}"
        );
    }
}

#[test]
fn what_no_rule_gives_is_said_so_that_it_can_be_put_right() {
    let provider = with_rules(|org| {
        vec![
            rule(org, "first", &["silver"], &["openid", PLANETS]),
            rule(org, "second", &["gold"], &["openid", MOONS, "email"]),
        ]
    });
    let said = |login, scopes| by(&provider, login, scopes).unwrap_err().to_string();
    assert_eq!(
        said("jodie.foster", GOLD),
        format!(
            "Policy evaluation failed: jodie.foster may have each of [openid {PLANETS} {MOONS}], but \
             no one rule gives them together."
        )
    );
    assert_eq!(
        said("jodie.foster", "openid profile"),
        format!(
            "jodie.foster is in the groups silver, gold and may have [openid {PLANETS} {MOONS}]. Too \
             much was asked for: [profile]."
        )
    );
    policies(&provider, |policies| {
        policies[0].clients = ClientCondition::These(Vec::new());
    });
    assert_eq!(
        said("jodie.foster", "openid"),
        "Policy evaluation failed: no active access policy of the authorization server default is \
         about the app Solar System."
    );
}

#[test]
fn sec_as_17_only_who_is_assigned_to_the_app_gets_anything_of_it() {
    let provider = with_rules(|org| vec![rule(org, "r", &["Everyone"], &["*"])]);
    let carl = crate::blueprint::user_id("carl.sagan");
    let refused = || {
        matches!(
            by(&provider, "carl.sagan", "openid"),
            Err(Denial::NotAssigned { .. })
        )
    };
    assert!(!refused());
    provider.change(|org| {
        let gold = group(org, "gold");
        let app = org.client_mut(APP).unwrap();
        app.groups.retain(|assigned| assigned.group_id == gold);
    });
    assert!(refused() && by(&provider, "jodie.foster", "openid").is_ok());
    provider.change(|org| org.client_mut(APP).unwrap().users.push(carl.clone()));
    assert!(!refused());
    provider.change(|org| {
        let everyone = group(org, "Everyone");
        let app = org.client_mut(APP).unwrap();
        app.users.clear();
        app.groups[0].group_id = everyone;
    });
    assert!(!refused() && by(&provider, "tycho.brahe", "openid").is_ok());
}

#[tokio::test]
async fn a_machine_gets_what_a_rule_for_client_credentials_gives_and_nothing_of_people() {
    let provider = Provider::start();
    let ask = async |scope: &str| {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = provider.call(MACHINE, "/v1/token", &fields).await;
        match answer.status.as_u16() {
            200 => answer.json()["scope"].as_str().unwrap().to_owned(),
            _ => answer.refusal().1,
        }
    };
    assert_eq!(ask("read").await, "read");
    assert_eq!(ask("").await, "read");
    assert_eq!(ask(PLANETS).await, "invalid_scope");
    provider.change(|org| org.client_mut(MACHINE).unwrap().scopes = None);
    assert_eq!(ask("read").await, "read");
    assert_eq!(ask(PLANETS).await, "access_denied"); // there is such a scope, and no rule for it
    assert_eq!(ask("nonsense").await, "invalid_scope");
    for reserved in ["openid", "profile", "offline_access", "read openid"] {
        assert_eq!(ask(reserved).await, "invalid_scope", "{reserved}");
    }
    assert_eq!(ask("").await, "invalid_scope"); // no scope of the server is a default one
    provider.change(|org| {
        let server = org.server_mut("default").unwrap();
        let scope = server.scopes.iter_mut().find(|scope| scope.name == "read");
        scope.unwrap().default = true;
    });
    assert_eq!(ask("").await, "read");
    policies(&provider, |policies| {
        let people = vec!["authorization_code".to_owned()];
        policies[1].rules[0].grant_types = people;
    });
    assert_eq!(ask("read").await, "access_denied");

    let here = Here::at(&provider.idp, "default").unwrap();
    let asked = Scopes::parse("read").unwrap();
    let denial = judge_machine(&here, here.client(MACHINE).unwrap(), &asked).unwrap_err();
    assert_eq!(
        denial.to_string(),
        "Policy evaluation failed: no rule of the authorization server default gives [read] to \
         Telescope by client_credentials."
    );
}

#[tokio::test]
async fn one_client_may_act_for_people_and_for_itself() {
    let provider = Provider::start();
    let grant = [("grant_type", "client_credentials"), ("scope", "read")];
    let refused = provider.call(APP, "/v1/token", &grant).await;
    assert_eq!(refused.refusal(), (400, "unauthorized_client".to_owned()));
    provider.change(|org| {
        let app = org.client_mut(APP).unwrap();
        app.grant_types.push(GrantType::ClientCredentials);
        app.scopes.as_mut().unwrap().insert("read");
        let policies = &mut org.server_mut("default").unwrap().policies;
        let machine = policies[1].rules[0].clone();
        policies[0].rules.push(machine);
    });
    let own = provider.call(APP, "/v1/token", &grant).await.json();
    assert_eq!(own["scope"], "read");
    provider.tokens(CARL, SILVER).await;
    provider.change(|org| {
        org.client_mut(APP).unwrap().grant_types = vec![GrantType::ClientCredentials];
    });
    let returned = Browser::of(&provider).authorize(&Asked::new(SILVER)).await;
    assert_eq!(returned.returned()["error"], "unauthorized_client");
}

#[tokio::test]
async fn what_the_rule_says_of_lives_holds() {
    let provider = Provider::start();
    policies(&provider, |policies| {
        for rule in &mut policies[0].rules {
            rule.lifetimes.access_token = 5;
            rule.lifetimes.refresh_token = 60;
            rule.lifetimes.refresh_token_window = 30;
        }
    });
    let scope = format!("{SILVER} offline_access");
    let mut tokens = provider.tokens(CARL, &scope).await;
    assert_eq!(tokens["expires_in"], 300);
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    provider.advance(299);
    assert_eq!(provider.introspect(GATEWAY, &access).await["active"], true);
    provider.advance(1);
    assert_eq!(provider.introspect(GATEWAY, &access).await["active"], false);
    provider.advance(24 * 60);
    let refresh = async |tokens: &Value| {
        let token = tokens["refresh_token"].as_str().unwrap().to_owned();
        provider.refresh(&token, "").await
    };
    let answer = refresh(&tokens).await; // after 29 minutes
    assert_eq!(answer.status, 200, "{}", answer.body);
    tokens = answer.json();
    provider.advance(29 * 60);
    tokens = refresh(&tokens).await.json(); // after 58
    provider.advance(2 * 60);
    assert_eq!(refresh(&tokens).await.refusal().1, "invalid_grant");
}

/// What somebody does meanwhile.
type Change = fn(&mut Org);

#[tokio::test]
async fn sec_as_16_17_a_change_holds_at_once_for_refreshes_sessions_and_tokens() {
    let scope = format!("{SILVER} offline_access");
    let changes: [(&str, Change); 6] = [
        ("the group is gone", |org| {
            let id = group(org, "silver");
            assert!(org.remove_group(&id));
        }),
        ("the person is gone", |org| {
            assert!(org.remove_user(&crate::blueprint::user_id("carl.sagan")));
        }),
        ("the person is suspended", |org| {
            let user = org
                .user_mut(&crate::blueprint::user_id("carl.sagan"))
                .unwrap();
            user.status = crate::idp::org::UserStatus::Suspended;
        }),
        ("the app is gone", |org| assert!(org.remove_client(APP))),
        ("the app is inactive", |org| {
            org.client_mut(APP).unwrap().status = Status::Inactive;
        }),
        ("the policy is gone", |org| {
            let server: &mut AuthorizationServer = org.server_mut("default").unwrap();
            server.policies.remove(0);
        }),
    ];
    for (number, (name, change)) in changes.into_iter().enumerate() {
        let provider = Provider::start();
        let browser = Browser::of(&provider);
        browser.sign_in(&Asked::new(SILVER), CARL).await.returned();
        let tokens = provider.tokens(CARL, &scope).await;
        let access = tokens["access_token"].as_str().unwrap();
        provider.change(change);
        let refreshed = provider
            .refresh(tokens["refresh_token"].as_str().unwrap(), "")
            .await;
        assert_ne!(refreshed.status, 200, "{name}");
        let again = browser.authorize(&Asked::new(SILVER)).await;
        let code = again
            .header("location")
            .is_some_and(|location| location.contains("code="));
        assert!(!code, "{name}");
        // Who and what a token is about must be there; what it opens was judged when it was issued.
        let counts = [0, 5].contains(&number);
        assert_eq!(
            provider.introspect(GATEWAY, access).await["active"],
            counts,
            "{name}"
        );
        let told = provider.user_info(&[&format!("Bearer {access}")]).await;
        assert_eq!(told.status == 200, counts, "{name}");
    }
}

#[test]
fn everyone_is_everybody_s_group_and_stays() {
    let provider = Provider::start();
    let org = provider.idp.org.read();
    let everyone = group(&org, "Everyone");
    for user in &org.users {
        let in_it = |user: &User| org.groups_of(user).any(|group| group.id == everyone);
        assert!(in_it(user) && !org.group_names(user).contains(&"Everyone".to_owned()));
    }
    provider.change(|org| assert!(!org.remove_group(&everyone)));
    assert!(provider.idp.org.read().group(&everyone).is_some());
}
