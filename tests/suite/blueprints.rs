//! Another scenario by one file: nothing in the program knows silver, gold, planets or moons.

use std::fs;
use std::path::PathBuf;

use crate::controls::Control;
use crate::people::{CARL, Person};
use crate::stack::Stack;

const DEFAULT: &str = include_str!("../../src/blueprint/default.toml");

const PLATINUM: &str = r#"
[[resource]]
name = "dwarfs"
method = "GET"
path = "/dwarfs"
takes = ["http://myapp.com/scp/platinum"]
show_me = "show me the dwarfs!"
answer = ["pluto", "eris", "haumea", "makemake"]

[[level]]
name = "platinum"
group = "platinum"
sentence = "Platinum subscribers see the dwarfs."
scopes = ["openid", "http://myapp.com/scp/platinum"]
resources = ["dwarfs"]

[[user]]
login = "vera.rubin"
given_name = "Vera"
family_name = "Rubin"
email = "vera.rubin@example.com"
groups = ["platinum"]
password = "dark-matter-1970"
"#;

const VERA: Person = Person {
    login: "vera.rubin",
    password: "dark-matter-1970",
    name: "Vera Rubin",
};

fn written(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

#[tokio::test]
async fn platinum_and_its_dwarfs_come_by_the_blueprint_alone() {
    let groups = r#"groups = ["bronze", "silver", "gold"]"#;
    assert!(DEFAULT.contains(groups));
    let with_platinum = DEFAULT.replace(
        groups,
        r#"groups = ["bronze", "silver", "gold", "platinum"]"#,
    );
    let path = written("platinum.toml", &(with_platinum + PLATINUM));
    let stack = Stack::with(&[("BLUEPRINT", path.to_str().unwrap())]).await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    home.page()
        .press(Control::named("show me the dwarfs!").under("platinum"));

    let home = stack.sign_in(&browser, "platinum", VERA).await;
    assert!(home.page().words().contains("Signed in as Vera Rubin"));
    let dwarfs = stack.show_me(&browser, "show me the dwarfs!").await;
    assert_eq!(dwarfs.status, 200);
    assert!(dwarfs.page().words().contains("makemake"));
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 403, "platinum is no silver here");

    let carl = stack.browser();
    let refused = stack.sign_in(&carl, "platinum", CARL).await;
    assert!(refused.page().words().contains("access_denied"));
    stack.sign_in(&carl, "silver", CARL).await;
    let dwarfs = stack.show_me(&carl, "show me the dwarfs!").await;
    assert_eq!(dwarfs.status, 403);
}

#[tokio::test]
async fn a_scenario_without_any_word_of_the_default_works() {
    let text = r#"
[api]
audience = "api://library"
description = "Books"

[[resource]]
name = "novels"
method = "GET"
path = "/shelf/novels"
takes = ["read:novels"]
show_me = "lend me a novel"
answer = ["Middlemarch"]

[[level]]
name = "reader"
group = "readers"
sentence = "Readers borrow novels."
scopes = ["openid", "read:novels"]
resources = ["novels"]

[[user]]
login = "mary"
given_name = "Mary"
family_name = "Evans"
email = "mary@example.com"
groups = ["readers"]
password = "silas-marner"

[[client]]
id = "library"
name = "Library"
kind = "app"
groups = ["readers"]

[[client]]
id = "desk"
name = "Desk"
kind = "introspection"
"#;
    let path = written("library.toml", text);
    let stack = Stack::with(&[("BLUEPRINT", path.to_str().unwrap())]).await;
    let browser = stack.browser();
    let mary = Person {
        login: "mary",
        password: "silas-marner",
        name: "Mary Evans",
    };

    let home = stack.sign_in(&browser, "reader", mary).await;
    let novel = browser.go(&home, "lend me a novel").await;

    assert_eq!(novel.status, 200, "{}", novel.page().words());
    let words = [home.page().words(), novel.page().words()].join(" ");
    assert!(
        words.contains("Middlemarch") && words.contains("api://library"),
        "{words}"
    );
    for word in ["silver", "gold", "bronze", "planet", "moons", "carl.sagan"] {
        assert!(!words.to_lowercase().contains(word), "{word} in {words}");
    }
}
