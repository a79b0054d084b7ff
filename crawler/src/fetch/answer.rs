//! What an answer asks of us: to go elsewhere, or to wait.

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{LOCATION, RETRY_AFTER};
use url::Url;

use super::FetchError;
use super::exchange::Answer;
use crate::pace::LONGEST_DELAY;
use crate::words::Words;

/// A longer address than this is no address.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// The pause after a 429 that names none.
const USUAL_PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// Where a redirect leads. Raw bytes beyond ASCII are kept as escapes, whatever charset they are in.
pub(super) fn next_hop(url: &Url, answer: &Answer) -> Result<Url, FetchError> {
    let other = |zh: &str, en: &str| FetchError::Other { url: url.to_string(), why: Words::new(zh, en) };
    let location = answer.headers.get(LOCATION).ok_or_else(|| {
        other(
            "转走却不说去哪里；请用浏览器看看",
            "redirects without saying where to; see whether it works in a browser",
        )
    })?;
    if location.len() > LONGEST_ADDRESS {
        return Err(other("转去的地址太长，不像地址", "redirects to an address that is too long to be one"));
    }
    let text: String = location.as_bytes().iter().map(|byte| escape(*byte)).collect();
    let mut next =
        url.join(&text).map_err(|_| other("转去的不是地址", "redirects to something that is no address"))?;
    // Nobody else's user name and password are sent anywhere.
    let _ = next.set_username("");
    let _ = next.set_password(None);
    next.set_fragment(None);
    Ok(next)
}

fn escape(byte: u8) -> String {
    if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// Whether an answer asks for a pause: 429 always does, 503 if it says for how long.
pub(super) fn asks_for_pause(answer: &Answer, now: Timestamp) -> Option<(SignedDuration, Words)> {
    let named = answer.header(RETRY_AFTER).and_then(|text| retry_after(text, now));
    let pause = match answer.status {
        429 => named.unwrap_or(USUAL_PAUSE),
        503 => named?,
        _ => return None,
    };
    let status = answer.status;
    let why = Words::new(format!("返回 {status}"), format!("it answered {status}"));
    Some((pause.min(LONGEST_DELAY), why))
}

/// Reads seconds or a date; `None` for what is neither or lies behind us.
fn retry_after(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit is simply very long.
        return Some(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)));
    }
    Some(now.duration_until(moment(text)?)).filter(|pause| pause.is_positive())
}

/// Reads a date as HTTP writes it.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()
}
