//! Whether a concern was answered, and what came after it: what an explanation says of offices.
//!
//! Reads only the posts it is handed; an answer that somebody recorded arrives as an argument.

use crawler::post::Stored;
use jiff::{SignedDuration, Timestamp};

use crate::analyst::Analyst;
use crate::effect::interval::Half;
use crate::effect::{self, Around, Asked, Effect, Measured, Unmeasured};
use crate::evidence::Read;
use crate::explain::{Explanation, StatementKind};
use crate::quote::whole;
use crate::series::Bucket;
use crate::statement::{Answer, Answered, Basis, answered, statements};
use crate::watch::Watch;

/// Posts of a time come in until so long after it.
const LATE: SignedDuration = SignedDuration::from_hours(1);

/// What is known of a concern's rise besides its posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Rising {
    /// When it began.
    pub onset: Timestamp,
    /// The answer that somebody recorded, if anybody did.
    pub recorded: Option<Answer>,
    /// What came after that one, if it was measured when its time was over.
    pub effect: Option<Measured<Effect>>,
}

impl Analyst {
    /// Posts from so long before an answer to so long after it are needed to measure what came after it.
    pub fn reach(&self, concern: &str) -> SignedDuration {
        let watch = self.number(concern).and_then(|number| self.watch_of(number));
        SignedDuration::from_hours(i64::from(effect::longest(watch.is_some_and(Watch::is_fast))))
    }

    /// Whether all that is counted of an answer lies before a moment, late posts included.
    pub fn is_measured(&self, concern: &str, answered_at: Timestamp, until: Timestamp) -> bool {
        let end = Bucket::of(answered_at).start().checked_add(self.reach(concern) + LATE);
        end.is_ok_and(|end| end <= until)
    }

    /// The first answer since a rise began: the recorded one, else the first official text among these posts.
    pub fn answer(
        &self,
        concern: &str,
        rising: &Rising,
        until: Timestamp,
        posts: &[Stored],
    ) -> Option<Answer> {
        if let Some(recorded) = &rising.recorded {
            return Some(recorded.clone());
        }
        let number = self.number(concern)?;
        let official = self.official(number, rising.onset, until, posts);
        let first = official.into_iter().filter(|stored| stored.post.time >= rising.onset);
        let first = first.min_by_key(|stored| (stored.post.time, stored.post.id))?;
        let by = self.source_name(&first.post.source);
        Some(Answer { at: first.post.time, by, basis: Basis::Published })
    }

    /// Lists in an explanation the statements of a longer time than that of its counts, with what they do not say
    /// alike. `public`: posts from `since` on that individuals did not write, up to the end of the counts.
    pub fn look_back(
        &self,
        explanation: &mut Explanation,
        concern: &str,
        (since, until): (Timestamp, Timestamp),
        public: &[Stored],
    ) {
        let Some(number) = self.number(concern) else { return };
        let heard = self.heard(number, public, since, until);
        explanation.statements_since = Some(since);
        explanation.statements = statements(&heard.statements, |id| self.source_name(id), self.shown());
        explanation.differences = self.differences(&heard.statements);
    }

    /// Says in an explanation whether offices have answered, and what came after it until `until`. `public`: what was
    /// published as for [`Analyst::look_back`]; `around`: posts within [`Analyst::reach`] of the
    /// answer, not read where its effect is known.
    pub fn judge_answer(
        &self,
        explanation: &mut Explanation,
        concern: &str,
        (rising, until): (&Rising, Timestamp),
        (public, around): (&[Stored], Read<'_>),
    ) {
        let Some(number) = self.number(concern) else { return };
        let Some(answer) = self.answer(concern, rising, until, public) else {
            let official = self.official(number, rising.onset, until, public);
            let reports = explanation.statements.iter().filter(|it| it.kind == StatementKind::Report).count();
            explanation.answered = Some(Answered::NotFound {
                since: explanation.statements_since,
                reports: u32::try_from(reports).unwrap_or(u32::MAX),
                earlier: official.iter().map(|stored| stored.post.time).max(),
            });
            explanation.effect = None;
            return;
        };
        let measured = || self.effect(number, answer.at, rising.onset, (until, around));
        let effect = rising.effect.clone().unwrap_or_else(measured);
        explanation.answered = Some(answered(answer, &effect));
        explanation.effect = Some(effect);
    }

    /// What came after an answer to a concern's rise, as far as posts up to `until` tell; `posts`: those within
    /// [`Analyst::reach`] of the answer. `None` for a concern that is not watched.
    pub fn effect_after(
        &self,
        concern: &str,
        (answered_at, onset): (Timestamp, Timestamp),
        (until, posts): (Timestamp, Read<'_>),
    ) -> Option<Measured<Effect>> {
        let number = self.number(concern)?;
        Some(self.effect(number, answered_at, onset, (until, posts)))
    }

    /// What came after an answer, as far as posts up to `until` tell.
    fn effect(
        &self,
        number: usize,
        at: Timestamp,
        onset: Timestamp,
        (until, around): (Timestamp, Read<'_>),
    ) -> Measured<Effect> {
        let watch = self.watch_of(number).ok_or(Unmeasured::Gap)?;
        let passed = until.duration_since(Bucket::of(at).start()).as_mins().max(0);
        let hours = effect::hours(passed, watch.is_fast())?;
        let length = SignedDuration::from_hours(i64::from(hours));
        let middle = Bucket::of(at);
        let (start, end) = (Bucket::of(middle.start() - length), Bucket::of(middle.start() + length));
        if watch.is_gap(start, middle) || watch.is_gap(middle, end) {
            return Err(Unmeasured::Gap);
        }
        let heard_before = self.heard(number, around.posts, start.start(), middle.start());
        let heard_after = self.heard(number, around.posts, middle.start(), end.start());
        Ok(Effect::of(Around {
            answered_at: at,
            hours,
            before: halves(watch, start, middle),
            after: halves(watch, middle, end),
            dispersion: watch.dispersion(hours),
            outlook: watch.outlook_at(self.sources(), middle, Bucket::of(onset)),
            asked_before: self.asked(&heard_before.posts, around.one_of),
            asked_after: self.asked(&heard_after.posts, around.one_of),
            still_asked: self.asks(number, &heard_after).times(around.one_of).counts,
        }))
    }

    /// Official texts on a concern before a moment.
    fn official<'a>(
        &self,
        number: usize,
        onset: Timestamp,
        until: Timestamp,
        posts: &'a [Stored],
    ) -> Vec<&'a Stored> {
        let statements = self.heard(number, posts, onset, until).statements.into_iter();
        statements.filter(|(_, kind)| *kind == StatementKind::Official).map(|(stored, _)| stored).collect()
    }

    /// How many ask; each post stands for so many. Texts are counted as they were read: shares of them need no more.
    fn asked(&self, posts: &[(&Stored, Option<usize>)], one_of: u32) -> Asked {
        let mut asked = Asked::default();
        let mut known = std::collections::BTreeSet::new();
        for (stored, _) in posts {
            let asks = self.intents().of(&whole(&stored.post)).question;
            let is_new = known.insert(stored.voice);
            asked.posts += u32::from(asks);
            asked.of += u32::from(is_new);
            asked.texts += u32::from(asks && is_new);
        }
        asked.posts = asked.posts.saturating_mul(one_of);
        asked
    }
}

fn halves(watch: &Watch, from: Bucket, to: Bucket) -> [Half; 2] {
    let middle = Bucket(from.0 + (to.0 - from.0) / 2);
    [watch.half(from, middle), watch.half(middle, to)]
}

#[cfg(test)]
mod tests;
