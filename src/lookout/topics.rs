//! The lookout's part in topics that nobody configured: closing, mailing, listing.

use alerts::account::LOCAL;
use alerts::audit::Deed;
use alerts::bulletin::Notice;
use alerts::message::Language;
use jiff::Timestamp;
use tracing::{error, info};

use super::{Lookout, LookoutError};
use crate::emerging::{Listed, TopicState};
use crate::topic_mail;

impl Lookout {
    /// Goes on with the topics of the last run.
    pub(crate) fn remember_topics(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        let Some(emerging) = &mut self.emerging else { return Ok(()) };
        let desk = &self.desk;
        // A journal that can't be read says so elsewhere; a topic told twice is better than none.
        let mut was_mailed = |id: &str| desk.has_noticed(Notice::Topic, id).unwrap_or(false);
        emerging.remember(&self.archive, &self.analyst, now, &mut was_mailed)?;
        Ok(())
    }

    /// Closes the buckets of topics that are due.
    pub(super) fn close_topics(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        if let Some(emerging) = &mut self.emerging {
            emerging.close(&self.archive, &self.analyst, now)?;
        }
        Ok(())
    }

    /// Mails the topics that are due, and remembers which until the next time.
    pub(super) fn mail_topics(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        self.mailed_topics.clear();
        let Some(emerging) = &mut self.emerging else { return Ok(()) };
        if !emerging.has_news() {
            return Ok(());
        }
        let open: Vec<String> =
            self.desk.alerts(alerts::desk::Filter::Open)?.into_iter().map(|alert| alert.concern).collect();
        for topic in emerging.due_mails(now, &open) {
            // Topics of posts and of hot lists may bear one number; the journal knows what was told.
            if self.desk.has_noticed(Notice::Topic, &topic.id)? {
                emerging.mailed(&topic.id);
                continue;
            }
            let message = topic_mail::message(&topic, &self.orders.site, self.orders.policy.detail);
            let recipients = self.desk.queue_topic(&topic.id, &message, now)?;
            emerging.mailed(&topic.id);
            info!(topic = %topic.id, posts = topic.posts, recipients, "a topic was mailed");
            self.mailed_topics.push(topic);
        }
        Ok(())
    }

    /// The topics of the last day, the most unusual first, and what is muted.
    pub(crate) fn topics(&self, now: Timestamp) -> Listed {
        self.emerging.as_ref().map(|emerging| emerging.listed(now)).unwrap_or_default()
    }

    /// Mutes a class of topics, or ends that; says why not.
    pub(crate) fn mute_topics(&mut self, class: &str, on: bool, now: Timestamp) -> Result<(), String> {
        self.emerging.as_mut().map_or(Ok(()), |emerging| emerging.mute(class, on))?;
        let deed = if on { Deed::TopicsMuted } else { Deed::TopicsUnmuted };
        let noted = self.desk.journal_mut().audit(now, LOCAL, deed, class);
        noted.map_err(|error| error.to_string())
    }

    /// Topics of a span for the digest, a line each, the most unusual first; muted ones are left out.
    pub(crate) fn topic_lines(&self, from: Timestamp, to: Timestamp) -> Vec<String> {
        let listed = self.topics(to);
        let told =
            listed.topics.iter().filter(|topic| !topic.muted && topic.found >= from && topic.found <= to);
        told.take(self.orders.digest.top).map(|topic| self.topic_line(topic)).collect()
    }

    fn topic_line(&self, topic: &TopicState) -> String {
        let title = alerts::format::one_line(&topic.title, 60);
        match self.orders.site.language {
            Language::Chinese => {
                format!("新话题：{title}（{} 帖，{} 个信源）", topic.posts, topic.sources)
            }
            Language::English => {
                format!("New topic: {title} ({} posts, {} sources)", topic.posts, topic.sources)
            }
        }
    }

    /// Keeps the counts of topics for the next start. They can be counted anew, so a failure only costs time.
    pub(crate) fn save_topics(&self) {
        if let Some(Err(error)) = self.emerging.as_ref().map(|emerging| emerging.save()) {
            error!(%error, "the counts of topics could not be kept; the next start counts them anew");
        }
    }
}
