//! One folder of the semi-synthetic benchmark: `meta.json`, `series.csv.zst`, `platform.csv.zst`,
//! `events.csv.zst`, `outages.csv.zst`. Rows with nothing are absent; every place is checked, so that later code may index.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// More cells than this are no benchmark but a mistake.
const CELLS_AT_MOST: usize = 200_000_000;

/// Everything a folder says.
pub(crate) struct Set {
    pub meta: Meta,
    /// By concern, then by bucket.
    pub arrived: Vec<Vec<f64>>,
    pub posts: Vec<Vec<f64>>,
    pub independent: Vec<Vec<f64>>,
    pub largest: Vec<Vec<f64>>,
    /// By bucket.
    pub platform: Vec<Platform>,
    pub events: Vec<Event>,
    /// Buckets in which an outage begins.
    pub outages: Vec<usize>,
}

/// `meta.json`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Meta {
    pub concerns: usize,
    pub buckets: usize,
    pub bucket_seconds: i64,
    pub first_bucket: jiff::Timestamp,
    pub warm_up_buckets: usize,
}

/// All posts of the platform in one bucket.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Platform {
    pub bucket: usize,
    pub arrived: f64,
    pub posts: f64,
    pub coverage: f64,
}

/// One event that was put in.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Event {
    pub concern: f64,
    pub start: f64,
    pub peak: f64,
    pub end: f64,
    pub posts: f64,
    pub peak_over_base: f64,
    pub base_per_bucket: f64,
}

/// Beginning of an outage.
#[derive(Deserialize)]
struct Outage {
    start: f64,
}

#[derive(Deserialize)]
struct Cell {
    concern: usize,
    bucket: usize,
    arrived: f64,
    posts: f64,
    independent: f64,
    largest: f64,
}

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetError {
    /// The file is missing or cannot be unpacked.
    #[error("{path}: {source}; is the folder complete? export_series.py writes it")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line that is not as the format says.
    #[error("{path}: {why}")]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// Reads a folder whole.
pub(crate) fn read(folder: &Path) -> Result<Set, SetError> {
    let path = folder.join("meta.json");
    let file = File::open(&path).map_err(|source| SetError::File { path: path.clone(), source })?;
    let meta: Meta = serde_json::from_reader(file)
        .map_err(|error| SetError::Format { path: path.clone(), why: error.to_string() })?;
    if meta.bucket_seconds != 600 || meta.concerns.saturating_mul(meta.buckets) > CELLS_AT_MOST {
        let why = "buckets must be of 600 seconds, and concerns × buckets at most 200 million".to_owned();
        return Err(SetError::Format { path, why });
    }
    let grid = || vec![vec![0.0; meta.buckets]; meta.concerns];
    let (mut arrived, mut posts, mut independent, mut largest) = (grid(), grid(), grid(), grid());
    rows(&folder.join("series.csv.zst"), |cell: Cell| {
        if cell.concern >= meta.concerns || cell.bucket >= meta.buckets {
            return Err(format!("concern {} or bucket {} is beyond meta.json", cell.concern, cell.bucket));
        }
        let put = |grid: &mut Vec<Vec<f64>>, count| grid[cell.concern][cell.bucket] = count;
        put(&mut arrived, cell.arrived);
        put(&mut posts, cell.posts);
        put(&mut independent, cell.independent);
        put(&mut largest, cell.largest);
        Ok(())
    })?;
    let mut platform = vec![Platform::default(); meta.buckets];
    rows(&folder.join("platform.csv.zst"), |row: Platform| {
        let place =
            platform.get_mut(row.bucket).ok_or(format!("bucket {} is beyond meta.json", row.bucket))?;
        *place = row;
        Ok(())
    })?;
    let mut events = Vec::new();
    rows(&folder.join("events.csv.zst"), |event: Event| {
        let lies_within = event.concern >= 0.0
            && (event.concern as usize) < meta.concerns
            && event.start >= 0.0
            && (event.start as usize) < meta.buckets;
        if !lies_within {
            return Err(format!("event {event:?} is beyond meta.json"));
        }
        events.push(event);
        Ok(())
    })?;
    let mut outages = Vec::new();
    let path = folder.join("outages.csv.zst");
    // Whether there were outages is known from coverage too; without the file they are only not counted.
    if path.exists() {
        rows(&path, |outage: Outage| {
            outages.push(outage.start.max(0.0) as usize);
            Ok(())
        })?;
    }
    Ok(Set { meta, arrived, posts, independent, largest, platform, events, outages })
}

fn rows<Row: DeserializeOwned>(
    path: &Path,
    mut take: impl FnMut(Row) -> Result<(), String>,
) -> Result<(), SetError> {
    let file_error = |source| SetError::File { path: path.to_path_buf(), source };
    let wrong = |line: usize, why: String| SetError::Format {
        path: path.to_path_buf(),
        why: format!("line {line}: {why}"),
    };
    let file = File::open(path).map_err(file_error)?;
    let unpacked = zstd::Decoder::new(file).map_err(file_error)?;
    let mut reader = csv::Reader::from_reader(unpacked);
    for (number, row) in reader.deserialize().enumerate() {
        let line = number + 2;
        let row: Row = row.map_err(|error| wrong(line, error.to_string()))?;
        take(row).map_err(|why| wrong(line, why))?;
    }
    Ok(())
}
