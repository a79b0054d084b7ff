//! The state of a search as an address: every choice on the page is a link.

use analyzer::index::AsOf;
use analyzer::level::Level;
use crawler::post::Voice;
use serde::Deserialize;

use super::super::{Chrome, encoded};
use crate::find::levels;

/// What stands behind the question mark of `/search`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub(crate) struct Wanted {
    /// The query as typed.
    pub(crate) q: String,
    /// `24h`, `48h`, `7d`, `30d` or nothing.
    pub(crate) since: String,
    /// First and last moment, as typed.
    pub(crate) from: String,
    pub(crate) to: String,
    /// `time`, `relevance` or `copies`.
    pub(crate) sort: String,
    /// `no`: every copy stands for itself.
    pub(crate) fold: String,
    /// `official`: only offices and media.
    pub(crate) who: String,
    /// Only the near-duplicates of this group: its number, in hexadecimal digits.
    pub(crate) similar: String,
    /// What had come in by then, and nothing else; the present when empty.
    pub(crate) at: String,
    /// The levels of then, where the query asks for them.
    pub(crate) levels: String,
    /// Hits passed over.
    pub(crate) offset: usize,
}

impl Wanted {
    /// The state that the fields of a form tell.
    pub(crate) fn of(fields: &[(String, String)]) -> Wanted {
        let field = |wanted: &str| {
            fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Wanted {
            q: field("q"),
            since: field("since"),
            from: field("from"),
            to: field("to"),
            sort: field("sort"),
            fold: field("fold"),
            who: field("who"),
            similar: field("similar"),
            ..Wanted::default()
        }
    }

    /// The state of the index that is asked for; one that cannot be read asks for the present.
    pub(crate) fn as_of(&self) -> Option<AsOf> {
        self.at.parse().ok()
    }

    /// The levels of that state, where they are known.
    pub(crate) fn levels_of_then(&self) -> Option<Vec<(String, Level)>> {
        levels::read(&self.levels)
    }

    /// The near-duplicate group that is asked for.
    pub(crate) fn voice(&self) -> Option<Voice> {
        u64::from_str_radix(&self.similar, 16).ok().map(Voice)
    }

    /// The near-duplicates of that group, each for itself.
    pub(super) fn of_group(&self, Voice(number): Voice) -> Wanted {
        let (similar, fold) = (format!("{number:016x}"), "no".to_owned());
        Wanted { similar, fold, offset: 0, ..self.clone() }
    }

    /// Whether near-duplicates are folded into one.
    pub(crate) fn folds(&self) -> bool {
        self.fold != "no"
    }

    /// Whether only offices and media are wanted.
    pub(crate) fn is_official(&self) -> bool {
        self.who == "official"
    }

    /// The state without the moment and the place in the results.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("q", self.q.as_str()),
            ("since", &self.since),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", &self.sort),
            ("fold", &self.fold),
            ("who", &self.who),
            ("similar", &self.similar),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The state as the query part of an address.
    pub(crate) fn query_part(&self) -> String {
        let fixed = [("at", self.at.as_str()), ("levels", &self.levels)];
        let fixed = fixed.into_iter().filter(|(_, value)| !value.is_empty());
        let fields = self.fields().into_iter().chain(fixed);
        let fields = fields.map(|(name, value)| format!("{name}={}", encoded(value)));
        let place = (self.offset > 0).then(|| format!("offset={}", self.offset));
        fields.chain(place).collect::<Vec<_>>().join("&")
    }

    /// The page of this state.
    pub(super) fn link(&self, chrome: &Chrome) -> String {
        chrome.to(&format!("/search?{}", self.query_part()))
    }

    /// The same state as it is now from the first hit on, with a change.
    pub(super) fn with(&self, change: impl FnOnce(&mut Wanted)) -> Wanted {
        let mut wanted = Wanted { offset: 0, at: String::new(), levels: String::new(), ..self.clone() };
        change(&mut wanted);
        wanted
    }

    /// The same with a filter in the query, or without it if it is there; and whether it is.
    pub(super) fn toggled(&self, filter: &str) -> (Wanted, bool) {
        let has_it = format!(" {} ", self.q).contains(&format!(" {filter} "));
        let q = match has_it {
            true => format!(" {} ", self.q).replacen(&format!(" {filter} "), " ", 1).trim().to_owned(),
            false => narrowed(&self.q, filter),
        };
        (self.with(|wanted| wanted.q = q), has_it)
    }
}

/// The query and a filter. A bar at its edge would join the filter to one of its words, and a quotation mark or a bracket
/// that is never closed would take the filter in.
fn narrowed(q: &str, filter: &str) -> String {
    let typed = q.trim_matches(|char: char| char.is_whitespace() || matches!(char, '|' | '｜'));
    let count = |marks: &[char]| typed.chars().filter(|char| marks.contains(char)).count();
    let is_open = count(&['"', '“', '”', '＂']) % 2 == 1 || count(&['(', '（']) > count(&[')', '）']);
    let narrowed = if is_open { format!("{filter} {typed}") } else { format!("{typed} {filter}") };
    narrowed.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_goes_in_and_out_again() {
        let wanted = Wanted { q: "数据 公布".to_owned(), offset: 40, ..Wanted::default() };
        let (with, had) = wanted.toggled("信源:\"微博\"");
        assert_eq!((with.q.as_str(), with.offset, had), ("数据 公布 信源:\"微博\"", 0, false));
        let (without, had) = with.toggled("信源:\"微博\"");
        assert_eq!((without.q.as_str(), had), ("数据 公布", true));
        assert_eq!(wanted.query_part(), "q=%E6%95%B0%E6%8D%AE%20%E5%85%AC%E5%B8%83&offset=40");
    }

    #[test]
    fn a_filter_is_never_part_of_what_was_typed_wrong() {
        let cases = [
            ("数据 公布|", "数据 公布 信源:微博"),
            ("｜数据", "数据 信源:微博"),
            ("数据 “公布", "信源:微博 数据 “公布"),
            ("数据|(公布", "信源:微博 数据|(公布"),
            ("数据|（公布）", "数据|（公布） 信源:微博"),
            ("", "信源:微博"),
        ];
        for (typed, narrowed) in cases {
            assert_eq!(super::narrowed(typed, "信源:微博"), narrowed);
        }
    }

    #[test]
    fn a_moment_goes_with_the_page_and_its_groups_and_with_nothing_else() {
        let (at, levels) = ("1764175500.8812".to_owned(), "o7761".to_owned());
        let wanted = Wanted { q: "a".to_owned(), at, levels, offset: 20, ..Wanted::default() };
        assert_eq!(wanted.query_part(), "q=a&at=1764175500.8812&levels=o7761&offset=20");
        let group = wanted.of_group(Voice(255));
        assert_eq!(
            group.query_part(),
            "q=a&fold=no&similar=00000000000000ff&at=1764175500.8812&levels=o7761"
        );
        assert_eq!((group.voice(), wanted.voice()), (Some(Voice(255)), None));
        assert_eq!(wanted.with(|wanted| wanted.sort = "copies".to_owned()).query_part(), "q=a&sort=copies");
        assert_eq!(wanted.as_of().map(|as_of| as_of.sequence), Some(8812));
        assert_eq!(wanted.levels_of_then(), Some(vec![("wa".to_owned(), Level::Orange)]));
        assert_eq!(Wanted { at: "noon".to_owned(), ..wanted }.as_of(), None);
    }
}
