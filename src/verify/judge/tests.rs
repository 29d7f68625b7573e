use super::*;
use crate::{
    blueprint::Blueprint,
    oauth::Scopes,
    verify::{
        access::Standing,
        column,
        row::{Row, Shows},
        seen::Answerer,
        witness::Arrival,
    },
};
use axum::http::HeaderMap;

/// What came back: a status, a challenge, a body.
fn came(status: u16, challenge: Option<&str>, body: &str) -> Seen {
    Seen {
        silent: false,
        status: Some(status),
        problem: None,
        challenge: challenge.map(str::to_owned),
        retry_after: None,
        answerer: Answerer::Gateway(String::new()),
        body: body.to_owned().into(),
        arrivals: None,
    }
}

/// The same, with the API's word on whether it was reached.
fn reached(seen: Seen, targets: &[&str]) -> Seen {
    let arrival = |target: &&str| Arrival {
        method: "GET".to_owned(),
        target: (*target).to_owned(),
        headers: HeaderMap::new(),
    };
    Seen {
        arrivals: Some(targets.iter().map(arrival).collect()),
        ..seen
    }
}

fn row(standing: Standing) -> Row {
    Row {
        id: "row".to_owned(),
        title: "a row".to_owned(),
        shows: Ok(Shows::default()),
        standing,
        fault: Fault::Audience,
        everywhere: true,
        courtesy: false,
        forged: false,
    }
}

fn holder(scopes: &str) -> Standing {
    Standing::Holder {
        client_id: None,
        scopes: Scopes::parse(scopes).unwrap(),
    }
}

fn judged(standing: Standing, column_id: &str, seen: &Seen) -> Judged {
    let access = Access::of(&Blueprint::default());
    let columns = column::all(&access);
    let column = columns.iter().find(|column| column.id == column_id);
    let row = row(standing);
    let cell = Cell {
        access: &access,
        row: &row,
        column: column.unwrap_or_else(|| panic!("no column {column_id}")),
    };
    cell.judge(seen)
}

const MOONS: &str =
    "[\"adrastea\",\"amalthea\",\"callisto\",\"europa\",\"ganymede\",\"io\",\"metis\",\"thebe\"]";
const INVALID: Option<&str> = Some("Bearer error=\"invalid_token\"");
const LACKING: Option<&str> =
    Some("Bearer error=\"insufficient_scope\", scope=\"http://myapp.com/scp/gold\"");

#[test]
fn sec_gw_04_refusals_are_read_word_by_word() {
    let silver = || holder("openid http://myapp.com/scp/silver");
    let nobody = || Standing::Nobody;
    let invalid = || Standing::Invalid;
    for (standing, seen, verdict) in [
        (nobody(), came(401, Some("Bearer"), ""), Verdict::Pass),
        (
            nobody(),
            came(401, Some("Bearer realm=\"x\""), ""),
            Verdict::Pass,
        ),
        (nobody(), came(401, None, ""), Verdict::Blemish),
        (
            nobody(),
            came(401, Some("Basic realm=\"x\""), ""),
            Verdict::Blemish,
        ),
        (nobody(), came(401, INVALID, ""), Verdict::Blemish),
        (nobody(), came(403, None, ""), Verdict::Blemish),
        (nobody(), came(404, None, ""), Verdict::Blemish),
        (nobody(), came(302, None, ""), Verdict::Blemish),
        (nobody(), came(503, None, ""), Verdict::Blemish),
        (nobody(), came(200, None, MOONS), Verdict::Hole),
        (nobody(), came(204, None, ""), Verdict::Hole),
        (nobody(), came(429, None, ""), Verdict::NotTestable),
        (invalid(), came(401, INVALID, ""), Verdict::Pass),
        (invalid(), came(401, Some("Bearer"), ""), Verdict::Blemish),
        (invalid(), came(403, LACKING, ""), Verdict::Blemish),
        (invalid(), came(200, None, MOONS), Verdict::Hole),
        (silver(), came(403, LACKING, ""), Verdict::Pass),
        (silver(), came(403, None, ""), Verdict::Blemish),
        (
            silver(),
            came(403, Some("Bearer error=\"insufficient_scope\""), ""),
            Verdict::Blemish,
        ),
        (silver(), came(401, LACKING, ""), Verdict::Blemish),
        (silver(), came(200, None, MOONS), Verdict::Hole),
        (Standing::Misplaced, came(400, None, ""), Verdict::Pass),
        (Standing::Misplaced, came(401, INVALID, ""), Verdict::Pass),
        (Standing::Misplaced, came(403, None, ""), Verdict::Blemish),
        (Standing::Misplaced, came(200, None, MOONS), Verdict::Hole),
    ] {
        let judged = judged(standing.clone(), "resource.moons", &seen);
        assert_eq!(
            judged.verdict, verdict,
            "{standing:?}: {seen:?}: {judged:?}"
        );
        let is_told = matches!(verdict, Verdict::Pass | Verdict::NotTestable);
        assert_eq!(judged.fault.is_none(), is_told, "{judged:?}");
    }
}

#[test]
fn who_may_be_let_in_and_is_not_is_a_failure() {
    let gold = || holder("http://myapp.com/scp/gold");
    for (seen, verdict) in [
        (came(200, None, MOONS), Verdict::Pass),
        (came(401, INVALID, ""), Verdict::Failure),
        (came(403, LACKING, ""), Verdict::Failure),
        (came(404, None, ""), Verdict::Failure),
        (came(502, None, ""), Verdict::Failure),
        (reached(came(200, None, MOONS), &["/moons"]), Verdict::Pass),
        (
            reached(came(200, None, "a login page"), &[]),
            Verdict::Failure,
        ),
    ] {
        let judged = judged(gold(), "resource.moons", &seen);
        assert_eq!(judged.verdict, verdict, "{seen:?}");
    }
    let open = judged(
        Standing::Invalid,
        "resource.visitors",
        &came(401, INVALID, ""),
    );
    assert_eq!(open.verdict, Verdict::Blemish);
    let open = judged(Standing::Nobody, "resource.visitors", &came(401, None, ""));
    assert_eq!(open.verdict, Verdict::Failure);
}

#[test]
fn what_the_api_saw_weighs_more_than_the_status() {
    let let_through = reached(came(403, LACKING, ""), &["/moons"]);
    assert_eq!(
        judged(Standing::Nobody, "resource.moons", &let_through).verdict,
        Verdict::Hole
    );
    let kept_back = reached(came(200, None, "please sign in"), &[]);
    assert_eq!(
        judged(Standing::Nobody, "resource.moons", &kept_back).verdict,
        Verdict::Blemish
    );
}

#[test]
fn sec_gw_02_a_spelling_may_lead_where_a_caller_may_go_and_nowhere_else() {
    let column = "spelling.moons.dots-beside-an-open-path";
    let visitors = "[\"Oumuamua\",\"2I/Borisov\"]";
    for (seen, verdict) in [
        (came(400, None, ""), Verdict::Pass),
        (came(404, None, ""), Verdict::Pass),
        (came(200, None, visitors), Verdict::Pass),
        (came(200, None, MOONS), Verdict::Hole),
        (came(200, None, ""), Verdict::Hole),
        (came(500, None, ""), Verdict::Blemish),
        (
            reached(came(404, None, ""), &["/visitors/../moons"]),
            Verdict::Hole,
        ),
        (
            reached(came(200, None, visitors), &["/visitors"]),
            Verdict::Pass,
        ),
        (reached(came(200, None, MOONS), &["/moons"]), Verdict::Hole),
    ] {
        assert_eq!(
            judged(Standing::Nobody, column, &seen).verdict,
            verdict,
            "{seen:?}"
        );
    }
    let gold = holder("http://myapp.com/scp/gold");
    let normalised = reached(came(200, None, MOONS), &["/moons"]);
    assert_eq!(judged(gold, column, &normalised).verdict, Verdict::Pass);
}

#[test]
fn sec_gw_01_what_is_not_named_is_404_and_sec_gw_08_methods_are_the_gateways_business() {
    for (column, seen, verdict) in [
        ("unnamed./", came(404, None, ""), Verdict::Pass),
        ("unnamed./", came(401, Some("Bearer"), ""), Verdict::Blemish),
        ("unnamed./", came(200, None, "welcome"), Verdict::Hole),
        ("method.moons.POST", came(405, None, ""), Verdict::Pass),
        ("method.moons.POST", came(403, None, ""), Verdict::Pass),
        ("method.moons.POST", came(201, None, ""), Verdict::Hole),
        ("method.moons.OPTIONS", came(204, None, ""), Verdict::Pass),
        (
            "method.moons.OPTIONS",
            reached(came(204, None, ""), &["/moons"]),
            Verdict::Hole,
        ),
        (
            "method.moons.TRACE",
            came(200, None, "TRACE /moons"),
            Verdict::Blemish,
        ),
        ("method.moons.HEAD", came(200, None, ""), Verdict::Hole),
        ("method.moons.HEAD", came(401, None, ""), Verdict::Pass),
        (
            "rewrite.moons",
            came(200, None, "[\"Oumuamua\",\"2I/Borisov\"]"),
            Verdict::Pass,
        ),
        ("rewrite.moons", came(200, None, MOONS), Verdict::Hole),
        (
            "rewrite.moons",
            reached(came(404, None, ""), &["/moons"]),
            Verdict::Hole,
        ),
    ] {
        let judged = judged(Standing::Nobody, column, &seen);
        assert_eq!(judged.verdict, verdict, "{column}: {seen:?}");
    }
    let gold = || holder("http://myapp.com/scp/gold");
    for (status, verdict) in [
        (200, Verdict::Pass),
        (405, Verdict::Pass),
        (401, Verdict::Blemish),
    ] {
        let judged = judged(gold(), "method.moons.HEAD", &came(status, None, ""));
        assert_eq!(judged.verdict, verdict, "{status}");
    }
}

#[test]
fn sec_gw_09_a_forged_name_that_reaches_the_api_is_told() {
    let mut seen = reached(came(200, None, MOONS), &["/moons"]);
    let gold = || holder("http://myapp.com/scp/gold");
    let mut with = |name: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, FORGED_NAME.parse().unwrap());
        for arrival in seen.arrivals.iter_mut().flatten() {
            arrival.headers = headers.clone();
        }
        judged(gold(), "underscores.moons", &seen).verdict
    };
    assert_eq!(with("x-auth-subject"), Verdict::Hole);
    assert_eq!(with("x_auth_subject"), Verdict::Hole);
    assert_eq!(with("x-user"), Verdict::Blemish);
    for standing in [gold(), Standing::Nobody] {
        let refused = judged(standing, "identity.moons", &came(400, None, ""));
        assert_eq!(refused.verdict, Verdict::Pass);
    }
}
