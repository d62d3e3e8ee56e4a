//! Ranks and rank correlation.

/// Ranks from 1 on, of the smallest; equal values share the mean of theirs. NaN ranks last.
#[must_use]
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    // −0 and 0 are equal.
    while first < order.len() {
        let value = values[order[first]];
        let mut end = first + 1;
        while end < order.len()
            && values[order[end]]
                .partial_cmp(&value)
                .is_some_and(std::cmp::Ordering::is_eq)
        {
            end += 1;
        }
        for &index in &order[first..end] {
            ranks[index] = (first + 1 + end) as f64 / 2.0;
        }
        first = end;
    }
    ranks
}

/// Spearman's rank correlation of pairs, those with a NaN left out; `None` where fewer than three
/// are left or one side is constant.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let pairs = a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.map(|(a, b)| (*a, *b)).unzip();
    if a.len() < 3 {
        return None;
    }
    let (a, b) = (mid_ranks(&a), mid_ranks(&b));
    let mean = (a.len() + 1) as f64 / 2.0;
    let product = |x: &[f64], y: &[f64]| -> f64 {
        let pairs = x.iter().zip(y);
        pairs.map(|(x, y)| (x - mean) * (y - mean)).sum()
    };
    let spread = (product(&a, &a) * product(&b, &b)).sqrt();
    (spread > 0.0).then(|| product(&a, &b) / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are `scipy.stats.rankdata` and `scipy.stats.spearmanr` (`SciPy` 1.17.1) on the same
    /// numbers.
    #[test]
    fn ranks_and_correlations_are_those_of_scipy() {
        let a = [3.1, -2.0, 0.5, 0.5, 7.0, 0.0, 0.5, -2.0];
        let b = [1.0, 2.0, 2.0, 9.0, 4.0, -1.0, 0.0, 0.0];
        assert_eq!(mid_ranks(&a), [7.0, 1.5, 5.0, 5.0, 8.0, 3.0, 5.0, 1.5]);
        let found = spearman(&a, &b).unwrap();
        assert!((found - 0.422_433_591_149_862_4).abs() < 1e-12, "{found}");
        let c: Vec<f64> = (0..40).map(|i| f64::from(i * i % 23)).collect();
        let d: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 17) - 3.0).collect();
        let found = spearman(&c, &d).unwrap();
        assert!((found - 0.107_543_802_750_916_77).abs() < 1e-12, "{found}");
        let up: Vec<f64> = c.iter().map(|x| x.exp()).collect();
        assert!((spearman(&c, &up).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(spearman(&[1.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
        assert_eq!(spearman(&[1.0, f64::NAN, 2.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(mid_ranks(&[0.0, -0.0]), [1.5, 1.5]);
    }
}
