//! The state of a search as an address: whatever was chosen on the page, a link leads there.

use analyzer::index::AsOf;
use analyzer::level::Level;
use analyzer::query::{By, Filter, Query};
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
        wanted.q = choosing(&wanted.q, Narrowing::Source, &all("group"));
        wanted.q = choosing(&wanted.q, Narrowing::Concern, &all("concern"));
        // A box without its tick is not sent.
        wanted.fold = if wanted.fold.is_empty() { "no".to_owned() } else { String::new() };
        match wanted.since.as_str() {
            OWN | TYPED => wanted.since.clear(),
            _ => {
                (wanted.from, wanted.to) = (String::new(), String::new());
                // One time holds: what is ticked, instead of what was typed.
                if !all("since").is_empty() {
                    wanted.q = cut(&wanted.q, is_time);
                }
            }
        }
        wanted
    }

    /// What the filters of a sort name that hold for the whole query: 微博 and 新闻 of `信源:"微博,新闻"`.
    pub(super) fn chosen(&self, sort: Narrowing) -> Vec<String> {
        let (query, _) = Query::parse_leniently(&self.q);
        query.filters().filter_map(|filter| sort.names(filter)).flatten().cloned().collect()
    }

    /// The times that hold for the whole query, as typed.
    pub(super) fn times(&self) -> Vec<String> {
        let (query, _) = Query::parse_leniently(&self.q);
        let typed = |filter: &Filter| self.q.chars().skip(filter.place.0).take(filter.place.1).collect();
        query.filters().filter(|filter| is_time(filter)).map(typed).collect()
    }

    /// The same search without the filters of a sort, if there are any.
    pub(crate) fn without(&self, sort: Narrowing) -> Option<Wanted> {
        let q = choosing(&self.q, sort, &[]);
        (q != self.q).then(|| Wanted { q, ..self.clone() })
    }

    /// The same search without any filter in its query, if there are any.
    pub(super) fn unfiltered(&self) -> Option<Wanted> {
        let q = cut(&self.q, |_| true);
        (q != self.q).then(|| self.with(|wanted| wanted.q = q))
    }
}

/// Filters of a query that the page has boxes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Narrowing {
    Source,
    Concern,
}

impl Narrowing {
    /// What a filter names, if it is of this sort.
    fn names(self, filter: &Filter) -> Option<&Vec<String>> {
        match (self, &filter.by) {
            (Narrowing::Source, By::Source(names)) | (Narrowing::Concern, By::Concern(names)) => Some(names),
            _ => None,
        }
    }

    fn typed(self) -> &'static str {
        match self {
            Narrowing::Source => "信源:",
            Narrowing::Concern => "关切:",
        }
    }
}

/// Chosen is a span of its own, from and to.
pub(super) const OWN: &str = "own";
/// Chosen is the time that the query names.
pub(super) const TYPED: &str = "typed";

fn is_time(filter: &Filter) -> bool {
    matches!(filter.by, By::Time(_))
}

/// The query with one filter of a sort, naming these, or with none.
fn choosing(q: &str, sort: Narrowing, chosen: &[&str]) -> String {
    let others = cut(q, |filter| sort.names(filter).is_some());
    match chosen.is_empty() {
        true => others,
        false => narrowed(&others, &format!("{}\"{}\"", sort.typed(), chosen.join(",").replace('"', " "))),
    }
}

/// The query as typed, without some of the filters that hold for all of it.
fn cut(q: &str, unwanted: impl Fn(&Filter) -> bool) -> String {
    let (query, _) = Query::parse_leniently(q);
    let places: Vec<(usize, usize)> =
        query.filters().filter(|filter| unwanted(filter)).map(|filter| filter.place).collect();
    if places.is_empty() {
        return q.to_owned();
    }
    let is_kept = |place: usize| !places.iter().any(|(from, length)| (*from..from + length).contains(&place));
    let (mut left, mut was_cut) = (String::new(), false);
    for (place, char) in q.chars().enumerate() {
        // Where something was taken out one space is enough.
        if is_kept(place) && !(was_cut && char.is_whitespace() && left.ends_with(char::is_whitespace)) {
            left.push(char);
            was_cut = false;
        }
        was_cut |= !is_kept(place);
    }
    left.trim().to_owned()
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
        assert_eq!(ticked(&[typed, ("fold", "yes")]), "q=数据  \"公布 了\" -天气");
        let both = [typed, ("group", "微博"), ("group", "本地 论坛"), ("fold", "yes")];
        let q = "数据  \"公布 了\" -天气 信源:\"微博,本地 论坛\"";
        assert_eq!(ticked(&both), format!("q={q}"));
        let wanted = Wanted { q: q.to_owned(), ..Wanted::default() };
        let chosen = wanted.chosen(Narrowing::Source);
        assert_eq!(
            (chosen.join("、").as_str(), wanted.chosen(Narrowing::Concern).len()),
            ("微博、本地 论坛", 0)
        );
        assert_eq!(
            ticked(&[("q", q), ("concern", "water")]),
            "q=数据  \"公布 了\" -天气 关切:\"water\"&fold=no"
        );
        // However it is typed.
        for typed in ["停水 信源：微博", "source:微博 停水", "停水 来源:“微博”", "信源:\"微博\"  停水"]
        {
            let wanted = Wanted { q: typed.to_owned(), ..Wanted::default() };
            assert_eq!(wanted.chosen(Narrowing::Source), ["微博"], "{typed}");
            assert_eq!(ticked(&[("q", typed), ("fold", "yes")]), "q=停水", "{typed}");
        }
        let quoted = ("q", "关切:“老旧 小区” 停水 时间:7天");
        assert_eq!(ticked(&[quoted, ("group", "知乎"), ("fold", "yes")]), "q=停水 时间:7天 信源:\"知乎\"");
        let unfiltered = Wanted { q: quoted.1.to_owned(), ..Wanted::default() }.unfiltered();
        assert_eq!(unfiltered.unwrap().q, "停水");
        // What is more than a filter was typed by somebody and stays.
        let typed = Wanted { q: "-信源:微博 信源:微博|停水".to_owned(), ..Wanted::default() };
        assert!(typed.chosen(Narrowing::Source).is_empty());
        assert_eq!(ticked(&[("q", &typed.q), ("fold", "yes")]), format!("q={}", typed.q));
    }

    #[test]
    fn a_span_of_ones_own_stays_while_it_is_chosen() {
        let typed = [("q", "停水"), ("from", "2026-11-23 08:00"), ("fold", "yes")];
        let with = |since| ticked(&[&typed[..], &[("since", since)]].concat());
        assert_eq!(with("own"), "q=停水&from=2026-11-23 08:00");
        assert_eq!(with("24h"), "q=停水&since=24h");
        assert_eq!(with(""), "q=停水");
        let typed = |since| ticked(&[("q", "停水 时间:7天"), ("since", since), ("fold", "yes")]);
        assert_eq!(typed("typed"), "q=停水 时间:7天");
        assert_eq!(typed("30d"), "q=停水&since=30d");
        assert_eq!(typed(""), "q=停水");
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
