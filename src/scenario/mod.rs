//! Stories at simulated time: scenario files for the demo and for drills, and the bundled sample of
//! two real hot lists. Knows no daemon, no index and no clock; it only yields posts and heartbeats.
//!
//! The format of a scenario file is documented in docs/scenario.md.

mod bundled;
mod chance;
mod file;
mod generate;
mod growth;
mod hotlists;
mod wording;

use anyhow::Result;
use crawler::post::Post;
use jiff::Timestamp;

pub(crate) use bundled::{DRILL_CONCERNS, DRILLS, HOTLISTS, QINGLAN};
pub(crate) use chance::Chance;

/// A scenario: who publishes, what is written when, what goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    file: file::File,
    posts: Vec<Post>,
}

impl Scenario {
    /// Reads a scenario file and writes its posts; says what is wrong with the file and where.
    pub(crate) fn parse(text: &str) -> Result<Scenario> {
        let file = file::File::read(text)?;
        let posts = generate::posts(&file)?;
        Ok(Scenario { file, posts })
    }

    /// The same, moved so that what is to be watched begins at that moment.
    ///
    /// # Errors
    /// What is wrong with the file, and where.
    pub(crate) fn parse_at(text: &str, show_from: Timestamp) -> Result<Scenario> {
        let file = file::File::read(text)?.moved(show_from)?;
        let posts = generate::posts(&file)?;
        Ok(Scenario { file, posts })
    }

    /// Name of the place it plays in.
    pub(crate) fn name(&self) -> &str {
        &self.file.name
    }

    /// What it shows, in a sentence or two.
    pub(crate) fn about(&self) -> &str {
        &self.file.about
    }

    /// First moment of its history.
    pub(crate) fn start(&self) -> Timestamp {
        self.file.start
    }

    /// Where the replay begins to be worth watching; all before is quiet history.
    pub(crate) fn show_from(&self) -> Timestamp {
        self.file.show_from
    }

    /// The virtual now.
    pub(crate) fn end(&self) -> Timestamp {
        self.file.end
    }

    /// Ids and names of its sources, in the order of the file.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.file.sources.iter().map(|source| (source.id.as_str(), source.name.as_str()))
    }

    /// Its posts in order of time, masked; the same for the same file on every machine.
    pub(crate) fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// Every attempt to read a source, in order of time: source id, moment, and whether it worked.
    pub(crate) fn heartbeats(&self) -> Vec<(String, Timestamp, bool)> {
        let mut heartbeats = Vec::new();
        for source in &self.file.sources {
            let mut moment = self.file.start;
            while moment <= self.file.end {
                heartbeats.push((source.id.clone(), moment, !generate::is_down(source, moment)));
                moment += source.every;
            }
        }
        heartbeats.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        heartbeats
    }
}

#[cfg(test)]
mod tests;
