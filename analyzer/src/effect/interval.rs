//! Intervals of small numbers: shares, their change, ratios of counts, and how fast a count falls.
//!
//! All are at 95 %. Pure arithmetic: knows nothing of posts.

use serde::{Deserialize, Serialize};

/// Standard normal quantile of 97.5 %.
const Z: f64 = 1.959_964;
/// Added to both counts of a ratio, so that nought has one (Haldane, Anscombe).
const HALF: f64 = 0.5;

/// A figure between two bounds that hold it nineteen times in twenty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The figure.
    pub value: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// What was counted in one half of a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Half {
    /// Posts counted.
    pub posts: f64,
    /// Posts that are usual then.
    pub usual: f64,
}

impl Interval {
    /// Whether the whole interval lies under a value.
    pub fn is_under(&self, bar: f64) -> bool {
        self.high < bar
    }

    /// Whether the whole interval lies over a value.
    pub fn is_over(&self, bar: f64) -> bool {
        self.low > bar
    }
}

/// `hits` of `all`, with Wilson's interval; `None` of nothing.
pub fn share(hits: u32, all: u32) -> Option<Interval> {
    if all == 0 {
        return None;
    }
    let (all, value) = (f64::from(all), f64::from(hits.min(all)) / f64::from(all));
    let spread = Z * Z / all;
    let middle = (value + spread / 2.0) / (1.0 + spread);
    let reach = Z * (value * (1.0 - value) / all + spread / (4.0 * all)).sqrt() / (1.0 + spread);
    Some(Interval { value, low: (middle - reach).max(0.0), high: (middle + reach).min(1.0) })
}

/// How much a share has changed, after less before, with Newcombe's interval of two independent shares.
pub fn change(before: Interval, after: Interval) -> Interval {
    let value = after.value - before.value;
    let down = (after.value - after.low).hypot(before.high - before.value);
    let up = (after.high - after.value).hypot(before.value - before.low);
    Interval { value, low: value - down, high: value + up }
}

/// Count after ÷ count before, where counts scatter as negative binomials do: variance mean + dispersion × mean².
pub fn ratio(before: u32, after: u32, dispersion: f64) -> Interval {
    let (before, after) = (f64::from(before) + HALF, f64::from(after) + HALF);
    let reach = Z * (1.0 / before + 1.0 / after + 2.0 * dispersion.max(0.0)).sqrt();
    let value = after / before;
    Interval { value, low: value * (-reach).exp(), high: value * reach.exp() }
}

/// How fast posts above the usual grow per hour, as a logarithm: under nought they fall. Of an exponential course
/// the two halves of a time tell it exactly; `hours` is the length of each.
pub fn growth(first: Half, second: Half, hours: f64, dispersion: f64) -> Interval {
    let log_and_spread = |half: Half| {
        let above = (half.posts - half.usual).max(HALF);
        let variance = half.posts.max(1.0) + dispersion.max(0.0) * half.posts * half.posts;
        (above.ln(), variance / (above * above))
    };
    let ((first, first_spread), (second, second_spread)) = (log_and_spread(first), log_and_spread(second));
    let value = (second - first) / hours;
    let reach = Z * (first_spread + second_spread).sqrt() / hours;
    Interval { value, low: value - reach, high: value + reach }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) -> bool {
        (found - wanted).abs() < 5e-4
    }

    #[test]
    fn a_share_has_wilsons_interval() {
        // Newcombe 1998, table I: 81 of 263 and 15 of 148.
        let found = share(81, 263).unwrap();
        assert!(close(found.low, 0.2553) && close(found.high, 0.3662), "{found:?}");
        let found = share(15, 148).unwrap();
        assert!(close(found.low, 0.0624) && close(found.high, 0.1605), "{found:?}");
        assert!(share(0, 20).unwrap().low == 0.0 && close(share(0, 20).unwrap().high, 0.1611));
        assert_eq!(share(0, 0), None);
    }

    #[test]
    fn the_change_of_a_share_has_newcombes_interval() {
        // Newcombe 1998 (interval estimation for the difference), method 10: 56/70 less 48/80.
        let found = change(share(48, 80).unwrap(), share(56, 70).unwrap());
        assert!(
            close(found.value, 0.2) && close(found.low, 0.0524) && close(found.high, 0.3339),
            "{found:?}"
        );
    }

    #[test]
    fn a_ratio_of_few_posts_says_little_and_one_of_many_much() {
        let (few, many) = (ratio(5, 3, 0.0), ratio(500, 300, 0.0));
        assert!(few.low < 1.0 && few.high > 1.0, "{few:?}");
        assert!(many.is_under(0.7) && many.is_over(0.5), "{many:?}");
        // Restless counts say less.
        assert!(ratio(500, 300, 0.2).high > 1.0);
        assert!(ratio(0, 0, 0.0).value == 1.0);
    }

    #[test]
    fn an_exponential_course_is_told_exactly() {
        // 100 an hour, halved every two hours, over 10 usual ones an hour; each half three hours.
        let rate = 2f64.ln() / 2.0;
        let above = |from: f64, to: f64| 100.0 / rate * ((-rate * from).exp() - (-rate * to).exp());
        let half = |from: f64, to: f64| Half { posts: above(from, to) + 30.0, usual: 30.0 };
        let found = growth(half(0.0, 3.0), half(3.0, 6.0), 3.0, 0.0);
        assert!((found.value + rate).abs() < 1e-9 && found.is_under(0.0), "{found:?}");
        // What is back at the usual fell fast, nobody knows how fast.
        let gone = growth(half(0.0, 3.0), Half { posts: 28.0, usual: 30.0 }, 3.0, 0.0);
        assert!(gone.value < found.value && gone.high - gone.low > found.high - found.low, "{gone:?}");
    }
}
