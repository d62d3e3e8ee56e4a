//! Another device in the kernel's place: the path that the graphics processor takes, on burn's CPU
//! backend, and on the graphics processor itself where there is one.

use crate::golden::golden;
use crate::networks::{config, contig, random_tokens, random_weights, weights_of};
use crate::statistics::{Blocks, agrees};
use burn::tensor::Device;
use headlight::attention::HeadId;
use headlight::attention::block::AttentionBlock;
use headlight::attention::tile::NoAttention;
use headlight::genome::{Contig, Interval, Strand};
use headlight::model::device::DeviceError;
use headlight::model::predict::{self, Outputs, StrandSequence};
use headlight::model::{Config, Kernel, Mode, Replacement, Settings, Weights};
use headlight::progress::{Cancel, Progress};
use std::ops::Range;
use std::process::Command;

/// The kernel and the network on burn's CPU backend.
fn both(weights: &Weights) -> [Kernel; 2] {
    let kernel = Kernel::new(weights);
    let other = kernel.on_device(weights, &Device::flex(), "flex").unwrap();
    assert_eq!(other.name(), "flex");
    [kernel, other]
}

fn run(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    queries: Range<usize>,
    settings: &Settings,
    sink: &mut impl headlight::attention::AttentionSink,
) -> Outputs {
    let progress = Progress::default();
    let cancel = Cancel::default();
    let asked = queries.len() as u64;
    let outputs = predict::run(
        kernel, sequence, queries, settings, sink, &progress, &cancel,
    );
    let outputs = outputs.unwrap();
    assert!(progress.done() <= asked && progress.done() == outputs.len() as u64);
    outputs
}

/// Logits, and the attention of all layers, of a range of queries.
fn same(
    kernels: &[Kernel; 2],
    contig: &Contig,
    strand: Strand,
    queries: Range<usize>,
    settings: &Settings,
) {
    let config = *kernels[0].config();
    let sequence = StrandSequence::new(contig, strand);
    let [expected, found] = kernels.each_ref().map(|kernel| {
        let first = queries.start.cast_signed();
        let block =
            |layer| AttentionBlock::new(layer, config.heads, first, queries.len(), config.context);
        let mut blocks = Blocks((0..config.layers).map(block).collect());
        let outputs = run(kernel, sequence, queries.clone(), settings, &mut blocks);
        // Without attention, lanes run side by side.
        let alone = run(
            kernel,
            sequence,
            queries.clone(),
            settings,
            &mut NoAttention,
        );
        same_logits(&alone, &outputs);
        (outputs, blocks)
    });
    same_logits(&found.0, &expected.0);
    for (found, expected) in found.1.0.iter().zip(&expected.1.0) {
        for head in 0..config.heads {
            for query in 0..queries.len() {
                let (found, expected) = (found.row(head, query), expected.row(head, query));
                for (distance, (found, expected)) in found.iter().zip(expected).enumerate() {
                    assert!(
                        found.is_nan() && expected.is_nan()
                            || crate::golden::attention_agrees(*found, *expected),
                        "{config:?} {settings:?} {strand} head {head} query {query} of {queries:?} \
                         distance {distance}: {found} {expected}",
                    );
                }
            }
        }
    }
}

fn same_logits(found: &Outputs, expected: &Outputs) {
    assert_eq!(found.first_query, expected.first_query);
    assert_eq!(found.logits.len(), expected.logits.len());
    for (at, (found, expected)) in found.logits.iter().zip(&expected.logits).enumerate() {
        assert!(
            found.is_nan() && expected.is_nan() || (found - expected).abs() < 5e-5,
            "logit {at}: {found} {expected}"
        );
    }
}

/// Odd sizes, no convolution, no memory, and a step as long as what seamless layers remember.
fn shapes() -> Vec<Config> {
    vec![
        config(1, 1, 4, 4, 0, 1),
        config(1, 1, 4, 4, 3, 5),
        config(2, 3, 32, 32, 0, 33),
        config(2, 2, 8, 8, 0, 65),
        config(2, 2, 16, 16, 7, 64),
        config(2, 5, 20, 12, 9, 80),
    ]
}

#[test]
fn every_shape_and_mode_gives_the_kernels_numbers() {
    for (seed, config) in (70..).zip(shapes()) {
        let kernels = both(&random_weights(config, seed));
        let mut tokens = random_tokens(7 * config.context + 59, seed);
        let unknown = 3 * config.context + 11;
        tokens[unknown..unknown + 2].fill(4);
        let length = tokens.len();
        let ranges = [
            0..length,
            2 * config.context - 3..3 * config.context + 40,
            length - 21..length,
        ];
        for (mode, circular) in [
            (Mode::Faithful, false),
            (Mode::Seamless, false),
            (Mode::Seamless, true),
        ] {
            let contig = contig(&tokens, circular);
            let settings = Settings::with_mode(mode);
            for (range, strand) in ranges.iter().zip(Strand::BOTH.into_iter().cycle()) {
                same(&kernels, &contig, strand, range.clone(), &settings);
            }
            if circular {
                let across = length - 30..length + 30;
                same(&kernels, &contig, Strand::Forward, across, &settings);
            }
        }
    }
}

#[test]
fn long_stretches_in_lanes_give_the_kernels_numbers() {
    let config = config(2, 2, 16, 16, 5, 24);
    let kernels = both(&random_weights(config, 5));
    let contig = contig(&random_tokens(3_000, 5), false);
    for mode in [Mode::Faithful, Mode::Seamless] {
        for queries in [0..3_000, 100..1_901, 2_000..5_000] {
            let sequence = StrandSequence::new(&contig, Strand::Reverse);
            let settings = Settings::with_mode(mode);
            let [expected, found] = kernels.each_ref().map(|kernel| {
                run(
                    kernel,
                    sequence,
                    queries.clone(),
                    &settings,
                    &mut NoAttention,
                )
            });
            same_logits(&found, &expected);
        }
    }
}

#[test]
fn changed_heads_and_masked_bases_give_the_kernels_numbers() {
    let config = config(3, 3, 20, 12, 5, 40);
    let kernels = both(&random_weights(config, 3));
    let contig = contig(&random_tokens(400, 3), false);
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
            masked: vec![Interval::new(170, 190)],
        };
        same(&kernels, &contig, Strand::Forward, 100..330, &settings);
    }
}

#[test]
fn statistics_are_those_of_the_weights() {
    for (seed, config) in (80..).zip(shapes()) {
        let [_, kernel] = both(&random_weights(config, seed));
        let mut tokens = random_tokens(6 * config.context + 131, seed);
        let unknown = 3 * config.context + 11;
        tokens[unknown..unknown + 2].fill(4);
        let middle = 2 * config.context + 5;
        for (mode, circular) in [
            (Mode::Faithful, false),
            (Mode::Seamless, false),
            (Mode::Seamless, true),
        ] {
            let contig = contig(&tokens, circular);
            for range in [
                0..config.context + 20,
                middle..middle + 2 * config.context + 31,
                tokens.len() - 40..tokens.len(),
            ] {
                agrees(&kernel, &contig, &Settings::with_mode(mode), &range);
            }
        }
    }
}

#[test]
fn reference_numbers() {
    for name in ["tiny", "trained", "paper_short"] {
        let Some(golden) = golden(name) else { return };
        let [_, kernel] = both(&weights_of(&golden.model, golden.context));
        for (batch, tokens) in golden.tokens.iter().enumerate() {
            let contig = contig(tokens, false);
            let sequence = StrandSequence::new(&contig, Strand::Forward);
            let settings = Settings::default();
            let outputs = run(
                &kernel,
                sequence,
                0..tokens.len(),
                &settings,
                &mut NoAttention,
            );
            for query in 0..tokens.len() {
                if let Some(logits) = &golden.logits {
                    for class in 0..2 {
                        let expected = logits.at(&[query, batch, class]);
                        let found = outputs.logits(query)[class];
                        assert!(
                            (found - expected).abs() < 5e-5,
                            "{name}: {found} {expected}"
                        );
                    }
                }
                let expected = golden.probabilities.at(&[query, batch, 1]);
                assert!((outputs.probability(query) - expected).abs() < 2e-5);
            }
        }
    }
}

#[test]
fn a_run_stops_when_it_is_cancelled_and_gives_nothing_for_nothing() {
    let [_, kernel] = both(&random_weights(config(2, 2, 8, 8, 3, 16), 1));
    let contig = contig(&random_tokens(100, 1), false);
    let sequence = StrandSequence::new(&contig, Strand::Forward);
    let settings = Settings::default();
    assert!(run(&kernel, sequence, 100..200, &settings, &mut NoAttention).is_empty());
    let (progress, cancel) = (Progress::default(), Cancel::default());
    cancel.cancel();
    let sink = &mut NoAttention;
    assert!(
        predict::run(
            &kernel,
            sequence,
            0..100,
            &settings,
            sink,
            &progress,
            &cancel
        )
        .is_err()
    );
}

#[test]
fn a_device_with_other_numbers_is_refused() {
    let config = config(2, 2, 16, 16, 7, 64);
    let weights = random_weights(config, 8);
    let kernel = Kernel::new(&weights);
    let device = Device::flex();
    let mut wrong = weights.clone();
    wrong.out_bias[1] += 0.5;
    let refused = kernel.on_device(&wrong, &device, "flex").unwrap_err();
    assert!(matches!(&refused, DeviceError::Differs { what, .. } if what.contains("logit")));
    assert!(
        refused.to_string().contains("leave --device away"),
        "{refused}"
    );

    // A key that only weights show: what a head sees changes, what it brings does not.
    let mut wrong = weights.clone();
    let last = wrong.layers.last_mut().unwrap();
    last.o.fill(0.0);
    let mut blind = wrong.clone();
    blind.layers.last_mut().unwrap().r.fill(0.0);
    let refused = Kernel::new(&wrong)
        .on_device(&blind, &device, "flex")
        .unwrap_err();
    assert!(matches!(&refused, DeviceError::Differs { what, .. } if what.contains("weight")));

    let mut broken = weights;
    broken.out[0] = f32::NAN;
    assert!(kernel.on_device(&broken, &device, "flex").is_err());
}

#[test]
fn a_device_that_fails_is_an_error() {
    let config = config(1, 1, 4, 4, 3, 8);
    let weights = random_weights(config, 1);
    let mut broken = weights.clone();
    // burn panics over a tensor whose numbers do not fit its shape.
    broken.layers[0].r.pop();
    let refused = Kernel::new(&weights).on_device(&broken, &Device::flex(), "flex");
    assert!(
        matches!(refused, Err(DeviceError::Failed { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_context_that_does_not_fit_is_refused() {
    let weights = random_weights(config(1, 2, 4, 4, 3, 20_000), 1);
    let refused = Kernel::new(&weights).on_device(&weights, &Device::flex(), "flex");
    let Err(DeviceError::TooLong {
        context,
        found_mb,
        allowed_mb,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(context == 20_000 && found_mb > allowed_mb);
}

/// `headlight predict` and `attention` on the graphics processor: the numbers of the processor
/// where there is one, a plain message where there is none or the program cannot use one.
#[test]
fn the_command_line_chooses_the_device() {
    let headlight = |command: &str, device: &str| {
        let mut arguments = vec![command, "--locus", "366300-366330", "--strand", "-"];
        if command == "attention" {
            arguments.extend(["--head", "L2H3"]);
        }
        arguments.extend(["--device", device]);
        Command::new(env!("CARGO_BIN_EXE_headlight"))
            .args(arguments)
            .output()
            .unwrap()
    };
    for command in ["predict", "attention"] {
        let (cpu, gpu) = (headlight(command, "cpu"), headlight(command, "gpu"));
        assert!(cpu.status.success());
        let said = String::from_utf8(gpu.stderr).unwrap();
        if !gpu.status.success() {
            assert!(!said.contains("panicked"), "{said}");
            let expected = if cfg!(feature = "gpu") {
                "no graphics processor was found"
            } else {
                "this program was built without the feature gpu"
            };
            assert!(said.contains(expected), "{said}");
            println!("skipped, no graphics processor: {said}");
            continue;
        }
        let numbers = |text: Vec<u8>| -> Vec<(String, f32)> {
            let text = String::from_utf8(text).unwrap();
            text.lines()
                .skip(1)
                .map(|line| line.rsplit_once('\t').unwrap())
                .map(|(what, number)| (what.to_owned(), number.parse().unwrap()))
                .collect()
        };
        let (cpu, gpu) = (numbers(cpu.stdout), numbers(gpu.stdout));
        assert!(!cpu.is_empty() && cpu.len() == gpu.len());
        for ((what, expected), (same, found)) in cpu.iter().zip(&gpu) {
            assert_eq!(what, same);
            assert!(
                headlight::model::device::agrees(*found, *expected),
                "{what}: {found} {expected}"
            );
        }
    }
}
