//! Why a concern has no level, in words.

use analyzer::signal::{Calm, Signal};

use super::Chrome;

/// Stands in the place of a level where no alert is open: a rise whose alert people have closed is no calm.
pub(super) fn without_alert(chrome: &Chrome, signal: &Signal) -> &'static str {
    match signal.level {
        Ok(_) => chrome.say("高于预期", "above expected"),
        Err(_) => chrome.labels.calm,
    }
}

/// Why there is no level, where that is worth a word.
pub(super) fn calm(chrome: &Chrome, calm: Calm) -> &'static str {
    match calm {
        Calm::Usual => {
            chrome.say("没有预警：统计检验没有超过门槛。", "No alert: the test stays under its threshold.")
        }
        Calm::FewVoices => chrome.say(
            "没有预警：超出了预期，但合并相似后说法太少。",
            "No alert: above what is expected, but too few different texts.",
        ),
        Calm::OneVoice => chrome.say(
            "没有预警：超出了预期，但六成以上是同一段话的重复。",
            "No alert: above what is expected, but most of it repeats one text.",
        ),
        Calm::OneSource => chrome.say(
            "没有预警：超出了预期，但六成以上来自同一个信源。",
            "No alert: above what is expected, but most of it comes from one source.",
        ),
        Calm::BelowNeed => chrome.say(
            "没有预警：超出了预期，但帖数、信源数或倍数还不到蓝色的门槛。",
            "No alert: above what is expected, but below what blue needs in posts, sources or ratio.",
        ),
        Calm::Learning => chrome.say(
            "没有预警：积累还不到 12 小时，预期还说不准。",
            "No alert: less than 12 hours of history, so nothing is expected yet.",
        ),
        Calm::Gap => chrome.say(
            "暂不判断：平时的信源有一部分没有采到。",
            "Not judged now: some of the usual sources were not collected.",
        ),
    }
}
