//! Colours of levels in mails, as literals: mail programs know no variables.

use analyzer::level::Level;

/// Colours of the level bar, as literals.
pub(super) struct Palette {
    pub(super) ground: &'static str,
    pub(super) ink: &'static str,
}

/// Ground and ink of a level, chosen for contrast.
pub(super) fn palette(level: Level) -> Palette {
    let (ground, ink) = match level {
        Level::Blue => ("#1f5fb8", "#ffffff"),
        Level::Yellow => ("#f7cf2e", "#1a1600"),
        Level::Orange => ("#ef8a1f", "#1a1200"),
        Level::Red => ("#be1520", "#ffffff"),
    };
    Palette { ground, ink }
}
