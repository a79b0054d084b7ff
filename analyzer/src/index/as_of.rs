//! A state of the index that was, so that pages of one answer fit together whatever comes in between.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use tantivy::columnar::Column;
use tantivy::{DocId, SegmentReader};

/// What had come in by a moment. A search as of then finds the same posts again, whenever they are said to have been
/// published that came in since; an edit of a post that was known stays in its place, with the new words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct AsOf {
    /// The moment, in whole seconds: `时间:7天` counts from it.
    pub moment: Timestamp,
    /// The last place in the archive that was searchable.
    pub sequence: u64,
}

/// Tells the posts of one segment that came in later.
pub(super) struct Bound {
    as_of: AsOf,
    revision: Column<u64>,
    first_seen: Column<i64>,
}

impl AsOf {
    /// The present state, at that moment.
    pub(super) fn present(now: Timestamp, sequence: u64) -> AsOf {
        AsOf { moment: Timestamp::from_second(now.as_second()).unwrap_or(now), sequence }
    }
}

/// As an address carries it.
impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.moment.as_second(), self.sequence)
    }
}

/// What could not be read is no such state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl FromStr for AsOf {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<AsOf, Unreadable> {
        let (second, sequence) = text.split_once('.').ok_or(Unreadable)?;
        let second: i64 = second.parse().ok().filter(|second| *second >= 0).ok_or(Unreadable)?;
        let moment = Timestamp::from_second(second).map_err(|_| Unreadable)?;
        Ok(AsOf { moment, sequence: sequence.parse().map_err(|_| Unreadable)? })
    }
}

impl Bound {
    /// `None` where everything in the segment was there already: nearly always, as only the newest segments are not.
    pub(super) fn of(as_of: AsOf, reader: &SegmentReader) -> tantivy::Result<Option<Bound>> {
        let columns = reader.fast_fields();
        if columns.u64("sequence")?.max_value() <= as_of.sequence {
            return Ok(None);
        }
        let (revision, first_seen) = (columns.u64("revision")?, columns.i64("first_seen")?);
        Ok(Some(Bound { as_of, revision, first_seen }))
    }

    /// Whether a post was there already, perhaps with other words.
    pub(super) fn includes(&self, doc: DocId, sequence: u64) -> bool {
        if sequence <= self.as_of.sequence {
            return true;
        }
        let is_edit = self.revision.first(doc).unwrap_or_default() > 0;
        is_edit && self.first_seen.first(doc).unwrap_or(i64::MAX) <= self.as_of.moment.as_second()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_it_there_and_back() {
        let as_of = AsOf { moment: Timestamp::from_second(1_764_175_500).unwrap(), sequence: 8_812 };
        assert_eq!(as_of.to_string(), "1764175500.8812");
        assert_eq!(as_of.to_string().parse(), Ok(as_of));
        for wrong in ["", ".", "1764175500", "-5.8", "1764175500.-1", "999999999999999.1", "now.1", "1.2.3"] {
            assert_eq!(wrong.parse::<AsOf>(), Err(Unreadable), "{wrong}");
        }
    }
}
