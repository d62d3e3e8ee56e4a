//! Moves positions from one assembly of a sequence to the next, where the two are known base by base.
//!
//! The table of *E. coli* K-12 was verified on 2,952 binding sites whose sequences are printed.

use super::contig::Contig;
use super::locus::Interval;

/// A stretch that both assemblies have: source bases `first..=last`, 1-based, and by how much the
/// other assembly has them further right.
struct Shared {
    first: usize,
    last: usize,
    shift_bp: usize,
}

/// `U00096.2` (`NC_000913.2`) to `U00096.3` (`NC_000913.3`); base 3,558,478 is gone.
const K_12: [Shared; 6] = [
    shared(1, 257_907, 0),
    shared(257_908, 547_835, 776),
    shared(547_836, 1_298_721, 777),
    shared(1_298_722, 2_171_386, 1_976),
    shared(2_171_387, 3_558_477, 1_978),
    shared(3_558_479, 4_639_675, 1_977),
];

const fn shared(first: usize, last: usize, shift_bp: usize) -> Shared {
    Shared {
        first,
        last,
        shift_bp,
    }
}

const OLDER: [&str; 4] = ["U00096.2", "NC_000913.2", "U00096", "NC_000913"];
const NEWER: [&str; 4] = ["U00096.3", "NC_000913.3", "U00096", "NC_000913"];
const OLDER_BP: usize = 4_639_675;
const NEWER_BP: usize = 4_641_652;

/// A way from one assembly of a sequence to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lift {
    /// Names of the sequence that positions come from.
    pub from: &'static [&'static str],
    /// Names of the sequence that they go to.
    pub to: &'static [&'static str],
    /// Stretches of both: where it lies on the source, and its first base on the target.
    blocks: Vec<(Interval, usize)>,
}

impl Lift {
    /// The way onto `contig` from its other assembly, where one is known; name and length decide.
    ///
    /// ```
    /// use headlight::genome::{Base, Contig, Genome, Interval, lift::Lift};
    /// let sequence = std::iter::repeat_n(Base::A, 4_641_652).collect();
    /// let contig = Contig { name: "U00096.3".to_owned(), sequence, ..Contig::default() };
    /// let lift = Lift::onto(&contig).expect("E. coli K-12");
    /// assert_eq!(lift.from[0], "U00096.2");
    /// assert_eq!(lift.interval(Interval::new(300_000, 300_020)), Some(Interval::new(300_776, 300_796)));
    /// ```
    #[must_use]
    pub fn onto(contig: &Contig) -> Option<Self> {
        let is = |names: &[&str], length_bp| {
            contig.len() == length_bp && names.iter().any(|name| contig.is_called(name))
        };
        let block = |shared: &Shared| {
            let older = Interval::new(shared.first - 1, shared.last);
            (older, older.start + shared.shift_bp)
        };
        if is(&NEWER, NEWER_BP) {
            Some(Self {
                from: &OLDER[..2],
                to: &NEWER[..2],
                blocks: K_12.iter().map(block).collect(),
            })
        } else if is(&OLDER, OLDER_BP) {
            let back = |(older, start): (Interval, usize)| {
                (Interval::new(start, start + older.len()), older.start)
            };
            Some(Self {
                from: &NEWER[..2],
                to: &OLDER[..2],
                blocks: K_12.iter().map(block).map(back).collect(),
            })
        } else {
            None
        }
    }

    /// Where the bases of `interval` (0-based) lie on the target; `None` where the target does not
    /// have all of them side by side.
    #[must_use]
    pub fn interval(&self, interval: Interval) -> Option<Interval> {
        let (block, start) = self
            .blocks
            .iter()
            .find(|(block, _)| block.start <= interval.start && interval.end <= block.end)?;
        let start = interval.start - block.start + start;
        Some(Interval::new(start, start + interval.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Base;

    fn contig(name: &str, length_bp: usize) -> Contig {
        Contig {
            name: name.to_owned(),
            sequence: std::iter::repeat_n(Base::A, length_bp).collect(),
            ..Contig::default()
        }
    }

    #[test]
    fn every_block_begins_where_the_table_says_and_goes_back() {
        let forward = Lift::onto(&contig("NC_000913.3", NEWER_BP)).expect("known");
        let back = Lift::onto(&contig("NC_000913.2", OLDER_BP)).expect("known");
        for (first, there) in [
            (1, 1),
            (257_907, 257_907),
            (257_908, 258_684),
            (547_836, 548_613),
            (1_298_722, 1_300_698),
            (2_171_387, 2_173_365),
            (3_558_477, 3_560_455),
            (3_558_479, 3_560_456),
            (4_639_675, 4_641_652),
        ] {
            let one = |base: usize| Interval::new(base - 1, base);
            assert_eq!(forward.interval(one(first)), Some(one(there)), "{first}");
            assert_eq!(back.interval(one(there)), Some(one(first)), "{there}");
        }
    }

    #[test]
    fn what_the_other_assembly_lacks_has_no_place() {
        let lift = Lift::onto(&contig("NC_000913.3", NEWER_BP)).expect("known");
        assert_eq!(lift.interval(Interval::new(3_558_477, 3_558_478)), None);
        assert_eq!(lift.interval(Interval::new(257_900, 257_910)), None);
        assert_eq!(lift.interval(Interval::new(4_639_670, 4_639_680)), None);
    }

    #[test]
    fn name_and_length_both_count() {
        assert_eq!(Lift::onto(&contig("NC_000913.3", OLDER_BP)), None);
        assert_eq!(Lift::onto(&contig("chrI", NEWER_BP)), None);
    }
}
