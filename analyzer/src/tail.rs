//! Tails and quantiles of the negative binomial, in logarithms so that even absurd tails stay finite.
//!
//! Pure arithmetic: knows nothing of posts.

use statrs::function::gamma::ln_gamma;

/// Steps after which the continued fraction is cut; it converges in some thirty.
const STEPS: i32 = 500;
const TINY: f64 = 1e-300;

/// A negative binomial by its mean and its relative over-dispersion: variance = mean + dispersion × mean².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomial {
    /// Expected value.
    pub mean: f64,
    /// Variance beyond Poisson, relative to the squared mean.
    pub dispersion: f64,
}

impl NegativeBinomial {
    /// −log₁₀ of the probability of `count` or more. `count` need not be whole: windows weigh their posts.
    pub fn minus_log10_tail(self, count: f64) -> f64 {
        if count <= 0.0 {
            return 0.0;
        }
        let (mean, size) = (self.mean.max(1e-9), 1.0 / self.dispersion.max(1e-6));
        let p = mean / (mean + size);
        let log_front = ln_gamma(count + size) - ln_gamma(count) - ln_gamma(size)
            + count * p.ln()
            + size * (size / (mean + size)).ln();
        if p < (count + 1.0) / (count + size + 2.0) {
            let log_tail = log_front + (continued_fraction(count, size, p) / count).max(TINY).ln();
            return (-log_tail / std::f64::consts::LN_10).max(0.0);
        }
        let below = log_front.exp() * continued_fraction(size, count, 1.0 - p) / size;
        (-(1.0 - below).max(TINY).log10()).max(0.0)
    }

    /// Smallest whole count that at least `share` of the distribution does not exceed.
    pub fn quantile(self, share: f64) -> f64 {
        let (mean, size) = (self.mean.max(0.0), 1.0 / self.dispersion.max(1e-6));
        if mean < 1e-9 {
            return 0.0;
        }
        if mean > 2000.0 {
            return self.gamma_quantile(share);
        }
        let p = mean / (mean + size);
        let mut log_probability = size * (size / (mean + size)).ln();
        let mut below = 0.0;
        let mut count = 0.0;
        // The bound ends the walk where rounding keeps the sum under `share` for ever.
        while count < 100.0 * (mean + 10.0) {
            below += log_probability.exp();
            if below >= share {
                break;
            }
            log_probability += ((count + size) / (count + 1.0)).ln() + p.ln();
            count += 1.0;
        }
        count
    }

    /// For large means a gamma of the same mean and variance, by the cube-root normal approximation.
    fn gamma_quantile(self, share: f64) -> f64 {
        let shape = self.mean * self.mean / (self.mean + self.dispersion * self.mean * self.mean);
        let z = std::f64::consts::SQRT_2 * statrs::function::erf::erf_inv(2.0 * share - 1.0);
        let ninth = 1.0 / (9.0 * shape);
        (self.mean * (1.0 - ninth + z * ninth.sqrt()).max(0.0).powi(3)).round()
    }
}

/// Continued fraction of the incomplete beta function, evaluated from the front (Lentz).
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-12 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tail by summing probabilities from the far end.
    fn summed(distribution: NegativeBinomial, count: u32) -> f64 {
        let size = 1.0 / distribution.dispersion;
        let p = distribution.mean / (distribution.mean + size);
        let mut log_probability = size * (1.0 - p).ln();
        let mut logs = Vec::new();
        for n in 0..20_000 {
            logs.push(log_probability);
            let n = f64::from(n);
            log_probability += ((n + size) / (n + 1.0)).ln() + p.ln();
        }
        let tail: f64 = logs.iter().skip(count as usize).rev().map(|log| log.exp()).sum();
        -tail.log10()
    }

    #[test]
    fn tails_agree_with_the_sum_of_probabilities() {
        for (mean, dispersion) in [(0.3, 3.0), (1.0, 0.15), (8.0, 0.05), (40.0, 0.5), (300.0, 0.1)] {
            let distribution = NegativeBinomial { mean, dispersion };
            for count in [1, 2, 5, 20, 100, 600] {
                let (found, expected) =
                    (distribution.minus_log10_tail(f64::from(count)), summed(distribution, count));
                if expected < 300.0 {
                    assert!(
                        (found - expected).abs() < 1e-6 * (1.0 + expected),
                        "{mean} {dispersion} {count}: {found} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn absurd_tails_stay_finite_and_ordered() {
        let distribution = NegativeBinomial { mean: 10.0, dispersion: 0.02 };
        let scores: Vec<f64> = [1e3, 1e4, 1e5, 1e6].map(|count| distribution.minus_log10_tail(count)).into();
        assert!(scores.iter().all(|score| score.is_finite()), "{scores:?}");
        assert!(scores.windows(2).all(|pair| pair[0] < pair[1]), "{scores:?}");
    }

    #[test]
    fn quantiles_hold_the_share_they_name() {
        for mean in [0.05, 1.0, 41.0, 1900.0, 2100.0] {
            let distribution = NegativeBinomial { mean, dispersion: 0.1 };
            let high = distribution.quantile(0.95);
            let above = 10f64.powf(-distribution.minus_log10_tail(high + 1.0));
            assert!(above <= 0.0525, "{mean}: {high} {above}");
            let low = distribution.quantile(0.05);
            assert!(low <= mean && mean <= high.max(1.0), "{mean}: {low} {high}");
        }
    }
}
