//! Lines of bounded length: one that is too long is passed over without being held.

use std::io::{self, BufRead};

use super::LONGEST_LINE;

/// Reads lines and counts them.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    number: u64,
}

/// One line without its end.
pub(super) enum Line<'a> {
    /// As it stands.
    Whole(&'a [u8]),
    /// Passed over; its length in bytes.
    TooLong(u64),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Lines<R> {
        Lines { input, buffer: Vec::new(), number: 0 }
    }

    /// Number of the line read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut length = 0_u64;
        self.number += 1;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() && length == 0 {
                self.number -= 1;
                return Ok(None);
            }
            let end = available.iter().position(|&byte| byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            length += part.len() as u64;
            if length <= LONGEST_LINE as u64 {
                self.buffer.extend_from_slice(part);
            }
            let is_last = end.is_some() || available.is_empty();
            let consumed = part.len() + usize::from(end.is_some());
            self.input.consume(consumed);
            if is_last {
                break;
            }
        }
        if length > LONGEST_LINE as u64 {
            self.buffer.clear();
            self.buffer.shrink_to(1 << 16);
            return Ok(Some(Line::TooLong(length)));
        }
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        Ok(Some(Line::Whole(&self.buffer)))
    }
}
