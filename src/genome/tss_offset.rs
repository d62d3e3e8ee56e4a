//! Positions relative to a transcription start site.

use std::fmt;

/// Where something lies relative to a TSS on its strand: 0 is the +1 base, negative is upstream.
///
/// People count +1 and, for the base before it, −1: there is no 0. Only [`fmt::Display`] and
/// [`TssOffset::number`] skip it.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct TssOffset(pub isize);

impl TssOffset {
    /// Where the key at `distance` before the query lies, when the query scores the TSS that is
    /// `label_shift` bases before it.
    #[must_use]
    pub fn of_distance(label_shift: usize, distance: usize) -> Self {
        Self(label_shift.cast_signed() - distance.cast_signed())
    }

    /// The number that people count: 1 for the +1 base, −1 for the base before it.
    #[must_use]
    pub fn number(self) -> isize {
        if self.0 >= 0 { self.0 + 1 } else { self.0 }
    }
}

impl fmt::Display for TssOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number();
        let sign = if number > 0 { '+' } else { '−' };
        write!(f, "{sign}{}", number.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_position_zero() {
        let shown: Vec<String> = (-2..2).map(|o| TssOffset(o).to_string()).collect();
        assert_eq!(shown, ["−2", "−1", "+1", "+2"]);
        assert_eq!(TssOffset::of_distance(20, 32), TssOffset(-12));
        assert_eq!(TssOffset::of_distance(20, 20).number(), 1);
        assert_eq!(TssOffset::of_distance(20, 21).number(), -1);
    }
}
