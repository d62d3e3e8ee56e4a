//! The bases of a contig: two bits each, with the runs of N beside them.

use super::base::{ACGT, Base};
use super::locus::Interval;

/// What a letter of a sequence is: 0-3 for A, C, G, T, 4 for the other nucleotide codes, else no nucleotide.
const CODE_FROM_LETTER: [u8; 256] = {
    let mut codes = [NO_NUCLEOTIDE; 256];
    let mut index = 0;
    let letters = b"ACGTUNRYSWKMBDHVX";
    let code = [0, 1, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4];
    while index < letters.len() {
        codes[letters[index] as usize] = code[index];
        codes[letters[index].to_ascii_lowercase() as usize] = code[index];
        index += 1;
    }
    codes
};
const NO_NUCLEOTIDE: u8 = 8;

/// A sequence while its bases arrive, one after the other.
#[derive(Debug, Default)]
pub struct GrowingSequence {
    packed: Vec<u8>,
    length_bp: usize,
    unknown: Vec<Interval>,
}

impl GrowingSequence {
    /// Adds one base at the end.
    pub fn push(&mut self, base: Base) {
        if self.length_bp.is_multiple_of(4) {
            self.packed.push(0);
        }
        if let Some(index) = base.index() {
            let shift = 2 * (self.length_bp % 4);
            if let Some(last) = self.packed.last_mut() {
                *last |= u8::try_from(index).unwrap_or(0) << shift;
            }
        } else if let Some(run) = self
            .unknown
            .last_mut()
            .filter(|run| run.end == self.length_bp)
        {
            run.end += 1;
        } else {
            if self.unknown.len() == self.unknown.capacity() {
                // Not by doubling: every other base may begin a run.
                self.unknown.reserve_exact(4 + self.unknown.len() / 8);
            }
            self.unknown
                .push(Interval::new(self.length_bp, self.length_bp + 1));
        }
        self.length_bp += 1;
    }

    /// Adds letters until one is no nucleotide code; gives how many were added.
    pub(super) fn push_letters(&mut self, letters: &[u8]) -> usize {
        let mut added = 0;
        while added < letters.len() {
            if self.length_bp.is_multiple_of(4) {
                let (fours, _) = letters[added..].as_chunks::<4>();
                let before = self.packed.len();
                self.packed.extend(
                    fours
                        .iter()
                        .map(|four| four.map(|letter| CODE_FROM_LETTER[usize::from(letter)]))
                        .take_while(|[a, b, c, d]| a | b | c | d < 4)
                        .map(|[a, b, c, d]| a | b << 2 | c << 4 | d << 6),
                );
                let bases = 4 * (self.packed.len() - before);
                self.length_bp += bases;
                added += bases;
            }
            let Some(&letter) = letters.get(added) else {
                break;
            };
            match CODE_FROM_LETTER[usize::from(letter)] {
                NO_NUCLEOTIDE => break,
                code => self.push(ACGT.get(usize::from(code)).copied().unwrap_or(Base::N)),
            }
            added += 1;
        }
        added
    }

    /// Number of bases so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length_bp
    }

    /// Whether there is no base yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length_bp == 0
    }

    /// What has arrived, without the memory that was set aside for more.
    #[must_use]
    pub fn finish(self) -> PackedSequence {
        PackedSequence {
            packed: self.packed.into_boxed_slice(),
            length_bp: self.length_bp,
            unknown: self.unknown.into_boxed_slice(),
        }
    }
}

/// The bases of one contig: two bits each, with the runs of N beside them. Without room to
/// grow: 40 bytes, and what its bases take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedSequence {
    /// Four bases a byte, first base in the lowest two bits, in the order A, C, G, T.
    packed: Box<[u8]>,
    length_bp: usize,
    /// Runs that are not A, C, G or T, in order, never touching.
    unknown: Box<[Interval]>,
}

impl PackedSequence {
    /// Takes bases as they are stored here: four a byte, first base lowest, A, C, G, T.
    ///
    /// `unknown` may come in any order and overlap; what lies outside is cut.
    pub(super) fn from_packed(
        mut packed: Vec<u8>,
        length_bp: usize,
        mut unknown: Vec<Interval>,
    ) -> Self {
        packed.resize(length_bp.div_ceil(4), 0);
        let mut clear = |interval: Interval| {
            let (mut index, end) = (interval.start, interval.end);
            while index < end {
                if index.is_multiple_of(4) && index + 4 <= end {
                    packed[index / 4] = 0;
                    index += 4;
                } else {
                    packed[index / 4] &= !(3 << (2 * (index % 4)));
                    index += 1;
                }
            }
        };
        unknown.sort_unstable();
        let whole = Interval::new(0, length_bp);
        let mut runs: Vec<Interval> = Vec::with_capacity(unknown.len());
        let inside = unknown.into_iter().map(|run| run.intersection(whole));
        for run in inside.filter(|run| !run.is_empty()) {
            match runs.last_mut().filter(|last| run.start <= last.end) {
                Some(last) => last.end = last.end.max(run.end),
                None => runs.push(run),
            }
        }
        runs.iter().copied().for_each(&mut clear);
        if let Some(last) = packed.last_mut().filter(|_| !length_bp.is_multiple_of(4)) {
            *last &= (1 << (2 * (length_bp % 4))) - 1;
        }
        GrowingSequence {
            packed,
            length_bp,
            unknown: runs,
        }
        .finish()
    }

    /// The bases as they are stored: four a byte, first base lowest, A, C, G, T, 0 in place of N.
    pub(super) fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// Number of bases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length_bp
    }

    /// Whether it holds no base.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length_bp == 0
    }

    /// Runs that are not A, C, G or T, in order, never touching.
    #[must_use]
    pub fn unknown_runs(&self) -> &[Interval] {
        &self.unknown
    }

    /// Adds the upper-case letters of `interval`, which is cut to the contig, to `letters`.
    pub fn push_ascii(&self, interval: Interval, letters: &mut Vec<u8>) {
        let interval = interval.intersection(Interval::new(0, self.length_bp));
        let first = letters.len();
        letters.extend(
            interval
                .range()
                .map(|i| b"ACGT"[usize::from(self.packed[i / 4] >> (2 * (i % 4)) & 3)]),
        );
        for hidden in self.unknown_within(interval) {
            letters[first + hidden.start - interval.start..first + hidden.end - interval.start]
                .fill(b'N');
        }
    }

    /// The parts of `interval` that are not A, C, G or T.
    fn unknown_within(&self, interval: Interval) -> impl Iterator<Item = Interval> {
        let first = self
            .unknown
            .partition_point(|run| run.end <= interval.start);
        self.unknown[first..]
            .iter()
            .take_while(move |run| run.start < interval.end)
            .map(move |run| run.intersection(interval))
    }

    /// The bases of `interval`, which is cut to the contig.
    #[must_use]
    pub fn bases(&self, interval: Interval) -> Vec<Base> {
        let interval = interval.intersection(Interval::new(0, self.length_bp));
        let mut bases: Vec<Base> = interval
            .range()
            .map(|i| ACGT[usize::from(self.packed[i / 4] >> (2 * (i % 4)) & 3)])
            .collect();
        for hidden in self.unknown_within(interval) {
            bases[hidden.start - interval.start..hidden.end - interval.start].fill(Base::N);
        }
        bases
    }
}

impl FromIterator<Base> for PackedSequence {
    fn from_iter<I: IntoIterator<Item = Base>>(bases: I) -> Self {
        let mut growing = GrowingSequence::default();
        bases.into_iter().for_each(|base| growing.push(base));
        growing.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn letters_in_pieces_equal_bases_one_by_one(
            letters in "[ACGTacgtNnRyU]{0,200}",
            cut in 0_usize..200,
        ) {
            let one_by_one: PackedSequence =
                letters.bytes().filter_map(Base::from_ascii).collect();
            let cut = cut.min(letters.len());
            let mut pieces = GrowingSequence::default();
            prop_assert_eq!(pieces.push_letters(&letters.as_bytes()[..cut]), cut);
            pieces.push_letters(&letters.as_bytes()[cut..]);
            let pieces = pieces.finish();
            prop_assert_eq!(&pieces, &one_by_one);
            let again = PackedSequence::from_packed(
                pieces.packed().to_vec(), pieces.len(), pieces.unknown_runs().to_vec());
            prop_assert_eq!(&again, &one_by_one);
            let mut text = Vec::new();
            pieces.push_ascii(Interval::new(0, letters.len()), &mut text);
            let expected = crate::genome::base::text(&one_by_one.bases(Interval::new(0, letters.len())));
            prop_assert_eq!(String::from_utf8_lossy(&text), expected);
        }
    }

    #[test]
    fn letters_stop_at_what_is_no_nucleotide() {
        let mut packed = GrowingSequence::default();
        assert_eq!(packed.push_letters(b"ACGTTGEACGT"), 6);
        assert_eq!(packed.len(), 6);
        assert_eq!(packed.push_letters(b"*"), 0);
    }

    #[test]
    fn unknown_runs_are_sorted_joined_and_cut() {
        let runs = vec![
            Interval::new(6, 40),
            Interval::new(2, 4),
            Interval::new(3, 6),
        ];
        let packed = PackedSequence::from_packed(vec![0xff; 4], 10, runs);
        assert_eq!(packed.unknown_runs(), [Interval::new(2, 10)]);
        assert_eq!(packed.packed(), [0x0f, 0, 0]);
    }
}
