//! Accounts of the pages: posts held (值班室, 宣传部), never persons, and what each may do.

mod store;
mod token;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use self::store::{Account, AccountChange, AccountError, Session};
pub use self::token::{ApiToken, TokenScope};

/// In whose name commands on this machine act.
pub const LOCAL: &str = "本机";
/// A session not used for so long is over: a shift and its hand-over.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(12);
/// However busy, a session is over after this.
pub const SESSION_LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What an account may do; each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 查看: sees every page, changes nothing.
    View,
    /// 值班: acts on alerts.
    Duty,
    /// 管理: changes concerns and sees the audit log.
    Admin,
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Role; 3] = [Role::View, Role::Duty, Role::Admin];

    /// The word in commands, in the configuration and on disk.
    pub fn word(self) -> &'static str {
        match self {
            Role::View => "view",
            Role::Duty => "duty",
            Role::Admin => "admin",
        }
    }

    /// The name in both languages.
    pub fn name(self) -> crawler::words::Words {
        let (chinese, english) = match self {
            Role::View => ("查看", "view"),
            Role::Duty => ("值班", "duty"),
            Role::Admin => ("管理", "administration"),
        };
        crawler::words::Words::new(chinese, english)
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Role, String> {
        let named = Role::ALL.into_iter().find(|role| role.word() == text);
        named.ok_or_else(|| format!("expected view, duty or admin, got {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_what_those_before_it_may() {
        assert!(Role::View < Role::Duty && Role::Duty < Role::Admin);
        for role in Role::ALL {
            assert_eq!(role.word().parse(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
    }
}
