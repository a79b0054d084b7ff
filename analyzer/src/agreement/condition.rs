//! What a clause asks for, waives, forbids or allows: 需, 无需, 不得, 凭 … and of what.

use super::fact::Unit;
use super::number::number;

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub(super) unit: Unit,
    /// Asked for or allowed; else waived or forbidden.
    pub(super) asked: bool,
    /// The word that says so.
    pub(super) written: String,
    /// Of what.
    pub(super) object: String,
}

/// Words in the order in which they are looked for: the longer ones first.
const WORDS: &[(&str, Unit, bool)] = &[
    ("不得再要求", Unit::Need, false),
    ("不得要求", Unit::Need, false),
    ("不再要求", Unit::Need, false),
    ("不再需要", Unit::Need, false),
    ("不需要", Unit::Need, false),
    ("不再查验", Unit::Need, false),
    ("无需", Unit::Need, false),
    ("无须", Unit::Need, false),
    ("不需", Unit::Need, false),
    ("不用", Unit::Need, false),
    ("不必", Unit::Need, false),
    ("不得", Unit::Leave, false),
    ("不准", Unit::Leave, false),
    ("不许", Unit::Leave, false),
    ("严禁", Unit::Leave, false),
    ("禁止", Unit::Leave, false),
    ("允许", Unit::Leave, true),
    ("可以", Unit::Leave, true),
    ("必须", Unit::Need, true),
    ("需要", Unit::Need, true),
    ("须", Unit::Need, true),
    ("需", Unit::Need, true),
    ("凭", Unit::Need, true),
    ("持", Unit::Need, true),
];
/// Words of which these signs are part, and which say nothing of the kind.
const OTHERS: &[&str] = &[
    "需求",
    "必需",
    "供需",
    "急需",
    "所需",
    "亟需",
    "不可以",
    "支持",
    "坚持",
    "保持",
    "主持",
    "持续",
    "维持",
    "持有",
    "扶持",
    "凭借",
    "任凭",
    "不得不",
    "不用说",
    "文凭",
    "舍不得",
    "不准确",
    "持股",
    "把持",
    "可以看",
    "不得了",
];
/// Words before the thing itself.
const VERBS: &[&str] = &[
    "提供", "出示", "携带", "持有", "持", "凭", "查验", "开具", "办理", "进行", "做", "再", "到", "向", "的",
    "随身", "提前", "接受", "重复", "另行", "实施", "实行", "有效", "以内", "之内", "内",
];
/// Fewer characters name no thing.
const LEAST: usize = 2;

/// The conditions of a normalised clause.
pub(super) fn conditions(clause: &str) -> Vec<Condition> {
    let mut rest = clause.to_owned();
    for other in OTHERS {
        rest = rest.replace(other, &"＊".repeat(other.chars().count()));
    }
    let mut found = Vec::new();
    for (word, unit, asked) in WORDS {
        while let Some(place) = rest.find(word) {
            let object = object(rest.get(place + word.len()..).unwrap_or_default());
            if object.chars().count() >= LEAST {
                let (word, unit) = ((*word).to_owned(), *unit);
                found.push(Condition { unit, asked: *asked, written: word, object });
            }
            rest = rest.replacen(word, &"＊".repeat(word.chars().count()), 1);
        }
    }
    found
}

/// The thing, without what leads to it: verbs, and a number with its unit.
fn object(after: &str) -> String {
    let mut signs: Vec<char> = after.chars().collect();
    loop {
        let text: String = signs.iter().collect();
        if let Some(verb) = VERBS.iter().find(|verb| text.starts_with(**verb)) {
            signs.drain(..verb.chars().count());
            continue;
        }
        let Some(amount) = number(&signs) else { break };
        let unit: String = signs.iter().skip(amount.length).take(2).collect();
        let length = match unit.as_str() {
            "小时" => 2,
            _ if unit.starts_with(['天', '日', '周', '次', '份', '张']) => 1,
            _ => break,
        };
        signs.drain(..(amount.length + length).min(signs.len()));
    }
    signs.into_iter().take_while(|sign| super::scope::is_han(*sign)).take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(clause: &str, wanted: &[(Unit, bool, &str)]) {
        let found = conditions(clause);
        let found: Vec<(Unit, bool, &str)> =
            found.iter().map(|it| (it.unit, it.asked, it.object.as_str())).collect();
        assert_eq!(found, wanted, "{clause}");
    }

    #[test]
    fn what_is_asked_waived_forbidden_or_allowed() {
        check(
            "返乡需持7日内核酸阴性证明",
            &[(Unit::Need, true, "核酸阴性证明"), (Unit::Need, true, "核酸阴性证明")],
        );
        check("低风险地区无需核酸证明", &[(Unit::Need, false, "核酸证明")]);
        check("各地不得要求出示核酸证明", &[(Unit::Need, false, "核酸证明")]);
        check("严禁堂食", &[(Unit::Leave, false, "堂食")]);
        check("可以堂食", &[(Unit::Leave, true, "堂食")]);
        check("坚持常态化防控", &[]);
        check("满足居民生活必需品需求", &[]);
        check("不得不推迟开学", &[]);
    }
}
