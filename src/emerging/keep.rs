//! What of topics outlives a restart: the counts of posts, and the classes that were muted by command. Hot lists
//! bring so little that they are counted anew from the store.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use analyzer::topics::{Settings, Topics};
use tracing::warn;

/// Files in the data folder: the counts, and the classes muted by command, one a line.
const SNAPSHOT: &str = "topics.snapshot";
const MUTED: &str = "topics.muted";

/// The two files.
pub(super) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// Those of a data folder.
    pub(super) fn of(folder: &Path) -> Kept {
        Kept { folder: folder.to_owned() }
    }

    /// Writes the counts into a new file and puts it in the old one's place.
    pub(super) fn save(&self, topics: &Topics) -> io::Result<()> {
        let path = self.folder.join(SNAPSHOT);
        let fresh = path.with_extension("snapshot.new");
        let mut out = BufWriter::new(File::create(&fresh)?);
        topics.write(&mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        std::fs::rename(&fresh, &path)
    }

    /// The counts, if there are any that can be gone on with.
    pub(super) fn counts(&self, settings: &Settings) -> Option<Topics> {
        let file = File::open(self.folder.join(SNAPSHOT)).ok()?;
        match Topics::read(&mut BufReader::new(file), settings) {
            Ok(kept) => kept,
            Err(error) => {
                warn!(%error, "the kept counts of topics cannot be read and are counted anew");
                None
            }
        }
    }

    /// Classes muted by command; none where nobody did.
    pub(super) fn muted(&self) -> BTreeSet<String> {
        let lines = std::fs::read_to_string(self.folder.join(MUTED)).unwrap_or_default();
        lines.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    }

    /// Writes the classes.
    pub(super) fn mute(&self, classes: &BTreeSet<String>) -> Result<(), String> {
        let lines: String = classes.iter().map(|name| format!("{name}\n")).collect();
        let path = self.folder.join(MUTED);
        std::fs::write(&path, lines).map_err(|error| format!("{}: {error}", path.display()))
    }
}
