//! Saturation mutagenesis of a stretch as a map: what every base in every place does to the
//! strongest predicted start site there.

use super::figure::{diverging, locus_text};
use super::mutate::{Mutagenesis, MutateError, Request, What, mutate};
use crate::analysis::causal::mutagenesis::write_mutations;
use crate::figure::mutagenesis::{self, mutagenesis};
use crate::figure::{ColorScale, Scene, Sheet, Theme};
use crate::genome::base::{self, ACGT};
use crate::genome::edit::Edit;
use crate::genome::locus::grouped;
use crate::genome::{Base, Genome, Interval, Locus, Strand};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Progress};
use std::io::{self, Write};

/// The longest stretch that is drawn base by base.
pub const LONGEST_BP: usize = 500;

/// Every substitution of a stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct SaturationMap {
    /// The genome's checksum.
    pub genome: String,
    /// The model's checksum.
    pub model: String,
    /// Index of the contig.
    pub contig: usize,
    /// Its name.
    pub contig_name: String,
    /// The bases.
    pub interval: Interval,
    /// What is there, as the forward strand reads.
    pub reference: Vec<Base>,
    /// By base, what a change to A, C, G or T does to the score; NaN where the start site does not
    /// depend on the base, 0 for the base that is there.
    pub effects: Vec<[f32; 4]>,
    /// The start site that is scored, 1-based, and its strand.
    pub tss: (usize, Strand),
    /// Its probability.
    pub probability: f32,
    found: Mutagenesis,
}

/// Changes every base of a stretch to each of the three others, on the strand of `locus`.
///
/// # Errors
/// [`MutateError`].
pub fn saturate(
    genome: &Genome,
    model: &Model,
    locus: Locus,
    strand: Strand,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<SaturationMap, MutateError> {
    let request = Request {
        genome,
        model,
        locus: Locus {
            strand: Some(strand),
            ..locus
        },
        tss: Vec::new(),
        what: What::Substitution,
        sites: None,
        heads: Vec::new(),
        settings: Settings::with_mode(Mode::Seamless),
    };
    let found = mutate(&request, progress, cancel)?;
    let shift = model.config().label_shift;
    let none = || MutateError::NoStartSite { shift };
    let scored = found.start_sites.first().ok_or_else(none)?;
    let contig = genome.contigs.get(locus.contig).ok_or_else(none)?;
    let reference = contig.sequence.bases(locus.interval);
    let mut effects = vec![[f32::NAN; 4]; reference.len()];
    for row in found.rows.iter().filter(|row| row.tss == scored.tss) {
        let index = (row.position - 1).checked_sub(locus.interval.start);
        let place = index.and_then(|index| Some((index, effects.get_mut(index)?)));
        let to = |letters: &str| ACGT.iter().position(|base| base::text(&[*base]) == letters);
        if let Some((index, place)) = place {
            if let Some(to) = to(&row.alt) {
                place[to] = row.effect;
            }
            if let Some(there) = reference[index].index() {
                place[there] = 0.0;
            }
        }
    }
    Ok(SaturationMap {
        genome: genome.checksum.clone(),
        model: model.checksum.clone(),
        contig: locus.contig,
        contig_name: contig.name.clone(),
        interval: locus.interval,
        reference,
        effects,
        tss: (scored.tss, scored.strand),
        probability: scored.probability,
        found,
    })
}

impl SaturationMap {
    /// The edit that a cell stands for; `None` for the base that is there.
    #[must_use]
    pub fn edit(&self, column: usize, row: usize) -> Option<Edit> {
        let (there, to) = (self.reference.get(column)?, ACGT.get(row)?);
        (there != to).then(|| Edit::substitution(self.interval.start + column, *to))
    }

    /// The map as a picture.
    #[must_use]
    pub fn scene(&self, sheet: &Sheet) -> Scene {
        let known = self.effects.iter().flatten().filter(|x| x.is_finite());
        let most = known.fold(0.0_f32, |most, effect| most.max(effect.abs()));
        let end = most.max(0.01);
        let map = diverging(sheet.theme == Theme::Dark);
        let (tss, strand) = self.tss;
        let title = format!(
            "{}:{}  every substitution, scored at the start site {}{strand} (P = {:.3})",
            self.contig_name,
            self.interval,
            grouped(tss),
            self.probability
        );
        let inside = tss
            .checked_sub(self.interval.start + 1)
            .filter(|at| *at < self.reference.len());
        let marks: Vec<(usize, usize, &str)> = inside
            .map(|at| (at, at, "start site"))
            .into_iter()
            .collect();
        let drawn = mutagenesis::Mutagenesis {
            title: &title,
            first_position: self.interval.start + 1,
            reference: &self.reference,
            effects: &self.effects,
            marks: &marks,
            scale: ColorScale::linear(map, -end, end),
            rule: "change of the score at the start site: logit 1 less logit 0",
        };
        mutagenesis(&drawn, sheet)
    }

    /// Every change with its effects, tab-separated, as `headlight mutate` writes them.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        write_mutations(out, &self.contig_name, &self.found.rows)
    }

    /// What it is of, in words.
    #[must_use]
    pub fn place(&self, genome: &Genome) -> String {
        let contig = genome.contigs.get(self.contig);
        contig.map_or_else(String::new, |contig| locus_text(contig, self.interval))
    }
}
