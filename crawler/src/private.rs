//! Folders and files that are nobody else's business on a shared machine: posts, counts, alerts, what passwords became.

use std::fs;
use std::io;
use std::path::Path;

/// Makes a folder that only we may look into, unless it is there.
pub fn folder(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an empty file that only we may read, unless it is there; what SQLite puts beside it has the same rights.
pub fn file(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
