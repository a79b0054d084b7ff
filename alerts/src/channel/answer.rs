//! What an answer means for the message: taken, refused, later, too fast, or nobody there.

use crawler::fetch::{PostError, Posted};
use serde_json::Value;

use super::Kind;
use crate::format;
use crate::mail::Outcome;

/// Too much at once: WeCom, DingTalk (twice), Feishu (twice).
const TOO_FAST: [u32; 5] = [45_009, 130_101, 410_100, 11_232, 99_991_400];
/// This one message is not taken, however often it is sent.
const THIS_MESSAGE: [u32; 7] = [40_058, 40_008, 44_004, 40_035, 460_101, 101_002, 9_499];

/// Judges what came back.
pub(super) fn outcome(kind: Kind, posted: Result<Posted, PostError>) -> Outcome {
    let posted = match posted {
        Ok(posted) => posted,
        Err(PostError::Blocked { place }) => {
            let problem = format!("{place} is not a public address; if it is meant: allow = [\"{place}\"]");
            return Outcome::Unreachable { problem };
        }
        Err(PostError::Timeout) => return Outcome::Unreachable { problem: "no answer in time".to_owned() },
        Err(PostError::Failed(problem)) => return Outcome::Unreachable { problem },
    };
    let status = posted.status;
    let said = format!("HTTP {status}");
    match status {
        429 => Outcome::Throttled { problem: said },
        200..=299 if kind == Kind::Webhook => Outcome::Sent,
        200..=299 => of_platform(&posted.body, &said),
        // Feishu says what is wrong with a message in the body of a 400.
        400 if kind != Kind::Webhook => of_platform(&posted.body, &said),
        400 | 413 | 415 | 422 => Outcome::Refused { code: status.into(), reply: said },
        300..=399 => Outcome::Unreachable { problem: format!("{said}: the address has moved") },
        401..=499 if status != 408 => Outcome::Unreachable { problem: said },
        _ => Outcome::Later { reply: said },
    }
}

fn of_platform(body: &[u8], status: &str) -> Outcome {
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return Outcome::Later { reply: format!("{status}, and no JSON in the answer") };
    };
    let field = |names: [&str; 3]| names.into_iter().find_map(|name| answer.get(name));
    let Some(code) = field(["errcode", "code", "StatusCode"]).and_then(Value::as_u64) else {
        return Outcome::Later { reply: format!("{status}, and no code in the answer") };
    };
    if code == 0 {
        return Outcome::Sent;
    }
    let code = u32::try_from(code).unwrap_or(u32::MAX);
    let words = field(["errmsg", "msg", "StatusMessage"]).and_then(Value::as_str).unwrap_or_default();
    let reply = format!("{code}: {}", format::one_line(words, 200));
    let is_fast = words.to_ascii_lowercase().contains("too many request");
    match code {
        code if TOO_FAST.contains(&code) || is_fast => Outcome::Throttled { problem: reply },
        code if THIS_MESSAGE.contains(&code) => Outcome::Refused { code, reply },
        // A wrong key or a removed robot is the office's to mend; no message is lost meanwhile.
        _ => Outcome::Unreachable { problem: reply },
    }
}
