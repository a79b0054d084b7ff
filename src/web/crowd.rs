//! Places of which one address, or one network of IPv6, takes no more than its share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

use super::access::Block;

/// Who is here.
pub(super) struct Crowd {
    /// So many at once from one address, which may stand for an office.
    share: usize,
    from: Mutex<HashMap<Block, usize>>,
    /// These stand for everybody.
    gateways: Vec<IpAddr>,
}

impl Crowd {
    /// Nobody yet.
    pub(super) fn new(share: usize, gateways: Vec<IpAddr>) -> Crowd {
        Crowd { share, from: Mutex::default(), gateways }
    }
}

/// A place that is free again when dropped.
pub(super) struct Guest {
    crowd: Arc<Crowd>,
    block: Block,
    _place: OwnedSemaphorePermit,
}

impl Guest {
    /// A place, unless this address, or its network of IPv6, has enough of them. An address of IPv4 is the same one
    /// when a socket of IPv6 writes it.
    pub(super) fn admitted(
        crowd: &Arc<Crowd>,
        address: IpAddr,
        place: OwnedSemaphorePermit,
    ) -> Option<Guest> {
        let (address, block) = (address.to_canonical(), Block::of(address));
        let mut from = crowd.from.lock().unwrap_or_else(PoisonError::into_inner);
        let count = from.entry(block).or_insert(0);
        let is_gateway = address.is_loopback() || crowd.gateways.contains(&address);
        if *count >= crowd.share && !is_gateway {
            return None;
        }
        *count += 1;
        drop(from);
        Some(Guest { crowd: Arc::clone(crowd), block, _place: place })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut from = self.crowd.from.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = from.get_mut(&self.block) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                from.remove(&self.block);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    const MOST: usize = 1024;
    const FROM_ONE: usize = 128;

    #[tokio::test]
    async fn one_network_does_not_take_all_places_however_its_addresses_are_written() {
        let places = Arc::new(Semaphore::new(MOST));
        let crowd = Arc::new(Crowd::new(FROM_ONE, vec!["10.0.0.2".parse().unwrap()]));
        let guest = |address: &str| {
            let place = Arc::clone(&places).try_acquire_owned().unwrap();
            Guest::admitted(&crowd, address.parse().unwrap(), place)
        };
        let network: Vec<Guest> =
            (0..FROM_ONE).map(|number| guest(&format!("2001:db8::{number:x}")).unwrap()).collect();
        assert!(guest("2001:db8::ffff:1").is_none() && guest("2001:db8:0:1::1").is_some());
        let mapped: Vec<Guest> = (0..FROM_ONE).map(|_| guest("::ffff:203.0.113.7").unwrap()).collect();
        assert!(guest("203.0.113.7").is_none() && guest("::ffff:203.0.113.8").is_some());
        let through: Vec<Guest> = (0..FROM_ONE + 1).map(|_| guest("::ffff:10.0.0.2").unwrap()).collect();
        drop((network, mapped, through));
        assert!(crowd.from.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn one_address_does_not_take_all_places() {
        let places = Arc::new(Semaphore::new(MOST));
        let gateway: IpAddr = "10.0.0.2".parse().unwrap();
        let crowd = Arc::new(Crowd::new(FROM_ONE, vec![gateway]));
        let guest = |address: IpAddr| {
            Guest::admitted(&crowd, address, Arc::clone(&places).try_acquire_owned().unwrap())
        };
        let other: IpAddr = "203.0.113.7".parse().unwrap();
        let mut guests: Vec<Guest> = (0..FROM_ONE).map(|_| guest(other).unwrap()).collect();
        assert!(guest(other).is_none());
        let through: Vec<Guest> = (0..FROM_ONE + 1).map(|_| guest(gateway).unwrap()).collect();
        assert!(guest("203.0.113.8".parse().unwrap()).is_some());
        guests.pop();
        assert!(guest(other).is_some());
        drop((guests, through));
        assert!(crowd.from.lock().unwrap().is_empty(), "who is gone is forgotten");
        assert_eq!(places.available_permits(), MOST);
    }
}
