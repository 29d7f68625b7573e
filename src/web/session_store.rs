//! Sessions in memory, bounded, ended by the clock. A session that was deleted stays deleted.

use crate::clock::Clock;
use async_trait::async_trait;
use moka::{ops::compute::Op, policy::EvictionPolicy, sync::Cache};
use std::{fmt, time::Duration};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::Result,
};

/// How many sessions are kept; the longest unseen goes first.
const MOST: u64 = 50_000;

/// Where tower-sessions keeps its records.
#[derive(Clone)]
pub(super) struct Store {
    records: Cache<Id, Kept>,
    clock: Clock,
    /// How long a session lives from its sign-in, in seconds.
    max_age: i64,
}

#[derive(Clone)]
struct Kept {
    record: Record,
    ends_at: i64,
}

impl Store {
    pub(super) fn new(clock: Clock, max_age: Duration) -> Self {
        let records = Cache::builder()
            .max_capacity(MOST)
            .time_to_live(max_age) // bounds what is kept; the clock judges what is valid
            .eviction_policy(EvictionPolicy::lru())
            .build();
        let max_age = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        Self {
            records,
            clock,
            max_age,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("sessions in memory")
    }
}

#[async_trait]
impl SessionStore for Store {
    /// A new id by create-if-absent.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let ends_at = self.clock.now().saturating_add(self.max_age);
        record.id = Id::default(); // never one that was there before, whoever made it up
        loop {
            let kept = Kept {
                record: record.clone(),
                ends_at,
            };
            let entry = self.records.entry(record.id).or_insert_with(|| kept);
            if entry.is_fresh() {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Replaces what is there; its end stays. What is gone stays gone.
    async fn save(&self, record: &Record) -> Result<()> {
        self.records
            .entry(record.id)
            .and_compute_with(|old| match old {
                Some(old) => {
                    let ends_at = old.into_value().ends_at;
                    Op::Put(Kept {
                        record: record.clone(),
                        ends_at,
                    })
                }
                None => Op::Nop,
            });
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(kept) = self.records.get(id) else {
            return Ok(None);
        };
        if kept.ends_at <= self.clock.now() {
            self.records.invalidate(id);
            return Ok(None);
        }
        Ok(Some(kept.record))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.records
            .entry_by_ref(id)
            .and_compute_with(|_| Op::Remove);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn record() -> Record {
        let (id, data) = Default::default();
        Record {
            id,
            data,
            expiry_date: OffsetDateTime::now_utc(),
        }
    }

    #[tokio::test]
    async fn a_session_that_was_ended_is_not_revived_by_a_late_save() {
        let store = Store::new(Clock::standing(), Duration::from_secs(60));
        let mut record = record();
        store.create(&mut record).await.unwrap();
        assert!(store.load(&record.id).await.unwrap().is_some());
        store.delete(&record.id).await.unwrap();
        store.save(&record).await.unwrap();
        assert!(store.load(&record.id).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_session_ends_by_the_clock_and_saving_does_not_prolong_it() {
        let clock = Clock::standing();
        let store = Store::new(clock.clone(), Duration::from_secs(60));
        let mut record = record();
        store.create(&mut record).await.unwrap();
        clock.advance(Duration::from_secs(59));
        store.save(&record).await.unwrap();
        assert!(store.load(&record.id).await.unwrap().is_some());
        clock.advance(Duration::from_secs(1));
        assert!(store.load(&record.id).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_id_that_is_taken_leads_to_another() {
        let store = Store::new(Clock::standing(), Duration::from_secs(60));
        let mut first = record();
        store.create(&mut first).await.unwrap();
        let mut second = first.clone();
        store.create(&mut second).await.unwrap();
        assert_ne!(first.id, second.id);
    }
}
