//! Why a line or a file was not taken, in both languages: English is the error's own text.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{FileError, LONGEST_LINE, Rejection};
use crate::date::DateError;
use crate::words::Words;

impl Rejection {
    /// Why, with times shown in this zone.
    pub fn words(&self, zone: &TimeZone) -> Words {
        Words::new(rejection(self, zone), self.to_string())
    }
}

impl FileError {
    /// Why, and what to do.
    pub fn words(&self) -> Words {
        Words::new(file(self), self.to_string())
    }
}

fn rejection(reason: &Rejection, zone: &TimeZone) -> String {
    match reason {
        Rejection::LineTooLong { bytes } => format!("这一行有 {bytes} 字节，超过上限 {LONGEST_LINE}"),
        Rejection::TextTooLong { field, bytes, limit } => {
            format!("{field} 有 {bytes} 字节，超过上限 {limit}")
        }
        Rejection::Garbled { charset } => format!("不是有效的 {charset} 编码"),
        Rejection::Json { character } => format!("不是 JSON 对象（第 {character} 个字附近）"),
        Rejection::Field { field, expected } => format!("字段 {field} 应为 {}", kind(expected)),
        Rejection::NoWords => "既没有标题也没有正文".to_owned(),
        Rejection::NoTime { hint: None } => "没有时间".to_owned(),
        Rejection::NoTime { hint: Some(name) } => {
            format!("没有时间；如果 {name} 就是时间，加上 --map {name}=time")
        }
        Rejection::Time(error) => date(error, zone),
        Rejection::Columns { found, expected } => format!("有 {found} 列，表头有 {expected} 列"),
        Rejection::OpenQuote => "引号没有结束".to_owned(),
        Rejection::BrokenOff { detail } => format!("文件在这里断了（{detail}）；之前的都已读入"),
    }
}

fn file(error: &FileError) -> String {
    match error {
        FileError::Empty => "文件是空的".to_owned(),
        FileError::Utf16 => "文件是 UTF-16 编码，请另存为 UTF-8 再导入".to_owned(),
        FileError::JsonArray => {
            "整个文件是一个 JSON 数组；请每行写一个对象（jq -c '.[]' 文件 可以转换）".to_owned()
        }
        FileError::NoHeader { found } => format!(
            "既不是 JSONL，也不是带表头的 CSV（表头要有 time 和 title 或 text）；首行是 {found:?}；\
             名称不同可以改名，如 --map 标题=title"
        ),
        FileError::Rename(error) => format!("--map 写得不对：{error}"),
    }
}

fn date(error: &DateError, zone: &TimeZone) -> String {
    let local = |at: &Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    match error {
        DateError::Unreadable(text) => format!(
            "时间“{text}”看不懂；应写成 2021-01-20T16:48:00+08:00、2021-01-20 16:48、2021-01-20 或纪元秒"
        ),
        DateError::Impossible(text) => format!("时间“{text}”不存在；请写日历上有的日期和钟点"),
        DateError::Lunar(text) => format!("时间“{text}”是农历日期，不换算；请写公历，如 2020-01-24"),
        DateError::Moves(text) => {
            format!("时间“{text}”要看是什么时候读的；请写成 2021-01-20 16:48")
        }
        DateError::Future(at) => format!("时间 {} 在将来", local(at)),
        DateError::TooEarly(at) => format!("时间 {} 早于 1990 年，像是没有填", local(at)),
    }
}

/// What a field should be; kinds that have no Chinese here stay as the crate names them.
fn kind(expected: &'static str) -> &'static str {
    match expected {
        "a number" => "数字",
        "text" => "文字",
        "text or a number" => "文字或数字",
        "a short text or a whole number" => "短文字或整数",
        "individual, media, gov or platform" => "individual、media、gov 或 platform",
        other => other,
    }
}
