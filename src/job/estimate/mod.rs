//! How long an analysis will take: how much there is to do, and how fast this machine does such work.
//!
//! The speeds are measured, on the open genome and model, for about a second. What an analysis counts in
//! its progress is known before it begins wherever it depends on nothing that the model has yet to say.

mod speed;

pub use speed::{Speeds, rate};

use super::JobError;
use super::ablate::validation_sample;
use super::analyse::{Analysis, AnalysisRequest};
use super::compare;
use super::findings::{PREDICTED, sampled_bp};
use super::heads::{HeadsRule, query, runs};
use super::novel;
use crate::analysis::anchors::thinned;
use crate::genome::Anchor;
use crate::model::Mode;
use crate::progress::Cancel;
use std::time::Duration;

/// Share of the comparison's cells that are so far from chance that more draws are made of them, about.
const RARE_CELLS: f64 = 0.02;
/// Starting a run costs about as much as this share of the model's reach.
const START_OF_REACH: f64 = 0.5;

/// What there is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// What the progress of the job will count.
    pub units: u64,
    /// Whether that is the most that it can be, because the model itself finds the start sites.
    pub is_most: bool,
    /// Outputs of the model without attention.
    pub positions: u64,
    /// Outputs with what every base receives from every head.
    pub tracks: u64,
    /// Outputs at and between start sites, and what every run needs before its first.
    pub at_anchors: u64,
    /// Permutations times the start sites that each deals out.
    pub permuted: u64,
    /// Draws of cells of the comparison.
    pub draws: u64,
}

impl Work {
    fn add(&mut self, more: Self) {
        self.units += more.units;
        self.is_most |= more.is_most;
        self.positions += more.positions;
        self.tracks += more.tracks;
        self.at_anchors += more.at_anchors;
        self.permuted += more.permuted;
        self.draws += more.draws;
    }

    /// How long it takes at these speeds, in seconds.
    #[must_use]
    pub fn seconds(&self, speeds: &Speeds) -> f64 {
        let of = |amount: u64, rate: f64| amount as f64 / rate.max(1e-9);
        of(self.positions, speeds.positions)
            + of(self.tracks, speeds.tracks)
            + of(self.at_anchors, speeds.at_anchors)
            + of(self.permuted, speeds.permuted)
            + of(self.draws, speeds.draws)
    }
}

/// An analysis' work, the speeds of this machine, and what that makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// What there is to do.
    pub work: Work,
    /// How fast it goes.
    pub speeds: Speeds,
    /// About how long it takes.
    pub takes: Duration,
}

/// Estimates how long `request` takes; the speeds are measured where they are not known yet.
///
/// # Errors
/// What keeps the analysis from beginning, and when it was cancelled.
pub fn estimate(
    request: &AnalysisRequest,
    speeds: Option<Speeds>,
    cancel: &Cancel,
) -> Result<Estimate, JobError> {
    let work = work(request)?;
    let speeds = match speeds {
        Some(known) => known,
        None => Speeds::measure(&request.genome, &request.model, cancel)?,
    };
    let seconds = work.seconds(&speeds).clamp(0.0, 1e9);
    Ok(Estimate {
        work,
        speeds,
        takes: Duration::from_secs_f64(seconds),
    })
}

/// What there is to do.
///
/// # Errors
/// What keeps the analysis from beginning.
pub fn work(request: &AnalysisRequest) -> Result<Work, JobError> {
    let (asked, model) = (&request.asked, &request.model);
    let heads = model.head_shape().len() as u64;
    Ok(match asked.analysis {
        Analysis::Names => over_heads(request, asked.permutations() as u64),
        Analysis::Redundancy => over_heads(request, 0),
        Analysis::Evaluation => {
            let (slices, _) = request.evaluation()?.slices()?;
            let bases: usize = slices.iter().map(|(_, interval)| interval.len()).sum();
            let models = 1 + u64::from(asked.against.is_some());
            let outputs = 2 * bases as u64 * models;
            Work {
                units: outputs,
                positions: outputs,
                ..Work::default()
            }
        }
        Analysis::Ablation => {
            let sample = validation_sample(&request.genome, model);
            let bases: usize = sample.iter().map(|(_, interval)| interval.len()).sum();
            Work {
                units: 1 + heads,
                positions: 2 * bases as u64 * (1 + heads),
                ..Work::default()
            }
        }
        Analysis::Novel => {
            let mut work = over_heads(request, asked.permutations() as u64);
            let (bases, windows) = novel::scanned(&request.novel_request()?);
            let genomes = 1 + asked.decoys as u64;
            let start = START_OF_REACH * model.config().reach_back() as f64;
            work.add(Work {
                units: bases * genomes,
                tracks: (bases + (2 * windows) as u64 * start as u64) * genomes,
                ..Work::default()
            });
            work
        }
        Analysis::Comparison => {
            let plan = compare::plan(&request.compare_request(Vec::new())?)?;
            let genomes = plan.genomes as u64;
            let rare = RARE_CELLS * plan.cells as f64 * plan.more_draws as f64;
            let outputs = 2 * plan.predicted_bp as u64;
            Work {
                units: outputs
                    + plan.anchors.len() as u64 * genomes
                    + (plan.cells * plan.draws) as u64,
                is_most: outputs > 0,
                positions: outputs,
                at_anchors: around(request, &plan.anchors) * genomes,
                draws: (plan.cells * plan.draws) as u64 + rare as u64,
                ..Work::default()
            }
        }
    })
}

/// Attention at start sites, and a control of every head.
fn over_heads(request: &AnalysisRequest, permutations: u64) -> Work {
    let (genome, config) = (&request.genome, request.model.config());
    let heads = request.model.head_shape().len() as u64;
    let mut work = Work::default();
    let anchors = if let Some(file) = &request.anchors {
        let has_query = |anchor: &&Anchor| {
            query(genome, **anchor, config.label_shift, Mode::Seamless).is_some()
        };
        let usable: Vec<Anchor> = file.anchors.iter().filter(has_query).copied().collect();
        let used = thinned(&usable, HeadsRule::default().apart_bp);
        work.at_anchors = around(request, &used);
        used.len() as u64
    } else {
        work.positions = 2 * sampled_bp(genome) as u64;
        work.is_most = true;
        let each = 1.0 + START_OF_REACH * config.reach_back() as f64;
        work.at_anchors = (PREDICTED.count as f64 * each) as u64;
        PREDICTED.count as u64
    };
    work.units = work.positions + anchors + heads * permutations;
    work.permuted = heads * permutations * anchors;
    work
}

/// Outputs at and between `anchors`, and what every run needs before its first.
fn around(request: &AnalysisRequest, anchors: &[Anchor]) -> u64 {
    let config = request.model.config();
    let runs = runs(
        &request.genome,
        anchors,
        config.label_shift,
        config.reach_back(),
        Mode::Seamless,
    );
    let start = (START_OF_REACH * config.reach_back() as f64) as u64;
    runs.iter()
        .map(|run| run.range().len() as u64 + start)
        .sum()
}
