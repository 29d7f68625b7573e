//! Many at once.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::people::{CARL, JODIE, Person};
use crate::stack::Stack;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_browsers_sign_in_at_once_and_each_sees_its_own_person() {
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
