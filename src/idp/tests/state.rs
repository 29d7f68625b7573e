//! The file that keeps the org from start to start.

use super::*;
use crate::{
    idp::org::{ChangeError, Group, OrgStore, Password, RegisteredBy, StateFile},
    oauth::random_value,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder of this test's own.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("solar-system-state-{}", random_value()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("state.json")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        entries
            .map(|entry| name(entry).into_string().unwrap())
            .filter(|name| name != ".state.json.lock")
            .collect()
    }

    /// A provider that keeps its org here.
    fn provider(&self) -> Provider {
        self.provider_with(|_| {})
    }

    fn provider_with(&self, change: impl FnOnce(&mut IdpConfig)) -> Provider {
        Provider::start_with(|config| {
            config.state = Some(self.file());
            change(config);
        })
    }

    /// What a start says of what lies here.
    fn refusal(&self) -> String {
        let mut config = config(Clock::standing());
        config.state = Some(self.file());
        match open(config) {
            Err(IdpError::State { path, problem }) => {
                assert_eq!(path, self.file());
                problem
            }
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it was taken"),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    for_the_owner_alone(path, 0o600);
}

#[cfg(unix)]
fn for_the_owner_alone(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn for_the_owner_alone(_: &Path, _: u32) {}

#[tokio::test]
async fn what_was_changed_and_issued_outlives_a_restart_and_what_was_taken_back_stays_so() {
    let folder = Folder::new();
    let first = folder.provider();
    let kept = first.tokens(CARL, SILVER).await;
    let taken_back = first.tokens(JODIE, SILVER).await;
    let access = |tokens: &Value| tokens["access_token"].as_str().unwrap().to_owned();
    let fields = access(&taken_back);
    first.call(APP, "/v1/revoke", &[("token", &fields)]).await;
    first.change(|org| org.groups.push(Group::new("00gNew".to_owned(), "new", 0)));
    let keys = first.get(&format!("{BASE}/v1/keys")).await.body;
    drop(first);

    // The blueprint is not applied again: neither does what is gone come back, nor what is new come in.
    let second = folder.provider_with(|config| {
        config.tenant.groups.push("unheard of".to_owned());
        config.tenant.audience = "api://elsewhere".to_owned();
    });
    assert_eq!(second.get(&format!("{BASE}/v1/keys")).await.body, keys);
    assert_eq!(
        second.introspect(GATEWAY, &access(&kept)).await["active"],
        true
    );
    assert_eq!(
        second.introspect(GATEWAY, &access(&taken_back)).await["active"],
        false
    );
    let org = second.idp.org.read();
    assert!(org.group("00gNew").is_some());
    assert!(!org.groups.iter().any(|group| group.name == "unheard of"));
    second.tokens(CARL, SILVER).await;
    second.change(|org| assert!(org.remove_user(&crate::blueprint::user_id("carl.sagan"))));
    drop((org, second));

    let third = folder.provider_with(|config| config.empty = true);
    let org = third.idp.org.read();
    assert!(org.user_by_login(CARL.0).is_none() && org.user_by_login(JODIE.0).is_some());
}

#[tokio::test]
async fn an_empty_start_is_written_down_and_stays_empty() {
    let folder = Folder::new();
    drop(folder.provider_with(|config| config.empty = true));
    let mut config = config(Clock::standing());
    config.state = Some(folder.file());
    let ready = open(config).unwrap();
    assert!(ready.people.is_empty() && ready.clients.is_empty());
    assert_eq!(ready.idp.org.read().groups.len(), 1);
}

#[tokio::test]
async fn the_blueprint_s_secrets_are_this_start_s_and_those_of_others_are_kept() {
    let folder = Folder::new();
    drop(folder.provider());
    let other = Secret::new("the app's secret of another start");
    let provider = folder.provider_with(|config| {
        let secrets = &mut config.client_secrets;
        secrets.insert(APP.to_owned(), other.clone());
        let mut users = config.tenant.users.iter_mut();
        users.find(|user| user.login == CARL.0).unwrap().password = Some(Secret::new("new"));
    });
    let (code, verifier) = provider.code((CARL.0, "new"), SILVER).await;
    assert_eq!(provider.redeem(&code, &verifier).await.status, 401);
    let fields = [("token", "x")];
    let own = basic_credentials(APP, &other);
    let call = async |credentials: &str| {
        let credentials = [credentials];
        let answer = provider.call_with(&credentials, "/v1/introspect", &fields);
        answer.await.status.as_u16()
    };
    assert_eq!(call(own.expose()).await, 200);
    // Whoever registers the client anew takes it over.
    provider.change(|org| {
        org.client_mut(APP).unwrap().registered_by = RegisteredBy::Administrator;
    });
    assert_eq!(call(own.expose()).await, 401);
}

#[test]
fn sec_com_06_the_file_is_its_owner_s_alone_and_holds_no_secret_but_the_keys() {
    let folder = Folder::new();
    let provider = folder.provider();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let hash = runtime.block_on(
        provider
            .idp
            .passwords
            .hash_to_keep(Secret::new("s3cret-word")),
    );
    provider.change(|org| org.users[0].password = Password::Hash(hash.unwrap()));
    runtime.block_on(provider.get(&format!("{BASE}/v1/keys")));
    let text = folder.text();
    assert!(text.contains("$argon2id$v=19$m=47104,t=1,p=1$") && text.contains("pkcs8"));
    for secret in ["s3cret-word", CARL.1, JODIE.1, "s+cret"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(
        !text.contains("localhost:8081"),
        "it must not depend on the issuer"
    );
    let debug = format!("{:?}", provider.idp.org.read());
    let key = &provider.idp.org.read().servers[0].keys[0];
    let written = serde_json::to_value(key).unwrap();
    assert!(!debug.contains(written["pkcs8"].as_str().unwrap()));
    assert_eq!(folder.names(), ["state.json"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = || fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        drop(provider);
        for open in [0o640, 0o604, 0o660] {
            for_the_owner_alone(&folder.file(), open);
            let said = folder.refusal();
            assert!(said.contains("others may read it"), "{said}");
            assert_eq!((mode(), folder.text()), (open, text.clone()));
        }
    }
}

#[tokio::test]
async fn a_torn_file_is_refused_wherever_it_ends_and_left_as_it_is() {
    let folder = Folder::new();
    let provider = folder.provider();
    provider.get(&format!("{BASE}/v1/keys")).await;
    drop(provider);
    let whole = fs::read(folder.file()).unwrap();
    let ends = (0..whole.len()).step_by(211).chain([whole.len() - 1]);
    for end in ends {
        write(&folder.file(), &whole[..end]);
        let said = folder.refusal();
        assert!(
            said.starts_with("it is torn or foreign: no JSON from line "),
            "{end} {said}"
        );
        assert_eq!(fs::read(folder.file()).unwrap(), whole[..end]);
    }
    write(&folder.file(), &[&whole[..], b"{}"].concat());
    assert!(folder.refusal().starts_with("it is torn or foreign"));
    write(&folder.file(), &whole);
    folder.provider();
}

#[tokio::test]
async fn a_foreign_or_wrong_file_is_refused_with_what_is_wrong_and_nothing_of_what_it_holds() {
    let folder = Folder::new();
    let provider = folder.provider();
    provider.get(&format!("{BASE}/v1/keys")).await;
    drop(provider);
    let good: Value = serde_json::from_str(&folder.text()).unwrap();
    let changed = |change: fn(&mut Value)| {
        let mut value = good.clone();
        change(&mut value);
        value.to_string()
    };
    let not_ours = "it is not a state of this identity provider";
    let cases = [
        ("{}".to_owned(), not_ours),
        ("[]".to_owned(), not_ours),
        ("\"canary\"".to_owned(), not_ours),
        ("{\"password\": \"canary\"}".to_owned(), not_ours),
        ("canary = 1".to_owned(), "it is torn or foreign"),
        (changed(|v| v["format"] = "canary".into()), not_ours),
        (
            changed(|v| v["version"] = 2.into()),
            "it has version 2, and this program reads version 1",
        ),
        (changed(|v| v["version"] = "1".into()), "it has no version"),
        (changed(|v| v["canary"] = 1.into()), "line 1, column "),
        (
            changed(|v| v["org"]["canary"] = 1.into()),
            "line 1, column ",
        ),
        (
            changed(|v| v["org"]["users"][0]["canary"] = 1.into()),
            "line 1, column ",
        ),
        (
            changed(|v| v["org"]["users"][0]["id"] = Value::Null),
            "line 1, column ",
        ),
        (
            changed(|v| v["org"]["users"][0]["status"] = "canary".into()),
            "line 1, column ",
        ),
        (
            changed(|v| v["org"]["groups"] = Value::Array(Vec::new())),
            "it has no group \"Everyone\"",
        ),
        (
            changed(|v| v["org"]["users"][1]["id"] = v["org"]["users"][0]["id"].clone()),
            "two of its users have one id",
        ),
        (
            changed(|v| v["org"]["servers"][0]["keys"][0]["pkcs8"] = "canary".into()),
            "one of its signing keys is damaged",
        ),
        (
            changed(|v| v["org"]["servers"][0]["keys"][0]["kid"] = "canary".into()),
            "one of its signing keys is damaged",
        ),
    ];
    for (text, expected) in cases {
        write(&folder.file(), text.as_bytes());
        let said = folder.refusal();
        assert!(said.starts_with(expected), "{said}");
        assert!(!said.contains("canary") && !said.contains('\n'), "{said}");
        assert_eq!(folder.text(), text);
    }
    write(&folder.file(), b"{\"format\": \"\xff\"}");
    assert!(folder.refusal().starts_with("it is torn or foreign"));
    write(&folder.file(), good.to_string().as_bytes());
    folder.provider();
}

#[test]
fn what_is_no_file_or_cannot_be_written_is_refused() {
    let folder = Folder::new();
    fs::create_dir(folder.file()).unwrap();
    assert_eq!(
        folder.refusal(),
        "it is a folder; the name of a file is needed"
    );
    fs::remove_dir(folder.file()).unwrap();
    let nowhere = Folder(folder.file().join("not there"));
    assert!(nowhere.refusal().starts_with("it cannot be written ("));
}

#[tokio::test]
async fn sec_as_22_com_10_a_change_that_cannot_be_written_down_is_not_made_and_a_revocation_is_503()
{
    let folder = Folder::new();
    let provider = folder.provider();
    let before = folder.text();
    let add = |org: &mut Org| {
        org.groups.push(Group::new("00gNew".to_owned(), "new", 0));
        Ok::<_, Infallible>(())
    };
    // A folder is in the way.
    let aside = folder.0.join("aside");
    let stand_in_the_way = || {
        fs::rename(folder.file(), &aside).unwrap();
        fs::create_dir(folder.file()).unwrap();
    };
    let go_away = || {
        fs::remove_dir(folder.file()).unwrap();
        fs::rename(&aside, folder.file()).unwrap();
    };
    stand_in_the_way();
    let refused = provider.idp.org.change(add);
    assert!(
        matches!(refused, Err(ChangeError::Unwritten(_))),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&aside).unwrap(), before);
    assert!(provider.idp.org.read().group("00gNew").is_none());
    // A key that cannot be kept signs nothing, and a revocation that cannot be is no success.
    let keys = provider.get(&format!("{BASE}/v1/keys")).await;
    assert_eq!(keys.refusal(), (503, "temporarily_unavailable".to_owned()));
    go_away();
    let tokens = provider.tokens(CARL, SILVER).await;
    stand_in_the_way();
    let token = tokens["access_token"].as_str().unwrap();
    let revoked = provider.call(APP, "/v1/revoke", &[("token", token)]).await;
    assert_eq!(
        revoked.refusal(),
        (503, "temporarily_unavailable".to_owned())
    );
    go_away();
    provider.idp.org.change(add).unwrap();
    assert!(folder.text().contains("00gNew"));
    assert_eq!(folder.names(), ["state.json"]);
    drop(provider);
    let left = folder.0.join(".state.json.x.new");
    fs::write(left, "left by a process that was killed").unwrap();
    drop(folder.provider());
    assert_eq!(folder.names(), ["state.json"]);
}

#[test]
fn two_processes_do_not_overwrite_each_other_s_changes() {
    let folder = Folder::new();
    let one = folder.provider();
    one.change(|org| org.groups.push(Group::new("00gOne".to_owned(), "one", 0)));
    let refusal = folder.refusal();
    assert!(
        refusal.starts_with("another identity provider that runs now"),
        "{refusal}"
    );
    // Who asks for no lock is noticed all the same.
    let before = folder.text();
    let text = format!("{before}\n");
    write(&folder.file(), text.as_bytes());
    let refused = one.idp.org.change(|org| {
        org.groups.clear();
        Ok::<_, Infallible>(())
    });
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("somebody else has changed the file")
    );
    assert_eq!(folder.text(), text);
    write(&folder.file(), before.as_bytes());
    one.change(|org| org.groups.push(Group::new("00gTwo".to_owned(), "two", 0)));
    fs::remove_file(folder.file()).unwrap();
    let refused = one.idp.org.change(|_| Ok::<_, Infallible>(()));
    assert!(refused.is_err() && folder.names().is_empty());
}

#[test]
fn there_are_at_most_ten_thousand_of_a_kind() {
    let store = OrgStore::in_memory(Org::empty(0));
    let fill = |count: usize| {
        store.change(|org| {
            for number in 0..count {
                org.groups.push(Group::new(format!("00g{number}"), "g", 0));
            }
            Ok::<_, Infallible>(())
        })
    };
    fill(9_999).unwrap();
    assert!(matches!(fill(1), Err(ChangeError::Full("groups"))));
    assert_eq!(store.read().groups.len(), 10_000);
    let refused = store.change(|org| {
        org.groups.clear();
        Err::<(), _>("no")
    });
    assert!(matches!(refused, Err(ChangeError::Refused("no"))));
    assert_eq!(store.read().groups.len(), 10_000);
}

#[test]
fn one_who_takes_much_back_does_not_keep_others_from_it() {
    let store = OrgStore::in_memory(Org::empty(0));
    let fill = |count: usize| {
        store.change(|org| {
            for number in 0..count {
                let id = number.to_string();
                org.revoked.push(crate::idp::org::Revoked { id, until: 9 });
            }
            Ok::<_, Infallible>(())
        })
    };
    fill(100_000).unwrap();
    assert!(matches!(fill(1), Err(ChangeError::Full("revocations"))));
}

#[test]
fn a_link_is_followed_and_stays_one() {
    #[cfg(unix)]
    {
        let folder = Folder::new();
        drop(folder.provider());
        let real = folder.0.join("real.json");
        fs::rename(folder.file(), &real).unwrap();
        std::os::unix::fs::symlink(&real, folder.file()).unwrap();
        let provider = folder.provider();
        provider.change(|org| org.groups.push(Group::new("00gNew".to_owned(), "new", 0)));
        assert!(fs::symlink_metadata(folder.file()).unwrap().is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains("00gNew"));
        drop(provider);
        assert!(StateFile::open(&folder.file()).unwrap().1.is_some());
    }
}
