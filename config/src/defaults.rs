//! The value of every setting that a file does not give; `default.toml` says why.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use alerts::message::Language;
use analyzer::level::{Level, Needs};
use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::settings::{
    Days, Detail, Detect, Digest, Handover, Heartbeat, Levels, Links, Login, Mail, Masked, Privacy,
    Recipient, Response, Retention, Routing, Site, Topics, Transport, Web,
};

impl Default for Site {
    fn default() -> Self {
        Site {
            org: "本单位".to_owned(),
            zone: default_zone(),
            language: Language::Chinese,
            data_dir: PathBuf::from("/var/lib/guanlan"),
        }
    }
}

impl Default for Web {
    fn default() -> Self {
        Web {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8417)),
            public_url: None,
            login: Login::Password,
            gateways: Vec::new(),
            header: "x-remote-user".to_owned(),
            certificate: None,
            oidc: None,
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Mail {
            transport: Transport::File,
            from: "观澜 <guanlan@localhost>".to_owned(),
            detail: Detail::Full,
            smtp: None,
            dkim: None,
        }
    }
}

impl Default for Routing {
    fn default() -> Self {
        let duty = || Recipient::Group("值班室".to_owned());
        let both = || vec![duty(), Recipient::Department];
        Routing {
            to: [vec![duty()], both(), both(), both()],
            remind_after: SignedDuration::from_mins(15),
            remind_to: Vec::new(),
            update_every: SignedDuration::from_hours(24),
            tell_end: Level::Blue,
            progress: true,
        }
    }
}

impl Default for Levels {
    fn default() -> Self {
        Levels { needs: Needs::default(), min_voices: 5, hold: SignedDuration::from_mins(30) }
    }
}

impl Default for Response {
    /// State Council rules of 2016: 5 hours for the gravest matters, 48 hours for others.
    fn default() -> Self {
        Response {
            within: [48, 48, 24, 5].map(SignedDuration::from_hours),
            remind_before: SignedDuration::from_hours(4),
            remind_again: SignedDuration::from_hours(24),
        }
    }
}

impl Default for Detect {
    fn default() -> Self {
        Detect { false_alarms: 1.0 }
    }
}

impl Default for Topics {
    fn default() -> Self {
        Topics { memory: 256, mails_a_day: 10, voices: 5, mute: Vec::new() }
    }
}

impl Default for Handover {
    fn default() -> Self {
        Handover { at: Vec::new(), to: vec![Recipient::Group("值班室".to_owned())] }
    }
}

impl Default for Heartbeat {
    fn default() -> Self {
        Heartbeat { at: Time::constant(8, 10, 0, 0) }
    }
}

impl Default for Digest {
    fn default() -> Self {
        Digest {
            send_at: Time::constant(8, 30, 0, 0),
            day_starts: Time::constant(8, 0, 0, 0),
            days: Days::Daily,
            to: vec![Recipient::Group("值班室".to_owned())],
            top: 5,
            docx: false,
            weekly: None,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        Retention {
            posts: days(90),
            counts: days(3 * 365),
            alerts: days(5 * 365),
            backup: Time::constant(3, 20, 0, 0),
        }
    }
}

impl Default for Privacy {
    fn default() -> Self {
        Privacy { mask: Masked::ALL.to_vec(), excerpt: 60, links: Links::Media }
    }
}

/// Beijing time: where this is used.
pub(crate) fn default_zone() -> TimeZone {
    // The zone table is built in, so this cannot fail; eight hours east is the same since 1992.
    TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}
