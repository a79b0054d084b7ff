//! A bundled story with its configuration, ready to be replayed.

use anyhow::{Result, ensure};
use config::Config;
use crawler::archive::Observation;
use crawler::post::Post;
use jiff::Timestamp;

use crate::replay::Span;
use crate::scenario::{HOTLISTS, QINGLAN, Scenario};

/// From here on the real story tells people; December is history.
const REAL_TOLD_FROM: &str = "2021-01-01T00:00:00+08:00";

const REAL_ABOUT: [&str; 2] = [
    "微博热搜榜与知乎热榜上的真实标题，取自 justjavac/weibo-trending-hot-search 与 lonnyzhang423/zhihu-hot-hub（MIT）",
    "Real titles of two hot lists, from justjavac/weibo-trending-hot-search and lonnyzhang423/zhihu-hot-hub (MIT)",
];

/// What happens, when, and who is told.
pub(super) struct Story {
    /// Concerns, people, levels.
    pub config: Config,
    /// Posts in time order.
    pub posts: Vec<Post>,
    /// Visits of sources in time order.
    pub observations: Vec<Observation>,
    /// Simulated time.
    pub span: Span,
    /// What it is, in a sentence or two: Chinese, English.
    pub about: [String; 2],
    /// Whose texts these are and under which licence, where they are not ours.
    pub credit: Option<&'static str>,
}

/// 青岚市, the invented town.
pub(super) fn invented() -> Result<Story> {
    let config = configuration(QINGLAN.guanlan, QINGLAN.concerns)?;
    let scenario = Scenario::parse(QINGLAN.scenario)?;
    let configured = config.sources.iter().map(|source| (source.id.as_str(), source.name.as_str()));
    ensure!(scenario.sources().eq(configured), "the story and its configuration name different sources");
    let observation = |(source, at, ok)| Observation { at, source, ok };
    Ok(Story {
        config,
        posts: scenario.posts().to_vec(),
        observations: scenario.heartbeats().into_iter().map(observation).collect(),
        span: Span { from: scenario.start(), told_from: scenario.show_from(), to: scenario.end() },
        about: [
            format!("{}：{}", scenario.name(), scenario.about().trim()),
            format!("{}: an invented town", scenario.name()),
        ],
        credit: None,
    })
}

/// Two hot lists, as they were recorded.
pub(super) fn real() -> Result<Story> {
    let config = configuration(HOTLISTS.guanlan, HOTLISTS.concerns)?;
    let group = |source: &str| {
        let known = config.sources.iter().find(|known| known.id == source);
        known.map_or_else(|| source.to_owned(), |known| known.group.clone())
    };
    let recorded = HOTLISTS.unpack(group)?;
    let moment = |post: Option<&Post>| post.map(|post| post.time).unwrap_or_default();
    let told_from: Timestamp = REAL_TOLD_FROM.parse()?;
    let span = Span {
        from: moment(recorded.posts.first()),
        told_from,
        to: moment(recorded.posts.last()).max(told_from),
    };
    Ok(Story {
        config,
        posts: recorded.posts,
        observations: recorded.observations,
        span,
        about: REAL_ABOUT.map(str::to_owned),
        credit: Some(HOTLISTS.notice),
    })
}

pub(in crate::cli) fn configuration(administrator: &str, clerk: &str) -> Result<Config> {
    let file = |name: &str, text: &str| config::File { name: name.to_owned(), bytes: text.into() };
    let (administrator, clerk) = (file("guanlan.toml", administrator), file("concerns.toml", clerk));
    let loaded = config::read(Some(&administrator), Some(&clerk), &Default::default());
    let report = loaded.report.draw(alerts::message::Language::English);
    ensure!(loaded.report.errors() == 0, "the bundled configuration is wrong:\n{report}");
    Ok(loaded.config)
}
