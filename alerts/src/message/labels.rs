//! Headings and fixed words of mails, one table per language: a word missing in one does not compile.

use super::Language;

pub(crate) struct Labels {
    pub(crate) html_language: &'static str,
    pub(crate) alert: &'static str,
    pub(crate) details: &'static str,
    pub(crate) claim: &'static str,
    pub(crate) posts: &'static str,
    pub(crate) curve: &'static str,
    pub(crate) chart_note: &'static str,
    pub(crate) next_hours: &'static str,
    pub(crate) asks: &'static str,
    pub(crate) asks_other: &'static str,
    pub(crate) quotes: &'static str,
    pub(crate) no_quotes: &'static str,
    pub(crate) statements: &'static str,
    pub(crate) reports: &'static str,
    pub(crate) after: &'static str,
    pub(crate) differences: &'static str,
    pub(crate) advice: &'static str,
    pub(crate) advice_note: &'static str,
    pub(crate) now: &'static str,
    pub(crate) threshold: &'static str,
    pub(crate) no_data: &'static str,
    pub(crate) rising: &'static str,
    pub(crate) level_notice: &'static str,
    pub(crate) totals_notice: &'static str,
    pub(crate) original: &'static str,
    pub(crate) open_instead: &'static str,
    /// Numbers of the sections in the text part.
    pub(crate) numbers: [&'static str; 11],
}

const CHINESE: Labels = Labels {
    html_language: "zh-CN",
    alert: "预警",
    details: "查看详情",
    claim: "认领处置",
    posts: "帖",
    curve: "走势（此前 60 分钟的帖数）",
    chart_note: "每点为此前 60 分钟的帖数；灰色为按往常同一时段推算的预期区间，虚线为预期值。",
    next_hours: "接下来几小时",
    asks: "公众在问什么",
    asks_other: "其他",
    quotes: "有代表性的说法",
    no_quotes: "没有可引用的说法：个人帖文少于 5 帖相似时不引用。",
    statements: "已找到的官方信息",
    reports: "报道了回应的标题（不是官方原文）",
    after: "回应之后",
    differences: "各处说法不一（只并列，不判断）",
    advice: "口径要点",
    advice_note: "来自关切词表",
    now: "现在",
    threshold: "门槛",
    no_data: "缺数据",
    rising: "开始上升",
    level_notice: "系统提示级别仅供研判参考，不等同于政府发布的预警。",
    totals_notice: "本系统只做总量分析，不采集作者信息。",
    original: "原文",
    open_instead: "按钮打不开时，请打开",
    numbers: ["一、", "二、", "三、", "四、", "五、", "六、", "七、", "八、", "九、", "十、", "十一、"],
};

const ENGLISH: Labels = Labels {
    html_language: "en",
    alert: "Alert",
    details: "See details",
    claim: "Take it on",
    posts: "posts",
    curve: "Posts in the preceding 60 minutes",
    chart_note: "Each point counts the preceding 60 minutes. Grey: the range expected from the same hours before; dotted: the expected number.",
    next_hours: "The next hours",
    asks: "What people are asking",
    asks_other: "Other",
    quotes: "In their words",
    no_quotes: "Nothing to quote: posts by individuals are not quoted with fewer than 5 similar ones.",
    statements: "Official information found",
    reports: "Titles that report a reply (no official texts)",
    after: "After the answer",
    differences: "Not said alike (side by side, without a verdict)",
    advice: "Talking points",
    advice_note: "From the concern list",
    now: "Now",
    threshold: "Threshold",
    no_data: "no data",
    rising: "begins to rise",
    level_notice: "The level is computed to help judgement and is not a government warning.",
    totals_notice: "Totals only: no author information is collected.",
    original: "original",
    open_instead: "If the button does not open:",
    numbers: ["1. ", "2. ", "3. ", "4. ", "5. ", "6. ", "7. ", "8. ", "9. ", "10. ", "11. "],
};

impl Labels {
    pub(crate) fn of(language: Language) -> &'static Labels {
        match language {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }
}
