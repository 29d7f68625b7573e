//! Many at once.

use std::sync::Arc;

use tokio::{sync::Mutex, task::JoinSet};

use crate::people::{CARL, JODIE, Person};
use crate::stack::Stack;

/// One crowd at a time: two are more than a small machine serves within the app's own time limits.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_browsers_sign_in_at_once_and_each_sees_its_own_person() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let stack = Arc::new(Stack::start().await);
    let mut crowd = JoinSet::new();
    for _ in 0..100 {
        crowd.spawn(come_and_look(
            Arc::clone(&stack),
            "silver",
            CARL,
            JODIE,
            403,
        ));
        crowd.spawn(come_and_look(Arc::clone(&stack), "gold", JODIE, CARL, 200));
    }
    let mut seen = 0;
    while let Some(visit) = crowd.join_next().await {
        visit.unwrap();
        seen += 1;
    }
    assert_eq!(seen, 200);
}

async fn come_and_look(stack: Arc<Stack>, level: &str, person: Person, other: Person, moons: u16) {
    let browser = stack.browser();
    let home = stack.sign_in(&browser, level, person).await;
    let words = home.page().words();
    assert!(
        words.contains(&format!("Signed in as {}", person.name)),
        "{words}"
    );
    assert!(!words.contains(other.name), "{words}");

    let flight = browser.go(&home, "show me some moons!").await;
    assert_eq!(flight.status, moons, "{}", flight.page().words());
}

/// How many requests of a person run at once, and how often that happens.
const AT_ONCE: usize = 100;
const WAVES: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn sec_web_17_two_people_ask_a_thousand_times_each_with_refreshes_between_and_no_answer_is_swapped()
 {
    let _alone = ONE_AT_A_TIME.lock().await;
    let stack = Stack::start().await;
    let mut people = Vec::new();
    for (level, person, other, moons) in [("silver", CARL, JODIE, 403), ("gold", JODIE, CARL, 200)]
    {
        let browser = Arc::new(stack.browser());
        let home = stack.sign_in(&browser, level, person).await;
        assert!(home.page().words().contains(person.name));
        people.push((browser, Arc::new(home), other, moons));
    }
    let mut asked = 0;
    for wave in 0..WAVES {
        let mut crowd = JoinSet::new();
        for (browser, home, other, moons) in &people {
            for _ in 0..AT_ONCE {
                let (browser, home) = (Arc::clone(browser), Arc::clone(home));
                let (other, moons) = (*other, *moons);
                crowd.spawn(async move {
                    let flight = browser.go(&home, "show me some moons!").await;
                    let words = flight.page().words();
                    assert_eq!(flight.status, moons, "{words}");
                    assert!(!words.contains(other.name), "{words}");
                    assert_eq!(words.contains("ganymede"), moons == 200, "{words}");
                    usize::from(words.contains("New tokens were asked for"))
                });
            }
        }
        let mut refreshed = 0;
        while let Some(one) = crowd.join_next().await {
            refreshed += one.unwrap();
            asked += 1;
        }
        let expected = if wave == 0 { 0 } else { people.len() };
        assert_eq!(refreshed, expected, "wave {wave}: one refresh each");
        stack.clock.advance(std::time::Duration::from_secs(585));
    }
    assert_eq!(asked, 2 * WAVES * AT_ONCE);
}
