//! The thresholds in force, kept in the data folder beside what they were found from.

use std::path::Path;

use analyzer::detect::Detection;
use analyzer::rarity::Rarity;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the file in the data folder.
const FILE: &str = "thresholds.json";

/// Thresholds that `guanlan calibrate --apply` has put in force.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Thresholds {
    /// False alarms in 100 concern-weeks that they were found for.
    pub false_alarms: f64,
    /// First moment of the history they were found from.
    pub from: Timestamp,
    /// Its last moment.
    pub to: Timestamp,
    /// Of the window of 30 minutes, −log₁₀ of the tail.
    pub half_hour: f64,
    /// Of the window of 90 minutes.
    pub ninety_minutes: f64,
    /// Of the window of 6 hours.
    pub six_hours: f64,
    /// Of the window of 24 hours.
    pub day: f64,
    /// How seldom chance brings a score of the fast two windows; `None` where history was too short to tell.
    #[serde(default)]
    pub fast_rarity: Option<Rarity>,
    /// The same of the slow two.
    #[serde(default)]
    pub slow_rarity: Option<Rarity>,
}

/// Why the thresholds can't be read or kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ThresholdsError {
    /// The file system says no.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// Not what this program wrote.
    #[error("{0}: {1}; delete the file and run guanlan calibrate --apply again")]
    Damaged(String, String),
}

impl Thresholds {
    /// Those of a data folder; `None` where none were put in force.
    ///
    /// # Errors
    /// A file that can't be read, or holds something else.
    pub(crate) fn read(folder: &Path) -> Result<Option<Thresholds>, ThresholdsError> {
        let path = folder.join(FILE);
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ThresholdsError::File(name, error)),
        };
        let read: Thresholds = serde_json::from_str(&text)
            .map_err(|error| ThresholdsError::Damaged(name.clone(), error.to_string()))?;
        let all = [read.half_hour, read.ninety_minutes, read.six_hours, read.day];
        if all.iter().any(|threshold| !(0.1..=100.0).contains(threshold)) {
            return Err(ThresholdsError::Damaged(name, "a threshold outside 0.1 to 100".to_owned()));
        }
        let curves = [read.fast_rarity, read.slow_rarity].into_iter().flatten();
        if curves.into_iter().any(|curve| !curve.is_sound()) {
            return Err(ThresholdsError::Damaged(name, "a rarity that no history gives".to_owned()));
        }
        Ok(Some(read))
    }

    /// Puts them in force from the next start on.
    ///
    /// # Errors
    /// The folder can't be written.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), ThresholdsError> {
        let path = folder.join(FILE);
        let failed = |error: std::io::Error| ThresholdsError::File(path.display().to_string(), error);
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        // Whole or not at all: a start in between reads the old ones.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// The settings with these thresholds.
    pub(crate) fn over(&self, detection: Detection) -> Detection {
        Detection {
            half_hour: self.half_hour,
            ninety_minutes: self.ninety_minutes,
            six_hours: self.six_hours,
            day: self.day,
            fast_rarity: self.fast_rarity,
            slow_rarity: self.slow_rarity,
            ..detection
        }
    }
}
