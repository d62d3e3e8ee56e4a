//! The table of heads and TFs, and the sites behind each of its cells.

use super::significance::Significance;
use crate::attention::{HeadId, HeadShape};
use crate::genome::{Anchor, Interval};
use crate::sites::{Effect, Evidence};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// What sites are moved or shuffled by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Null {
    /// Permutations of the promoters within strata: the headline.
    #[default]
    Promoter,
    /// Circular shifts of all sites.
    Shift,
    /// Windows matched in AT content and distance, drawn for every site on its own.
    Matched,
    /// Genomes whose intergenic regions were shuffled.
    Shuffle,
}

impl std::fmt::Display for Null {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Promoter => "promoter",
            Self::Shift => "shift",
            Self::Matched => "matched",
            Self::Shuffle => "shuffle",
        })
    }
}

/// One head against one TF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Layer, from 1.
    pub layer: usize,
    /// Head within its layer, from 1.
    pub head: usize,
    /// The transcription factor.
    pub tf: String,
    /// Its sites that are counted.
    pub sites: usize,
    /// Mean over the sites of the share of controls that get less attention, ties half.
    pub auroc: f64,
    /// Lower end of its 95 % interval over 20 kb blocks.
    pub auroc_low: f64,
    /// Upper end.
    pub auroc_high: f64,
    /// AUROC less the mean under the null; for the shift, whose draws hold other numbers of sites, less ½.
    pub effect: f64,
    /// The AUROC with controls of the same fifth by AT content alone; NaN where there are none.
    pub auroc_same_at: f64,
    /// Promoters with a counted site, of all promoters: what a random order would find.
    pub base_rate: f64,
    /// Mean weight over the bases of the sites.
    pub mean_weight: f64,
    /// Mean weight over the same intervals at all promoters of the universe.
    pub mean_weight_all: f64,
    /// The cell against its null. Under the shift mean, deviation and z are those of (AUROC − ½)·√sites,
    /// for its draws hold other numbers of sites; else those of the AUROC.
    #[serde(flatten)]
    pub significance: Significance,
}

/// How many sites of a TF there are, and why some are not counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TfCount {
    /// The transcription factor.
    pub tf: String,
    /// Its sites under the evidence filter.
    pub sites: usize,
    /// Those that belong to a promoter of the universe.
    pub at_promoters: usize,
    /// Those of these that the model sees as a whole from the promoter's query.
    pub seen: usize,
    /// Those of these that are counted; fewer only in the conditional test.
    pub counted: usize,
    /// Whether that is enough for a test.
    pub tested: bool,
}

/// A promoter of the universe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedPromoter {
    /// Its start site.
    pub anchor: Anchor,
    /// Its name; may be empty.
    pub name: String,
    /// Its σ factor; empty where not known.
    pub sigma: String,
    /// `training`, `held-out`, or `neither` near a border of the training split and where the model states none.
    pub part: String,
}

/// A counted site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedSite {
    /// The transcription factor.
    pub tf: String,
    /// Index of the contig.
    pub contig: usize,
    /// Its bases on the forward strand, 0-based half-open.
    pub interval: Interval,
    /// Its strand: `+`, `-`, `both` or `.`.
    pub strand: String,
    /// Its promoter's place in [`Comparison::promoters`].
    pub promoter: usize,
    /// Offsets of its first and last base from the start site on the promoter's strand; 0 is the +1 base.
    pub offsets: [isize; 2],
    /// How well it is supported.
    #[serde(default)]
    pub evidence: Evidence,
    /// What it does at its promoters.
    #[serde(default)]
    pub effect: Effect,
}

/// A site behind a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteInCell<'a> {
    /// The site.
    pub site: &'a ComparedSite,
    /// Its promoter.
    pub promoter: &'a ComparedPromoter,
    /// Mean weight over its bases.
    pub weight: f32,
    /// The share of its controls that get less, ties half.
    pub rank: f32,
}

/// Heads against TFs, with the sites behind every cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Number of layers.
    pub layers: usize,
    /// Heads in each layer.
    pub heads: usize,
    /// What sites were compared with.
    pub null: Null,
    /// Strata of the promoter permutation with at least two promoters, and promoters in them.
    pub movable: [usize; 2],
    /// The universe.
    pub promoters: Vec<ComparedPromoter>,
    /// All TFs of the sites, most counted sites first.
    pub tfs: Vec<TfCount>,
    /// The counted sites of the tested TFs.
    pub sites: Vec<ComparedSite>,
    /// One a head and TF: heads layer by layer, within a head TFs in their order.
    pub cells: Vec<Cell>,
    /// `weights[head][site]`: mean weight over a site's bases.
    pub weights: Vec<Vec<f32>>,
    /// `ranks[head][site]`: the site's own AUROC.
    pub ranks: Vec<Vec<f32>>,
}

impl Comparison {
    /// Layers and heads.
    #[must_use]
    pub fn shape(&self) -> HeadShape {
        HeadShape {
            layers: self.layers,
            heads: self.heads,
        }
    }

    /// The cell of a head and a TF.
    #[must_use]
    pub fn cell(&self, head: HeadId, tf: &str) -> Option<&Cell> {
        let own = |cell: &&Cell| (cell.layer, cell.head) == (head.layer + 1, head.head + 1);
        self.cells.iter().filter(own).find(|cell| cell.tf == tf)
    }

    /// The sites behind a cell, the one with the most attention for its place first.
    #[must_use]
    pub fn sites_of(&self, head: HeadId, tf: &str) -> Vec<SiteInCell<'_>> {
        let row = self.shape().row(head);
        let (Some(weights), Some(ranks)) = (self.weights.get(row), self.ranks.get(row)) else {
            return Vec::new();
        };
        let mut found: Vec<SiteInCell<'_>> = self
            .sites
            .iter()
            .zip(weights.iter().zip(ranks))
            .filter(|(site, _)| site.tf == tf)
            .filter_map(|(site, (&weight, &rank))| {
                let promoter = self.promoters.get(site.promoter)?;
                Some(SiteInCell {
                    site,
                    promoter,
                    weight,
                    rank,
                })
            })
            .collect();
        found.sort_by(|a, b| {
            b.rank
                .total_cmp(&a.rank)
                .then(b.weight.total_cmp(&a.weight))
        });
        found
    }

    /// Writes one line a cell, tab-separated.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_tsv(&self, out: &mut dyn Write) -> io::Result<()> {
        write_cells(&mut self.cells.iter(), out)
    }

    /// Writes the line of one head and TF below the names of the columns, as [`Self::write_tsv`] does.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_cell_tsv(&self, head: HeadId, tf: &str, out: &mut dyn Write) -> io::Result<()> {
        write_cells(&mut self.cell(head, tf).into_iter(), out)
    }

    /// Writes one line a head and site, tab-separated; `contigs` are the names of the contigs.
    ///
    /// Positions are 1-based; `from` and `to` are counted from the start site, which is +1.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_sites_tsv(&self, out: &mut dyn Write, contigs: &[&str]) -> io::Result<()> {
        writeln!(
            out,
            "layer\thead\ttf\tcontig\tleft\tright\tstrand\tfrom\tto\tpromoter\ttss\ttss_strand\tsigma\tpart\tmean_weight\trank"
        )?;
        let number = |offset: isize| crate::genome::TssOffset(offset).number();
        for head in self.shape().all() {
            let row = self.shape().row(head);
            for (index, site) in self.sites.iter().enumerate() {
                let promoter = &self.promoters[site.promoter];
                writeln!(
                    out,
                    "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:.3e}\t{:.4}",
                    head.layer + 1,
                    head.head + 1,
                    site.tf,
                    contigs.get(site.contig).copied().unwrap_or_default(),
                    site.interval.start + 1,
                    site.interval.end,
                    site.strand,
                    number(site.offsets[0]),
                    number(site.offsets[1]),
                    promoter.name,
                    promoter.anchor.position + 1,
                    promoter.anchor.strand.sign(),
                    promoter.sigma,
                    promoter.part,
                    self.weights[row][index],
                    self.ranks[row][index],
                )?;
            }
        }
        Ok(())
    }
}

fn write_cells(cells: &mut dyn Iterator<Item = &Cell>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "layer\thead\ttf\tsites\tauroc\tauroc_low\tauroc_high\tp\tq\tp_max\teffect\tz\tnull_mean\tnull_sd\t\
             exceedances\tdraws\tauroc_same_at\tbase_rate\tmean_weight\tmean_weight_all"
    )?;
    for cell in cells {
        let null = &cell.significance;
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{:.4}\t{:.4}\t{:.4}\t{:.3e}\t{:.3e}\t{:.3e}\t{:+.4}\t{:+.3}\t{:.4}\t{:.4}\t{}\t{}\t{:.4}\t{:.4}\t{:.3e}\t{:.3e}",
            cell.layer,
            cell.head,
            cell.tf,
            cell.sites,
            cell.auroc,
            cell.auroc_low,
            cell.auroc_high,
            null.p,
            null.q,
            null.p_max,
            cell.effect,
            null.z,
            null.null_mean,
            null.null_sd,
            null.exceedances,
            null.draws,
            cell.auroc_same_at,
            cell.base_rate,
            cell.mean_weight,
            cell.mean_weight_all,
        )?;
    }
    Ok(())
}
