use super::*;

const ISSUER: &str = "https://idp.example";

fn store(clock: &Clock) -> Store {
    let lifetimes = Lifetimes {
        idle: Duration::from_secs(60),
        max_age: Duration::from_secs(150),
    };
    Store::new(clock.clone(), lifetimes)
}

fn record() -> Record {
    let (id, data) = Default::default();
    Record {
        id,
        data,
        expiry_date: OffsetDateTime::now_utc(),
    }
}

/// A session of this person, from this session at the provider.
async fn begin(store: &Store, subject: &str, sid: Option<&str>) -> Arc<Live> {
    let mut person = SignedIn::sample(subject);
    person.session_id = sid.map(str::to_owned);
    begin_as(store, person).await
}

async fn begin_as(store: &Store, person: SignedIn) -> Arc<Live> {
    let mut record = record();
    store.create(&mut record).await.unwrap();
    store.enter(record.id, person).unwrap()
}

#[tokio::test]
async fn sec_ses_02_an_id_is_new_reserved_once_and_opens_nothing_before_somebody_is_signed_in() {
    let store = store(&Clock::standing());
    let mut first = record();
    let made_up = first.id;
    store.create(&mut first).await.unwrap();
    assert_ne!(first.id, made_up, "never the one that was brought");
    assert!(store.find(&first.id).is_none() && !store.is_there(&first.id));
    assert!(store.load(&first.id).await.unwrap().is_none());

    let live = store.enter(first.id, SignedIn::sample("a")).unwrap();
    assert_eq!(store.find(&live.id).unwrap().person().subject, "a");
    assert!(
        store.enter(first.id, SignedIn::sample("b")).is_none(),
        "nobody moves into a session that is there"
    );
    assert_eq!(store.find(&live.id).unwrap().person().subject, "a");
    assert!(
        store.enter(made_up, SignedIn::sample("b")).is_none(),
        "nor into an id that nobody reserved"
    );
    assert!(store.find(&made_up).is_none());
}

/// 128 bits (OWASP ASVS 7.2.3): were one of them fixed, 64 ids would show it.
#[tokio::test]
async fn sec_ses_02_ids_differ_and_every_one_of_their_128_bits_takes_both_values() {
    let store = store(&Clock::standing());
    let mut ids = Vec::new();
    for _ in 0..64 {
        let mut record = record();
        store.create(&mut record).await.unwrap();
        ids.push(record.id.0.cast_unsigned());
    }
    let (ones, zeros) = ids.iter().fold((0_u128, 0_u128), |(ones, zeros), id| {
        (ones | id, zeros | !id)
    });
    assert_eq!((ones, zeros), (u128::MAX, u128::MAX));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 64);
}

#[tokio::test]
async fn sec_ses_05_what_was_ended_stays_ended_whatever_is_saved_or_brought_later() {
    let store = store(&Clock::standing());
    let live = begin(&store, "a", None).await;
    assert!(store.is_there(&live.id));
    store.delete(&live.id).await.unwrap();

    let late = Record {
        id: live.id,
        ..record()
    };
    store.save(&late).await.unwrap();

    assert!(store.find(&live.id).is_none() && !store.is_there(&live.id));
    assert!(live.has_ended(), "requests under way see it too");
    let newer = Arc::new(SignedIn::sample("a"));
    assert!(!live.renew(newer), "a late refresh is not taken");
    assert!(store.enter(live.id, SignedIn::sample("a")).is_none());
}

#[tokio::test]
async fn sec_ses_04_a_session_ends_idle_and_absolutely_by_the_clock() {
    let clock = Clock::standing();
    let store = store(&clock);
    let idle = begin(&store, "idle", None).await;
    let busy = begin(&store, "busy", None).await;
    for used in [50, 50, 40] {
        clock.advance(Duration::from_secs(used));
        let found = store.find(&busy.id).expect("used in time");
        found.seen(clock.now());
    }
    assert!(store.find(&idle.id).is_none(), "unused for a minute");
    clock.advance(Duration::from_secs(9));
    store.find(&busy.id).unwrap().seen(clock.now()); // a second before its end
    clock.advance(Duration::from_secs(1));
    assert!(store.find(&busy.id).is_none(), "too old, however busy");

    let exactly = begin(&store, "exactly", None).await;
    clock.advance(Duration::from_secs(59));
    assert!(store.is_there(&exactly.id));
    clock.advance(Duration::from_secs(1));
    assert!(!store.is_there(&exactly.id), "to look does not prolong it");
}

#[tokio::test]
async fn sec_ses_04_a_session_does_not_outlive_its_refresh_token() {
    let clock = Clock::standing();
    let store = store(&clock);
    let ends = |after| {
        let mut person = SignedIn::sample("a");
        person.refresh_ends_at = Some(clock.now().saturating_add(after));
        person
    };
    let live = begin_as(&store, ends(30)).await;
    clock.advance(Duration::from_secs(29));
    assert!(store.find(&live.id).is_some());
    assert!(
        live.renew(Arc::new(ends(30))),
        "a refresh brings a later end"
    );
    clock.advance(Duration::from_secs(29));
    assert!(store.find(&live.id).is_some());
    clock.advance(Duration::from_secs(1));
    assert!(store.find(&live.id).is_none());
}

#[tokio::test]
async fn sec_ses_09_times_at_the_ends_of_64_bits_neither_wrap_nor_panic() {
    let clock = Clock::standing();
    let lifetimes = Lifetimes {
        idle: Duration::MAX,
        max_age: Duration::MAX,
    };
    let store = Store::new(clock.clone(), lifetimes);
    for (refresh_ends_at, lives) in [
        (None, true),
        (Some(i64::MAX), true),
        (Some(-1), false),
        (Some(i64::MIN), false),
    ] {
        let mut person = SignedIn::sample("a");
        person.refresh_ends_at = refresh_ends_at;
        let live = begin_as(&store, person).await;
        assert_eq!(store.find(&live.id).is_some(), lives, "{refresh_ends_at:?}");
    }
    let live = Live::begin(Id::default(), SignedIn::sample("a"), i64::MAX, i64::MAX);
    assert!(!live.is_over(i64::MIN, 1) && live.is_over(i64::MAX, 1));
}

#[tokio::test]
async fn sec_web_23_the_provider_ends_its_own_session_or_all_of_a_person_and_nobody_elses() {
    let store = store(&Clock::standing());
    let first = begin(&store, "a", Some("s1")).await;
    let second = begin(&store, "a", Some("s2")).await;
    let other = begin(&store, "b", Some("s3")).await;
    let without = begin(&store, "b", None).await;
    let there = || [&first, &second, &other, &without].map(|live| store.is_there(&live.id));

    for (issuer, sid, subject) in [
        ("https://evil.example", Some("s1"), None),
        ("https://evil.example", None, Some("a")),
        (ISSUER, Some("s9"), None),
        (ISSUER, Some("a"), None),
        (ISSUER, None, Some("s1")),
        (ISSUER, Some("s1"), Some("b")),
        (ISSUER, None, None),
        (ISSUER, Some(""), Some("")),
    ] {
        assert_eq!(store.end_all(issuer, sid, subject).len(), 0);
        assert_eq!(there(), [true; 4], "{issuer} {sid:?} {subject:?}");
    }
    assert_eq!(store.end_all(ISSUER, Some("s1"), Some("a")).len(), 1);
    assert_eq!(there(), [false, true, true, true]);
    assert_eq!(
        store.end_all(ISSUER, Some("s1"), None).len(),
        0,
        "it has ended"
    );
    assert_eq!(store.end_all(ISSUER, None, Some("b")).len(), 2);
    assert_eq!(there(), [false, true, false, false]);
    assert_eq!(store.end_all(ISSUER, Some("s2"), None).len(), 1);
    assert_eq!(store.index.len(), 0, "and nothing is remembered of them");
}

#[tokio::test]
async fn the_index_forgets_what_the_store_forgets() {
    let clock = Clock::standing();
    let store = store(&clock);
    for n in 0..20 {
        let live = begin(&store, "a", Some(&format!("s{n}"))).await;
        match n % 3 {
            0 => store.delete(&live.id).await.unwrap(),
            1 => assert!(store.end(&live)),
            _ => store.kept.invalidate(&live.id), // as when room is made
        }
        store.kept.run_pending_tasks();
        assert!(live.has_ended());
    }
    assert_eq!(store.index.len(), 0);
}

/// Sessions that weigh more than what was reserved for them, begun and ended without a pause.
#[tokio::test]
async fn sec_ses_07_sessions_that_ended_weigh_nothing_however_many_there_were() {
    let store = store(&Clock::standing());
    for _ in 0..500 {
        let mut person = SignedIn::sample("a");
        let groups: Vec<_> = (0..300)
            .map(|number| format!("group-{number:020}"))
            .collect();
        person
            .id_token
            .claims
            .insert("groups".to_owned(), groups.into());
        assert!(person.weight() > LEAST, "{}", person.weight());
        let live = begin_as(&store, person).await;
        store.end(&live);
    }
    store.kept.run_pending_tasks();
    assert_eq!(
        (store.kept.entry_count(), store.kept.weighted_size()),
        (0, 0)
    );
}
