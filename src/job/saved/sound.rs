//! Whether tables that came from a file hang together: what does not would break what draws them.

use crate::analysis::association::Comparison;
use crate::analysis::heads::HeadReport;
use crate::analysis::naming::Names;
use crate::analysis::windows::Surroundings;
use crate::attention::{HeadId, HeadShape};
use crate::genome::{Anchor, Genome, Interval};
use crate::job::compare::CompareRule;
use crate::job::evaluate::Evaluated;
use crate::job::findings::Heads;
use crate::job::heads::{HeadsResult, HeadsRule};
use crate::job::mutate::Mutagenesis;
use crate::job::novel::Novel;
use crate::job::redundancy::Redundancy;
use crate::job::saturation::{LONGEST_BP, SaturationMap};
use serde::{Deserialize, Serialize};

/// More bases around anchors than anybody looks at.
const MOST_BASES: usize = 1 << 27;
/// More heads than any model has.
const MOST_HEADS: usize = 1 << 14;
/// More draws or shuffled genomes than anybody waits for.
const MOST_DRAWS: usize = 1 << 20;
/// Longer than any motif.
const LONGEST_MOTIF: usize = 1 << 12;

/// What is kept of all heads. The bases around the anchors come from the genome.
#[derive(Serialize, Deserialize)]
pub struct HeadsForm {
    reports: Vec<HeadReport>,
    anchors: Vec<Anchor>,
    label_shift: usize,
    context: usize,
    flank: usize,
    given: usize,
    rule: HeadsRule,
    words: String,
    shape: HeadShape,
}

impl HeadsForm {
    /// What is kept of `heads`.
    pub fn of(heads: &Heads) -> Self {
        let HeadsResult {
            reports,
            surroundings,
            given,
            rule,
        } = &heads.result;
        Self {
            reports: reports.clone(),
            anchors: surroundings.anchors().to_vec(),
            label_shift: surroundings.label_shift(),
            context: surroundings.context(),
            flank: surroundings.flank(),
            given: *given,
            rule: *rule,
            words: heads.anchors.clone(),
            shape: heads.shape,
        }
    }

    /// The heads on `genome`.
    pub fn heads(self, genome: &Genome) -> Result<Heads, String> {
        let reach = (self.flank.checked_mul(2)).and_then(|both| both.checked_add(self.context));
        let bases = reach.and_then(|columns| columns.checked_mul(self.anchors.len()));
        let fits = bases.is_some_and(|bases| bases <= MOST_BASES)
            && self.context >= 1
            && self.label_shift <= MOST_BASES;
        let on_genome = |anchor: &Anchor| {
            let contig = genome.contigs.get(anchor.contig);
            contig.is_some_and(|contig| anchor.position < contig.len())
        };
        if !fits || !self.anchors.iter().all(on_genome) {
            return Err("its anchors do not lie on the genome".to_owned());
        }
        let surroundings = Surroundings::new(
            genome,
            &self.anchors,
            self.label_shift,
            self.context,
            self.flank,
        );
        let heads = count(self.shape).ok_or("it has too many heads")?;
        let in_order = |(row, report): (usize, &HeadReport)| self.shape.head(row) == report.head;
        if self.reports.len() != heads || !self.reports.iter().enumerate().all(in_order) {
            return Err("its reports are not one a head".to_owned());
        }
        if !self.reports.iter().all(|one| is_sound(one, &surroundings)) {
            return Err("a head's numbers do not fit one another".to_owned());
        }
        Ok(Heads {
            result: HeadsResult {
                reports: self.reports,
                surroundings,
                given: self.given,
                rule: self.rule,
            },
            anchors: self.words,
            shape: self.shape,
        })
    }
}

/// What is kept of saturation mutagenesis. The bases come from the genome.
#[derive(Serialize, Deserialize)]
pub struct SaturationForm {
    contig: usize,
    interval: Interval,
    found: Mutagenesis,
}

impl SaturationForm {
    /// What is kept of `map`.
    pub fn of(map: &SaturationMap) -> Self {
        Self {
            contig: map.contig,
            interval: map.interval,
            found: map.found.clone(),
        }
    }

    /// The map on `genome`.
    pub fn map(self, genome: &Genome) -> Result<SaturationMap, String> {
        let short = self.interval.start < self.interval.end
            && self.interval.end - self.interval.start <= LONGEST_BP;
        let map = short.then(|| SaturationMap::new(genome, self.contig, self.interval, self.found));
        map.flatten()
            .ok_or_else(|| "its stretch does not lie on the genome".to_owned())
    }
}

fn count(shape: HeadShape) -> Option<usize> {
    let heads = shape.layers.checked_mul(shape.heads)?;
    (1..=MOST_HEADS).contains(&heads).then_some(heads)
}

fn is_sound(report: &HeadReport, surroundings: &Surroundings) -> bool {
    let (profile, motif) = (&report.profile, &report.motif);
    let width = motif.windows_pfm.counts.len();
    let core = &motif.core;
    profile.mean.len() == surroundings.context()
        && profile.deviation.len() == surroundings.context()
        && profile.head == report.head
        && width <= LONGEST_MOTIF
        && core.start <= core.end
        && core.end <= width.min(i8::MAX.unsigned_abs().into())
        && motif.pfm.counts.len() == core.len()
        && motif
            .windows
            .iter()
            .all(|window| surroundings.holds(window.window, window.shift, width))
}

/// Whether matches lie where motifs do.
pub fn names(names: &Names) -> Result<(), String> {
    let sound = names.heads.iter().all(|head| {
        head.motif.len() <= LONGEST_MOTIF
            && head.matches.iter().all(|found| {
                found.motif.len() <= LONGEST_MOTIF && found.offset.unsigned_abs() <= LONGEST_MOTIF
            })
    });
    said(sound, "a match does not lie at its motif")
}

/// Whether cells, sites and promoters belong together.
pub fn comparison(table: &Comparison, genome: &Genome) -> Result<(), String> {
    let heads = count(table.shape()).ok_or("it has too many heads")?;
    let cells = table.cells.iter().all(|cell| {
        (1..=table.layers).contains(&cell.layer) && (1..=table.heads).contains(&cell.head)
    });
    let place = |contig: usize, end: usize| {
        let contig = genome.contigs.get(contig);
        contig.is_some_and(|contig| end <= contig.len())
    };
    let sites = table.sites.iter().all(|site| {
        site.promoter < table.promoters.len()
            && site.interval.start < site.interval.end
            && place(site.contig, site.interval.end)
    });
    let promoters = table.promoters.iter().all(|promoter| {
        let anchor = promoter.anchor;
        anchor.position < usize::MAX && place(anchor.contig, anchor.position + 1)
    });
    let of_sites = |rows: &[Vec<f32>]| {
        rows.len() == heads && rows.iter().all(|row| row.len() == table.sites.len())
    };
    let sound = cells && sites && promoters && of_sites(&table.weights) && of_sites(&table.ranks);
    said(
        sound,
        "its cells, sites and promoters do not belong together",
    )
}

/// Whether a comparison can be asked for with `rule`.
pub fn is_askable(rule: &CompareRule, genome: &Genome) -> bool {
    let region = rule.region.is_none_or(|(contig, interval)| {
        let contig = genome.contigs.get(contig);
        interval.start < interval.end && contig.is_some_and(|contig| interval.end <= contig.len())
    });
    region
        && rule.shuffles <= MOST_DRAWS
        && rule.draws.permutations <= MOST_DRAWS
        && rule.draws.most <= MOST_DRAWS
        && rule.min_sites <= MOST_BASES
        && rule.apart_bp <= MOST_BASES
}

/// Whether every site has a place.
pub fn novel(table: &Novel) -> Result<(), String> {
    let mut sites = table.sites.iter();
    let sound = sites.all(|site| site.left >= 1 && site.left <= site.right);
    said(sound, "a site has no place")
}

/// Whether the names are those of heads.
pub fn redundancy(table: &Redundancy) -> Result<(), String> {
    let is_head = |name: &String| name.parse::<HeadId>().is_ok();
    let mut pairs = table.pairs.iter();
    let sound = pairs.all(|pair| is_head(&pair.first) && is_head(&pair.second))
        && table.order.len() <= MOST_HEADS
        && table.order.iter().all(is_head);
    said(sound, "a name is not that of a head")
}

/// Whether all points of the curves are fractions.
pub fn evaluation(table: &Evaluated) -> Result<(), String> {
    let fraction = |value: f64| (0.0..=1.0).contains(&value);
    let mut curves = table.curves.iter();
    let points = curves.all(|curve| {
        let points = &curve.points;
        let mut all = points.roc.iter().chain(&points.precision_recall);
        all.all(|point| point.iter().copied().all(fraction))
    });
    let mut bins = table.evaluation.calibration.iter();
    let sound = points && bins.all(|bin| fraction(bin.predicted) && fraction(bin.observed));
    said(sound, "a point of a curve is no fraction")
}

fn said(sound: bool, problem: &str) -> Result<(), String> {
    sound.then_some(()).ok_or_else(|| problem.to_owned())
}
