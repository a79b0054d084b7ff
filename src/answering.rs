//! From what a person typed about an answer to what is recorded: the same for the command and the page. Pure.

use alerts::format;
use analyzer::explain::{Statement, StatementKind};
use crawler::words::Words;
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::socket::Action;

/// An answer as typed; what is empty was left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Typed {
    /// Number of a found statement from 1, or its key.
    pub(crate) statement: String,
    /// Who answered.
    pub(crate) by: String,
    /// Where.
    pub(crate) url: String,
    /// When.
    pub(crate) at: String,
    /// Whether it was given by word of mouth or on paper, so that it has no address.
    pub(crate) spoken: bool,
}

/// What to record of an answer to a rise that began at `onset`.
///
/// # Errors
/// What is missing or cannot be read, and what to do.
pub(crate) fn answer(
    typed: &Typed,
    (onset, statements): (Timestamp, &[Statement]),
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Action, Words> {
    let chosen = match typed.statement.trim() {
        "" => None,
        wanted => Some(chosen(wanted, statements)?),
    };
    let by = match (typed.by.trim(), chosen) {
        ("", Some(found)) if found.kind == StatementKind::Official => found.source.clone(),
        ("", _) => {
            return Err(Words::new(
                "要写明是谁回应的（单位或岗位）",
                "say who answered (a department or a post held)",
            ));
        }
        (by, _) => by.to_owned(),
    };
    if let Some(found) = chosen {
        if found.time < onset {
            return Err(Words::new(
                "这条信息发布在上升之前，没有答复这次上升：重新发布过的，填新的网址和时间",
                "that was published before the rise began and did not answer it: if it was published anew, give its address and moment",
            ));
        }
        return Ok(Action::Respond { by, url: found.address.clone(), at: found.time });
    }
    let url = match typed.url.trim() {
        "" if typed.spoken => None,
        "" => {
            return Err(Words::new(
                "要给出回应的依据：选一条找到的信息，或填网址；口头、线下回应没有网址的，请注明",
                "show the answer: choose a statement that was found, or give its address; of one given by word of mouth or on paper say so",
            ));
        }
        url => Some(format::link(Some(url)).ok_or_else(|| {
            Words::new(
                format!("“{url}”不是网址：要以 http:// 或 https:// 开头"),
                format!("“{url}” is no address: it must begin with http:// or https://"),
            )
        })?),
    };
    let at = match typed.at.trim() {
        "" => now,
        at => moment(at, zone, now)?,
    };
    if at > now {
        return Err(Words::new("发布时间还没有到", "that moment is still to come"));
    }
    Ok(Action::Respond { by, url, at })
}

/// A moment as typed: `2026-11-24 16:10`, `16:10` today, or RFC 3339.
///
/// # Errors
/// How it must be typed.
pub(crate) fn moment(typed: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Words> {
    if let Ok(moment) = typed.parse() {
        return Ok(moment);
    }
    let wrong = || {
        Words::new(
            format!("“{typed}”不是时间：写成 2026-11-24 16:10 或 16:10"),
            format!("“{typed}” is no time: write it like '2026-11-24 16:10' or 16:10"),
        )
    };
    let today = zone.to_datetime(now).date();
    let local = typed
        .parse::<DateTime>()
        .or_else(|_| typed.parse::<Time>().map(|time| today.to_datetime(time)))
        .map_err(|_| wrong())?;
    zone.to_timestamp(local).map_err(|_| wrong())
}

fn chosen<'a>(wanted: &str, statements: &'a [Statement]) -> Result<&'a Statement, Words> {
    let numbered = wanted.parse::<usize>().ok().and_then(|number| statements.get(number.checked_sub(1)?));
    let found = numbered.or_else(|| statements.iter().find(|statement| statement.key() == wanted));
    found.ok_or_else(|| {
        Words::new(
            "找到的官方信息里没有这一条：列表可能刚变过，请再看一遍",
            "it is not among the statements found: the list may have changed, look again",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00+08:00").parse().unwrap()
    }

    fn statements() -> Vec<Statement> {
        let statement = |kind, source: &str, title: &str, time| Statement {
            kind,
            time: at(time),
            source: source.to_owned(),
            title: title.to_owned(),
            address: Some(format!("https://example.org/{title}")),
        };
        vec![
            statement(StatementKind::Report, "新闻", "b", "24T17:00"),
            statement(StatementKind::Official, "市卫健委网站", "a", "24T16:10"),
            statement(StatementKind::Official, "市卫健委网站", "c", "23T21:10"),
        ]
    }

    fn answered(typed: &Typed) -> Result<(String, Option<String>, Timestamp), Words> {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        answer(typed, (at("24T13:00"), &statements()), &zone, at("24T18:00")).map(|action| match action {
            Action::Respond { by, url, at } => (by, url, at),
            other => panic!("{other:?}"),
        })
    }

    fn typed(statement: &str, by: &str, url: &str, at: &str) -> Typed {
        let [statement, by, url, at] = [statement, by, url, at].map(str::to_owned);
        Typed { statement, by, url, at, spoken: false }
    }

    #[test]
    fn a_found_statement_brings_its_time_and_address_and_an_office_its_name() {
        let official = answered(&typed("2", "", "", "")).unwrap();
        assert_eq!(
            official,
            ("市卫健委网站".to_owned(), Some("https://example.org/a".to_owned()), at("24T16:10"))
        );
        let key = statements()[1].key();
        assert_eq!(answered(&typed(&key, "", "", "")).unwrap(), official);
        assert_eq!(answered(&typed("1", "国家卫健委", "", "")).unwrap().0, "国家卫健委");
        // Whoever reports a reply has not replied.
        assert!(answered(&typed("1", " ", "", "")).is_err());
        // What was there before people asked did not answer them.
        assert!(answered(&typed("3", "", "", "")).unwrap_err().en.contains("before the rise"));
        for wrong in ["0", "4", "-1", "ffff"] {
            assert!(answered(&typed(wrong, "某局", "", "")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_answer_elsewhere_is_typed_and_checked() {
        let found = answered(&typed("", "市卫健委", "https://a.example/1", "16:10")).unwrap();
        assert_eq!(found, ("市卫健委".to_owned(), Some("https://a.example/1".to_owned()), at("24T16:10")));
        let spoken = |at: &str| answered(&Typed { spoken: true, ..typed("", "市卫健委", "", at) });
        assert_eq!(spoken("").unwrap().2, at("24T18:00"));
        assert_eq!(spoken("2026-11-23 09:00").unwrap().2, at("23T09:00"));
        for wrong in ["下午", "2026-11-25 09:00"] {
            assert!(spoken(wrong).is_err(), "{wrong}");
        }
        assert!(answered(&typed("", "市卫健委", "javascript:alert(1)", "")).is_err());
        // Nothing to show for it: one press must not stop the clock.
        assert!(answered(&typed("", "市卫健委", " ", "")).unwrap_err().en.contains("show the answer"));
    }
}
