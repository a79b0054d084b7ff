use jiff::SignedDuration;

use super::*;

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn journal() -> (tempfile::TempDir, Journal) {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(dir.path()).unwrap();
    (dir, journal)
}

fn add(name: &str) -> AccountChange {
    AccountChange::Add { name: name.to_owned(), role: Role::Duty, password: "$argon2id$x".to_owned() }
}

fn session(hash: u8, account: &str) -> Session {
    let account = account.to_owned();
    Session { hash: [hash; 32], account, began: now(), seen: now(), role: None, rules: None }
}

#[test]
fn accounts_are_added_changed_and_removed_and_each_step_is_written_down() {
    let (_dir, mut journal) = journal();
    let mut change = |change: &AccountChange| journal.change_account(change, "本机", now());
    change(&add("值班室")).unwrap();
    assert!(matches!(change(&add("值班室")), Err(AccountError::Taken(_))));
    let name = "值班室".to_owned();
    change(&AccountChange::Role { name: name.clone(), role: Role::Admin }).unwrap();
    change(&AccountChange::Unlock { name: name.clone() }).unwrap();
    let unknown = AccountChange::Password { name: "宣传部".to_owned(), password: String::new() };
    assert!(matches!(change(&unknown), Err(AccountError::Unknown(_))));
    let accounts = journal.accounts().unwrap();
    assert_eq!((accounts.len(), accounts[0].role), (1, Role::Admin));
    assert!(!serde_json::to_string(&accounts).unwrap().contains("argon2"), "a hash is told to nobody");
    journal.change_account(&AccountChange::Remove { name }, "本机", now()).unwrap();
    assert_eq!(journal.accounts().unwrap(), []);
    let deeds: Vec<_> = journal.audited(None, 9).unwrap().into_iter().map(|line| line.deed).collect();
    assert_eq!(deeds, [Deed::AccountRemoved, Deed::Unlocked, Deed::RoleSet, Deed::AccountAdded]);
}

#[test]
fn another_password_and_a_removal_end_the_sessions_of_that_account_alone() {
    let (_dir, mut journal) = journal();
    for (name, hash) in [("值班室", 1), ("宣传部", 2)] {
        journal.change_account(&add(name), "本机", now()).unwrap();
        assert!(journal.begin_session(&session(hash, name), "$argon2id$x").unwrap());
    }
    let name = "值班室".to_owned();
    let password = AccountChange::Password { name: name.clone(), password: "$argon2id$y".to_owned() };
    journal.change_account(&password, "本机", now()).unwrap();
    assert_eq!(journal.sessions().unwrap(), [session(2, "宣传部")]);
    assert!(
        !journal.begin_session(&session(3, &name), "$argon2id$x").unwrap(),
        "checked before it was changed"
    );
    journal.change_account(&AccountChange::Remove { name: "宣传部".to_owned() }, "本机", now()).unwrap();
    assert_eq!(journal.sessions().unwrap(), []);
}

#[test]
fn sessions_are_used_ended_and_forgotten() {
    let (_dir, mut journal) = journal();
    journal.change_account(&add("值班室"), "本机", now()).unwrap();
    for hash in 1..=3 {
        assert!(journal.begin_session(&session(hash, "值班室"), "$argon2id$x").unwrap());
    }
    let later = now() + SESSION_IDLE;
    journal.touch_session(&[1; 32], later).unwrap();
    journal.end_session(&[2; 32]).unwrap();
    assert_eq!(journal.forget_sessions(later).unwrap(), 0);
    assert_eq!(journal.forget_sessions(later + SignedDuration::from_secs(1)).unwrap(), 1);
    assert_eq!(journal.sessions().unwrap(), [Session { seen: later, ..session(1, "值班室") }]);
    let end = now() + SESSION_LONGEST + SignedDuration::from_secs(1);
    journal.touch_session(&[1; 32], end).unwrap();
    assert_eq!(journal.forget_sessions(end).unwrap(), 1, "begun too long ago, however busy");
}

#[test]
fn a_session_keeps_the_role_that_a_provider_gave_and_ends_with_the_rules_that_gave_it() {
    let (_dir, mut journal) = journal();
    journal.change_account(&add("值班室"), "本机", now()).unwrap();
    let by = |hash, role, rules: &str| {
        let rules = Some(rules.to_owned());
        Session { role, rules, ..session(hash, "值班室") }
    };
    let sessions = [session(1, "值班室"), by(2, Some(Role::Admin), "a"), by(3, None, "b")];
    for session in &sessions {
        assert!(journal.begin_session(session, "$argon2id$x").unwrap());
    }
    assert_eq!(journal.sessions().unwrap(), sessions);
    assert_eq!(journal.end_sessions_of_other_rules(Some("a")).unwrap(), 2);
    assert_eq!(journal.sessions().unwrap(), [sessions[1].clone()]);
    assert!(journal.begin_session(&sessions[0], "$argon2id$x").unwrap());
    assert_eq!(journal.end_sessions_of_other_rules(None).unwrap(), 1);
    assert_eq!(journal.sessions().unwrap(), [sessions[0].clone()], "a password needs no provider");
}

#[test]
fn a_session_ends_when_nobody_uses_it_and_after_a_week_in_any_case() {
    let second = SignedDuration::from_secs(1);
    let used = |seen| Session { seen, ..session(1, "值班室") };
    assert!(!used(now()).is_over(now() + SESSION_IDLE));
    assert!(used(now()).is_over(now() + SESSION_IDLE + second));
    let busy = now() + SESSION_LONGEST;
    assert!(!used(busy).is_over(busy));
    assert!(used(busy).is_over(busy + second));
}

#[test]
fn a_name_is_one_that_people_can_read_and_tell_apart() {
    let (_dir, mut journal) = journal();
    for name in ["值班室", "Duty Desk", "市 委 办", "<b>宣传部</b>", &"室".repeat(40)] {
        assert!(journal.change_account(&add(name), "本机", now()).is_ok(), "{name}");
    }
    let long = "室".repeat(41);
    for name in ["", " 值班室", "值班室\n", "值\u{202e}班室", "值班\u{200b}室", "\u{3000}", "a\tb", &long]
    {
        let refused = journal.change_account(&add(name), "本机", now());
        assert!(matches!(refused, Err(AccountError::BadName)), "{name:?}");
    }
}
