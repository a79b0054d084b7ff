//! The newest answer of an owner, kept for a moment: pages that everybody looks at need not wait while the owner is
//! busy, and it need not answer the same question again and again. Whoever has just acted never sees what was before.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::daemon::BEAT;
use crate::owner::Stopped;

/// An owner that has not answered by then is busy: what is kept has to do.
const PATIENCE: Duration = Duration::from_millis(15);
/// Nothing older is shown.
const OLDEST: Duration = Duration::from_secs(10);
/// Answers kept, one for each kind of question.
const MOST: usize = 64;

/// Counts what people did, so that everybody knows what is older than that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acts(Arc<AtomicU64>);

impl Acts {
    /// Something was done: answers from before are none any more.
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The newest answers, by question.
pub(crate) struct Latest<Q, A> {
    acts: Acts,
    /// So long an answer is as good as a new one.
    beat: Duration,
    answers: Arc<Mutex<HashMap<Q, Answers<A>>>>,
}

/// What is known of one question.
struct Answers<A> {
    kept: Option<Kept<A>>,
    /// The question that is on its way, and the acts before it.
    asked: Option<(u64, watch::Receiver<Option<A>>)>,
}

#[derive(Clone)]
struct Kept<A> {
    at: Instant,
    acts: u64,
    answer: A,
}

impl<Q, A> Clone for Latest<Q, A> {
    fn clone(&self) -> Self {
        Latest { acts: self.acts.clone(), beat: self.beat, answers: Arc::clone(&self.answers) }
    }
}

impl<Q: Clone + Eq + Hash + Send + 'static, A: Clone + Send + Sync + 'static> Latest<Q, A> {
    /// Keeps nothing yet.
    pub(crate) fn new(acts: Acts) -> Latest<Q, A> {
        Latest { acts, beat: BEAT, answers: Arc::default() }
    }

    /// The answer: the one kept if it is of this beat, else the owner's, else, while the owner is busy, an older one.
    pub(crate) async fn get<F>(&self, question: Q, ask: impl FnOnce() -> F) -> Result<A, Stopped>
    where
        F: Future<Output = Result<A, Stopped>> + Send + 'static,
    {
        let acts = self.acts.so_far();
        if let Some(answer) = self.kept(&question, acts, self.beat) {
            return Ok(answer);
        }
        let mut coming = self.asked(&question, acts, ask);
        tokio::select! {
            answer = arrived(&mut coming) => return answer,
            () = sleep(PATIENCE) => {}
        }
        match self.kept(&question, acts, OLDEST) {
            Some(answer) => Ok(answer),
            None => arrived(&mut coming).await,
        }
    }

    fn kept(&self, question: &Q, acts: u64, oldest: Duration) -> Option<A> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = answers.get(question)?.kept.as_ref()?;
        (kept.acts >= acts && kept.at.elapsed() < oldest).then(|| kept.answer.clone())
    }

    /// The answer that is coming: the question is sent unless it is on its way already.
    fn asked<F>(&self, question: &Q, acts: u64, ask: impl FnOnce() -> F) -> watch::Receiver<Option<A>>
    where
        F: Future<Output = Result<A, Stopped>> + Send + 'static,
    {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST && !answers.contains_key(question) {
            answers.retain(|_, answers| answers.asked.is_some());
        }
        let known = answers.entry(question.clone()).or_insert(Answers { kept: None, asked: None });
        if let Some((before, coming)) = &known.asked
            && *before >= acts
        {
            return coming.clone();
        }
        let (send, coming) = watch::channel(None);
        known.asked = Some((acts, coming.clone()));
        let (same, question, ask) = (self.clone(), question.clone(), ask());
        tokio::spawn(async move {
            let answer = ask.await.ok();
            same.keep(&question, acts, answer.clone());
            // Nobody may be waiting any more; a sender that ends without an answer says that the owner has ended.
            let _ = send.send(answer);
        });
        coming
    }

    fn keep(&self, question: &Q, acts: u64, answer: Option<A>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = answers.get_mut(question) else { return };
        known.asked = known.asked.take().filter(|(asked, _)| *asked != acts);
        let is_newer = known.kept.as_ref().is_none_or(|kept| kept.acts <= acts);
        if let (Some(answer), true) = (answer, is_newer) {
            known.kept = Some(Kept { at: Instant::now(), acts, answer });
        }
    }
}

async fn arrived<A: Clone>(coming: &mut watch::Receiver<Option<A>>) -> Result<A, Stopped> {
    let answer = coming.wait_for(Option::is_some).await.map_err(|_| Stopped)?;
    answer.clone().ok_or(Stopped)
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn busy() -> (oneshot::Sender<u32>, impl Future<Output = Result<u32, Stopped>> + Send + 'static) {
        let (send, answer) = oneshot::channel();
        (send, async move { answer.await.map_err(|_| Stopped) })
    }

    async fn at_once(answer: u32) -> Result<u32, Stopped> {
        Ok(answer)
    }

    fn latest(acts: &Acts, beat: Duration) -> Latest<(), u32> {
        Latest { beat, ..Latest::new(acts.clone()) }
    }

    #[tokio::test]
    async fn while_the_owner_is_busy_the_last_answer_does_unless_somebody_has_acted() {
        let acts = Acts::default();
        let latest = latest(&acts, Duration::ZERO);
        assert_eq!(latest.get((), || at_once(1)).await.unwrap(), 1);
        assert_eq!(latest.get((), || at_once(2)).await.unwrap(), 2);
        let (owner, question) = busy();
        assert_eq!(latest.get((), || question).await.unwrap(), 2);
        assert_eq!(latest.get((), || at_once(9)).await.unwrap(), 2, "it is asked once");
        acts.note();
        assert_eq!(latest.get((), || at_once(4)).await.unwrap(), 4, "after an act only what is after it");
        owner.send(3).unwrap();
        let (_busy, question) = busy();
        assert_eq!(latest.get((), || question).await.unwrap(), 4, "a late answer takes no newer one's place");
    }

    #[tokio::test]
    async fn within_a_beat_the_owner_is_not_asked_again() {
        let latest = latest(&Acts::default(), Duration::from_hours(1));
        assert_eq!(latest.get((), || at_once(1)).await.unwrap(), 1);
        assert_eq!(latest.get((), || at_once(2)).await.unwrap(), 1);
        latest.acts.note();
        assert_eq!(latest.get((), || at_once(3)).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn an_owner_that_has_ended_is_no_answer() {
        let latest = latest(&Acts::default(), Duration::ZERO);
        let (owner, question) = busy();
        drop(owner);
        assert!(latest.get((), || question).await.is_err());
    }
}
