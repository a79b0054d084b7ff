//! The posts of the last hour by their words, in bounded memory: what pairs are grouped by.

use std::collections::{HashMap, HashSet, VecDeque};

use crawler::post::Voice;

use super::words::{Mixing, Pair, Word};

/// Buckets that are looked at: an hour and a half.
pub(super) const REACH: i64 = 9;

/// One post, without its text.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its number in the store.
    pub number: u64,
    /// Its near-duplicate group.
    pub voice: Voice,
    /// Number of its source group.
    pub source: u32,
    /// Its bucket.
    pub bucket: i64,
    words: u8,
    /// Where its words begin, counted from the first post ever.
    first: u64,
}

impl Heard {
    /// How many words it has.
    pub fn length(&self) -> u8 {
        self.words
    }
}

/// The posts, oldest first.
#[derive(Clone, Debug)]
pub struct Recent {
    posts: VecDeque<Heard>,
    words: VecDeque<Word>,
    /// Posts that have left: the place of the first one that is here. Their words likewise.
    left: u64,
    words_left: u64,
    bytes: usize,
}

impl Recent {
    /// Room for posts of so many bytes.
    pub fn new(bytes: usize) -> Recent {
        Recent { posts: VecDeque::new(), words: VecDeque::new(), left: 0, words_left: 0, bytes }
    }

    /// Takes a post in; the oldest leave when they are out of reach or there is no room.
    pub fn push(&mut self, (number, voice, source): (u64, Voice, u32), bucket: i64, words: &[Word]) {
        let count = u8::try_from(words.len()).unwrap_or(u8::MAX);
        // Buckets only rise, so that those since one are found at once.
        let bucket = self.posts.back().map_or(bucket, |newest| newest.bucket.max(bucket));
        let first = self.words_left + self.words.len() as u64;
        make_room(&mut self.posts, 1);
        make_room(&mut self.words, usize::from(count));
        self.posts.push_back(Heard { number, voice, source, bucket, words: count, first });
        self.words.extend(words.iter().take(usize::from(count)));
        let is_over = |recent: &Recent| recent.size() > recent.bytes;
        let is_old = |recent: &Recent| recent.posts.front().is_some_and(|post| post.bucket <= bucket - REACH);
        while self.posts.len() > 1 && (is_over(self) || is_old(self)) {
            self.leave();
        }
    }

    /// The post at a place that [`Recent::with`] told.
    pub fn post(&self, place: u64) -> Option<&Heard> {
        self.posts.get(usize::try_from(place.checked_sub(self.left)?).ok()?)
    }

    /// Words of the post at a place.
    pub fn words(&self, place: u64) -> impl Iterator<Item = Word> {
        let post = self.post(place);
        let first = post.and_then(|post| usize::try_from(post.first.checked_sub(self.words_left)?).ok());
        let count = post.map_or(0, |post| usize::from(post.words));
        self.words.iter().skip(first.unwrap_or(usize::MAX)).take(count).copied()
    }

    /// For each pair the places of the posts since `from` that have both words, in order of time.
    pub fn with(&self, pairs: &[Pair], from: i64) -> Vec<Vec<u64>> {
        let numbers: HashMap<Pair, usize, Mixing> =
            pairs.iter().enumerate().map(|(number, pair)| (*pair, number)).collect();
        let mut places = vec![Vec::new(); pairs.len()];
        self.each_hot(pairs, from, |place, words| {
            for (nth, one) in words.iter().enumerate() {
                for other in words.get(nth..).unwrap_or_default() {
                    let number = numbers.get(&Pair::of(*one, *other));
                    if let Some(list) = number.and_then(|number| places.get_mut(*number)) {
                        list.push(place);
                    }
                }
            }
        });
        places
    }

    /// Calls `each` with every post since `from` that has words of these pairs, and with those words.
    fn each_hot(&self, pairs: &[Pair], from: i64, mut each: impl FnMut(u64, &[Word])) {
        let hot: HashSet<Word, Mixing> = pairs.iter().flat_map(|pair| pair.words()).collect();
        let sieve = Sieve::of(&hot);
        let earlier = self.posts.partition_point(|post| post.bucket < from);
        let Some(first) = self.posts.get(earlier) else { return };
        let passed = usize::try_from(first.first.saturating_sub(self.words_left)).unwrap_or(usize::MAX);
        let mut words = self.words.iter().skip(passed).copied();
        let mut found = Vec::new();
        for (place, post) in (self.left..).zip(&self.posts).skip(earlier) {
            let own = words.by_ref().take(usize::from(post.words));
            found.clear();
            found.extend(own.filter(|word| sieve.may_have(*word) && hot.contains(word)));
            if !found.is_empty() {
                each(place, &found);
            }
        }
    }

    fn leave(&mut self) {
        if let Some(post) = self.posts.pop_front() {
            self.words.drain(..usize::from(post.words).min(self.words.len()));
            self.left += 1;
            self.words_left += u64::from(post.words);
        }
    }

    fn size(&self) -> usize {
        self.posts.len() * size_of::<Heard>() + self.words.len() * size_of::<Word>()
    }
}

/// Grows by an eighth, not to the double: the posts of a busy stream are a good part of all memory.
fn make_room<T>(queue: &mut VecDeque<T>, more: usize) {
    if queue.len() + more > queue.capacity() {
        queue.reserve_exact(more.max(queue.len() / 8));
    }
}

/// Says quickly that a word is none of a set.
struct Sieve {
    bits: Vec<u64>,
}

impl Sieve {
    fn of(words: &HashSet<Word, Mixing>) -> Sieve {
        let mut sieve = Sieve { bits: vec![0; 1024] };
        for word in words {
            if let Some(bits) = sieve.bits.get_mut(word.0 as usize >> 6 & 1023) {
                *bits |= 1 << (word.0 & 63);
            }
        }
        sieve
    }

    fn may_have(&self, word: Word) -> bool {
        self.bits.get(word.0 as usize >> 6 & 1023).is_some_and(|bits| bits >> (word.0 & 63) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').map(Word::of).collect()
    }

    #[test]
    fn posts_are_found_by_pairs_of_words_and_leave_after_an_hour_and_a_half() {
        let mut recent = Recent::new(1 << 16);
        recent.push((1, Voice(1), 0), 0, &words("返京 隔离"));
        recent.push((2, Voice(2), 0), 5, &words("返京 核酸 隔离"));
        recent.push((3, Voice(3), 0), 8, &words("返京 天气"));
        let pairs =
            [Pair::of(Word::of("隔离"), Word::of("返京")), Pair::of(Word::of("天气"), Word::of("天气"))];
        assert_eq!(recent.with(&pairs, 0), [vec![0, 1], vec![2]]);
        assert_eq!(recent.with(&pairs, 1), [vec![1], vec![2]]);
        recent.push((4, Voice(4), 0), 9, &words("隔离 返京"));
        assert_eq!(recent.with(&pairs, 0), [vec![1, 3], vec![2]]);
        assert_eq!(recent.post(3).map(|post| post.number), Some(4));
        assert!(recent.post(0).is_none());
        // One that is taken in again after a restart, out of its order.
        recent.push((5, Voice(5), 0), 7, &words("隔离 返京"));
        assert_eq!(recent.with(&pairs, 9), [vec![3, 4], vec![]]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut recent = Recent::new(4_096);
        (0..10_000).for_each(|number| recent.push((number, Voice(number), 0), 0, &words("一 二 三 四")));
        assert!(recent.size() <= 4_096, "{}", recent.size());
        assert_eq!(recent.post(9_999).map(|post| post.number), Some(9_999));
    }
}
