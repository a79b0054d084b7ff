//! The levels that concerns stood at, as an address carries them: whoever turns the page of a search for `级别:橙`
//! goes on with the concerns that stood there when the first page was made.

use analyzer::level::Level;

/// No concern stood at any level.
const NONE: &str = "0";

/// A letter for the level and the id in hexadecimal digits, so that it passes anywhere unchanged.
pub(crate) fn written(levels: &[(String, Level)]) -> String {
    let one = |(id, level): &(String, Level)| {
        let id: String = id.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("{}{id}", letter(*level))
    };
    match levels {
        [] => NONE.to_owned(),
        levels => levels.iter().map(one).collect::<Vec<_>>().join("~"),
    }
}

/// What was written; `None` if that cannot be read.
pub(crate) fn read(text: &str) -> Option<Vec<(String, Level)>> {
    if text == NONE {
        return Some(Vec::new());
    }
    let one = |text: &str| {
        let level = Level::ALL.into_iter().find(|level| text.starts_with(letter(*level)))?;
        Some((id(text.get(1..)?)?, level))
    };
    text.split('~').map(one).collect()
}

fn id(digits: &str) -> Option<String> {
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(pair).collect();
    String::from_utf8(bytes?).ok()
}

fn letter(level: Level) -> char {
    match level {
        Level::Blue => 'b',
        Level::Yellow => 'y',
        Level::Orange => 'o',
        Level::Red => 'r',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_them_there_and_back() {
        let levels = vec![("water".to_owned(), Level::Orange), ("供水~0".to_owned(), Level::Blue)];
        assert_eq!(written(&levels), "o7761746572~be4be9be6b0b47e30");
        assert_eq!(read(&written(&levels)), Some(levels));
        assert_eq!(read(&written(&[])), Some(Vec::new()));
        for wrong in ["", "x77", "o7", "oz1", "o77~", "o-1", "o中文", "oe4"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
