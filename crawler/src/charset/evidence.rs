//! What bytes tell of their charset, where a declaration is missing or cannot be true.

use encoding_rs::{BIG5, Encoding, GB18030, GBK, WINDOWS_1252};

use super::Decoded;

/// So much tells as much as the whole.
const CHARACTERS_AT_MOST: usize = 4_000;

/// The characters of which Chinese prose is made for more than a quarter, simplified and traditional.
const COMMON: &str = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里\
    后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长月新市部民分政\
    這來國個說們為時過學對裡後麼沒還發當無開經見動兩長會與將業區報據請問間關";

/// How sure it is that this is Chinese: the share of common characters among what is not ASCII.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chinese {
    pub(super) hanzi: usize,
    pub(super) common: usize,
    others: usize,
}

impl Chinese {
    pub(super) fn of(text: &str) -> Chinese {
        let mut chinese = Chinese::default();
        for c in text.chars().filter(|c| !c.is_ascii()).take(CHARACTERS_AT_MOST) {
            match c {
                '\u{4e00}'..='\u{9fff}' => {
                    chinese.hanzi += 1;
                    chinese.common += usize::from(COMMON.contains(c));
                }
                '\u{3000}'..='\u{303f}'
                | '\u{ff00}'..='\u{ff5e}'
                | '\u{2010}'..='\u{2026}'
                | '\u{a0}'
                | '·' => {}
                _ => chinese.others += 1,
            }
        }
        chinese
    }

    /// From 0 to 1; what is no Chinese character counts against it.
    pub(super) fn share(self) -> f64 {
        let all = self.hanzi + 2 * self.others;
        if all == 0 { 0.0 } else { self.common as f64 / all as f64 }
    }
}

/// The pairs of bytes beyond ASCII that are characters, and those among them that belong to the frequent
/// part of a charset's table. Marks, which stand in the same rows of both, prove nothing.
fn frequent(body: &[u8], is_frequent: fn(u8, u8) -> bool) -> (usize, usize) {
    let (mut pairs, mut found) = (0, 0);
    let mut bytes = body.iter().copied();
    while let Some(lead) = bytes.next().filter(|_| pairs < CHARACTERS_AT_MOST) {
        if lead <= 0x80 {
            continue;
        }
        let trail = bytes.next().unwrap_or_default();
        if !matches!(lead, 0xa1..=0xa3) {
            pairs += 1;
            found += usize::from(is_frequent(lead, trail));
        }
    }
    (pairs, found)
}

/// The 3,755 characters of level 1 of GB 2312.
fn is_frequent_in_gbk(lead: u8, trail: u8) -> bool {
    matches!((lead, trail), (0xb0..=0xd7, 0xa1..))
}

/// The 5,401 characters of level 1 of Big5.
fn is_frequent_in_big5(lead: u8, trail: u8) -> bool {
    matches!((lead, trail), (0xa4..=0xc5, 0x40..=0x7e | 0xa1..) | (0xc6, 0x40..=0x7e))
}

/// Whether what is valid as UTF-8 too, and of which nothing is said, is GBK: a short title such as 停水通知,
/// whose characters are all frequent ones, while UTF-8 makes a medley of alphabets and accents of it.
pub(super) fn is_gbk_rather_than_utf8(body: &[u8]) -> bool {
    let (pairs, found) = frequent(body, is_frequent_in_gbk);
    pairs > 1 && pairs == found && std::str::from_utf8(body).is_ok_and(|text| !is_of_one_alphabet(text))
}

/// Latin letters beyond ASCII stand alone among others; those of another alphabet stand together.
fn is_of_one_alphabet(text: &str) -> bool {
    let is_latin = |c: char| c <= '\u{24f}';
    let alphabets = [
        '\u{386}'..='\u{3ff}',
        '\u{400}'..='\u{52f}',
        '\u{530}'..='\u{58f}',
        '\u{5d0}'..='\u{5ea}',
        '\u{600}'..='\u{6ff}',
    ];
    let mut runs = text.split(|c: char| c.is_ascii()).filter(|run| !run.is_empty());
    let is_accents = runs.clone().all(|run| run.chars().all(is_latin) && run.chars().count() <= 2);
    let is_of = |alphabet: &std::ops::RangeInclusive<char>| {
        runs.clone().all(|run| run.chars().all(|c| c <= '\u{bf}' || alphabet.contains(&c)))
    };
    is_accents || alphabets.iter().any(is_of) && runs.next().is_some()
}

/// GB18030 or Big5: the one that makes better Chinese. The two read each other's bytes without complaint,
/// so the one that was `named` is left only for clearly better.
pub(super) fn better_chinese(body: &[u8], named: Option<Decoded>) -> Decoded {
    let simplified = |named: &Option<Decoded>| match named {
        Some(named) if named.encoding == GBK || named.encoding == GB18030 => named.clone(),
        _ => super::read(body, GBK),
    };
    let traditional = |named: &Option<Decoded>| match named {
        Some(named) if named.encoding == BIG5 => named.clone(),
        _ => super::read(body, BIG5),
    };
    let (simplified, traditional) = (simplified(&named), traditional(&named));
    let worth = |decoded: &Decoded, (pairs, found): (usize, usize)| {
        let chinese = Chinese::of(&decoded.text);
        let bad = decoded.unreadable as f64 / (1 + chinese.hanzi) as f64;
        chinese.share() + found as f64 / pairs.max(1) as f64 - 2.0 * bad
    };
    let in_big5 = frequent(body, is_frequent_in_big5);
    let ahead = worth(&traditional, in_big5) - worth(&simplified, frequent(body, is_frequent_in_gbk));
    let takes_traditional = match named.map(|named| named.encoding == BIG5) {
        // Two characters prove nothing against a name.
        Some(is_traditional) if in_big5.0 < 3 => is_traditional,
        Some(true) => ahead > -0.1,
        Some(false) => ahead > 0.25,
        None => ahead > 0.0,
    };
    if takes_traditional { traditional } else { simplified }
}

/// Whether bytes beyond ASCII come in pairs, as they do in Chinese charsets and not in alphabets.
pub(super) fn comes_in_pairs(body: &[u8]) -> bool {
    let runs = body.split(u8::is_ascii).map(<[u8]>::len).filter(|length| *length > 0);
    let (mut even, mut odd) = (0_usize, 0_usize);
    for length in runs.take(CHARACTERS_AT_MOST) {
        if length % 2 == 0 { even += 1 } else { odd += 1 }
    }
    even > 0 && odd * 3 <= even
}

/// Whether Chinese stands under the name of an alphabet's charset. Western ones are what servers say who
/// have not been told; of others it takes more to be sure.
pub(super) fn is_chinese_under(body: &[u8], named: &'static Encoding, guess: &'static Encoding) -> bool {
    let is_western = [WINDOWS_1252, encoding_rs::ISO_8859_15, encoding_rs::ISO_8859_2].contains(&named);
    if is_western && (guess == GBK || guess == BIG5) && comes_in_pairs(body) {
        return true;
    }
    let text = better_chinese(body, None);
    let chinese = Chinese::of(&text.text);
    let least = if is_western { 4 } else { 16 };
    text.unreadable == 0 && chinese.hanzi >= least && chinese.share() > 0.15
}
