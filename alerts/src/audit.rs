//! The audit log: who did what, and when. Posts held and numbers of alerts; no addresses, no passwords, no text
//! that somebody typed.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::journal::{Journal, JournalError, LOGIN};

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// 登录
    LoggedIn,
    /// A login that was refused.
    Refused,
    /// Logins refused so often that the next must wait.
    Locked,
    /// 退出
    LoggedOut,
    /// 认领
    Acknowledged,
    /// 登记回应
    Responded,
    /// 撤回回应
    Withdrawn,
    /// 静默
    Muted,
    /// 关闭
    Closed,
    /// 误报
    FalseAlarm,
    /// 反馈
    Rated,
    /// 备注
    Noted,
    /// A topic or a trial became a concern.
    ConcernAdded,
    /// An account was made.
    AccountAdded,
    /// An account was removed.
    AccountRemoved,
    /// A password was set.
    PasswordSet,
    /// A role was given.
    RoleSet,
    /// Somebody may log in again.
    Unlocked,
    /// A program got a token.
    TokenAdded,
    /// A token ended.
    TokenRevoked,
    /// A source was left alone: what it says is not heard.
    SourcePaused,
    /// A source is read again.
    SourceResumed,
    /// A class of topics is told no more.
    TopicsMuted,
    /// A class of topics is told again.
    TopicsUnmuted,
    /// A search was kept for the office.
    SearchSaved,
    /// A search that was kept is gone.
    SearchForgotten,
    /// Changed configuration files were taken over.
    Configured,
}

impl Deed {
    const ALL: [(Deed, &'static str, &'static str, &'static str); 27] = [
        (Deed::LoggedIn, "login", "登录", "logged in"),
        (Deed::Refused, "login-refused", "登录被拒", "login refused"),
        (Deed::Locked, "locked", "多次登录被拒，暂停登录", "locked after too many refused logins"),
        (Deed::LoggedOut, "logout", "退出", "logged out"),
        (Deed::Acknowledged, "acknowledge", "认领", "took an alert on"),
        (Deed::Responded, "respond", "登记回应", "recorded an answer"),
        (Deed::Withdrawn, "withdraw", "撤回回应", "withdrew an answer"),
        (Deed::Muted, "mute", "静默", "muted an alert"),
        (Deed::Closed, "close", "关闭", "closed an alert"),
        (Deed::FalseAlarm, "false-alarm", "标为误报", "called it a false alarm"),
        (Deed::Rated, "feedback", "反馈", "gave feedback"),
        (Deed::Noted, "note", "备注", "added a note"),
        (Deed::ConcernAdded, "concern-add", "加入关切词表", "added a concern"),
        (Deed::AccountAdded, "user-add", "新建账号", "added an account"),
        (Deed::AccountRemoved, "user-remove", "删除账号", "removed an account"),
        (Deed::PasswordSet, "user-password", "设置密码", "set a password"),
        (Deed::RoleSet, "user-role", "调整权限", "gave a role"),
        (Deed::Unlocked, "user-unlock", "解除锁定", "unlocked an account"),
        (Deed::TokenAdded, "token-add", "新建接口口令", "made a token"),
        (Deed::TokenRevoked, "token-revoke", "废止接口口令", "ended a token"),
        (Deed::SourcePaused, "source-pause", "暂停信源", "paused a source"),
        (Deed::SourceResumed, "source-resume", "恢复信源", "resumed a source"),
        (Deed::TopicsMuted, "topics-mute", "静默一类话题", "muted a class of topics"),
        (Deed::TopicsUnmuted, "topics-unmute", "不再静默一类话题", "ended the mute of a class of topics"),
        (Deed::SearchSaved, "search-save", "保存搜索", "kept a search"),
        (Deed::SearchForgotten, "search-forget", "删除保存的搜索", "removed a kept search"),
        (Deed::Configured, "configuration", "启用改过的配置", "put changed settings in force"),
    ];

    /// The word on disk and for programs.
    pub fn word(self) -> &'static str {
        self.texts().1
    }

    /// What people read.
    pub fn name(self) -> crawler::words::Words {
        let (_, _, chinese, english) = self.texts();
        crawler::words::Words::new(chinese, english)
    }

    fn texts(self) -> (Deed, &'static str, &'static str, &'static str) {
        let known = Deed::ALL.into_iter().find(|(deed, ..)| *deed == self);
        known.unwrap_or((self, "", "", ""))
    }

    fn of(word: &str) -> Option<Deed> {
        Deed::ALL.into_iter().find(|(_, known, ..)| *known == word).map(|(deed, ..)| deed)
    }
}

impl Serialize for Deed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audited {
    /// Running number.
    pub id: i64,
    /// When.
    pub time: Timestamp,
    /// In whose name; empty where a login named nobody we know.
    pub post: String,
    /// What.
    pub deed: Deed,
    /// With which alert, account, concern, source, class of topics or version of the settings.
    pub subject: String,
}

impl Journal {
    /// Writes one line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn audit(
        &mut self,
        time: Timestamp,
        post: &str,
        deed: Deed,
        subject: &str,
    ) -> Result<(), JournalError> {
        write(self.connection(), time, post, deed, subject).map_err(self.error())
    }

    /// At most `limit` lines before number `before`, the newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn audited(&self, before: Option<i64>, limit: usize) -> Result<Vec<Audited>, JournalError> {
        if !self.has_taken(LOGIN)? {
            return Ok(Vec::new());
        }
        let error = self.error();
        let query = "select id, time, post, deed, subject from audit where id < ? order by id desc limit ?";
        let mut statement = self.connection().prepare_cached(query).map_err(&error)?;
        let values = params![before.unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX)];
        let mut rows = statement.query(values).map_err(&error)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().map_err(&error)? {
            let word: String = row.get(3).map_err(&error)?;
            // A word of a newer program is left out rather than guessed at.
            let Some(deed) = Deed::of(&word) else { continue };
            lines.push(Audited {
                id: row.get(0).map_err(&error)?,
                time: Timestamp::from_millisecond(row.get(1).map_err(&error)?).unwrap_or(Timestamp::MIN),
                post: row.get(2).map_err(&error)?,
                deed,
                subject: row.get(4).map_err(&error)?,
            });
        }
        Ok(lines)
    }

    /// Forgets what is older.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn forget_audited(&self, before: Timestamp) -> Result<usize, JournalError> {
        let deleted =
            self.connection().execute("delete from audit where time < ?", [before.as_millisecond()]);
        deleted.map_err(self.error())
    }
}

/// Writes one line, inside whatever transaction is open.
pub(crate) fn write(
    connection: &Connection,
    time: Timestamp,
    post: &str,
    deed: Deed,
    subject: &str,
) -> rusqlite::Result<()> {
    let insert = "insert into audit (time, post, deed, subject) values (?, ?, ?, ?)";
    connection.prepare_cached(insert)?.insert(params![time.as_millisecond(), post, deed.word(), subject])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_a_word_of_its_own_and_is_read_back() {
        for (deed, word, ..) in Deed::ALL {
            assert_eq!((Deed::of(word), deed.word()), (Some(deed), word));
        }
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        for subject in ["20261124-01", "20261124-02", "20261124-03"] {
            journal.audit(now, "值班室", Deed::Acknowledged, subject).unwrap();
        }
        let newest = journal.audited(None, 2).unwrap();
        let subjects: Vec<&str> = newest.iter().map(|line| line.subject.as_str()).collect();
        assert_eq!(subjects, ["20261124-03", "20261124-02"]);
        assert_eq!(journal.audited(Some(newest[1].id), 9).unwrap()[0].subject, "20261124-01");
        assert_eq!(journal.forget_audited(now).unwrap(), 0);
        assert_eq!(journal.forget_audited(now + jiff::SignedDuration::from_secs(1)).unwrap(), 3);
    }
}
