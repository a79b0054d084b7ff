//! From the configuration to what each part is told. The one place that knows both.

use alerts::message::Site;
use alerts::settings::{PerLevel, Policy};
use analyzer::analyst::Feed;
use analyzer::concern::Concern;
use analyzer::detect::Detection;
use config::{Config, Recipient};
use jiff::civil::Time;

/// What the lookout watches for and whom it tells.
#[derive(Clone)]
pub(crate) struct Orders {
    /// The concerns, as configured.
    pub concerns: Vec<Concern>,
    /// The sources, as configured; others are learnt when seen.
    pub feeds: Vec<Feed>,
    /// How sensitive the detector is.
    pub detection: Detection,
    /// Whom to write to, and by when an answer is due.
    pub policy: Policy,
    /// What mails and pages say of the installation.
    pub site: Site,
    /// What the digest covers, when it is sent, and to whom.
    pub digest: DigestOrders,
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
}

impl Orders {
    /// What a configuration says; `demo` marks every mail and page 演示.
    pub(crate) fn new(config: &Config, demo: bool) -> Orders {
        Orders {
            concerns: config.concerns.clone(),
            feeds: config.sources.iter().map(feed).collect(),
            detection: Detection::default(),
            policy: policy(config),
            site: Site {
                org: config.site.org.clone(),
                public_url: config.web.public_url.clone(),
                zone: config.site.zone.clone(),
                language: config.site.language,
                demo,
            },
            digest: DigestOrders {
                send_at: config.digest.send_at,
                day_starts: config.digest.day_starts,
                groups: config.digest.to.iter().filter_map(group).collect(),
                top: config.digest.top,
            },
        }
    }
}

fn feed(source: &config::Source) -> Feed {
    Feed {
        id: source.id.clone(),
        name: source.name.clone(),
        group: source.group.clone(),
        every: source.every,
        publisher: source.publisher,
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
        people: config.people.iter().map(|group| (group.name.clone(), group.addresses.clone())).collect(),
        hold: config.levels.hold,
        response: PerLevel {
            blue: blue_within,
            yellow: yellow_within,
            orange: orange_within,
            red: red_within,
        },
        update_every: config.routing.update_every,
        from: config.mail.from.clone(),
        host: host.unwrap_or(defaults.host),
        keep_text: config.retention.posts,
        ..Policy::default()
    }
}

fn group(recipient: &Recipient) -> Option<String> {
    match recipient {
        Recipient::Group(name) => Some(name.clone()),
        // A digest has no department of its own.
        Recipient::Department => None,
    }
}
