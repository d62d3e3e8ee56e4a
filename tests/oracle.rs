//! A forward pass in f64 that follows the definition word by word and judges every other path.
//!
//! Slow on purpose: projection, then convolution, then scores, each as `SCIENCE.md` writes them.

use headlight::attention::HeadId;
use headlight::model::{Mode, Replacement, Settings, Weights};

/// What the network makes of a sequence.
#[derive(Clone, Debug, Default)]
pub struct Forward {
    /// `[position][class]`.
    pub logits: Vec<Vec<f64>>,
    /// `[layer][head][query]`: weights by distance, from 0 on, as far back as keys exist.
    pub attention: Vec<Vec<Vec<Vec<f64>>>>,
    /// `[layer][head][key]`: length of what `o_net` makes of a value; of the last segment and its
    /// memory, which in seamless mode is everything.
    pub lengths: Vec<Vec<Vec<f64>>>,
}

impl Forward {
    /// The weights of one query by distance.
    pub fn row(&self, head: HeadId, query: usize) -> &[f64] {
        &self.attention[head.layer][head.head][query]
    }

    /// The probability of class 1.
    pub fn probability(&self, query: usize) -> f64 {
        let logits = &self.logits[query];
        let sum: f64 = logits.iter().map(|x| x.exp()).sum();
        logits[1].exp() / sum
    }
}

/// Rows of numbers.
pub type Rows = Vec<Vec<f64>>;

/// Runs a linear sequence of tokens (A 0, T 1, C 2, G 3, anything else N) from a cold start.
pub fn forward(weights: &Weights, tokens: &[u8], settings: &Settings) -> Forward {
    let masked = |p: usize| settings.masked.iter().any(|interval| interval.contains(p));
    let hidden: Rows = (0..tokens.len())
        .map(|p| embedding(weights, if masked(p) { 4 } else { tokens[p] }))
        .collect();
    forward_rows(weights, hidden, settings)
}

/// Runs rows of the embedding.
pub fn forward_rows(weights: &Weights, mut hidden: Rows, settings: &Settings) -> Forward {
    let config = weights.config;
    let (mut attention, mut lengths) = (Vec::new(), Vec::new());
    for layer in 0..config.layers {
        let (next, weights_of_layer, of_values) = one_layer(weights, layer, &hidden, settings);
        hidden = next;
        attention.push(weights_of_layer);
        lengths.push(of_values);
    }
    let logits = hidden
        .iter()
        .map(|row| {
            let classes = weights.out.chunks(config.d_model).zip(&weights.out_bias);
            classes
                .map(|(w, bias)| dot(&wide(w), row) + f64::from(*bias))
                .collect()
        })
        .collect();
    Forward {
        logits,
        attention,
        lengths,
    }
}

/// The row of a token; 4 is N.
pub fn embedding(weights: &Weights, token: u8) -> Vec<f64> {
    let width = weights.config.d_model;
    let row = |token: usize, m: usize| f64::from(weights.embedding[token * width + m]);
    let root = (width as f64).sqrt();
    (0..width)
        .map(|m| match token {
            0..4 => root * row(usize::from(token), m),
            _ => root * (0..4).map(|token| row(token, m)).sum::<f64>() / 4.0,
        })
        .collect()
}

fn one_layer(
    weights: &Weights,
    layer: usize,
    hidden: &Rows,
    settings: &Settings,
) -> (Rows, Vec<Rows>, Rows) {
    let config = weights.config;
    let table = &weights.layers[layer];
    let wide_heads = config.heads * config.d_head;
    let projected: Rows = hidden
        .iter()
        .map(|row| product(&table.qkv, config.d_model, row))
        .collect();
    let part = |part: usize, head: usize| -> Rows {
        let from = part * wide_heads + head * config.d_head;
        projected
            .iter()
            .map(|row| row[from..from + config.d_head].to_vec())
            .collect()
    };
    let segment = match settings.mode {
        Mode::Faithful => config.context,
        Mode::Seamless => hidden.len().max(1),
    };
    let mut mixed = vec![vec![0.0; wide_heads]; hidden.len()];
    let (mut attention, mut lengths) = (Vec::new(), Vec::new());
    for head in 0..config.heads {
        let id = HeadId { layer, head };
        let (q, k, v) = (part(0, head), part(1, head), part(2, head));
        let distances: Rows = (0..config.context)
            .map(|o| distance_code(weights, layer, head, o))
            .collect();
        let rows = head * config.d_head..(head + 1) * config.d_head;
        let (u, w) = (
            wide(&weights.u[rows.clone()]),
            wide(&weights.v[rows.clone()]),
        );
        let (mut of_head, mut of_values) = (Vec::new(), Vec::new());
        for start in (0..hidden.len()).step_by(segment) {
            let end = (start + segment).min(hidden.len());
            let memory = start.saturating_sub(segment);
            let q = convolve(weights, layer, 0, &q[start..end]);
            let k = convolve(weights, layer, 1, &k[memory..end]);
            let v = convolve(weights, layer, 2, &v[memory..end]);
            of_values = v
                .iter()
                .map(|value| {
                    let mut alone = vec![0.0; wide_heads];
                    alone[rows.clone()].copy_from_slice(value);
                    let taken = product(&table.o, wide_heads, &alone);
                    dot(&taken, &taken).sqrt()
                })
                .collect();
            for query in start..end {
                let (content, position) = (sum(&q[query - start], &u), sum(&q[query - start], &w));
                let scores = (0..=query.min(config.context - 1)).map(|o| {
                    let content = dot(&content, &k[query - o - memory]);
                    let score = content + dot(&position, &distances[o]);
                    let uniform = settings.uniform.contains(id);
                    match settings.replaced.get(&id) {
                        Some(Replacement::Weights(weights)) => f64::from(weights[o]).ln(),
                        _ if uniform => 0.0,
                        _ => score / (config.d_head as f64).sqrt(),
                    }
                });
                let weights_of_query = softmax(&scores.collect::<Vec<_>>());
                if settings.heads_off.contains(id) {
                    // Its share of the output is 0.
                } else if let Some(Replacement::Output(output)) = settings.replaced.get(&id) {
                    mixed[query][rows.clone()].copy_from_slice(&wide(output));
                } else {
                    for (o, weight) in weights_of_query.iter().enumerate() {
                        let value = &v[query - o - memory];
                        for (slot, x) in mixed[query][rows.clone()].iter_mut().zip(value) {
                            *slot += weight * x;
                        }
                    }
                }
                of_head.push(weights_of_query);
            }
        }
        attention.push(of_head);
        lengths.push(of_values);
    }
    let next = hidden.iter().zip(&mixed).map(|(row, mixed)| {
        let added = sum(row, &product(&table.o, wide_heads, mixed));
        normalise(&added, &wide(&table.norm_weight), &wide(&table.norm_bias))
    });
    (next.collect(), attention, lengths)
}

/// `r_net` of [sin…, cos…] of a distance, one head's rows.
fn distance_code(weights: &Weights, layer: usize, head: usize, distance: usize) -> Vec<f64> {
    let angles = weights
        .inverse_frequency
        .iter()
        .map(|f| f64::from(*f) * distance as f64);
    let code: Vec<f64> = angles
        .clone()
        .map(f64::sin)
        .chain(angles.map(f64::cos))
        .collect();
    let config = weights.config;
    let rows = head * config.d_head * config.d_model..(head + 1) * config.d_head * config.d_model;
    product(&weights.layers[layer].r[rows], config.d_model, &code)
}

/// The convolution of Q, K or V (0, 1, 2) over rows, with zeros beyond their ends.
fn convolve(weights: &Weights, layer: usize, part: usize, rows: &[Vec<f64>]) -> Rows {
    let (width, kernel) = (weights.config.d_head, weights.config.kernel);
    if kernel == 0 {
        return rows.to_vec();
    }
    let table = &weights.layers[layer].convolution[part];
    let bias = &weights.layers[layer].convolution_bias[part];
    (0..rows.len())
        .map(|p| {
            (0..width)
                .map(|out| {
                    let mut sum = f64::from(bias[out]);
                    for tap in 0..kernel {
                        let Some(row) = (p + tap).checked_sub(kernel / 2).and_then(|p| rows.get(p))
                        else {
                            continue;
                        };
                        for (from, x) in row.iter().enumerate() {
                            sum += f64::from(table[(out * width + from) * kernel + tap]) * x;
                        }
                    }
                    sum
                })
                .collect()
        })
        .collect()
}

/// A row-major matrix with rows of `width` times a column.
fn product(matrix: &[f32], width: usize, column: &[f64]) -> Vec<f64> {
    matrix
        .chunks(width)
        .map(|row| dot(&wide(row), column))
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn wide(row: &[f32]) -> Vec<f64> {
    row.iter().copied().map(f64::from).collect()
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|x| (x - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|x| x / sum).collect()
}

fn normalise(row: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let count = row.len() as f64;
    let mean = row.iter().sum::<f64>() / count;
    let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let scale = 1.0 / (variance + 1e-5).sqrt();
    (0..row.len())
        .map(|i| (row[i] - mean) * scale * weight[i] + bias[i])
        .collect()
}
