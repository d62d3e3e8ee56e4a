//! What a run is asked for, and which rows of every layer that takes.

use std::ops::Range;

/// Code of an unknown base; A, T, C, G are 0…3.
pub(crate) const UNKNOWN: u8 = 4;
/// Code of a masked base: embedded as an unknown one, but its outputs count.
pub(crate) const MASKED: u8 = 5;

/// What to run, in positions along the strand (negative left of the origin of a circular contig).
#[derive(Clone, Debug)]
pub(crate) struct Strip {
    /// Codes of the bases from `first` on.
    pub(crate) codes: Vec<u8>,
    pub(crate) first: isize,
    /// The positions that exist; where a circular contig wraps, more than is ever needed.
    pub(crate) exists: Range<isize>,
    /// Length of the segments whose borders are padded, if any.
    pub(crate) segment: Option<usize>,
    /// Queries whose output is wanted.
    pub(crate) queries: Range<isize>,
}

/// The rows that each level needs: level 0 is the embedding, level l the output of layer l.
#[derive(Clone, Debug)]
pub(crate) struct Needs {
    /// Hidden rows, by level.
    pub(crate) rows: Vec<Range<isize>>,
    /// First key, by level (level 0 has none).
    pub(super) keys: Vec<isize>,
}

impl Needs {
    /// Works back from the queries: a layer reads `context - 1` rows further back, and every
    /// convolution its reach on both sides, as far as the strand or the segment goes.
    pub(crate) fn new(
        layers: usize,
        context: usize,
        reach: usize,
        exists: &Range<isize>,
        segment: Option<usize>,
        queries: &Range<isize>,
    ) -> Self {
        let (context, reach) = (context.cast_signed(), reach.cast_signed());
        let mut rows = vec![queries.clone()];
        let mut keys = Vec::new();
        for _ in 0..layers {
            let above = &rows[rows.len() - 1];
            let oldest = (above.start + 1 - context).max(exists.start);
            let border = segment.map_or(exists.end, |length| {
                let length = length.cast_signed();
                ((above.end - 1).div_euclid(length) + 1) * length
            });
            let end = (above.end + reach).min(border).min(exists.end);
            keys.push(oldest);
            rows.push((oldest - reach).max(exists.start)..end);
        }
        keys.push(oldest_of_none());
        rows.reverse();
        keys.reverse();
        Self { rows, keys }
    }
}

/// Level 0 has no keys.
fn oldest_of_none() -> isize {
    isize::MAX
}

/// Length of a range of signed positions.
pub(super) trait SignedLength {
    /// Number of positions, 0 where the range is empty.
    fn len_signed(&self) -> usize;
}

impl SignedLength for Range<isize> {
    fn len_signed(&self) -> usize {
        (self.end - self.start).max(0).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_reach_as_far_as_the_published_network() {
        // 6 layers of context 512 and kernel 7: p depends on p - 3,084 … p + 18.
        let needs = Needs::new(6, 512, 3, &(0..100_000), None, &(50_000..50_001));
        assert_eq!(needs.rows[0], 50_000 - 3_084..50_001 + 18);
        assert_eq!(needs.rows[6], 50_000..50_001);
        assert_eq!(needs.keys[6], 50_000 - 511);
    }

    #[test]
    fn needs_end_with_the_strand_and_with_the_segment() {
        let needs = Needs::new(6, 512, 3, &(0..2_000), Some(512), &(1_020..1_022));
        assert_eq!(needs.rows[0], 0..1_024);
        let needs = Needs::new(6, 512, 3, &(0..1_023), None, &(1_020..1_022));
        assert_eq!(needs.rows[0], 0..1_023);
    }
}
