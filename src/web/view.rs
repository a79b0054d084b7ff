//! What the pages show, as plain values, and the functions that set them as HTML.
//! Asks nobody and reads no clock: handlers hand everything in.

mod acts;
mod alert;
mod alert_list;
mod api;
mod audit;
mod calm;
mod clock;
mod concern;
mod concerns;
mod digest;
mod digests;
mod duty;
mod evidence;
mod fragment;
mod labels;
mod log;
mod login;
mod overview;
mod search;
mod settings;
mod sources;
mod topics;
mod trial;
mod unwatched;

use alerts::format;
use alerts::message::{Language, Site};
use alerts::staging::Staging;
use analyzer::level::Level;
use askama::Template;
use jiff::Timestamp;

use super::access::Visitor;

pub(crate) use self::alert::{AlertData, BareData, alert_page, bare_alert_page};
pub(crate) use self::alert_list::{AlertsData, Tab, alerts_page};
pub(crate) use self::api::{ApiField, ApiOperation, ApiProblem, ApiSchema, api_page};
pub(crate) use self::audit::{AuditData, audit_page};
pub(crate) use self::concern::{ConcernData, Past, Range, concern_page};
pub(crate) use self::concerns::concerns_page;
pub(crate) use self::digest::{Neighbours, digest_page};
pub(crate) use self::digests::{DigestsData, digests_page};
pub(crate) use self::duty::{ClaimData, claim_page, handover_page};
pub(crate) use self::fragment::{Part, rendered};
pub(crate) use self::labels::Labels;
pub(crate) use self::login::{Button, LoginData, login_page, turned_away};
pub(crate) use self::overview::{OverviewData, Standing, concerns_csv, overview_page};
pub(crate) use self::search::{Chip, Mistake, Narrowing, SearchData, Wanted, chips, mistake, search_page};
pub(crate) use self::settings::{SettingsData, settings_page, trouble};
pub(crate) use self::sources::{SourcesData, sources_page};
pub(crate) use self::topics::{TopicsData, topics_page};
pub(crate) use self::trial::{TrialData, trial_page};

/// The one stylesheet.
pub(crate) const STYLESHEET: &str = include_str!("static/guanlan.css");

/// The optional script.
pub(crate) const SCRIPT: &str = include_str!("static/app.js");

/// Stands for any page that could not be made: needs nothing that may have failed.
pub(crate) const UNMADE: &str = include_str!("templates/unmade.html");

/// Stands for an address or a form that nobody can read.
pub(crate) const UNREAD: &str = include_str!("templates/unread.html");

/// Sign of the pages in a browser's tab.
pub(crate) const ICON: &str = include_str!("static/icon.svg");

/// Answer header that forbids everything the pages do not need.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Which entry of the navigation is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    Overview,
    Concerns,
    Alerts,
    Search,
    Digest,
    Handover,
    Sources,
    Settings,
    Elsewhere,
}

/// What stands around every page.
#[derive(Clone, Debug)]
pub(crate) struct Chrome {
    /// Language of our words.
    pub(crate) language: Language,
    /// Fixed words in it.
    pub(crate) labels: &'static Labels,
    /// Organisation.
    pub(crate) org: String,
    /// Said on top of a demonstration or a drill.
    pub(crate) strip: Option<&'static str>,
    /// Whether visitors are shown around.
    pub(crate) is_demo: bool,
    /// Where a changed configuration is wrong, while it waits.
    pub(crate) trouble: Option<String>,
    /// Moment the page speaks of.
    pub(crate) now: Timestamp,
    /// The same in words.
    pub(crate) as_of: String,
    /// Open alerts, shown beside the first entry.
    pub(crate) open: usize,
    /// While no source has brought a post; then pages say why they are empty.
    pub(crate) unheard: Option<Unheard>,
    /// Current entry.
    pub(crate) here: Here,
    /// This page in the other language.
    pub(crate) other_language: String,
    /// `lang=en` or nothing: carried along by links.
    pub(crate) carried: &'static str,
    /// Who sees it; nobody on pages that need no login.
    pub(crate) visitor: Option<Visitor>,
}

/// A level as a badge: colour, word, numeral and bars.
#[derive(Clone, Debug)]
pub(crate) struct Badge {
    /// Class suffix.
    pub(crate) class: &'static str,
    /// `橙色 · Ⅱ级`.
    pub(crate) text: String,
    /// Bars filled, of four.
    pub(crate) bars: usize,
}

impl Chrome {
    /// `path` is this page's own, with its query but without `lang`.
    pub(crate) fn new(site: &Site, language: Language, now: Timestamp, here: Here, path: &str) -> Chrome {
        let (other, carried) = match language {
            Language::Chinese => ("lang=en", ""),
            Language::English => ("lang=zh", "lang=en"),
        };
        // Two strokes would begin another host.
        let path = if path.starts_with("//") { "/" } else { path };
        let joint = if path.contains('?') { '&' } else { '?' };
        Chrome {
            language,
            labels: Labels::of(language),
            org: format::one_line(&site.org, 40),
            strip: site.staging.strip(language),
            is_demo: site.staging == Staging::Demo,
            trouble: None,
            now,
            as_of: format::full_date_time(now, &site.zone, language),
            open: 0,
            unheard: None,
            here,
            other_language: format!("{path}{joint}{other}"),
            carried,
            visitor: None,
        }
    }

    /// The same for somebody, whose forms then work.
    pub(crate) fn seen_by(mut self, visitor: &Visitor) -> Chrome {
        self.visitor = Some(visitor.clone());
        self
    }

    /// What the forms of this page carry.
    pub(crate) fn form_token(&self) -> &str {
        self.visitor.as_ref().map_or("", |visitor| &visitor.form_token)
    }

    /// Whether what this visitor sends and sees travels in the clear.
    pub(crate) fn is_plain(&self) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.is_plain)
    }

    /// Whose name stands under what is done here.
    fn post(&self) -> &str {
        self.visitor.as_ref().map_or("", |visitor| &visitor.post)
    }

    /// Whether buttons that act on alerts are for this visitor.
    pub(crate) fn may_act(&self) -> bool {
        self.visitor.as_ref().is_some_and(Visitor::may_act)
    }

    /// Whether buttons that change concerns are for this visitor.
    pub(crate) fn may_administer(&self) -> bool {
        self.visitor.as_ref().is_some_and(Visitor::may_administer)
    }

    /// Words of one page, in its language.
    pub(crate) fn say(&self, chinese: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    /// An address of ours with the language carried along.
    pub(crate) fn to(&self, path: &str) -> String {
        if self.carried.is_empty() {
            return path.to_owned();
        }
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}{}", self.carried)
    }

    /// Whether anything is said above the page.
    fn has_strips(&self) -> bool {
        self.strip.is_some() || self.trouble.is_some() || self.is_plain()
    }

    /// Whether that entry of the navigation is the page's own.
    fn is(&self, here: &str) -> bool {
        let name = match self.here {
            Here::Overview => "overview",
            Here::Concerns => "concerns",
            Here::Alerts => "alerts",
            Here::Search => "search",
            Here::Digest => "digest",
            Here::Handover => "handover",
            Here::Sources => "sources",
            Here::Settings => "settings",
            Here::Elsewhere => return false,
        };
        name == here
    }
}

impl Badge {
    pub(crate) fn of(level: Level, language: Language) -> Badge {
        let (class, bars) = match level {
            Level::Blue => ("blue", 1),
            Level::Yellow => ("yellow", 2),
            Level::Orange => ("orange", 3),
            Level::Red => ("red", 4),
        };
        let name = format::level_name(level, language);
        let text = match language {
            Language::Chinese => format!("{name} · {}级", format::level_numeral(level)),
            Language::English => format!("{name} · {}", format::level_numeral_ascii(level)),
        };
        Badge { class, text, bars }
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticeHtml<'a> {
    chrome: &'a Chrome,
    title: &'a str,
    text: &'a str,
    way: Option<(String, &'a str)>,
}

/// The sources while none has brought a post.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unheard {
    /// How many are configured.
    pub(crate) sources: usize,
    /// Id of one to be tried.
    pub(crate) first: Option<String>,
    /// Name of one that cannot be read, and why.
    pub(crate) trouble: Option<(String, String)>,
}

/// A page with a title and a sentence: not found, nothing yet, something failed.
pub(crate) fn notice_page(chrome: &Chrome, title: &str, text: &str) -> String {
    set(NoticeHtml { chrome, title, text, way: None })
}

/// The same, with a way on from there: an address and its words.
pub(crate) fn notice_page_to(chrome: &Chrome, (title, text): (&str, &str), way: (String, &str)) -> String {
    set(NoticeHtml { chrome, title, text, way: Some(way) })
}

/// Sets a template. Ours write into memory and cannot fail; if one does, the page says so.
fn set(template: impl Template) -> String {
    template.render().unwrap_or_else(|_| "<!DOCTYPE html><title>500</title><p>500".to_owned())
}

/// A value for the query part of an address.
pub(crate) fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests;
