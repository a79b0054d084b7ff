//! What decides how topics are found, with the values that `guanlan backtest --stories` was tuned with.

/// Posts a day below which a stream is slow: hot lists and a few sites.
const SLOW_STREAM: f64 = 3_000.0;

/// How topics are found.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Memory of the counts, in bytes.
    pub memory: usize,
    /// Words of a post that are paired, from its beginning.
    pub words: usize,
    /// Half-lives of the two windows, in buckets.
    pub windows: [f64; 2],
    /// Multiple of the usual that is still no news.
    pub lift: f64,
    /// Posts added to the expectation.
    pub floor: f64,
    /// Over-dispersion of a pair's count.
    pub dispersion: f64,
    /// Posts in the long window that a pair needs to be looked at.
    pub least: f64,
    /// Copies of one text that count within six hours.
    pub copies: u16,
    /// Buckets with posts before anything is a topic.
    pub learning: u32,
    /// Share of the pairs taken that may be chance.
    pub false_share: f64,
    /// Independent texts that a topic needs.
    pub voices: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            memory: 256 << 20,
            words: 14,
            windows: [3.0, 9.0],
            lift: 2.0,
            floor: 0.5,
            dispersion: 0.3,
            least: 2.5,
            copies: 2,
            learning: 72,
            false_share: 0.01,
            voices: 3,
        }
    }
}

impl Settings {
    /// Windows that fit a stream of so many posts a day: half an hour and an hour and a half, or, where a
    /// topic brings a post an hour, six hours and twelve.
    pub fn for_volume(self, posts_a_day: f64) -> Settings {
        if posts_a_day < SLOW_STREAM { Settings { windows: [36.0, 72.0], ..self } } else { self }
    }
}
