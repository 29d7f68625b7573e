//! Which sign-ins were started, in order, and from where: whose goes where there are too many.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

/// How many starts are kept in all; the oldest go first.
pub(super) const IN_ALL: usize = 20_000;
/// How many of them may be of one address. Its own oldest goes then, though others have older ones: who starts
/// sign-ins without end takes nobody else's place. It is as late as that since an office sits behind one.
pub(super) const AN_ADDRESS: usize = 10_000;

/// The last starts, finished or not.
#[derive(Default)]
pub(super) struct Starts {
    order: VecDeque<Start>,
    by_address: HashMap<IpAddr, usize>,
}

/// A sign-in that was started.
pub(super) struct Start {
    /// From where; of IPv6, the network.
    pub(super) address: IpAddr,
    pub(super) browser: String,
    pub(super) state: String,
}

impl Starts {
    /// Adds one, and returns the one that goes for it.
    pub(super) fn add(&mut self, start: Start) -> Option<Start> {
        let address = start.address;
        let of_address = self.by_address.entry(address).or_default();
        *of_address += 1;
        let are_too_many = *of_address > AN_ADDRESS;
        self.order.push_back(start);
        let place = if are_too_many {
            self.order.iter().position(|one| one.address == address)?
        } else if self.order.len() > IN_ALL {
            0
        } else {
            return None;
        };
        let gone = self.order.remove(place)?;
        if let Some(count) = self.by_address.get_mut(&gone.address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&gone.address);
            }
        }
        Some(gone)
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
        assert!(starts.add(start([192, 0, 2, 1], 0)).is_none());
        for number in 0..AN_ADDRESS {
            assert!(starts.add(start([198, 51, 100, 1], number)).is_none());
        }
        for number in 0..AN_ADDRESS {
            let gone = starts.add(start([198, 51, 100, 1], number)).unwrap();
            assert_eq!(gone.state, number.to_string());
            assert_eq!(gone.address, IpAddr::from([198, 51, 100, 1]));
        }
    }

    #[test]
    fn sec_com_21_many_addresses_are_kept_no_longer_than_their_starts() {
        let mut starts = Starts::default();
        let many = u32::try_from(3 * IN_ALL).unwrap();
        let gone = (0..many).filter_map(|number| starts.add(start(number.to_be_bytes(), 0)));
        assert_eq!(gone.count(), 2 * IN_ALL);
        assert_eq!(
            (starts.order.len(), starts.by_address.len()),
            (IN_ALL, IN_ALL)
        );
    }
}
