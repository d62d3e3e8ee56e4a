//! The best one-to-one matching of two sets (the Hungarian method with potentials, Kuhn 1955).

/// For each row the column that it is matched with, so that the sum of `values` is largest.
///
/// `values` is `[row, column]`; where there are fewer columns than rows some rows stay without.
/// Values that are not finite count as 0.
#[must_use]
pub fn best_assignment(values: &[Vec<f64>]) -> Vec<Option<usize>> {
    let rows = values.len();
    let columns = values.iter().map(Vec::len).max().unwrap_or(0);
    let size = rows.max(columns);
    let cost = |row: usize, column: usize| -> f64 {
        let value = values.get(row).and_then(|row| row.get(column));
        -value.copied().filter(|v| v.is_finite()).unwrap_or(0.0)
    };
    // Rows and columns are counted from 1; 0 is where a path begins.
    let mut row_of = vec![0_usize; size + 1];
    let (mut row_potential, mut column_potential) = (vec![0.0; size + 1], vec![0.0; size + 1]);
    for row in 1..=size {
        row_of[0] = row;
        let mut column = 0;
        let mut least = vec![f64::INFINITY; size + 1];
        let mut before = vec![0; size + 1];
        let mut done = vec![false; size + 1];
        while row_of[column] != 0 {
            done[column] = true;
            let here = row_of[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in (1..=size).filter(|&other| !done[other]) {
                let slack =
                    cost(here - 1, other - 1) - row_potential[here] - column_potential[other];
                if slack < least[other] {
                    least[other] = slack;
                    before[other] = column;
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=size {
                if done[other] {
                    row_potential[row_of[other]] += step;
                    column_potential[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[before[column]];
            column = before[column];
        }
    }
    let mut matched = vec![None; rows];
    for (column, &row) in row_of.iter().enumerate().skip(1) {
        if (1..=rows).contains(&row) && column <= columns {
            matched[row - 1] = Some(column - 1);
        }
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(values: &[Vec<f64>], matched: &[Option<usize>]) -> f64 {
        let pairs = values.iter().zip(matched);
        pairs
            .filter_map(|(row, column)| column.map(|column| row[column]))
            .sum()
    }

    /// The largest sum over all ways to match, one row after another.
    fn brute(values: &[Vec<f64>], row: usize, taken: &mut Vec<bool>) -> f64 {
        if row == values.len() {
            return 0.0;
        }
        let free = taken.iter().filter(|taken| !**taken).count();
        let mut best = if values.len() - row > free {
            brute(values, row + 1, taken)
        } else {
            f64::NEG_INFINITY
        };
        for column in 0..taken.len() {
            if !taken[column] {
                taken[column] = true;
                best = best.max(values[row][column] + brute(values, row + 1, taken));
                taken[column] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_other_matching_is_better(
            rows in 1_usize..6, columns in 1_usize..6,
            numbers in proptest::collection::vec(-50_i32..50, 36),
        ) {
            let values: Vec<Vec<f64>> = (0..rows)
                .map(|row| (0..columns).map(|column| f64::from(numbers[row * 6 + column])).collect())
                .collect();
            let matched = best_assignment(&values);
            let mut used: Vec<usize> = matched.iter().flatten().copied().collect();
            prop_assert_eq!(used.len(), rows.min(columns));
            used.sort_unstable();
            used.dedup();
            prop_assert_eq!(used.len(), rows.min(columns));
            let best = brute(&values, 0, &mut vec![false; columns]);
            prop_assert!((sum(&values, &matched) - best).abs() < 1e-9);
        }
    }
}
