//! Two real cases told end to end, as Markdown: the alert, whether offices had answered, the answer recorded by
//! hand, and what came after it. Every figure is written by the run.

use std::fmt::Write;
use std::path::Path;

use alerts::alert::{Alert, Event};
use alerts::desk::Filter;
use alerts::format;
use alerts::mail::{Mailbag, Mailer};
use alerts::message::{Language, Offices, against_expected};
use alerts::staging::Staging;
use analyzer::concern::Concern;
use analyzer::duplicate::Duplicates;
use crawler::archive::Archive;
use jiff::{SignedDuration, Timestamp};

use super::story::{self, Story};
use crate::cli::exit::{Done, Failure};
use crate::lookout::{Lookout, LookoutError};
use crate::orders::Orders;
use crate::replay::{Arrivals, Span, replay};
use crate::socket::Action;

/// People are told from here on, until the other moment.
const TOLD: [&str; 2] = ["2021-01-18T00:00:00+08:00", "2021-01-28T00:00:00+08:00"];
/// When the National Health Commission's reply was first recorded on a board; its own text is in no archive.
const REPLIED: &str = "2021-01-21T00:42:26+08:00";
/// Who replied, as the titles say.
const BY: &str = "国家卫健委";
/// The answer is entered so long after it was published.
const ENTERED: SignedDuration = SignedDuration::from_mins(30);
/// After the answer the alert is looked at again.
const LOOKS: [SignedDuration; 3] =
    [SignedDuration::from_hours(1), SignedDuration::from_mins(385), SignedDuration::from_mins(1465)];
/// Near-duplicates are looked for within this much memory.
const DUPLICATE_BYTES: usize = 64 << 20;

/// One case while it is told.
struct Case {
    concern: Concern,
    text: String,
    alert: Option<Alert>,
    is_entered: bool,
    looked: usize,
}

/// Replays the two cases and writes them.
pub(super) fn cases(file: &Path) -> Result<Done, Failure> {
    let story = story::real().map_err(Failure::data)?;
    let moment = |text: &str| text.parse::<Timestamp>().map_err(Failure::data);
    let [told_from, to] = TOLD;
    let span = Span { told_from: moment(told_from)?, to: moment(to)?, ..story.span };
    let replied = moment(REPLIED)?;
    let mut cases = concerns(&story).into_iter().map(Case::new).collect::<Vec<_>>();
    let mut config = story.config.clone();
    config.concerns = cases.iter().map(|case| case.concern.clone()).collect();
    let folder = tempfile::tempdir().map_err(Failure::data)?;
    let archive = Archive::open(folder.path()).map_err(Failure::data)?;
    let mut duplicates = Duplicates::new(DUPLICATE_BYTES);
    let posts: Vec<_> = story.posts.iter().filter(|post| post.time < span.to).cloned().collect();
    let stored = archive.append(&posts, &mut |post| duplicates.assign(post)).map_err(Failure::data)?.stored;
    let mut lookout =
        Lookout::open(folder.path(), archive, Orders::new(&config, Staging::Real)).map_err(Failure::data)?;
    let arrivals = Arrivals { posts: &stored, observations: &story.observations, counts: &[] };
    let mailer = Mailer::Memory(Mailbag::default());
    replay(&mut lookout, &arrivals, span, &mut |lookout, now| {
        if now < span.told_from {
            return Ok(());
        }
        lookout.desk.deliver(&mailer, now)?;
        cases.iter_mut().try_for_each(|case| case.go_on(lookout, replied, now))
    })
    .map_err(Failure::data)?;
    let told: Vec<String> = cases.iter().map(|case| case.told(&lookout)).collect();
    let text = format!("{HEAD}{}", told.join("\n"));
    std::fs::write(file, text).map_err(|error| Failure::Data(format!("{}: {error}", file.display())))?;
    Ok(if cases.iter().all(|case| case.alert.is_some()) { Done::Yes } else { Done::No })
}

const HEAD: &str = "# Two real cases, end to end

Written by `guanlan demo --real --cases docs/cases.md`: titles of two public hot lists of January 2021, replayed through the code that runs. The archive holds no official source for that month, so that no official text can be found; the reply of the National Health Commission is known from titles that report it, and is recorded by hand with the moment at which a board first had such a title. A board shows a title by the hour and once it is hot, so that counts are small and minutes mean nothing.
";

/// 返乡 as the bundled list has it, and 核酸证明.
fn concerns(story: &Story) -> Vec<Concern> {
    let known = story.config.concerns.iter().find(|concern| concern.id == "return-home");
    let certificate = known.map(|known| Concern {
        id: "certificate".to_owned(),
        name: "核酸证明".to_owned(),
        name_en: Some("Test certificates".to_owned()),
        words: vec!["核酸 证明".to_owned()],
        min_voices: 3,
        ..known.clone()
    });
    known.cloned().into_iter().chain(certificate).collect()
}

impl Case {
    fn new(concern: Concern) -> Case {
        Case { concern, text: String::new(), alert: None, is_entered: false, looked: 0 }
    }

    /// Takes the next ten minutes into account.
    fn go_on(
        &mut self,
        lookout: &mut Lookout,
        replied: Timestamp,
        now: Timestamp,
    ) -> Result<(), LookoutError> {
        let mut found = lookout.desk.alerts(Filter::All)?.into_iter();
        let Some(alert) = found.rfind(|alert| alert.concern == self.concern.id) else {
            return Ok(());
        };
        let is_new = self.alert.as_ref().is_none_or(|known| known.id != alert.id);
        if is_new && self.alert.is_none() {
            self.look("raised", lookout, &alert, now)?;
        }
        if !self.is_entered && now >= replied + ENTERED {
            let action = Action::Respond { by: BY.to_owned(), url: None, at: replied };
            lookout.act(&alert.id.to_string(), action, now)?;
            self.is_entered = true;
        }
        let due = LOOKS.get(self.looked).filter(|look| now >= replied + **look);
        if let (true, Some(look)) = (self.is_entered, due) {
            let alert = lookout.desk.alert(alert.id)?.unwrap_or(alert.clone());
            let hours = format::duration(*look, Language::English);
            self.look(&format!("{hours} after the answer"), lookout, &alert, now)?;
            self.looked += 1;
        }
        self.alert = Some(alert);
        Ok(())
    }

    /// Adds what page and mail say at this moment.
    fn look(
        &mut self,
        when: &str,
        lookout: &Lookout,
        alert: &Alert,
        now: Timestamp,
    ) -> Result<(), LookoutError> {
        let Some((signal, explanation)) = lookout.shown(alert, now)? else { return Ok(()) };
        let zone = &lookout.orders.site.zone;
        let at = format::full_date_time(now, zone, Language::English);
        let offices = Offices::of(&explanation, zone, now, Language::English);
        let state = format::state_name(alert.state, Language::English);
        // Writing into a string never fails.
        let _ = writeln!(self.text, "\n### {at}: {when}\n");
        let numbers = against_expected(&signal, Language::English);
        let _ = writeln!(self.text, "State: {state}. {numbers}. {}\n", offices.verdict);
        for text in offices.official.iter().chain(&offices.reports) {
            let _ = writeln!(self.text, "- {} [{}]", text.text, text.origin);
        }
        for difference in &offices.differences {
            let _ = writeln!(self.text, "\nNot said alike: {}", difference.title);
            for side in &difference.sides {
                let _ = writeln!(self.text, "- “{}” [{}]", side.text, side.origin);
            }
        }
        if let Some(after) = offices.after {
            if !after.rows.is_empty() {
                let _ = writeln!(self.text, "\n| {} |\n|---|---|---|", after.heads.join(" | "));
            }
            after.rows.iter().for_each(|row| {
                let _ = writeln!(self.text, "| {} |", row.join(" | "));
            });
            let _ = writeln!(self.text, "\n{}", after.notes.join(" "));
        }
        Ok(())
    }

    /// The case with its journal.
    fn told(&self, lookout: &Lookout) -> String {
        let mut text = format!("\n## {}\n", self.concern.name);
        let zone = &lookout.orders.site.zone;
        let Some(alert) = &self.alert else { return text + "\nNo alert.\n" };
        text += &self.text;
        let _ = writeln!(text, "\n### Journal of {}\n", alert.id);
        for (at, event) in &alert.events {
            let at = format::full_date_time(*at, zone, Language::English);
            let event = match event {
                Event::Raised { level, .. } => {
                    format!("raised, {}", format::level_name(*level, Language::English))
                }
                Event::Escalated { level, .. } => {
                    format!("{} again or higher", format::level_name(*level, Language::English))
                }
                Event::Responded { by, at, .. } => {
                    format!(
                        "answer of {by} recorded, published {}",
                        format::full_date_time(*at, zone, Language::English)
                    )
                }
                Event::Mailed { .. } => "mail sent".to_owned(),
                Event::Subsiding => "back inside the band".to_owned(),
                Event::RisenAgain => "out of the band again".to_owned(),
                Event::Resolved { .. } => "closed by itself".to_owned(),
                _ => continue,
            };
            let _ = writeln!(text, "- {at}: {event}");
        }
        text
    }
}
