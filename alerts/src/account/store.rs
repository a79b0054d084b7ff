//! Accounts and sessions in `alerts.db`. A password is there only as argon2id made it, a session only as a hash of
//! what the browser holds: whoever reads the file can log in nowhere.

use crawler::words::Words;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::{LOCAL, Role, SESSION_IDLE, SESSION_LONGEST};
use crate::audit::{self, Deed};
use crate::journal::{Journal, JournalError, LOGIN};

/// The longest name, in characters.
const LONGEST_NAME: usize = 40;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The post held.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The password as argon2id left it (PHC string); never told to anybody.
    #[serde(skip)]
    pub password: String,
    /// When the account was made.
    pub made: Timestamp,
    /// When its password was set.
    pub password_set: Timestamp,
}

/// What may be done with accounts.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AccountChange {
    /// A new one.
    Add {
        /// Post held.
        name: String,
        /// What it may do.
        role: Role,
        /// Its password as argon2id left it.
        password: String,
    },
    /// One less; its sessions end.
    Remove {
        /// Post held.
        name: String,
    },
    /// Another password; its sessions end.
    Password {
        /// Post held.
        name: String,
        /// The password as argon2id left it.
        password: String,
    },
    /// Another role, in force at once.
    Role {
        /// Post held.
        name: String,
        /// What it may do.
        role: Role,
    },
    /// Whoever holds it may try to log in again at once.
    Unlock {
        /// Post held.
        name: String,
    },
}

impl AccountChange {
    /// Whose account it is about.
    pub fn name(&self) -> &str {
        match self {
            AccountChange::Add { name, .. }
            | AccountChange::Remove { name }
            | AccountChange::Password { name, .. }
            | AccountChange::Role { name, .. }
            | AccountChange::Unlock { name } => name,
        }
    }
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The file says no.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It is there already.
    #[error("there is an account {0} already; guanlan user password gives it another password")]
    Taken(String),
    /// There is none.
    #[error("there is no account {0}; guanlan user list shows them")]
    Unknown(String),
    /// What a program does stands in the log under the name of its token.
    #[error(
        "{0} is the name of an account and of a token: what either does could not be told apart; choose another"
    )]
    OneName(String),
    /// Commands on this machine act in this name.
    #[error("{LOCAL} stands for commands on this machine; choose another name")]
    Reserved,
    /// Another token is called so.
    #[error("there is a token {0} already; guanlan user revoke ends it")]
    TokenTaken(String),
    /// No token is called so.
    #[error("there is no token {0}; guanlan user tokens shows them")]
    NoToken(String),
    /// Not a name.
    #[error(
        "an account is named after a post held, such as 值班室: 1 to 40 characters, no blanks at its ends"
    )]
    BadName,
}

impl AccountError {
    /// What happened and what to do next.
    pub fn words(&self) -> Words {
        let chinese = match self {
            AccountError::Journal(error) => format!("alerts.db 读写失败：{error}"),
            AccountError::Taken(name) => format!("已有账号 {name}；换密码用 guanlan user password"),
            AccountError::Unknown(name) => format!("没有账号 {name}；guanlan user list 列出全部账号"),
            AccountError::OneName(name) => {
                format!("{name} 既是账号名又是口令名，日志里就分不清是谁做的；请换一个名称")
            }
            AccountError::Reserved => format!("{LOCAL} 指在本机运行的命令；请换一个名称"),
            AccountError::TokenTaken(name) => format!("已有口令 {name}；guanlan user revoke 可以停用它"),
            AccountError::NoToken(name) => format!("没有口令 {name}；guanlan user tokens 列出全部口令"),
            AccountError::BadName => "账号以岗位命名，如 值班室：1 至 40 个字，首尾不留空格".to_owned(),
        };
        Words::new(chinese, self.to_string())
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of what the browser holds.
    pub hash: [u8; 32],
    /// Name of the account.
    pub account: String,
    /// When the session began.
    pub began: Timestamp,
    /// When it was last used, to a few minutes.
    pub seen: Timestamp,
    /// The role that the provider of the login gave; `None`: the account's own, as it is at each moment.
    pub role: Option<Role>,
    /// Names the rules by which the provider's word was judged; `None`: a password was.
    pub rules: Option<String>,
}

impl Session {
    /// Whether it is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) > SESSION_IDLE || now.duration_since(self.began) > SESSION_LONGEST
    }
}

impl Journal {
    /// The accounts, by name. None in a file of an older program.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>, JournalError> {
        if !self.has_taken(LOGIN)? {
            return Ok(Vec::new());
        }
        let error = self.error();
        let query = "select name, role, password, made, password_set from account order by name";
        let mut statement = self.connection().prepare_cached(query).map_err(&error)?;
        let rows = statement.query_map([], account).map_err(&error)?;
        rows.collect::<Result<_, _>>().map_err(error)
    }

    /// Changes an account, and writes down that it was done by `by`.
    ///
    /// # Errors
    /// An account that is missing, or there already; a name that is none.
    pub fn change_account(
        &mut self,
        change: &AccountChange,
        by: &str,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let name = change.name();
        if !is_name(name) {
            return Err(AccountError::BadName);
        }
        let is_new = matches!(change, AccountChange::Add { .. });
        if is_new && name == LOCAL {
            return Err(AccountError::Reserved);
        }
        let error = self.error();
        let moment = now.as_millisecond();
        let transaction = self.begin()?;
        let known = exists(&transaction, "account", name).map_err(&error)?;
        if is_new && !known && exists(&transaction, "token", name).map_err(&error)? {
            return Err(AccountError::OneName(name.to_owned()));
        }
        match (change, known) {
            (AccountChange::Add { .. }, true) => return Err(AccountError::Taken(name.to_owned())),
            (AccountChange::Add { .. }, false) | (_, true) => {}
            (_, false) => return Err(AccountError::Unknown(name.to_owned())),
        }
        let (deed, done) = match change {
            AccountChange::Add { name, role, password } => {
                let insert = "insert into account (name, role, password, made, password_set)
                    values (?1, ?2, ?3, ?4, ?4)";
                let values = params![name, role.word(), password, moment];
                (Deed::AccountAdded, transaction.execute(insert, values))
            }
            AccountChange::Remove { name } => {
                (Deed::AccountRemoved, transaction.execute("delete from account where name = ?", [name]))
            }
            AccountChange::Password { name, password } => {
                let update = "update account set password = ?2, password_set = ?3 where name = ?1";
                (Deed::PasswordSet, transaction.execute(update, params![name, password, moment]))
            }
            AccountChange::Role { name, role } => {
                let update = "update account set role = ?2 where name = ?1";
                (Deed::RoleSet, transaction.execute(update, params![name, role.word()]))
            }
            AccountChange::Unlock { .. } => (Deed::Unlocked, Ok(0)),
        };
        done.map_err(&error)?;
        if matches!(change, AccountChange::Remove { .. } | AccountChange::Password { .. }) {
            transaction.execute("delete from session where account = ?", [name]).map_err(&error)?;
        }
        let subject = match change {
            AccountChange::Add { role, .. } | AccountChange::Role { role, .. } => {
                format!("{name} ({})", role.word())
            }
            _ => name.to_owned(),
        };
        audit::write(&transaction, now, by, deed, &subject).map_err(&error)?;
        transaction.commit().map_err(error)?;
        Ok(())
    }

    /// Takes over accounts of another installation that this one lacks: a drill is entered as the real pages are.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn adopt_accounts(&mut self, accounts: &[Account]) -> Result<(), JournalError> {
        let error = self.error();
        let transaction = self.begin()?;
        for account in accounts {
            let insert = "insert or ignore into account (name, role, password, made, password_set)
                values (?, ?, ?, ?, ?)";
            let (made, set) = (account.made.as_millisecond(), account.password_set.as_millisecond());
            let values = params![account.name, account.role.word(), account.password, made, set];
            transaction.execute(insert, values).map_err(&error)?;
        }
        transaction.commit().map_err(error)
    }

    /// Everybody who was logged in when that was last written down.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn sessions(&self) -> Result<Vec<Session>, JournalError> {
        let error = self.error();
        let query = "select hash, account, began, seen, role, rules from session";
        let mut statement = self.connection().prepare_cached(query).map_err(&error)?;
        let rows = statement.query_map([], session).map_err(&error)?;
        rows.collect::<Result<_, _>>().map_err(error)
    }

    /// Begins a session of an account that still has the password that was checked, and writes down that somebody
    /// logged in; `false` when the account has changed meanwhile.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_session(&mut self, session: &Session, password: &str) -> Result<bool, JournalError> {
        let error = self.error();
        let (began, seen) = (session.began.as_millisecond(), session.seen.as_millisecond());
        let transaction = self.begin()?;
        let insert = "insert into session (hash, account, began, seen, role, rules)
            select ?1, name, ?3, ?4, ?6, ?7 from account where name = ?2 and password = ?5";
        let role = session.role.map(Role::word);
        let values = params![session.hash, session.account, began, seen, password, role, session.rules];
        if transaction.execute(insert, values).map_err(&error)? == 0 {
            return Ok(false);
        }
        audit::write(&transaction, session.began, &session.account, Deed::LoggedIn, "").map_err(&error)?;
        transaction.commit().map_err(error)?;
        Ok(true)
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn touch_session(&mut self, hash: &[u8; 32], seen: Timestamp) -> Result<(), JournalError> {
        let update = "update session set seen = ?2 where hash = ?1";
        let touched = self.connection().execute(update, params![hash, seen.as_millisecond()]);
        touched.map(|_| ()).map_err(self.error())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_session(&mut self, hash: &[u8; 32]) -> Result<(), JournalError> {
        let ended = self.connection().execute("delete from session where hash = ?", [hash]);
        ended.map(|_| ()).map_err(self.error())
    }

    /// Ends the sessions that began by other rules than these: what they may do is not what these give.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_sessions_of_other_rules(&mut self, rules: Option<&str>) -> Result<usize, JournalError> {
        let delete = "delete from session where rules is not ?";
        self.connection().execute(delete, [rules]).map_err(self.error())
    }

    /// Forgets sessions that are over.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget_sessions(&mut self, now: Timestamp) -> Result<usize, JournalError> {
        let delete = "delete from session where seen < ?1 or began < ?2";
        let before = |kept| now.checked_sub(kept).map_or(i64::MIN, Timestamp::as_millisecond);
        let moments = [before(SESSION_IDLE), before(SESSION_LONGEST)];
        self.connection().execute(delete, moments).map_err(self.error())
    }
}

/// Whether that may be the name of an account: what cannot be told from another name on a page is refused.
pub(super) fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    let is_odd = |character: char| {
        character.is_control() || (character.is_whitespace() && character != ' ') || is_invisible(character)
    };
    (1..=LONGEST_NAME).contains(&length) && name.trim() == name && !name.chars().any(is_odd)
}

/// Marks of direction, joiners and the like.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether an account or a token is called so.
pub(super) fn exists(connection: &Connection, table: &'static str, name: &str) -> rusqlite::Result<bool> {
    let query = format!("select 1 from {table} where name = ?");
    Ok(connection.query_row(&query, [name], |_| Ok(())).optional()?.is_some())
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let role: String = row.get(1)?;
    Ok(Account {
        name: row.get(0)?,
        // A word nobody of ours wrote gives the least.
        role: role.parse().unwrap_or(Role::View),
        password: row.get(2)?,
        made: moment(row.get(3)?),
        password_set: moment(row.get(4)?),
    })
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let (began, seen) = (moment(row.get(2)?), moment(row.get(3)?));
    let given: Option<String> = row.get(4)?;
    // A word nobody of ours wrote gives the least.
    let role = given.map(|word| word.parse().unwrap_or(Role::View));
    Ok(Session { hash: row.get(0)?, account: row.get(1)?, began, seen, role, rules: row.get(5)? })
}

fn moment(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
