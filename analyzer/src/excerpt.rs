//! Marks the words of a query in an original text and cuts the piece worth showing. The text stays as it
//! is: whoever shows it must escape it.

use std::ops::Range;

use crate::normalize::Normalized;

/// A piece of a text with the places of the words in it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The piece on one line, with … where something was cut off.
    pub text: String,
    /// Bytes of `text` to mark, ascending, without overlaps.
    pub marks: Vec<Range<usize>>,
}

/// Bytes of the original text where one of the normalised words stands (`Query::marked_words`), ascending,
/// overlaps and neighbours joined.
pub fn highlight(original: &str, words: &[String]) -> Vec<Range<usize>> {
    let normalized = Normalized::of(original);
    let mut marks = Vec::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        let mut from = 0;
        while let Some(at) = normalized.text.get(from..).and_then(|rest| rest.find(word.as_str())) {
            let start = from + at;
            marks.push(normalized.original(start..start + word.len()));
            // Matches may overlap: go on behind the first character only.
            from = start + word.chars().next().map_or(1, char::len_utf8);
        }
    }
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        match joined.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            _ => joined.push(mark),
        }
    }
    joined
}

/// At most `most` characters of the text around the words, or its beginning where none stands.
pub fn excerpt(original: &str, words: &[String], most: usize) -> Excerpt {
    let line = original.split_whitespace().collect::<Vec<_>>().join(" ");
    let starts: Vec<usize> = line.char_indices().map(|(start, _)| start).chain([line.len()]).collect();
    let length = starts.len() - 1;
    if length <= most {
        return Excerpt { marks: highlight(&line, words), text: line };
    }
    let marks = highlight(&line, words);
    let places: Vec<(usize, usize)> = marks
        .iter()
        .map(|mark| {
            (starts.partition_point(|&it| it < mark.start), starts.partition_point(|&it| it < mark.end))
        })
        .collect();
    let first = best_start(&line, &places, length, most);
    let last = (first + most).min(length);
    let byte = |place: usize| starts.get(place).copied().unwrap_or(line.len());
    let piece = line.get(byte(first)..byte(last)).unwrap_or_default().trim();
    let before = if first > 0 { "…" } else { "" };
    let after = if last < length { "…" } else { "" };
    let text = format!("{before}{piece}{after}");
    Excerpt { marks: highlight(&text, words), text }
}

/// The character to begin with so that most marks are shown: a little before a mark, at the beginning of
/// a sentence if one is near.
fn best_start(line: &str, marks: &[(usize, usize)], length: usize, most: usize) -> usize {
    let chars: Vec<char> = line.chars().collect();
    let latest = length - most;
    let lead = most / 3;
    let mut best = (0, 0);
    for &(mark, _) in marks {
        let earliest = mark.saturating_sub(lead);
        let ends_sentence = |&place: &usize| {
            place == 0 || chars.get(place - 1).is_some_and(|char| "。！？；!?;".contains(*char))
        };
        let start = (earliest..=mark).find(ends_sentence).unwrap_or(earliest).min(latest);
        let shown = marks.iter().filter(|&&(from, to)| start <= from && to <= start + most).count();
        if shown > best.0 {
            best = (shown, start);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;

    fn marked(original: &str, query: &str) -> String {
        let words = Query::parse(query).unwrap().marked_words(&[]);
        show(original, &highlight(original, &words))
    }

    fn show(text: &str, marks: &[Range<usize>]) -> String {
        let mut shown = text.to_owned();
        for mark in marks.iter().rev() {
            shown.replace_range(mark.clone(), &format!("[{}]", &text[mark.clone()]));
        }
        shown
    }

    #[test]
    fn words_are_marked_in_the_original() {
        let cases = [
            ("數據什麼時候公佈？", "数据 公布", "[數據]什麼時候[公佈]？"),
            ("“数据”公布😡公布", "公布 -天气", "“数据”[公布]😡[公布]"),
            ("ＣＯＶＩＤ－19 𠮷", "covid-19|𠮷", "[ＣＯＶＩＤ－19] [𠮷]"),
            ("哈哈哈哈", "哈哈哈", "[哈哈哈哈]"),
            ("核酸检测", "核酸 酸检", "[核酸检]测"),
            ("今天天气", "数据", "今天天气"),
        ];
        for (original, query, expected) in cases {
            assert_eq!(marked(original, query), expected, "{query}");
        }
    }

    #[test]
    fn an_excerpt_shows_the_words() {
        let words = |query: &str| Query::parse(query).unwrap().marked_words(&[]);
        let long =
            "今天出门买菜。".repeat(10) + "到底什么时候公布数据？大家都在问。" + &"然后回家做饭。".repeat(10);
        let shown = excerpt(&long, &words("数据"), 24);
        assert_eq!(show(&shown.text, &shown.marks), "…到底什么时候公布[数据]？大家都在问。然后回家做饭。…");
        assert_eq!(excerpt("第一行\n\n第二行", &words("第二"), 20).text, "第一行 第二行");
        assert_eq!(excerpt(&long, &words("没有"), 5).text, "今天出门买…");
        assert_eq!(excerpt("", &words("没有"), 5), Excerpt::default());
    }
}
