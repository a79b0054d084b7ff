//! People who write posts: always the same ones from the same seed, each wording its own.

const TITLES: &str = include_str!("../../analyzer/src/index/titles.txt");

/// A source of chance and of words.
pub(crate) struct Crowd {
    state: u64,
    titles: Vec<&'static str>,
}

impl Crowd {
    pub(crate) fn new(seed: u64) -> Crowd {
        let titles = TITLES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        Crowd { state: seed, titles }
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Something said about nothing watched for.
    pub(crate) fn chatter(&mut self) -> String {
        format!("{} {} {}", self.title(), self.title(), self.title())
    }

    /// Something said with a word in it.
    pub(crate) fn about(&mut self, word: &str) -> String {
        format!("{}，{}，{word}，{}", self.title(), self.title(), self.title())
    }

    fn title(&mut self) -> &'static str {
        let place = self.below(self.titles.len() as u64) as usize;
        self.titles[place]
    }
}
