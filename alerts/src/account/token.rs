//! Tokens of programs that read the API or the metrics: what they may do, until when, and of the token itself only a
//! hash.

use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::store::{AccountError, exists, is_name};
use super::{LOCAL, Role};
use crate::audit::{self, Deed};
use crate::journal::{Journal, JournalError, LOGIN};

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// `/metrics` alone.
    Metrics,
    /// Reading the API, and the metrics.
    Read,
    /// Acting on alerts as well.
    Act,
}

impl TokenScope {
    /// All there are.
    pub const ALL: [TokenScope; 3] = [TokenScope::Metrics, TokenScope::Read, TokenScope::Act];

    /// The word in commands and on disk.
    pub fn word(self) -> &'static str {
        match self {
            TokenScope::Metrics => "metrics",
            TokenScope::Read => "read",
            TokenScope::Act => "act",
        }
    }

    /// The role that whoever shows it has on that path; none where it is not good for it.
    pub fn role_at(self, path: &str) -> Option<Role> {
        match self {
            TokenScope::Metrics => (path == "/metrics").then_some(Role::View),
            TokenScope::Read => Some(Role::View),
            TokenScope::Act => Some(Role::Duty),
        }
    }
}

impl std::str::FromStr for TokenScope {
    type Err = String;

    fn from_str(text: &str) -> Result<TokenScope, String> {
        let named = TokenScope::ALL.into_iter().find(|scope| scope.word() == text);
        named.ok_or_else(|| format!("expected metrics, read or act, got {text}"))
    }
}

/// A token of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// What the program is called: actions are done in this name.
    pub name: String,
    /// What it is good for.
    pub scope: TokenScope,
    /// SHA-256 of the token.
    #[serde(skip_serializing, default)]
    pub hash: [u8; 32],
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

impl Journal {
    /// The tokens, by name. None in a file of an older program.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn tokens(&self) -> Result<Vec<ApiToken>, JournalError> {
        if !self.has_taken(LOGIN)? {
            return Ok(Vec::new());
        }
        let error = self.error();
        let query = "select name, scope, hash, made, expires from token order by name";
        let mut statement = self.connection().prepare_cached(query).map_err(&error)?;
        let moment = |millisecond| Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MIN);
        let rows = statement.query_map([], |row| {
            let scope: String = row.get(1)?;
            Ok(ApiToken {
                name: row.get(0)?,
                // A word nobody of ours wrote gives the least.
                scope: scope.parse().unwrap_or(TokenScope::Metrics),
                hash: row.get(2)?,
                made: moment(row.get(3)?),
                expires: moment(row.get(4)?),
            })
        });
        rows.and_then(Iterator::collect).map_err(error)
    }

    /// Adds a token.
    ///
    /// # Errors
    /// A name that another token or an account has, or that is none.
    pub fn add_token(&mut self, token: &ApiToken, by: &str, now: Timestamp) -> Result<(), AccountError> {
        if !is_name(&token.name) {
            return Err(AccountError::BadName);
        }
        if token.name == LOCAL {
            return Err(AccountError::Reserved);
        }
        let error = self.error();
        let transaction = self.begin()?;
        if exists(&transaction, "account", &token.name).map_err(&error)? {
            return Err(AccountError::OneName(token.name.clone()));
        }
        let insert = "insert or ignore into token (name, scope, hash, made, expires) values (?, ?, ?, ?, ?)";
        let (made, expires) = (token.made.as_millisecond(), token.expires.as_millisecond());
        let values = params![token.name, token.scope.word(), token.hash, made, expires];
        if transaction.execute(insert, values).map_err(&error)? == 0 {
            return Err(AccountError::TokenTaken(token.name.clone()));
        }
        let subject = format!("{} ({})", token.name, token.scope.word());
        audit::write(&transaction, now, by, Deed::TokenAdded, &subject).map_err(&error)?;
        transaction.commit().map_err(error)?;
        Ok(())
    }

    /// Ends a token.
    ///
    /// # Errors
    /// A name that no token has.
    pub fn revoke_token(&mut self, name: &str, by: &str, now: Timestamp) -> Result<(), AccountError> {
        let error = self.error();
        let transaction = self.begin()?;
        if transaction.execute("delete from token where name = ?", [name]).map_err(&error)? == 0 {
            return Err(AccountError::NoToken(name.to_owned()));
        }
        audit::write(&transaction, now, by, Deed::TokenRevoked, name).map_err(&error)?;
        transaction.commit().map_err(error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_name_of_its_own_and_is_told_to_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let expires = now + jiff::SignedDuration::from_hours(24);
        let token =
            ApiToken {
                name: "大屏".to_owned(), scope: TokenScope::Read, hash: [7; 32], made: now, expires
            };
        journal.add_token(&token, "本机", now).unwrap();
        assert!(matches!(journal.add_token(&token, "本机", now), Err(AccountError::TokenTaken(_))));
        assert_eq!(journal.tokens().unwrap(), std::slice::from_ref(&token));
        assert!(!serde_json::to_string(&token).unwrap().contains("hash"));
        journal.revoke_token("大屏", "本机", now).unwrap();
        assert!(matches!(journal.revoke_token("大屏", "本机", now), Err(AccountError::NoToken(_))));
        assert_eq!(journal.tokens().unwrap(), []);
        let deeds: Vec<_> = journal.audited(None, 9).unwrap().into_iter().map(|line| line.deed).collect();
        assert_eq!(deeds, [Deed::TokenRevoked, Deed::TokenAdded]);
    }

    #[test]
    fn a_program_is_not_mistaken_for_a_post_or_for_this_machine() {
        use crate::account::AccountChange;

        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let named = |name: &str, hash| {
            let (name, scope) = (name.to_owned(), TokenScope::Act);
            ApiToken { name, scope, hash: [hash; 32], made: now, expires: now }
        };
        let add = |name: &str| AccountChange::Add {
            name: name.to_owned(),
            role: Role::Duty,
            password: String::new(),
        };
        journal.change_account(&add("值班室"), LOCAL, now).unwrap();
        journal.add_token(&named("大屏", 1), LOCAL, now).unwrap();
        let taken = journal.add_token(&named("值班室", 2), LOCAL, now);
        assert!(matches!(taken, Err(AccountError::OneName(_))), "{taken:?}");
        assert!(matches!(journal.change_account(&add("大屏"), LOCAL, now), Err(AccountError::OneName(_))));
        assert!(matches!(journal.add_token(&named(LOCAL, 3), LOCAL, now), Err(AccountError::Reserved)));
        assert!(matches!(journal.change_account(&add(LOCAL), LOCAL, now), Err(AccountError::Reserved)));
        assert_eq!(journal.tokens().unwrap().len(), 1);
    }

    #[test]
    fn a_scope_is_good_for_what_it_says() {
        let at = |scope: TokenScope| ["/metrics", "/api/v1/alerts"].map(|path| scope.role_at(path));
        assert_eq!(at(TokenScope::Metrics), [Some(Role::View), None]);
        assert_eq!(at(TokenScope::Read), [Some(Role::View), Some(Role::View)]);
        assert_eq!(at(TokenScope::Act), [Some(Role::Duty), Some(Role::Duty)]);
    }
}
