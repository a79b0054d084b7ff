//! What is replayed: stored posts, or files as `guanlan import` reads them. Files go into a store that is thrown
//! away, since evidence is read from a store.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use analyzer::duplicate::Duplicates;
use crawler::archive::{Archive, ArchiveError, Observation};
use crawler::category::CategoryCount;
use crawler::format::Room;
use crawler::format::file::{self, Defaults, Item, heartbeats};
use crawler::post::{IdKey, Post, Publisher, Stored};
use crawler::source::Source;
use crawler::words::Words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tempfile::TempDir;

use crate::lookout::evidence_between;

/// Posts stored in one transaction.
const BATCH: usize = 5_000;
/// Near-duplicates are looked for within this much memory, as when posts come in live.
const DUPLICATE_BYTES: usize = 64 << 20;
/// The ids of a replay need no secret, only to be the same every time.
const KEY: [u8; 32] = *b"guanlan backtest: no secret.....";

/// Files to replay.
pub(crate) struct Files {
    /// Posts.
    pub posts: Vec<PathBuf>,
    /// Moments at which a source was really looked at: the source where lines name none, and the file.
    pub heartbeats: Vec<(String, PathBuf)>,
    /// Field names to read under another name: (theirs, ours).
    pub rename: Vec<(String, String)>,
    /// Who speaks in sources that are not configured.
    pub publisher: Publisher,
    /// Zone of times that name none.
    pub zone: TimeZone,
    /// Posts that claim to be later than now are mistakes.
    pub now: Timestamp,
}

/// Everything that is replayed, each list in order of time.
pub(crate) struct Material {
    /// Posts.
    pub posts: Vec<Stored>,
    /// Visits.
    pub observations: Vec<Observation>,
    /// Reported counts.
    pub counts: Vec<CategoryCount>,
    /// Where evidence is read from.
    pub archive: Archive,
    /// Lines that were no posts.
    pub rejected: usize,
    scratch: TempDir,
}

/// Why there is nothing to replay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MaterialError {
    /// A file that can't be read.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: Words,
    },
    /// The store.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A folder for what is thrown away.
    #[error("a temporary folder: {0}")]
    Scratch(#[from] std::io::Error),
}

impl Material {
    /// What a data folder holds of that time. Nothing in it is changed.
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) fn stored(folder: &Path, from: Timestamp, to: Timestamp) -> Result<Material, MaterialError> {
        let archive = Archive::open_read_only(folder)?;
        Ok(Material {
            posts: evidence_between(&archive, from, to)?,
            observations: archive.observations(from, to)?,
            counts: archive.category_counts(from, to)?,
            archive,
            rejected: 0,
            scratch: tempfile::tempdir()?,
        })
    }

    /// What files hold of that time; sources that are configured bear their configured group and publisher.
    ///
    /// # Errors
    /// A file that can't be read, or what the store answers.
    pub(crate) fn read(
        files: &Files,
        sources: &[Source],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Material, MaterialError> {
        let scratch = tempfile::tempdir()?;
        let archive = Archive::open(scratch.path())?;
        let (mut posts, mut rejected) = (Vec::new(), 0);
        for path in &files.posts {
            rejected += read_posts(path, files, &mut posts)?;
        }
        posts.retain(|post| from <= post.time && post.time < to);
        posts.sort_by(|a, b| (a.time, &a.source, a.id).cmp(&(b.time, &b.source, b.id)));
        for post in &mut posts {
            if let Some(source) = sources.iter().find(|source| source.id == post.source) {
                post.group.clone_from(&source.group);
                post.publisher = source.publisher;
            }
        }
        let mut duplicates = Duplicates::new(DUPLICATE_BYTES);
        let mut stored = Vec::with_capacity(posts.len());
        for batch in posts.chunks(BATCH) {
            stored.extend(archive.append(batch, &mut |post| duplicates.assign(post))?.stored);
        }
        let mut observations = Vec::new();
        for (source, path) in &files.heartbeats {
            let read = heartbeats::read(open(path)?, source, &files.zone, files.now);
            observations.extend(read.map_err(|error| at(path, error.words()))?.observations);
        }
        observations.retain(|seen| from <= seen.at && seen.at < to);
        observations.sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
        Ok(Material { posts: stored, observations, counts: Vec::new(), archive, rejected, scratch })
    }

    /// Where counts and alerts of the replay may lie.
    pub(crate) fn scratch(&self) -> &Path {
        self.scratch.path()
    }
}

fn read_posts(path: &Path, files: &Files, posts: &mut Vec<Post>) -> Result<usize, MaterialError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let defaults = Defaults {
        source: name.split(['_', '.']).next().unwrap_or("import").to_owned(),
        source_from_line: true,
        ahead_is_claim: false,
        group: None,
        publisher: files.publisher,
        rename: files.rename.clone(),
        zone: files.zone.clone(),
        masks: Default::default(),
        key: IdKey::fixed(KEY),
        text_bytes: Room::default().text_bytes,
    };
    let mut rejected = 0;
    file::read(open(path)?, &defaults, files.now, &mut |item| match item {
        Item::Post(mut post) => {
            post.first_seen = post.time;
            posts.push(*post);
        }
        Item::Rejected { .. } => rejected += 1,
    })
    .map_err(|error| at(path, error.words()))?;
    Ok(rejected)
}

fn open(path: &Path) -> Result<BufReader<File>, MaterialError> {
    File::open(path).map(BufReader::new).map_err(|error| at(path, Words::same(error.to_string())))
}

fn at(path: &Path, why: Words) -> MaterialError {
    MaterialError::File { path: path.to_owned(), why }
}
