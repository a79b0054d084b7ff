//! An alert for a chat or for a program: the few lines that fit on a telephone, and the values themselves.
//! Quotes nobody in a chat: what leaves the office's own systems says numbers and questions.

use analyzer::explain::Explanation;
use serde_json::json;

use super::Language::{self, Chinese, English};
use super::letter::Letter;
use super::{AlertMail, Attachment, Message, may_quote, unwatched};
use crate::alert::Step;
use crate::format;
use crate::message::in_one_line;

/// Header that names our page about the matter, for channels.
pub const LINK_HEADER: &str = "X-Guanlan-Link";
/// The kind of the file that holds a message's values.
pub const JSON_KIND: &str = "application/json";

/// Writes the alert for a channel: lines for people, and beside them the values for programs.
pub fn alert_brief(mail: &AlertMail<'_>, language: Language) -> Message {
    let letter = Letter::of(mail, language);
    let mut headers = super::alert_mail::headers(&mail.matter());
    headers.extend(letter.link.iter().map(|link| (LINK_HEADER.to_owned(), link.clone())));
    if language == English {
        headers.push(("Content-Language".to_owned(), "en".to_owned()));
    }
    Message {
        subject: letter.subject.clone(),
        text: lines(mail, &letter).join("\n"),
        headers,
        attachments: values(mail).into_iter().collect(),
        ..Message::default()
    }
}

fn lines(mail: &AlertMail<'_>, letter: &Letter) -> Vec<String> {
    let due = format!("{}{}{}", letter.due.lead, letter.due.strong, letter.due.rest);
    let asks: Vec<String> =
        letter.asks.iter().take(3).map(|ask| format!("{} {}", ask.label, ask.posts)).collect();
    let asked = match letter.language {
        _ if asks.is_empty() => String::new(),
        Chinese => format!("在问：{}", asks.join("；")),
        English => format!("Asked: {}", asks.join("; ")),
    };
    let outlook = (mail.step != Step::Resolved)
        .then(|| in_one_line(&mail.signal.forecast, letter.language))
        .flatten()
        .unwrap_or_default();
    let head = [letter.level.as_str(), letter.change.as_str(), letter.number.as_str()];
    let head: Vec<&str> = head.into_iter().filter(|part| !part.is_empty()).collect();
    let advice = letter.advice.clone().unwrap_or_default();
    let lines = [
        head.join(" · "),
        letter.headline.clone(),
        unwatched(mail.alert, mail.now, &mail.site.zone, letter.language),
        letter.story.clone(),
        letter.counts.clone(),
        due,
        asked,
        outlook,
        advice,
        letter.coverage.clone(),
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

/// Alert, counts and evidence as the pages have them, without quotations of small groups.
fn values(mail: &AlertMail<'_>) -> Option<Attachment> {
    let mut explanation: Explanation = mail.explanation.clone();
    explanation.quotes.retain(may_quote);
    let value = json!({
        "version": 1,
        "staging": format!("{:?}", mail.site.staging).to_lowercase(),
        "org": format::one_line(&mail.site.org, 80),
        "step": mail.step,
        "alert": mail.alert,
        "concern": {
            "id": mail.concern.id,
            "name": mail.concern.name,
            "department": mail.concern.department,
        },
        "signal": mail.signal,
        "explanation": explanation,
    });
    let bytes = serde_json::to_vec(&value).ok()?;
    Some(Attachment { name: "alert.json".to_owned(), kind: JSON_KIND.to_owned(), bytes })
}
