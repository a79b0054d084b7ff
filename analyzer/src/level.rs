//! The four levels and what each one needs.

use serde::{Deserialize, Serialize};

/// Level of an alert, lowest first. Not a government warning grade (docs/architecture.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 蓝 Ⅳ: the statistical test itself.
    Blue,
    /// 黄 Ⅲ
    Yellow,
    /// 橙 Ⅱ
    Orange,
    /// 红 Ⅰ
    Red,
}

/// What a level needs beside the statistical test, in plain counts of the counted span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// Observed ÷ expected posts, at least.
    pub ratio: f64,
    /// Posts in the counted span, copies included, at least.
    pub posts: u32,
    /// Source groups in the counted span, at least.
    pub sources: u32,
}

/// What each level needs; a concern may override posts, sources and ratio (`[concern.levels]`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needs {
    /// Lower bound only: blue is the statistical test.
    pub blue: Need,
    /// 黄
    pub yellow: Need,
    /// 橙
    pub orange: Need,
    /// 红
    pub red: Need,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Level; 4] = [Level::Blue, Level::Yellow, Level::Orange, Level::Red];

    /// The next higher one; `None` for red.
    pub fn next(self) -> Option<Level> {
        Level::ALL.into_iter().find(|level| *level > self)
    }
}

impl Needs {
    /// The need of one level.
    pub fn of(&self, level: Level) -> &Need {
        match level {
            Level::Blue => &self.blue,
            Level::Yellow => &self.yellow,
            Level::Orange => &self.orange,
            Level::Red => &self.red,
        }
    }
}

impl Default for Needs {
    /// The shipped numbers: they suit a city with many posts.
    fn default() -> Self {
        let need = |ratio, posts, sources| Need { ratio, posts, sources };
        Needs {
            blue: need(2.0, 5, 1),
            yellow: need(3.0, 40, 2),
            orange: need(5.0, 100, 2),
            red: need(8.0, 300, 3),
        }
    }
}
