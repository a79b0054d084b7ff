//! Digests and reports as a document for offices: `.docx` in the layout of GB/T 9704 (A4, 小标宋 and 仿宋).
//!
//! Figures are computed; judgement and advice stay empty boxes.

mod docx;
#[cfg(test)]
mod tests;

use crate::chart::{self, Layout};
use crate::digest::{Digest, DigestContent};
use crate::message::{Attachment, Language};

pub use self::docx::PaperError;

/// The MIME type of `.docx`.
pub const DOCX_KIND: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A document before it is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// Title.
    pub title: String,
    /// Under the title: day, number, span; that it is a demonstration.
    pub subtitles: Vec<String>,
    /// What follows, in order.
    pub blocks: Vec<Block>,
}

/// One piece of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A numbered heading: `一、概述`.
    Heading(String),
    /// A heading within a section.
    Subheading(String),
    /// A paragraph.
    Text(String),
    /// A remark in small type.
    Note(String),
    /// A table: heads, and rows of as many cells.
    Table(Vec<String>, Vec<Vec<String>>),
    /// A picture (PNG), and its width and height in pixels.
    Picture(Vec<u8>, u32, u32),
    /// A labelled box to be filled in.
    Box(String),
}

impl Paper {
    /// The document of a digest or report.
    pub fn of(digest: &Digest<'_>, language: Language) -> Paper {
        let content = digest.content(language);
        let chart =
            content.has_chart.then(|| crate::digest::picture(digest, Layout::Mail, language)).flatten();
        let mut subtitles = vec![content.subtitle.clone()];
        subtitles.extend(content.strip.map(str::to_owned));
        Paper { title: content.title.clone(), subtitles, blocks: blocks(&content, chart) }
    }

    /// The document as `.docx`.
    ///
    /// # Errors
    /// What the writer of the file says.
    pub fn docx(&self) -> Result<Vec<u8>, PaperError> {
        docx::set(self)
    }

    /// The document as a file that goes with a mail; a failure is logged and leaves the mail without it.
    pub fn attachment(&self, name: &str) -> Option<Attachment> {
        match self.docx() {
            Ok(bytes) => Some(Attachment { name: name.to_owned(), kind: DOCX_KIND.to_owned(), bytes }),
            Err(error) => {
                tracing::warn!(%error, "a digest goes out without its document");
                None
            }
        }
    }
}

fn blocks(digest: &DigestContent, chart: Option<Vec<u8>>) -> Vec<Block> {
    let labels = digest.labels;
    let [overview, hot, trend, asked, replies, references, judgement, notes] = labels.sections;
    let mut blocks = vec![Block::Heading(overview.to_owned()), Block::Text(digest.overview.clone())];
    if digest.quiet {
        blocks.extend(official(digest));
    } else {
        blocks.push(Block::Heading(hot.to_owned()));
        blocks.push(hot_table(digest));
        if let Some((picture, (width, height))) =
            chart.and_then(|png| Some((png.clone(), chart::size(&png)?)))
        {
            blocks.push(Block::Heading(trend.to_owned()));
            blocks.push(Block::Picture(picture, width, height));
            blocks.push(Block::Note(format!("{}{}", labels.chart_note, digest.trend)));
        }
        blocks.push(Block::Heading(asked.to_owned()));
        blocks.extend(self::asked(digest));
        blocks.push(Block::Heading(replies.to_owned()));
        blocks.extend(self::replies(digest));
    }
    for table in &digest.tables {
        blocks.push(Block::Subheading(table.title.clone()));
        if !table.rows.is_empty() {
            blocks.push(Block::Table(table.heads.clone(), table.rows.clone()));
        }
        blocks.extend((!table.note.is_empty()).then(|| Block::Note(table.note.clone())));
    }
    if !digest.quiet {
        blocks.push(Block::Heading(references.to_owned()));
        let facts =
            digest.references.iter().zip(1..).map(|(fact, number)| Block::Text(format!("{number}. {fact}")));
        blocks.extend(or(facts.collect(), labels.no_references));
        blocks.push(Block::Heading(judgement.to_owned()));
        blocks.push(Block::Note(labels.for_people.to_owned()));
        blocks.extend(labels.boxes.iter().map(|label| Block::Box((*label).to_owned())));
    }
    blocks.push(Block::Heading(notes.to_owned()));
    blocks.extend(digest.notes.iter().map(|note| Block::Text(note.clone())));
    blocks.push(Block::Note(labels.notice.to_owned()));
    blocks
}

fn or(blocks: Vec<Block>, none: &str) -> Vec<Block> {
    if blocks.is_empty() { vec![Block::Text(none.to_owned())] } else { blocks }
}

fn hot_table(digest: &DigestContent) -> Block {
    let rows = digest.hot.iter().map(|row| {
        let level = row.level.as_ref().map_or(digest.labels.calm, |level| level.text.as_str());
        let name =
            if row.note.is_empty() { row.name.clone() } else { format!("{}（{}）", row.name, row.note) };
        vec![name, level.to_owned(), row.posts.clone(), row.change.clone()]
    });
    Block::Table(digest.labels.hot.map(str::to_owned).to_vec(), rows.collect())
}

fn asked(digest: &DigestContent) -> Vec<Block> {
    let about = |about: &crate::digest::AskedAbout| {
        let quote =
            about.quote.as_ref().map(|(text, origin)| format!("“{text}”（{origin}）")).unwrap_or_default();
        Block::Text(format!("{}：{}{quote}", about.name, about.asks))
    };
    or(digest.asked.iter().map(about).collect(), digest.labels.no_views)
}

fn replies(digest: &DigestContent) -> Vec<Block> {
    let mut blocks = Vec::new();
    if digest.replies.is_empty() {
        blocks.push(Block::Text(digest.labels.no_alerts.to_owned()));
    } else {
        let rows = digest.replies.iter().map(|reply| reply.cells.to_vec());
        blocks.push(Block::Table(digest.labels.replies.map(str::to_owned).to_vec(), rows.collect()));
        blocks.push(Block::Note(digest.replies_sum.clone()));
    }
    let found = official(digest);
    blocks.extend(if found.is_empty() {
        vec![Block::Text(digest.labels.no_official.to_owned())]
    } else {
        found
    });
    blocks
}

fn official(digest: &DigestContent) -> Vec<Block> {
    if digest.official.is_empty() {
        return Vec::new();
    }
    let line = |text: &crate::digest::Official| {
        Block::Text(format!("{}：《{}》（{}）", text.name, text.title, text.origin))
    };
    let head = Block::Subheading(digest.labels.official.to_owned());
    std::iter::once(head).chain(digest.official.iter().map(line)).collect()
}
