//! The list of alerts: what is open, muted, closed, or was none.

use alerts::alert::{Alert, Event, State};
use alerts::format;
use alerts::message::{Language, Site, against_expected, concern_name, unwatched};
use analyzer::concern::Concern;
use analyzer::signal::Signal;
use askama::Template;

use super::log::log;
use super::{Badge, Chrome, set};

/// Alerts on a page; the address of the next page says where it begins.
pub(crate) const AT_ONCE: usize = 50;

/// Which alerts are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    #[default]
    Open,
    Muted,
    Closed,
    FalseAlarm,
}

/// Everything the list is made from.
pub(crate) struct AlertsData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// Every alert, oldest first.
    pub(crate) alerts: &'a [Alert],
    /// The concerns, for names.
    pub(crate) concerns: &'a [Concern],
    /// The newest counts of each.
    pub(crate) newest: &'a [Signal],
    /// Which are listed.
    pub(crate) tab: Tab,
    /// Alerts skipped.
    pub(crate) offset: usize,
}

struct Choice {
    label: String,
    link: String,
    current: bool,
}

struct Row {
    badge: Badge,
    name: String,
    number: String,
    link: String,
    /// The concern's page, while it is configured.
    concern: Option<String>,
    numbers: String,
    story: String,
    /// The last thing people did or the clock brought.
    last: String,
    state: &'static str,
    due: Option<(&'static str, String, bool)>,
    /// What is done next: an address and its words, the likeliest first.
    steps: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsHtml<'a> {
    chrome: &'a Chrome,
    finding: String,
    tabs: Vec<Choice>,
    rows: Vec<Row>,
    nothing: (&'static str, &'static str),
    next: Option<String>,
}

impl Tab {
    const ALL: [Tab; 4] = [Tab::Open, Tab::Muted, Tab::Closed, Tab::FalseAlarm];

    /// The tab as an address names it; anything else is the open ones.
    pub(crate) fn named(name: &str) -> Tab {
        Tab::ALL.into_iter().find(|tab| tab.name() == name).unwrap_or_default()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Tab::Open => "open",
            Tab::Muted => "muted",
            Tab::Closed => "closed",
            Tab::FalseAlarm => "false",
        }
    }

    /// An alert that is muted is still open: nobody loses sight of it.
    fn holds(self, alert: &Alert, now: jiff::Timestamp) -> bool {
        match self {
            Tab::Open => alert.is_open(),
            Tab::Muted => alert.is_open() && alert.is_muted(now),
            Tab::Closed => alert.state == State::Resolved,
            Tab::FalseAlarm => alert.state == State::FalseAlarm,
        }
    }
}

/// Sets the list of alerts.
pub(crate) fn alerts_page(chrome: &Chrome, data: &AlertsData<'_>) -> String {
    let mut listed: Vec<&Alert> =
        data.alerts.iter().rev().filter(|alert| data.tab.holds(alert, chrome.now)).collect();
    if data.tab == Tab::Open {
        listed.sort_by_key(|alert| (std::cmp::Reverse(alert.level), alert.deadline));
    }
    let end = data.offset.saturating_add(AT_ONCE);
    let next =
        (listed.len() > end).then(|| chrome.to(&format!("/alerts?show={}&offset={end}", data.tab.name())));
    set(AlertsHtml {
        chrome,
        finding: finding(chrome, data.alerts),
        tabs: tabs(chrome, data),
        rows: listed
            .into_iter()
            .skip(data.offset)
            .take(AT_ONCE)
            .map(|alert| row(chrome, data, alert))
            .collect(),
        nothing: nothing(chrome, data.tab),
        next,
    })
}

fn finding(chrome: &Chrome, alerts: &[Alert]) -> String {
    let open = alerts.iter().filter(|alert| alert.is_open()).count();
    let waiting = alerts.iter().filter(|alert| matches!(alert.state, State::Pending | State::Firing)).count();
    match (chrome.language, open, waiting) {
        (Language::Chinese, 0, _) => "没有未关闭的预警".to_owned(),
        (Language::Chinese, _, 0) => format!("{open} 条预警未关闭，均已认领或回应"),
        (Language::Chinese, ..) => format!("{open} 条预警未关闭，{waiting} 条待认领"),
        (Language::English, 0, _) => "No open alert".to_owned(),
        (Language::English, _, 0) => format!("Open alerts: {open}, all taken on or answered"),
        (Language::English, ..) => format!("Open alerts: {open}, not yet taken on: {waiting}"),
    }
}

fn tabs(chrome: &Chrome, data: &AlertsData<'_>) -> Vec<Choice> {
    let choice = |tab: Tab| {
        let count = data.alerts.iter().filter(|alert| tab.holds(alert, chrome.now)).count();
        let name = match tab {
            Tab::Open => chrome.say("未关闭", "Open"),
            Tab::Muted => chrome.say("已静默", "Muted"),
            Tab::Closed => chrome.say("已关闭", "Closed"),
            Tab::FalseAlarm => chrome.say("误报", "False alarms"),
        };
        Choice {
            label: format!("{name} {}", format::exact(count as u64)),
            link: chrome.to(&format!("/alerts?show={}", tab.name())),
            current: tab == data.tab,
        }
    };
    Tab::ALL.into_iter().map(choice).collect()
}

fn nothing(chrome: &Chrome, tab: Tab) -> (&'static str, &'static str) {
    match tab {
        Tab::Open => (
            chrome.say("现在没有未关闭的预警。", "No alert is open now."),
            chrome.say(
                "关切明显高于预期时，这里会出现预警并发信。想看怎样算高，打开总览里的一项关切。",
                "When a concern is clearly above what is expected, an alert stands here and is mailed. See a concern of the overview for what that means.",
            ),
        ),
        Tab::Muted => (
            chrome.say("没有静默中的预警。", "No alert is muted."),
            chrome.say(
                "静默只停发邮件，最长 3 天，升级时仍会发。在预警页面上设置。",
                "A mute only stops mails, for three days at most; a higher level is mailed all the same. It is set on the alert's page.",
            ),
        ),
        Tab::Closed => (
            chrome.say("还没有关闭过的预警。", "No alert has been closed yet."),
            chrome.say(
                "回到预期区间一段时间后，预警自动关闭，也可以手动关闭。",
                "An alert closes by itself some time after it is back in the expected range, or by hand.",
            ),
        ),
        Tab::FalseAlarm => (
            chrome.say("没有被标为误报的预警。", "No alert was judged a false alarm."),
            chrome.say(
                "在预警页面上标为误报并写明原因，词表就知道该改哪里。",
                "Judge one on its page and say why: then the word list can be mended.",
            ),
        ),
    }
}

fn row(chrome: &Chrome, data: &AlertsData<'_>, alert: &Alert) -> Row {
    let (zone, language) = (&data.site.zone, chrome.language);
    let clock = |at| format::moment(at, chrome.now, zone, language);
    let is_configured = data.concerns.iter().any(|concern| concern.id == alert.concern);
    let signal = data.newest.iter().find(|signal| signal.concern == alert.concern && alert.is_open());
    let numbers = signal.map(|signal| against_expected(signal, language)).unwrap_or_default();
    let highest = format::level_name(alert.highest, language);
    let (raised, closed) = (clock(alert.raised_at), alert.closed_at.map(clock));
    let story = match (language, closed) {
        (Language::Chinese, None) => format!("{raised} 首次提示，最高{highest}。"),
        (Language::Chinese, Some(closed)) => format!("{raised} 首次提示，最高{highest}，{closed} 关闭。"),
        (Language::English, None) => format!("First notice {raised}, highest {highest}."),
        (Language::English, Some(closed)) => {
            format!("First notice {raised}, highest {highest}, closed {closed}.")
        }
    };
    let lost = Some(unwatched(alert, chrome.now, zone, language)).filter(|_| alert.is_open());
    let lost = lost.filter(|lost| !lost.is_empty());
    let story = lost.map_or_else(|| story.clone(), |lost| format!("{story}{}{lost}", chrome.say("", " ")));
    let last = log(chrome, data.site, alert).pop();
    Row {
        badge: Badge::of(if alert.is_open() { alert.level } else { alert.highest }, language),
        name: concern_name(&alert.concern_among(data.concerns), language),
        number: alert.id.short(),
        link: chrome.to(&format!("/a/{}", alert.id)),
        concern: is_configured.then(|| chrome.to(&format!("/c/{}", format::path_segment(&alert.concern)))),
        numbers,
        story,
        last: last.map(|line| format!("{} {}", line.time, line.text)).unwrap_or_default(),
        state: format::state_name(alert.state, language),
        due: due(chrome, alert),
        steps: steps(chrome, alert),
    }
}

/// What is left of the time for an answer, and whether it is over.
fn due(chrome: &Chrome, alert: &Alert) -> Option<(&'static str, String, bool)> {
    let left = alert.deadline.duration_since(chrome.now);
    let lead = super::clock::lead(chrome, left.is_negative());
    alert.awaits_answer().then(|| (lead, format::duration(left, chrome.language), left.is_negative()))
}

/// Where to go for what is likely to be done next.
pub(super) fn steps(chrome: &Chrome, alert: &Alert) -> Vec<(String, &'static str)> {
    let to = |part: &str| chrome.to(&format!("/a/{}?form={part}", alert.id)) + "#" + part;
    if !chrome.may_act() {
        return Vec::new();
    }
    let (take, answer) = (chrome.say("认领处置", "Take on"), chrome.say("登记回应", "Record an answer"));
    let (mute, close) = (chrome.say("静默…", "Mute…"), chrome.say("关闭", "Close"));
    let (note, wrong) = (chrome.say("写备注", "Note"), chrome.say("标为误报", "False alarm"));
    match alert.state {
        State::Pending | State::Firing => {
            vec![(to("take"), take), (to("answer"), answer), (to("mute"), mute)]
        }
        State::Acknowledged => vec![(to("answer"), answer), (to("note"), note), (to("mute"), mute)],
        State::Responded | State::Subsiding => vec![(to("close"), close), (to("false-alarm"), wrong)],
        State::Resolved | State::FalseAlarm => {
            let was_rated = alert.events.iter().any(|(_, event)| matches!(event, Event::Rated { .. }));
            if was_rated {
                Vec::new()
            } else {
                vec![(to("worth"), chrome.say("是否有用", "Was it useful"))]
            }
        }
    }
}
