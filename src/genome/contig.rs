//! Genomes in memory: contigs with their names, packed two bits a base.

use super::base::{ACGT, Base};
use super::locus::{Interval, Strand};

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
            self.unknown
                .push(Interval::new(self.length_bp, self.length_bp + 1));
        }
        self.length_bp += 1;
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

    /// The bases of `interval`, which is cut to the contig.
    #[must_use]
    pub fn bases(&self, interval: Interval) -> Vec<Base> {
        let interval = interval.intersection(Interval::new(0, self.length_bp));
        let mut bases: Vec<Base> = interval
            .range()
            .map(|i| ACGT[usize::from(self.packed[i / 4] >> (2 * (i % 4)) & 3)])
            .collect();
        let first = self
            .unknown
            .partition_point(|run| run.end <= interval.start);
        for run in self.unknown[first..]
            .iter()
            .take_while(|run| run.start < interval.end)
        {
            let hidden = run.intersection(interval);
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
