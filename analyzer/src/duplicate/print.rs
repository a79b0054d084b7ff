//! What of a text decides whether it repeats another, and when it does.

use crawler::post::{Post, Publisher};

use super::core::Core;
use super::names::Names;
use super::sketch::Sketch;
use crate::hash::{SEED, mix};

/// Length in characters from which texts may differ a little and still be copies. Below it one character
/// is often the whole difference: 停课 and 复课, 北京 and 南京.
const LONG: usize = 20;
/// Least resemblance of two texts.
const LEAST: f64 = 0.5;
/// A text that begins or ends like a longer one is a part of it if so much of it is found there …
const LEAST_CONTAINED: f64 = 0.8;
/// … and it is at least a quarter of the longer one.
const LEAST_PART: usize = 4;

/// Fingerprint of one text.
#[derive(Debug, PartialEq)]
pub(super) struct Print {
    /// What both short and long texts have.
    pub(super) gist: Gist,
    /// None for a short text.
    pub(super) sketch: Option<Sketch>,
}

/// The part of a fingerprint that every text has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gist {
    /// Hash of the text without what people add when they pass it on.
    pub(super) core: u64,
    names: Names,
    tags: u16,
    /// Characters of the core, up to 65,535.
    length: u16,
}

impl Print {
    /// `None` if nothing is left to compare, as of a post that is only a picture.
    pub(super) fn of(post: &Post) -> Option<Print> {
        // A hot list's own title is the voice; the text beneath it often belongs to several titles.
        let by_title = post.publisher == Publisher::Platform && !post.title.trim().is_empty();
        let core = Core::of(&post.title, if by_title { "" } else { &post.text });
        if core.chars.is_empty() {
            return None;
        }
        let gist = Gist {
            core: core.chars.iter().fold(SEED, |hash, &char| mix(hash, u64::from(char))),
            names: Names::of(&core.spelled),
            tags: core.tags,
            length: u16::try_from(core.chars.len()).unwrap_or(u16::MAX),
        };
        let sketch = (core.chars.len() >= LONG).then(|| Sketch::of(&core.chars));
        Some(Print { gist, sketch })
    }
}

impl Gist {
    /// Whether the texts say the same, word for word, and bear no topics that make them two matters.
    pub(super) fn repeats(&self, other: &Gist) -> bool {
        self.core == other.core && self.may_be(other)
    }

    /// How like two long texts are, if that makes them copies of each other.
    pub(super) fn likeness(&self, sketch: &Sketch, other: &Gist, others: &Sketch) -> Option<f64> {
        let resemblance = sketch.resemblance(others);
        let alike = resemblance >= LEAST || sketch.shares_an_edge(others) && self.is_part(other, resemblance);
        (alike && self.may_be(other)).then_some(resemblance)
    }

    /// Whether one text was cut from the other, seen from how much of both together they share.
    fn is_part(&self, other: &Gist, resemblance: f64) -> bool {
        let shorter = self.shorter(other);
        let longer = usize::from(self.length.max(other.length)).min(super::sketch::COMPARED);
        if shorter * LEAST_PART < longer {
            return false;
        }
        let shared = resemblance / (1.0 + resemblance) * (shorter + longer) as f64;
        shared >= LEAST_CONTAINED * shorter as f64
    }

    fn may_be(&self, other: &Gist) -> bool {
        let other_topics = self.tags & !other.tags != 0 && other.tags & !self.tags != 0;
        !(other_topics || self.names.contradict(&other.names, self.shorter(other)))
    }

    fn shorter(&self, other: &Gist) -> usize {
        usize::from(self.length.min(other.length))
    }
}
