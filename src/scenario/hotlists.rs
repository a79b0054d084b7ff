//! The bundled hot lists as posts and observations, read by the same code that imports a file.

use anyhow::{Context, Result, ensure};
use crawler::archive::Observation;
use crawler::format::Room;
use crawler::format::file::{self, Defaults, Item, heartbeats};
use crawler::mask::Masks;
use crawler::post::{IdKey, Post, Publisher};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::bundled::Hotlists;

/// Titles are public: their ids need no secret, only to be the same everywhere.
const KEY: [u8; 32] = *b"guanlan hot lists: no secret....";

/// A recorded archive, each list in order of time.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// Posts at the moment they were first recorded.
    pub(crate) posts: Vec<Post>,
    /// When which board was really recorded.
    pub(crate) observations: Vec<Observation>,
}

impl Hotlists {
    /// Unpacks the sample. `group` gives the source group of a source id, as the configuration says.
    pub(crate) fn unpack(&self, group: impl Fn(&str) -> String) -> Result<Recorded> {
        let zone = TimeZone::get("Asia/Shanghai").context("the zone of the hot lists is not known")?;
        // Any moment after the last title: nothing in the sample may seem to lie in the future.
        let after: Timestamp = "2021-03-02T00:00:00+08:00".parse()?;
        let defaults = Defaults {
            source: "hotlist".to_owned(),
            source_from_line: true,
            ahead_is_claim: false,
            group: None,
            publisher: Publisher::Platform,
            rename: Vec::new(),
            zone: zone.clone(),
            masks: Masks::default(),
            key: IdKey::fixed(KEY),
            text_bytes: Room::default().text_bytes,
        };
        let mut posts = Vec::new();
        let mut rejected = 0_usize;
        file::read(self.posts, &defaults, after, &mut |item| match item {
            Item::Post(post) => {
                let mut post = *post;
                post.first_seen = post.time;
                post.group = group(&post.source);
                posts.push(post);
            }
            Item::Rejected { .. } => rejected += 1,
        })
        .context("the bundled titles cannot be read")?;
        let beats = heartbeats::read(self.heartbeats, "hotlist", &zone, after)
            .context("the bundled heartbeats cannot be read")?;
        rejected += beats.rejected.len();
        ensure!(rejected == 0, "{rejected} lines of the bundled hot lists cannot be read");
        let mut observations = beats.observations;
        posts.sort_by(|a, b| (a.time, &a.source).cmp(&(b.time, &b.source)));
        observations.sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
        Ok(Recorded { posts, observations })
    }
}
