//! A table of blueprints that are wrong in one place, and what is said of each.

use crate::blueprint::{Blueprint, ClientKind, Layout, Takes};
use std::{fs, path::Path};

/// A small blueprint that holds; each test changes one piece of it.
const GOOD: &str = r#"
[api]
audience = "api://x"
url = "https://x.example/api"
[gateway]
clients = ["app"]
[[resource]]
name = "rocks"
method = "GET"
path = "/rocks"
takes = ["http://x/scp/rocks"]
show_me = "show me rocks"
answer = ["one"]
[resource.drawing]
layout = "row"
centre = { name = "Sun", radius_km = 1 }
bodies = [{ name = "One", radius_km = 2.5 }]
[[resource]]
name = "dust"
method = "*"
path = "/dust/*"
takes = "any token"
show_me = "show me dust"
[[level]]
name = "base"
group = "all"
scopes = ["openid", "http://x/scp/rocks"]
resources = ["rocks", "dust"]
[[user]]
login = "ann"
given_name = "Ann"
family_name = "Other"
email = "ann@x.example"
groups = ["all"]
password = "secret-canary"
[[client]]
id = "app"
name = "App"
kind = "app"
groups = ["all"]
[[client]]
id = "robot"
name = "Robot"
kind = "machine"
scopes = ["read"]
[[client]]
id = "door"
name = "Door"
kind = "introspection"
"#;

/// What is said of `GOOD` with one piece changed.
fn problem(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from} is not in the good one");
    match Blueprint::parse(&GOOD.replacen(from, to, 1)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{to} was taken"),
    }
}

#[test]
fn a_good_one_is_read_whole() {
    let blueprint = Blueprint::parse(GOOD).unwrap();
    assert_eq!(blueprint.api.audience, "api://x");
    assert_eq!(blueprint.gateway.clients, ["app"]);
    let [rocks, dust] = blueprint.resources.as_slice() else {
        panic!("{:?}", blueprint.resources)
    };
    assert!(matches!(&rocks.takes, Takes::Scopes(scopes) if scopes.contains("http://x/scp/rocks")));
    assert_eq!(dust.takes, Takes::AnyToken);
    assert!(dust.answer.is_empty() && dust.drawing.is_none());
    let drawing = rocks.drawing.as_ref().unwrap();
    assert_eq!(drawing.layout, Layout::Row);
    assert!((drawing.body("ONE").unwrap().radius_km - 2.5).abs() < f64::EPSILON);
    assert!(drawing.body("two").is_none());
    assert_eq!(blueprint.clients[2].kind, ClientKind::Introspection);
    assert!(
        blueprint.users[0]
            .password
            .as_ref()
            .unwrap()
            .matches("secret-canary")
    );
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let mut failures = Vec::new();
    for (from, to, line, part) in [
        // the file itself
        (
            "[api]\n",
            "[api]\ncolour = 1\n",
            3,
            "unknown field `colour`",
        ),
        ("[gateway]", "[gatewy]", 5, "unknown field `gatewy`"),
        (
            "kind = \"machine\"",
            "kind = \"machine\"\nkid = 1",
            45,
            "unknown field `kid`",
        ),
        ("audience = \"api://x\"", "audience = 7", 3, "invalid type"),
        ("audience = \"api://x\"", "audience = ", 3, "string"),
        (
            "layout = \"row\"",
            "layout = \"row\"\nlayout = \"row\"",
            16,
            "duplicate key",
        ),
        ("path = \"/rocks\"\n", "", 7, "missing field `path`"),
        (
            "takes = \"any token\"",
            "takes = true",
            22,
            "\"nothing\", \"any token\" or a list",
        ),
        // api and gateway
        ("audience = \"api://x\"", "audience = \" \"", 3, "empty"),
        ("audience = \"api://x\"", "audience = \"\"", 3, "empty"),
        ("https://x.example/api", "ftp://x.example", 4, "[api] url"),
        (
            "https://x.example/api",
            "https://x.example/?a",
            4,
            "[api] url",
        ),
        ("https://x.example/api", "x.example", 4, "[api] url"),
        (
            "clients = [\"app\"]",
            "clients = [\"app\",\n\"app\"]",
            7,
            "\"app\" is there twice",
        ),
        ("clients = [\"app\"]", "clients = [\"\"]", 6, "empty"),
        // resources
        (
            "name = \"rocks\"",
            "name = \"Rocks\"",
            8,
            "resource \"Rocks\": a name is",
        ),
        (
            "name = \"dust\"",
            "name = \"rocks\"",
            19,
            "resource \"rocks\" is there twice",
        ),
        ("method = \"GET\"", "method = \"get\"", 9, "a method is GET"),
        (
            "method = \"GET\"",
            "method = \"HEAD\"",
            9,
            "HEAD follows GET",
        ),
        (
            "path = \"/rocks\"",
            "path = \"rocks\"",
            10,
            "starts with \"/\"",
        ),
        (
            "path = \"/rocks\"",
            "path = \"/a/../rocks\"",
            10,
            "\"..\" segment",
        ),
        ("path = \"/rocks\"", "path = \"//rocks\"", 10, "no \"//\""),
        ("path = \"/rocks\"", "path = \"/r%6fcks\"", 10, "percent"),
        (
            "path = \"/rocks\"",
            "path = \"/*/rocks\"",
            10,
            "only at the end",
        ),
        (
            "path = \"/rocks\"",
            "path = \"/dust/*\"",
            21,
            "which resource \"rocks\" has already",
        ),
        (
            "path = \"/dust/*\"",
            "path = \"/rocks\"",
            21,
            "which resource \"rocks\" has already",
        ),
        (
            "takes = \"any token\"",
            "takes = \"anything\"",
            22,
            "takes \"anything\": write",
        ),
        ("takes = \"any token\"", "takes = []", 22, "empty list"),
        (
            "takes = \"any token\"",
            "takes = [\n\"a b\"]",
            23,
            "\"a b\" is not a scope name",
        ),
        (
            "takes = \"any token\"",
            "takes = [\"\"]",
            22,
            "not a scope name",
        ),
        (
            "takes = \"any token\"",
            "takes = [\"a\", \"a\"]",
            22,
            "\"a\" twice",
        ),
        (
            "answer = [\"one\"]",
            "answer = [\"one\", \"two\"]",
            13,
            "answers \"two\", which its drawing",
        ),
        (
            "layout = \"row\"",
            "layout = \"pile\"",
            15,
            "layout \"pile\"",
        ),
        ("radius_km = 2.5", "radius_km = 0", 17, "radius_km 0"),
        ("radius_km = 2.5", "radius_km = -1.5", 17, "radius_km -1.5"),
        ("radius_km = 2.5", "radius_km = nan", 17, "radius_km NaN"),
        ("radius_km = 2.5", "radius_km = inf", 17, "radius_km inf"),
        // levels
        (
            "name = \"base\"",
            "name = \"base line\"",
            25,
            "level \"base line\": a name is",
        ),
        ("\"openid\", ", "", 27, "does not ask for \"openid\""),
        (
            "\"openid\", ",
            "\"OpenID\", ",
            27,
            "does not ask for \"openid\"",
        ),
        (
            "\"openid\", ",
            "\"openid\", \"\\u00e4\", ",
            27,
            "not a scope name",
        ),
        (
            "resources = [\"rocks\", \"dust\"]",
            "resources = [\"rocks\",\n\"dustz\"]",
            29,
            "level \"base\" shows resource \"dustz\", which is not defined: \"rocks\" and \"dust\" are",
        ),
        (
            "resources = [\"rocks\", \"dust\"]",
            "resources = [\"rocks\", \"rocks\"]",
            28,
            "twice",
        ),
        // users
        (
            "groups = [\"all\"]",
            "groups = [\"al\"]",
            34,
            "group \"al\", which no level has: only \"all\" is",
        ),
        (
            "groups = [\"all\"]",
            "groups = [\"all\", \"all\"]",
            34,
            "twice",
        ),
        (
            "email = \"ann@x.example\"",
            "email = \"ann\"",
            33,
            "no address",
        ),
        ("login = \"ann\"", "login = \"ann other\"", 30, "no blank"),
        ("login = \"ann\"", "login = \"\"", 30, "empty"),
        (
            "password = \"secret-canary\"",
            "password = \"\"",
            35,
            "leave it out for a random one",
        ),
        // clients
        (
            "kind = \"machine\"",
            "kind = \"robot\"",
            44,
            "\"app\", \"introspection\" or \"machine\"",
        ),
        (
            "scopes = [\"read\"]",
            "scopes = []",
            44,
            "a machine without scopes",
        ),
        (
            "scopes = [\"read\"]",
            "scopes = [\"openid\"]",
            44,
            "leave \"openid\" out",
        ),
        (
            "scopes = [\"read\"]",
            "scopes = [\"read\"]\ngroups = [\"all\"]",
            44,
            "leave groups out",
        ),
        (
            "kind = \"introspection\"",
            "kind = \"introspection\"\nscopes = [\"a\"]",
            49,
            "asks for no token",
        ),
        (
            "id = \"robot\"",
            "id = \"app\"",
            42,
            "client \"app\" is there twice",
        ),
        (
            "id = \"robot\"",
            "id = \"ann\"",
            42,
            "the name of user \"ann\"",
        ),
        (
            "kind = \"app\"\ngroups = [\"all\"]",
            "kind = \"app\"",
            39,
            "lets nobody sign in",
        ),
    ] {
        let said = problem(from, to);
        let expected = format!("line {line}: ");
        if !(said.starts_with(&expected) && said.contains(part)) {
            failures.push(format!("{to:?}: {said}"));
        }
        assert!(
            !said.contains("secret-canary") && !said.contains('\n'),
            "{said}"
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_missing_altogether_is_named_too() {
    let app = "[[client]]\nid = \"app\"\nname = \"App\"\nkind = \"app\"\ngroups = [\"all\"]\n";
    assert!(problem(app, "").contains("no [[client]] has kind = \"app\""));
    let second = "[[level]]\nname = \"more\"\ngroup = \"few\"\nscopes = [\"openid\"]\n[[user]]";
    let said = problem("[[user]]", second);
    assert!(
        said.starts_with("line 31: no app is assigned to group \"few\" of level \"more\""),
        "{said}"
    );
    assert!(problem(GOOD, "").contains("missing field `api`"));
    assert!(problem(GOOD, "[api]\naudience = \"a\"").contains("no [[resource]]"));
}

#[test]
fn a_client_cannot_have_a_users_derived_id() {
    let id = crate::blueprint::user_id("ann");
    assert!(
        problem("id = \"robot\"", &format!("id = {id:?}")).contains("the name of user \"ann\"")
    );
}

#[test]
fn a_file_is_named_when_it_is_wrong_or_missing() {
    let missing = Blueprint::load(Path::new("/nowhere/blueprint.toml")).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/blueprint.toml"));
    let path = std::env::temp_dir().join(format!("blueprint-{}.toml", std::process::id()));
    fs::write(
        &path,
        GOOD.replacen("layout = \"row\"", "layout = \"pile\"", 1),
    )
    .unwrap();
    let wrong = Blueprint::load(&path).unwrap_err().to_string();
    fs::write(&path, GOOD).unwrap();
    let good = Blueprint::load(&path);
    fs::remove_file(&path).unwrap();
    let expected = format!("{}, line 15: ", path.display());
    assert!(wrong.contains(&expected), "{wrong}");
    assert!(good.is_ok());
}

#[test]
fn a_resource_is_not_where_the_gateway_answers_itself() {
    for path in [
        "/decision",
        "/.well-known/jwks.json",
        "/.well-known/oauth-protected-resource/*",
    ] {
        let said = problem("path = \"/rocks\"", &format!("path = \"{path}\""));
        assert!(said.starts_with("line 10: "), "{said}");
        assert!(said.contains("the gateway answers there itself"), "{said}");
    }
}

#[test]
fn gw_16_how_somebody_must_have_signed_in_is_said_right_or_refused() {
    for (takes, more, part) in [
        ("any token", "max_age = 0", "from 1 to"),
        ("any token", "max_age = -5", "from 1 to"),
        ("any token", "max_age = 99999999999", "from 1 to"),
        ("any token", "max_age = \"5m\"", "invalid type"),
        ("any token", "acr_values = []", "the list is empty"),
        (
            "any token",
            "acr_values = [\"a\", \"b c\"]",
            "\"b c\" is none",
        ),
        ("any token", "acr_values = [\"\"]", "\"\" is none"),
        ("any token", "acr_values = [\"a\", \"a\"]", "there twice"),
        ("nothing", "max_age = 60", "is open"),
        ("nothing", "acr_values = [\"a\"]", "is open"),
    ] {
        let to = format!("takes = \"{takes}\"\n{more}");
        let said = problem("takes = \"any token\"", &to);
        assert!(said.starts_with("line 23: "), "{more}: {said}");
        assert!(said.contains(part), "{more}: {said}");
    }
    let good = GOOD.replacen(
        "takes = \"any token\"",
        "takes = \"any token\"\nmax_age = 60\nacr_values = [\"b\", \"a\"]",
        1,
    );
    let blueprint = Blueprint::parse(&good).unwrap();
    assert!(blueprint.resources[0].step_up.is_empty());
    let step_up = &blueprint.resources[1].step_up;
    assert_eq!(step_up.max_age, Some(60));
    assert_eq!(step_up.acr_values, ["b", "a"]);
}

#[test]
fn sec_com_16_a_name_that_nobody_knows_is_an_error_in_every_table() {
    assert!(Blueprint::parse(GOOD).is_ok());
    for table in [
        "[api]",
        "[gateway]",
        "[[resource]]",
        "[resource.drawing]",
        "[[level]]",
        "[[user]]",
        "[[client]]",
    ] {
        assert!(GOOD.contains(table), "{table}");
        let unknown = GOOD.replacen(table, &format!("{table}\nunheard_of = 1"), 1);
        let error = Blueprint::parse(&unknown).err();
        let error = error.unwrap_or_else(|| panic!("{table}")).to_string();
        assert!(error.contains("unheard_of"), "{table}: {error}");
    }
    for inline in ["name = \"Sun\"", "name = \"One\""] {
        let unknown = GOOD.replacen(inline, &format!("{inline}, unheard_of = 1"), 1);
        assert!(Blueprint::parse(&unknown).is_err(), "{inline}");
    }
}
