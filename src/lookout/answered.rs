//! What came after the answers to alerts: measured from posts while it is new, kept with the alert once its time is over.

use alerts::alert::{Alert, AlertId};
use alerts::digest::answered_by;
use analyzer::effect::{Effect, Measured};
use analyzer::evidence::Read;
use crawler::post::Stored;
use jiff::Timestamp;

use super::{Lookout, LookoutError, earlier};

impl Lookout {
    /// What came after each answer until a moment, as far as that was counted. `posts`: those at hand.
    pub(crate) fn effects(
        &self,
        alerts: &[Alert],
        (to, posts): (Timestamp, &[Stored]),
    ) -> Result<Vec<(AlertId, Measured<Effect>)>, LookoutError> {
        let until = self.newest.iter().map(|signal| signal.at).max().map_or(to, |newest| newest.min(to));
        let mut effects = Vec::new();
        for alert in alerts {
            let Some(at) = answered_by(alert, to).map(|answer| answer.at) else { continue };
            let effect = self.effect(alert, at, (until, posts))?;
            effects.extend(effect.map(|effect| (alert.id, effect)));
        }
        Ok(effects)
    }

    /// What came after one answer until a moment; `None` while its concern is not watched.
    fn effect(
        &self,
        alert: &Alert,
        at: Timestamp,
        (until, posts): (Timestamp, &[Stored]),
    ) -> Result<Option<Measured<Effect>>, LookoutError> {
        let concern = &alert.concern;
        if self.analyst.number(concern).is_none() {
            return Ok(None);
        }
        let is_measured = self.analyst.is_measured(concern, at, until);
        if is_measured && let Some(kept) = self.desk.kept_effect(alert.id, at)? {
            return Ok(Some(kept));
        }
        let reach = self.analyst.reach(concern);
        let are_at_hand = posts.first().is_some_and(|first| first.post.time <= earlier(at, reach));
        let (around, one_of) = match are_at_hand {
            true => (Vec::new(), 1),
            false => self.witnesses().around(concern, at, (reach, until))?,
        };
        let around = Read { posts: if are_at_hand { posts } else { &around }, one_of };
        let effect = self.analyst.effect_after(concern, (at, alert.onset), (until, around));
        if is_measured && let Some(effect) = &effect {
            self.desk.keep_effect(alert.id, at, effect)?;
        }
        Ok(effect)
    }

    /// Measures what came after answers whose time is over, as long as the posts around them are at hand.
    pub(super) fn measure_answers(&self) -> Result<(), LookoutError> {
        let Some(until) = self.newest.iter().map(|signal| signal.at).max() else { return Ok(()) };
        for alert in self.desk.latest() {
            // Digests and pages speak of the first, the evidence of the last.
            let answers = [alert.answers().first().copied(), alert.last_answer()];
            for at in answers.into_iter().flatten().map(|answer| answer.at) {
                let begin = earlier(at, self.analyst.reach(&alert.concern));
                let is_at_hand = self.recent.borrow().reaches(begin);
                if is_at_hand && self.analyst.is_measured(&alert.concern, at, until) {
                    self.effect(alert, at, (until, &[]))?;
                }
            }
        }
        Ok(())
    }
}
