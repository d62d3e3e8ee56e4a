//! What leaves a run of a strip: logits, and attention for a sink.

use std::ops::Range;

use burn::tensor::{Tensor, TensorData};

use crate::attention::{AttentionSink, HeadId, QuerySummary, Tile, TileSummary, TileSums};
use crate::model::config::Config;
use crate::model::fused::{Strip, UNKNOWN, softmax_of_second};

/// Gathers logits and hands attention over.
pub(super) struct HandOver<'a> {
    config: &'a Config,
    strip: &'a Strip,
    sink: &'a mut dyn AttentionSink,
    /// Whether the sink wants a head, layer by layer.
    wanted: Vec<bool>,
    summarised: Range<isize>,
    sums: bool,
    /// Attention whose queries have no probability yet: layer, first query, weights.
    waiting: Vec<(usize, isize, Tensor<4>)>,
    /// `[query, class]`.
    logits: Vec<f32>,
}

/// Attention of one layer as numbers: `[head, query, key]`.
struct Weights<'a> {
    layer: usize,
    first_query: isize,
    first_key: isize,
    queries: usize,
    keys: usize,
    numbers: &'a [f32],
}

impl<'a> HandOver<'a> {
    pub(super) fn new(
        config: &'a Config,
        strip: &'a Strip,
        sink: &'a mut dyn AttentionSink,
    ) -> Self {
        let queries = (strip.queries.end - strip.queries.start).cast_unsigned();
        Self {
            config,
            strip,
            wanted: config.head_shape().all().map(|id| sink.wants(id)).collect(),
            summarised: sink.summarised(),
            sums: sink.wants_sums(),
            sink,
            waiting: Vec::new(),
            logits: vec![f32::NAN; queries * config.classes],
        }
    }

    /// Whether the sink wants any attention.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.contains(&true)
    }

    /// The logits of all queries.
    pub(super) fn finish(self) -> Vec<f32> {
        self.logits
    }

    fn wants(&self, head: HeadId) -> bool {
        self.wanted[self.config.head_shape().row(head)]
    }

    /// Whether the bases that a query's own convolution covers are all known.
    fn known(&self, query: isize) -> bool {
        let reach = self.config.kernel_reach().cast_signed();
        (query - reach..=query + reach).all(|position| {
            let index = usize::try_from(position - self.strip.first).ok();
            index.and_then(|index| self.strip.codes.get(index)) != Some(&UNKNOWN)
        })
    }

    /// Takes the logits `[lane, row, class]` of rows from each of `first` on, as far as each lane
    /// is to answer them, and gives their number. What waited for them is handed over.
    pub(super) fn logits(
        &mut self,
        logits: Tensor<3>,
        lanes: &[Range<isize>],
        first: &[isize],
    ) -> usize {
        let [_, length, classes] = logits.dims();
        let numbers = numbers(logits);
        let rows = numbers.chunks_exact(classes.max(1));
        let positions = first
            .iter()
            .zip(lanes)
            .flat_map(|(&from, lane)| (from..from + length.cast_signed()).map(move |q| (q, lane)));
        let mut done = 0;
        for (row, (query, lane)) in rows.zip(positions) {
            if !lane.contains(&query) {
                continue;
            }
            done += 1;
            if self.known(query) {
                let at = (query - self.strip.queries.start).cast_unsigned() * classes;
                self.logits[at..at + classes].copy_from_slice(row);
            }
        }
        let known_to = first[0] + length.cast_signed();
        let queries_to = self.strip.queries.end;
        for (layer, first_query, weights) in std::mem::take(&mut self.waiting) {
            let end = first_query + weights.dims()[2].cast_signed();
            if end.min(queries_to) <= known_to {
                self.sum(layer, first_query, &weights);
            } else {
                self.waiting.push((layer, first_query, weights));
            }
        }
        done
    }

    /// Takes the attention `[1, head, query, key]` of a layer for queries from `first_query` on.
    pub(super) fn layer(&mut self, layer: usize, weights: Tensor<4>, first_query: isize) {
        let [_, heads, queries, keys] = weights.dims();
        let all = &self.strip.queries;
        let end = (first_query + queries.cast_signed()).min(all.end);
        let counted = first_query.max(all.start)..end;
        if counted.is_empty() || !(0..heads).any(|head| self.wants(HeadId { layer, head })) {
            return;
        }
        let summarised =
            counted.start.max(self.summarised.start)..counted.end.min(self.summarised.end);
        let tiles = self.sink.wants_queries(counted.clone());
        if tiles || !summarised.is_empty() {
            let numbers = numbers(weights.clone());
            let weights = Weights {
                layer,
                first_query,
                first_key: first_query - (keys - queries).cast_signed(),
                queries,
                keys,
                numbers: &numbers,
            };
            for head in (0..heads).map(|head| HeadId { layer, head }) {
                if !self.wants(head) {
                    continue;
                }
                if tiles {
                    self.tiles(&weights, head, counted.clone());
                }
                if !summarised.is_empty() {
                    self.summarise(&weights, head, summarised.clone());
                }
            }
        }
        if self.sums {
            self.waiting.push((layer, first_query, weights));
        }
    }

    /// Hands over the queries that have known bases, run by run.
    fn tiles(&mut self, weights: &Weights<'_>, head: HeadId, queries: Range<isize>) {
        let mut query = queries.start;
        while query < queries.end {
            let end = (query..queries.end)
                .find(|&query| !self.known(query))
                .unwrap_or(queries.end);
            if query < end {
                let tile = self.tile(weights, head, query..end);
                self.sink.take(&tile);
            }
            query = end + 1;
        }
    }

    /// The weights of some queries as a tile, whose keys begin with the strand.
    fn tile<'w>(&self, weights: &Weights<'w>, head: HeadId, queries: Range<isize>) -> Tile<'w> {
        debug_assert_eq!(head.layer, weights.layer);
        let first_key = weights.first_key.max(self.strip.exists.start);
        let row = (queries.start - weights.first_query).cast_unsigned();
        let column = (first_key - weights.first_key).cast_unsigned();
        let from = (head.head * weights.queries + row) * weights.keys + column;
        Tile {
            head,
            first_query: queries.start,
            first_key,
            queries: (queries.end - queries.start).cast_unsigned(),
            stride: weights.keys,
            context: self.config.context,
            weights: &weights.numbers[from..],
        }
    }

    fn summarise(&mut self, weights: &Weights<'_>, head: HeadId, queries: Range<isize>) {
        let context = self.config.context;
        let tile = self.tile(weights, head, queries.clone());
        let mut by_distance = vec![0.0; context];
        let summaries: Vec<Option<QuerySummary>> = queries
            .clone()
            .enumerate()
            .map(|(row, query)| {
                if !self.known(query) {
                    return None;
                }
                let (_, weights) = tile.row(row);
                for (sum, weight) in by_distance.iter_mut().rev().zip(weights.iter().rev()) {
                    *sum += weight;
                }
                Some(summary(weights))
            })
            .collect();
        self.sink.take_summary(&TileSummary {
            head,
            first_query: queries.start,
            queries: &summaries,
            by_distance: &by_distance,
        });
    }

    /// Sums the weights `[1, head, query, key]` by key, on the device that made them.
    fn sum(&mut self, layer: usize, first_query: isize, weights: &Tensor<4>) {
        let [_, heads, queries, keys] = weights.dims();
        let all = &self.strip.queries;
        let mut factors = vec![0.0; 2 * queries];
        for row in 0..queries {
            let query = first_query + row.cast_signed();
            if all.contains(&query) && self.known(query) {
                let at = (query - all.start).cast_unsigned() * self.config.classes;
                factors[row] = 1.0;
                factors[queries + row] =
                    softmax_of_second(&self.logits[at..at + self.config.classes]);
            }
        }
        let factors = TensorData::new(factors, [1, 1, 2, queries]);
        let factors = Tensor::<4>::from_data(factors, &weights.device());
        let sums = numbers(factors.matmul(weights.clone()));
        let first_key = first_query - (keys - queries).cast_signed();
        let from = (self.strip.exists.start - first_key).max(0).cast_unsigned();
        for (head, sums) in (0..heads).zip(sums.chunks_exact(2 * keys)) {
            let head = HeadId { layer, head };
            if self.wants(head) {
                self.sink.take_sums(&TileSums {
                    head,
                    first_key: first_key + from.cast_signed(),
                    plain: &sums[from..keys],
                    weighted: &sums[keys + from..],
                });
            }
        }
    }
}

/// What a head does at one query, given its weights with distance 0 last.
fn summary(weights: &[f32]) -> QuerySummary {
    let (mut distance, mut largest, mut entropy_bits) = (0, f32::NEG_INFINITY, 0.0_f64);
    for (at, &weight) in (0..).zip(weights.iter().rev()) {
        if weight > largest {
            (distance, largest) = (at, weight);
        }
        if weight > 0.0 {
            entropy_bits -= f64::from(weight) * f64::from(weight).log2();
        }
    }
    QuerySummary {
        distance,
        weight: largest,
        entropy_bits: entropy_bits as f32,
    }
}

/// Reads a tensor back.
///
/// # Panics
/// Where the device gives nothing back, as burn does where it cannot compute.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    match tensor.try_into_vec_as() {
        Ok(numbers) => numbers,
        Err(error) => panic!("the device gave no numbers back: {error}"),
    }
}
