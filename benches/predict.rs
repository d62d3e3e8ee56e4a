//! How fast the kernel runs: `cargo bench --bench predict [-- quick]`.
//!
//! Prints positions a second per path, context and thread count, beside the rate that a plain f32
//! matrix product in the same run would allow, and the time that one kilobase takes.

#![allow(clippy::print_stdout, reason = "the table is the result")]

use headlight::attention::Statistics;
use headlight::attention::expected::{DistanceSums, Expected};
use headlight::attention::statistics::{ChosenSums, QueryTracks};
use headlight::attention::track::ReceivedSums;
use headlight::genome::base::ACGT;
use headlight::genome::{Contig, Interval, Strand};
use headlight::model::predict::StrandSequence;
use headlight::model::weights::LayerWeights;
use headlight::model::{Config, Kernel, KernelPath, Mode, Settings, Weights, predict};
use headlight::progress::{Cancel, Progress};
use rayon::prelude::*;
use std::time::Instant;

/// The published network's sizes.
fn config(context: usize) -> Config {
    Config {
        layers: 6,
        heads: 6,
        d_model: 32,
        d_head: 32,
        kernel: 7,
        classes: 2,
        context,
        label_shift: 20,
    }
}

/// Repeatable numbers in −`width`…`width`.
fn numbers(seed: &mut u64, count: usize, width: f32) -> Vec<f32> {
    (0..count)
        .map(|_| {
            *seed ^= *seed << 13;
            *seed ^= *seed >> 7;
            *seed ^= *seed << 17;
            ((*seed >> 40) as f32 / (1 << 23) as f32 - 1.0) * width
        })
        .collect()
}

fn weights(context: usize) -> Weights {
    let config = config(context);
    let (seed, wide) = (&mut 7, config.heads * config.d_head);
    let layer = |seed: &mut u64| LayerWeights {
        qkv: numbers(seed, 3 * wide * config.d_model, 0.3),
        r: numbers(seed, wide * config.d_model, 0.3),
        o: numbers(seed, config.d_model * wide, 0.12),
        convolution: std::array::from_fn(|_| {
            numbers(seed, config.d_head * config.d_head * config.kernel, 0.1)
        }),
        convolution_bias: std::array::from_fn(|_| numbers(seed, config.d_head, 0.1)),
        norm_weight: vec![1.0; config.d_model],
        norm_bias: vec![0.0; config.d_model],
    };
    Weights {
        config,
        embedding: numbers(seed, 4 * config.d_model, 0.3),
        u: numbers(seed, wide, 0.3),
        v: numbers(seed, wide, 0.3),
        inverse_frequency: (0..config.d_model / 2)
            .map(|i| 1e4_f32.powf(-2.0 * i as f32 / config.d_model as f32))
            .collect(),
        layers: (0..config.layers).map(|_| layer(seed)).collect(),
        out: numbers(seed, config.classes * config.d_model, 0.3),
        out_bias: vec![0.0; config.classes],
    }
}

fn contig(length: usize) -> Contig {
    let seed = &mut 99;
    let bases = numbers(seed, length, 2.0);
    Contig {
        name: "random".to_owned(),
        sequence: bases
            .iter()
            .map(|x| ACGT[((x + 2.0) as usize).min(3)])
            .collect(),
        ..Contig::default()
    }
}

/// Floating-point operations a position, as the published arithmetic counts them: folded
/// projections, a band of `context` keys at twice the head's width, values, output.
fn operations(config: &Config) -> f64 {
    let wide = config.heads * config.d_head;
    let projections = config.kernel * config.d_model * 3 * wide;
    let attention = config.context * (config.heads * config.d_model + 2 * wide);
    (2 * config.layers * (projections + attention + wide * config.d_model)) as f64
}

/// Seconds of the best of a few turns.
fn best(turns: usize, mut work: impl FnMut()) -> f64 {
    (0..turns)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

/// Operations a second of plain matrix products, one on each thread.
fn product_rate(path: KernelPath, threads: usize) -> f64 {
    let rate = |_| path.product_rate(4).unwrap_or(0.0);
    (0..3)
        .map(|_| (0..threads).into_par_iter().map(rate).sum::<f64>())
        .fold(0.0, f64::max)
}

fn main() {
    // `cargo test --benches` asks for nothing to be timed.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let quick = std::env::args().any(|argument| argument == "quick");
    let turns = if quick { 1 } else { 3 };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut counts = vec![1, cores];
    counts.dedup();
    let prepared = weights(512);
    let preparing = best(turns, || {
        std::hint::black_box(Kernel::new(&prepared));
    });
    println!("preparing a kernel takes {:.1} ms", 1e3 * preparing);
    println!("positions a second, and as a share of what plain matrix products would allow:");
    println!(
        "path      context threads product limit  probabilities    with tracks  with all statistics"
    );
    for threads in counts {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let Ok(pool) = pool else { return };
        pool.install(|| {
            for context in [512, 128] {
                for path in KernelPath::ALL {
                    throughput(path, context, threads, turns);
                }
            }
            for context in [512, 128] {
                kilobase(context, threads, turns);
            }
        });
    }
}

fn throughput(path: KernelPath, context: usize, threads: usize, turns: usize) {
    let Some(kernel) = Kernel::with_path(&weights(context), path) else {
        return;
    };
    // Stretches side by side, long enough that their starts weigh little.
    let each = if path == KernelPath::Portable {
        8_192
    } else {
        32_768
    };
    let contig = contig(each + 8192);
    let sequence = StrandSequence::new(&contig, Strand::Forward);
    let interval = Interval::new(0, each);
    let expected = Expected::even(kernel.config().head_shape(), context);
    let (progress, cancel, settings) =
        (Progress::default(), Cancel::default(), Settings::default());
    let limit = product_rate(path, threads) / operations(kernel.config());
    let plain = best(turns, || {
        (0..threads).into_par_iter().for_each(|_| {
            let found =
                predict::probabilities(&kernel, sequence, interval, &settings, &progress, &cancel);
            assert!(found.is_ok());
        });
    });
    let tracks = best(turns, || {
        (0..threads).into_par_iter().for_each(|_| {
            let found = predict::window_tracks(
                &kernel, sequence, interval, &expected, &settings, &progress, &cancel,
            );
            assert!(found.is_ok());
        });
    });
    let statistics = best(turns, || {
        (0..threads).into_par_iter().for_each(|_| {
            all_statistics(&kernel, sequence, interval, &expected);
        });
    });
    let count = (threads * each) as f64;
    let share = |seconds: f64| {
        let rate = count / seconds;
        format!("{rate:>8.0} {:>3.0} %", 100.0 * rate / limit)
    };
    println!(
        "{path:<9} {context:>7} {threads:>7} {limit:>13.0}  {}  {}  {} = {:.0} % of plain",
        share(plain),
        share(tracks),
        share(statistics),
        100.0 * plain / statistics
    );
}

/// Everything that a run over a genome can keep of an interval.
fn all_statistics(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    interval: Interval,
    expected: &Expected,
) {
    let config = kernel.config();
    let (shape, context) = (config.head_shape(), config.context);
    let bases = interval.start.cast_signed()..interval.end.cast_signed();
    let mut statistics = Statistics {
        received: Some(ReceivedSums::new(shape, bases.clone())),
        queries: Some(QueryTracks::new(shape, bases.clone())),
        distances: Some(DistanceSums::new(shape, context)),
        // As dense as the start sites of a bacterium: one in 1,150.
        chosen: Some(ChosenSums::new(
            shape,
            context,
            bases.step_by(1_150).collect(),
        )),
    };
    let settings = Settings::default();
    let queries = predict::queries_that_see(kernel, sequence, interval, settings.mode);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let found = predict::run(
        kernel,
        sequence,
        queries,
        &settings,
        &mut statistics,
        &progress,
        &cancel,
    );
    let (Ok(outputs), Some(received)) = (found, statistics.received) else {
        panic!("nobody cancelled")
    };
    std::hint::black_box(received.into_tracks(&outputs.probabilities(), expected));
}

fn kilobase(context: usize, threads: usize, turns: usize) {
    let kernel = Kernel::new(&weights(context));
    let contig = contig(20_000);
    let expected = Expected::even(kernel.config().head_shape(), context);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    for mode in [Mode::Faithful, Mode::Seamless] {
        let settings = Settings::with_mode(mode);
        let of = |strand: Strand| {
            let sequence = StrandSequence::new(&contig, strand);
            let interval = Interval::new(10_100, 11_100);
            let found = predict::window_tracks(
                &kernel, sequence, interval, &expected, &settings, &progress, &cancel,
            );
            assert!(found.is_ok());
        };
        let one = best(turns, || of(Strand::Forward));
        let both = best(turns, || {
            Strand::BOTH.into_par_iter().for_each(of);
        });
        println!(
            "1 kb of tracks, context {context}, {threads} threads, {mode:?}: one strand {:.0} ms, both {:.0} ms",
            1e3 * one,
            1e3 * both
        );
    }
}
