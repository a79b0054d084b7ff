//! Accounts and sessions as the pages need them: in memory, for every request; `alerts.db` keeps both, and whatever
//! changes is written there first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use alerts::account::{Account, ApiToken, Role, Session};
use jiff::{SignedDuration, Timestamp};

use super::lockout::Lockouts;
use super::session::{self, Hash};

/// Refused logins written to the audit log in an hour: who floods it must not fill the disk.
const REFUSALS: u32 = 200;
/// Logins that came to nothing at a provider, written to the log of the program in an hour.
const TROUBLES: u32 = 60;

/// The register. Its locks are short: nothing waits while one is held.
#[derive(Default)]
pub(super) struct Register {
    state: Mutex<State>,
    lockouts: Mutex<Lockouts>,
}

#[derive(Default)]
struct State {
    accounts: BTreeMap<String, Account>,
    sessions: HashMap<Hash, Session>,
    tokens: HashMap<Hash, ApiToken>,
    refusals: Hourly,
    troubles: Hourly,
}

/// When an hour began, and how often something happened in it.
#[derive(Default)]
struct Hourly(Option<(Timestamp, u32)>);

impl Hourly {
    /// Counts one, and says whether it is among the first so many of its hour.
    fn is_among(&mut self, first: u32, now: Timestamp) -> bool {
        let is_current =
            |(began, _): &(Timestamp, u32)| now.duration_since(*began) < SignedDuration::from_hours(1);
        let (began, count) = self.0.filter(is_current).unwrap_or((now, 0));
        self.0 = Some((began, count.saturating_add(1)));
        count < first
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoggedIn {
    /// Name of the account.
    pub(super) post: String,
    /// Its role.
    pub(super) role: Role,
    /// Which session.
    pub(super) hash: Hash,
    /// Whether this use is one to be noted.
    pub(super) noted: bool,
}

impl Register {
    /// Takes over what the file says.
    pub(super) fn fill(&self, accounts: Vec<Account>, sessions: Vec<Session>, tokens: Vec<ApiToken>) {
        let mut state = self.state();
        state.accounts = accounts.into_iter().map(|account| (account.name.clone(), account)).collect();
        state.sessions = sessions.into_iter().map(|session| (session.hash, session)).collect();
        state.tokens = tokens.into_iter().map(|token| (token.hash, token)).collect();
    }

    /// Whether there is anybody to log in.
    pub(super) fn is_empty(&self) -> bool {
        self.state().accounts.is_empty()
    }

    /// An account.
    pub(super) fn account(&self, name: &str) -> Option<Account> {
        self.state().accounts.get(name).cloned()
    }

    /// Whose session one of these is; its use is noted every few minutes, unless it is none: a page that refreshes
    /// itself keeps nobody logged in.
    pub(super) fn find(&self, hashes: &[Hash], is_use: bool, now: Timestamp) -> Option<LoggedIn> {
        let mut state = self.state();
        let State { accounts, sessions, .. } = &mut *state;
        for hash in hashes {
            let Some(session) = sessions.get_mut(hash) else { continue };
            if session.is_over(now) {
                sessions.remove(hash);
                continue;
            }
            let Some(account) = accounts.get(&session.account) else { continue };
            let noted = is_use && now.duration_since(session.seen) >= session::NOTED;
            if noted {
                session.seen = now;
            }
            let role = session.role.unwrap_or(account.role);
            return Some(LoggedIn { post: account.name.clone(), role, hash: *hash, noted });
        }
        None
    }

    /// A program's token that has not ended.
    pub(super) fn token(&self, hash: &Hash, now: Timestamp) -> Option<ApiToken> {
        self.state().tokens.get(hash).filter(|token| now < token.expires).cloned()
    }

    /// A session that was written down.
    pub(super) fn begin(&self, session: Session) {
        let mut state = self.state();
        let now = session.began;
        state.sessions.retain(|_, other| !other.is_over(now));
        state.sessions.insert(session.hash, session);
    }

    /// The session is over.
    pub(super) fn end(&self, hash: &Hash) {
        self.state().sessions.remove(hash);
    }

    /// Who waits.
    pub(super) fn lockouts(&self) -> MutexGuard<'_, Lockouts> {
        self.lockouts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more refused login is written down.
    pub(super) fn notes_refusal(&self, now: Timestamp) -> bool {
        self.state().refusals.is_among(REFUSALS, now)
    }

    /// Whether one more login that came to nothing at a provider is told in the log.
    pub(super) fn notes_trouble(&self, now: Timestamp) -> bool {
        self.state().troubles.is_among(TROUBLES, now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + 3600 * hour).unwrap()
    }

    fn account(name: &str, role: Role) -> Account {
        Account { name: name.to_owned(), role, password: String::new(), made: at(0), password_set: at(0) }
    }

    fn session(hash: u8, name: &str) -> Session {
        let (hash, account) = ([hash; 32], name.to_owned());
        Session { hash, account, began: at(0), seen: at(0), role: None, rules: None }
    }

    #[test]
    fn a_session_is_its_accounts_as_that_now_is() {
        let register = Register::default();
        register.fill(
            vec![account("值班室", Role::View)],
            vec![session(1, "值班室"), session(2, "gone")],
            Vec::new(),
        );
        let found = register.find(&[[9; 32], [1; 32]], true, at(1)).unwrap();
        assert_eq!((found.post.as_str(), found.role, found.noted), ("值班室", Role::View, true));
        assert!(!register.find(&[[1; 32]], true, at(1)).unwrap().noted, "not at every request");
        assert_eq!(register.find(&[[2; 32]], true, at(1)), None, "its account was removed");
        register.fill(vec![account("值班室", Role::Admin)], vec![session(1, "值班室")], Vec::new());
        assert_eq!(register.find(&[[1; 32]], true, at(1)).unwrap().role, Role::Admin);
        assert_eq!(register.find(&[[1; 32]], true, at(30)), None, "not used for too long");
        register.begin(Session { role: Some(Role::View), ..session(4, "值班室") });
        assert_eq!(register.find(&[[4; 32]], true, at(0)).unwrap().role, Role::View, "as the provider said");
        register.begin(session(3, "值班室"));
        register.end(&[3; 32]);
        assert_eq!(register.find(&[[3; 32]], true, at(0)), None);
    }

    #[test]
    fn a_page_that_refreshes_itself_keeps_nobody_logged_in() {
        let register = Register::default();
        register.fill(vec![account("值班室", Role::View)], vec![session(1, "值班室")], Vec::new());
        for hour in 1..=12 {
            assert!(!register.find(&[[1; 32]], false, at(hour)).unwrap().noted, "{hour}");
        }
        assert_eq!(register.find(&[[1; 32]], false, at(13)), None);
    }

    #[test]
    fn who_floods_the_log_does_not_fill_it() {
        let register = Register::default();
        assert_eq!((0..1000).filter(|_| register.notes_refusal(at(0))).count(), 200);
        assert!(register.notes_refusal(at(2)));
        assert_eq!((0..1000).filter(|_| register.notes_trouble(at(2))).count(), 60);
        assert!(register.notes_trouble(at(3)));
    }
}
