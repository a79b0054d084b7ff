//! Who is back from the provider: each one costs it and us some questions, so one address takes neither all places nor
//! all our time. Whose code was right is not counted.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::super::super::crowd::{Crowd, Guest};
use super::super::super::pace::{Buckets, Rate};
use super::super::Block;
use super::Trouble;

/// Codes exchanged at once.
const AT_ONCE: usize = 8;
/// Of these from one address, which may stand for an office.
const FROM_ONE: usize = 4;
/// Codes that came to nothing, from one address.
const IN_VAIN: Rate = Rate { a_second: 0.2, at_once: 20.0 };

/// Those whose codes are exchanged, and those whose codes came to nothing.
pub(super) struct Returns {
    places: Arc<Semaphore>,
    crowd: Arc<Crowd>,
    in_vain: Mutex<Buckets<Block>>,
}

impl Returns {
    pub(super) fn new() -> Returns {
        Returns {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            crowd: Arc::new(Crowd::new(FROM_ONE, Vec::new())),
            in_vain: Mutex::new(Buckets::new(IN_VAIN)),
        }
    }

    /// A place to ask the provider from; its code counts as one in vain until [`Returns::was_right`].
    ///
    /// # Errors
    /// None is left, to anybody or to that address.
    pub(super) fn place(&self, from: IpAddr, now: Instant) -> Result<Guest, Trouble> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Trouble::Busy)?;
        let guest = Guest::admitted(&self.crowd, from, place).ok_or(Trouble::Busy)?;
        // A gateway on this machine that nobody told us of stands for everybody: it must not shut all out.
        if !from.is_loopback() {
            self.in_vain().take(Block::of(from), now).map_err(|_| Trouble::Busy)?;
        }
        Ok(guest)
    }

    pub(super) fn was_right(&self, from: IpAddr) {
        self.in_vain().put_back(&Block::of(from));
    }

    fn in_vain(&self) -> MutexGuard<'_, Buckets<Block>> {
        self.in_vain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const STRANGER: &str = "203.0.113.7";
    const OFFICE: &str = "10.0.0.8";

    #[test]
    fn one_address_takes_half_of_the_places_and_gives_them_back() {
        let (returns, now) = (Returns::new(), Instant::now());
        let place = |from: &str| returns.place(from.parse().unwrap(), now);
        let strangers: Vec<Guest> = (0..FROM_ONE).map(|_| place(STRANGER).unwrap()).collect();
        assert_eq!(place(STRANGER).err(), Some(Trouble::Busy));
        let office: Vec<Guest> = (0..FROM_ONE).map(|_| place(OFFICE).unwrap()).collect();
        assert_eq!(place("10.0.0.9").err(), Some(Trouble::Busy), "all are taken");
        drop(office);
        assert!(place("10.0.0.9").is_ok() && place(STRANGER).is_err());
        drop(strangers);
        assert!(place(STRANGER).is_ok());
    }

    #[test]
    fn codes_in_vain_are_counted_by_address_and_right_ones_are_not() {
        let (returns, now) = (Returns::new(), Instant::now());
        let came = |from: &str, now| returns.place(from.parse().unwrap(), now).is_ok();
        assert_eq!((0..100).filter(|_| came(STRANGER, now)).count(), 20);
        assert!(!came(STRANGER, now) && came(OFFICE, now), "the others go on");
        assert!(
            came(STRANGER, now + Duration::from_secs(5)) && !came(STRANGER, now + Duration::from_secs(6))
        );
        for _ in 0..100 {
            assert!(came(OFFICE, now));
            returns.was_right(OFFICE.parse().unwrap());
        }
        assert_eq!((0..100).filter(|_| came("::1", now)).count(), 100, "a gateway that nobody named");
    }
}
