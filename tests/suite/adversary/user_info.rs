//! Userinfo that fails: the sign-in holds, and nothing of the answer is believed.

use super::Scene;
use super::scene::ALL_CALLS;
use crate::misbehaving::bend::{set, without};
use crate::misbehaving::{Edit, Reply, Script};

type Fault = (&'static str, Box<dyn FnOnce(&mut Script)>);

#[tokio::test]
#[rustfmt::skip]
async fn sec_web_09_com_04_userinfo_that_fails_ends_no_sign_in_and_is_not_believed() {
    let scene = Scene::start().await;
    let elsewhere = scene.elsewhere.url();
    let reply = |reply: Reply| move |script: &mut Script| script.reply("/userinfo", reply);
    let edited = |change: Edit| move |script: &mut Script| script.userinfo = change;
    let text = |text: &str| reply(Reply::status(200).body("application/json", text));
    let faults: Vec<Fault> = vec![
        ("401", Box::new(reply(Reply::status(401)))),
        ("500", Box::new(reply(Reply::status(500).body("text/html", "canary")))),
        ("no content", Box::new(reply(Reply::status(204)))),
        ("HTML", Box::new(reply(Reply::html("<script>canary</script>")))),
        ("a JWT", Box::new(reply(Reply::status(200).body("application/jwt", "eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjF9.")))),
        ("a list", Box::new(text(r#"["canary"]"#))),
        ("a member twice", Box::new(text(r#"{"sub":"carl.sagan","sub":"carl.sagan","name":"canary"}"#))),
        ("a member twice, deep inside", Box::new(text(r#"{"sub":"carl.sagan","x":{"canary":1,"canary":2}}"#))),
        ("no sub", Box::new(edited(without("sub")))),
        ("a sub that is a number", Box::new(edited(set("sub", 7)))),
        ("cut short", Box::new(reply(Reply::status(200).cut(r#"{"sub":"carl.sagan","canary":"#)))),
        ("60 MB", Box::new(reply(Reply::status(200).huge(60_000_000)))),
        ("no HTTP", Box::new(reply(Reply::raw(b"canary")))),
        ("a redirect elsewhere", Box::new(reply(Reply::redirect(307, &elsewhere)))),
    ];
    for (what, bend) in faults {
        scene.script(bend);
        scene.forget();

        let home = scene.sign_in_anew().await;

        let words = home.page().words();
        assert_eq!(home.status, 200, "{what}: {words}");
        assert!(words.contains("Signed in as"), "{what}: {words}");
        assert!(!home.text().contains("canary"), "{what}");
        assert_eq!(scene.calls(), ALL_CALLS, "{what}");
        assert!(scene.elsewhere.received().is_empty(), "{what}: the token went elsewhere");
        scene.script(Script::behave);
    }
}
