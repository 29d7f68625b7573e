//! What the provider remembers for a while: bounded, by the hash of a secret id, judged by `Clock`.

use aws_lc_rs::digest;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The SHA-256 of an id. The id itself, which opens something, is kept nowhere.
type Key = [u8; 32];

/// Values under ids that must not be guessed. When it is full, the oldest make room.
///
/// Every operation is atomic. Times are seconds since 1970.
pub(super) struct Store<V> {
    capacity: usize,
    inner: Mutex<Inner<V>>,
}

struct Inner<V> {
    entries: HashMap<Key, Entry<V>>,
    /// In the order of insertion; entries that are gone from the map stay until they are passed.
    order: VecDeque<(Key, u64)>,
    next_serial: u64,
}

struct Entry<V> {
    value: V,
    expires_at: i64,
    serial: u64,
}

/// A store that must not forget is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl<V> Store<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            inner: Mutex::new(Inner {
                entries: HashMap::new(),
                order: VecDeque::new(),
                next_serial: 0,
            }),
        }
    }

    /// Keeps a value until `expires_at`; drops the oldest when there is no room.
    pub(super) fn insert(&self, id: &str, value: V, expires_at: i64, now: i64) {
        let mut inner = self.lock();
        inner.drop_expired_front(now);
        while inner.entries.len() >= self.capacity && inner.drop_front() {}
        inner.push(key(id), value, expires_at);
    }

    /// Keeps a value until `expires_at`, but never drops one that has not expired.
    pub(super) fn insert_if_room(
        &self,
        id: &str,
        value: V,
        expires_at: i64,
        now: i64,
    ) -> Result<(), Full> {
        let mut inner = self.lock();
        if inner.entries.len() >= self.capacity {
            inner.entries.retain(|_, entry| entry.expires_at > now);
        }
        if inner.entries.len() >= self.capacity {
            return Err(Full);
        }
        inner.push(key(id), value, expires_at);
        Ok(())
    }

    /// Works on a value that has not expired, while nobody else does.
    pub(super) fn with<R>(&self, id: &str, now: i64, work: impl FnOnce(&mut V) -> R) -> Option<R> {
        let mut inner = self.lock();
        let entry = inner.entries.get_mut(&key(id))?;
        (entry.expires_at > now).then(|| work(&mut entry.value))
    }

    /// A copy of a value that has not expired.
    pub(super) fn get(&self, id: &str, now: i64) -> Option<V>
    where
        V: Clone,
    {
        self.with(id, now, |value| value.clone())
    }

    /// Whether there is a value that has not expired.
    pub(super) fn contains(&self, id: &str, now: i64) -> bool {
        self.with(id, now, |_| ()).is_some()
    }

    /// Takes a value out.
    pub(super) fn take(&self, id: &str) -> Option<V> {
        Some(self.lock().entries.remove(&key(id))?.value)
    }

    /// Takes all values out for which `goes` holds. Looks at every one.
    pub(super) fn take_where(&self, goes: impl Fn(&V) -> bool) -> Vec<V> {
        let mut inner = self.lock();
        let taken = inner.entries.extract_if(|_, entry| goes(&entry.value));
        taken.map(|(_, entry)| entry.value).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner<V>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Inner<V> {
    fn push(&mut self, key: Key, value: V, expires_at: i64) {
        let serial = self.next_serial;
        self.next_serial += 1;
        let entry = Entry {
            value,
            expires_at,
            serial,
        };
        self.entries.insert(key, entry);
        self.order.push_back((key, serial));
        if self.order.len() > 2 * self.entries.len() + 64 {
            let entries = &self.entries;
            self.order
                .retain(|(key, serial)| is_current(entries, key, *serial));
        }
    }

    fn drop_expired_front(&mut self, now: i64) {
        while let Some((key, serial)) = self.order.front() {
            let current = is_current(&self.entries, key, *serial);
            if current && self.entries[key].expires_at > now {
                return;
            }
            self.drop_front();
        }
    }

    /// Drops the oldest. False when there is none.
    fn drop_front(&mut self) -> bool {
        let Some((key, serial)) = self.order.pop_front() else {
            return false;
        };
        if is_current(&self.entries, &key, serial) {
            self.entries.remove(&key);
        }
        true
    }
}

fn is_current<V>(entries: &HashMap<Key, Entry<V>>, key: &Key, serial: u64) -> bool {
    entries.get(key).is_some_and(|entry| entry.serial == serial)
}

fn key(id: &str) -> Key {
    let digest = digest::digest(&digest::SHA256, id.as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(digest.as_ref()); // SHA-256 has 32 bytes
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_there_until_it_expires() {
        let store = Store::new(10);
        store.insert("a", 1, 100, 0);
        assert_eq!((store.get("a", 99), store.get("b", 99)), (Some(1), None));
        assert_eq!(store.get("a", 100), None);
    }

    #[test]
    fn the_oldest_make_room_and_memory_stays_bounded() {
        let store = Store::new(3);
        for number in 0..10_000 {
            store.insert(&number.to_string(), number, 100, 0);
            store.take("7");
        }
        assert_eq!(store.get("9996", 0), None);
        assert_eq!(store.get("9997", 0), Some(9997));
        let inner = store.lock();
        assert!(inner.entries.len() == 3 && inner.order.len() <= 80);
    }

    #[test]
    fn one_that_is_written_again_is_young_again() {
        let store = Store::new(2);
        store.insert("a", 1, 100, 0);
        store.insert("b", 1, 100, 0);
        store.insert("a", 2, 100, 0);
        store.insert("c", 1, 100, 0);
        assert_eq!(store.get("c", 0), Some(1));
        assert_eq!(store.lock().entries.len(), 2);
    }

    #[test]
    fn a_store_that_must_not_forget_says_that_it_is_full() {
        let store = Store::new(2);
        assert_eq!(store.insert_if_room("a", (), 50, 0), Ok(()));
        assert_eq!(store.insert_if_room("b", (), 100, 0), Ok(()));
        assert_eq!(store.insert_if_room("c", (), 100, 0), Err(Full));
        assert_eq!(store.insert_if_room("c", (), 100, 60), Ok(()));
        assert!(!store.contains("a", 60) && store.contains("b", 60) && store.contains("c", 60));
    }

    #[test]
    fn of_many_who_take_at_once_one_succeeds() {
        let store = Store::new(2);
        store.insert("a", false, 100, 0);
        let wins = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..100)
                .map(|_| {
                    scope.spawn(|| store.with("a", 0, |spent| !std::mem::replace(spent, true)))
                })
                .collect();
            takers
                .into_iter()
                .map(|taker| taker.join().unwrap())
                .filter(|won| *won == Some(true))
                .count()
        });
        assert_eq!(wins, 1);
    }
}
