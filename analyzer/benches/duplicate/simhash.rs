//! Simhash (M. Charikar, 2002) of 64 bits over pairs of characters, copies within three bits (G. Manku,
//! A. Jain, A. Das Sarma, 2007): what most would take first, as a measure.

use analyzer::normalize::normalize;

/// Whether two texts are copies of each other by simhash.
pub(crate) fn joined(one: &str, other: &str) -> bool {
    (of(one) ^ of(other)).count_ones() <= 3
}

/// The 64 bits of a text.
pub(crate) fn of(text: &str) -> u64 {
    let chars: Vec<char> = normalize(text).chars().filter(|char| char.is_alphanumeric()).collect();
    let mut weights = [0_i32; 64];
    for pair in chars.windows(2) {
        let hash = spread(u64::from(pair[0]) << 32 | u64::from(pair[1]));
        for (bit, weight) in weights.iter_mut().enumerate() {
            *weight += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    weights.iter().enumerate().fold(0, |bits, (bit, &weight)| bits | u64::from(weight > 0) << bit)
}

fn spread(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
