//! Small variations as people make them: a word before, a mark after, other punctuation. Words are
//! never moved.

use super::chance::Chance;
use super::file::{Register, Wording};

/// Title and text of one post.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    /// Title; may be empty.
    pub(super) title: String,
    /// Text; may be empty.
    pub(super) text: String,
}

impl From<&Wording> for Text {
    fn from(wording: &Wording) -> Text {
        match wording {
            Wording::Text(text) => Text { title: String::new(), text: text.clone() },
            Wording::Titled { title, text } => Text { title: title.clone(), text: text.clone() },
        }
    }
}

/// The wording as one more person of this register would write it.
pub(super) fn vary(wording: &Wording, register: &Register, chance: &mut Chance) -> Text {
    let mut varied = Text::from(wording);
    let body = if varied.text.is_empty() { &mut varied.title } else { &mut varied.text };
    if !chance.happens(register.variations) {
        return varied;
    }
    let asks = body.ends_with(['？', '?']);
    let (leads, tails) = if asks {
        (&register.question_leads, &register.question_tails)
    } else {
        (&register.statement_leads, &register.statement_tails)
    };
    if chance.happens(0.4)
        && let Some(lead) = chance.any(leads)
    {
        body.insert_str(0, lead);
    }
    if chance.happens(0.4)
        && let Some(tail) = chance.any(tails)
    {
        body.push_str(tail);
    } else if chance.happens(0.6) {
        *body = repunctuated(body, chance);
    }
    varied
}

/// One change of punctuation.
fn repunctuated(text: &str, chance: &mut Chance) -> String {
    let end = text.trim_end_matches(['。', '！', '？', '~']);
    let last = &text[end.len()..];
    match (chance.below(4), last) {
        (0, "。") => end.to_owned(),
        (1, "。") => format!("{end}！"),
        (2, "。") => format!("{end}~"),
        (0, "？") => format!("{end}？？"),
        (1, "？") => format!("{end}?"),
        (2, "？") if !end.ends_with(['吗', '呢', '吧', '啊', '呀', '么', '嘛', '了']) => {
            format!("{end}呢？")
        }
        (0, "！") => format!("{end}！！"),
        (1, "！") => format!("{end}。"),
        _ => text.replacen('，', " ", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register() -> Register {
        Register {
            variations: 1.0,
            question_leads: vec!["求问，".into()],
            statement_leads: vec!["说一句，".into()],
            question_tails: vec!["急".into()],
            statement_tails: vec!["🙏".into()],
            ..Register::default()
        }
    }

    #[test]
    fn questions_and_statements_get_words_of_their_own() {
        let mut chance = Chance::of(3, "");
        for _ in 0..200 {
            let question = vary(&Wording::Text("水能喝吗，有人知道吗？".into()), &register(), &mut chance);
            assert!(!question.text.contains("说一句") && !question.text.contains('🙏'), "{question:?}");
            let statement = vary(&Wording::Text("水清了，谢谢师傅。".into()), &register(), &mut chance);
            assert!(!statement.text.contains("求问") && !statement.text.contains('急'), "{statement:?}");
        }
    }

    #[test]
    fn the_words_keep_their_order() {
        let mut chance = Chance::of(9, "");
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..300 {
            let varied = vary(&Wording::Text("数据什么时候公布？".into()), &register(), &mut chance);
            assert!(varied.text.contains("数据什么时候公布"), "{varied:?}");
            seen.insert(varied.text);
        }
        assert!(seen.len() > 8, "{seen:?}");
    }

    #[test]
    fn a_title_without_text_is_varied_itself() {
        let wording = Wording::Titled { title: "几点恢复供水？".into(), text: String::new() };
        let mut chance = Chance::of(1, "");
        let titles: std::collections::BTreeSet<_> =
            (0..50).map(|_| vary(&wording, &register(), &mut chance)).map(|text| text.title).collect();
        assert!(titles.len() > 3, "{titles:?}");
    }
}
