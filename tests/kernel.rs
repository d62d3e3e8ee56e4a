//! The kernel against the reference numbers and the f64 oracle, on every path.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::golden::{CASES, attention_agrees, golden};
use crate::networks::{bases, config, contig, random_tokens, random_weights, weights_of};
use crate::oracle::{Forward, forward};
use headlight::attention::block::AttentionBlock;
use headlight::attention::expected::Expected;
use headlight::attention::tile::{NoAttention, Tile};
use headlight::attention::track::{EPSILON, Received};
use headlight::attention::{AttentionSink, HeadId, HeadShape};
use headlight::genome::base::reverse_complement;
use headlight::genome::{Base, Contig, Genome, Interval, Strand};
use headlight::model::predict::{Outputs, Sample, StrandSequence};
use headlight::model::{Config, Kernel, KernelPath, Mode, Replacement, Settings, Weights, predict};
use headlight::progress::{Cancel, Cancelled, Progress};
use std::ops::Range;
use std::time::{Duration, Instant};

/// One block a layer.
struct Blocks(Vec<AttentionBlock>);

impl Blocks {
    fn new(config: &Config, queries: &Range<usize>) -> Self {
        let block = |layer| {
            let first = queries.start.cast_signed();
            AttentionBlock::new(layer, config.heads, first, queries.len(), config.context)
        };
        Self((0..config.layers).map(block).collect())
    }
}

impl AttentionSink for Blocks {
    fn take(&mut self, tile: &Tile<'_>) {
        for row in 0..tile.queries {
            let sum: f32 = tile.row(row).1.iter().sum();
            assert!((sum - 1.0).abs() < 1e-5, "weights sum to {sum}");
            let all: f32 = tile.weights[row * tile.stride..]
                .iter()
                .take((tile.first_query - tile.first_key).cast_unsigned() + tile.queries)
                .sum();
            assert!(
                (all - 1.0).abs() < 1e-5,
                "columns outside the band sum to {}",
                all - 1.0
            );
        }
        self.0[tile.head.layer].take(tile);
    }
}

/// Kernels of every path that this machine has.
fn kernels(weights: &Weights) -> Vec<Kernel> {
    KernelPath::ALL
        .into_iter()
        .filter_map(|path| Kernel::with_path(weights, path))
        .collect()
}

fn run(
    kernel: &Kernel,
    contig: &Contig,
    strand: Strand,
    queries: Range<usize>,
    settings: &Settings,
    sink: &mut impl AttentionSink,
) -> Outputs {
    let sequence = StrandSequence::new(contig, strand);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    predict::run(
        kernel, sequence, queries, settings, sink, &progress, &cancel,
    )
    .unwrap()
}

/// Compares a run over `queries` with the oracle, whose position 0 is strand position `shift`.
fn agrees(
    kernel: &Kernel,
    contig: &Contig,
    queries: Range<usize>,
    settings: &Settings,
    oracle: &Forward,
    shift: isize,
) {
    let config = *kernel.config();
    let mut blocks = Blocks::new(&config, &queries);
    let outputs = run(
        kernel,
        contig,
        Strand::Forward,
        queries.clone(),
        settings,
        &mut blocks,
    );
    assert_eq!(outputs.len(), queries.len());
    for query in queries.clone() {
        let at = (query.cast_signed() - shift).cast_unsigned();
        for (found, expected) in outputs.logits(query).iter().zip(&oracle.logits[at]) {
            let difference = (f64::from(*found) - expected).abs();
            assert!(
                difference < 5e-5,
                "{} query {query}: {found} {expected}",
                kernel.path()
            );
        }
        for id in config.head_shape().all() {
            let row = blocks.0[id.layer].row(id.head, query - queries.start);
            let expected = oracle.row(id, at);
            for (distance, weight) in row.iter().enumerate() {
                let expected = expected.get(distance).copied().unwrap_or(0.0);
                assert!(
                    attention_agrees(*weight, expected as f32),
                    "{} {id} query {query} distance {distance}: {weight} {expected}",
                    kernel.path(),
                );
            }
        }
    }
}

#[test]
fn reference_numbers() {
    for name in CASES {
        let Some(golden) = golden(name) else { return };
        let weights = weights_of(&golden.model, golden.context);
        for kernel in kernels(&weights) {
            for (batch, tokens) in golden.tokens.iter().enumerate() {
                let contig = contig(tokens, false);
                let mut blocks = Blocks::new(&weights.config, &(0..tokens.len()));
                let settings = Settings::default();
                let strand = Strand::Forward;
                let all = 0..tokens.len();
                let outputs = run(&kernel, &contig, strand, all, &settings, &mut blocks);
                for query in 0..tokens.len() {
                    for class in 0..2 {
                        if let Some(logits) = &golden.logits {
                            let expected = logits.at(&[query, batch, class]);
                            let found = outputs.logits(query)[class];
                            assert!((found - expected).abs() < 5e-5, "{found} {expected}");
                        }
                    }
                    let expected = golden.probabilities.at(&[query, batch, 1]);
                    assert!((outputs.probability(query) - expected).abs() < 2e-5);
                }
                for part in &golden.attention {
                    let [_, keys, batches, heads] = part.weights.shape[..] else {
                        panic!("four dimensions")
                    };
                    if batch >= batches {
                        continue;
                    }
                    let first = part.segment * golden.context;
                    let memory = first.min(golden.context);
                    for (row, query) in part.queries.iter().enumerate() {
                        for (key, head) in (0..keys).flat_map(|k| (0..heads).map(move |h| (k, h))) {
                            let expected = part.weights.at(&[row, key, batch, head]);
                            let distance = (query + memory).checked_sub(key);
                            let found = distance
                                .and_then(|o| {
                                    let block = &blocks.0[part.layer];
                                    block.row(head, first + query).get(o).copied()
                                })
                                .unwrap_or(0.0);
                            assert!(
                                attention_agrees(found, expected),
                                "{name} {} layer {} head {head} query {query} key {key}: {found} {expected}",
                                kernel.path(),
                                part.layer,
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Networks of many shapes, with the last one as the issue asks for it.
fn shapes() -> Vec<Config> {
    vec![
        config(1, 1, 4, 4, 3, 5),
        config(3, 2, 8, 20, 5, 17),
        config(2, 3, 32, 32, 0, 33),
        config(4, 2, 16, 16, 7, 64),
        config(2, 1, 40, 7, 1, 100),
        config(2, 5, 20, 12, 9, 80),
    ]
}

#[test]
fn every_shape_and_path_agrees_with_the_oracle() {
    for (seed, config) in (1..).zip(shapes()) {
        let weights = random_weights(config, seed);
        let tokens = random_tokens(4 * config.context + 29, seed);
        let contig = contig(&tokens, true);
        let settings = Settings::default();
        let oracle = forward(&weights, &tokens, &settings);
        for kernel in kernels(&weights) {
            let all = 0..tokens.len();
            agrees(&kernel, &contig, all, &settings, &oracle, 0);
        }
    }
}

#[test]
fn seamless_runs_agree_with_the_oracle() {
    for (seed, config) in (10..).zip(shapes()) {
        let weights = random_weights(config, seed);
        let settings = Settings::with_mode(Mode::Seamless);
        let tokens = random_tokens(700, seed);
        let linear = contig(&tokens, false);
        let straight = forward(&weights, &tokens, &settings);
        // A circle is a line that begins a reach earlier and ends a look-ahead later.
        let ring = random_tokens(config.context + 60, seed);
        let circle = contig(&ring, true);
        let (back, ahead) = (config.reach_back() + 3, config.reach_ahead());
        let turn: Vec<u8> = (0..back + ring.len() + ahead)
            .map(|i| {
                let position = i.cast_signed() - back.cast_signed();
                ring[position
                    .rem_euclid(ring.len().cast_signed())
                    .cast_unsigned()]
            })
            .collect();
        let wrapped = forward(&weights, &turn, &settings);
        for kernel in kernels(&weights) {
            agrees(&kernel, &linear, 0..tokens.len(), &settings, &straight, 0);
            agrees(&kernel, &linear, 491..560, &settings, &straight, 0);
            let all = 0..ring.len();
            agrees(
                &kernel,
                &circle,
                all,
                &settings,
                &wrapped,
                -back.cast_signed(),
            );
        }
    }
}

#[test]
fn changed_heads_and_masked_bases_agree_with_the_oracle() {
    let config = config(3, 3, 20, 12, 5, 40);
    let weights = random_weights(config, 3);
    let tokens = random_tokens(150, 3);
    let contig = contig(&tokens, false);
    let head = |layer, head| HeadId { layer, head };
    for mode in [Mode::Faithful, Mode::Seamless] {
        let settings = Settings {
            mode,
            heads_off: [head(0, 1), head(2, 0)].into_iter().collect(),
            uniform: [head(1, 2), head(2, 0)].into_iter().collect(),
            replaced: [
                (
                    head(0, 2),
                    Replacement::Output([0.4, -0.2].repeat(6).into()),
                ),
                (
                    head(0, 0),
                    Replacement::Weights((0..40).map(|o| 0.9_f32.powi(o)).collect()),
                ),
                (
                    head(2, 1),
                    Replacement::Weights((0..40).map(|o| ((o + 3) % 7) as f32).collect()),
                ),
                (head(2, 0), Replacement::Output([0.3; 12].into())),
            ]
            .into(),
            masked: vec![Interval::new(30, 41), Interval::new(77, 78)],
        };
        let oracle = forward(&weights, &tokens, &settings);
        for kernel in kernels(&weights) {
            agrees(&kernel, &contig, 0..150, &settings, &oracle, 0);
            agrees(&kernel, &contig, 90..131, &settings, &oracle, 0);
        }
    }
}

#[test]
fn unknown_bases_are_the_mean_and_their_outputs_are_nan() {
    let config = config(2, 2, 16, 16, 7, 32);
    let weights = random_weights(config, 5);
    let mut tokens = random_tokens(120, 5);
    tokens[50..53].fill(4);
    let contig = contig(&tokens, false);
    let settings = Settings::default();
    let oracle = forward(&weights, &tokens, &settings);
    let kernel = Kernel::new(&weights);
    let mut blocks = Blocks::new(&config, &(0..120));
    let outputs = run(
        &kernel,
        &contig,
        Strand::Forward,
        0..120,
        &settings,
        &mut blocks,
    );
    for query in 0..120 {
        let touches = (47..56).contains(&query);
        assert_eq!(outputs.probability(query).is_nan(), touches, "{query}");
        if !touches {
            let difference = f64::from(outputs.probability(query)) - oracle.probability(query);
            assert!(difference.abs() < 2e-5);
        }
        let row: f32 = blocks.0[1].row(0, query).iter().sum();
        assert_eq!(row.is_nan(), touches, "queries over N leave all statistics");
    }
    // Masked instead: the same numbers without the NaN.
    let masked = Settings {
        masked: vec![Interval::new(50, 53)],
        ..Settings::default()
    };
    let outputs = run(
        &kernel,
        &contig,
        Strand::Forward,
        0..120,
        &masked,
        &mut NoAttention,
    );
    for query in 0..120 {
        let difference = f64::from(outputs.probability(query)) - oracle.probability(query);
        assert!(
            difference.abs() < 2e-5,
            "masked bases hide that they are unknown"
        );
    }
}

#[test]
fn a_locus_has_the_numbers_of_the_whole_run_bit_for_bit() {
    for (seed, config) in (20..).zip(shapes()) {
        let weights = random_weights(config, seed);
        let tokens = random_tokens(9 * config.context + 1000, seed);
        let contig = contig(&tokens, false);
        for mode in [Mode::Faithful, Mode::Seamless] {
            let settings = Settings::with_mode(mode);
            for kernel in kernels(&weights) {
                let all = 0..tokens.len();
                let mut blocks = Blocks::new(&config, &all);
                let strand = Strand::Forward;
                let whole = run(&kernel, &contig, strand, all, &settings, &mut blocks);
                let context = config.context;
                for queries in [
                    0..1,
                    context - 1..context + 1,
                    7 * context + 3..7 * context + 5,
                    5 * context + 1..8 * context + 2,
                    tokens.len() - 9..tokens.len(),
                ] {
                    let mut some = Blocks::new(&config, &queries);
                    let part = run(
                        &kernel,
                        &contig,
                        strand,
                        queries.clone(),
                        &settings,
                        &mut some,
                    );
                    for query in queries.clone() {
                        let bits = |outputs: &Outputs| {
                            outputs
                                .logits(query)
                                .iter()
                                .map(|x| x.to_bits())
                                .collect::<Vec<_>>()
                        };
                        assert_eq!(
                            bits(&part),
                            bits(&whole),
                            "{config:?} {mode:?} {} {query} of {queries:?}",
                            kernel.path()
                        );
                        for id in config.head_shape().all() {
                            assert_eq!(
                                some.0[id.layer].row(id.head, query - queries.start),
                                blocks.0[id.layer].row(id.head, query),
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_reverse_strand_is_the_reverse_complement_exactly() {
    let config = config(3, 2, 32, 32, 7, 48);
    let kernel = Kernel::new(&random_weights(config, 8));
    let tokens = random_tokens(1201, 8);
    for circular in [false, true] {
        for mode in [Mode::Faithful, Mode::Seamless] {
            let settings = Settings::with_mode(mode);
            let there = contig(&tokens, circular);
            let mut back = there.clone();
            back.sequence = reverse_complement(&bases(&tokens)).into_iter().collect();
            let interval = Interval::new(300, 420);
            let mirrored = Interval::new(1201 - 420, 1201 - 300);
            let (progress, cancel) = (Progress::default(), Cancel::default());
            let of = |contig: &Contig, strand, interval| {
                let sequence = StrandSequence::new(contig, strand);
                predict::probabilities(&kernel, sequence, interval, &settings, &progress, &cancel)
                    .unwrap()
            };
            let mut on_reverse = of(&there, Strand::Reverse, interval);
            on_reverse.reverse();
            assert_eq!(on_reverse, of(&back, Strand::Forward, mirrored));
            assert_eq!(progress.done(), progress.total());
        }
    }
}

#[test]
fn bases_outside_the_reach_change_nothing() {
    let config = config(2, 2, 16, 16, 7, 20);
    let kernel = Kernel::new(&random_weights(config, 9));
    let settings = Settings::with_mode(Mode::Seamless);
    let tokens = random_tokens(400, 9);
    let query = 200;
    let logits = |tokens: &[u8]| {
        let contig = contig(tokens, false);
        let one = query..query + 1;
        run(
            &kernel,
            &contig,
            Strand::Forward,
            one,
            &settings,
            &mut NoAttention,
        )
        .logits
    };
    let before = logits(&tokens);
    let reach = query - config.reach_back()..=query + config.reach_ahead();
    for position in 0..400 {
        let mut changed = tokens.clone();
        changed[position] ^= 1;
        let same = logits(&changed) == before;
        if !reach.contains(&position) {
            assert!(same, "{position} is out of reach");
        } else if position + 8 >= query && position < query + 4 {
            assert!(!same, "{position} is close");
        }
    }
}

#[test]
fn window_tracks_follow_their_definition() {
    let config = config(2, 2, 16, 16, 7, 24);
    let weights = random_weights(config, 12);
    let kernel = Kernel::new(&weights);
    let mut tokens = random_tokens(300, 12);
    tokens[140] = 4;
    let contig = contig(&tokens, false);
    let settings = Settings::default();
    let shape = HeadShape {
        layers: 2,
        heads: 2,
    };
    let means = (0..4 * 24).map(|i| 0.5 / (i as f32 + 1.0)).collect();
    let expected = Expected::new(shape, 24, "made up".to_owned(), 1, means).unwrap();
    for (strand, interval) in [
        (Strand::Forward, Interval::new(100, 180)),
        (Strand::Reverse, Interval::new(100, 180)),
        (Strand::Forward, Interval::new(260, 300)),
        (Strand::Reverse, Interval::new(0, 40)),
    ] {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let sequence = StrandSequence::new(&contig, strand);
        let tracks = predict::window_tracks(
            &kernel, sequence, interval, &expected, &settings, &progress, &cancel,
        )
        .unwrap();
        assert_eq!(progress.done(), progress.total());
        let mut read = tokens.clone();
        if strand == Strand::Reverse {
            read.reverse();
            read.iter_mut().filter(|t| **t < 4).for_each(|t| *t ^= 1);
        }
        let oracle = forward(&weights, &read, &settings);
        let unknown = read.iter().position(|&t| t == 4).unwrap();
        let known = |query: usize| query.abs_diff(unknown) > 3;
        for (index, position) in interval.range().enumerate() {
            let base = strand.flip(position, 300);
            let found = tracks.probability[index];
            if known(base) {
                assert!((f64::from(found) - oracle.probability(base)).abs() < 2e-5);
            } else {
                assert!(found.is_nan());
            }
            for id in shape.all() {
                let (mut sum, mut weighted, mut even, mut count) = (0.0, 0.0, 0.0, 0.0);
                for query in (base..300.min(base + 24)).filter(|&q| known(q)) {
                    let (p, weight) = (
                        oracle.probability(query),
                        oracle.row(id, query)[query - base],
                    );
                    sum += weight;
                    weighted += p * weight;
                    even += p * f64::from(expected.row(id)[query - base]);
                    count += 1.0;
                }
                let epsilon = f64::from(EPSILON);
                let ratio = ((weighted + epsilon) / (even + epsilon)).log2();
                let wanted = [sum / count, weighted, ratio];
                for (received, wanted) in Received::ALL.into_iter().zip(wanted) {
                    let found = f64::from(tracks.row(received, id)[index]);
                    assert!(
                        (found - wanted).abs() < 1e-4 * (1.0 + wanted.abs()) || count == 0.0,
                        "{strand} {position} {id} {received:?}: {found} {wanted}"
                    );
                }
            }
        }
    }
}

#[test]
fn expected_weights_are_means_by_distance() {
    let config = config(2, 2, 16, 16, 7, 24);
    let weights = random_weights(config, 14);
    let kernel = Kernel::new(&weights);
    let tokens = [random_tokens(500, 14), random_tokens(30, 15)];
    let genome = Genome {
        name: "two contigs".to_owned(),
        contigs: tokens.iter().map(|tokens| contig(tokens, false)).collect(),
        ..Genome::default()
    };
    let sample = Sample {
        stretches: 1,
        queries: 1000,
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let settings = Settings::default();
    let expected =
        predict::measure_expected(&kernel, &genome, sample, &settings, &progress, &cancel).unwrap();
    assert!(
        expected.sample.contains("two contigs"),
        "{}",
        expected.sample
    );
    let first = config.reach_back();
    assert_eq!(expected.queries, 500 - first as u64);
    let oracle = forward(&weights, &tokens[0], &settings);
    for id in config.head_shape().all() {
        let sum: f32 = expected.row(id).iter().sum();
        assert!((sum - 1.0).abs() < 1e-4);
        for (distance, found) in expected.row(id).iter().enumerate() {
            let sum: f64 = (first..500)
                .map(|query| oracle.row(id, query)[distance])
                .sum();
            let wanted = sum / (500 - first) as f64;
            assert!((f64::from(*found) - wanted).abs() < 2e-5, "{id} {distance}");
        }
    }
}

/// How long a run over a long contig goes on after it is cancelled.
fn time_to_stop(kernel: &Kernel, contig: &Contig) -> Duration {
    let cancel = Cancel::default();
    let waiting = std::thread::spawn({
        let cancel = cancel.clone();
        move || {
            std::thread::sleep(Duration::from_millis(100));
            cancel.cancel();
            Instant::now()
        }
    });
    let found = predict::probabilities(
        kernel,
        StrandSequence::new(contig, Strand::Forward),
        Interval::new(0, contig.len()),
        &Settings::default(),
        &Progress::default(),
        &cancel,
    );
    assert_eq!(found, Err(Cancelled));
    waiting.join().unwrap().elapsed()
}

#[test]
fn a_run_stops_soon_after_it_is_cancelled() {
    let config = config(6, 6, 32, 32, 7, 512);
    let weights = random_weights(config, 2);
    let contig = contig(&random_tokens(600_000, 2), false);
    for kernel in kernels(&weights) {
        // The best of a few: other tests may hold the processor for a while.
        let stopped = (0..5).any(|_| time_to_stop(&kernel, &contig) < Duration::from_millis(100));
        assert!(stopped, "{} goes on", kernel.path());
    }
}

#[test]
fn nothing_in_gives_nothing_out() {
    let kernel = Kernel::new(&random_weights(config(2, 2, 16, 16, 7, 24), 1));
    let settings = Settings::default();
    for contig in [
        contig(&[], false),
        contig(&[], true),
        contig(&[0, 1, 2], true),
    ] {
        for mode in [Mode::Faithful, Mode::Seamless] {
            let settings = Settings::with_mode(mode);
            let length = contig.len();
            let all = run(
                &kernel,
                &contig,
                Strand::Reverse,
                0..length,
                &settings,
                &mut NoAttention,
            );
            assert_eq!(all.len(), length);
            assert!(all.probabilities().iter().all(|p| p.is_finite()));
        }
        let none = run(
            &kernel,
            &contig,
            Strand::Forward,
            2..2,
            &settings,
            &mut NoAttention,
        );
        assert!(none.is_empty());
        let sequence = StrandSequence::new(&contig, Strand::Forward);
        let expected = Expected::even(kernel.config().head_shape(), 24);
        let interval = Interval::new(contig.len(), contig.len() + 10);
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let tracks = predict::window_tracks(
            &kernel, sequence, interval, &expected, &settings, &progress, &cancel,
        )
        .unwrap();
        assert!(tracks.probability.is_empty());
    }
}

/// The + strand of *E. coli*, where the shared folder is at hand.
fn ecoli() -> Option<Contig> {
    let path = crate::shared::shared("data/genome/NC_000913.3.fasta")?;
    let text = std::fs::read(path).unwrap();
    let body = text.split(|&b| b == b'\n').skip(1).flatten();
    Some(Contig {
        name: "NC_000913.3".to_owned(),
        circular: true,
        sequence: body.filter_map(|&b| Base::from_ascii(b)).collect(),
        ..Contig::default()
    })
}

#[test]
fn the_trained_model_finds_lacz_p1() {
    let (Some(golden), Some(contig)) = (golden("trained"), ecoli()) else {
        return;
    };
    let kernel = Kernel::new(&weights_of(&golden.model, golden.context));
    let sequence = StrandSequence::new(&contig, Strand::Reverse);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    // Seamless: in a faithful run from the strand's start this output is the second of a segment,
    // where padding hides the bases before it from the queries.
    let interval = Interval::from_closed(366_000, 366_700).unwrap();
    let settings = Settings::with_mode(Mode::Seamless);
    let found =
        predict::probabilities(&kernel, sequence, interval, &settings, &progress, &cancel).unwrap();
    let highest = (0..found.len()).max_by(|&a, &b| found[a].total_cmp(&found[b]));
    // Shown 1-based; on − a TSS lies 20 to the right of the output that scores it.
    assert_eq!(interval.start + highest.unwrap() + 1 + 20, 366_343);

    // Mean weights by distance over a small sample of the same genome.
    let genome = Genome {
        name: "E. coli".to_owned(),
        contigs: vec![contig].into(),
        ..Genome::default()
    };
    let sample = Sample {
        stretches: 6,
        queries: 512,
    };
    let expected =
        predict::measure_expected(&kernel, &genome, sample, &settings, &progress, &cancel).unwrap();
    assert_eq!(expected.queries, 6 * 512);
    for id in kernel.config().head_shape().all() {
        assert!((expected.row(id).iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
}
