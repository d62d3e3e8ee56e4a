//! What chance does: sums over stretches of a query when target columns are drawn from the library.

/// For a query: ln P(sum < total) of stretches of its columns, for totals from 1 on.
pub(super) struct Null {
    query_length: usize,
    /// The highest total that can be reached.
    highest: usize,
    /// `overhangs[n][total - 1]`: summed over all alignments that share fewer than `n` columns, which hang
    /// over on either side.
    overhangs: Vec<Vec<f64>>,
    /// `inside[n - 1]`: summed over all stretches of n columns, for lengths of targets and of the query.
    pub(super) inside: Vec<Option<Vec<f64>>>,
}

impl Null {
    /// `shares[column][score - lowest]` are the shares of the library's columns that score so.
    pub(super) fn new(shares: &[Vec<f64>], lowest: i32, lengths: &[usize]) -> Self {
        let query_length = shares.len();
        let steps = shares.first().map_or(0, |row| row.len() - 1);
        let below = lowest.unsigned_abs() as usize;
        let highest = query_length * (steps - below);
        let wanted = |length: usize| length == query_length || lengths.contains(&length);
        let longest_inside = (1..query_length).filter(|n| wanted(*n)).max().unwrap_or(0);
        let mut overhangs = vec![vec![0.0; highest]; query_length + 1];
        let mut inside: Vec<Option<Vec<f64>>> = (1..=query_length)
            .map(|length| wanted(length).then(|| vec![0.0; highest]))
            .collect();
        for first in 0..query_length {
            // Stretches from the first column on are overhangs too, and so are those up to the last.
            let longest = if first == 0 {
                query_length
            } else {
                longest_inside.min(query_length - first)
            };
            let mut sum = vec![1.0];
            for length in 1..=longest {
                sum = convolved(&sum, &shares[first + length - 1]);
                let logs = ln_below(&sum, length * below, highest);
                if first == 0 && length < query_length {
                    add(&mut overhangs[length + 1], &logs);
                }
                if let Some(row) = &mut inside[length - 1] {
                    add(row, &logs);
                }
            }
        }
        let mut sum = vec![1.0];
        for length in 1..query_length {
            sum = convolved(&sum, &shares[query_length - length]);
            let logs = ln_below(&sum, length * below, highest);
            add(&mut overhangs[length + 1], &logs);
        }
        for length in 1..=query_length {
            let (before, rest) = overhangs.split_at_mut(length);
            add(&mut rest[0], &before[length - 1]);
        }
        Self {
            query_length,
            highest,
            overhangs,
            inside,
        }
    }

    /// ln P(best of all offsets < `total`) for a target of `length` columns in one orientation.
    pub(super) fn ln_below(&self, total: i32, length: usize) -> f64 {
        // What an alignment without any column reaches is no achievement.
        let Some(at) = usize::try_from(total).ok().and_then(|t| t.checked_sub(1)) else {
            return f64::NEG_INFINITY;
        };
        if at >= self.highest || length == 0 {
            return 0.0;
        }
        let shared = length.min(self.query_length);
        let inside = self.inside[shared - 1].as_ref().map_or(0.0, |row| row[at]);
        let times = if length > self.query_length {
            (length - self.query_length + 1) as f64
        } else {
            1.0
        };
        // Minus infinity where a score is reached for certain; times is never 0.
        self.overhangs[shared][at] + times * inside
    }
}

/// The distribution of the sum of two independent numbers.
fn convolved(sum: &[f64], shares: &[f64]) -> Vec<f64> {
    let mut both = vec![0.0; sum.len() + shares.len() - 1];
    for (shift, &share) in shares.iter().enumerate() {
        if share > 0.0 {
            for (slot, &value) in both[shift..].iter_mut().zip(sum) {
                *slot += share * value;
            }
        }
    }
    both
}

/// ln P(sum < total) for totals 1 to `highest`, where `distribution[0]` is the sum −`below`.
///
/// Tails are summed from their thin end, so that small ones are right.
fn ln_below(distribution: &[f64], below: usize, highest: usize) -> Vec<f64> {
    let mut logs = vec![0.0; highest];
    let mut tail = 0.0_f64;
    for total in (1..distribution.len().saturating_sub(below)).rev() {
        tail += distribution[below + total];
        if let Some(slot) = logs.get_mut(total - 1) {
            *slot = (-tail.min(1.0)).ln_1p();
        }
    }
    logs
}

fn add(sums: &mut [f64], more: &[f64]) {
    for (sum, add) in sums.iter_mut().zip(more) {
        *sum += add;
    }
}
