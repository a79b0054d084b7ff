//! The one hash function: fixed, because what was grouped yesterday must be grouped the same way after an
//! update and a restart.

/// Where every hash begins.
pub(super) const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// A fixed mixing function (the finaliser of SplitMix64).
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    let mut mixed = hash.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ value.wrapping_add(SEED);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
