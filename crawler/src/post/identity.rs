//! Where post ids come from, and the key that keeps individuals' addresses unreadable.
//! Nothing else makes an id; nothing here reads a clock or a setting.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{PostId, Publisher};

/// What tells one post from another, best first.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// The source's own name for the post: a feed's guid, an export's `id`.
    Guid {
        /// Id of the source.
        source: &'a str,
        /// Unique within that source.
        guid: &'a str,
    },
    /// The canonical address ([`crate::address::canonical`]).
    Address(&'a str),
    /// Nothing better is known: the same words from the same source at the same moment are the same post.
    Content {
        /// Id of the source.
        source: &'a str,
        /// Publication time.
        time: Timestamp,
        /// Title as it came.
        title: &'a str,
        /// Text as it came.
        text: &'a str,
    },
}

impl PostId {
    /// The id of a post. An individual's is hashed with the installation's key, so that nobody who
    /// reads the archive can find out whether a given address is in it.
    pub fn new(identity: Identity<'_>, publisher: Publisher, key: &IdKey) -> PostId {
        let digest: [u8; 32] = match publisher {
            Publisher::Individual => {
                let mut hash = key.hmac();
                identity.feed(&mut |bytes| hash.update(bytes));
                hash.finalize().into_bytes().into()
            }
            Publisher::Media | Publisher::Gov | Publisher::Platform => {
                let mut hash = Sha256::new();
                identity.feed(&mut |bytes| Digest::update(&mut hash, bytes));
                hash.finalize().into()
            }
        };
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        PostId(id)
    }

    /// Its beginning: enough to tell whether an address was seen, where a mistake costs little.
    pub(crate) fn short(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl Identity<'_> {
    /// Each part goes in with its length, so that no two identities run into the same bytes.
    fn feed(&self, hash: &mut dyn FnMut(&[u8])) {
        let mut part = |bytes: &[u8]| {
            hash(&(bytes.len() as u64).to_be_bytes());
            hash(bytes);
        };
        match self {
            Identity::Guid { source, guid } => {
                part(b"guid");
                part(source.as_bytes());
                part(guid.as_bytes());
            }
            Identity::Address(address) => {
                part(b"address");
                part(address.as_bytes());
            }
            Identity::Content { source, time, title, text } => {
                part(b"content");
                part(source.as_bytes());
                part(&time.as_millisecond().to_be_bytes());
                part(title.as_bytes());
                part(text.as_bytes());
            }
        }
    }
}

/// The installation's secret for [`PostId::new`]: file `key` in the data folder.
#[derive(Clone)]
pub struct IdKey([u8; 32]);

/// Why the key could not be read or made.
#[derive(Debug, Error)]
pub enum IdKeyError {
    /// The file is there but is no key of ours.
    #[error(
        "{path} holds {found} bytes instead of 32, so it is not the key of this data folder; \
         put the right file back, or remove it together with posts.db to start anew"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Its length.
        found: usize,
    },
    /// The file could not be read or written.
    #[error("cannot read or make the key {path}: {source}; the data folder must be writable by this account")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for the key {path}")]
    NoRandomness {
        /// The file that was to be made.
        path: PathBuf,
    },
}

impl IdKey {
    /// A key known in advance: for the demo and for tests, whose runs must be equal byte for byte.
    pub fn fixed(bytes: [u8; 32]) -> IdKey {
        IdKey(bytes)
    }

    /// The key of this data folder, made on first use and readable by its owner only.
    pub fn load_or_create(data_dir: &Path) -> Result<IdKey, IdKeyError> {
        let path = data_dir.join("key");
        match fs::read(&path) {
            Ok(bytes) => {
                let found = bytes.len();
                bytes.try_into().map(IdKey).map_err(|_| IdKeyError::Malformed { path, found })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(&path),
            Err(source) => Err(IdKeyError::Io { path, source }),
        }
    }

    /// A key for another purpose, from which this one cannot be found.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        let mut hash = self.hmac();
        hash.update(b"derived\0");
        hash.update(purpose.as_bytes());
        hash.finalize().into_bytes().into()
    }

    fn hmac(&self) -> Hmac<Sha256> {
        // HMAC pads a key shorter than a block with zeros: padding it here needs no fallible call.
        let mut block = [0_u8; 64];
        block[..32].copy_from_slice(&self.0);
        Hmac::<Sha256>::new(&block.into())
    }
}

impl std::fmt::Debug for IdKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdKey(…)")
    }
}

/// Writes the key beside its place and renames it, so that a crash never leaves half a key.
fn create(path: &Path) -> Result<IdKey, IdKeyError> {
    let mut bytes = [0; 32];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| IdKeyError::NoRandomness { path: path.to_path_buf() })?;
    let draft = path.with_extension("new");
    let written = (|| {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    })();
    written.map_err(|source| IdKeyError::Io { path: path.to_path_buf(), source })?;
    Ok(IdKey(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn id(identity: Identity<'_>, publisher: Publisher) -> PostId {
        PostId::new(identity, publisher, &IdKey::fixed(KEY))
    }

    #[test]
    fn an_id_depends_on_every_part_and_on_nothing_else() {
        let guid = Identity::Guid { source: "weibo", guid: "1" };
        assert_eq!(id(guid, Publisher::Media), id(guid, Publisher::Gov));
        let others = [
            Identity::Guid { source: "weibo", guid: "2" },
            Identity::Guid { source: "weib", guid: "o1" },
            Identity::Address("weibo1"),
            Identity::Content { source: "weibo", time: Timestamp::UNIX_EPOCH, title: "1", text: "" },
        ];
        for other in others {
            assert_ne!(id(guid, Publisher::Media), id(other, Publisher::Media), "{other:?}");
        }
    }

    #[test]
    fn an_individuals_id_is_keyed_and_a_mediums_is_not() {
        let address = Identity::Address("https://bbs.example/t/1");
        let other = IdKey::fixed([8; 32]);
        assert_ne!(id(address, Publisher::Individual), PostId::new(address, Publisher::Individual, &other));
        assert_eq!(id(address, Publisher::Media), PostId::new(address, Publisher::Media, &other));
        assert_ne!(id(address, Publisher::Individual), id(address, Publisher::Media));
    }

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let first = IdKey::load_or_create(dir.path()).unwrap();
        let second = IdKey::load_or_create(dir.path()).unwrap();
        assert_eq!(first.0, second.0);
        assert_ne!(first.0, [0; 32]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join("key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(format!("{first:?}"), "IdKey(…)");
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("key"), b"short").unwrap();
        let error = IdKey::load_or_create(dir.path()).unwrap_err();
        assert!(error.to_string().contains("holds 5 bytes instead of 32"), "{error}");
    }
}
