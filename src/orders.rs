//! From the configuration to what each part is told. The one place that knows both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alerts::channel::{self, Channel};
use alerts::dkim::Signer;
use alerts::mail::Mailer;
use alerts::message::Site;
use alerts::settings::{Detail, PerLevel, Policy, Quiet};
use alerts::smtp::{self, SmtpServer};
use alerts::staging::Staging;
use analyzer::analyst::{Feed, Reporting};
use analyzer::concern::Concern;
use analyzer::detect::Detection;
use analyzer::intent::OwnRules;
use analyzer::quote::Shown;
use anyhow::Context;
use config::{ChannelKind, Config, Days, Links, Login, Masked, Recipient, Secret, Transport};
use crawler::fetch::proxy::{Proxies, Way};
use crawler::fetch::{Fetcher, Outside};
use crawler::mask::Masks;
use crawler::source::{Kind, Source};
use jiff::SignedDuration;
use jiff::civil::{Time, Weekday};

use crate::calibration::{Thresholds, ThresholdsError};
use crate::web::Caller;
use crate::web::access::{Access, Door, KnownBy, oidc};

/// Longest wait for one answer of a mail server.
const MAIL_PATIENCE: Duration = Duration::from_secs(15);

/// Distance between the calls of a source that did not say how often it calls: no silence is a gap.
const NO_PROMISE: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What the lookout watches for and whom it tells.
#[derive(Clone)]
pub(crate) struct Orders {
    /// The concerns, as configured.
    pub concerns: Vec<Concern>,
    /// The sources, as configured; others are learnt when seen.
    pub feeds: Vec<Feed>,
    /// The same, as they are visited.
    pub sources: Vec<Source>,
    /// The sources that report counts, and what their categories are about.
    pub reporting: Vec<Reporting>,
    /// Own rules of what posts want.
    pub intents: OwnRules,
    /// What levels need of concerns that say nothing else.
    pub levels: config::Levels,
    /// How sensitive the detector is.
    pub detection: Detection,
    /// Whom to write to, and by when an answer is due.
    pub policy: Policy,
    /// What mails and pages say of the installation.
    pub site: Site,
    /// What the digest covers, when it is sent, and to whom.
    pub digest: DigestOrders,
    /// When hand-over sheets are sent, and to which groups.
    pub handover: (Vec<Time>, Vec<String>),
    /// When the administrators' daily mail is sent; never in a drill.
    pub heartbeat: Option<Time>,
    /// The administrator's file, beside which the clerk's lies; none in a demonstration.
    pub file: Option<PathBuf>,
    /// What people are shown of a post.
    pub shown: Shown,
    /// What is hidden in texts that people type about alerts.
    pub masks: Masks,
    /// How topics that nobody configured are found and told.
    pub topics: config::Topics,
    /// How long texts of posts are kept, from storage on.
    pub keep_posts: SignedDuration,
    /// How long counts are kept.
    pub keep_counts: SignedDuration,
}

/// What the digest covers, when it is sent, and to whom.
#[derive(Clone)]
pub(crate) struct DigestOrders {
    /// Local time at which it is sent.
    pub send_at: Time,
    /// Local time at which a day begins.
    pub day_starts: Time,
    /// Groups that get it.
    pub groups: Vec<String>,
    /// How many concerns it lists.
    pub top: usize,
    /// Whether it comes with a document.
    pub docx: bool,
    /// Whether days of rest are left to the next workday.
    pub workdays: bool,
    /// The day on which the week is told, too.
    pub weekly: Option<Weekday>,
}

impl Orders {
    /// What a configuration says; `staging` marks every mail and page.
    pub(crate) fn new(config: &Config, staging: Staging) -> Orders {
        Orders {
            concerns: config.concerns.clone(),
            feeds: config.sources.iter().map(feed).collect(),
            sources: config.sources.clone(),
            reporting: config.sources.iter().filter_map(reporting).collect(),
            intents: config.intents.clone(),
            levels: config.levels.clone(),
            detection: Detection::default(),
            policy: policy(config),
            site: Site {
                org: config.site.org.clone(),
                public_url: config.web.public_url.clone(),
                zone: config.site.zone.clone(),
                language: config.site.language,
                staging,
            },
            digest: DigestOrders {
                send_at: config.digest.send_at,
                day_starts: config.digest.day_starts,
                groups: config.digest.to.iter().filter_map(group).collect(),
                top: config.digest.top,
                docx: config.digest.docx,
                workdays: config.digest.days == Days::Workdays,
                weekly: config.digest.weekly,
            },
            handover: (config.handover.at.clone(), config.handover.to.iter().filter_map(group).collect()),
            heartbeat: Some(config.heartbeat.at),
            file: None,
            shown: shown(config),
            masks: masks(config),
            topics: config.topics.clone(),
            keep_posts: config.retention.posts,
            keep_counts: config.retention.counts,
        }
    }
}

impl Orders {
    /// The same with the thresholds that `guanlan calibrate` has put in force in a data folder.
    ///
    /// # Errors
    /// A file of thresholds that can't be read.
    pub(crate) fn calibrated(mut self, folder: &Path) -> Result<Orders, ThresholdsError> {
        if let Some(thresholds) = Thresholds::read(folder)? {
            self.detection = thresholds.over(self.detection);
        }
        Ok(self)
    }
}

fn feed(source: &Source) -> Feed {
    Feed {
        id: source.id.clone(),
        name: source.name.clone(),
        group: source.group.clone(),
        // Who promised nothing is never late; visits of the others may lie that far apart without a gap.
        every: if source.every.is_zero() { NO_PROMISE } else { source.longest_interval() },
        publisher: source.publisher,
    }
}

fn reporting(source: &Source) -> Option<Reporting> {
    match &source.kind {
        Kind::Counts(counts) => Some(Reporting { feed: feed(source), concerns: counts.concerns.clone() }),
        _ => None,
    }
}

fn policy(config: &Config) -> Policy {
    let defaults = Policy::default();
    let named = |recipients: &[Recipient]| {
        let name = |recipient: &Recipient| match recipient {
            Recipient::Department => defaults.department_word.clone(),
            Recipient::Group(name) => name.clone(),
        };
        recipients.iter().map(name).collect::<Vec<_>>()
    };
    let [blue, yellow, orange, red] = &config.routing.to;
    let [blue_within, yellow_within, orange_within, red_within] = config.response.within;
    let host = config.mail.from.rsplit_once('@').map(|(_, host)| host.trim_end_matches('>').to_owned());
    Policy {
        routing: PerLevel {
            blue: named(blue),
            yellow: named(yellow),
            orange: named(orange),
            red: named(red),
        },
        people: people(config),
        hold: config.levels.hold,
        response: PerLevel {
            blue: blue_within,
            yellow: yellow_within,
            orange: orange_within,
            red: red_within,
        },
        update_every: config.routing.update_every,
        tell_end: config.routing.tell_end,
        remind_after: config.routing.remind_after,
        remind_to: named(&config.routing.remind_to),
        remind_before: config.response.remind_before,
        remind_again: config.response.remind_again,
        progress: config.routing.progress,
        quiet: config.quiet.hours.map(|(from, to)| Quiet { from, to, hold: config.quiet.hold.clone() }),
        detail: match config.mail.detail {
            config::Detail::Full => Detail::Full,
            config::Detail::Brief => Detail::Brief,
        },
        from: config.mail.from.clone(),
        host: host.unwrap_or(defaults.host),
        keep_text: config.retention.posts,
        keep_alerts: config.retention.alerts,
        ..Policy::default()
    }
}

/// The groups, and each channel as a group of its own.
fn people(config: &Config) -> BTreeMap<String, Vec<String>> {
    let groups = config.people.iter().map(|group| (group.name.clone(), group.addresses.clone()));
    let channel = |channel: &config::Channel| (channel.name.clone(), vec![channel::address(&channel.name)]);
    groups.chain(config.channels.iter().map(channel)).collect()
}

fn group(recipient: &Recipient) -> Option<String> {
    match recipient {
        Recipient::Group(name) => Some(name.clone()),
        // A digest has no department of its own.
        Recipient::Department => None,
    }
}

/// The outgoing HTTP. `environment` is what the usual variables say of proxies; `[fetch] proxy` comes first.
///
/// # Errors
/// A file of certificates that can't be read, with its path; a contact or certificates that can't be used.
pub(crate) fn fetcher(config: &Config, environment: Proxies) -> anyhow::Result<Fetcher> {
    let fetch = &config.fetch;
    let authorities = fetch
        .ca_file
        .as_ref()
        .map(|path| std::fs::read(path).with_context(|| format!("[fetch] ca_file {}", path.display())));
    let proxies = match &fetch.proxy {
        None => environment,
        Some(Way::Direct) => Proxies::default(),
        Some(Way::Through(proxy)) => Proxies::all(proxy.clone(), environment.except),
    };
    let outside = Outside { contact: fetch.contact.clone(), proxies, authorities: authorities.transpose()? };
    Ok(Fetcher::new(fetch.limits.clone(), outside)?)
}

/// What people are shown of a post.
pub(crate) fn shown(config: &Config) -> Shown {
    Shown { excerpt: config.privacy.excerpt, links: config.privacy.links == Links::Media }
}

/// What is masked before anything is stored.
pub(crate) fn masks(config: &Config) -> Masks {
    let on = |kind| config.privacy.mask.contains(&kind);
    Masks {
        phone: on(Masked::Phone),
        id_card: on(Masked::IdCard),
        plate: on(Masked::Plate),
        email: on(Masked::Email),
        mention: on(Masked::Mention),
    }
}

/// Where mails lie in a data folder when they are written as files.
pub(crate) fn outbox(folder: &Path) -> PathBuf {
    folder.join("outbox")
}

/// The way out for mails; with `transport = "file"` they go into `outbox` of the data folder.
///
/// # Errors
/// A password file that can't be read, with its path.
pub(crate) fn mailer(config: &Config) -> anyhow::Result<Mailer> {
    let server = match (config.mail.transport, &config.mail.smtp) {
        (Transport::Smtp, Some(server)) => server,
        _ => return Ok(Mailer::Folder(outbox(&config.site.data_dir))),
    };
    let password = server.password_file.as_deref().map(Secret::read).transpose()?;
    let login =
        server.username.clone().zip(password).map(|(name, secret)| (name, secret.expose().to_owned()));
    Ok(Mailer::Smtp(Box::new(SmtpServer {
        host: server.host.clone(),
        port: server.port,
        security: match server.security {
            config::Security::Tls => smtp::Security::Tls,
            config::Security::StartTls => smtp::Security::StartTls,
            config::Security::Plain => smtp::Security::Plain,
        },
        login,
        authority: server.ca_file.as_deref().map(authority).transpose()?,
        signer: signer(config)?,
        timeout: MAIL_PATIENCE,
    })))
}

fn authority(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("[mail.smtp] ca_file {}", path.display()))
}

/// The ways to people beside mail, with their keys.
///
/// # Errors
/// A file that can't be read, with its path; an address that is none.
pub(crate) fn channels(config: &Config) -> anyhow::Result<Vec<Channel>> {
    config.channels.iter().map(channel).collect()
}

fn channel(configured: &config::Channel) -> anyhow::Result<Channel> {
    let file = || format!("[[channel]] {}", configured.name);
    let secret = |path: &PathBuf| -> anyhow::Result<String> {
        Ok(Secret::read(path).with_context(file)?.expose().to_owned())
    };
    let url = match (&configured.url, &configured.url_file) {
        (_, Some(path)) => {
            // The address is a key: what is wrong with it is said without it.
            let no_address = || anyhow::anyhow!("{} holds no web address (https://…)", path.display());
            let written = url::Url::parse(&secret(path)?).ok();
            let written = written.filter(|url| matches!(url.scheme(), "http" | "https"));
            written.ok_or_else(no_address).with_context(file)?
        }
        (Some(url), None) => url.clone(),
        (None, None) => anyhow::bail!("{}: no url", file()),
    };
    Ok(Channel {
        name: configured.name.clone(),
        kind: match configured.kind {
            ChannelKind::Webhook => channel::Kind::Webhook,
            ChannelKind::WeCom => channel::Kind::WeCom,
            ChannelKind::DingTalk => channel::Kind::DingTalk,
            ChannelKind::Feishu => channel::Kind::Feishu,
        },
        url,
        secret: configured.secret_file.as_ref().map(secret).transpose()?,
        allow: configured.allow.clone(),
    })
}

/// Signs mails for their domain, if configured.
fn signer(config: &Config) -> anyhow::Result<Option<Arc<Signer>>> {
    let Some(dkim) = &config.mail.dkim else { return Ok(None) };
    let file = || format!("[mail.dkim] key_file {}", dkim.key_file.display());
    let pem = std::fs::read(&dkim.key_file).with_context(file)?;
    let signer = Signer::new(&dkim.domain, &dkim.selector, &pem).with_context(file)?;
    Ok(Some(Arc::new(signer)))
}

/// The sources that call by themselves, with their tokens.
///
/// # Errors
/// A token file that can't be read, with its path.
pub(crate) fn callers(config: &Config) -> anyhow::Result<Vec<Caller>> {
    let mut callers = Vec::new();
    for source in &config.sources {
        let token_file = match &source.kind {
            Kind::Push(push) => Some(&push.token_file),
            Kind::Counts(counts) => counts.token_file.as_ref(),
            _ => None,
        };
        if let Some(path) = token_file {
            callers.push(Caller { source: source.clone(), token: Secret::read_token(path)? });
        }
    }
    Ok(callers)
}

/// Who is let in to the pages. A drill stands beside the service, in the clear and under a link of its own.
///
/// # Errors
/// A header that is none; a provider's files that cannot be used.
pub(crate) fn access(config: &Config, key: [u8; 32], drill: Option<Option<&str>>) -> anyhow::Result<Access> {
    let web = &config.web;
    let public_url = drill.map_or(web.public_url.as_deref(), |link| link).map(str::to_owned);
    let known_by = match web.login {
        Login::None => KnownBy::Local,
        Login::Password => KnownBy::Password,
        Login::Oidc => KnownBy::Oidc(oidc::of(web, public_url.as_deref())?),
        Login::Header => {
            KnownBy::Header(web.header.parse().with_context(|| format!("[web] header {}", web.header))?)
        }
    };
    Ok(Access::new(Door {
        known_by,
        key,
        public_url,
        tls: web.certificate.is_some() && drill.is_none(),
        gateways: web.gateways.clone(),
        cookie: if drill.is_some() { "guanlan-drill" } else { "guanlan" },
    }))
}

/// Installs the TLS of HTTP and mail, once, before the first connection.
pub(crate) fn provide_tls() {
    // An error says that it was installed before, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
}
