//! What an attention logit is made of: q·k, u·k, q·r and v·r.
//!
//! The logit of a head for query q and key j at distance o is ((q+u)·k + (q+v)·r(o)) / √`d_head`.
//! The first two parts read the sequence at the key, the last two only the distance (Dai 2019).

use super::config::Config;
use super::fused::{Kernel, Mode, Part, Settings, folded, padded};
use super::motif::content_weights;
use super::predict;
use super::strand::StrandSequence;
use super::weights::Weights;
use crate::attention::{AttentionSink, HeadId};
use crate::progress::{Cancel, Cancelled, Progress};

/// The four parts, in the order of [`QueryParts`].
pub const PARTS: [&str; 4] = ["q·k", "u·k", "q·r", "v·r"];

/// The parts of the logits of one query: for each head (row by row of the shape) and each of
/// [`PARTS`] one number a distance, from 0 on, as far back as keys exist.
///
/// They are those of a seamless run, before softmax and divided by √`d_head`.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryParts {
    /// `[head row][part][distance]`.
    pub heads: Vec<[Vec<f64>; 4]>,
}

/// The numbers of one head that its logits are made with.
#[derive(Clone, Debug)]
struct HeadNumbers {
    /// `[taps * d_model, padded d_head]`.
    q: Vec<f32>,
    q_bias: Vec<f32>,
    /// `[taps * d_model, padded d_head]`.
    k: Vec<f32>,
    k_bias: Vec<f32>,
    /// u·k as weights of the rows around a key, and its constant.
    u: (Vec<f64>, f64),
    /// `[d_head, d_model]`.
    r: Vec<f32>,
    /// v·r by distance.
    v: Vec<f64>,
}

/// Splits attention logits into their parts. Costly (milliseconds) to make, cheap to share.
#[derive(Clone, Debug)]
pub struct LogitParts {
    config: Config,
    kernel: Kernel,
    heads: Vec<HeadNumbers>,
    /// `[distance, d_model]`: sines, then cosines.
    codes: Vec<f64>,
}

impl LogitParts {
    /// Prepares a network; the processor computes it, whatever else is there.
    #[must_use]
    pub fn new(weights: &Weights) -> Self {
        let config = weights.config;
        let codes: Vec<f64> = (0..config.context)
            .flat_map(|distance| code(&weights.inverse_frequency, config.d_model, distance))
            .collect();
        let heads = config
            .head_shape()
            .all()
            .map(|id| HeadNumbers::new(weights, id, &codes))
            .collect();
        Self {
            config,
            kernel: Kernel::new(weights),
            heads,
            codes,
        }
    }

    /// The parts at `query` (strand position), in a seamless run; `None` where no such query
    /// exists or its own bases touch an N.
    ///
    /// # Errors
    /// [`Cancelled`] soon after `cancel` is set.
    pub fn at(
        &self,
        sequence: StrandSequence<'_>,
        query: usize,
        cancel: &Cancel,
    ) -> Result<Option<QueryParts>, Cancelled> {
        let mut rows = Rows::new(&self.config, query.cast_signed());
        let settings = Settings::with_mode(Mode::Seamless);
        let silent = Progress::default();
        let outputs = predict::run(
            &self.kernel,
            sequence,
            query..query + 1,
            &settings,
            &mut rows,
            &silent,
            cancel,
        )?;
        if outputs.is_empty() || outputs.probability(query).is_nan() {
            return Ok(None);
        }
        let shape = self.config.head_shape();
        let heads = shape
            .all()
            .map(|id| self.heads[shape.row(id)].parts(&self.config, &self.codes, &rows, id.layer))
            .collect();
        Ok(Some(QueryParts { heads }))
    }
}

/// The code of a distance: sines, then cosines, as wide as a row.
fn code(inverse_frequency: &[f32], d_model: usize, distance: usize) -> Vec<f64> {
    let angles = || {
        let frequencies = inverse_frequency.iter();
        frequencies.map(|frequency| f64::from(*frequency) * distance as f64)
    };
    let mut code: Vec<f64> = angles().map(f64::sin).collect();
    code.extend(angles().map(f64::cos));
    code.resize(d_model, 0.0);
    code
}

impl HeadNumbers {
    fn new(weights: &Weights, id: HeadId, codes: &[f64]) -> Self {
        let Config {
            d_model, d_head, ..
        } = weights.config;
        let layer = &weights.layers[id.layer];
        let (q, q_bias) = folded(weights, layer, id.head, Part::Q, 1.0);
        let (k, k_bias) = folded(weights, layer, id.head, Part::K, 1.0);
        let own = id.head * d_head..(id.head + 1) * d_head;
        let r = layer.r[own.start * d_model..own.end * d_model].to_vec();
        let wide =
            |numbers: &[f32]| -> Vec<f64> { numbers.iter().copied().map(f64::from).collect() };
        let (u, v) = (wide(&weights.u[own.clone()]), wide(&weights.v[own]));
        let turned = turned(&r, d_model, &v);
        Self {
            u: content_weights(weights, id, &u),
            v: codes
                .chunks_exact(d_model)
                .map(|code| dot(&turned, code) / (d_head as f64).sqrt())
                .collect(),
            q,
            q_bias,
            k,
            k_bias,
            r,
        }
    }

    /// The parts of the query that `rows` surround.
    fn parts(&self, config: &Config, codes: &[f64], rows: &Rows, layer: usize) -> [Vec<f64>; 4] {
        let Config {
            d_model, d_head, ..
        } = *config;
        let root = (d_head as f64).sqrt();
        let width = padded(d_head);
        let around = rows.around(layer, 0);
        let mut query: Vec<f64> = self.q_bias[..d_head]
            .iter()
            .copied()
            .map(f64::from)
            .collect();
        for (numbers, x) in self.q.chunks_exact(width).zip(around) {
            for (sum, number) in query.iter_mut().zip(numbers) {
                *sum += f64::from(*number) * f64::from(*x);
            }
        }
        // q·k is linear in the rows around the key: the query becomes weights of them.
        let of_key: Vec<f64> = self
            .k
            .chunks_exact(width)
            .map(|numbers| dot32(&query, numbers) / root)
            .collect();
        let constant = dot32(&query, &self.k_bias) / root;
        let of_code = turned(&self.r, d_model, &query);
        let mut parts: [Vec<f64>; 4] = Default::default();
        for (distance, code) in codes.chunks_exact(d_model).enumerate() {
            if !rows.exists(layer, distance) {
                break;
            }
            let around = rows.around(layer, distance);
            parts[0].push(constant + dot32(&of_key, around));
            parts[1].push(self.u.1 + dot32(&self.u.0, around));
            parts[2].push(dot(&of_code, code) / root);
            parts[3].push(self.v[distance]);
        }
        parts
    }
}

/// A column of `d_head` numbers as weights of a code: `[d_head, d_model]` transposed times it.
fn turned(r: &[f32], d_model: usize, column: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; d_model];
    for (row, x) in r.chunks_exact(d_model).zip(column) {
        for (sum, number) in sums.iter_mut().zip(row) {
            *sum += x * f64::from(*number);
        }
    }
    sums
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn dot32(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * f64::from(*b)).sum()
}

/// The rows that enter each layer around one query, from the oldest key's convolution on.
struct Rows {
    d_model: usize,
    context: usize,
    reach: usize,
    /// Strand position of the first row.
    first: isize,
    /// Rows of one layer.
    count: usize,
    /// `[layer, position, d_model]`; 0 where nothing exists.
    numbers: Vec<f32>,
    /// `[layer, position]`.
    present: Vec<bool>,
}

impl Rows {
    fn new(config: &Config, query: isize) -> Self {
        let reach = config.kernel_reach();
        let count = config.context + 2 * reach;
        Self {
            d_model: config.d_model,
            context: config.context,
            reach,
            first: query + 1 - (config.context + reach).cast_signed(),
            count,
            numbers: vec![0.0; config.layers * count * config.d_model],
            present: vec![false; config.layers * count],
        }
    }

    /// Whether there is a key at `distance`.
    fn exists(&self, layer: usize, distance: usize) -> bool {
        self.present[layer * self.count + self.reach + self.context - 1 - distance]
    }

    /// What the convolution of the key at `distance` sees: `[taps, d_model]`.
    fn around(&self, layer: usize, distance: usize) -> &[f32] {
        let from = layer * self.count + self.context - 1 - distance;
        &self.numbers[from * self.d_model..(from + 2 * self.reach + 1) * self.d_model]
    }
}

impl AttentionSink for Rows {
    fn wants(&self, _head: HeadId) -> bool {
        false
    }

    fn wants_rows(&self) -> bool {
        true
    }

    fn take_row(&mut self, layer: usize, position: isize, row: &[f32]) {
        let Ok(at) = usize::try_from(position - self.first) else {
            return;
        };
        if at < self.count {
            let place = layer * self.count + at;
            self.numbers[place * self.d_model..][..self.d_model].copy_from_slice(row);
            self.present[place] = true;
        }
    }
}
