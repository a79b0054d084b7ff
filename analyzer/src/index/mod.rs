//! The search index: derived from the archive, safe to delete, rebuilt by itself when damaged.
//!
//! The folder holds one version per subfolder (`v1`, `v2` …) and a file `current` naming the one in use;
//! a new version is built beside it and takes its place in one step. One process writes, others read.

mod as_of;
mod collect;
mod compile;
mod facets;
mod found;
mod order;
mod purge;
mod schema;
mod search;
mod series;
mod tokens;
mod weight;
mod writer;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::{IndexReader, ReloadPolicy, Searcher};

pub use as_of::{AsOf, Unreadable};
pub use facets::ByConcern;
pub use order::After;
pub use search::{Bar, Counted, Hit, Options, Results, Sort};
pub use writer::IndexWriter;

use crate::segment::Segmenter;
use facets::Facets;
use schema::Fields;

/// What can go wrong with the index. The archive is never in danger.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There is no index to read yet.
    #[error("there is no search index in {}; run `guanlan reindex` or start `guanlan run`", .0.display())]
    Missing(PathBuf),
    /// Somebody else writes it.
    #[error("another process writes the search index in {}; ask that one, or stop it first", .0.display())]
    Busy(PathBuf),
    /// The disk refused.
    #[error("the search index in {} could not be read or written: {error}", .path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The disk is full, or the index is damaged or of another version: `guanlan reindex` builds it anew.
    #[error("the search index failed: {0}; free space if the disk is full, otherwise run `guanlan reindex`")]
    Failed(#[from] tantivy::TantivyError),
}

/// A handle to the index; cloning it is cheap. All clones see a new version as soon as it is in use.
#[derive(Clone)]
pub struct Index {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    segmenter: Segmenter,
    current: RwLock<Arc<Version>>,
    /// Which posts belong to which concern, as far as it was worked out.
    facets: Facets,
}

struct Version {
    number: u64,
    tantivy: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
}

impl Index {
    /// Opens the index for the process that writes it. A missing or damaged one is begun anew and empty:
    /// `committed_sequence` is then 0, and the caller feeds it from the archive as after any restart.
    pub fn open_or_create(folder: &Path, segmenter: &Segmenter) -> Result<Index, IndexError> {
        fs::create_dir_all(folder).map_err(|error| disk(folder, error))?;
        let current = read_current(folder)?;
        let opened = current.map(|number| (number, Version::open(folder, number, segmenter)));
        let version = match opened {
            Some((_, Ok(version))) => version,
            Some((number, Err(error))) => {
                tracing::warn!(index.version = number, %error, "search index is damaged; building it anew");
                Version::begin(folder, highest(folder) + 1, segmenter)?
            }
            None => Version::begin(folder, highest(folder) + 1, segmenter)?,
        };
        if current != Some(version.number) {
            write_current(folder, version.number)?;
        }
        Ok(Index::new(folder, segmenter, version))
    }

    /// Opens the index to read beside the process that writes it, as of its last commit.
    pub fn open(folder: &Path, segmenter: &Segmenter) -> Result<Index, IndexError> {
        let current = || read_current(folder)?.ok_or_else(|| IndexError::Missing(folder.to_owned()));
        let number = current()?;
        let version = Version::open(folder, number, segmenter).or_else(|error| match current()? {
            // A new version took this one's place just now.
            fresh if fresh != number => Version::open(folder, fresh, segmenter),
            _ => Err(error),
        })?;
        Ok(Index::new(folder, segmenter, version))
    }

    /// The one writer; a second one is refused while it lives. Removes versions no longer in use.
    pub fn writer(&self) -> Result<IndexWriter, IndexError> {
        let version = self.version();
        let writer = IndexWriter::new(self.clone(), version.clone())?;
        self.remove_others(version.number);
        Ok(writer)
    }

    /// A writer of a new, empty version beside the one in use. Feed it the whole archive, then
    /// [`IndexWriter::make_current`] puts it in the other's place. Searches and the old writer go on meanwhile.
    pub fn rebuild(&self) -> Result<IndexWriter, IndexError> {
        let Shared { folder, segmenter, .. } = &*self.shared;
        let version = Version::begin(folder, highest(folder) + 1, segmenter)?;
        IndexWriter::new(self.clone(), Arc::new(version))
    }

    /// Sequence number of the last post that is searchable; 0 if there is none.
    pub fn committed_sequence(&self) -> u64 {
        self.version().committed_sequence()
    }

    /// Posts that can be found; an edited post counts once.
    pub fn count(&self) -> u64 {
        self.version().reader.searcher().num_docs()
    }

    /// Segments of the version in use: many of them mean that commits outrun merges.
    pub fn segments(&self) -> usize {
        self.version().reader.searcher().segment_readers().len()
    }

    /// Takes up what another process has committed since.
    pub fn refresh(&self) -> Result<(), IndexError> {
        let number = read_current(&self.shared.folder)?;
        let version = self.version();
        match number {
            Some(number) if number != version.number => {
                self.replace(Arc::new(Version::open(&self.shared.folder, number, &self.shared.segmenter)?));
            }
            _ => version.reader.reload()?,
        }
        Ok(())
    }

    fn new(folder: &Path, segmenter: &Segmenter, version: Version) -> Index {
        let shared = Shared {
            folder: folder.to_owned(),
            segmenter: segmenter.clone(),
            current: RwLock::new(Arc::new(version)),
            facets: Facets::default(),
        };
        Index { shared: Arc::new(shared) }
    }

    fn version(&self) -> Arc<Version> {
        self.shared.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, version: Arc<Version>) {
        *self.shared.current.write().unwrap_or_else(PoisonError::into_inner) = version;
    }

    /// Readers that still hold files of an old version keep them until they are done.
    fn remove_others(&self, kept: u64) {
        for number in versions(&self.shared.folder).into_iter().filter(|&number| number != kept) {
            let folder = self.shared.folder.join(format!("v{number}"));
            if let Err(error) = fs::remove_dir_all(&folder) {
                tracing::warn!(index.version = number, %error, "an old search index could not be removed");
            }
        }
    }
}

/// Names of the fields that the index keeps of a post, for `guanlan privacy`.
pub fn fields() -> Vec<String> {
    let schema = schema::schema().0;
    schema.fields().map(|(_, field)| field.name().to_owned()).collect()
}

impl Version {
    fn begin(folder: &Path, number: u64, segmenter: &Segmenter) -> Result<Version, IndexError> {
        let path = folder.join(format!("v{number}"));
        fs::create_dir_all(&path).map_err(|error| disk(&path, error))?;
        Version::new(number, tantivy::Index::create_in_dir(&path, schema::schema().0)?, segmenter)
    }

    fn open(folder: &Path, number: u64, segmenter: &Segmenter) -> Result<Version, IndexError> {
        let tantivy = tantivy::Index::open_in_dir(folder.join(format!("v{number}")))?;
        if tantivy.schema() != schema::schema().0 {
            let message = "made by another version of the program".to_owned();
            return Err(tantivy::TantivyError::SchemaError(message).into());
        }
        Version::new(number, tantivy, segmenter)
    }

    fn new(number: u64, mut tantivy: tantivy::Index, segmenter: &Segmenter) -> Result<Version, IndexError> {
        tantivy.set_tokenizers(schema::tokenizers(segmenter));
        // Reloaded by the writer after each commit, so that what is searchable does not hang on a timer.
        let reader = tantivy.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Version { number, tantivy, reader, fields: schema::schema().1 })
    }

    fn committed_sequence(&self) -> u64 {
        let payload = self.tantivy.load_metas().ok().and_then(|metas| metas.payload);
        payload.and_then(|payload| payload.parse().ok()).unwrap_or(0)
    }

    fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }
}

fn read_current(folder: &Path) -> Result<Option<u64>, IndexError> {
    let path = folder.join("current");
    match fs::read_to_string(&path) {
        // An unreadable name counts as none: the index is then begun anew.
        Ok(name) => Ok(name.trim().strip_prefix('v').and_then(|number| number.parse().ok())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(disk(&path, error)),
    }
}

/// Written beside and renamed: a crash leaves the old name or the new one.
fn write_current(folder: &Path, number: u64) -> Result<(), IndexError> {
    let (path, fresh) = (folder.join("current"), folder.join("current.new"));
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&fresh)?;
        writeln!(file, "v{number}")?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| disk(&path, error))
}

fn versions(folder: &Path) -> Vec<u64> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_prefix('v')?.parse().ok();
    entries.filter_map(number).collect()
}

fn highest(folder: &Path) -> u64 {
    versions(folder).into_iter().max().unwrap_or(0)
}

fn disk(path: &Path, error: std::io::Error) -> IndexError {
    IndexError::Disk { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests;
