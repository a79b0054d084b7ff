//! Turns single values into types: durations, times of day, addresses, numbers. Knows no keys.

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use toml::de::DeValue;

use crate::problem::{Mistake, Words};
use crate::section::{Item, nearest, wrong_kind};

type Read<T> = Result<T, Mistake>;

/// Text, not empty.
pub(crate) fn text(item: &Item<'_>) -> Read<String> {
    let text = raw_text(item)?;
    if text.trim().is_empty() {
        let message = Words::new("这里是空的", "this is empty");
        return Err(Mistake::new(
            "empty",
            message,
            Words::new("写上内容，或删掉这一项", "fill it in, or delete it"),
        ));
    }
    Ok(text.trim().to_owned())
}

/// Characters of a name: mails, pages and tables show no more of one.
const NAME: usize = 40;
/// Characters of an English name, whose letters are narrower, and of an id.
const LONG_NAME: usize = 80;

/// A name that people see.
pub(crate) fn name(item: &Item<'_>) -> Read<String> {
    no_longer_than(NAME, text(item)?)
}

/// An English name, or an id.
pub(crate) fn long_name(item: &Item<'_>) -> Read<String> {
    no_longer_than(LONG_NAME, text(item)?)
}

/// A name that stands before a list, such as a group's.
pub(crate) fn no_longer_than_a_name(name: String) -> Read<String> {
    no_longer_than(NAME, name)
}

fn no_longer_than(most: usize, name: String) -> Read<String> {
    let length = name.chars().count();
    if length <= most {
        return Ok(name);
    }
    let message = Words::new(
        format!("这个名称有 {length} 个字，最多 {most} 个"),
        format!("this name has {length} characters; at most {most} are allowed"),
    );
    let label = Words::new(
        "写个短的：邮件标题、表格和网页都要放得下",
        "use a shorter one: it stands in subjects, tables and pages",
    );
    Err(Mistake::new("long-name", message, label))
}

/// Yes or no.
pub(crate) fn yes_or_no(item: &Item<'_>) -> Read<bool> {
    let label = || Words::new("写 true 或 false，不加引号", "write true or false, without quotes");
    match item.value {
        DeValue::Boolean(value) => Ok(*value),
        _ => Err(wrong_kind("true 或 false", "true or false", item, label())),
    }
}

/// A whole number within limits.
pub(crate) fn integer(item: &Item<'_>, least: u64, most: u64) -> Read<u64> {
    let label = || Words::new("写一个整数，不加引号", "write a whole number, without quotes");
    let DeValue::Integer(integer) = item.value else {
        return Err(wrong_kind("一个整数", "a whole number", item, label()));
    };
    let digits = integer.as_str().replace('_', "");
    let number = i128::from_str_radix(&digits, integer.radix()).unwrap_or(i128::MAX);
    if number < i128::from(least) || number > i128::from(most) {
        let message = Words::new(
            format!("{number} 超出范围：应在 {least} 到 {most} 之间"),
            format!("{number} is out of range: from {least} to {most}"),
        );
        return Err(Mistake::new(
            "out-of-range",
            message,
            Words::new("改成范围内的数", "use a number in range"),
        ));
    }
    Ok(u64::try_from(number).unwrap_or(most))
}

/// A number, not negative, within a limit.
pub(crate) fn number(item: &Item<'_>, least: f64, most: f64) -> Read<f64> {
    let number: f64 = match item.value {
        DeValue::Integer(integer) if integer.radix() == 10 => parse_or_nan(integer.as_str()),
        DeValue::Float(float) => parse_or_nan(float.as_str()),
        _ => {
            let label = Words::new("写一个数，不加引号", "write a number, without quotes");
            return Err(wrong_kind("一个数", "a number", item, label));
        }
    };
    if !(least..=most).contains(&number) {
        let message = Words::new(
            format!("{number} 超出范围：应在 {least} 到 {most} 之间"),
            format!("{number} is out of range: from {least} to {most}"),
        );
        return Err(Mistake::new(
            "out-of-range",
            message,
            Words::new("改成范围内的数", "use a number in range"),
        ));
    }
    Ok(number)
}

/// One of a few words.
pub(crate) fn choice<T: Copy>(item: &Item<'_>, choices: &[(&str, T)]) -> Read<T> {
    let text = text(item)?;
    if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let message = Words::new(format!("不认识“{text}”"), format!("\"{text}\" is not known here"));
    let label = Words::new(format!("可以写：{}", words.join("、")), format!("one of: {}", words.join(", ")));
    let mistake = Mistake::new("bad-choice", message, label);
    Err(match nearest(&text, words.iter().copied()) {
        Some(near) => mistake.help(format!("你是不是想写“{near}”？"), format!("did you mean \"{near}\"?")),
        None => mistake,
    })
}

/// A span of time: `30s`, `15m`, `5h`, `90d`, `3y`.
pub(crate) fn duration(item: &Item<'_>) -> Read<SignedDuration> {
    let text = text(item)?;
    parse_duration(&text).ok_or_else(|| {
        let message = Words::new(format!("看不懂时长“{text}”"), format!("\"{text}\" is not a span of time"));
        let label = Words::new(
            "数字加单位：s 秒、m 分、h 时、d 天、w 周、y 年",
            "a number and a unit: s, m, h, d, w or y",
        );
        let mistake = Mistake::new("bad-duration", message, label);
        let mended = mended_duration(&text);
        match mended {
            Some(mended) => mistake.help(format!("改成 \"{mended}\""), format!("write \"{mended}\"")),
            None => mistake.help("例如 \"15m\"、\"5h\"、\"90d\"", "for example \"15m\", \"5h\", \"90d\""),
        }
    })
}

/// A time of day: `08:30`.
pub(crate) fn clock_time(item: &Item<'_>) -> Read<Time> {
    // `08:30` without quotes is a TOML time: understood, because nothing else can be meant.
    if let DeValue::Datetime(value) = item.value
        && let (None, Some(time)) = (value.date, value.time)
    {
        return parse_clock_time(&format!("{:02}:{:02}", time.hour, time.minute))
            .ok_or_else(|| bad_time("", None));
    }
    let text = text(item)?;
    parse_clock_time(&text).ok_or_else(|| bad_time(&text, mended_time(&text)))
}

/// A span of the day: `22:30-06:30`, which may pass midnight.
pub(crate) fn clock_span(item: &Item<'_>) -> Read<(Time, Time)> {
    let text = text(item)?;
    let parse = |text: &str| {
        let (from, to) = text.split_once('-')?;
        Some((parse_clock_time(from.trim())?, parse_clock_time(to.trim())?))
    };
    if let Some((from, to)) = parse(&text).filter(|(from, to)| from != to) {
        return Ok((from, to));
    }
    let ascii = half_width(&text).replace(['–', '—', '~', '至', '到'], "-");
    let mended = ascii
        .split_once('-')
        .and_then(|(from, to)| Some(format!("{}-{}", mended_time(from.trim())?, mended_time(to.trim())?)));
    let mended = mended.filter(|mended| parse(mended).is_some_and(|(from, to)| from != to));
    let message = Words::new(format!("看不懂时段“{text}”"), format!("\"{text}\" is not a span of the day"));
    let label = Words::new("写成 22:30-06:30 的样子", "like 22:30-06:30");
    let mistake = Mistake::new("bad-time", message, label);
    Err(match mended {
        Some(mended) => mistake.help(format!("改成 \"{mended}\""), format!("write \"{mended}\"")),
        None => mistake,
    })
}

/// A time zone by its name.
pub(crate) fn zone(item: &Item<'_>) -> Read<TimeZone> {
    let text = text(item)?;
    TimeZone::get(&text).map_err(|_| {
        let message = Words::new(format!("没有时区“{text}”"), format!("there is no time zone \"{text}\""));
        let label = Words::new("写成 Asia/Shanghai 的样子", "like Asia/Shanghai");
        let mistake = Mistake::new("bad-zone", message, label);
        match nearest(&text, ["Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "UTC"].into_iter()) {
            Some(near) => {
                mistake.help(format!("你是不是想写“{near}”？"), format!("did you mean \"{near}\"?"))
            }
            None => mistake.help("北京时间写 \"Asia/Shanghai\"", "Beijing time is \"Asia/Shanghai\""),
        }
    })
}

/// Full-width forms in a value as their half-width ones, for suggestions.
pub(crate) fn half_width(text: &str) -> String {
    text.chars()
        .map(|character| match u32::from(character) {
            code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(character),
            0x3000 | 0x00A0 => ' ',
            0x3002 => '.',
            _ => character,
        })
        .collect()
}

fn raw_text(item: &Item<'_>) -> Read<String> {
    match item.value {
        DeValue::String(text) => Ok(text.to_string()),
        _ if item.loose => Ok(item.at.document.text.clone()),
        _ => {
            let label = Words::new("两边加上英文引号 \"…\"", "put it in quotes \"…\"");
            Err(wrong_kind("一段文字", "text", item, label))
        }
    }
}

fn parse_or_nan(text: &str) -> f64 {
    text.replace('_', "").parse().unwrap_or(f64::NAN)
}

fn parse_duration(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'y' => 365 * 86_400,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    let is_number =
        !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    Some(SignedDuration::from_secs(digits.parse::<i64>().ok()? * seconds))
}

/// `5小时`, `15 min`, `９０ｄ` as they should be written.
fn mended_duration(text: &str) -> Option<String> {
    let text = half_width(text).to_lowercase();
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = match text.strip_prefix(digits.as_str())? {
        "秒" | "秒钟" | "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "分" | "分钟" | "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "时" | "小时" | "个小时" | "h" | "hour" | "hours" | "hr" => "h",
        "天" | "日" | "d" | "day" | "days" => "d",
        "周" | "星期" | "w" | "week" | "weeks" => "w",
        "年" | "y" | "year" | "years" => "y",
        _ => return None,
    };
    let mended = format!("{digits}{unit}");
    parse_duration(&mended).map(|_| mended)
}

fn parse_clock_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// `22：30`, `8:5`, `8点半`, `下午3点` as they should be written, where that is plain.
fn mended_time(text: &str) -> Option<String> {
    let text = half_width(text).replace(['.', '点', '时'], ":").replace('分', "").replace("半", "30");
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u8, u8) =
        (hour.trim().parse().ok()?, if minute.trim().is_empty() { 0 } else { minute.trim().parse().ok()? });
    let mended = format!("{hour:02}:{minute:02}");
    parse_clock_time(&mended).map(|_| mended)
}

fn bad_time(text: &str, mended: Option<String>) -> Mistake {
    let message = Words::new(format!("看不懂时间“{text}”"), format!("\"{text}\" is not a time of day"));
    let label = Words::new("24 小时制，写成 08:30 的样子", "24 hours, like 08:30");
    let mistake = Mistake::new("bad-time", message, label);
    match mended {
        Some(mended) if mended != text => {
            mistake.help(format!("改成 \"{mended}\""), format!("write \"{mended}\""))
        }
        _ => mistake,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let seconds = |text: &str| parse_duration(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("15m"), Some(900));
        assert_eq!(seconds("3y"), Some(3 * 365 * 86_400));
        for wrong in ["", "m", "15", "-5h", "1.5h", "5 h", "5小时", "9999999d", "é"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_was_meant_is_proposed() {
        assert_eq!(mended_duration("5 小时").as_deref(), Some("5h"));
        assert_eq!(mended_duration("９０ｄ").as_deref(), Some("90d"));
        assert_eq!(mended_duration("一会儿"), None);
        assert_eq!(mended_time("22：30").as_deref(), Some("22:30"));
        assert_eq!(mended_time("8点半").as_deref(), Some("08:30"));
        assert_eq!(mended_time("25:00"), None);
    }
}
