//! Coarser levels of tracks, so that a wide view does not touch every base.

/// Bases that one value of the coarse level stands for.
pub const COARSE_BP: usize = 16;

/// The maximum of every `each` neighbouring values, the last of what is left. NaN counts only where
/// nothing else is there.
#[must_use]
pub fn maxima(values: &[f32], each: usize) -> Vec<f32> {
    values
        .chunks(each.max(1))
        .map(|some| some.iter().copied().fold(f32::NAN, f32::max))
        .collect()
}

/// Reduces each row of `values` (`rows` rows of equal length) to the maximum of every [`COARSE_BP`] columns.
///
/// Returns the values and the number of columns in each row. NaN counts only where nothing else is there.
#[must_use]
pub fn coarser(values: &[f32], rows: usize) -> (Vec<f32>, usize) {
    let columns = values.len().checked_div(rows).unwrap_or(0);
    if columns == 0 {
        return (Vec::new(), 0);
    }
    let reduced = values
        .chunks_exact(columns)
        .flat_map(|row| maxima(row, COARSE_BP))
        .collect();
    (reduced, columns.div_ceil(COARSE_BP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_greatest_value_is_never_lost(rows in 1_usize..5, columns in 1_usize..100, seed in 0_usize..1000) {
            let values: Vec<f32> = (0..rows * columns).map(|i| (((i + seed) * 7919) % 1009) as f32).collect();
            let (coarse, coarse_columns) = coarser(&values, rows);
            prop_assert_eq!(coarse.len(), rows * coarse_columns);
            for row in 0..rows {
                for column in 0..columns {
                    let covering = coarse[row * coarse_columns + column / COARSE_BP];
                    prop_assert!(covering >= values[row * columns + column]);
                }
                let greatest = |row: &[f32]| row.iter().copied().fold(f32::MIN, f32::max).to_bits();
                prop_assert_eq!(
                    greatest(&coarse[row * coarse_columns..(row + 1) * coarse_columns]),
                    greatest(&values[row * columns..(row + 1) * columns])
                );
            }
        }
    }

    #[test]
    fn unknown_gives_way_to_known() {
        let (coarse, columns) = coarser(&[f32::NAN, 2.0, f32::NAN], 1);
        assert_eq!((coarse.as_slice(), columns), ([2.0].as_slice(), 1));
        assert!(coarser(&[f32::NAN], 1).0[0].is_nan());
        assert_eq!(coarser(&[], 0).1, 0);
    }
}
