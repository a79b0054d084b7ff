//! The one hash function: fixed, because what was grouped or counted yesterday must mean the same after an
//! update and a restart.

/// Where every hash begins.
pub(crate) const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// A fixed mixing function (the finaliser of SplitMix64).
pub(crate) fn mix(hash: u64, value: u64) -> u64 {
    let mut mixed = hash.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ value.wrapping_add(SEED);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The number of a text (FNV-1a); mix it before its bits are used by themselves.
pub(crate) fn of_text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
