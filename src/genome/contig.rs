//! Genomes in memory: contigs with their names, packed two bits a base.

use super::base::{ACGT, Base};
use super::locus::{Interval, Strand};

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

/// The bases of one contig: two bits each, with the runs of N beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedSequence {
    /// Four bases a byte, first base in the lowest two bits, in the order A, C, G, T.
    packed: Vec<u8>,
    length_bp: usize,
    /// Runs that are not A, C, G or T, in order, never touching.
    unknown: Vec<Interval>,
}

impl PackedSequence {
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
        Self {
            packed,
            length_bp,
            unknown: runs,
        }
    }

    /// The bases as they are stored: four a byte, first base lowest, A, C, G, T, 0 in place of N.
    pub(super) fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// Gives back memory that was set aside for growth.
    pub(super) fn shrink(&mut self) {
        self.packed.shrink_to_fit();
        self.unknown.shrink_to_fit();
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
        let mut packed = Self::default();
        bases.into_iter().for_each(|base| packed.push(base));
        packed
    }
}

/// One sequence of a genome: a chromosome, a plasmid, a draft contig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contig {
    /// The name that its file gives it.
    pub name: String,
    /// Other names for the same sequence.
    pub aliases: Vec<String>,
    /// The rest of the header line, or the definition.
    pub description: String,
    /// Whether the last base is followed by the first.
    pub circular: bool,
    /// Its bases.
    pub sequence: PackedSequence,
}

impl Contig {
    /// Number of bases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sequence.len()
    }

    /// Whether it holds no base.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sequence.is_empty()
    }

    /// Whether `name` is its name or one of its aliases.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// The bases of a forward `interval` as read on `strand` (5′ to 3′).
    #[must_use]
    pub fn bases(&self, interval: Interval, strand: Strand) -> Vec<Base> {
        let forward = self.sequence.bases(interval);
        match strand {
            Strand::Forward => forward,
            Strand::Reverse => super::base::reverse_complement(&forward),
        }
    }
}

/// A set of contigs that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Genome {
    /// What people call it: an organism, or the file's name.
    pub name: String,
    /// SHA-256 over names and bases, in hexadecimal, so that results name what they are about.
    pub checksum: String,
    /// The sequences in the order of the file.
    pub contigs: Vec<Contig>,
}

impl Genome {
    /// Joins contigs: adds the aliases that follow from their names and lengths, marks the circular
    /// ones and computes the checksum.
    ///
    /// `file_stem` names the genome unless its sequences are known.
    #[must_use]
    pub fn new(file_stem: &str, mut contigs: Vec<Contig>) -> Self {
        super::known::complete(&mut contigs);
        let name = super::known::organism(&contigs).unwrap_or(file_stem);
        Self {
            name: name.to_owned(),
            checksum: checksum(&contigs),
            contigs,
        }
    }

    /// What is odd about it, as sentences: a published sequence with another length than published.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        super::known::doubts(&self.contigs)
    }

    /// Gives the contig called `contig` another name.
    ///
    /// # Errors
    /// No contig of that name, or another contig that has the new one.
    pub fn add_alias(&mut self, contig: &str, alias: &str) -> Result<(), AliasError> {
        let alias = alias.trim();
        let names = || self.contigs.iter().map(|c| c.name.as_str());
        let index = self
            .contig_index(contig)
            .ok_or_else(|| AliasError::NoContig {
                name: contig.to_owned(),
                names: names().take(3).collect::<Vec<_>>().join(", "),
            })?;
        match self.contig_index(alias) {
            _ if alias.is_empty() => Err(AliasError::Empty),
            Some(other) if other != index => Err(AliasError::Taken {
                alias: alias.to_owned(),
                contig: self.contigs[other].name.clone(),
            }),
            Some(_) => Ok(()),
            None => {
                self.contigs[index].aliases.push(alias.to_owned());
                Ok(())
            }
        }
    }

    /// Gives contigs (by index) the names that a file of the same lengths gives them.
    pub fn learn_aliases(&mut self, aliases: &[(usize, String)]) {
        for (contig, alias) in aliases {
            if let Some(contig) = self.contigs.get(*contig).map(|c| c.name.clone()) {
                // A name that another contig has already stays with that one.
                let _ = self.add_alias(&contig, alias);
            }
        }
    }

    /// Index of the contig called `name` (exactly, or by alias).
    #[must_use]
    pub fn contig_index(&self, name: &str) -> Option<usize> {
        self.contigs
            .iter()
            .position(|contig| contig.is_called(name))
    }

    /// Number of bases over all contigs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.contigs.iter().map(Contig::len).sum()
    }

    /// Whether it holds no base.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why a contig cannot have another name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// No contig is called so.
    #[error("no sequence of the genome is called “{name}”: it has {names}")]
    NoContig {
        /// The name that was asked for.
        name: String,
        /// The first names of the genome.
        names: String,
    },
    /// The new name is that of another contig.
    #[error("“{alias}” is already a name of {contig}")]
    Taken {
        /// The new name.
        alias: String,
        /// The contig that has it.
        contig: String,
    },
    /// The new name is empty.
    #[error("an alias needs a name")]
    Empty,
}

/// SHA-256 over each contig's name, a line break, its letters in upper case (N for every ambiguity
/// code) and a line break, in the order of the file.
///
/// That is what `sha256sum` gives for a FASTA file with one line a sequence, its headers cut to
/// the name and without `>`.
fn checksum(contigs: &[Contig]) -> String {
    use sha2::{Digest, Sha256};
    const BLOCK_BP: usize = 1 << 16;
    let mut digest = Sha256::new();
    let mut letters = Vec::with_capacity(BLOCK_BP);
    for contig in contigs {
        digest.update(contig.name.as_bytes());
        digest.update(b"\n");
        for start in (0..contig.len()).step_by(BLOCK_BP) {
            letters.clear();
            contig
                .sequence
                .push_ascii(Interval::new(start, start + BLOCK_BP), &mut letters);
            digest.update(&letters);
        }
        digest.update(b"\n");
    }
    digest
        .finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
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
            let mut pieces = PackedSequence::default();
            prop_assert_eq!(pieces.push_letters(&letters.as_bytes()[..cut]), cut);
            pieces.push_letters(&letters.as_bytes()[cut..]);
            prop_assert_eq!(&pieces, &one_by_one);
            let again = PackedSequence::from_packed(
                pieces.packed().to_vec(), pieces.len(), pieces.unknown_runs().to_vec());
            prop_assert_eq!(&again, &one_by_one);
            let mut text = Vec::new();
            pieces.push_ascii(Interval::new(0, letters.len()), &mut text);
            let expected = super::super::base::text(&one_by_one.bases(Interval::new(0, letters.len())));
            prop_assert_eq!(String::from_utf8_lossy(&text), expected);
        }
    }

    #[test]
    fn letters_stop_at_what_is_no_nucleotide() {
        let mut packed = PackedSequence::default();
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

    #[test]
    fn the_checksum_is_that_of_the_letters() {
        let contig = |name: &str, letters: &str| Contig {
            name: name.to_owned(),
            sequence: letters.bytes().filter_map(Base::from_ascii).collect(),
            ..Contig::default()
        };
        // printf 'a\nACGTN\nb\nTT\n' | sha256sum
        assert_eq!(
            Genome::new("x", vec![contig("a", "acgtr"), contig("b", "TT")]).checksum,
            "63fdd48f991689f15188ca8715f4e2ba24212e79fe1a3f99e48bbe7c62f8c529"
        );
    }
}
