//! The tables of `alerts.db`, as steps: a new file takes them all, an older one those it lacks.
//!
//! A step that has shipped is never changed; what comes later is a further step at the end.

/// Version of the layout, kept in the file's `user_version`: the number of steps taken.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// The step with which mails got channels beside them, and each try a line of its own.
pub(crate) const TRIES: i64 = 2;

/// The step with which people log in and programs have tokens.
pub(crate) const LOGIN: i64 = 4;

pub(super) const STEPS: &[&str] =
    &[FIRST, DELIVERY, ISSUES, ACCOUNTS, ANSWERED, SAVED, GROUPS, RULES, TAKEN, EFFECTS];

const FIRST: &str = "
create table journal (
    sequence integer primary key autoincrement,
    alert text not null,
    time text not null,
    event text not null
);
create index journal_by_alert on journal (alert, sequence);
-- What an alert waits for between two signals.
create table watch (alert text primary key, watch text not null);
-- Texts and pictures expire with the posts they quote; journal and outbox stay.
create table evidence (
    alert text not null,
    sequence integer primary key,
    signal text not null,
    explanation text not null,
    expires integer not null
);
create table content (
    id integer primary key,
    subject text not null,
    body text not null,
    chart blob,
    expires integer not null
);
create table outbox (
    id integer primary key autoincrement,
    message text not null unique,
    thread text not null,
    alert text,
    file text not null,
    copy integer not null,
    recipient text not null,
    for_group text not null,
    content integer not null,
    queued integer not null,
    state text not null default 'waiting',
    attempts integer not null default 0,
    next_try integer not null,
    server_down integer not null default 0,
    problem text
);
create index outbox_waiting on outbox (state, next_try);
create index outbox_by_file on outbox (file);
-- Once per address and day, once per notice, whatever restarts happen.
create table digests_sent (address text not null, day text not null, primary key (address, day));
create table notices_sent (kind text not null, key text not null, primary key (kind, key));
";

const DELIVERY: &str = "
-- Name of the channel a message leaves by; null: mail.
alter table outbox add column channel text;
create index outbox_by_alert on outbox (alert);
-- Each try to deliver: what became of it, and what the other side said.
create table attempt (mail integer not null, time integer not null, result text not null, said text);
create index attempt_by_mail on attempt (mail, time);
create index attempt_by_time on attempt (time);
";

const ISSUES: &str = "
-- Number of each digest in its series, given when it is first sent; those sent before are numbered by day.
create table issue (series text not null, day text not null, number integer not null, primary key (series, day));
insert into issue select 'day', day, row_number() over (order by day)
    from (select distinct day from digests_sent where day not like '% week');
insert into issue select 'week', substr(day, 1, 10), row_number() over (order by day)
    from (select distinct day from digests_sent where day like '% week');
";

const ACCOUNTS: &str = "
-- Posts held that may see the pages; of the password only what argon2id made of it, empty where a gateway knows them.
create table account (
    name text primary key,
    role text not null,
    password text not null,
    made integer not null,
    password_set integer not null
);
-- Who is logged in: a hash of what the browser holds.
create table session (hash blob primary key, account text not null, began integer not null, seen integer not null);
create index session_by_account on session (account);
-- Who did what: posts held and numbers, no addresses.
create table audit (
    id integer primary key autoincrement,
    time integer not null,
    post text not null,
    deed text not null,
    subject text not null
);
create index audit_by_time on audit (time);
-- Programs that read the API: a hash of the token, what it is good for, until when.
create table token (
    name text primary key,
    scope text not null,
    hash blob not null unique,
    made integer not null,
    expires integer not null
);
";

const ANSWERED: &str = "
-- Requests of programs that were answered, so that the same sent again is not done again.
create table answered (
    caller text not null,
    key text not null,
    request text not null,
    answer text not null,
    time integer not null,
    primary key (caller, key)
);
create index answered_by_time on answered (time);
";

const SAVED: &str = "
-- Searches that the office keeps: a name and the query part of an address; nobody's in particular.
create table saved_search (name text primary key, address text not null, saved integer not null);
";

const GROUPS: &str = "
-- The role that the provider of a login gave; null: the account's own.
alter table session add column role text;
";

const RULES: &str = "
-- Names the rules of the provider that a login was judged by; null: a password.
alter table session add column rules text;
";

const EFFECTS: &str = "
-- What came after each answer, once its time is over: numbers and names of questions, no text of posts.
create table effect (alert text not null, answered integer not null, effect text not null, primary key (alert, answered));
";

const TAKEN: &str = "
-- Up to where the desk has taken signals, in one row: the next start goes on from there.
create table taken (one integer primary key check (one = 1), at integer not null);
";
