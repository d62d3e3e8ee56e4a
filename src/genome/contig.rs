//! Genomes in memory: contigs with their names and bases.

use super::base::Base;
use super::chunked::Chunked;
use super::locus::{Interval, Strand};
use super::sequence::PackedSequence;
use super::words::Words;
use std::collections::{BTreeMap, HashSet};

/// One sequence of a genome: a chromosome, a plasmid, a draft contig. 88 bytes, for a file may
/// hold nothing but names and single bases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contig {
    /// The name that its file gives it.
    pub name: String,
    /// Its description, then its aliases, in one allocation: see [`Contig::description`] and
    /// [`Contig::aliases`].
    pub words: Words,
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

    /// The rest of the header line, or the definition; may be empty.
    #[must_use]
    pub fn description(&self) -> &str {
        self.words.at(0)
    }

    /// Other names for the same sequence, none of them empty.
    pub fn aliases(&self) -> impl Iterator<Item = &str> + Clone {
        self.words.from(1)
    }

    /// Its name, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        std::iter::once(self.name.as_str()).chain(self.aliases())
    }

    /// Gives it another description.
    pub fn set_description(&mut self, description: &str) {
        self.words = Words::new(std::iter::once(description).chain(self.aliases()));
    }

    /// Gives it other aliases.
    pub fn set_aliases<'t>(&mut self, aliases: impl Iterator<Item = &'t str> + Clone) {
        // Their life has nothing to do with that of the words before.
        let aliases = aliases.map(|alias: &str| alias);
        self.words = Words::new(std::iter::once(self.description()).chain(aliases));
    }

    /// Gives it more aliases, behind those that it has.
    fn add_aliases(&mut self, more: &[&str]) {
        let before: Vec<String> = self.aliases().map(str::to_owned).collect();
        let before = before.iter().map(String::as_str);
        self.set_aliases(before.chain(more.iter().copied()));
    }

    /// Whether `name` is its name or one of its aliases.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
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
    pub contigs: Chunked<Contig>,
}

impl Genome {
    /// Joins contigs: adds the aliases that follow from their names and lengths, marks the circular
    /// ones and computes the checksum.
    ///
    /// `file_stem` names the genome unless its sequences are known.
    #[must_use]
    pub fn new(file_stem: &str, contigs: impl Into<Chunked<Contig>>) -> Self {
        let mut contigs = contigs.into();
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
                self.contigs[index].add_aliases(&[alias]);
                Ok(())
            }
        }
    }

    /// Gives contigs (by index) the names that a file of the same lengths gives them.
    pub fn learn_aliases(&mut self, aliases: &[(usize, String)]) {
        if aliases.is_empty() {
            return;
        }
        let mut taken: HashSet<&str> = self.contigs.iter().flat_map(Contig::names).collect();
        // By contig: each gets all its names at once, however many a file gives it.
        let mut new: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (contig, alias) in aliases {
            let alias = alias.trim();
            // A name that a contig has already stays with that one.
            if *contig < self.contigs.len() && !alias.is_empty() && taken.insert(alias) {
                new.entry(*contig).or_default().push(alias);
            }
        }
        for (contig, more) in new {
            self.contigs[contig].add_aliases(&more);
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
fn checksum(contigs: &Chunked<Contig>) -> String {
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

    #[test]
    fn a_contig_is_small() {
        assert!(std::mem::size_of::<Contig>() <= 88);
    }

    #[test]
    fn a_name_learnt_from_a_file_stays_with_whom_it_has() {
        let contig = |name: &str| Contig {
            name: name.to_owned(),
            ..Contig::default()
        };
        let mut genome = Genome::new("x", vec![contig("a"), contig("b")]);
        let learnt = [(0, "b"), (0, "c"), (1, "c"), (1, " d "), (1, " "), (7, "e")];
        genome.learn_aliases(&learnt.map(|(contig, name)| (contig, name.to_owned())));
        genome.contigs[1].set_description("the second");
        let names = |index: usize| genome.contigs[index].names().collect::<Vec<_>>();
        assert_eq!((names(0), names(1)), (vec!["a", "c"], vec!["b", "d"]));
        assert_eq!(genome.contigs[1].description(), "the second");
        assert_eq!(
            (genome.contig_index("d"), genome.contig_index("e")),
            (Some(1), None)
        );
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
