//! The statistics that the kernel makes as it goes, against the weights themselves.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(
    clippy::too_many_lines,
    clippy::needless_range_loop,
    reason = "one comparison after the other, by query"
)]

use crate::networks::{config, contig, random_tokens, random_weights};
use headlight::attention::block::AttentionBlock;
use headlight::attention::expected::DistanceSums;
use headlight::attention::statistics::{ChosenSums, NO_DISTANCE, QueryTracks};
use headlight::attention::track::ReceivedSums;
use headlight::attention::{AttentionSink, Expected, HeadId, Statistics, Tile};
use headlight::genome::{Contig, Strand};
use headlight::model::predict::StrandSequence;
use headlight::model::{Config, Kernel, KernelPath, Mode, Settings, predict};
use headlight::progress::{Cancel, Progress};
use std::ops::Range;

/// The weights of every layer.
pub struct Blocks(pub Vec<AttentionBlock>);

impl AttentionSink for Blocks {
    fn take(&mut self, tile: &Tile<'_>) {
        self.0[tile.head.layer].take(tile);
    }
}

fn run(
    kernel: &Kernel,
    contig: &Contig,
    queries: Range<usize>,
    settings: &Settings,
    sink: &mut impl AttentionSink,
) -> Vec<f32> {
    let sequence = StrandSequence::new(contig, Strand::Forward);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    predict::run(
        kernel, sequence, queries, settings, sink, &progress, &cancel,
    )
    .unwrap()
    .probabilities()
}

fn near(found: f64, right: f64, what: &str) {
    assert!(
        (found - right).abs() <= 2e-5 + 1e-3 * right.abs(),
        "{what}: {found} {right}"
    );
}

/// Statistics of `range`, made by a run that goes on as far as queries see it, against blocks.
pub fn agrees(kernel: &Kernel, contig: &Contig, settings: &Settings, range: &Range<usize>) {
    let config = *kernel.config();
    let shape = config.head_shape();
    let length = contig.len();
    let mut queries = range.start..range.end + config.context - 1;
    if !(contig.circular && settings.mode == Mode::Seamless) {
        queries.end = queries.end.min(length);
    }
    let signed = range.start.cast_signed()..range.end.cast_signed();
    let chosen = [3, 4, range.len() - 2].map(|at| range.start + at);
    let mut statistics = Statistics {
        received: Some(ReceivedSums::new(shape, signed.clone())),
        queries: Some(QueryTracks::new(shape, signed)),
        distances: Some(DistanceSums::new(shape, config.context)),
        chosen: Some(ChosenSums::new(
            shape,
            config.context,
            chosen.iter().map(|query| query.cast_signed()).collect(),
        )),
    };
    let probability = run(kernel, contig, queries.clone(), settings, &mut statistics);
    let block = |layer| {
        let first = queries.start.cast_signed();
        AttentionBlock::new(layer, config.heads, first, queries.len(), config.context)
    };
    let mut blocks = Blocks((0..config.layers).map(block).collect());
    let plain = run(kernel, contig, queries.clone(), settings, &mut blocks);
    let bits =
        |probabilities: &[f32]| -> Vec<u32> { probabilities.iter().map(|p| p.to_bits()).collect() };
    assert_eq!(
        bits(&probability),
        bits(&plain),
        "statistics change nothing"
    );

    let Statistics {
        received: Some(received),
        queries: Some(tracks),
        distances: Some(distances),
        chosen: Some(at_chosen),
    } = statistics
    else {
        panic!("all was asked for")
    };
    let known = |query: &&usize| !probability[**query - queries.start].is_nan();
    assert_eq!(at_chosen.count, chosen.iter().filter(known).count() as u64);
    let expected = distances.into_expected(String::new());
    let even = Expected::even(shape, config.context);
    let [mean, weighted, _] = received.into_tracks(&probability, &even);
    for head in shape.all() {
        let row = |query: usize| blocks.0[head.layer].row(head.head, query);
        let what = |text: &str| format!("{} {head} {text}", kernel.path());
        let mut by_distance = vec![0.0_f64; config.context];
        let mut count = 0.0;
        for query in 0..range.len() {
            let at = shape.row(head) * range.len() + query;
            if probability[query].is_nan() {
                assert_eq!(tracks.distances[at], NO_DISTANCE);
                assert!(tracks.weights[at].is_nan() && tracks.entropies_bits[at].is_nan());
                continue;
            }
            count += 1.0;
            let largest = row(query).iter().copied().fold(0.0, f32::max);
            near(
                f64::from(tracks.weights[at]),
                f64::from(largest),
                &what("largest weight"),
            );
            let distance = usize::from(tracks.distances[at]);
            near(
                f64::from(row(query)[distance]),
                f64::from(largest),
                &what("its distance"),
            );
            let entropy: f64 = row(query)
                .iter()
                .map(|w| f64::from(*w))
                .filter(|w| *w > 0.0)
                .map(|w| -w * w.log2())
                .sum();
            let found = f64::from(tracks.entropies_bits[at]);
            assert!((found - entropy).abs() < 2e-4, "{found} {entropy}");
            for (sum, weight) in by_distance.iter_mut().zip(row(query)) {
                *sum += f64::from(*weight);
            }
        }
        for distance in 0..config.context {
            let weight = |query: &usize| f64::from(row(query - queries.start)[distance]);
            let right = chosen.iter().filter(known).map(weight).sum();
            let found = at_chosen.sums[shape.row(head) * config.context + distance];
            near(found, right, &what("chosen queries"));
        }
        for (found, sum) in expected.row(head).iter().zip(&by_distance) {
            near(f64::from(*found), sum / count, &what("mean by distance"));
        }
        for base in 0..range.len() {
            let at = shape.row(head) * range.len() + base;
            let (mut plain, mut sum, mut seen) = (0.0_f64, 0.0_f64, 0.0);
            for distance in 0..config.context {
                let query = base + distance;
                let Some(p) = probability.get(query).filter(|p| !p.is_nan()) else {
                    continue;
                };
                let weight = f64::from(row(query)[distance]);
                plain += weight;
                sum += f64::from(*p) * weight;
                seen += 1.0;
            }
            if seen > 0.0 {
                near(f64::from(mean[at]), plain / seen, &what("received"));
            } else {
                assert!(mean[at].is_nan());
            }
            near(f64::from(weighted[at]), sum, &what("received, weighted"));
        }
    }
}

/// Shapes with odd sizes; the last is the one that the published reference does not cover.
fn shapes() -> Vec<Config> {
    vec![
        config(1, 1, 4, 4, 3, 5),
        config(2, 3, 32, 32, 0, 33),
        config(2, 2, 16, 16, 7, 64),
        config(2, 5, 20, 12, 9, 80),
    ]
}

#[test]
fn statistics_are_those_of_the_weights_on_every_path() {
    for (seed, config) in (40..).zip(shapes()) {
        let weights = random_weights(config, seed);
        let mut tokens = random_tokens(6 * config.context + 131, seed);
        let unknown = 3 * config.context + 11;
        tokens[unknown..unknown + 2].fill(4);
        let middle = 2 * config.context + 5;
        let ranges = [
            0..config.context + 20,
            middle..middle + 2 * config.context + 31,
            tokens.len() - 40..tokens.len(),
        ];
        for mode in [Mode::Faithful, Mode::Seamless] {
            for circular in [false, true] {
                let contig = contig(&tokens, circular);
                let settings = Settings::with_mode(mode);
                for path in KernelPath::ALL {
                    let Some(kernel) = Kernel::with_path(&weights, path) else {
                        continue;
                    };
                    for range in &ranges {
                        agrees(&kernel, &contig, &settings, range);
                    }
                }
            }
        }
    }
}

#[test]
fn statistics_of_changed_heads_are_those_of_their_weights() {
    let config = config(3, 3, 20, 12, 5, 40);
    let weights = random_weights(config, 3);
    let contig = contig(&random_tokens(300, 3), false);
    let head = |layer, head| HeadId { layer, head };
    let settings = Settings {
        mode: Mode::Seamless,
        heads_off: [head(0, 1), head(2, 0)].into_iter().collect(),
        uniform: [head(1, 2), head(2, 0)].into_iter().collect(),
        ..Settings::default()
    };
    for path in KernelPath::ALL {
        if let Some(kernel) = Kernel::with_path(&weights, path) {
            agrees(&kernel, &contig, &settings, &(0..120));
            agrees(&kernel, &contig, &settings, &(100..230));
        }
    }
}
