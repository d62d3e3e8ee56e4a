//! Mutagenesis at a locus: every base changed, taken out or hidden, beside gradients and attention.

use super::heads::predicted_anchors;
use crate::analysis::anchors::PeakRule;
use crate::analysis::causal::mutagenesis::{
    Agreement, BaseWeights, HeadWeights, MutationRow, agreement, gradient_times_input,
};
use crate::attention::HeadId;
use crate::genome::base::{self, ACGT};
use crate::genome::{Anchor, Base, Edit, Genome, Interval, Locus, Strand};
use crate::model::attribution::{Attribution, Attributor};
use crate::model::predict::StrandSequence;
use crate::model::variants::{self, Changed, VariantError, reached};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::SiteSet;
use serde::{Deserialize, Serialize};

/// Scores within so many outputs of a start site's own count in its sensitivity.
pub const SENSITIVITY_BP: usize = crate::analysis::causal::ablation::SENSITIVITY_BP;

/// The longest locus, in bases: what a start site depends on is shorter.
pub const LONGEST_BP: usize = 20_000;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Every base to each of the three others.
    Substitution,
    /// Every base taken out.
    Deletion,
    /// Each of the four bases put in between any two.
    Insertion,
    /// Windows of so many bases hidden, one a base, or the known sites where there are some.
    Mask {
        /// Bases of a window.
        window_bp: usize,
    },
}

/// What to mutate.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The genome.
    pub genome: &'a Genome,
    /// The model.
    pub model: &'a Model,
    /// Where bases are changed.
    pub locus: Locus,
    /// The start sites whose scores are watched; the strongest prediction of each strand in the
    /// locus where there is none.
    pub tss: Vec<Anchor>,
    /// What is changed.
    pub what: What,
    /// Known sites: masked as they are instead of windows.
    pub sites: Option<&'a SiteSet>,
    /// Heads whose attention is summed; every one where there is none.
    pub heads: Vec<HeadId>,
    /// Changes to heads that hold before and after.
    pub settings: Settings,
}

/// Mutagenesis cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MutateError {
    /// The locus is too long.
    #[error(
        "the locus has {} bases: expected at most {}, of which a start site sees but a part",
        found,
        LONGEST_BP
    )]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// No start site can be scored.
    #[error(
        "no start site can be scored at the locus: expected one whose output, {shift} bases downstream, \
         lies on the sequence and touches no N; name one with --tss POSITION:STRAND"
    )]
    NoStartSite {
        /// The label shift.
        shift: usize,
    },
    /// The locus holds none of the sites.
    #[error(
        "none of the {given} known sites lies in the locus: choose another one, or mask windows without --sites"
    )]
    NoSites {
        /// How many there are elsewhere.
        given: usize,
    },
    /// The model lacks a head.
    #[error("the model has no head {head}: it has {layers} layers of {heads} heads")]
    NoHead {
        /// The head that was asked for.
        head: HeadId,
        /// Layers of the model.
        layers: usize,
        /// Heads of each.
        heads: usize,
    },
    /// A change cannot be made, or somebody asked to stop.
    #[error(transparent)]
    Variant(#[from] VariantError),
}

impl From<Cancelled> for MutateError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Variant(cancelled.into())
    }
}

/// The result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mutagenesis {
    /// One summary a start site.
    pub start_sites: Vec<Agreement>,
    /// One row a change and start site.
    pub rows: Vec<MutationRow>,
}

/// A change with the name of what it changes, if it has one.
struct Change {
    edit: Edit,
    site: String,
}

/// Makes every change of a locus, one at a time, and scores its start sites.
///
/// Only changes within reach of a start site are made. `progress` counts changes.
///
/// # Errors
/// [`MutateError`].
pub fn mutate(
    request: &Request<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Mutagenesis, MutateError> {
    let (genome, model) = (request.genome, request.model);
    let (shape, shift) = (model.head_shape(), model.config().label_shift);
    check_heads(request)?;
    if request.locus.interval.len() > LONGEST_BP {
        return Err(MutateError::TooLong {
            found: request.locus.interval.len(),
        });
    }
    let none = || MutateError::NoStartSite { shift };
    let contig = genome.contigs.get(request.locus.contig).ok_or_else(none)?;
    let start_sites = if request.tss.is_empty() {
        strongest(request, cancel)?
    } else {
        request.tss.clone()
    };
    let mut work = Vec::new();
    for tss in start_sites {
        if tss.contig != request.locus.contig || tss.position >= contig.len() {
            return Err(none());
        }
        let sequence = StrandSequence::new(contig, tss.strand);
        let reach = reached(&model.kernel, sequence, tss.position, SENSITIVITY_BP);
        let changes = changes(request, reach)?;
        progress.add_total(changes.len() as u64);
        work.push((tss, sequence, changes));
    }
    let attributor = Attributor::new(model);
    let mut found = Mutagenesis {
        start_sites: Vec::new(),
        rows: Vec::new(),
    };
    for (tss, sequence, changes) in work {
        let query = tss.strand.flip(tss.position, contig.len()) + shift;
        let attribution = attributor.attribute(sequence, query, cancel)?;
        let edits: Vec<Edit> = changes.iter().map(|change| change.edit.clone()).collect();
        let settings = &request.settings;
        let changed = variants::scores(
            &model.kernel,
            sequence,
            tss.position,
            SENSITIVITY_BP,
            &edits,
            settings,
            progress,
            cancel,
        )?;
        let score = changed.before.score();
        let attribution = attribution.filter(|_| !score.is_nan()).ok_or_else(none)?;
        let view = View {
            sequence,
            attribution: &attribution,
            heads: if request.heads.is_empty() {
                shape.all().collect()
            } else {
                request.heads.clone()
            },
        };
        let rows = rows(changes, &changed, tss, &view);
        let by_head: Vec<HeadWeights> = shape
            .all()
            .map(|head| HeadWeights {
                head: head.to_string(),
                first: request.locus.interval.start,
                weights: request
                    .locus
                    .interval
                    .range()
                    .map(|position| view.attention(position, &[head]).0)
                    .collect(),
            })
            .collect();
        let probability = 1.0 / (1.0 + (-score).exp());
        found
            .start_sites
            .push(agreement(tss, score, probability, &rows, &by_head));
        found.rows.extend(rows);
    }
    Ok(found)
}

fn check_heads(request: &Request<'_>) -> Result<(), MutateError> {
    let shape = request.model.head_shape();
    if let Some(&head) = request
        .heads
        .iter()
        .find(|head| head.layer >= shape.layers || head.head >= shape.heads)
    {
        return Err(MutateError::NoHead {
            head,
            layers: shape.layers,
            heads: shape.heads,
        });
    }
    Ok(())
}

/// One row a change, beside what the bases that it touches mean otherwise.
fn rows(changes: Vec<Change>, changed: &Changed, tss: Anchor, view: &View<'_>) -> Vec<MutationRow> {
    let contig = view.sequence.contig;
    let pairs = changes.into_iter().zip(&changed.after);
    pairs
        .map(|(Change { edit, site }, after)| {
            let interval = edit.interval();
            // An insertion lies between two bases.
            let (position, end) = match interval.len() {
                0 => (interval.start, interval.start + 1),
                _ => (interval.start + 1, interval.end),
            };
            let touched = Interval::new(position.saturating_sub(1), end.min(contig.len()));
            MutationRow {
                position,
                end,
                strand: tss.strand,
                tss: tss.position + 1,
                reference: base::text(&contig.sequence.bases(interval)),
                alt: match &edit {
                    Edit::Replace { bases, .. } => base::text(bases),
                    Edit::Mask { interval } => "N".repeat(interval.len()),
                },
                site,
                effect: after.effect(&changed.before),
                sensitivity: after.sensitivity(&changed.before),
                weights: view.weights(touched),
            }
        })
        .collect()
}

/// The strongest predicted start site of each strand of the locus.
fn strongest(request: &Request<'_>, cancel: &Cancel) -> Result<Vec<Anchor>, MutateError> {
    let kernel = &request.model.kernel;
    let mut anchors = Vec::new();
    for strand in Strand::BOTH {
        if request.locus.strand.is_some_and(|only| only != strand) {
            continue;
        }
        let region = Locus {
            strand: Some(strand),
            ..request.locus
        };
        let one = PeakRule {
            count: 1,
            ..PeakRule::default()
        };
        let silent = Progress::default();
        let mode = Mode::Seamless;
        let found = predicted_anchors(kernel, request.genome, region, one, mode, &silent, cancel)?;
        anchors.extend(found.first().map(|found| found.anchor));
    }
    if anchors.is_empty() {
        return Err(MutateError::NoStartSite {
            shift: request.model.config().label_shift,
        });
    }
    Ok(anchors)
}

/// The changes of the locus that lie in `reach`.
fn changes(request: &Request<'_>, reach: Interval) -> Result<Vec<Change>, MutateError> {
    let contig = &request.genome.contigs[request.locus.contig];
    let interval = request.locus.interval.intersection(reach);
    let unnamed = |edit| Change {
        edit,
        site: String::new(),
    };
    let bases = contig.sequence.bases(interval);
    let at = || interval.range().zip(&bases);
    Ok(match request.what {
        What::Substitution => at()
            .flat_map(|(position, there)| {
                let others = ACGT.into_iter().filter(move |base| base != there);
                others.map(move |base| unnamed(Edit::substitution(position, base)))
            })
            .collect(),
        What::Deletion => at()
            .map(|(position, _)| unnamed(Edit::deletion(Interval::new(position, position + 1))))
            .collect(),
        What::Insertion => at()
            .flat_map(|(position, _)| {
                ACGT.map(|base| unnamed(Edit::insertion(position, vec![base])))
            })
            .filter(|change| change.edit.interval().start > 0)
            .collect(),
        What::Mask { window_bp } => match request.sites {
            Some(sites) => {
                let inside: Vec<Change> = sites
                    .overlapping(request.locus.contig, request.locus.interval)
                    .map(|site| Change {
                        edit: Edit::Mask {
                            interval: site.interval,
                        },
                        site: site.tf().to_owned(),
                    })
                    .collect();
                if inside.is_empty() {
                    return Err(MutateError::NoSites {
                        given: sites.sites.len(),
                    });
                }
                inside
            }
            None => interval
                .range()
                .filter(|start| start + window_bp <= interval.end)
                .map(|start| {
                    let interval = Interval::new(start, start + window_bp);
                    unnamed(Edit::Mask { interval })
                })
                .collect(),
        },
    })
}

/// A start site's attribution, read by forward position.
struct View<'a> {
    sequence: StrandSequence<'a>,
    attribution: &'a Attribution,
    heads: Vec<HeadId>,
}

impl View<'_> {
    /// The strand position of a forward one; on a circle the turn that the output depends on.
    fn along(&self, position: usize) -> isize {
        let length = self.sequence.len();
        let along = self.sequence.strand.flip(position, length).cast_signed();
        let turns = [0, -length.cast_signed(), length.cast_signed()];
        let wraps = self.sequence.wraps(Mode::Seamless);
        let inside = |turn: &isize| self.attribution.index(along + turn).is_some();
        let turn = turns
            .into_iter()
            .filter(|turn| wraps || *turn == 0)
            .find(inside);
        along + turn.unwrap_or(0)
    }

    /// Attention and norm-weighted attention of a base, summed over heads; NaN where the query does
    /// not see it.
    fn attention(&self, position: usize, heads: &[HeadId]) -> (f32, f32) {
        let distance = self.attribution.query - self.along(position);
        let distance = usize::try_from(distance).unwrap_or(usize::MAX);
        let sum = |of: &dyn Fn(HeadId) -> Option<f32>| {
            let weights = heads.iter().map(|head| of(*head).unwrap_or(f32::NAN));
            weights.sum::<f32>()
        };
        (
            sum(&|head| self.attribution.attention(head).get(distance).copied()),
            sum(&|head| self.attribution.norm_weighted(head).get(distance).copied()),
        )
    }

    /// What the bases of an interval mean, summed.
    fn weights(&self, interval: Interval) -> BaseWeights {
        let bases = self.sequence.contig.bases(interval, Strand::Forward);
        let mut sum = BaseWeights::default();
        for (position, there) in interval.range().zip(bases) {
            let (attention, norm_weighted) = self.attention(position, &self.heads);
            sum.attention += attention;
            sum.norm_weighted += norm_weighted;
            if let Some(index) = self.attribution.index(self.along(position)) {
                let read: Base = match self.sequence.strand {
                    Strand::Forward => there,
                    Strand::Reverse => there.complement(),
                };
                let gradient = self.attribution.gradient[index];
                sum.gradient_times_input += gradient_times_input(gradient, read);
                sum.rollout += self.attribution.rollout[index];
            }
        }
        sum
    }
}
