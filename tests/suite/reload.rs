//! The blueprint read again on SIGHUP: all of it or nothing, and nobody notices but by the rules.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::http::{client, send, with_form};
use crate::misbehaving::{Gateway, Reply};
use crate::program::{Program, empty_folder};

const SECRET: &str = "the machine's secret, for tests alone";
/// Where the default blueprint's open resource begins.
const OPEN: &str = "takes = \"nothing\"";

fn blueprint() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/blueprint/default.toml"))
        .unwrap()
}

/// Waits for another line of the log that holds this.
fn wait_for_line(program: &Program, part: &str, times: usize) -> String {
    let start = Instant::now();
    loop {
        let said = program.errors();
        let lines: Vec<_> = said.lines().filter(|line| line.contains(part)).collect();
        if lines.len() >= times {
            return lines.last().unwrap().to_string();
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{part}: {said}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn machine_token(http: &reqwest::Client, idp: u16) -> String {
    let token_url = format!("http://localhost:{idp}/oauth2/default/v1/token");
    let form = [("grant_type", "client_credentials"), ("scope", "read")];
    let form = with_form(http.post(token_url), &form);
    let token = send(form.basic_auth("telescope", Some(SECRET))).await;
    token.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn gw_20_a_hang_up_reloads_the_rules_whole_or_not_at_all() {
    let api = Gateway::start();
    let answer = || Reply::status(200).body("application/json", r#"["slowly"]"#);
    api.reply("/visitors", answer());
    api.reply("/asteroids", answer().after(Duration::from_secs(2)));
    api.reply("/comets", answer());
    let folder = empty_folder();
    let file = folder.join("mine.toml");
    // the slow resource is open, too
    let first = blueprint().replacen("takes = \"any token\"", OPEN, 1);
    fs::write(&file, &first).unwrap();
    let settings = [
        ("BLUEPRINT", "mine.toml"),
        ("API_URI", &api.url()),
        ("MACHINE_CLIENT_SECRET", SECRET),
    ];
    let mut program = Program::start_in(folder, &[], &settings);
    program.wait_for(program.ports.gateway);
    program.wait_for(program.ports.web);
    let gateway = format!("http://localhost:{}", program.ports.gateway);
    let http = client();
    let token = machine_token(&http, program.ports.idp).await;
    let get = async |path: &str| {
        let request = http.get(format!("{gateway}{path}"));
        send(request.bearer_auth(&token)).await.status
    };
    let nobody = async |path: &str| send(http.get(format!("{gateway}{path}"))).await.status;
    assert_eq!(
        (nobody("/visitors").await, get("/comets").await),
        (200, 200)
    );

    // a wrong one changes nothing, and says where it is wrong
    let wrong = first.replacen(OPEN, "takes = \"any token\"", 1) + "\n[[resource]]\nname = 7\n";
    let line = wrong.lines().count();
    fs::write(&file, &wrong).unwrap();
    program.signal("HUP");
    let said = wait_for_line(&program, "blueprint_refused", 1);
    for part in ["mine.toml", &format!("line {line}"), "stay as they were"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(
        (nobody("/visitors").await, get("/comets").await),
        (200, 200)
    );

    // a right one counts at once, for whoever comes afterwards
    let scope = "takes = [\"read\"]";
    assert!(first.contains(scope));
    let second =
        first
            .replacen(OPEN, "takes = \"any token\"", 2)
            .replacen(scope, "takes = [\"other\"]", 1);
    fs::write(&file, &second).unwrap();
    let over = AtomicBool::new(false);
    let in_flight = nobody("/asteroids");
    let busy = async {
        let mut statuses = Vec::new();
        while !over.load(Ordering::Relaxed) {
            statuses.push(nobody("/visitors").await);
        }
        statuses
    };
    let reload = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        program.signal("HUP");
        tokio::task::block_in_place(|| wait_for_line(&program, "blueprint_reloaded", 1))
    };
    let watch = async {
        let said = reload.await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        over.store(true, Ordering::Relaxed);
        said
    };
    let (slow, statuses, said) = tokio::join!(in_flight, busy, watch);
    assert_eq!(slow, 200, "what was in flight ends by the old rules");
    assert!(said.contains("the home page shows"), "{said}");
    assert!(!said.contains("people"), "{said}");
    let turn = statuses.iter().position(|status| *status == 401).unwrap();
    assert!(turn > 0 && statuses[..turn].iter().all(|status| *status == 200));
    assert!(
        statuses[turn..].iter().all(|status| *status == 401),
        "{statuses:?}"
    );
    assert_eq!(
        (nobody("/asteroids").await, get("/visitors").await),
        (401, 200)
    );
    assert_eq!(get("/comets").await, 403, "the same token, judged anew");

    // and back
    fs::write(&file, &first).unwrap();
    program.signal("HUP");
    wait_for_line(&program, "blueprint_reloaded", 2);
    assert_eq!(
        (nobody("/visitors").await, get("/comets").await),
        (200, 200)
    );
    fs::remove_file(&file).unwrap();
    program.signal("HUP");
    wait_for_line(&program, "cannot be read", 1);
    assert_eq!(
        (nobody("/visitors").await, get("/comets").await),
        (200, 200)
    );
    assert!(!program.errors().contains(SECRET));
    program.signal("TERM");
    assert_eq!(program.end_within(Duration::from_secs(10)).code, Some(0));
}

#[test]
fn gw_20_where_there_is_nothing_to_reload_a_hang_up_ends_nothing() {
    let mut program = Program::start(&[], &[]);
    program.wait_for(program.ports.gateway);
    program.wait_for(program.ports.web);
    program.signal("HUP");
    wait_for_line(&program, "BLUEPRINT names no file", 1);
    program.signal("TERM");
    assert_eq!(program.end_within(Duration::from_secs(10)).code, Some(0));
}
