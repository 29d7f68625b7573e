use super::*;
use crate::settings::Source;

fn file(text: &str) -> EnvFile {
    EnvFile {
        path: PathBuf::from(".env"),
        text: text.to_owned(),
        headed: false,
        changed: false,
    }
}

fn set(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut file = file(text);
    for (name, value) in pairs {
        file.set(name, value, "Added").unwrap();
    }
    file.text
}

#[test]
fn names_that_are_there_are_replaced_in_place_and_keep_quotes_and_comments() {
    let text = "# mine\r\nISSUER=\"\"\r\n\r\nexport PORT='80' # the port\r\nFOREIGN=kept\r\n";
    let after = set(
        text,
        &[
            ("PORT", "8080"),
            ("ISSUER", "https://a/b"),
            ("GATEWAY", "x"),
        ],
    );
    assert_eq!(
        after,
        "# mine\r\nISSUER=\"https://a/b\"\r\n\r\nexport PORT='8080' # the port\r\nFOREIGN=kept\r\n\r\n# Added\r\nGATEWAY=x\r\n"
    );
}

#[test]
fn an_older_name_is_replaced_where_it_stands() {
    let after = set(
        "CLIENT_ID=old\nOKTA_AZ_SERVER_ISSUER=\"\"",
        &[("AUTHN_CLIENT_ID", "new"), ("ISSUER", "https://a")],
    );
    assert_eq!(after, "CLIENT_ID=new\nOKTA_AZ_SERVER_ISSUER=\"https://a\"");
    let both = set(
        "CLIENT_ID=old\nAUTHN_CLIENT_ID=\n",
        &[("AUTHN_CLIENT_ID", "new")],
    );
    assert_eq!(both, "CLIENT_ID=old\nAUTHN_CLIENT_ID=new\n");
}

#[test]
fn the_example_is_filled_in_place_and_a_commented_value_is_not_touched() {
    let after = set(
        "# The port.\n#PORT=\n#HOST=mine\n",
        &[("PORT", "1"), ("HOST", "localhost")],
    );
    assert_eq!(
        after,
        "# The port.\nPORT=1\n#HOST=mine\n\n# Added\nHOST=localhost\n"
    );
}

#[test]
fn the_same_again_changes_nothing_and_the_heading_stands_once() {
    let once = set("", &[("PORT", "1"), ("HOST", "a b")]);
    assert_eq!(once, "# Added\nPORT=1\nHOST='a b'\n");
    let mut again = file(&once);
    for (name, value) in [("PORT", "1"), ("HOST", "a b")] {
        assert_eq!(again.set(name, value, "Added").unwrap(), Change::Same);
    }
    assert_eq!(again.text, once);
}

/// Whatever a value holds: it is read back, and every other line stays as it was.
#[test]
fn hostile_values_come_back_and_foreign_lines_stay() {
    let foreign =
        "# don't 'touch\nFOREIGN='a\nAUTHN_CLIENT_SECRET=not me\nb' # it's\nLAST=\"x\" #'\n";
    for text in [
        foreign.to_owned(),
        format!("AUTHN_CLIENT_SECRET=\"a\\\"b\" # keep\n{foreign}"),
        format!("{foreign}\nCLIENT_SECRET='\nold\n'"),
    ] {
        for value in [
            "pa$$word",
            "it's",
            "\"",
            "a#b #c",
            "line\nend",
            "back\\slash",
            "`id`",
            "!x",
            "' \" $ `",
            "ü€",
            " lead and trail ",
            "=",
            "export X=1",
        ] {
            let after = set(&text, &[("AUTHN_CLIENT_SECRET", value)]);
            let pairs = dotenv::parse(&after).unwrap();
            let source = Source::of(pairs.clone());
            let secret = source.secret("AUTHN_CLIENT_SECRET").unwrap().unwrap();
            assert_eq!(secret.expose(), value, "{after}");
            for line in foreign.lines() {
                assert!(after.contains(line), "{value}: {after}");
            }
        }
    }
}

#[test]
fn what_the_program_would_not_read_is_not_written_into() {
    let folder = std::env::temp_dir().join(format!("env-{}", crate::oauth::random_value()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(".env");
    for broken in ["A=1\nA=2\n", "A=\"canary$x\"\n", "A='canary\n"] {
        fs::write(&path, broken).unwrap();
        let error = EnvFile::open(&path).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(EnvFile::open(&path).is_err());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_value_that_cannot_be_written_leaves_all_as_it_was() {
    let mut file = file("A=1\n");
    assert!(file.set("PORT", "a\0b", "Added").is_err());
    assert_eq!(file.text, "A=1\n");
}
