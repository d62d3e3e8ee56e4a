//! Sequence names in annotation, matched to the contigs of a genome.

use super::error::{ReadError, quoted};
use super::text::Input;
use crate::genome::contig::Genome;
use crate::genome::lift::Lift;
use crate::genome::locus::grouped;
use crate::genome::remedy::Remedy;
use std::collections::HashMap;

/// Names shown in an error.
const NAMES_SHOWN: usize = 3;

/// Why a record on an unknown sequence is left out.
pub const UNKNOWN: &str = "on a sequence that the genome lacks";

/// Looks up sequence names, remembers which were unknown.
pub struct Seqids<'g> {
    genome: &'g Genome,
    known: HashMap<&'g str, usize>,
    found: HashMap<String, Option<usize>>,
    /// The contig of each length, `None` where several have it; made when first asked for.
    by_length_bp: Option<HashMap<usize, Option<usize>>>,
    /// Names taken for a contig only because the lengths agree.
    by_length: Vec<(String, usize)>,
    /// Names that are an alias of a contig but have another length in the file.
    refused: Vec<(String, usize, usize)>,
}

impl<'g> Seqids<'g> {
    /// Nothing looked up yet.
    #[must_use]
    pub fn new(genome: &'g Genome) -> Self {
        let mut known = HashMap::new();
        for (index, contig) in genome.contigs.iter().enumerate() {
            for name in contig.names() {
                known.entry(name).or_insert(index);
            }
        }
        Self {
            genome,
            known,
            found: HashMap::new(),
            by_length_bp: None,
            by_length: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Nothing looked up yet; knows the names of the assembly that `remedy` lifts from too.
    #[must_use]
    pub fn lifted(genome: &'g Genome, remedy: Remedy) -> Self {
        let mut seqids = Self::new(genome);
        if remedy.lift {
            for (index, contig) in genome.contigs.iter().enumerate() {
                let from = Lift::onto(contig).map_or(&[][..], |lift| lift.from);
                for name in from {
                    seqids.admit(name, index);
                }
            }
        }
        seqids
    }

    /// The contig that a file calls `name`, by name or alias.
    pub fn contig(&mut self, name: &str) -> Option<usize> {
        if let Some(&contig) = self.found.get(name) {
            return contig;
        }
        let contig = self.named(name);
        self.found.insert(name.to_owned(), contig);
        contig
    }

    /// The contig that the genome calls `name`, whatever the file says; remembers nothing.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<usize> {
        self.known.get(name).copied()
    }

    /// Hears that the file gives `name` a length.
    ///
    /// An unknown name becomes that of the only contig with exactly this length. A name that only
    /// an alias gave to a contig of another length is no name of it: a `chr` of another assembly
    /// is another sequence.
    pub fn declare(&mut self, name: &str, length_bp: usize) {
        let contigs = &self.genome.contigs;
        let known = self.contig(name);
        if let Some(contig) = known {
            let here = contigs[contig].len();
            if here != length_bp && contigs[contig].name != name {
                self.refuse(name, length_bp, contig);
            }
            return;
        }
        if let Some(contig) = self.only_of_length(length_bp) {
            self.found.insert(name.to_owned(), Some(contig));
            self.by_length.push((name.to_owned(), contig));
        }
    }

    /// The contig of this length, where no other has it.
    fn only_of_length(&mut self, length_bp: usize) -> Option<usize> {
        let lengths = self.by_length_bp.get_or_insert_with(|| {
            let mut lengths = HashMap::new();
            for (index, contig) in self.genome.contigs.iter().enumerate() {
                lengths
                    .entry(contig.len())
                    .and_modify(|only| *only = None)
                    .or_insert(Some(index));
            }
            lengths
        });
        lengths.get(&length_bp).copied().flatten()
    }

    /// Hears that `name`, which would be `contig`, has another length and so is another sequence.
    pub fn refuse(&mut self, name: &str, length_bp: usize, contig: usize) {
        self.found.insert(name.to_owned(), None);
        self.refused.push((name.to_owned(), length_bp, contig));
    }

    /// The genome whose names these are.
    #[must_use]
    pub fn genome(&self) -> &'g Genome {
        self.genome
    }

    /// Takes `name` for `contig` too.
    pub fn admit(&mut self, name: &str, contig: usize) {
        self.found.insert(name.to_owned(), Some(contig));
    }

    /// Names that were matched by length alone, with their contigs.
    pub fn learnt(&self) -> impl Iterator<Item = (usize, String)> {
        self.by_length
            .iter()
            .map(|(name, contig)| (*contig, name.clone()))
    }

    /// Sentences about names that were matched by length alone, and names that were not found.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut unknown: Vec<&str> = self
            .found
            .iter()
            .filter(|(_, contig)| contig.is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        unknown.sort_unstable();
        let unknown = (!unknown.is_empty())
            .then(|| format!("Not in the genome: {}.", listed(unknown.into_iter())));
        self.by_length
            .iter()
            .map(|(name, contig)| {
                let contig = &self.genome.contigs[*contig];
                let (known, length) = (&contig.name, grouped(contig.len()));
                format!("{name} was taken for {known}: both have {length} bp.")
            })
            .take(NAMES_SHOWN)
            .chain(self.refusals())
            .chain(unknown)
            .collect()
    }

    fn refusals(&self) -> impl Iterator<Item = String> {
        self.refused.iter().take(NAMES_SHOWN).map(|(name, length_bp, contig)| {
            let contig = &self.genome.contigs[*contig];
            format!(
                "{name} has {} bp in this file and {} bp in the open genome ({}): made for another assembly?",
                grouped(*length_bp),
                grouped(contig.len()),
                contig.name
            )
        })
    }

    /// Why a record that ends at `end` (0-based, exclusive) cannot be placed: it lies beyond the contig.
    #[must_use]
    pub fn beyond(&self, contig: usize, end: usize) -> Option<String> {
        let contig = &self.genome.contigs[contig];
        (end > contig.len()).then(|| {
            let length = grouped(contig.len());
            format!(
                "beyond {length}, the end of {}; made for another assembly?",
                contig.name
            )
        })
    }

    /// An error where a 0-based `end` lies beyond the contig.
    ///
    /// # Errors
    /// [`ReadError`] with the line and both lengths.
    pub fn check_end(
        &self,
        contig: usize,
        end: usize,
        input: &Input<'_>,
        line: usize,
    ) -> Result<(), ReadError> {
        let contig = &self.genome.contigs[contig];
        if end <= contig.len() {
            return Ok(());
        }
        Err(input.problem(
            Some(line),
            format!(
                "positions up to {}, the length of {}",
                grouped(contig.len()),
                contig.name
            ),
            grouped(end),
            "This file may have been made for another assembly.",
        ))
    }

    /// An error where names were looked up and none is in the genome.
    ///
    /// # Errors
    /// [`ReadError`] that names both sides.
    pub fn require_match(&self, input: &Input<'_>) -> Result<(), ReadError> {
        if self.found.is_empty() || self.found.values().any(Option::is_some) {
            return Ok(());
        }
        let mut theirs: Vec<&str> = self.found.keys().map(String::as_str).collect();
        theirs.sort_unstable();
        let mut found = listed(theirs.into_iter());
        for refusal in self.refusals() {
            found = format!("{found}; {}", refusal.trim_end_matches('?'));
        }
        let ours = self
            .genome
            .contigs
            .iter()
            .map(|contig| contig.name.as_str());
        Err(input.problem(
            None,
            format!("sequences of the open genome ({})", listed(ours)),
            found,
            "Open the genome that this file belongs to, or give the sequence this name as an alias.",
        ))
    }
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let all: Vec<String> = names.map(quoted).collect();
    let shown = all
        .iter()
        .take(NAMES_SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match all.len().checked_sub(NAMES_SHOWN) {
        Some(more @ 1..) => format!("{shown} and {} more", grouped(more)),
        _ => shown,
    }
}
