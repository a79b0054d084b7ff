//! For whom, where and in what manner a sentence holds: two rules for different people do not differ.

use std::collections::{BTreeMap, BTreeSet};

/// What groups are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    School,
    Contact,
    Risk,
    Origin,
    Way,
    Person,
    Day,
    Clinic,
    Test,
    Dose,
}

/// Groups of people, of places and of days; the longer ones first, each with what it stands for.
const GROUPS: &[(Class, &str, &[&str])] = &[
    (Class::School, "中小学", &["小学", "初中", "高中"]),
    (Class::School, "幼儿园", &["幼儿园"]),
    (Class::School, "小学", &["小学"]),
    (Class::School, "初三", &["初三"]),
    (Class::School, "九年级", &["初三"]),
    (Class::School, "初中", &["初中"]),
    (Class::School, "高三", &["高三"]),
    (Class::School, "高中", &["高中"]),
    (Class::School, "高校", &["高校"]),
    (Class::School, "大学", &["高校"]),
    (Class::Contact, "次密接", &["次密接"]),
    (Class::Contact, "密切接触者", &["密接"]),
    (Class::Contact, "密接", &["密接"]),
    (Class::Contact, "入境", &["入境"]),
    (Class::Contact, "境外", &["入境"]),
    (Class::Risk, "中高风险", &["中风险", "高风险"]),
    (Class::Risk, "高风险", &["高风险"]),
    (Class::Risk, "中风险", &["中风险"]),
    (Class::Risk, "低风险", &["低风险"]),
    (Class::Origin, "省外", &["省外"]),
    (Class::Origin, "市外", &["市外"]),
    (Class::Origin, "省内", &["省内"]),
    (Class::Origin, "市内", &["市内"]),
    (Class::Way, "返校", &["返校"]),
    (Class::Way, "离校", &["离校"]),
    (Class::Way, "返京", &["返京"]),
    (Class::Way, "进京", &["进京"]),
    (Class::Way, "离京", &["离京"]),
    (Class::Way, "返乡", &["返乡"]),
    (Class::Person, "老年人", &["老人"]),
    (Class::Person, "老人", &["老人"]),
    (Class::Person, "儿童", &["儿童"]),
    (Class::Person, "学生", &["学生"]),
    (Class::Person, "教职工", &["教师"]),
    (Class::Person, "教师", &["教师"]),
    (Class::Person, "医务人员", &["医务"]),
    (Class::Day, "周一至周五", &["工作日"]),
    (Class::Day, "工作日", &["工作日"]),
    (Class::Day, "周六", &["周末"]),
    (Class::Day, "周日", &["周末"]),
    (Class::Day, "周末", &["周末"]),
    (Class::Day, "双休日", &["周末"]),
    (Class::Day, "节假日", &["节假日"]),
    (Class::Day, "春节", &["节假日"]),
    (Class::Clinic, "急诊", &["急诊"]),
    (Class::Clinic, "门诊", &["门诊"]),
    (Class::Test, "混检", &["混检"]),
    (Class::Test, "混采", &["混检"]),
    (Class::Test, "单检", &["单检"]),
    (Class::Test, "单采", &["单检"]),
    (Class::Dose, "第一针", &["第一针"]),
    (Class::Dose, "第二针", &["第二针"]),
    (Class::Dose, "第三针", &["第三针"]),
    (Class::Dose, "加强针", &["第三针"]),
];
/// Ways in which a thing is done: both sentences must say the same ones.
const MANNERS: &[&str] = &[
    "集中", "居家", "自我", "监测", "观察", "每", "恢复", "停止", "暂停", "停水", "停电", "首", "再次",
    "开始", "截止", "结束", "以上", "超过", "间隔", "上午", "下午", "罚", "押金",
];
/// Endings of the names of places.
const PLACES: [char; 4] = ['区', '县', '镇', '路'];
/// What ends like a place and is none.
const NO_PLACES: &[&str] =
    &["地区", "社区", "小区", "城区", "校区", "片区", "园区", "区县", "市区", "道路", "公路", "铁路", "线路"];

/// Where a sentence holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Scope {
    groups: BTreeMap<Class, BTreeSet<&'static str>>,
    places: BTreeSet<String>,
    manners: BTreeSet<&'static str>,
}

impl Scope {
    /// Groups and places of a whole sentence, manners of the clause.
    pub(super) fn of(sentence: &str, clause: &str) -> Scope {
        let mut rest = sentence.to_owned();
        let mut groups: BTreeMap<Class, BTreeSet<&'static str>> = BTreeMap::new();
        for (class, written, meant) in GROUPS {
            if rest.contains(written) {
                groups.entry(*class).or_default().extend(*meant);
                // What is part of a longer one is not met again.
                rest = rest.replace(written, " ");
            }
        }
        let manners = MANNERS.iter().copied().filter(|manner| clause.contains(manner)).collect();
        Scope { groups, places: places(sentence), manners }
    }

    /// Whether both may speak of the same case.
    pub(super) fn meets(&self, other: &Scope) -> bool {
        self.manners == other.manners
            && self
                .groups
                .iter()
                .all(|(class, own)| other.groups.get(class).is_none_or(|others| !own.is_disjoint(others)))
            && touch(&self.places, &other.places)
    }
}

/// Sets that name nothing speak of all.
fn touch<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> bool {
    a.is_empty() || b.is_empty() || !a.is_disjoint(b)
}

/// Names of two characters and their ending.
fn places(sentence: &str) -> BTreeSet<String> {
    let signs: Vec<char> = sentence.chars().collect();
    let named = signs.windows(3).filter(|name| {
        let [first, second, end] = name else { return false };
        let whole: String = name.iter().collect();
        PLACES.contains(end)
            && is_han(*first)
            && is_han(*second)
            && !NO_PLACES.iter().any(|no_place| whole.ends_with(no_place))
    });
    named.map(|name| name.iter().collect()).collect()
}

/// Whether a sign is a Chinese character.
pub(super) fn is_han(sign: char) -> bool {
    matches!(sign, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_other_people_places_or_ways_do_not_meet() {
        let meet = |a: &str, b: &str| Scope::of(a, a).meets(&Scope::of(b, b));
        assert!(meet("密切接触者隔离", "密接隔离"));
        assert!(meet("中小学开学", "初中开学"));
        assert!(meet("开学", "高三开学"));
        assert!(!meet("高三开学", "小学开学"));
        assert!(!meet("集中隔离", "居家隔离") && !meet("隔离", "居家隔离"));
        assert!(!meet("城南区停水", "城北区停水") && meet("中风险地区", "中高风险地区"));
        assert!(!meet("中高风险地区", "低风险地区") && !meet("低风险地区返乡", "高风险地区返乡"));
    }
}
