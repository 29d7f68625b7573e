//! People: made, changed, put out of work, deleted; found by id, login, search.

use super::*;
use serde_json::json;

const USERS: &str = "/api/v1/users";
const PASSWORD: &str = "an-Unguessable-1";

pub(super) fn ada() -> Value {
    json!({
        "profile": { "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "login": "ada@example.com" },
        "credentials": {
            "password": { "value": PASSWORD },
            "recovery_question": { "question": "Who built the engine?", "answer": "Babbage" },
        },
    })
}

#[tokio::test]
async fn a_person_is_made_with_password_question_and_groups_and_no_secret_comes_back() {
    let provider = Provider::start();
    let group = provider
        .post(
            "/api/v1/groups",
            json!({ "profile": { "name": "engineers" } }),
        )
        .await
        .expect(200)
        .id();
    let mut person = ada();
    person["groupIds"] = json!([group]);
    let made = provider
        .post(&format!("{USERS}?activate=true"), person)
        .await
        .expect(200);
    let user = made.json();
    assert_eq!(user["status"], "ACTIVE");
    assert_eq!(user["profile"]["login"], "ada@example.com");
    assert_eq!(
        user["credentials"]["recovery_question"],
        json!({ "question": "Who built the engine?" })
    );
    assert_eq!(user["credentials"]["password"], json!({}));
    assert!(made.id().starts_with("00u") && made.id().len() == 20);
    assert!(
        !made.body.contains(PASSWORD) && !made.body.contains("Babbage"),
        "{}",
        made.body
    );
    let groups = provider
        .get(&format!("{USERS}/{}/groups", made.id()))
        .await
        .expect(200)
        .json();
    let names: Vec<_> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["profile"]["name"].clone())
        .collect();
    assert!(names.contains(&json!("engineers")), "{names:?}");
    let members = provider
        .list(&format!("/api/v1/groups/{group}/users"))
        .await;
    assert_eq!(members.len(), 1);
    assert_eq!(members[0]["id"], user["id"]);
}

#[tokio::test]
async fn a_person_is_read_by_id_login_and_short_name() {
    let provider = Provider::start();
    let id = provider.post(USERS, ada()).await.expect(200).id();
    for name in [id.as_str(), "ada@example.com", "ADA%40example.com", "ada"] {
        assert_eq!(
            provider
                .get(&format!("{USERS}/{name}"))
                .await
                .expect(200)
                .id(),
            id,
            "{name}"
        );
    }
    for nobody in ["00unobody", "bob@example.com", "ad", "%20"] {
        assert_eq!(
            provider.get(&format!("{USERS}/{nobody}")).await.refusal().0,
            404,
            "{nobody}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_a_person_is_refused_by_member() {
    let provider = Provider::start();
    provider.post(USERS, ada()).await.expect(200);
    let long = "x".repeat(101);
    for (member, pointer, value) in [
        ("profile.login", "/profile/login", json!("ada@example.com")),
        ("profile.login", "/profile/login", json!("ADA@Example.com")),
        ("profile.login", "/profile/login", json!(null)),
        ("profile.login", "/profile/login", json!("a@b")),
        ("profile.login", "/profile/login", json!(long)),
        ("profile.login", "/profile/login", json!(7)),
        (
            "profile.login",
            "/profile/login",
            json!("bob\r\n@example.com"),
        ),
        ("profile.email", "/profile/email", json!("nobody")),
        (
            "profile.firstName",
            "/profile/firstName",
            json!("\u{1b}[31mAda"),
        ),
        (
            "profile.lastName",
            "/profile/lastName",
            json!("Love\u{202e}lace"),
        ),
        ("profile", "/profile", json!("ada")),
        (
            "credentials.password.value",
            "/credentials/password/value",
            json!("short"),
        ),
        (
            "credentials.recovery_question.answer",
            "/credentials/recovery_question/answer",
            json!("abc"),
        ),
        ("groupIds", "/groupIds", json!(["00gnowhere"])),
        ("groupIds", "/groupIds", json!("00g")),
    ] {
        let mut person = ada();
        person["profile"]["login"] = json!("bob@example.com");
        person["groupIds"] = json!([]);
        *person.pointer_mut(pointer).unwrap() = value.clone();
        let answer = provider.post(USERS, person).await;
        assert!(
            answer
                .complaints()
                .iter()
                .any(|complaint| complaint.starts_with(member)),
            "{pointer} {value}: {}",
            answer.body
        );
        assert!(
            !answer.body.contains(PASSWORD) && !answer.body.contains('\u{1b}'),
            "{}",
            answer.body
        );
    }
    assert_eq!(
        provider
            .get(&format!("{USERS}/bob@example.com"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_name_with_markup_stays_text() {
    let provider = Provider::start();
    let mut person = ada();
    person["profile"]["lastName"] = json!("<script>alert(1)</script>");
    let user = provider.post(USERS, person).await.expect(200);
    assert_eq!(
        user.json()["profile"]["lastName"],
        "<script>alert(1)</script>"
    );
    assert_eq!(user.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_change_keeps_what_another_changed_while_a_password_was_hashed() {
    let provider = Provider::start();
    let id = provider.post(USERS, ada()).await.expect(200).id();
    let path = format!("{USERS}/{id}");
    let slow = json!({
        "profile": { "firstName": "Augusta" },
        "credentials": { "password": { "value": "another-Password-1" } },
    });
    let quick = json!({ "profile": { "lastName": "King" } });
    let (slow, quick) = tokio::join!(provider.post(&path, slow), provider.post(&path, quick));
    slow.expect(200);
    quick.expect(200);
    let profile = &provider.get(&path).await.json()["profile"];
    assert_eq!(
        (&profile["firstName"], &profile["lastName"]),
        (&json!("Augusta"), &json!("King"))
    );
}

#[tokio::test]
async fn post_changes_what_it_names_and_put_replaces_the_profile() {
    let provider = Provider::start();
    let mut person = ada();
    person["profile"]["department"] = json!("engines");
    let id = provider.post(USERS, person).await.expect(200).id();
    let path = format!("{USERS}/{id}");
    let changed = provider
        .post(&path, json!({ "profile": { "firstName": "Augusta" } }))
        .await
        .expect(200)
        .json();
    assert_eq!(changed["profile"]["firstName"], "Augusta");
    assert_eq!(changed["profile"]["lastName"], "Lovelace");
    assert_eq!(changed["profile"]["department"], "engines");
    let replaced = json!({ "profile": { "login": "ada@example.com", "email": "augusta@example.com", "firstName": "Ada" } });
    let replaced = provider.put(&path, replaced).await.expect(200).json();
    assert_eq!(replaced["profile"]["email"], "augusta@example.com");
    assert_eq!(replaced["profile"]["department"], json!(null));
    assert_eq!(
        provider
            .put(&path, json!({ "profile": { "firstName": "Ada" } }))
            .await
            .complaints()[0],
        "profile.login"
    );
    let taken = json!({ "profile": { "login": "carl.sagan" } });
    assert_eq!(
        provider.post(&path, taken).await.complaints(),
        ["profile.login"]
    );
    assert_eq!(
        provider
            .post(&format!("{USERS}/00unobody"), json!({}))
            .await
            .refusal()
            .0,
        404
    );
}

#[tokio::test]
async fn the_first_delete_puts_out_of_work_and_the_second_deletes() {
    let provider = Provider::start();
    let id = provider.post(USERS, ada()).await.expect(200).id();
    let path = format!("{USERS}/{id}");
    provider.delete(&path).await.expect(204);
    assert_eq!(
        provider.get(&path).await.expect(200).json()["status"],
        "DEPROVISIONED"
    );
    provider.delete(&path).await.expect(204);
    assert_eq!(
        provider.get(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
    assert_eq!(
        provider.delete(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
    // The login is free again.
    provider.post(USERS, ada()).await.expect(200);
}

#[tokio::test]
async fn a_person_without_a_password_waits_and_one_that_is_not_activated_too() {
    let provider = Provider::start();
    let staged = provider
        .post(&format!("{USERS}?activate=false"), ada())
        .await
        .expect(200);
    assert_eq!(staged.json()["status"], "STAGED");
    let lifecycle = |action: &str| format!("{USERS}/{}/lifecycle/{action}", staged.id());
    provider
        .post(&lifecycle("activate"), Value::Null)
        .await
        .expect(200);
    assert_eq!(
        provider.get(&format!("{USERS}/ada")).await.json()["status"],
        "ACTIVE"
    );
    assert_eq!(
        provider
            .post(&lifecycle("activate"), Value::Null)
            .await
            .refusal(),
        (403, "E0000016".to_owned())
    );
    provider
        .post(&lifecycle("deactivate"), Value::Null)
        .await
        .expect(200);
    assert_eq!(
        provider
            .get(&format!("{USERS}/{}", staged.id()))
            .await
            .json()["status"],
        "DEPROVISIONED"
    );

    let bare = json!({ "profile": { "login": "bob@example.com", "email": "bob@example.com" } });
    let bare = provider.post(USERS, bare).await.expect(200).json();
    assert_eq!(bare["status"], "PROVISIONED");
    let odd = provider
        .post(&format!("{USERS}?activate=maybe"), ada())
        .await;
    assert_eq!(odd.complaints(), ["activate"]);
}

#[tokio::test]
async fn people_are_found_by_search_filter_and_q_and_by_no_secret() {
    let provider = Provider::start();
    provider.post(USERS, ada()).await.expect(200);
    let found = async |query: &str| {
        let logins = provider.list(&format!("{USERS}?{query}")).await;
        logins
            .iter()
            .map(|user| user["profile"]["login"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("search=profile.login+eq+%22ADA@example.com%22").await,
        ["ada@example.com"]
    );
    assert_eq!(
        found("filter=profile.email+eq+%22ada@example.com%22").await,
        ["ada@example.com"]
    );
    assert_eq!(found("q=lovel").await, ["ada@example.com"]);
    assert_eq!(found("q=ovelace").await, [""; 0]);
    assert_eq!(
        found("search=profile.lastName+sw+%22love%22+and+status+eq+%22ACTIVE%22").await,
        ["ada@example.com"]
    );
    let all = found("limit=1").await;
    assert!(
        all.len() == 4 && all.contains(&"carl.sagan".to_owned()),
        "{all:?}"
    );
    for odd in [
        "search=credentials.password.value+pr",
        "search=profile.login",
        "filter=%22",
    ] {
        assert_eq!(
            provider.get(&format!("{USERS}?{odd}")).await.refusal(),
            (400, "E0000031".to_owned()),
            "{odd}"
        );
    }
    // Those out of work are shown to whoever asks for them.
    provider.delete(&format!("{USERS}/ada")).await.expect(204);
    assert_eq!(found("q=ada").await, [""; 0]);
    assert_eq!(
        found("filter=status+eq+%22DEPROVISIONED%22").await,
        ["ada@example.com"]
    );
}
