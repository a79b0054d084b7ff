//! When a search finds nothing: why, and the ways on from there.

use std::borrow::Cow;

use alerts::format;
use alerts::message::Language;

use super::{SearchData, Wanted};
use crate::web::view::Chrome;

/// Why nothing is shown, and where to go from there: a link with its words, or words alone.
pub(super) fn nothing(chrome: &Chrome, data: &SearchData<'_>) -> Vec<(String, Cow<'static, str>)> {
    if data.found.is_none_or(|found| !found.posts.is_empty()) {
        return Vec::new();
    }
    let wanted = data.wanted;
    if data.indexed == 0 {
        return vec![(
            String::new(),
            chrome.say(
                "还没有任何帖文：信源还没有采到。guanlan source list 看信源，guanlan source test ID 试采一次，guanlan import 导入文件。",
                "There are no posts at all yet: see guanlan source list, try guanlan source test ID, or guanlan import files.",
            ).into(),
        )];
    }
    let mut ways = Vec::new();
    if let Some((typed, posts)) = data.loosened {
        let (shown, posts) = (format::visible(typed), format::exact(posts as u64));
        let apart = match chrome.language {
            Language::Chinese => format!("把连写的词拆开找：{shown}（{posts} 帖）"),
            Language::English => format!("Take the words apart: {shown} ({posts} posts)"),
        };
        let wider = wanted.with(|wanted| wanted.q = typed.to_owned());
        ways.push((wider.link(chrome), apart.into()));
    }
    if wanted.offset > 0 {
        let first = Wanted { offset: 0, ..data.steady.clone() };
        ways.push((first.link(chrome), chrome.say("回到第一页", "Back to the first page").into()));
    }
    // A time that could not be read narrows nothing down.
    if data.time.is_some() {
        let wider = wanted.with(|wanted| {
            wanted.since.clear();
            wanted.from.clear();
            wanted.to.clear();
        });
        ways.push((
            wider.link(chrome),
            chrome.say("这段时间里没有：去掉时间限制", "Nothing in this time: lift the time limit").into(),
        ));
    }
    if let Some(wider) = wanted.unfiltered() {
        ways.push((
            wider.link(chrome),
            chrome
                .say("去掉查询里的限定（信源、关切、级别、时间）", "Without the filters of the query")
                .into(),
        ));
    }
    if wanted.voice().is_some() {
        let wider = wanted.with(|wanted| (wanted.similar, wanted.fold) = Default::default());
        ways.push((
            wider.link(chrome),
            chrome.say("不只看这一组相似帖文", "Not this group of similar posts alone").into(),
        ));
    }
    if wanted.is_official() {
        let wider = wanted.with(|wanted| wanted.who.clear());
        ways.push((wider.link(chrome), chrome.say("也看个人帖文", "Show posts by individuals, too").into()));
    }
    ways.push((
        String::new(),
        chrome.say("减少词，或用 | 连接意思相近的词；信源延迟时，最近的帖文可能还没有采到。", "Use fewer words, or join words of like meaning with |; where sources are late, the newest posts may not be there yet.").into(),
    ));
    ways
}
