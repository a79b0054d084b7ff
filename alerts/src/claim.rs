//! Links with which an alert is taken from its mail: signed, for one alert and one group, for three days.
//!
//! Whoever holds such a link may take that alert and do nothing else. Following it changes nothing, since
//! mail scanners follow every link; the page behind it has a button that does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use crate::alert::AlertId;

/// A link works for so long.
const VALID: SignedDuration = SignedDuration::from_hours(72);
/// Bytes of the signature kept: 128 bits.
const MAC: usize = 16;

/// Signs and reads such links.
#[derive(Clone)]
pub struct Signer([u8; 32]);

/// Why a link is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// It was changed on the way, or is of another installation or another alert.
    #[error("the link is damaged or belongs to another alert; open the one in the mail again")]
    Forged,
    /// Its three days are over.
    #[error("the link has expired; take the alert on its page")]
    Expired,
}

impl Signer {
    /// Signs with a key of this installation.
    pub fn new(key: [u8; 32]) -> Signer {
        Signer(key)
    }

    /// What stands behind `k=` in the link of one group.
    pub fn token(&self, id: AlertId, group: &str, now: Timestamp) -> String {
        let expires = now.checked_add(VALID).unwrap_or(Timestamp::MAX).as_second().to_be_bytes();
        let mut token = self.mac(id, group, expires).finalize().into_bytes().to_vec();
        token.truncate(MAC);
        token.extend(expires);
        token.extend(group.as_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The group that a link was written to.
    ///
    /// # Errors
    /// A link that nobody of ours wrote, or that is too old.
    pub fn read(&self, id: AlertId, token: &str, now: Timestamp) -> Result<String, ClaimError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| ClaimError::Forged)?;
        let (mac, rest) = bytes.split_at_checked(MAC).ok_or(ClaimError::Forged)?;
        let (expires, group) = rest.split_first_chunk::<8>().ok_or(ClaimError::Forged)?;
        let group = std::str::from_utf8(group).map_err(|_| ClaimError::Forged)?;
        self.mac(id, group, *expires).verify_truncated_left(mac).map_err(|_| ClaimError::Forged)?;
        match i64::from_be_bytes(*expires) > now.as_second() {
            true => Ok(group.to_owned()),
            false => Err(ClaimError::Expired),
        }
    }

    fn mac(&self, id: AlertId, group: &str, expires: [u8; 8]) -> Hmac<Sha256> {
        // HMAC pads a key shorter than a block with zeros: padding it here needs no fallible call.
        let mut block = [0_u8; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(b"acknowledge\0");
        mac.update(id.to_string().as_bytes());
        mac.update(b"\0");
        mac.update(&expires);
        mac.update(group.as_bytes());
        mac
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_for_its_alert_its_group_and_its_time() {
        let (signer, now): (_, Timestamp) = (Signer::new([7; 32]), "2026-11-24T06:00:00Z".parse().unwrap());
        let id: AlertId = "20261124-03".parse().unwrap();
        let token = signer.token(id, "值班室", now);
        assert_eq!(signer.read(id, &token, now), Ok("值班室".to_owned()));
        assert_eq!(signer.read(id, &token, now + SignedDuration::from_hours(71)).unwrap(), "值班室");
        assert_eq!(signer.read(id, &token, now + VALID), Err(ClaimError::Expired));
        let other = AlertId { number: 4, ..id };
        assert_eq!(signer.read(other, &token, now), Err(ClaimError::Forged));
        assert_eq!(Signer::new([8; 32]).read(id, &token, now), Err(ClaimError::Forged));
        // Another group, or a later end, under the same signature.
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(signer.read(id, &URL_SAFE_NO_PAD.encode(changed), now), Err(ClaimError::Forged));
        }
        for cut in ["", "AAAA", &token[..20], "值班室", &format!("{token}A")] {
            assert_eq!(signer.read(id, cut, now), Err(ClaimError::Forged), "{cut}");
        }
    }
}
