//! Precision and recall on pairs of our own: the shares in docs/text.md, held from below.

use super::joined;

#[path = "../../../benches/duplicate/pairs.rs"]
mod made;

use made::{CHANGES, DIFFERENT, Dice, changed, different};

/// Share of copies that are recognised, of texts from 64 characters on.
#[test]
fn copies_are_recognised_however_they_were_made() {
    let mut dice = Dice(3);
    for kind in CHANGES {
        let (mut pairs, mut found) = (0, 0);
        for round in 0..100 {
            let text = made::post(90 + round % 3 * 70, &mut dice);
            if let Some(copy) = changed(&text, kind, &mut dice) {
                pairs += 1;
                found += usize::from(joined(&text, &copy));
            }
        }
        let least = match *kind {
            "8 characters changed" | "5 % changed" | "a sentence moved" | "cut and 2 changed" => 85,
            "5 characters changed" | "first third only" => 90,
            kind if kind.contains("changed") || kind.contains("cut") || kind.contains("half") => 95,
            _ => 100,
        };
        assert!(pairs >= 60 && found * 100 >= pairs * least, "{kind}: {found} of {pairs}");
    }
}

/// Two people's words stay two.
#[test]
fn different_texts_on_one_matter_stay_apart() {
    let mut dice = Dice(4);
    for kind in DIFFERENT {
        let wrong: Vec<(String, String)> =
            (0..150).map(|_| different(kind, &mut dice)).filter(|(one, other)| joined(one, other)).collect();
        let most = if *kind == "notices of two streets" { 2 } else { 0 };
        assert!(wrong.len() <= most, "{kind}: {wrong:#?}");
    }
}
