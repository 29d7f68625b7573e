//! Which sign-ins wait, in the order of their starts, and from where: whose goes where there are too many.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
};

/// How many wait in all; the oldest go first.
pub(super) const IN_ALL: usize = 20_000;
/// How many of them may be of one address. Its own oldest goes then, though others have older ones: who starts
/// sign-ins without end takes nobody else's place. It is as late as that since an office sits behind one.
pub(super) const AN_ADDRESS: usize = 10_000;

/// The sign-ins that wait, by the numbers of their starts.
#[derive(Default)]
pub(super) struct Starts {
    last: u64,
    all: BTreeMap<u64, Start>,
    by_address: HashMap<IpAddr, BTreeSet<u64>>,
}

/// A sign-in that was started.
pub(super) struct Start {
    /// From where; of IPv6, the network.
    pub(super) address: IpAddr,
    pub(super) browser: String,
    pub(super) state: String,
}

impl Starts {
    /// Adds one. Its number, and the one that goes for it.
    pub(super) fn add(&mut self, start: Start) -> (u64, Option<Start>) {
        self.last += 1;
        let number = self.last;
        let own = self.by_address.entry(start.address).or_default();
        own.insert(number);
        let first_own = own.first().filter(|_| own.len() > AN_ADDRESS).copied();
        self.all.insert(number, start);
        let first = self.all.first_key_value();
        let first = first.filter(|_| self.all.len() > IN_ALL);
        let goes = first_own.or(first.map(|(number, _)| *number));
        (number, goes.and_then(|number| self.end(number)))
    }

    /// One waits no more.
    pub(super) fn end(&mut self, number: u64) -> Option<Start> {
        let ended = self.all.remove(&number)?;
        if let Some(own) = self.by_address.get_mut(&ended.address) {
            own.remove(&number);
            if own.is_empty() {
                self.by_address.remove(&ended.address);
            }
        }
        Some(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(address: [u8; 4], number: usize) -> Start {
        Start {
            address: address.into(),
            browser: String::new(),
            state: number.to_string(),
        }
    }

    #[test]
    fn sec_com_21_an_address_that_has_its_share_loses_its_own_oldest() {
        let mut starts = Starts::default();
        assert!(starts.add(start([192, 0, 2, 1], 0)).1.is_none());
        for number in 0..AN_ADDRESS {
            assert!(starts.add(start([198, 51, 100, 1], number)).1.is_none());
        }
        for number in 0..AN_ADDRESS {
            let gone = starts.add(start([198, 51, 100, 1], number)).1.unwrap();
            assert_eq!(gone.state, number.to_string());
            assert_eq!(gone.address, IpAddr::from([198, 51, 100, 1]));
        }
    }

    #[test]
    fn sec_com_21_many_addresses_are_kept_no_longer_than_their_starts() {
        let mut starts = Starts::default();
        let many = u32::try_from(3 * IN_ALL).unwrap();
        let gone = (0..many).filter_map(|number| starts.add(start(number.to_be_bytes(), 0)).1);
        assert_eq!(gone.count(), 2 * IN_ALL);
        assert_eq!(
            (starts.all.len(), starts.by_address.len()),
            (IN_ALL, IN_ALL)
        );
    }
}
