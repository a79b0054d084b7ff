//! Files that say when a source was really looked at: one JSON object per line with `ts` or `time`, and
//! perhaps `source`. What else stands in the line, such as the listing itself, is not read.

use std::io::{BufReader, Read};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::lines::{Line, Lines};
use super::{FileError, Rejection, input};
use crate::archive::Observation;
use crate::date;

/// What a file of heartbeats said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heartbeats {
    /// When which source was looked at, as it stands in the file.
    pub observations: Vec<Observation>,
    /// Lines that could not be read, with their numbers.
    pub rejected: Vec<(u64, Rejection)>,
}

#[derive(Deserialize)]
struct Beat {
    #[serde(alias = "time")]
    ts: serde_json::Value,
    #[serde(default)]
    source: Option<String>,
}

/// Reads heartbeats; `source` is whose they are where a line does not say.
pub fn read(
    input: impl Read,
    source: &str,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Heartbeats, FileError> {
    let opened = input::open(input);
    opened.start()?;
    let mut heartbeats = Heartbeats::default();
    let mut lines = Lines::new(BufReader::with_capacity(1 << 16, opened));
    loop {
        let beat = match lines.next() {
            Ok(None) => return Ok(heartbeats),
            Ok(Some(Line::TooLong(bytes))) => Err(Rejection::LineTooLong { bytes }),
            Ok(Some(Line::Whole(line))) if line.iter().all(u8::is_ascii_whitespace) => continue,
            Ok(Some(Line::Whole(line))) => beat(line, zone, now),
            Err(error) => {
                let reason = Rejection::BrokenOff { detail: error.to_string() };
                heartbeats.rejected.push((lines.number(), reason));
                return Ok(heartbeats);
            }
        };
        match beat {
            Ok((at, named)) => heartbeats.observations.push(Observation {
                at,
                source: named.unwrap_or_else(|| source.to_owned()),
                ok: true,
            }),
            Err(reason) => heartbeats.rejected.push((lines.number(), reason)),
        }
    }
}

fn beat(line: &[u8], zone: &TimeZone, now: Timestamp) -> Result<(Timestamp, Option<String>), Rejection> {
    let beat: Beat = serde_json::from_slice(line).map_err(|error| {
        if error.is_data() { no_time() } else { Rejection::Json { character: error.column().max(1) } }
    })?;
    let text = match beat.ts {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(number) => number.to_string(),
        _ => return Err(no_time()),
    };
    Ok((date::parse_lasting(&text, zone, now)?, beat.source))
}

fn no_time() -> Rejection {
    Rejection::NoTime { hint: None }
}
