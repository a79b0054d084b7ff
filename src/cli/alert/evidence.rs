//! What is known about one alert: its story, and whether offices have answered.

use alerts::alert::{Alert, AlertId};
use alerts::delivery::{Delivery, Reader};
use alerts::format;
use alerts::journal::Journal;
use alerts::message::{Cited, Offices};
use config::Config;
use serde::Serialize;

use super::{line, told};
use crate::cli::exit::{Done, Failure};
use crate::cli::import::{ask, unexpected};
use crate::cli::now;
use crate::cli::settings::Context;
use crate::socket::{Evidence, Line, Reply, Request};

/// An alert with its evidence, for programs.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    alert: &'a Alert,
    deliveries: Vec<Delivery>,
    evidence: Option<Evidence>,
}

/// The evidence as the running program has it; without one, that of the last mail.
pub(super) fn evidence(config: &Config, id: AlertId) -> Result<Option<Evidence>, Failure> {
    let folder = &config.site.data_dir;
    if let Ok(mut running) = Line::connect(folder) {
        return match ask(&mut running, &Request::Explain { id: id.to_string() })? {
            Reply::Explained { evidence } => Ok(evidence.map(|evidence| *evidence)),
            reply => Err(unexpected(&reply)),
        };
    }
    let kept = Journal::open_to_read(folder).and_then(|journal| journal.snapshot(id));
    Ok(kept.map_err(Failure::data)?.map(|(signal, explanation)| Evidence { signal, explanation }))
}

/// Prints the whole story of one alert.
pub(super) fn show(context: &Context, config: &Config, id: &str) -> Result<Done, Failure> {
    let id: AlertId = id.parse().map_err(Failure::Usage)?;
    let journal = Journal::open_to_read(&config.site.data_dir).map_err(Failure::data)?;
    let Some(alert) = journal.alert(id).map_err(Failure::data)? else { return Ok(Done::No) };
    let deliveries = journal.deliveries(id).map_err(Failure::data)?;
    let evidence = evidence(config, id)?;
    if context.global.json {
        let shown = Shown { alert: &alert, deliveries, evidence };
        println!("{}", serde_json::to_string(&shown).map_err(Failure::data)?);
        return Ok(Done::Yes);
    }
    println!("{}", line(context, config, &alert));
    for (at, event) in &alert.events {
        let at = format::date_time(*at, &config.site.zone, context.language);
        println!("    {at}  {}", told(event, context.language));
    }
    if !deliveries.is_empty() {
        println!("\n  {}", context.say("邮件", "Mails"));
    }
    let reader = Reader { zone: &config.site.zone, now: now(), language: context.language };
    deliveries.iter().for_each(|mail| print_way(mail, &alert, reader));
    if let Some(evidence) = evidence {
        for said in offices(context, config, &evidence) {
            println!("{said}");
        }
    }
    Ok(Done::Yes)
}

fn offices(context: &Context, config: &Config, evidence: &Evidence) -> Vec<String> {
    let offices = Offices::of(&evidence.explanation, &config.site.zone, now(), context.language);
    let as_of = format::date_time(evidence.signal.at, &config.site.zone, context.language);
    let mut lines = vec![
        String::new(),
        format!("  {} {as_of}", context.say("回应情况，数据截至", "Answers, as of")),
        format!("    {}", offices.verdict),
    ];
    let cited = |cited: &Cited| {
        let link = cited.link.as_deref().map(|link| format!("  {link}")).unwrap_or_default();
        format!("    · {} [{}]{link}", cited.text, cited.origin)
    };
    lines.extend(offices.official.iter().chain(&offices.reports).map(cited));
    for difference in &offices.differences {
        lines.push(format!("    {} {}", context.say("说法不一", "Not said alike:"), difference.title));
        lines.extend(difference.sides.iter().map(cited));
    }
    if let Some(after) = offices.after {
        let [_, before, later] = &after.heads;
        let row = |[what, then, now]: &[String; 3]| format!("    {what}  {before} {then}  {later} {now}");
        lines.extend(after.rows.iter().map(row));
        lines.extend(after.notes.iter().map(|note| format!("    {note}")));
    }
    lines
}

/// To whom a mail went, when it was tried and what the server said.
fn print_way(mail: &Delivery, alert: &Alert, reader: Reader<'_>) {
    let told = mail.told(alert, reader);
    println!("    {} {}  {}  {}", told.to, mail.recipient, told.step, told.way);
    let is_plain = matches!(&mail.attempts[..], [tried] if tried.said.is_none());
    for tried in mail.attempts.iter().filter(|_| !is_plain) {
        let at = format::moment(tried.at, reader.now, reader.zone, reader.language);
        let said = tried.said.as_deref().unwrap_or_default();
        println!("      {at}  {}  {said}", tried.result.name(reader.language));
    }
    if let Some(meaning) = told.meaning {
        println!("      → {meaning}");
    }
}
