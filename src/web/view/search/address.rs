//! The state of a search as an address: every choice on the page is a link.

use serde::Deserialize;

use super::super::{Chrome, encoded};

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
            offset: 0,
        }
    }

    /// Whether near-duplicates are folded into one.
    pub(crate) fn folds(&self) -> bool {
        self.fold != "no"
    }

    /// Whether only offices and media are wanted.
    pub(crate) fn is_official(&self) -> bool {
        self.who == "official"
    }

    /// The state without the place in the results.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("q", self.q.as_str()),
            ("since", &self.since),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", &self.sort),
            ("fold", &self.fold),
            ("who", &self.who),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The state as the query part of an address.
    pub(crate) fn query_part(&self) -> String {
        let fields = self.fields().into_iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let place = (self.offset > 0).then(|| format!("offset={}", self.offset));
        fields.chain(place).collect::<Vec<_>>().join("&")
    }

    /// The page of this state.
    pub(super) fn link(&self, chrome: &Chrome) -> String {
        chrome.to(&format!("/search?{}", self.query_part()))
    }

    /// The same state from the first hit on, with a change.
    pub(super) fn with(&self, change: impl FnOnce(&mut Wanted)) -> Wanted {
        let mut wanted = Wanted { offset: 0, ..self.clone() };
        change(&mut wanted);
        wanted
    }

    /// The same with a filter in the query, or without it if it is there; and whether it is.
    pub(super) fn toggled(&self, filter: &str) -> (Wanted, bool) {
        let has_it = format!(" {} ", self.q).contains(&format!(" {filter} "));
        let q = match has_it {
            true => format!(" {} ", self.q).replacen(&format!(" {filter} "), " ", 1).trim().to_owned(),
            false => format!("{} {filter}", self.q).trim().to_owned(),
        };
        (self.with(|wanted| wanted.q = q), has_it)
    }
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
}
