//! The plain-text part: complete by itself, for readers whose mail program shows only text.

use super::Language;
use super::letter::{Ask, Cited, Letter};
use super::offices::Compared;

/// Sets the letter as text.
pub(super) fn render(letter: &Letter) -> String {
    let mut lines = vec![letter.subject.clone()];
    lines.extend(letter.strip.map(str::to_owned));
    lines.push(format!("{}  {}  {}", letter.number, letter.change, letter.time));
    lines.push(String::new());
    let told = [&letter.news, &letter.story, &letter.beside, &letter.counts];
    lines.extend(told.into_iter().filter(|text| !text.is_empty()).cloned());
    lines.push(format!("{}{}{}", letter.due.lead, letter.due.strong, letter.due.rest));
    lines.push(letter.stamps.clone());
    let (colon, space) = match letter.language {
        Language::Chinese => ("：", ""),
        Language::English => (": ", " "),
    };
    if let Some(link) = &letter.claim {
        lines.push(String::new());
        lines.push(format!("{}{}{link}", letter.labels.claim, colon));
    }
    if let Some(link) = &letter.link {
        lines.push(String::new());
        lines.push(format!("{}{}{link}", letter.labels.details, colon));
    }
    for (section, number) in sections(letter).iter().zip(letter.labels.numbers) {
        lines.push(String::new());
        lines.push(format!("{number}{}", section.title));
        lines.extend(section.lines.iter().map(|line| format!("  {line}")));
    }
    lines.push(String::new());
    lines.push(letter.other_language.clone());
    lines.push(String::new());
    // The usual mark of a signature, its trailing space included.
    lines.push("-- ".to_owned());
    lines.push(letter.why_you.clone());
    lines.push(format!("{}{}{}", letter.labels.level_notice, space, letter.labels.totals_notice));
    lines.push(String::new());
    lines.join("\n")
}

struct Section {
    title: String,
    lines: Vec<String>,
}

fn sections(letter: &Letter) -> Vec<Section> {
    let labels = letter.labels;
    let mut sections = Vec::new();
    let mut add = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            sections.push(Section { title: title.to_owned(), lines });
        }
    };
    let posts = |text: &str| format!("{text:>5}");
    add(
        labels.curve,
        letter.curve.iter().map(|row| format!("{} {}  {}", row.time, posts(&row.posts), row.note)).collect(),
    );
    if let Some(next) = &letter.next_hours {
        let [_, _, likely, nearly_sure] = next.heads;
        let row = |[span, median, within, surely]: &[String; 4]| match letter.language {
            Language::Chinese => format!("{span}约 {median} 帖；{likely} {within}，{nearly_sure} {surely}"),
            Language::English => {
                format!("{span}: about {median} posts; {likely} {within}, {nearly_sure} {surely}")
            }
        };
        add(labels.next_hours, next.rows.iter().map(row).chain(next.notes.iter().cloned()).collect());
    }
    let ask = |ask: &Ask| format!("{} {}  {}", posts(&ask.posts), labels.posts, ask.label);
    let intents = (!letter.intents.is_empty()).then(|| letter.intents.clone());
    add(labels.asks, letter.asks.iter().map(ask).chain(intents).collect());
    add(labels.quotes, cited(&letter.quotes, labels.no_quotes));
    let offices = &letter.offices;
    add(
        labels.statements,
        std::iter::once(offices.verdict.clone()).chain(listed(&offices.official)).collect(),
    );
    add(labels.reports, listed(&offices.reports));
    let side_by_side =
        |it: &Compared| std::iter::once(it.title.clone()).chain(listed(&it.sides)).collect::<Vec<_>>();
    add(labels.differences, offices.differences.iter().flat_map(side_by_side).collect());
    if let Some(after) = &offices.after {
        let [_, before, later] = &after.heads;
        let row = |[what, then, now]: &[String; 3]| match letter.language {
            Language::Chinese => format!("{what}：{before} {then}，{later} {now}"),
            Language::English => format!("{what}: {before} {then}, {later} {now}"),
        };
        add(labels.after, after.rows.iter().map(row).chain(after.notes.iter().cloned()).collect());
    }
    add(labels.advice, letter.advice.iter().cloned().collect());
    if let Some(why) = &letter.why {
        let row = |(name, now, threshold): &(String, String, String)| match letter.language {
            Language::Chinese => format!("{name} {now}（{} {threshold}）", labels.threshold),
            Language::English => format!("{name}: {now} ({} {threshold})", labels.threshold.to_lowercase()),
        };
        let mut lines: Vec<String> = why.rows.iter().map(row).collect();
        lines.extend(why.notes.iter().cloned());
        lines.extend((!letter.coverage.is_empty()).then(|| letter.coverage.clone()));
        add(&why.title, lines);
    }
    sections
}

fn cited(texts: &[Cited], none: &str) -> Vec<String> {
    if texts.is_empty() { vec![none.to_owned()] } else { listed(texts) }
}

fn listed(texts: &[Cited]) -> Vec<String> {
    let line = |cited: &Cited| {
        let link = cited.link.as_deref().map(|link| format!(" {link}")).unwrap_or_default();
        format!("· {} [{}]{link}", cited.text, cited.origin)
    };
    texts.iter().map(line).collect()
}
