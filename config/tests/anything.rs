//! Whatever the files hold, reading them ends with a report and mending them ends at once.

use std::collections::BTreeMap;

use alerts::message::Language;
use config::{File, mend, read};
use proptest::prelude::*;

fn survive(bytes: &[u8]) {
    let variables =
        BTreeMap::from([("GUANLAN_SITE__ORG".to_owned(), String::from_utf8_lossy(bytes).into_owned())]);
    let file = |name: &str| File { name: name.to_owned(), bytes: bytes.to_vec() };
    let report = read(Some(&file("guanlan.toml")), Some(&file("concerns.toml")), &variables).report;
    report.draw(Language::Chinese);
    report.draw(Language::English);
    if let Some((mended, changes)) = mend(bytes) {
        assert!(!changes.is_empty());
        assert_eq!(mend(mended.as_bytes()), None);
    }
}

/// A shipped file with some pieces cut out or put in.
fn damaged() -> impl Strategy<Value = String> {
    let file = prop::sample::select(vec![config::EXAMPLE, config::FIRST_CONCERNS, config::DEFAULTS]);
    let piece = prop::sample::select(vec![
        "\"", "“", "”", "[", "]", "[[", "{", "}", "，", "＝", "=", "\n", "\r", "'''", "\"\"\"", "\\", "#",
        "１", "：", "a", ".", "\u{a0}", "\u{feff}", "𠮷", "\0",
    ]);
    (file, prop::collection::vec((any::<prop::sample::Index>(), piece, 0_usize..12), 1..8)).prop_map(
        |(file, edits)| {
            let mut characters: Vec<char> = file.chars().collect();
            for (index, piece, cut) in edits {
                let at = index.index(characters.len() + 1);
                let end = (at + cut).min(characters.len());
                characters.splice(at..end, piece.chars());
            }
            characters.into_iter().collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    #[test]
    fn random_text(text in "[\\PC\n]{0,200}") {
        survive(text.as_bytes());
    }

    #[test]
    fn damaged_files(text in damaged()) {
        survive(text.as_bytes());
    }
}
