//! How the rise will go on, as mails and pages say it.

use analyzer::forecast::{Ahead, Chance, Outlook, Unforeseen};
use analyzer::level::Level;

use super::Language::{self, Chinese, English};
use crate::format;

/// The hours to come, in numbers and words.
pub struct NextHours {
    /// Heads of the columns: span, posts, 80 % interval, 95 % interval.
    pub heads: [&'static str; 4],
    /// One row per span; empty where nobody can say.
    pub rows: Vec<[String; 4]>,
    /// How likely the next level is, and what the numbers rest on; or why there are none.
    pub notes: Vec<String>,
}

/// Words for an outlook. `level` is the alert's: a level that it has already is no news.
pub(super) fn next_hours(outlook: &Outlook, level: Level, language: Language) -> NextHours {
    let heads = match language {
        Chinese => ["时段", "约（帖）", "八成可能", "九成五可能"],
        English => ["", "posts, about", "80 % likely", "95 % likely"],
    };
    match outlook {
        Err(why) => NextHours { heads, rows: Vec::new(), notes: vec![unforeseen(*why, language).to_owned()] },
        Ok(forecast) => {
            let next = forecast.next.as_ref().filter(|next| next.level > level);
            let mut notes: Vec<String> = next.map(|next| chance(next, language)).into_iter().collect();
            notes.push(basis(language).to_owned());
            NextHours {
                heads,
                rows: forecast.ahead.iter().map(|ahead| row(ahead, language)).collect(),
                notes,
            }
        }
    }
}

/// `未来 3 小时约 520 帖（八成可能 380–700）`, for one line; `None` where nobody can say.
pub fn in_one_line(outlook: &Outlook, language: Language) -> Option<String> {
    let ahead = outlook.as_ref().ok()?.ahead.get(1)?;
    let [span, median, likely, _] = row(ahead, language);
    Some(match language {
        Chinese => format!("{span}约 {median} 帖（八成可能 {likely}）"),
        English => format!("{span}: about {median} posts (80 % likely {likely})"),
    })
}

fn row(ahead: &Ahead, language: Language) -> [String; 4] {
    let hours = ahead.horizon.hours();
    let span = match (language, hours) {
        (Chinese, _) => format!("未来 {hours} 小时"),
        (English, 1) => "next hour".to_owned(),
        (English, _) => format!("next {hours} hours"),
    };
    [span, rounded(ahead.median), between(ahead.likely), between(ahead.nearly_sure)]
}

/// `升到红色所需的帖数：1 小时内 12%，3 小时内 25%，6 小时内 31%。`
fn chance(chance: &Chance, language: Language) -> String {
    let name = format::level_name(chance.level, language);
    let within = chance.within.iter().map(|(horizon, share)| {
        let (hours, share) = (horizon.hours(), likelihood(*share, language));
        match language {
            Chinese => format!("{hours} 小时内 {share}"),
            English => format!("{share} within {hours} h"),
        }
    });
    let within: Vec<String> = within.collect();
    match language {
        Chinese => format!("帖数达到{name}的可能：{}。", within.join("，")),
        English => format!("Chance of enough posts for {name}: {}.", within.join(", ")),
    }
}

/// Nothing that is not certain is called nought or a hundred per cent.
fn likelihood(share: f64, language: Language) -> String {
    match language {
        _ if (0.01..=0.99).contains(&share) => format::percent(share),
        Chinese if share < 0.5 => "不到 1%".to_owned(),
        Chinese => "超过 99%".to_owned(),
        English if share < 0.5 => "under 1%".to_owned(),
        English => "over 99%".to_owned(),
    }
}

fn basis(language: Language) -> &'static str {
    match language {
        Chinese => "按以往公开话题的涨落推算，加上该关切往常同一时段的帖数；只看帖数，不看信源等其他条件。",
        English => {
            "Reckoned from how earlier public topics rose and fell, added to the usual posts of these hours; posts only, other conditions of a level are left aside."
        }
    }
}

fn unforeseen(why: Unforeseen, language: Language) -> &'static str {
    match (why, language) {
        (Unforeseen::Calm, Chinese) => "目前没有上升，不作预测。",
        (Unforeseen::Calm, English) => "Nothing rises, so nothing is forecast.",
        (Unforeseen::TooFew, Chinese) => "最近 1 小时比往常多出不到 5 帖，依据太少，不作预测。",
        (Unforeseen::TooFew, English) => {
            "Fewer than 5 posts above the usual in the last hour: too little to go by, so nothing is forecast."
        }
        (Unforeseen::Learning, Chinese) => "该关切的往常帖数还在学习，不作预测。",
        (Unforeseen::Learning, English) => "What is usual is still being learnt, so nothing is forecast.",
        (Unforeseen::Gap, Chinese) => "最近 1 小时采集不全，不作预测。",
        (Unforeseen::Gap, English) => "The last hour was not collected well enough, so nothing is forecast.",
        (Unforeseen::Reported, Chinese) => "依据是热线等渠道报来的日计数，不作小时预测。",
        (Unforeseen::Reported, English) => {
            "This rests on a day's count reported by others, so no hours are forecast."
        }
    }
}

/// `380–700`.
pub(super) fn between((low, high): (f64, f64)) -> String {
    format!("{}–{}", rounded(low), rounded(high))
}

/// Two digits are all that a forecast knows: `7`, `23`, `230`, `1,500`.
pub(super) fn rounded(posts: f64) -> String {
    let mut step = 1.0;
    while posts >= 100.0 * step {
        step *= 10.0;
    }
    format::exact(((posts.max(0.0) / step).round() * step) as u64)
}

#[cfg(test)]
mod tests {
    use analyzer::forecast::{Forecast, Horizon};

    use super::*;

    fn forecast(level: Level) -> Outlook {
        let ahead = |(horizon, median): (Horizon, f64)| Ahead {
            horizon,
            median,
            likely: (median * 0.6, median * 1.5),
            nearly_sure: (median * 0.4, median * 2.5),
        };
        Ok(Forecast {
            ahead: Horizon::ALL.into_iter().zip([230.4, 600.0, 1000.0]).map(ahead).collect(),
            next: Some(Chance {
                level,
                within: Horizon::ALL.into_iter().zip([0.004, 0.25, 0.999]).collect(),
            }),
        })
    }

    #[test]
    fn a_forecast_is_told_in_round_numbers_and_cautious_words() {
        let told = next_hours(&forecast(Level::Red), Level::Orange, Chinese);
        assert_eq!(told.rows[0], ["未来 1 小时", "230", "140–350", "92–580"]);
        assert_eq!(told.notes[0], "帖数达到红色的可能：1 小时内 不到 1%，3 小时内 25%，6 小时内 超过 99%。");
        let told = next_hours(&forecast(Level::Red), Level::Orange, English);
        assert_eq!(told.rows[1], ["next 3 hours", "600", "360–900", "240–1,500"]);
        assert_eq!(
            told.notes[0],
            "Chance of enough posts for red: under 1% within 1 h, 25% within 3 h, over 99% within 6 h."
        );
        let line = in_one_line(&forecast(Level::Red), Chinese);
        assert_eq!(line.as_deref(), Some("未来 3 小时约 600 帖（八成可能 360–900）"));
    }

    #[test]
    fn a_level_that_the_alert_has_is_no_news() {
        let told = next_hours(&forecast(Level::Orange), Level::Orange, Chinese);
        assert_eq!(told.notes, [basis(Chinese)]);
    }

    #[test]
    fn without_a_forecast_the_reason_is_given() {
        let told = next_hours(&Err(Unforeseen::TooFew), Level::Blue, Chinese);
        assert!(told.rows.is_empty() && told.notes[0].contains("依据太少"));
        assert_eq!(in_one_line(&Err(Unforeseen::TooFew), Chinese), None);
    }
}
