//! One stretch of a strand, carried through all layers piece by piece.

use std::ops::Range;
use std::sync::Mutex;

use super::head::{Frame, HeadScratch, HeadState};
use super::lanes::Lanes;
use super::prepare::Tables;
use super::product;
use super::settings::Settings;
use super::strip::{Needs, SignedLength, Strip, UNKNOWN};
use crate::attention::{AttentionSink, HeadId};
use crate::model::config::Config;
use crate::progress::{Cancel, Cancelled, Progress};

/// Queries that one step handles where segments do not say so: a multiple of every tile height.
const STEP: usize = 480;

/// The state of one layer.
pub(super) struct Layer {
    /// Rows that enter it: `[slot, d_model]`.
    pub(super) input: Vec<f32>,
    pub(super) heads: Vec<HeadState>,
}

/// A run in progress.
pub(super) struct Run<'a, S> {
    pub(super) set: S,
    pub(super) frame: Frame<'a>,
    pub(super) strip: &'a Strip,
    pub(super) settings: &'a Settings,
    pub(super) sink: Mutex<&'a mut dyn AttentionSink>,
    pub(super) wanted: Vec<bool>,
    /// The queries of which summaries are wanted.
    pub(super) summarised: Range<isize>,
    /// Whether sums by key are wanted, once probabilities are known.
    pub(super) sums: bool,
    /// Whether what heads give to their queries is wanted.
    pub(super) outputs: bool,
    /// Scores by distance of each head that does not look; empty where all do.
    fixed: Vec<Option<Vec<f32>>>,
    /// Whether the rows that enter each layer are wanted.
    pub(super) rows: bool,
    pub(super) layers: Vec<Layer>,
    pub(super) scratch: Vec<HeadScratch>,
    /// Rows of the last level in the step at hand and what they give.
    pub(super) logits: Vec<f32>,
}

/// Runs `strip` and returns the logits of its queries, `[query, class]`.
pub(super) fn run<S: Lanes, const ROWS: usize>(
    set: S,
    tables: &Tables,
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
    let config = &tables.config;
    let needs = Needs::new(
        config.layers,
        config.context,
        config.kernel_reach(),
        &strip.exists,
        strip.segment,
        &strip.queries,
    );
    // Without borders every layer runs ahead of the next by what the next one's convolution reads,
    // in whole tiles, so that tiles lie on one grid whatever the queries.
    let ahead = if strip.segment.is_some() {
        0
    } else {
        config.kernel_reach().next_multiple_of(ROWS)
    };
    let step = strip.segment.unwrap_or(STEP);
    let lead = ahead * config.layers;
    let capacity = (config.context + step + lead + 4 * ROWS + 2 * config.kernel_reach())
        .max(2 * step + 2 * ROWS)
        .next_multiple_of(product::PAD)
        + product::PAD;
    let frame = Frame {
        tables,
        capacity,
        start: strip.exists.start,
        cancel,
    };
    let mut run = Run::new::<ROWS>(set, frame, strip, settings, sink, step + lead);
    let (step, ahead) = (step.cast_signed(), ahead.cast_signed());
    let mut done: Vec<isize> = needs.rows.iter().map(|rows| rows.start).collect();
    let mut keyed = needs.keys.clone();
    let lowest = done.iter().copied().min().unwrap_or(0);
    let mut end = lowest.div_euclid(step) * step;
    while done[config.layers] < strip.queries.end {
        end += step;
        for level in 0..=config.layers {
            cancel.check()?;
            let lead = (config.layers - level).cast_signed() * ahead;
            let target = (end + lead).min(needs.rows[level].end);
            let rows = done[level]..target.max(done[level]);
            if level == 0 {
                run.embed(rows.clone());
            } else {
                let keys = keyed[level]..target.max(keyed[level]);
                run.layer::<ROWS>(level - 1, &keys, &rows, keys.start > needs.keys[level])?;
                keyed[level] = keys.end;
            }
            if level == config.layers && !rows.is_empty() {
                if run.sums {
                    run.hand_over::<ROWS>(&rows)?;
                }
                progress.advance(rows.len_signed() as u64);
            }
            done[level] = rows.end;
        }
    }
    Ok(run.logits)
}

impl<'a, S: Lanes> Run<'a, S> {
    /// A run that has not begun, of which a step makes `most_rows` rows at most.
    pub(super) fn new<const ROWS: usize>(
        set: S,
        frame: Frame<'a>,
        strip: &'a Strip,
        settings: &'a Settings,
        sink: &'a mut dyn AttentionSink,
        most_rows: usize,
    ) -> Self {
        let config = &frame.tables.config;
        let wanted: Vec<bool> = config.head_shape().all().map(|id| sink.wants(id)).collect();
        let sums = sink.wants_sums();
        let remembers = |id: HeadId| sums && wanted[config.head_shape().row(id)];
        let layers = (0..config.layers)
            .map(|layer| Layer {
                input: vec![0.0; frame.capacity * config.d_model],
                heads: (0..config.heads)
                    .map(|head| frame.state(remembers(HeadId { layer, head })))
                    .collect(),
            })
            .collect();
        Self {
            set,
            frame,
            strip,
            settings,
            summarised: sink.summarised(),
            sums,
            outputs: sink.wants_outputs(),
            rows: sink.wants_rows(),
            fixed: fixed_scores(config, settings),
            wanted,
            sink: Mutex::new(sink),
            layers,
            scratch: (0..config.heads)
                .map(|_| frame.scratch(most_rows, ROWS))
                .collect(),
            logits: Vec::with_capacity(strip.queries.len_signed() * config.classes),
        }
    }

    pub(super) fn wants(&self, id: HeadId) -> bool {
        self.wanted[self.frame.tables.config.head_shape().row(id)]
    }

    /// The scores by distance of a head that does not look at keys.
    pub(super) fn fixed(&self, id: HeadId) -> Option<&[f32]> {
        let row = self.frame.tables.config.head_shape().row(id);
        self.fixed.get(row)?.as_deref()
    }

    pub(super) fn slot(&self, position: isize) -> usize {
        position
            .rem_euclid(self.frame.capacity.cast_signed())
            .cast_unsigned()
    }

    fn code(&self, position: isize) -> Option<u8> {
        let index = usize::try_from(position - self.strip.first).ok()?;
        self.strip.codes.get(index).copied()
    }

    /// Whether the bases that the query's own convolution covers are all known.
    pub(super) fn known(&self, query: isize) -> bool {
        let reach = self.frame.tables.config.kernel_reach().cast_signed();
        (query - reach..=query + reach).all(|position| self.code(position) != Some(UNKNOWN))
    }

    /// Level 0: rows of the embedding.
    pub(super) fn embed(&mut self, rows: Range<isize>) {
        let d_model = self.frame.tables.config.d_model;
        for position in rows {
            let code = usize::from(self.code(position).unwrap_or(UNKNOWN).min(UNKNOWN));
            let slot = self.slot(position);
            self.layers[0].input[slot * d_model..][..d_model]
                .copy_from_slice(&self.frame.tables.embedding[code * d_model..][..d_model]);
            self.show_row(0, position);
        }
    }

    /// Hands over the row that enters `layer` at `position`, if somebody wants it.
    pub(super) fn show_row(&self, layer: usize, position: isize) {
        if self.rows {
            let d_model = self.frame.tables.config.d_model;
            let row = &self.layers[layer].input[self.slot(position) * d_model..][..d_model];
            if let Ok(mut sink) = self.sink.lock() {
                sink.take_row(layer, position, row);
            }
        }
    }
}

/// Log2 of the weight that stands for none: small enough to vanish in f32, far above what a query
/// does not see.
const NO_WEIGHT: f32 = -1000.0;

/// By head, log2 of the weights of those that do not look, the farthest distance first.
fn fixed_scores(config: &Config, settings: &Settings) -> Vec<Option<Vec<f32>>> {
    if settings.leaves_heads_alone() {
        return Vec::new();
    }
    let of_head = |id: HeadId| {
        let weight = |distance: usize| settings.weight_of(id, distance);
        let scores = (0..config.context).rev();
        scores
            .map(|distance| weight(distance).map(|weight| weight.log2().max(NO_WEIGHT)))
            .collect()
    };
    config.head_shape().all().map(of_head).collect()
}

/// The softmax of class 1; NaN where the logits are.
pub(crate) fn softmax_of_second(logits: &[f32]) -> f32 {
    let &[_, second, ..] = logits else {
        return f32::NAN;
    };
    if logits.iter().any(|x| x.is_nan()) {
        return f32::NAN;
    }
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|x| (x - largest).exp()).sum();
    (second - largest).exp() / sum
}
