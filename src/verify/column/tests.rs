use super::*;
use crate::blueprint::Blueprint;

fn columns() -> Vec<Column> {
    all(&Access::of(&Blueprint::default()))
}

fn targets(kind: Kind, resource: usize) -> Vec<String> {
    columns()
        .into_iter()
        .filter(|column| column.kind == kind && column.resource == Some(resource))
        .map(|column| column.title)
        .collect()
}

#[test]
fn every_resource_is_a_column_and_no_id_stands_twice() {
    let columns = columns();
    let resources: Vec<&str> = columns
        .iter()
        .filter(|column| column.kind == Kind::Resource)
        .map(|column| column.title.as_str())
        .collect();
    let expected = ["/visitors", "/asteroids", "/comets", "/planets", "/moons"];
    assert_eq!(resources, expected.map(|path| format!("GET {path}")));
    for (place, column) in columns.iter().enumerate() {
        assert!(
            columns[..place].iter().all(|other| other.id != column.id),
            "{}",
            column.id
        );
    }
}

#[test]
fn sec_gw_02_protected_paths_are_spelt_in_every_way_that_fooled_somebody() {
    let moons = targets(Kind::Spelling, 4);
    for target in [
        "/moons?x=1",
        "/x/../moons",
        "/visitors/../moons",
        "/visitors/%2e%2e/moons",
        "/visitors%2f..%2fmoons",
        "/visitors/..;/moons",
        "//moons",
        "/moons/",
        "/moons%2f",
        "/moons;x=1",
        "/%6doons",
        "/%256doons",
        "/MOONS",
        "/moons%00",
        "/moonsx",
    ] {
        assert!(
            moons.contains(&format!("GET {target}")),
            "{target}: {moons:?}"
        );
    }
    assert!(
        targets(Kind::Spelling, 0).is_empty(),
        "visitors are for everybody"
    );
}

#[test]
fn sec_gw_08_other_methods_are_those_that_no_rule_names() {
    let moons = targets(Kind::Method, 4);
    let methods = "HEAD OPTIONS POST PUT PATCH DELETE TRACE get FROB";
    let expected: Vec<String> = methods
        .split(' ')
        .map(|method| format!("{method} /moons"))
        .collect();
    assert_eq!(moons, expected);
    let mut blueprint = Blueprint::default();
    "*".clone_into(&mut blueprint.resources[4].method);
    let columns = all(&Access::of(&blueprint));
    let others = columns
        .iter()
        .filter(|column| column.kind == Kind::Method && column.resource == Some(4));
    let others: Vec<&str> = others.map(|column| column.method.as_str()).collect();
    assert_eq!(others, ["HEAD", "OPTIONS", "TRACE", "get", "FROB"]);
}

#[test]
fn what_a_wildcard_names_is_no_other_spelling() {
    let mut blueprint = Blueprint::default();
    "/moons/*".clone_into(&mut blueprint.resources[4].path);
    let columns = all(&Access::of(&blueprint));
    let of = |kind: Kind| {
        let columns = columns
            .iter()
            .filter(move |column| column.kind == kind && column.resource == Some(4));
        columns
            .map(|column| column.target.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Kind::Resource), ["/moons/verify"]);
    assert!(!of(Kind::Spelling).contains(&"/moons/verify/x"));
    assert!(of(Kind::Spelling).contains(&"//moons/verify"));
}
