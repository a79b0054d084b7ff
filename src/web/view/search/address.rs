//! The state of a search as an address: whatever was chosen on the page, a link leads there.

use analyzer::index::AsOf;
use analyzer::level::Level;
use crawler::post::Voice;
use serde::Deserialize;

use super::super::{Chrome, encoded};
use crate::find::{DEEPEST, levels};

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

    /// Hits passed over, at most so many: behind them a narrower search is the way.
    pub(crate) fn begins(&self) -> usize {
        self.offset.min(DEEPEST)
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

    /// What the boxes beside the posts do not ask for: it stays as it is.
    pub(super) fn besides(&self) -> Vec<(&'static str, &str)> {
        let kept = self.fields().into_iter();
        kept.filter(|(name, _)| ["q", "from", "to", "sort"].contains(name)).collect()
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

    /// What the form beside the posts asks for: the query as it stood, with the filters that are ticked.
    pub(crate) fn ticked(fields: &[(String, String)]) -> Wanted {
        let all = |wanted: &str| {
            fields
                .iter()
                .filter(|(name, _)| name == wanted)
                .map(|(_, value)| value.as_str())
                .collect::<Vec<_>>()
        };
        let mut wanted = Wanted::of(fields);
        wanted.q = choosing(&wanted.q, SOURCE, &all("group"));
        wanted.q = choosing(&wanted.q, CONCERN, &all("concern"));
        // A box without its tick is not sent.
        wanted.fold = if wanted.fold.is_empty() { "no".to_owned() } else { String::new() };
        match wanted.since.as_str() {
            OWN => wanted.since.clear(),
            _ => (wanted.from, wanted.to) = (String::new(), String::new()),
        }
        wanted
    }

    /// What a filter in the query names: 微博 and 新闻 of `信源:"微博,新闻"`.
    pub(super) fn chosen(&self, filter: &str) -> Vec<&str> {
        pieces(&self.q).filter_map(|piece| names(piece, filter)).flatten().collect()
    }
}

/// Chosen is a span of its own, from and to.
pub(super) const OWN: &str = "own";
/// Filters of a query that the page has boxes for.
pub(super) const SOURCE: &str = "信源:";
pub(super) const CONCERN: &str = "关切:";

/// The query with the filter naming these, or without it.
fn choosing(q: &str, filter: &str, chosen: &[&str]) -> String {
    let others = pieces(q).filter(|piece| !piece.is_empty() && names(piece, filter).is_none());
    let others = others.collect::<Vec<_>>().join(" ");
    match chosen.is_empty() {
        true => others,
        false => narrowed(&others, &format!("{filter}\"{}\"", chosen.join(",").replace('"', " "))),
    }
}

/// What stands between spaces; what is in quotes stays together.
fn pieces(q: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    q.split(move |character: char| {
        is_quoted ^= character == '"';
        character.is_whitespace() && !is_quoted
    })
}

/// The names in a piece, if it is this filter and nothing else.
fn names<'a>(piece: &'a str, filter: &str) -> Option<impl Iterator<Item = &'a str>> {
    let value = piece.strip_prefix(filter)?;
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let is_alone = !value.contains(['"', '|', '｜', '(', ')', '（', '）']);
    is_alone.then(|| value.split([',', '，', '、']).map(str::trim).filter(|name| !name.is_empty()))
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

    fn ticked(fields: &[(&str, &str)]) -> String {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let wanted = Wanted::ticked(&fields.iter().map(owned).collect::<Vec<_>>());
        let fields = wanted.fields().into_iter().map(|(name, value)| format!("{name}={value}"));
        fields.collect::<Vec<_>>().join("&")
    }

    #[test]
    fn what_is_ticked_stands_in_the_query_and_what_is_not_leaves_it() {
        let typed = ("q", "数据  \"公布 了\" 信源:微博 -天气");
        assert_eq!(ticked(&[typed, ("fold", "yes")]), "q=数据 \"公布 了\" -天气");
        let both = [typed, ("group", "微博"), ("group", "本地 论坛"), ("fold", "yes")];
        let q = "数据 \"公布 了\" -天气 信源:\"微博,本地 论坛\"";
        assert_eq!(ticked(&both), format!("q={q}"));
        let wanted = Wanted { q: q.to_owned(), ..Wanted::default() };
        assert_eq!((wanted.chosen(SOURCE), wanted.chosen(CONCERN).len()), (vec!["微博", "本地 论坛"], 0));
        assert_eq!(
            ticked(&[("q", q), ("concern", "water")]),
            "q=数据 \"公布 了\" -天气 关切:\"water\"&fold=no"
        );
        // What is more than a filter was typed by somebody and stays.
        let typed = Wanted { q: "-信源:微博 信源:微博|停水".to_owned(), ..Wanted::default() };
        assert!(typed.chosen(SOURCE).is_empty());
        assert_eq!(ticked(&[("q", &typed.q), ("fold", "yes")]), format!("q={}", typed.q));
    }

    #[test]
    fn a_span_of_ones_own_stays_while_it_is_chosen() {
        let typed = [("q", "停水"), ("from", "2026-11-23 08:00"), ("fold", "yes")];
        let with = |since| ticked(&[&typed[..], &[("since", since)]].concat());
        assert_eq!(with("own"), "q=停水&from=2026-11-23 08:00");
        assert_eq!(with("24h"), "q=停水&since=24h");
        assert_eq!(with(""), "q=停水");
    }

    #[test]
    fn a_state_is_an_address() {
        let wanted = Wanted { q: "数据 公布".to_owned(), offset: 40, ..Wanted::default() };
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
