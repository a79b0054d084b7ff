//! The stories compiled into the program, each with the two configuration files it is run with.

/// The story of 青岚市, an invented town.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Qinglan {
    /// Scenario file.
    pub(crate) scenario: &'static str,
    /// The administrator's file.
    pub(crate) guanlan: &'static str,
    /// The clerk's file.
    pub(crate) concerns: &'static str,
}

/// Real titles of two hot lists, December 2020 to February 2021.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hotlists {
    /// Posts: import format (JSONL), zstd.
    pub(crate) posts: &'static [u8],
    /// Moments at which a board was really recorded (JSONL), zstd.
    pub(crate) heartbeats: &'static [u8],
    /// The administrator's file.
    pub(crate) guanlan: &'static str,
    /// The clerk's file.
    pub(crate) concerns: &'static str,
    /// Where the titles come from and under which licence.
    pub(crate) notice: &'static str,
}

/// The story of 青岚市.
pub(crate) const QINGLAN: Qinglan = Qinglan {
    scenario: include_str!("data/qinglan/scenario.toml"),
    guanlan: include_str!("data/qinglan/guanlan.toml"),
    concerns: include_str!("data/qinglan/concerns.toml"),
};

/// The two hot lists.
pub(crate) const HOTLISTS: Hotlists = Hotlists {
    posts: include_bytes!("data/hotlists/posts.jsonl.zst"),
    heartbeats: include_bytes!("data/hotlists/heartbeats.jsonl.zst"),
    guanlan: include_str!("data/hotlists/guanlan.toml"),
    concerns: include_str!("data/hotlists/concerns.toml"),
    notice: include_str!("data/NOTICE"),
};

/// Drills: word on the command line, what it is about, scenario file.
pub(crate) const DRILLS: [(&str, [&str; 2], &str); 4] = [
    ("data", ["数据公布", "data disclosure"], include_str!("data/drills/data.toml")),
    (
        "returnees",
        ["返岚人员政策", "rules for returning residents"],
        include_str!("data/drills/returnees.toml"),
    ),
    ("water", ["供水水质", "water supply"], include_str!("data/drills/water.toml")),
    ("school", ["学校停课", "schools closing"], include_str!("data/drills/school.toml")),
];

/// The clerk's file of the drills.
pub(crate) const DRILL_CONCERNS: &str = include_str!("data/drills/concerns.toml");
