//! What commands say to the running program over its Unix socket: one JSON line each way.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use alerts::account::{AccountChange, AccountError, ApiToken};
use alerts::alert::Worth;
use alerts::audit::Deed;
use alerts::message::{Attachment, Language};
use analyzer::explain::Explanation;
use analyzer::signal::Signal;
use crawler::mask::Masks;
use crawler::pause::Pause;
use crawler::post::Post;
use crawler::words::Words;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::emerging::Listed;
use crate::morning::Kind;

/// One thing a command asks of the holder of the data folder.
// No Debug: a change of an account carries what its password became.
#[derive(Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Store these posts.
    Store {
        /// Already masked.
        posts: Vec<Post>,
    },
    /// When sources were really looked at.
    Observed {
        /// Source id, moment, whether it answered.
        seen: Vec<(String, Timestamp, bool)>,
    },
    /// Something a person does with an alert.
    Act {
        /// Number of the alert.
        id: String,
        /// What.
        action: Action,
    },
    /// Tell the evidence shown of an alert.
    Explain {
        /// Number of the alert.
        id: String,
    },
    /// Note that a mail did not arrive.
    Bounced {
        /// Message-ID of the mail.
        message_id: String,
        /// Reply code of the server that refused it.
        code: u32,
        /// What was said.
        said: String,
    },
    /// Mail the digest of that day to whom it goes and who has not had it.
    SendDigest {
        /// The weekly one.
        #[serde(default)]
        weekly: bool,
        /// Date in its title.
        date: Date,
    },
    /// Tell a digest, or a report on a concern.
    ReadPaper {
        /// Which.
        kind: Kind,
        /// Date in its title.
        date: Date,
        /// Language of our words.
        language: Language,
    },
    /// Rebuild the index.
    Reindex,
    /// Tell the topics that nobody configured.
    Topics,
    /// Mute a class of topics, or end that; tells them as they then stand.
    MuteTopics {
        /// Its name.
        class: String,
        /// `false` ends it.
        on: bool,
    },
    /// Change an account of the pages.
    Account {
        /// How.
        change: AccountChange,
    },
    /// Give a program a token.
    AddToken {
        /// What it is good for.
        token: ApiToken,
        /// SHA-256 of it.
        hash: [u8; 32],
    },
    /// End a program's token.
    RevokeToken {
        /// What the program is called.
        name: String,
    },
    /// Tell which version of the configuration is in force.
    InForce {
        /// A version that is given the time to be taken over.
        wanted: Option<String>,
    },
    /// Pause a source, or resume it.
    Pause {
        /// Id of the source.
        source: String,
        /// Until when and why; `None` resumes it.
        pause: Option<Pause>,
    },
}

/// What a person may do with an alert.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(crate) enum Action {
    /// 认领
    Acknowledge {
        /// Post held.
        by: String,
    },
    /// 登记回应
    Respond {
        /// Post held or department.
        by: String,
        /// Address of the answer.
        url: Option<String>,
        /// When it was published.
        at: Timestamp,
    },
    /// 撤回回应
    Withdraw {
        /// Post held.
        by: String,
        /// Why.
        reason: String,
    },
    /// 静默
    Mute {
        /// Post held.
        by: String,
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
    /// 关闭
    Close {
        /// Post held.
        by: String,
    },
    /// 误报
    FalseAlarm {
        /// Post held.
        by: String,
        /// Why.
        reason: String,
    },
    /// 反馈
    Rate {
        /// Post held.
        by: String,
        /// What it was worth.
        worth: Worth,
    },
    /// 备注
    Note {
        /// Post held.
        by: String,
        /// Text.
        text: String,
    },
}

impl Action {
    /// In whose name it is done.
    pub(crate) fn by(&self) -> &str {
        match self {
            Action::Acknowledge { by }
            | Action::Respond { by, .. }
            | Action::Withdraw { by, .. }
            | Action::Mute { by, .. }
            | Action::Close { by }
            | Action::FalseAlarm { by, .. }
            | Action::Rate { by, .. }
            | Action::Note { by, .. } => by,
        }
    }

    /// What the audit log calls it.
    pub(crate) fn deed(&self) -> Deed {
        match self {
            Action::Acknowledge { .. } => Deed::Acknowledged,
            Action::Respond { .. } => Deed::Responded,
            Action::Withdraw { .. } => Deed::Withdrawn,
            Action::Mute { .. } => Deed::Muted,
            Action::Close { .. } => Deed::Closed,
            Action::FalseAlarm { .. } => Deed::FalseAlarm,
            Action::Rate { .. } => Deed::Rated,
            Action::Note { .. } => Deed::Noted,
        }
    }
}

/// The counts of an alert and the evidence behind them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// The counts.
    pub signal: Signal,
    /// The evidence.
    pub explanation: Explanation,
}

/// What the holder answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(crate) enum Reply {
    /// Posts were stored.
    Stored {
        /// New ones, edits included.
        stored: usize,
        /// Already known.
        duplicates: usize,
    },
    /// Done; the number says how many of what was asked for (mails, posts …).
    Done {
        /// How many.
        count: usize,
    },
    /// A digest.
    Digest {
        /// As plain text.
        text: String,
        /// As a page.
        html: String,
        /// As a document.
        docx: Attachment,
    },
    /// The evidence shown of an alert; none once it has expired.
    Explained {
        /// Counts and evidence.
        evidence: Option<Box<Evidence>>,
    },
    /// Topics.
    Topics {
        /// All of the last day.
        listed: Listed,
    },
    /// The configuration in force.
    InForce {
        /// Its version; empty without a file.
        version: String,
        /// Since when.
        since: Option<Timestamp>,
        /// What was changed and waits for a restart.
        restart: Vec<String>,
    },
    /// Not done, and why.
    Refused {
        /// In words, with what to do next.
        why: Words,
        /// Who does that.
        turn: Turn,
    },
}

/// Who has to do something about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Turn {
    /// Whoever typed the command.
    Users,
    /// Whoever looks after the program and its data.
    Ours,
}

impl Action {
    /// The same with phone numbers and the like hidden in what was typed: what is kept, shown and mailed names posts.
    pub(crate) fn masked(self, masks: &Masks) -> Action {
        let hide = |text: String| masks.apply(&text).into_owned();
        match self {
            Action::Acknowledge { by } => Action::Acknowledge { by: hide(by) },
            Action::Respond { by, url, at } => Action::Respond { by: hide(by), url, at },
            Action::Withdraw { by, reason } => Action::Withdraw { by: hide(by), reason: hide(reason) },
            Action::Mute { by, reason, until } => Action::Mute { by: hide(by), reason: hide(reason), until },
            Action::Close { by } => Action::Close { by: hide(by) },
            Action::FalseAlarm { by, reason } => Action::FalseAlarm { by: hide(by), reason: hide(reason) },
            Action::Rate { by, worth } => Action::Rate { by: hide(by), worth },
            Action::Note { by, text } => Action::Note { by: hide(by), text: hide(text) },
        }
    }
}

impl Turn {
    /// An account that cannot be changed as asked is for whoever asked; a file that cannot be written is not.
    pub(crate) fn after(error: &AccountError) -> Turn {
        if matches!(error, AccountError::Journal(_)) { Turn::Ours } else { Turn::Users }
    }
}

/// A command's end of the socket.
#[derive(Debug)]
pub(crate) struct Line {
    stream: BufReader<UnixStream>,
}

impl Line {
    /// Connects to the holder of a folder.
    pub(crate) fn connect(folder: &Path) -> std::io::Result<Line> {
        Ok(Line { stream: BufReader::new(UnixStream::connect(crate::folder::socket(folder))?) })
    }

    /// Asks one thing and waits for the answer.
    pub(crate) fn ask(&mut self, request: &Request) -> std::io::Result<Reply> {
        let mut text = serde_json::to_string(request)?;
        text.push('\n');
        self.stream.get_mut().write_all(text.as_bytes())?;
        let mut answer = String::new();
        if self.stream.read_line(&mut answer)? == 0 {
            return Err(std::io::Error::other("the running guanlan closed the connection; see its log"));
        }
        Ok(serde_json::from_str(&answer)?)
    }
}
