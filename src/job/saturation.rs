//! Saturation mutagenesis of a stretch as a map: what every base in every place does to the
//! strongest predicted start site there.

use super::analyse::{Basis, Finding};
use super::figure::{diverging, locus_text, provenance};
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
    /// The changes, one by one, and the start site.
    pub found: Mutagenesis,
}

/// Changes every base of a stretch to each of the three others and scores the strongest predicted start site on
/// `strand` there.
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
) -> Result<Finding<SaturationMap>, MutateError> {
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
    let map = SaturationMap::new(genome, locus.contig, locus.interval, found).ok_or_else(none)?;
    let more = [
        ("analysis", "Saturation mutagenesis".to_owned()),
        ("locus", map.place(genome)),
        ("start site", map.start_site()),
        ("mode", Mode::Seamless.to_string()),
    ];
    Ok(Finding {
        basis: Basis::of(genome, model),
        provenance: provenance(genome, model, &more),
        table: map,
    })
}

/// What the changes of a stretch do, base by base.
fn effects(reference: &[Base], first: usize, tss: usize, found: &Mutagenesis) -> Vec<[f32; 4]> {
    let mut effects = vec![[f32::NAN; 4]; reference.len()];
    let to = |letters: &str| ACGT.iter().position(|base| base::text(&[*base]) == letters);
    for row in found.rows.iter().filter(|row| row.tss == tss) {
        let index = row.position.checked_sub(first + 1);
        let Some((index, place)) = index.and_then(|index| Some((index, effects.get_mut(index)?)))
        else {
            continue;
        };
        if let Some(to) = to(&row.alt) {
            place[to] = row.effect;
        }
        if let Some(there) = reference[index].index() {
            place[there] = 0.0;
        }
    }
    effects
}

impl SaturationMap {
    /// The map of `found`, every substitution of a stretch of `genome`; `None` where the stretch does not lie on it or
    /// no start site was scored.
    #[must_use]
    pub fn new(
        genome: &Genome,
        contig: usize,
        interval: Interval,
        found: Mutagenesis,
    ) -> Option<Self> {
        let on = genome.contigs.get(contig)?;
        let scored = found.start_sites.first()?;
        if interval.is_empty() || interval.end > on.len() {
            return None;
        }
        let reference = on.sequence.bases(interval);
        Some(Self {
            contig,
            contig_name: on.name.clone(),
            interval,
            effects: effects(&reference, interval.start, scored.tss, &found),
            reference,
            tss: (scored.tss, scored.strand),
            probability: scored.probability,
            found,
        })
    }

    /// The start site that is scored, in words.
    #[must_use]
    pub fn start_site(&self) -> String {
        let (tss, strand) = self.tss;
        format!("{}{strand}", grouped(tss))
    }

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
        let title = format!(
            "{}:{}  every substitution, scored at the start site {} (P = {:.3})",
            self.contig_name,
            self.interval,
            self.start_site(),
            self.probability
        );
        let inside = self
            .tss
            .0
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
