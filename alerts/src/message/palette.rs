//! Colours of levels in mails, as literals: mail programs know no variables.

use analyzer::level::Level;

use crate::format;

/// Colours of the level bar, as literals.
pub(super) struct Palette {
    pub(super) ground: &'static str,
    pub(super) ink: &'static str,
}

/// Ground and ink of a level, chosen for contrast.
pub(super) fn palette(level: Level) -> Palette {
    let ink = match level {
        Level::Blue | Level::Red => "#ffffff",
        Level::Yellow => "#1a1600",
        Level::Orange => "#1a1200",
    };
    Palette { ground: format::level_ground(level), ink }
}
