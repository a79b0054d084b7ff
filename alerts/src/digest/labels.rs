//! Headings and fixed words of the digest, one table per language.

use crate::message::Language;

/// Fixed words of mail and page.
#[derive(Clone, Copy, Debug)]
pub struct DigestLabels {
    /// Value of the `lang` attribute.
    pub html_language: &'static str,
    /// The eight headings, numbered.
    pub sections: [&'static str; 8],
    /// Table heads of the hot concerns: concern, level, posts, change.
    pub hot: [&'static str; 4],
    /// Table heads of the answers: concern, first notice, first answer, time taken, what came after it.
    pub replies: [&'static str; 5],
    /// Before official texts.
    pub official: &'static str,
    /// When none was found.
    pub no_official: &'static str,
    /// No level was raised.
    pub calm: &'static str,
    /// Said over the empty boxes.
    pub for_people: &'static str,
    /// Labels of the two empty boxes.
    pub boxes: [&'static str; 2],
    /// Under the chart.
    pub chart_note: &'static str,
    /// Button to the page.
    pub open: &'static str,
    /// Link to an original.
    pub original: &'static str,
    /// Unit.
    pub posts: &'static str,
    /// A day without alerts.
    pub no_alerts: &'static str,
    /// Nothing asked or quotable.
    pub no_views: &'static str,
    /// Nothing for section six.
    pub no_references: &'static str,
    /// Closing notice.
    pub notice: &'static str,
}

const CHINESE: DigestLabels = DigestLabels {
    html_language: "zh-CN",
    sections: [
        "一、概述",
        "二、热点关切",
        "三、传播趋势",
        "四、公众观点",
        "五、回应情况",
        "六、研判参考",
        "七、研判与建议",
        "八、数据说明",
    ],
    hot: ["关切", "期间最高级别", "帖数", "比前一期"],
    replies: ["关切", "首次提示", "首次回应", "用时", "回应后与回应前比（九成五区间）"],
    official: "期间找到的官方信息和报道官方回应的标题",
    no_official: "期间未找到与所列关切相符的官方信息。",
    calm: "无提示",
    for_people: "由值班人员填写。系统只列事实，不代写结论。",
    boxes: ["研判：", "建议："],
    chart_note: "全部所列关切合计，每点为此前 60 分钟的帖数；灰色为预期区间，虚线为预期值。",
    open: "在系统中打开",
    original: "原文",
    posts: "帖",
    no_alerts: "期间没有预警。",
    no_views: "期间没有可归纳的提问，也没有可引用的说法。",
    no_references: "没有需要列出的变化。",
    notice: "系统提示级别仅供研判参考，不等同于政府发布的预警。不采集作者信息，引文已隐去可识别个人的内容。",
};

const ENGLISH: DigestLabels = DigestLabels {
    html_language: "en",
    sections: [
        "1. Overview",
        "2. Hot concerns",
        "3. Course of the day",
        "4. What people ask",
        "5. Responses",
        "6. Facts for judgement",
        "7. Judgement and advice",
        "8. About the data",
    ],
    hot: ["Concern", "Highest level", "Posts", "Change"],
    replies: ["Concern", "First notice", "First response", "Time taken", "After it against before (95 %)"],
    official: "Official information and titles reporting official replies found in the period",
    no_official: "No official information on the listed concerns was found in the period.",
    calm: "no notice",
    for_people: "To be filled in by the officer on duty. The system lists facts and draws no conclusions.",
    boxes: ["Judgement:", "Advice:"],
    chart_note: "All listed concerns together; each point counts the preceding 60 minutes. Grey: expected range; dotted: expected number.",
    open: "Open in Guanlan",
    original: "original",
    posts: "posts",
    no_alerts: "No alerts in the period.",
    no_views: "No questions to sum up and nothing that may be quoted.",
    no_references: "No changes to list.",
    notice: "The level is computed to help judgement and is not a government warning. No author information is collected; quotations are masked.",
};

impl DigestLabels {
    /// The table of one language.
    pub fn of(language: Language) -> &'static DigestLabels {
        match language {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }
}
