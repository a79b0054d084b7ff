//! What is kept of the counts while the program is off: a line of JSON, then every used line of the table.
//! Posts of the last hours are not in it: the store has them ([`Topics::recall`]).

use std::collections::HashMap;
use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use super::counter::Stream;
use super::{Pair, Settings, Spoken, Topic, Topics, Word};
use crate::series::Bucket;

/// First line of the file: another version begins with another one and is not read.
const MAGIC: &str = "guanlan topics 1\n";
/// Longest line of JSON that is read: what is longer is no checkpoint of ours.
const LONGEST: u64 = 64 << 20;

#[derive(Serialize, Deserialize)]
struct Head {
    /// Size of the table and the windows it was counted with: only the same ones can go on with it.
    lines: usize,
    windows: [f64; 2],
    stream: Stream,
    open: Option<i64>,
    newest: u64,
    hot: Vec<Pair>,
    vocabulary: HashMap<Word, String>,
    topics: Vec<Topic>,
    used: usize,
}

impl Topics {
    /// Writes what is known.
    ///
    /// # Errors
    /// What the file says.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let table = self.counter.table();
        let head = Head {
            lines: table.size(),
            windows: self.settings.windows,
            stream: self.counter.stream(),
            open: self.open,
            newest: self.newest,
            hot: self.counter.hot().iter().copied().collect(),
            vocabulary: self.vocabulary.clone(),
            topics: self.topics.clone(),
            used: table.used().count(),
        };
        out.write_all(MAGIC.as_bytes())?;
        serde_json::to_writer(&mut *out, &head)?;
        out.write_all(b"\n")?;
        for (number, line) in table.used() {
            let number = u32::try_from(number).map_err(io::Error::other)?;
            out.write_all(&number.to_le_bytes())?;
            for word in line {
                out.write_all(&word.to_le_bytes())?;
            }
        }
        Ok(())
    }

    /// Reads what was written; `None` if it was counted with other settings or by another version: then it is
    /// counted again from the store.
    ///
    /// # Errors
    /// What the file says; a file that was cut off.
    pub fn read(from: &mut impl BufRead, settings: &Settings) -> io::Result<Option<Topics>> {
        let mut magic = String::new();
        from.by_ref().take(MAGIC.len() as u64).read_to_string(&mut magic)?;
        if magic != MAGIC {
            return Ok(None);
        }
        let mut head = Vec::new();
        from.by_ref().take(LONGEST).read_until(b'\n', &mut head)?;
        let head: Head = serde_json::from_slice(&head)?;
        let mut topics = Topics::new(settings.clone());
        if head.lines != topics.counter.table().size() || head.windows != settings.windows {
            return Ok(None);
        }
        let mut lines = Vec::with_capacity(head.used.min(head.lines));
        for _ in 0..head.used {
            let mut number = [0; 4];
            from.read_exact(&mut number)?;
            let mut line = [0u32; 16];
            for word in &mut line {
                let mut bytes = [0; 4];
                from.read_exact(&mut bytes)?;
                *word = u32::from_le_bytes(bytes);
            }
            lines.push((u32::from_le_bytes(number) as usize, line));
        }
        if !topics.counter.restore(head.stream, head.hot, lines) {
            return Ok(None);
        }
        (topics.open, topics.newest) = (head.open, head.newest);
        (topics.vocabulary, topics.topics) = (head.vocabulary, head.topics);
        Ok(Some(topics))
    }

    /// Number of the newest post that was counted: those after it are still to come.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// Takes in again a post that was counted before the program stopped, for the groups of the next buckets.
    /// Call it in order of time, before the first new post.
    pub fn recall(&mut self, post: &Spoken<'_>) {
        let bucket = Bucket::of(post.time).0;
        let words: Vec<Word> = self.distinct(post).into_iter().map(|(word, _)| word).collect();
        self.counter.recall(post.voice, bucket);
        self.recent.push((post.number, post.voice, Word::of(post.source).0), bucket, &words);
    }
}
