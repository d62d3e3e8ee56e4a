//! Whether a head follows the sequence or the distance: how the four parts of its logits vary.

/// Variances and covariances of the parts of a head's attention logits, summed over queries.
///
/// Each is taken over the keys of one query: what is the same for all its keys changes no weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartMoments {
    /// Queries in the sums.
    pub n: usize,
    /// Sum of the covariances of parts i and j.
    covariance: [[f64; 4]; 4],
}

impl PartMoments {
    /// Adds one query: its parts by distance, all of one length.
    pub fn add(&mut self, parts: &[Vec<f64>; 4]) {
        let keys = parts.iter().map(Vec::len).min().unwrap_or(0);
        if keys < 2 {
            return;
        }
        let means =
            [0, 1, 2, 3].map(|part: usize| parts[part][..keys].iter().sum::<f64>() / keys as f64);
        for i in 0..4 {
            for j in i..4 {
                let products = parts[i][..keys].iter().zip(&parts[j][..keys]);
                let sum: f64 = products.map(|(a, b)| (a - means[i]) * (b - means[j])).sum();
                self.covariance[i][j] += sum / keys as f64;
                if i != j {
                    self.covariance[j][i] += sum / keys as f64;
                }
            }
        }
        self.n += 1;
    }

    /// Adds the queries of `other`.
    pub fn append(&mut self, other: &Self) {
        self.n += other.n;
        for (row, more) in self.covariance.iter_mut().zip(&other.covariance) {
            for (sum, more) in row.iter_mut().zip(more) {
                *sum += more;
            }
        }
    }

    /// Mean variance of each part over the keys of a query, in squared logits.
    #[must_use]
    pub fn variances(&self) -> [f64; 4] {
        [0, 1, 2, 3].map(|part: usize| self.covariance[part][part] / self.n.max(1) as f64)
    }

    /// Mean variance of the whole logit over the keys of a query.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.covariance.iter().flatten().sum::<f64>() / self.n.max(1) as f64
    }

    /// The share of each part: its covariance with the whole logit over the variance of that.
    ///
    /// The shares sum to 1; a part that works against the others has a negative one. All are 0
    /// where the logit does not vary.
    #[must_use]
    pub fn shares(&self) -> [f64; 4] {
        let total: f64 = self.covariance.iter().flatten().sum();
        self.covariance.map(|row| {
            if total > 0.0 {
                row.iter().sum::<f64>() / total
            } else {
                0.0
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: [f64; 4], right: [f64; 4]) -> bool {
        found.iter().zip(right).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn shares_are_those_of_parts_with_known_variances() {
        let mut moments = PartMoments::default();
        // Orthogonal parts with variances 4, 1, 0 and 1, and constants that change nothing.
        moments.add(&[
            vec![12.0, 12.0, 8.0, 8.0],
            vec![1.0, -1.0, 1.0, -1.0],
            vec![7.0; 4],
            vec![1.0, -1.0, -1.0, 1.0],
        ]);
        let mut both = moments.clone();
        both.append(&moments);
        for found in [&moments, &both] {
            assert!(close(found.variances(), [4.0, 1.0, 0.0, 1.0]));
            assert!((found.total() - 6.0).abs() < 1e-12);
            let shares = found.shares();
            assert!((shares[0] - 4.0 / 6.0).abs() < 1e-12 && shares[2].abs() < 1e-12);
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        assert_eq!(both.n, 2);
    }

    #[test]
    fn a_part_that_works_against_the_others_has_a_negative_share() {
        let mut moments = PartMoments::default();
        moments.add(&[vec![3.0, -3.0], vec![-1.0, 1.0], vec![0.0; 2], vec![0.0; 2]]);
        assert!(close(moments.shares(), [1.5, -0.5, 0.0, 0.0]));
        moments = PartMoments::default();
        moments.add(&[vec![1.0], vec![2.0], vec![3.0], vec![4.0]]);
        assert!(moments.n == 0 && close(moments.shares(), [0.0; 4]));
    }
}
