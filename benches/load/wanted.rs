//! What people look for: words of the concerns of the bundled stories and of the hot lists, alone, together, without
//! each other, within a time, by source, in every order, and pages far behind the first.

use std::fmt::Write;

/// Queries with what stands beside them in the address.
const SEARCHES: [(&str, &str); 40] = [
    ("停水", ""),
    ("自来水 味", ""),
    ("自来水 黄|浑", ""),
    ("水质", "since=7d"),
    ("核酸", ""),
    ("核酸 返乡", ""),
    ("核酸 证明|报告", "sort=relevance"),
    ("返乡", "since=30d"),
    ("返乡 隔离 -学生", ""),
    ("就地过年", ""),
    ("就地过年", "sort=copies"),
    ("疫苗", ""),
    ("疫苗 接种", "sort=relevance"),
    ("疫苗 -辟谣", "since=24h"),
    ("学校 停课|复课", ""),
    ("停课", "since=48h"),
    ("教育局", ""),
    ("数据 公布", ""),
    ("数据 公布|通报 -天气", "sort=relevance"),
    ("\"监测数据\"", ""),
    ("卫健委 回应", ""),
    ("卫健委", "who=official"),
    ("物业", ""),
    ("物业 保证书", ""),
    ("医院", "since=7d"),
    ("医院 排队|挂号", ""),
    ("地铁 停运", ""),
    ("快递", "since=30d"),
    ("火车票|抢票", ""),
    ("石家庄", ""),
    ("石家庄 隔离", "sort=copies"),
    ("层层加码|一刀切", ""),
    ("辟谣", "who=official"),
    ("信源:微博 停电", ""),
    ("信源:政务 通报", ""),
    ("关切:数据公布 哪里", ""),
    ("疫情", "since=7d"),
    ("疫情 防控", "offset=200"),
    ("疫苗", "offset=2000"),
    ("核酸", "offset=8000&fold=no"),
];

/// The queries as words, for peers: all words of each, without filters.
pub(crate) fn words() -> Vec<Vec<Vec<String>>> {
    let is_word = |word: &&str| !word.starts_with('-') && !word.contains(':');
    let any = |word: &str| word.split('|').map(|word| word.trim_matches('"').to_owned()).collect();
    SEARCHES.iter().map(|(query, _)| query.split(' ').filter(is_word).map(any).collect()).collect()
}

/// The addresses of the pages.
pub(crate) fn searches() -> Vec<String> {
    SEARCHES.iter().map(|(query, rest)| format!("/search?q={}&{rest}", encoded(query))).collect()
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").unwrap();
        encoded
    })
}
