//! What a digest tells of a span: its figures, the statements of offices, what came after answers. Whoever opens one, and
//! each group it is mailed to, would otherwise have all posts of two days told apart anew.

use std::sync::Arc;

use alerts::alert::{Alert, AlertId};
use alerts::digest::answered_by;
use analyzer::digest::DigestFigures;
use analyzer::effect::{Effect, Measured};
use analyzer::explain::Statement;
use analyzer::matcher::Text;
use crawler::post::Stored;
use jiff::Timestamp;

use super::{Lookout, LookoutError};

/// Spans kept: the digests of a week and the weekly one, some ten kilobytes each.
const MOST: usize = 8;

/// What is told of a span.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Posts by concern.
    pub(crate) figures: DigestFigures,
    /// By concern.
    pub(crate) statements: Vec<(String, Vec<Statement>)>,
    /// By alert.
    pub(crate) effects: Vec<(AlertId, Measured<Effect>)>,
}

/// The spans that are over and were told lately, the newest last. One that something is still heard of is forgotten.
#[derive(Debug, Default)]
pub(super) struct Finished(Vec<(Span, Arc<Compiled>)>);

/// What a digest is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    from: Timestamp,
    to: Timestamp,
    /// The answers that count in it, by when they were published.
    answers: Vec<(AlertId, Timestamp)>,
}

impl Finished {
    /// Something of that moment came late: what was told of its time, or compared with it, is told anew.
    pub(super) fn heard(&mut self, at: Timestamp) {
        self.0.retain(|(span, _)| at < span.before() || at >= span.to);
    }

    /// Other concerns, or posts that are no more.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn find(&self, wanted: &Span) -> Option<Arc<Compiled>> {
        self.0.iter().find(|(span, _)| span == wanted).map(|(_, compiled)| Arc::clone(compiled))
    }

    fn keep(&mut self, span: Span, compiled: &Arc<Compiled>) {
        self.0.retain(|(known, _)| (known.from, known.to) != (span.from, span.to));
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((span, Arc::clone(compiled)));
    }
}

impl Span {
    /// Begin of the span that it is compared with.
    fn before(&self) -> Timestamp {
        self.from - self.to.duration_since(self.from)
    }
}

impl Lookout {
    /// What a digest tells of a span and these alerts.
    pub(crate) fn compiled(
        &self,
        (from, to): (Timestamp, Timestamp),
        alerts: &[Alert],
    ) -> Result<Arc<Compiled>, LookoutError> {
        let answered = |alert: &Alert| answered_by(alert, to).map(|answer| (alert.id, answer.at));
        let span = Span { from, to, answers: alerts.iter().filter_map(answered).collect() };
        if let Some(kept) = self.finished.borrow().find(&span) {
            return Ok(kept);
        }
        // The span before is compared with, so its posts are needed too.
        let posts = self.posts_of_concerns(span.before(), to)?;
        let compiled = Arc::new(Compiled {
            figures: self.analyst.figures(from, to, &posts),
            statements: self.analyst.statements(from, to, &posts),
            effects: self.effects(alerts, (to, &posts))?,
        });
        let is_over = !self.newest.is_empty() && self.newest.iter().all(|signal| signal.at >= to);
        if is_over {
            self.finished.borrow_mut().keep(span, &compiled);
        }
        Ok(compiled)
    }

    /// The posts of a span that belong to any concern, which few do: all of a fortnight would fill the memory.
    fn posts_of_concerns(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Stored>, LookoutError> {
        let (matchers, mut posts) = (self.analyst.shared_matchers(), Vec::new());
        self.archive.between(from, to, &mut |stored| {
            if !matchers.matching(&Text::of(&stored.post)).is_empty() {
                posts.push(stored);
            }
        })?;
        Ok(posts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hour)
    }

    fn span(from: i64, to: i64) -> Span {
        Span { from: at(from), to: at(to), answers: Vec::new() }
    }

    #[test]
    fn what_is_still_heard_of_is_told_anew() {
        let figures = DigestFigures::default();
        let compiled = Arc::new(Compiled { figures, statements: Vec::new(), effects: Vec::new() });
        let mut finished = Finished::default();
        let known = |finished: &Finished| {
            [span(24, 48), span(48, 72)].map(|span| u8::from(finished.find(&span).is_some()))
        };
        let kept = |finished: &mut Finished| {
            finished.keep(span(24, 48), &compiled);
            finished.keep(span(48, 72), &compiled);
            assert_eq!(known(finished), [1, 1]);
        };
        // A day, the day it is compared with, and times of neither.
        for (heard, left) in [(50, [1, 0]), (30, [0, 0]), (3, [0, 1]), (72, [1, 1]), (-1, [1, 1])] {
            kept(&mut finished);
            finished.heard(at(heard));
            assert_eq!(known(&finished), left, "{heard}");
        }
        kept(&mut finished);
        let answers = vec![("20261124-03".parse().unwrap(), at(30))];
        let answered = Span { answers, ..span(24, 48) };
        assert!(finished.find(&answered).is_none(), "an answer was recorded or withdrawn");
        for day in 0..20 {
            finished.keep(span(day * 24, day * 24 + 24), &compiled);
        }
        assert_eq!(finished.0.len(), MOST);
        finished.clear();
        assert_eq!(finished.0.len(), 0);
    }
}
