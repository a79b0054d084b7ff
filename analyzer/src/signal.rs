//! What the detector says of one concern at the end of one bucket: a value that mail, page and API share.

use crawler::pause::Pause;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::forecast::{Outlook, Unforeseen};
use crate::level::Level;
use crate::rarity::OnceIn;

/// Exponentially weighted window of the statistical test, named by its half-life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Half-life 30 minutes.
    HalfHour,
    /// Half-life 90 minutes.
    NinetyMinutes,
    /// Half-life 6 hours.
    SixHours,
    /// Half-life 24 hours.
    Day,
}

/// Span over which a window's posts are counted plainly: the numbers people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// The last hour, for the two fast windows.
    Hour,
    /// The last six hours.
    SixHours,
    /// The last 24 hours.
    Day,
}

/// Plain counts of the counted span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Observed {
    /// Posts, copies included.
    pub posts: u32,
    /// Of these, posts beyond the first of each near-duplicate group.
    pub copies: u32,
    /// Near-duplicate groups.
    pub voices: u32,
    /// Source groups.
    pub sources: u32,
}

/// Expected posts of the counted span with a 90 % interval (p5–p95).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct Expected {
    /// Mean.
    pub mean: f64,
    /// 5th percentile.
    pub low: f64,
    /// 95th percentile.
    pub high: f64,
}

/// Why no level is raised although something rose, or that nothing is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calm {
    /// Score below its threshold.
    Usual,
    /// The test fired, but fewer voices than the concern needs.
    FewVoices,
    /// One group of copies brings more than 60 % of the posts.
    OneVoice,
    /// One feed brings more than 60 % where three or more are usual.
    OneSource,
    /// Fewer posts, sources or a smaller ratio than blue needs.
    BelowNeed,
    /// Less than 12 hours of history.
    Learning,
    /// Too little of the usual sources was covered: windows are frozen.
    Gap,
}

/// State of one source at the time of a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceState {
    /// Source id.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Minutes since it was last seen working, if later than due, or since its first failed visit if it never
    /// worked; `None` when in time, or not yet visited.
    pub late_minutes: Option<u32>,
    /// Told to rest by somebody, which is no lateness. Whoever knows of pauses fills it in.
    #[serde(default)]
    pub pause: Option<Pause>,
}

/// The detector's word on one concern at the end of one bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Concern id.
    pub concern: String,
    /// End of the bucket judged, UTC.
    pub at: Timestamp,
    /// Level that the counts justify now, before any hold; the reason when there is none.
    pub level: Result<Level, Calm>,
    /// −log₁₀ tail of the deciding window ÷ its threshold; at least 1 means the test fired.
    pub score: f64,
    /// Window that decided.
    pub window: Window,
    /// Span of the plain counts below.
    pub span: Span,
    /// Plain counts of that span.
    pub observed: Observed,
    /// What was expected there, posts.
    pub expected: Expected,
    /// Observed ÷ expected posts.
    pub ratio: f64,
    /// When the rise began, if there is one.
    pub onset: Option<Timestamp>,
    /// Observed posts inside the band (≤ p95) and score under half its threshold.
    pub in_band: bool,
    /// Share of the concern's usual volume whose sources were covered, 0–1.
    pub coverage: f64,
    /// "By chance about once in N weeks", where the test fired and calibration knows it.
    pub once_in_weeks: Option<OnceIn>,
    /// How it will go on, or why nobody can say.
    #[serde(default = "unforeseen")]
    pub forecast: Outlook,
}

/// Signals kept by earlier versions hold no forecast.
fn unforeseen() -> Outlook {
    Err(Unforeseen::default())
}
