//! What every command works with: the configuration in force, the data folder, the language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alerts::message::Language;
use jiff::Timestamp;

use super::exit::Failure;
use super::{DEFAULT_CONFIG, Global};

/// Where posts go when nothing was configured and nothing said.
const DEFAULT_DATA_DIR: &str = "guanlan-data";
