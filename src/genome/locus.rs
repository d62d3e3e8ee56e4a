//! Where something is: positions, intervals, strands and loci.
//!
//! Inside the program intervals are 0-based and half-open; people read and type 1-based closed
//! coordinates. The two meet only in `Display` and in the readers and writers.

use std::fmt;

/// One strand of a contig.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Strand {
    /// The strand that the file prints, shown as +.
    Forward,
    /// Its reverse complement, shown as −.
    Reverse,
}

impl Strand {
    /// Both strands, forward first.
    pub const BOTH: [Self; 2] = [Self::Forward, Self::Reverse];

    /// `+` or `-` as files write it.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Self::Forward => '+',
            Self::Reverse => '-',
        }
    }

    /// Reads `+`, `-` or the typographic minus.
    #[must_use]
    pub fn from_sign(text: &str) -> Option<Self> {
        match text {
            "+" => Some(Self::Forward),
            "-" | "−" => Some(Self::Reverse),
            _ => None,
        }
    }

    /// The other strand.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Forward => Self::Reverse,
            Self::Reverse => Self::Forward,
        }
    }

    /// Turns a forward 0-based position into one counted along this strand, or back.
    ///
    /// On the reverse strand of a contig of `length_bp` that is `length_bp - 1 - position`.
    #[must_use]
    pub fn flip(self, position: usize, length_bp: usize) -> usize {
        match self {
            Self::Forward => position,
            Self::Reverse => length_bp - 1 - position,
        }
    }

    /// Turns a forward interval into one counted along this strand, or back.
    #[must_use]
    pub fn flip_interval(self, interval: Interval, length_bp: usize) -> Interval {
        match self {
            Self::Forward => interval,
            Self::Reverse => Interval::new(length_bp - interval.end, length_bp - interval.start),
        }
    }
}

impl fmt::Display for Strand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "+",
            Self::Reverse => "−",
        })
    }
}

/// A stretch of a contig: 0-based, half-open.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Interval {
    /// First base, 0-based.
    pub start: usize,
    /// One past the last base.
    pub end: usize,
}

impl Interval {
    /// An interval of the bases `start..end`; a reversed pair gives the empty interval at `start`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// From 1-based closed coordinates; `None` where `first` is 0 or beyond `last`.
    #[must_use]
    pub fn from_closed(first: usize, last: usize) -> Option<Self> {
        (first >= 1 && first <= last).then(|| Self::new(first - 1, last))
    }

    /// Number of bases.
    #[must_use]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it holds no base.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// Whether the 0-based `position` lies inside.
    #[must_use]
    pub fn contains(self, position: usize) -> bool {
        self.start <= position && position < self.end
    }

    /// Whether the two share a base.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The bases that both hold (possibly none).
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The 0-based middle base, rounded down.
    #[must_use]
    pub fn middle(self) -> usize {
        self.start + self.len() / 2
    }

    /// As a range, for slicing.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

/// 1-based closed with thousands separators: `366,305-366,400`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", grouped(self.start + 1), grouped(self.end))
    }
}

/// A place in a genome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Locus {
    /// Index of the contig in its genome.
    pub contig: usize,
    /// The bases, on the forward strand.
    pub interval: Interval,
    /// The strand, where one is meant.
    pub strand: Option<Strand>,
}

/// A whole number with thousands separators: `4,641,652`.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn closed_coordinates_read_and_print() {
        let interval = Interval::from_closed(366_305, 366_400).expect("ordered");
        assert_eq!(
            (interval.start, interval.end, interval.len()),
            (366_304, 366_400, 96)
        );
        assert_eq!(interval.to_string(), "366,305-366,400");
        assert_eq!(Interval::from_closed(0, 5), None);
        assert_eq!(Interval::from_closed(6, 5), None);
    }

    proptest! {
        #[test]
        fn flipping_twice_is_identity(length in 1_usize..10_000, a in 0_usize..10_000, b in 0_usize..10_000) {
            let interval = Interval::new(a.min(b) % length, (a.max(b) % length).max(a.min(b) % length));
            for strand in Strand::BOTH {
                prop_assert_eq!(strand.flip_interval(strand.flip_interval(interval, length), length), interval);
                prop_assert_eq!(strand.flip(strand.flip(interval.start, length), length), interval.start);
            }
        }
    }
}
