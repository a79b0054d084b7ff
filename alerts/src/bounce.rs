//! What a mail server writes back when it took a mail and could not deliver it after all (RFC 3464): read, and noted
//! of the mail it is about. Nothing here receives mail; whoever does hands the report over.

use jiff::Timestamp;
use mail_parser::{MessageParser, MessagePart, MimeHeaders, PartType};
use rusqlite::{OptionalExtension, params};

use crate::alert::Event;
use crate::delivery;
use crate::desk::{Desk, DeskError};
use crate::journal;
use crate::mail::Outcome;
use crate::outbox::gathered_in;

/// A mail that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// Message-ID of ours, with its angle brackets.
    pub message_id: String,
    /// Reply code of the server that refused it; 500 where none is told.
    pub code: u32,
    /// What was said.
    pub said: String,
}

/// Why a mail is no report of one that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBounce {
    /// No report on deliveries (RFC 3464) at all.
    OtherMail,
    /// A report, but not that delivery has failed for good: a delay, or that it went well.
    NotFailed,
    /// It does not say which mail it is about.
    Nameless,
}

/// Reads a report as it came.
///
/// # Errors
/// Why it is none.
pub fn read(mail: &[u8]) -> Result<Bounce, NoBounce> {
    let mail = MessageParser::default().parse(mail).ok_or(NoBounce::OtherMail)?;
    let status = mail.parts.iter().find(|part| is_kind(part, ["delivery-status", "global-delivery-status"]));
    let status = String::from_utf8_lossy(status.ok_or(NoBounce::OtherMail)?.contents()).into_owned();
    let failed = recipients(&status)
        .into_iter()
        .find(|fields| value(fields, "action").is_some_and(|action| action.eq_ignore_ascii_case("failed")));
    let fields = failed.ok_or(NoBounce::NotFailed)?;
    let message_id = mail.parts.iter().rev().find_map(|part| match &part.body {
        PartType::Message(original) => original.message_id().map(str::to_owned),
        _ if is_kind(part, ["rfc822-headers", "global-headers"]) => {
            let original = MessageParser::default().parse(part.contents())?;
            original.message_id().map(str::to_owned)
        }
        _ => None,
    });
    let message_id = format!("<{}>", message_id.ok_or(NoBounce::Nameless)?);
    let status = value(&fields, "status").unwrap_or_default();
    // `smtp; 550 5.1.1 <a@b>: no such user`: the kind of code is said before.
    let told = value(&fields, "diagnostic-code").unwrap_or_default();
    let told = told.split_once(';').map_or(told, |(_, told)| told).trim();
    let code = told.get(..3).and_then(|code| code.parse().ok()).filter(|code| (400..600).contains(code));
    let said = if told.is_empty() { status } else { told };
    let said = crate::format::one_line(said, 300);
    Ok(Bounce { message_id, code: code.unwrap_or(500), said })
}

fn is_kind(part: &MessagePart<'_>, kinds: [&str; 2]) -> bool {
    let named = part.content_type().and_then(|kind| kind.subtype());
    named.is_some_and(|named| kinds.iter().any(|kind| named.eq_ignore_ascii_case(kind)))
}

/// The fields of each recipient: the first block of a report is about the mail as a whole.
fn recipients(status: &str) -> Vec<Vec<(String, String)>> {
    let status = status.replace("\r\n", "\n");
    let blocks = status.split("\n\n").map(fields).filter(|fields| !fields.is_empty());
    blocks.filter(|fields| value(fields, "final-recipient").is_some()).collect()
}

fn fields(block: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (_, _, Some((name, value))) => {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
            _ => {}
        }
    }
    fields
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

impl Desk {
    /// Notes that a mail did not arrive: it counts as refused from now on. Says whether it is one of ours; the same
    /// report a second time changes nothing.
    pub fn bounced(&mut self, bounce: &Bounce, now: Timestamp) -> Result<bool, DeskError> {
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        let query = "select id, thread, alert, state from outbox where message = ?";
        let found = transaction.query_row(query, [&bounce.message_id], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, Option<String>>(2)?,
                row.get::<_, String>(3)?,
            ))
        });
        let Some((number, thread, alert, state)) = found.optional().map_err(&error)? else {
            return Ok(false);
        };
        if state == "refused" {
            return Ok(true);
        }
        let outcome = Outcome::Refused { code: bounce.code, reply: bounce.said.clone() };
        delivery::note_attempt(&transaction, number, &outcome, now).map_err(&error)?;
        let query = "update outbox set state = 'refused', problem = ?, next_try = ? where id = ?";
        transaction.execute(query, params![bounce.said, now.as_millisecond(), number]).map_err(&error)?;
        let about = match alert.and_then(|id| id.parse().ok()) {
            Some(id) => vec![id],
            None => gathered_in(&transaction, (&thread, &bounce.message_id)).map_err(&error)?,
        };
        let event = Event::Refused { message: bounce.message_id.clone(), code: bounce.code };
        for id in &about {
            journal::append(&transaction, *id, now, &event).map_err(&error)?;
        }
        transaction.commit().map_err(error)?;
        about.iter().for_each(|id| self.note_in_memory(*id, now, event.clone()));
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
