//! Draws a report for a terminal: the line, a caret under the place, what to do. Carets line up
//! under Chinese, because widths are counted in terminal cells.

use std::fmt::Write;

use alerts::message::Language;

use crate::document::Document;
use crate::problem::{Problem, Report, Severity};

impl Report {
    /// The whole report as text, without colour; empty if nothing was found.
    pub fn draw(&self, language: Language) -> String {
        let mut text = String::new();
        for problem in &self.problems {
            draw_problem(&mut text, problem, &self.documents, language);
        }
        if !self.problems.is_empty() {
            text.push_str(&self.summary(language));
            text.push('\n');
        }
        text
    }

    /// One line: how many errors and warnings.
    pub fn summary(&self, language: Language) -> String {
        let (errors, warnings) = (self.errors(), self.warnings());
        match language {
            Language::Chinese => match (errors, warnings) {
                (0, 0) => "没有发现问题。".to_owned(),
                (0, warnings) => format!("没有错误，{warnings} 项提醒。"),
                (errors, 0) => format!("{errors} 处错误。"),
                (errors, warnings) => format!("{errors} 处错误，{warnings} 项提醒。"),
            },
            Language::English => match (errors, warnings) {
                (0, 0) => "No problem found.".to_owned(),
                (errors, warnings) => {
                    format!("{}, {}.", counted(errors, "error"), counted(warnings, "warning"))
                }
            },
        }
    }
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn draw_problem(text: &mut String, problem: &Problem, documents: &[Document], language: Language) {
    let mark = match problem.severity {
        Severity::Error => '×',
        Severity::Warning => '!',
    };
    let _ = writeln!(text, "  {mark} {}", language.say(&problem.message));
    let place = problem.place.as_ref();
    let document = place.and_then(|place| documents.iter().find(|document| document.name == place.file));
    if let (Some(place), Some(document)) = (place, document) {
        let gutter = (place.line + 1).to_string().len().max(2);
        let blank = " ".repeat(gutter);
        let _ = writeln!(text, " {blank}╭─[{}:{}:{}]", place.file, place.line, place.column);
        draw_context(text, document, place.line.saturating_sub(1), gutter);
        let line = document.line(place.line);
        let _ = writeln!(text, "{:>gutter$} │ {}", place.line, printable(line));
        let before: usize = line.chars().take(place.column - 1).map(cells).sum();
        let marked: usize = line.chars().skip(place.column - 1).take(place.length).map(cells).sum();
        let marked = marked.max(1);
        let (left, right) = (marked / 2, marked - marked / 2 - 1);
        let _ = writeln!(text, "{blank} · {}{}┬{}", " ".repeat(before), "─".repeat(left), "─".repeat(right));
        let label = language.say(&problem.label);
        let _ = writeln!(text, "{blank} · {}╰── {label}", " ".repeat(before + left));
        draw_context(text, document, place.line + 1, gutter);
        let _ = writeln!(text, " {blank}╰────");
    }
    if let Some(help) = &problem.help {
        let word = match language {
            Language::Chinese => "怎么改：",
            Language::English => "help: ",
        };
        let _ = writeln!(text, "  {word}{}", language.say(help));
    }
    text.push('\n');
}

/// A neighbouring line, unless there is nothing on it.
fn draw_context(text: &mut String, document: &Document, number: usize, gutter: usize) {
    let line = document.line(number);
    if !line.trim().is_empty() {
        let _ = writeln!(text, "{number:>gutter$} │ {}", printable(line));
    }
}

/// The line with tabs and control characters made visible as single cells, so that a file cannot
/// move the cursor of the terminal it is shown on, or turn the line around.
fn printable(line: &str) -> String {
    line.chars()
        .map(|character| match character {
            '\t' => ' ',
            character if character.is_control() => '�',
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '�',
            character => character,
        })
        .collect()
}

/// Terminal cells of a character: 2 for East Asian wide ones, 0 for marks that combine.
fn cells(character: char) -> usize {
    match u32::from(character) {
        0x0300..=0x036F | 0x200B..=0x200F | 0x2060 | 0xFE00..=0xFE0F | 0xFEFF => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2J\tb\u{202E}c"), "a�[2J b�c");
    }

    #[test]
    fn wide_characters_take_two_cells() {
        let width = |text: &str| text.chars().map(cells).sum::<usize>();
        assert_eq!(width("值班室，abc"), 11);
        assert_eq!(width("e\u{301}𠮷"), 3);
    }
}
