//! Passwords: right, wrong, too many, and what a guess costs.

use super::*;
use crate::idp::org::seed;
use std::time::Duration;

fn passwords() -> (Arc<Passwords>, Clock) {
    let clock = Clock::standing();
    let config = crate::idp::tests::config(clock.clone());
    let org = Arc::new(OrgStore::in_memory(seed(&config, "default")));
    let given = Arc::new(Given::new(&config));
    (Passwords::new(org, given, clock.clone()), clock)
}

async fn check(passwords: &Arc<Passwords>, login: &str, password: &str) -> Outcome {
    passwords.check(login, Secret::new(password), None).await
}

#[tokio::test]
async fn the_right_password_of_that_person_and_no_other() {
    let (passwords, _) = passwords();
    let id = crate::blueprint::user_id("carl.sagan");
    assert_eq!(
        check(&passwords, "carl.sagan", "pale-blue-dot").await,
        Outcome::Right(id.clone())
    );
    assert_eq!(
        check(&passwords, "Carl.Sagan", "pale-blue-dot").await,
        Outcome::Right(id)
    );
    for (login, password) in [
        ("carl.sagan", "pale-blue-do"),
        ("carl.sagan", "Pale-blue-dot"),
        ("carl.sagan", ""),
        ("carl.sagan", "first-contact"),
        ("jodie.foster", "pale-blue-dot"),
        ("nobody", "pale-blue-dot"),
        ("", ""),
    ] {
        assert_eq!(
            check(&passwords, login, password).await,
            Outcome::Wrong,
            "{login} {password}"
        );
    }
}

#[tokio::test]
async fn sec_as_19_fifty_parallel_guesses_try_about_ten_and_two_hundred_right_ones_all_pass() {
    let (passwords, clock) = passwords();
    let all = |password: &'static str, count: usize| {
        let tries = (0..count).map(|number| {
            let passwords = Arc::clone(&passwords);
            let password = format!(
                "{password}{}",
                if password == "x" {
                    number.to_string()
                } else {
                    String::new()
                }
            );
            tokio::spawn(async move { check(&passwords, "tycho.brahe", &password).await })
        });
        futures_util::future::join_all(tries)
    };
    let right = all("new-star-1572", 200).await;
    assert!(
        right
            .into_iter()
            .all(|outcome| matches!(outcome.unwrap(), Outcome::Right(_)))
    );
    let wrong = all("x", 50).await;
    let tried = wrong
        .into_iter()
        .filter(|outcome| matches!(outcome, Ok(Outcome::Wrong)))
        .count();
    assert!((10..10 + AT_ONCE).contains(&tried), "{tried}");
    assert!(matches!(
        check(&passwords, "tycho.brahe", "new-star-1572").await,
        Outcome::Throttled(_)
    ));
    assert!(matches!(
        check(&passwords, "carl.sagan", "pale-blue-dot").await,
        Outcome::Right(_)
    ));
    clock.advance(Duration::from_secs(15));
    assert!(matches!(
        check(&passwords, "tycho.brahe", "new-star-1572").await,
        Outcome::Right(_)
    ));
}

#[test]
fn the_queue_is_bounded() {
    let waiting = AtomicUsize::new(0);
    let places: Vec<_> = (0..WAITING)
        .map(|_| Waiting::line_up(&waiting).unwrap())
        .collect();
    assert!(Waiting::line_up(&waiting).is_none());
    drop(places);
    assert!(Waiting::line_up(&waiting).is_some());
}

#[tokio::test]
async fn sec_as_19_each_try_costs_one_hash_whoever_it_is_for() {
    let (passwords, _) = passwords();
    let tries = [
        ("nobody", "x"),     // the first of all
        ("carl.sagan", "x"), // the first for a known name
        ("carl.sagan", "y"),
        ("somebody", "x"),
        ("jodie.foster", "first-contact"),
        ("", ""),
    ];
    for (number, (login, password)) in tries.into_iter().enumerate() {
        check(&passwords, login, password).await;
        let runs = passwords.runs.load(Ordering::SeqCst);
        assert_eq!(runs, number + 1, "{login} {password}");
    }
}

#[test]
fn a_hash_is_argon2id_with_46_mib() {
    let (passwords, _) = passwords();
    let salt = passwords.pepper.expose().as_bytes();
    let parameters = Params::new(47_104, 1, 1, Some(32)).unwrap();
    let mut expected = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(b"x", salt, &mut expected)
        .unwrap();
    assert_eq!(passwords.hash(&Secret::new("x")), Ok(expected));
}

#[tokio::test]
async fn sec_as_19_a_kept_hash_opens_for_its_password_alone_at_the_same_price() {
    let (passwords, clock) = passwords();
    let carl = crate::blueprint::user_id("carl.sagan");
    let keep = async |word: &str| passwords.hash_to_keep(Secret::new(word)).await.unwrap();
    let (one, other) = (keep("a new word").await, keep("a new word").await);
    assert!(one.starts_with("$argon2id$v=19$m=47104,t=1,p=1$") && one != other);
    let set = |password: Password| {
        let change = |org: &mut crate::idp::org::Org| {
            org.user_mut(&carl).unwrap().password = password;
            Ok::<_, std::convert::Infallible>(())
        };
        passwords.org.change(change).unwrap();
    };
    let right = Outcome::Right(carl.clone());
    assert_eq!(
        check(&passwords, "carl.sagan", "pale-blue-dot").await,
        right
    );
    set(Password::Hash(one));
    let before = passwords.runs.load(Ordering::SeqCst);
    assert_eq!(
        check(&passwords, "carl.sagan", "pale-blue-dot").await,
        Outcome::Wrong
    );
    assert_eq!(check(&passwords, "carl.sagan", "").await, Outcome::Wrong);
    assert_eq!(check(&passwords, "carl.sagan", "a new word").await, right);
    assert_eq!(passwords.runs.load(Ordering::SeqCst), before + 3);
    assert_eq!(check(&passwords, "carl.sagan", "a new word").await, right); // remembered
    set(Password::Hash(keep("another").await));
    assert_eq!(
        check(&passwords, "carl.sagan", "a new word").await,
        Outcome::Wrong
    );
    for unusable in [Password::None, Password::Hash("nonsense".to_owned())] {
        set(unusable);
        clock.advance(Duration::from_secs(600)); // the throttle's matter is another
        for word in ["pale-blue-dot", "a new word", "another", ""] {
            assert_eq!(
                check(&passwords, "carl.sagan", word).await,
                Outcome::Wrong,
                "{word}"
            );
        }
    }
    assert!(matches!(
        check(&passwords, "jodie.foster", "first-contact").await,
        Outcome::Right(_)
    ));
}
