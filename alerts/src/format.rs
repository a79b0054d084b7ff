//! Numbers, times and level names as people read them, the same in mails, pages and terminal.

use analyzer::level::Level;
use analyzer::signal::Span;
use crawler::pause::Pause;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::alert::{State, Worth};
use crate::message::Language;

/// Counts below this get no ratio: 4 posts of 1 expected are not "four times as many".
pub const FEWEST_FOR_RATIO: u32 = 10;

/// Most characters of why a source rests.
const PAUSE_REASON: usize = 120;

/// `1,025`.
pub fn exact(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// For running text: `1,025`; from 10,000 `1.2 万`, in English `12,400`.
pub fn count(count: u64, language: Language) -> String {
    if count < 10_000 || language == Language::English {
        return exact(count);
    }
    let tenths = (count + 500) / 1000;
    if tenths.is_multiple_of(10) {
        format!("{} 万", exact(tenths / 10))
    } else {
        format!("{}.{} 万", exact(tenths / 10), tenths % 10)
    }
}

/// For running text: `5,478 帖`, `1.2 万帖`, `5,478 posts`.
pub fn posts(number: u64, language: Language) -> String {
    let count = count(number, language);
    match language {
        Language::Chinese if count.ends_with('万') => format!("{count}帖"),
        Language::Chinese => format!("{count} 帖"),
        Language::English => format!("{count} posts"),
    }
}

/// An expected count: whole from ten on, one decimal below.
pub fn expected(mean: f64) -> String {
    if !mean.is_finite() || mean < 0.0 {
        return "0".to_owned();
    }
    if mean >= 9.95 {
        return exact(mean.round() as u64);
    }
    let text = format!("{mean:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A ratio: `5.8`, from a hundred on whole.
pub fn ratio(ratio: f64) -> String {
    if ratio >= 99.95 { exact(ratio.min(1e9).round() as u64) } else { format!("{ratio:.1}") }
}

/// Whole per cent of a share, 0–1.
pub fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// `14:08`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%H:%M").to_string()
}

/// `11月24日`, `24 Nov`; with the year when it is not the year of `now`.
pub fn date(at: Timestamp, now: Timestamp, zone: &TimeZone, language: Language) -> String {
    let (at, now) = (zone.to_datetime(at), zone.to_datetime(now));
    match language {
        Language::Chinese if at.year() == now.year() => at.strftime("%-m月%-d日").to_string(),
        Language::Chinese => at.strftime("%Y年%-m月%-d日").to_string(),
        Language::English if at.year() == now.year() => at.strftime("%-d %b").to_string(),
        Language::English => at.strftime("%-d %b %Y").to_string(),
    }
}

/// `11月24日 14:00`, `24 Nov 14:00`.
pub fn date_time(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    format!("{} {}", date(at, at, zone, language), clock(at, zone))
}

/// `2026年11月24日 14:00`, `24 Nov 2026 14:00`.
pub fn full_date_time(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let at = zone.to_datetime(at);
    match language {
        Language::Chinese => at.strftime("%Y年%-m月%-d日 %H:%M").to_string(),
        Language::English => at.strftime("%-d %b %Y %H:%M").to_string(),
    }
}

/// Seen from `now`: `14:08` today, `昨天 20:16`, `明天 08:30`, else with the date.
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone, language: Language) -> String {
    let clock = clock(at, zone);
    match (days_from(at, now, zone), language) {
        (0, _) => clock,
        (-1, Language::Chinese) => format!("昨天 {clock}"),
        (-1, Language::English) => format!("yesterday {clock}"),
        (1, Language::Chinese) => format!("明天 {clock}"),
        (1, Language::English) => format!("tomorrow {clock}"),
        _ => format!("{} {clock}", date(at, now, zone, language)),
    }
}

/// A source's rest: `11月24日 10:00 起暂停，到明天 09:00（网站改版）`.
pub fn pause(pause: &Pause, now: Timestamp, zone: &TimeZone, language: Language) -> String {
    let since = moment(pause.since, now, zone, language);
    let until = pause.until.map(|until| moment(until, now, zone, language));
    let reason = pause.reason.as_deref().map(|reason| one_line(reason, PAUSE_REASON));
    match language {
        Language::Chinese => {
            let reason = reason.map(|reason| format!("（{reason}）")).unwrap_or_default();
            format!("{since} 起暂停，到{}{reason}", until.unwrap_or_else(|| "恢复为止".to_owned()))
        }
        Language::English => {
            let until = until.unwrap_or_else(|| "it is resumed".to_owned());
            let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("paused since {since}, until {until}{reason}")
        }
    }
}

/// As [`moment`], with 今天 said: for deadlines.
pub fn moment_with_today(at: Timestamp, now: Timestamp, zone: &TimeZone, language: Language) -> String {
    match (days_from(at, now, zone), language) {
        (0, Language::Chinese) => format!("今天 {}", clock(at, zone)),
        (0, Language::English) => format!("today {}", clock(at, zone)),
        _ => moment(at, now, zone, language),
    }
}

fn days_from(at: Timestamp, now: Timestamp, zone: &TimeZone) -> i32 {
    let day = |time: Timestamp| zone.to_datetime(time).date();
    day(now).until(day(at)).map_or(i32::MAX, |span| span.get_days())
}

/// `3 小时 55 分`, `52 分`, `3 天 2 小时`; the sign is dropped.
pub fn duration(length: SignedDuration, language: Language) -> String {
    let minutes = length.as_mins().unsigned_abs();
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    // Up to three days hours say more than days.
    let (days, hours) = if days < 3 { (0, hours + days * 24) } else { (days, hours) };
    let [day, hour, minute] = match language {
        Language::Chinese => [" 天", " 小时", " 分"],
        Language::English => [" d", " h", " min"],
    };
    let mut parts = Vec::new();
    if days > 0 {
        parts.push(format!("{days}{day}"));
    }
    if hours > 0 {
        parts.push(format!("{hours}{hour}"));
    }
    if days == 0 && rest > 0 || parts.is_empty() {
        parts.push(format!("{rest}{minute}"));
    }
    parts.join(" ")
}

/// `1 小时`, `6 小时`, `24 小时`.
pub fn span(span: Span, language: Language) -> &'static str {
    match (span, language) {
        (Span::Hour, Language::Chinese) => "1 小时",
        (Span::SixHours, Language::Chinese) => "6 小时",
        (Span::Day, Language::Chinese) => "24 小时",
        (Span::Hour, Language::English) => "1 hour",
        (Span::SixHours, Language::English) => "6 hours",
        (Span::Day, Language::English) => "24 hours",
    }
}

/// `橙色`, `orange`.
pub fn level_name(level: Level, language: Language) -> &'static str {
    match (level, language) {
        (Level::Blue, Language::Chinese) => "蓝色",
        (Level::Yellow, Language::Chinese) => "黄色",
        (Level::Orange, Language::Chinese) => "橙色",
        (Level::Red, Language::Chinese) => "红色",
        (Level::Blue, Language::English) => "blue",
        (Level::Yellow, Language::English) => "yellow",
        (Level::Orange, Language::English) => "orange",
        (Level::Red, Language::English) => "red",
    }
}

/// `Ⅱ`.
pub fn level_numeral(level: Level) -> &'static str {
    match level {
        Level::Blue => "Ⅳ",
        Level::Yellow => "Ⅲ",
        Level::Orange => "Ⅱ",
        Level::Red => "Ⅰ",
    }
}

/// `II`, for English text.
pub fn level_numeral_ascii(level: Level) -> &'static str {
    match level {
        Level::Blue => "IV",
        Level::Yellow => "III",
        Level::Orange => "II",
        Level::Red => "I",
    }
}

/// `橙色 · Ⅱ级`, `ORANGE · II`.
pub fn level_and_numeral(level: Level, language: Language) -> String {
    let name = level_name(level, language);
    match language {
        Language::Chinese => format!("{name} · {}级", level_numeral(level)),
        Language::English => format!("{} · {}", name.to_uppercase(), level_numeral_ascii(level)),
    }
}

/// Colour of a level behind its name, as a literal for mails.
pub fn level_ground(level: Level) -> &'static str {
    match level {
        Level::Blue => "#1f5fb8",
        Level::Yellow => "#f7cf2e",
        Level::Orange => "#ef8a1f",
        Level::Red => "#be1520",
    }
}

/// `■■■□`.
pub fn level_bars(level: Level) -> &'static str {
    match level {
        Level::Blue => "■□□□",
        Level::Yellow => "■■□□",
        Level::Orange => "■■■□",
        Level::Red => "■■■■",
    }
}

/// What an alert was worth, in words.
pub fn worth_name(worth: Worth, language: Language) -> &'static str {
    match (worth, language) {
        (Worth::Useful, Language::Chinese) => "有用",
        (Worth::Known, Language::Chinese) => "已知",
        (Worth::Noise, Language::Chinese) => "噪声",
        (Worth::Useful, Language::English) => "useful",
        (Worth::Known, Language::English) => "known already",
        (Worth::Noise, Language::English) => "noise",
    }
}

/// The state of an alert in words.
pub fn state_name(state: State, language: Language) -> &'static str {
    match (state, language) {
        (State::Pending, Language::Chinese) => "待通知",
        (State::Firing, Language::Chinese) => "待认领",
        (State::Acknowledged, Language::Chinese) => "已认领",
        (State::Responded, Language::Chinese) => "已回应",
        (State::Subsiding, Language::Chinese) => "回落中",
        (State::Resolved, Language::Chinese) => "已关闭",
        (State::FalseAlarm, Language::Chinese) => "误报",
        (State::Pending, Language::English) => "not yet mailed",
        (State::Firing, Language::English) => "not yet taken on",
        (State::Acknowledged, Language::English) => "taken on",
        (State::Responded, Language::English) => "answered",
        (State::Subsiding, Language::English) => "falling back",
        (State::Resolved, Language::English) => "closed",
        (State::FalseAlarm, Language::English) => "false alarm",
    }
}

/// Collected or configured text for one line: no line breaks, no control or direction marks, at most
/// `most` characters.
pub fn one_line(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut letters = 0;
    for letter in text.chars() {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        if is_invisible(letter) || letter == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if letters == most {
            out.pop();
            out.push('…');
            return out;
        }
        out.push(letter);
        letters += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// A text without the marks that turn, hide or break what stands around it; everything else as it was.
pub fn visible(text: &str) -> String {
    text.chars().filter(|letter| !is_invisible(*letter)).collect()
}

/// Marks that turn, hide or break the text around them.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{e0000}'..='\u{e007f}')
}

/// A name as one part of an address.
pub fn path_segment(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// An address that may become a link: `http` or `https` and nothing that could end an attribute.
pub fn link(address: Option<&str>) -> Option<String> {
    let address = address?;
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    let is_plain = address
        .chars()
        .all(|letter| !letter.is_whitespace() && !is_invisible(letter) && !"\"'<>".contains(letter));
    (is_web && is_plain && address.len() <= 2000).then(|| address.to_owned())
}

#[cfg(test)]
mod tests;
