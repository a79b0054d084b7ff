//! What the two files say, as types. A value that is here is valid; every field has a default but
//! for the concerns, the people and the sources, of which a fresh file has none.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use alerts::account::Role;
use alerts::message::Language;
use analyzer::concern::Concern;
use analyzer::intent::OwnRules;
use analyzer::level::{Level, Needs};
use crawler::fetch::Limits;
use crawler::fetch::proxy::Way;
use crawler::source::Source;
use jiff::SignedDuration;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

/// Everything that is configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// `[site]`
    pub site: Site,
    /// `[web]`
    pub web: Web,
    /// `[api]`
    pub api: Api,
    /// `[mail]`
    pub mail: Mail,
    /// `[people]`, in the order of the file.
    pub people: Vec<Group>,
    /// `[[channel]]`
    pub channels: Vec<Channel>,
    /// `[routing]`
    pub routing: Routing,
    /// `[levels]`
    pub levels: Levels,
    /// `[response]`
    pub response: Response,
    /// `[detect]`
    pub detect: Detect,
    /// `[topics]`
    pub topics: Topics,
    /// `[handover]`
    pub handover: Handover,
    /// `[heartbeat]`
    pub heartbeat: Heartbeat,
    /// `[quiet]`
    pub quiet: Quiet,
    /// `[digest]`
    pub digest: Digest,
    /// `[retention]`
    pub retention: Retention,
    /// `[privacy]`
    pub privacy: Privacy,
    /// `[fetch]`
    pub fetch: Fetch,
    /// `[[source]]`
    pub sources: Vec<Source>,
    /// `[[concern]]` of the clerk's file.
    pub concerns: Vec<Concern>,
    /// `[intents]` of the clerk's file: own rules of what posts want.
    pub intents: OwnRules,
}

/// The installation itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Name of the organisation, shown on pages and in mails.
    pub org: String,
    /// Zone in which days are cut and times are shown.
    pub zone: TimeZone,
    /// Default language of pages and mails.
    pub language: Language,
    /// Folder of everything stored.
    pub data_dir: PathBuf,
}

/// The local pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Web {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Prefix of links in mails, without a slash at its end; `None` leaves buttons out.
    pub public_url: Option<String>,
    /// Who may see the pages.
    pub login: Login,
    /// Gateways that are trusted: what they say of a visitor is believed.
    pub gateways: Vec<IpAddr>,
    /// Header in which such a gateway names the account, in lower case.
    pub header: String,
    /// Files of the certificate and its key (PEM); without them the pages speak plain HTTP.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// The provider at which people log in; there with [`Login::Oidc`] alone.
    pub oidc: Option<Oidc>,
}

/// The provider at which people log in (OpenID Connect), and what its claims mean here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// Its address, as written: it has to be the one that it gives itself.
    pub issuer: String,
    /// What the pages are registered as there.
    pub client_id: String,
    /// File with the secret of that registration.
    pub client_secret_file: Option<PathBuf>,
    /// Whether that file was named; else it may be missing: not every registration has a secret.
    pub is_secret_named: bool,
    /// The claim that names the account.
    pub claim: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists the groups.
    pub groups_claim: String,
    /// The role of whoever is in a group; empty: each account has its own role.
    pub groups: BTreeMap<String, Role>,
    /// Further authorities (PEM) that its certificate may be signed by.
    pub ca_file: Option<PathBuf>,
}

/// Where other systems hand posts and counts in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Api {
    /// Where to listen for other machines, without any page; `None`: only where the pages are.
    pub listen: Option<SocketAddr>,
}

/// How people identify themselves on the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// Account and password.
    Password,
    /// A trusted gateway names the account in a header.
    Header,
    /// A provider of OpenID Connect names the account.
    Oidc,
    /// Not at all: loopback only.
    None,
}

/// How mails leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// The way out.
    pub transport: Transport,
    /// Sender, with or without a name.
    pub from: String,
    /// How much mails say.
    pub detail: Detail,
    /// The mail server; `None` unless `[mail.smtp]` is there.
    pub smtp: Option<Smtp>,
    /// The domain's signature, if mails are signed here.
    pub dkim: Option<Dkim>,
}

/// How mails are signed for their domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Dkim {
    /// Name under which the public key is published: `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// Domain; the sender's if none is written.
    pub domain: String,
    /// File that holds the private key (PEM).
    pub key_file: PathBuf,
}

/// The way out for mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Written as `.eml` and `.html` files, not sent.
    File,
    /// Sent.
    Smtp,
}

/// How much mails say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// Level, name, number and link only: for mail systems outside the office's network.
    Brief,
}

/// The mail server.
#[derive(Clone, Debug, PartialEq)]
pub struct Smtp {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub security: Security,
    /// Login name; `None` logs in nowhere.
    pub username: Option<String>,
    /// File that holds the password alone.
    pub password_file: Option<PathBuf>,
    /// Certificate (PEM) of an authority of the office's own, trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
}

/// Encryption on the way to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after a greeting in the clear.
    StartTls,
    /// None: to this machine only.
    Plain,
}

/// A group of people who get mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name of the group or department.
    pub name: String,
    /// Mail addresses.
    pub addresses: Vec<String>,
}

/// A way to people beside mail.
#[derive(Clone, PartialEq)]
pub struct Channel {
    /// Name in lists of recipients.
    pub name: String,
    /// Who is at the other end.
    pub kind: ChannelKind,
    /// Address, where it is no secret.
    pub url: Option<url::Url>,
    /// File that holds the address alone.
    pub url_file: Option<PathBuf>,
    /// File that holds the key of the signature.
    pub secret_file: Option<PathBuf>,
    /// Private `host:port` pairs that may be reached.
    pub allow: Vec<String>,
}

impl fmt::Debug for Channel {
    /// Without the address, which may be a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.name, self.kind)
    }
}

/// Who is at the other end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A program of the office's own.
    Webhook,
    /// 企业微信
    WeCom,
    /// 钉钉
    DingTalk,
    /// 飞书
    Feishu,
}

/// Who gets which mail.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// For each level, in the order of [`Level::ALL`].
    pub to: [Vec<Recipient>; 4],
    /// Orange and red: reminded after that long without anybody taking it.
    pub remind_after: SignedDuration,
    /// Who is then told beside those who knew.
    pub remind_to: Vec<Recipient>,
    /// A level reached before and reached again is mailed at most that often.
    pub update_every: SignedDuration,
    /// From which level on the end of an alert that nobody took is a mail of its own.
    pub tell_end: Level,
    /// Whether those who know of an alert are told that somebody took or answered it.
    pub progress: bool,
}

/// One entry of `[routing]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// `责任单位`: the department of the concern.
    Department,
    /// A group of `[people]`.
    Group(String),
}

/// What levels need.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// Ratio, posts and sources of each level.
    pub needs: Needs,
    /// Voices that any level needs.
    pub min_voices: u32,
    /// Time inside the lower band before a level falls.
    pub hold: SignedDuration,
}

/// Time until an answer is due, for each level.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// In the order of [`Level::ALL`].
    pub within: [SignedDuration; 4],
    /// So long before an answer is due it is asked for, at most a quarter of the time given.
    pub remind_before: SignedDuration,
    /// An overdue answer is asked for again after so long.
    pub remind_again: SignedDuration,
}

/// How sensitive the detector is.
#[derive(Clone, Debug, PartialEq)]
pub struct Detect {
    /// False alarms per 100 concerns and week.
    pub false_alarms: f64,
}

/// Topics that nobody configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Topics {
    /// Memory of the counts, in MiB.
    pub memory: u32,
    /// Topics mailed a day at most.
    pub mails_a_day: u32,
    /// Independent texts that a topic needs.
    pub voices: u32,
    /// Classes of topics that are listed but not told: their Chinese names.
    pub mute: Vec<String>,
}

/// The hand-over sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Handover {
    /// Times of day.
    pub at: Vec<Time>,
    /// Who gets it.
    pub to: Vec<Recipient>,
}

/// The daily mail that says that all is well, or what is not, to the administrators.
#[derive(Clone, Debug, PartialEq)]
pub struct Heartbeat {
    /// Time of day.
    pub at: Time,
}

/// Quiet hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quiet {
    /// From and to; may pass midnight.
    pub hours: Option<(Time, Time)>,
    /// Levels that wait until the morning.
    pub hold: Vec<Level>,
}

/// The daily digest.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// When it is sent.
    pub send_at: Time,
    /// When a day begins and the one before ends.
    pub day_starts: Time,
    /// On which days.
    pub days: Days,
    /// Who gets it.
    pub to: Vec<Recipient>,
    /// How many concerns it lists.
    pub top: usize,
    /// Whether it comes with a document for Word and WPS.
    pub docx: bool,
    /// The day of the week on which the weekly digest is sent with the daily one; `None`: never.
    pub weekly: Option<Weekday>,
}

/// On which days a digest is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// Every day.
    Daily,
    /// Workdays of the Chinese calendar; the first one after days of rest covers them.
    Workdays,
}

/// How long things are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Retention {
    /// Texts of posts, from storage on.
    pub posts: SignedDuration,
    /// Counts without text.
    pub counts: SignedDuration,
    /// Alerts and answers.
    pub alerts: SignedDuration,
    /// When the daily backup is made; a later version.
    pub backup: Time,
}

/// Personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Privacy {
    /// What is masked before storage.
    pub mask: Vec<Masked>,
    /// Most characters of a post shown to people.
    pub excerpt: usize,
    /// Whose posts are shown with a link.
    pub links: Links,
}

/// One kind of personal data that is masked before storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Masked {
    /// Phone numbers.
    Phone,
    /// Identity card numbers.
    IdCard,
    /// Number plates.
    Plate,
    /// Mail addresses.
    Email,
    /// `@name`
    Mention,
}

/// Whose posts are shown with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Media, offices and platforms.
    Media,
    /// Nobody's.
    None,
}

/// How sources are asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fetch {
    /// Time, room and manners.
    pub limits: Limits,
    /// Contact added to the name under which we ask, so that a site can reach us.
    pub contact: Option<String>,
    /// The way out for all sources that name none; `None` takes what the environment says.
    pub proxy: Option<Way>,
    /// File with certificates of further authorities, for an office with one of its own.
    pub ca_file: Option<PathBuf>,
}

impl Masked {
    /// Every kind there is.
    pub const ALL: [Masked; 5] =
        [Masked::Phone, Masked::IdCard, Masked::Plate, Masked::Email, Masked::Mention];
}

impl Routing {
    /// Who gets the mails of a level.
    pub fn of(&self, level: Level) -> &[Recipient] {
        match level {
            Level::Blue => &self.to[0],
            Level::Yellow => &self.to[1],
            Level::Orange => &self.to[2],
            Level::Red => &self.to[3],
        }
    }
}

impl Response {
    /// Time until an answer is due.
    pub fn of(&self, level: Level) -> SignedDuration {
        match level {
            Level::Blue => self.within[0],
            Level::Yellow => self.within[1],
            Level::Orange => self.within[2],
            Level::Red => self.within[3],
        }
    }
}

impl Config {
    /// The addresses of a group; empty if there is no such group.
    pub fn addresses(&self, group: &str) -> &[String] {
        let found = self.people.iter().find(|known| known.name == group);
        found.map(|group| group.addresses.as_slice()).unwrap_or_default()
    }
}
