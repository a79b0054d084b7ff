//! The digest's plain-text part, complete by itself.

use super::content::DigestContent;

pub(super) fn render(digest: &DigestContent, why_you: &str) -> String {
    let labels = digest.labels;
    let mut lines = vec![digest.title.clone(), digest.subtitle.clone()];
    lines.extend(digest.strip.map(str::to_owned));
    let mut section = |title: &str, body: Vec<String>| {
        lines.push(String::new());
        lines.push(title.to_owned());
        lines.extend(body.into_iter().filter(|line| !line.is_empty()).map(|line| format!("  {line}")));
    };
    let [overview, hot, trend, asked, replies, references, judgement, notes] = labels.sections;
    section(overview, vec![digest.overview.clone()]);
    if digest.quiet {
        for table in &digest.tables {
            section(&table.title, self::table(table));
        }
        if !digest.official.is_empty() {
            section(labels.official, official(digest));
        }
    } else {
        section(hot, self::hot(digest));
        section(trend, vec![digest.trend.clone()]);
        section(asked, self::asked(digest));
        section(replies, self::replies(digest));
        for table in &digest.tables {
            section(&table.title, self::table(table));
        }
        section(references, or(digest.references.clone(), labels.no_references));
        section(judgement, labels.boxes.map(str::to_owned).to_vec());
    }
    section(notes, digest.notes.clone());
    if let Some(link) = &digest.link {
        lines.push(String::new());
        lines.push(format!("{} {link}", labels.open));
    }
    // The usual mark of a signature, its trailing space included.
    lines.extend([String::new(), "-- ".to_owned()]);
    // Whoever reads it without being sent it is in no group.
    lines.extend(Some(why_you.to_owned()).filter(|why| !why.is_empty()));
    lines.extend([labels.notice.to_owned(), String::new()]);
    lines.join("\n")
}

fn or(lines: Vec<String>, none: &str) -> Vec<String> {
    if lines.is_empty() { vec![none.to_owned()] } else { lines }
}

fn hot(digest: &DigestContent) -> Vec<String> {
    let rows = digest.hot.iter().zip(1..).map(|(row, rank)| {
        let level = row.level.as_ref().map_or(digest.labels.calm, |level| level.text.as_str());
        let note = if row.note.is_empty() { String::new() } else { format!("  {}", row.note) };
        format!("{rank}. {}  {level}  {} {}  {}{note}", row.name, row.posts, digest.labels.posts, row.change)
    });
    rows.collect()
}

fn asked(digest: &DigestContent) -> Vec<String> {
    let mut lines = Vec::new();
    for about in &digest.asked {
        lines.push(format!("{}  {}", about.name, about.asks));
        lines.extend(about.quote.iter().map(|(text, origin)| format!("“{text}” [{origin}]")));
    }
    or(lines, digest.labels.no_views)
}

fn replies(digest: &DigestContent) -> Vec<String> {
    let labels = digest.labels;
    let row = |reply: &super::content::Reply| {
        let cells = reply.cells.iter().zip(labels.replies).skip(1);
        let cells: Vec<String> = cells.map(|(cell, head)| format!("{head} {cell}")).collect();
        let name = reply.cells.first().map(String::as_str).unwrap_or_default();
        format!("{name}  {}", cells.join("  "))
    };
    let mut lines = or(digest.replies.iter().map(row).collect(), labels.no_alerts);
    if !digest.replies.is_empty() {
        lines.push(digest.replies_sum.clone());
    }
    if digest.official.is_empty() {
        lines.push(labels.no_official.to_owned());
    } else {
        lines.push(labels.official.to_owned());
        lines.extend(official(digest));
    }
    lines
}

/// One row a line: `名称  头 值  头 值`.
fn table(table: &super::content::ExtraTable) -> Vec<String> {
    let row = |cells: &Vec<String>| {
        let pairs = table.heads.iter().zip(cells).skip(1).map(|(head, cell)| format!("{head} {cell}"));
        std::iter::once(cells.first().cloned().unwrap_or_default())
            .chain(pairs)
            .collect::<Vec<_>>()
            .join("  ")
    };
    table.rows.iter().map(row).chain([table.note.clone()]).collect()
}

fn official(digest: &DigestContent) -> Vec<String> {
    let line = |official: &super::content::Official| {
        let link = official.link.as_deref().map(|link| format!(" {link}")).unwrap_or_default();
        format!("· {}  {} [{}]{link}", official.name, official.title, official.origin)
    };
    digest.official.iter().map(line).collect()
}
