//! The certificate of the pages: read from its two files, read again when they change. A new pair that is wrong is
//! told in the log, and the one before stays in force.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use crawler::words::Words;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tracing::{error, info};

use crate::daemon::{DaemonError, until};

/// The files are looked at that often.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A certificate in force. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Certificate {
    current: Arc<Current>,
    acceptor: TlsAcceptor,
    files: (PathBuf, PathBuf),
}

/// What handshakes are answered with.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// Which file is wrong, why, and what to do.
    pub(crate) fn read((cert, key): (&Path, &Path)) -> Result<Certificate, Words> {
        let current = Arc::new(Current(RwLock::new(Arc::new(pair(cert, key)?))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Words::same(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Current>::clone(&current));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Certificate { current, acceptor, files: (cert.to_owned(), key.to_owned()) })
    }

    /// Does handshakes with whatever is in force.
    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Reads the files again whenever they have changed, until the program stops.
    pub(super) async fn keep_fresh(self, stopped: watch::Receiver<bool>) -> Result<(), DaemonError> {
        let mut seen = self.stamp().await;
        while !*stopped.borrow() {
            tokio::select! { () = tokio::time::sleep(LOOK_EVERY) => {}, () = until(stopped.clone()) => break }
            let stamp = self.stamp().await;
            if stamp == seen {
                continue;
            }
            seen = stamp;
            let (cert, key) = self.files.clone();
            let read = tokio::task::spawn_blocking(move || pair(&cert, &key));
            match read.await.map_err(std::io::Error::other)? {
                Ok(pair) => {
                    *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                    info!("the certificate of the pages was read again");
                }
                Err(why) => error!(%why, "the new certificate of the pages is wrong; the one before stays"),
            }
        }
        Ok(())
    }

    /// By which a change of the files is seen.
    async fn stamp(&self) -> [Option<(SystemTime, u64)>; 2] {
        let (cert, key) = self.files.clone();
        let stamp = |path: &Path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        };
        tokio::task::spawn_blocking(move || [stamp(&cert), stamp(&key)]).await.unwrap_or_default()
    }
}

/// Certificate and key, which must belong together.
fn pair(cert: &Path, key: &Path) -> Result<CertifiedKey, Words> {
    let chain = chain(cert)?;
    let pem = std::fs::read(key).map_err(|error| wrong(key, "打不开", "cannot be read", &error))?;
    let key_der = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|error| wrong(key, "里没有私钥", "holds no private key", &error))?;
    CertifiedKey::from_der(chain, key_der, &default_provider())
        .map_err(|error| wrong(key, "和证书不是一对", "does not belong to the certificate", &error))
}

fn chain(cert: &Path) -> Result<Vec<CertificateDer<'static>>, Words> {
    let pem = std::fs::read(cert).map_err(|error| wrong(cert, "打不开", "cannot be read", &error))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(wrong(cert, "里没有证书", "holds no certificate", &"PEM")),
        Err(error) => Err(wrong(cert, "里没有证书", "holds no certificate", &error)),
    }
}

fn wrong(path: &Path, chinese: &str, english: &str, error: &dyn std::fmt::Display) -> Words {
    let path = path.display();
    Words::new(
        format!("{path} {chinese}（{error}）；guanlan cert 可以重新生成一对"),
        format!("{path} {english} ({error}); guanlan cert makes a new pair"),
    )
}

/// From when until when a certificate is good.
///
/// # Errors
/// A file that holds none.
pub(crate) fn validity(cert: &Path) -> Result<(jiff::Timestamp, jiff::Timestamp), Words> {
    let chain = chain(cert)?;
    let dates = chain.first().and_then(|first| dates(first));
    dates.ok_or_else(|| {
        wrong(cert, "里的证书看不出期限", "holds a certificate without readable dates", &"X.509")
    })
}

/// Walks to `Validity`: SEQUENCE { SEQUENCE { [0] version, serial, algorithm, issuer, SEQUENCE { from, to …
fn dates(der: &[u8]) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
    const VERSION: u8 = 0xa0;
    let (_, certificate, _) = element(der)?;
    let (_, body, _) = element(certificate)?;
    let (tag, _, after_version) = element(body)?;
    let mut rest = if tag == VERSION { after_version } else { body };
    for _ in ["serial", "algorithm", "issuer"] {
        (_, _, rest) = element(rest)?;
    }
    let (_, validity, _) = element(rest)?;
    let (from_tag, from, rest) = element(validity)?;
    let (to_tag, to, _) = element(rest)?;
    Some((moment(from_tag, from)?, moment(to_tag, to)?))
}

/// One element of DER: its tag, what is in it, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// `UTCTime` (two digits of the year) or `GeneralizedTime`, both in UTC.
fn moment(tag: u8, text: &[u8]) -> Option<jiff::Timestamp> {
    const UTC_TIME: u8 = 0x17;
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        UTC_TIME if text < "5" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => text.to_owned(),
    };
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(dir: &Path, name: &str, from: (i32, u8), to: (i32, u8)) -> (PathBuf, PathBuf) {
        let mut params = rcgen::CertificateParams::new(vec![format!("{name}.example")]).unwrap();
        params.not_before = rcgen::date_time_ymd(from.0, from.1, 1);
        params.not_after = rcgen::date_time_ymd(to.0, to.1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let paths = (dir.join(format!("{name}.crt")), dir.join(format!("{name}.key")));
        std::fs::write(&paths.0, params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(&paths.1, key.serialize_pem()).unwrap();
        paths
    }

    #[test]
    fn the_dates_of_a_certificate_are_read_in_both_spellings() {
        let dir = tempfile::tempdir().unwrap();
        let (cert, key) = made(dir.path(), "near", (2026, 11), (2028, 2));
        let (from, to) = validity(&cert).unwrap();
        assert_eq!(
            (from.to_string(), to.to_string()),
            ("2026-11-01T00:00:00Z".into(), "2028-02-01T00:00:00Z".into())
        );
        let (far, _) = made(dir.path(), "far", (1999, 1), (2061, 7));
        let (from, to) = validity(&far).unwrap();
        assert_eq!(
            (from.to_string(), to.to_string()),
            ("1999-01-01T00:00:00Z".into(), "2061-07-01T00:00:00Z".into())
        );
        assert!(validity(&key).is_err());
        let der = chain(&cert).unwrap().remove(0);
        for cut in 0..der.len().min(200) {
            assert!(dates(&der[..cut]).is_none(), "{cut}");
        }
    }

    #[test]
    fn a_pair_that_does_not_match_says_which_file_and_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) =
            (made(dir.path(), "one", (2026, 1), (2027, 1)), made(dir.path(), "two", (2026, 1), (2027, 1)));
        assert!(Certificate::read((&one.0, &one.1)).is_ok());
        let said = |cert: &Path, key: &Path| Certificate::read((cert, key)).err().unwrap().zh;
        assert!(said(&one.0, &two.1).contains("和证书不是一对"));
        assert!(said(&one.1, &one.1).contains("里没有证书"));
        assert!(said(&one.0, &one.0).contains("里没有私钥"));
        assert!(said(Path::new("/nowhere"), &one.1).contains("/nowhere 打不开"));
    }
}
