//! The network in burn over a stretch of a strand: the kernel's job, with the kernel's results.
//!
//! A step runs as many positions as a segment has through all layers. Long stretches without
//! attention are cut into lanes, which run side by side as one batch. A lane begins so far before
//! its first wanted query that what it does not know there no longer counts.
//!
//! In faithful mode a layer's input is a segment and its memory, padded with zeros. In seamless
//! mode each layer lags behind the one before by what its convolutions read, so that they see rows
//! instead of zeros. Rows beyond the ends of a strand are zeros in both, and no query sees them.

mod hand_over;

use std::ops::{Range, RangeInclusive};

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use self::hand_over::HandOver;
use super::{Factors, Frame, Network, TOKEN_N, mask, project};
use crate::attention::{AttentionSink, HeadId};
use crate::model::config::Config;
use crate::model::fused::{Settings, Strip, UNKNOWN};
use crate::progress::{Cancel, Cancelled, Progress};

/// Bytes that the scores of one layer may take in a step.
const SCORE_BYTES: usize = 128 << 20;
/// Lanes that are run side by side at most.
const LANES: usize = 32;
/// Logarithm of the weight that stands for none: it vanishes in f32.
const NO_WEIGHT: f32 = -700.0;
/// Positions of a step where segments do not say so.
const STEP: RangeInclusive<usize> = 64..=512;

/// How a strip is run.
struct Plan {
    /// For each lane, the position of the first row that enters the network.
    starts: Vec<isize>,
    /// For each lane, the queries that it answers.
    wanted: Vec<Range<isize>>,
    /// Rows of a step.
    step: usize,
    steps: usize,
    /// Whether convolutions see rows across the borders of steps.
    open: bool,
    /// Rows by which each layer is behind the one before.
    lag: usize,
    /// Rows of a layer's input that are kept for the next step.
    kept: usize,
    /// The positions that exist.
    exists: Range<isize>,
}

impl Plan {
    fn new(config: &Config, strip: &Strip, lanes: usize) -> Self {
        let queries = &strip.queries;
        let (context, reach) = (config.context, config.kernel_reach());
        let count = (queries.end - queries.start).cast_unsigned();
        let (step, lag, kept) = match strip.segment {
            Some(segment) => (segment, 0, segment),
            None => (open_step(config), reach, context - 1 + 2 * reach),
        };
        let lanes = lanes
            .min(count / (config.reach_back() + step).max(1))
            .max(1);
        // Lanes of whole segments, so that they start where segments do.
        let grid = if strip.segment.is_some() { step } else { 1 }.cast_signed();
        let first = queries.start.div_euclid(grid);
        let last = (queries.end - 1).div_euclid(grid) + 1;
        let each = (last - first).cast_unsigned().div_ceil(lanes);
        let cuts = (0..lanes).map(|lane| first + (lane * each).cast_signed());
        let wanted: Vec<Range<isize>> = cuts
            .map(|cut| {
                let start = (cut * grid).max(queries.start);
                start..((cut + each.cast_signed()) * grid).min(queries.end)
            })
            .filter(|lane| !lane.is_empty())
            .collect();
        let starts: Vec<isize> = wanted
            .iter()
            .map(|lane| match strip.segment {
                Some(_) => {
                    let warm = lane.start.div_euclid(grid) - config.layers.cast_signed();
                    (warm * grid).max(strip.exists.start)
                }
                None => lane.start - config.reach_back().cast_signed(),
            })
            .collect();
        let steps = wanted
            .iter()
            .zip(&starts)
            .map(|(lane, start)| {
                ((lane.end - start).cast_unsigned() + config.layers * lag).div_ceil(step)
            })
            .max()
            .unwrap_or(0);
        Self {
            starts,
            wanted,
            step,
            steps,
            open: strip.segment.is_none(),
            lag,
            kept,
            exists: strip.exists.clone(),
        }
    }

    /// For each lane, the position of the first row that a layer makes in a step; 0 is the embedding.
    fn first_rows(&self, step: usize, level: usize) -> Vec<isize> {
        let moved = (step * self.step).cast_signed() - (level * self.lag).cast_signed();
        self.starts.iter().map(|start| start + moved).collect()
    }

    /// Rows from these positions on, with zeros where no position exists.
    fn cut(&self, rows: Tensor<3>, first: &[isize]) -> Tensor<3> {
        let [lanes, length, _] = rows.dims();
        match self.missing(first, length) {
            None => rows,
            Some(missing) => {
                let exists: Vec<f32> = missing.iter().map(|m| f32::from(!m)).collect();
                let exists = TensorData::new(exists, [lanes, length, 1]);
                let device = rows.device();
                rows * Tensor::from_data(exists, &device)
            }
        }
    }

    /// Which of `length` positions from each of `first` on do not exist, if any.
    fn missing(&self, first: &[isize], length: usize) -> Option<Vec<bool>> {
        let length = length.cast_signed();
        let all = first
            .iter()
            .all(|&from| from >= self.exists.start && from + length <= self.exists.end);
        let missing = |&from: &isize| (from..from + length).map(|at| !self.exists.contains(&at));
        (!all).then(|| first.iter().flat_map(missing).collect())
    }

    /// The mask of a step whose keys begin at `first`, given that of a step that lacks nothing.
    fn mask(&self, whole: &Tensor<4, Bool>, first: &[isize]) -> Tensor<4, Bool> {
        let [_, _, _, keys] = whole.dims();
        match self.missing(first, keys) {
            None => whole.clone(),
            Some(missing) => {
                let missing = TensorData::new(missing, [first.len(), 1, 1, keys]);
                let missing = Tensor::<4, Bool>::from_data(missing, &whole.device());
                missing.bool_or(whole.clone())
            }
        }
    }
}

/// Rows of a step without segments: no fewer than the last layer is behind the first.
fn open_step(config: &Config) -> usize {
    let step = config.context.clamp(*STEP.start(), *STEP.end());
    step.max(config.reach_ahead())
}

/// Bytes of one layer's scores in a step of one lane, in the mode that takes more.
pub(crate) fn score_bytes(config: &Config) -> usize {
    let Config { context, heads, .. } = *config;
    let faithful = context.saturating_mul(2 * context);
    let open = open_step(config);
    let seamless = open.saturating_mul(open + context);
    faithful.max(seamless).saturating_mul(4 * heads)
}

impl Network {
    /// Runs a strip as the kernel does: the logits of its queries, `[query, class]`, NaN where a
    /// query's own bases hold an N. A sink that wants attention gets it read back, layer by layer.
    pub(crate) fn run_strip(
        &self,
        strip: &Strip,
        settings: &Settings,
        sink: &mut dyn AttentionSink,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Vec<f32>, Cancelled> {
        cancel.check()?;
        if strip.queries.is_empty() {
            return Ok(Vec::new());
        }
        let config = &self.config;
        let device = self.embedding.device();
        let mut hand_over = HandOver::new(config, strip, sink);
        // A sink gets the queries of a head in order, so there is one lane for it.
        let lanes = if hand_over.is_wanted() {
            1
        } else {
            (SCORE_BYTES / score_bytes(config)).clamp(1, LANES)
        };
        let plan = Plan::new(config, strip, lanes);
        let factors = self.factors(settings, &device);
        let mut memories: Vec<Option<Tensor<3>>> = vec![self.blank(&plan, &device); config.layers];
        let mut frame: Option<Frame> = None;
        for step in 0..plan.steps {
            let mut first = plan.first_rows(step, 0);
            let tokens = tokens(strip, &first, plan.step, &device);
            let mut hidden = plan.cut(self.embed(tokens), &first);
            for (index, layer) in self.layers.iter().enumerate() {
                cancel.check()?;
                let input = match memories[index].take() {
                    Some(memory) => Tensor::cat(vec![memory, hidden.clone()], 1),
                    None => hidden.clone(),
                };
                let rows = input.dims()[1];
                let kept = rows.min(plan.kept);
                memories[index] = (kept > 0).then(|| input.clone().narrow(1, rows - kept, kept));
                let keys = rows - 2 * plan.lag;
                let frame = frame_of(self, &mut frame, &plan, keys, &device);
                first = plan.first_rows(step, index + 1);
                // A layer's queries end with its keys.
                let before = (keys - plan.step).cast_signed();
                let first_keys: Vec<isize> = first.iter().map(|query| query - before).collect();
                let frame = Frame {
                    masked: plan.mask(&frame.masked, &first_keys),
                    ..frame.clone()
                };
                let queries = input
                    .clone()
                    .narrow(1, rows - plan.lag - plan.step, plan.step);
                let (output, weights) =
                    self.attend(layer, input, queries, &frame, factors.get(index), None);
                hidden = plan.cut(output, &first);
                hand_over.layer(index, weights, first[0]);
            }
            let logits = project(hidden, &self.out) + self.out_bias.val().unsqueeze::<3>();
            let done = hand_over.logits(logits, &plan.wanted, &first);
            progress.advance(done as u64);
        }
        Ok(hand_over.finish())
    }

    /// What a layer remembers before the first step: zeros where no segment ends, for the
    /// convolutions to see; nothing where one does.
    fn blank(&self, plan: &Plan, device: &Device) -> Option<Tensor<3>> {
        let size = [plan.starts.len(), plan.kept, self.config.d_model];
        (plan.open && plan.kept > 0).then(|| Tensor::zeros(size, device))
    }

    /// The factors of every layer; none where the settings change no head.
    fn factors(&self, settings: &Settings, device: &Device) -> Vec<Factors> {
        if settings.leaves_heads_alone() {
            return Vec::new();
        }
        let (heads, context) = (self.config.heads, self.config.context);
        let tensor = |numbers: Vec<f32>| {
            let each = numbers.len() / heads.max(1);
            Tensor::from_data(TensorData::new(numbers, [1, heads, 1, each]), device)
        };
        (0..self.config.layers)
            .map(|layer| {
                let ids = || (0..heads).map(move |head| HeadId { layer, head });
                let looks = |id: &HeadId| settings.weight_of(*id, 0).is_none();
                let mixes = |id: &HeadId| {
                    settings.output_of(*id).is_none() && !settings.heads_off.contains(*id)
                };
                let output = |id: HeadId| {
                    let off = settings.heads_off.contains(id);
                    let output = settings.output_of(id).filter(|_| !off).unwrap_or(&[]);
                    (0..self.config.d_head).map(|i| output.get(i).copied().unwrap_or(0.0))
                };
                let weight = |id: HeadId| {
                    (0..context).rev().map(move |distance| {
                        let weight = settings.weight_of(id, distance);
                        weight.map_or(0.0, |weight| weight.ln().max(NO_WEIGHT))
                    })
                };
                let all_look = ids().all(|id| looks(&id));
                Factors {
                    scores: tensor(ids().map(|id| f32::from(looks(&id))).collect()),
                    seen: tensor(ids().map(|id| f32::from(mixes(&id))).collect()),
                    outputs: tensor(ids().flat_map(output).collect()),
                    weights: (!all_look).then(|| tensor(ids().flat_map(weight).collect())),
                }
            })
            .collect()
    }
}

/// The frame of a step with so many keys that all exist, made anew where it is another one.
fn frame_of<'a>(
    network: &Network,
    frame: &'a mut Option<Frame>,
    plan: &Plan,
    keys: usize,
    device: &Device,
) -> &'a Frame {
    let config = &network.config;
    if frame
        .as_ref()
        .is_some_and(|frame| frame.positions.dims()[0] != keys)
    {
        *frame = None;
    }
    frame.get_or_insert_with(|| Frame {
        positions: network.positions(keys, device),
        masked: mask(plan.step, keys, config.context, device),
        padding: config.kernel_reach() - plan.lag,
    })
}

/// The tokens of `length` positions from each of `first` on; those that the strip lacks are N.
fn tokens(strip: &Strip, first: &[isize], length: usize, device: &Device) -> Tensor<2, Int> {
    let code = |position: isize| {
        let index = usize::try_from(position - strip.first).ok();
        let code = index.and_then(|index| strip.codes.get(index));
        i32::from(code.map_or(TOKEN_N, |&code| code.min(UNKNOWN)))
    };
    let tokens: Vec<i32> = first
        .iter()
        .flat_map(|&from| (from..from + length.cast_signed()).map(code))
        .collect();
    Tensor::from_data(TensorData::new(tokens, [first.len(), length]), device)
}
