//! CSV with a header. Rows are put together from bounded lines, so that one forgotten quotation mark
//! costs its own line and not the rest of the file.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::lines::{Line, Lines};
use super::record::{Column, Field, Record, Value};
use super::{FileError, LONGEST_LINE, Reading, Rejection, count_dropped};

/// Most lines of one row.
const MOST_LINES: usize = 2_000;

/// After so many forgotten quotation marks a row ends with its line: looking further costs too much.
const MOST_OPEN_QUOTES: u32 = 20;

/// Reads header and rows.
pub(super) fn read(
    lines: &mut Lines<impl BufRead>,
    reading: &mut Reading<'_>,
) -> Result<io::Result<()>, FileError> {
    let mut rows = Rows { lines, waiting: VecDeque::new(), open_quotes: 0, delimiter: b',', ended: None };
    let Some(Row { content: Ok(header), .. }) = rows.next_row() else {
        return Err(FileError::NoHeader { found: Vec::new() });
    };
    let header = reading.charset.decode(&header).unwrap_or_default().into_owned();
    let delimiter = delimiter(&header);
    rows.delimiter = delimiter;
    let names = split(header.as_bytes(), delimiter);
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    let columns: Vec<Column> = names.iter().map(|name| reading.names.column(name)).collect();
    let has = |field| columns.contains(&Column::Known(field));
    if !(has(Field::Title) || has(Field::Text)) {
        let found = names.iter().take(20).map(|name| name.chars().take(40).collect()).collect();
        return Err(FileError::NoHeader { found });
    }
    while let Some(row) = rows.next_row() {
        let record = row.content.and_then(|bytes| {
            let charset = reading.charset;
            let text = charset.decode(&bytes).ok_or(Rejection::Garbled { charset: charset.name() })?;
            record(&split(text.as_bytes(), delimiter), &names, &columns, reading)
        });
        reading.take(row.line, record);
        if reading.has_enough {
            break;
        }
    }
    Ok(rows.ended.unwrap_or(Ok(())))
}

fn record(
    cells: &[String],
    names: &[String],
    columns: &[Column],
    reading: &mut Reading<'_>,
) -> Result<Record, Rejection> {
    // Spreadsheets leave empty cells behind the last column.
    let is_wider = cells.iter().skip(names.len()).any(|cell| !cell.is_empty());
    if cells.len() < names.len() || is_wider {
        return Err(Rejection::Columns { found: cells.len(), expected: names.len() });
    }
    let mut record = Record::default();
    for ((cell, name), column) in cells.iter().zip(names).zip(columns) {
        match column {
            Column::Known(field) if !cell.is_empty() => record.set(*field, Some(Value::Text(cell.clone()))),
            Column::Known(_) => {}
            Column::Dropped => {
                record.note_dropped(name);
                count_dropped(&mut reading.summary.dropped, name);
            }
        }
    }
    Ok(record)
}

/// A row with the number of its first line.
struct Row {
    line: u64,
    content: Result<Vec<u8>, Rejection>,
}

/// Lines put together to rows.
struct Rows<'a, R> {
    lines: &'a mut Lines<R>,
    /// Lines read ahead for a row that never ended.
    waiting: VecDeque<Row>,
    open_quotes: u32,
    delimiter: u8,
    ended: Option<io::Result<()>>,
}

impl<R: BufRead> Rows<'_, R> {
    fn next_row(&mut self) -> Option<Row> {
        let first = loop {
            let line = self.next_line()?;
            let is_blank = line.content.as_ref().is_ok_and(|bytes| bytes.iter().all(u8::is_ascii_whitespace));
            if !is_blank {
                break line;
            }
        };
        let Ok(bytes) = &first.content else { return Some(first) };
        let mut quotes = Quotes { state: Within::CellStart, delimiter: self.delimiter };
        quotes.follow(bytes);
        if !quotes.are_open() {
            return Some(first);
        }
        Some(self.rest_of_row(first, quotes))
    }

    /// Adds lines until the quotation is closed; gives them back if it never is.
    fn rest_of_row(&mut self, first: Row, mut quotes: Quotes) -> Row {
        let line = first.line;
        let mut row = first.content.unwrap_or_default();
        let mut ahead = VecDeque::new();
        while self.open_quotes < MOST_OPEN_QUOTES && ahead.len() < MOST_LINES && row.len() < LONGEST_LINE {
            let Some(next) = self.next_line() else { break };
            let Ok(bytes) = &next.content else {
                ahead.push_back(next);
                break;
            };
            row.push(b'\n');
            row.extend_from_slice(bytes);
            quotes.follow(b"\n");
            quotes.follow(bytes);
            if !quotes.are_open() {
                return Row { line, content: Ok(row) };
            }
            ahead.push_back(next);
        }
        self.open_quotes += 1;
        ahead.append(&mut self.waiting);
        self.waiting = ahead;
        Row { line, content: Err(Rejection::OpenQuote) }
    }

    fn next_line(&mut self) -> Option<Row> {
        if let Some(waiting) = self.waiting.pop_front() {
            return Some(waiting);
        }
        if self.ended.is_some() {
            return None;
        }
        let content = match self.lines.next() {
            Ok(Some(Line::Whole(bytes))) => Ok(bytes.to_vec()),
            Ok(Some(Line::TooLong(bytes))) => Err(Rejection::LineTooLong { bytes }),
            Ok(None) => {
                self.ended = Some(Ok(()));
                return None;
            }
            Err(error) => {
                self.ended = Some(Err(error));
                return None;
            }
        };
        Some(Row { line: self.lines.number(), content })
    }
}

/// Where in a row we are: a quotation counts only at the beginning of a cell.
struct Quotes {
    state: Within,
    delimiter: u8,
}

#[derive(PartialEq)]
enum Within {
    CellStart,
    Cell,
    Quoted,
    /// Behind a mark that ends the quotation, or is the first of two.
    Closing,
}

impl Quotes {
    fn follow(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = match (&self.state, byte) {
                (Within::CellStart, b'"') | (Within::Closing, b'"') => Within::Quoted,
                (Within::Quoted, b'"') => Within::Closing,
                (Within::Quoted, _) => Within::Quoted,
                (_, byte) if byte == self.delimiter => Within::CellStart,
                _ => Within::Cell,
            };
        }
    }

    fn are_open(&self) -> bool {
        self.state == Within::Quoted
    }
}

/// Spreadsheets in some countries write semicolons, exports tabs.
fn delimiter(header: &str) -> u8 {
    let count = |delimiter: u8| header.bytes().filter(|&byte| byte == delimiter).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}

fn split(row: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .flexible(true)
        .buffer_capacity(row.len().max(1))
        .from_reader(row);
    let mut cells = ::csv::StringRecord::new();
    match reader.read_record(&mut cells) {
        Ok(_) => cells.iter().map(str::to_owned).collect(),
        Err(_) => Vec::new(),
    }
}
