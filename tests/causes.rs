//! Causes with known truth: ablation, mutagenesis, gradients, rollout and edits.

use crate::networks::{config, contig, random_tokens, random_weights};
use crate::oracle::{Forward, embedding, forward, forward_rows};
use crate::shared::shared;
use headlight::analysis::causal::ablation::Difference;
use headlight::attention::tile::NoAttention;
use headlight::attention::{Expected, HeadId, Received};
use headlight::genome::read::{read_anchors, read_genome};
use headlight::genome::{Anchor, Base, Contig, Edit, Edited, Genome, Interval, Locus, Strand};
use headlight::job::ablate::{How, Request, ablate};
use headlight::job::example;
use headlight::job::mutate::{self, What, mutate};
use headlight::job::whatif::{self, Change, what_if};
use headlight::model::attribution::Attributor;
use headlight::model::checkpoint::safetensors_bytes;
use headlight::model::metadata::Metadata;
use headlight::model::predict::{self, StrandSequence};
use headlight::model::variants::{self, reached};
use headlight::model::{Kernel, KernelPath, Mode, Model, Overrides, Settings, Weights, means};
use headlight::progress::{Cancel, Progress};
use std::process::{Command, Output};

const LABELS: &str = "data/tss/tss_open_NC_000913.3.tsv";

fn seamless() -> Settings {
    Settings::with_mode(Mode::Seamless)
}

fn kernels(weights: &Weights) -> Vec<Kernel> {
    let paths = KernelPath::ALL.into_iter();
    paths
        .filter_map(|path| Kernel::with_path(weights, path))
        .collect()
}

/// Logits of a whole forward strand.
fn logits(kernel: &Kernel, contig: &Contig, settings: &Settings) -> Vec<f32> {
    let sequence = StrandSequence::new(contig, Strand::Forward);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let all = 0..contig.len();
    let sink = &mut NoAttention;
    predict::run(kernel, sequence, all, settings, sink, &progress, &cancel)
        .unwrap()
        .logits
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

fn model_of(weights: &Weights) -> Model {
    let metadata = Metadata {
        context: Some(weights.config.context),
        label_shift: Some(weights.config.label_shift),
        ..Metadata::default()
    };
    let bytes = safetensors_bytes(weights, &metadata);
    Model::from_bytes("test", &bytes, Overrides::default()).unwrap()
}

#[test]
fn a_layer_without_heads_is_a_layer_without_attention() {
    let config = config(3, 3, 20, 12, 5, 40);
    let weights = random_weights(config, 3);
    let tokens = random_tokens(150, 4);
    let contig = contig(&tokens, false);
    for (layer, mode) in [
        (0, Mode::Faithful),
        (1, Mode::Seamless),
        (2, Mode::Seamless),
    ] {
        let mut without = weights.clone();
        without.layers[layer].o.fill(0.0);
        let settings = Settings {
            heads_off: (0..3).map(|head| HeadId { layer, head }).collect(),
            ..Settings::with_mode(mode)
        };
        let oracle = forward(&without, &tokens, &Settings::with_mode(mode));
        let whole = forward(&weights, &tokens, &Settings::with_mode(mode));
        for kernel in kernels(&weights) {
            let found = logits(&kernel, &contig, &settings);
            let expected: Vec<f64> = oracle.logits.concat();
            for (found, expected) in found.iter().zip(&expected) {
                assert!((f64::from(*found) - expected).abs() < 5e-5);
            }
            // The layer does something.
            let moved = whole.logits.concat();
            assert!(
                moved
                    .iter()
                    .zip(&expected)
                    .any(|(a, b)| (a - b).abs() > 0.01)
            );
        }
    }
}

#[test]
fn means_are_those_of_the_definition() {
    let config = config(2, 2, 16, 16, 5, 20);
    let weights = random_weights(config, 6);
    let tokens = random_tokens(300, 6);
    let genome = Genome::new("g", vec![contig(&tokens, false)]);
    let sample = predict::Sample {
        stretches: 1,
        queries: 100,
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let settings = seamless();
    let kernel = Kernel::new(&weights);
    let found = means::measure(&kernel, &genome, sample, &settings, &progress, &cancel).unwrap();
    assert_eq!(progress.done(), progress.total());
    let expected =
        predict::measure_expected(&kernel, &genome, sample, &settings, &progress, &cancel).unwrap();
    assert_eq!(found.expected, expected);
    // A head replaced by what it gives to the one query sampled gives the query's own numbers.
    let one = predict::Sample {
        stretches: 1,
        queries: 1,
    };
    let found = means::measure(&kernel, &genome, one, &settings, &progress, &cancel).unwrap();
    let head = HeadId { layer: 1, head: 0 };
    let replaced = Settings {
        replaced: [(head, found.output(head))].into(),
        ..settings.clone()
    };
    let before = logits(&kernel, &genome.contigs[0], &settings);
    let after = logits(&kernel, &genome.contigs[0], &replaced);
    let same: Vec<usize> = (0..300)
        .filter(|q| (before[2 * q + 1] - after[2 * q + 1]).abs() < 1e-5)
        .collect();
    // The sampled query lies in the middle of what is left of the strand.
    let middle = config.reach_back() + (300 - config.reach_back()) / 2;
    assert!(same.contains(&middle), "{same:?} {middle}");
    assert!(same.len() < 20, "{same:?}");
}

/// Edits of every kind around a start site on the forward strand.
fn edits(length: usize, around: usize) -> Vec<Edit> {
    let near = |back: usize| around.saturating_sub(back);
    let mut edits = vec![
        Edit::deletion(Interval::new(near(7), near(4))),
        Edit::insertion(near(30), vec![Base::A, Base::C, Base::G]),
        Edit::insertion(around, vec![Base::T]),
        Edit::insertion(around + 1, vec![Base::T]),
        Edit::Mask {
            interval: Interval::new(near(20), near(11)),
        },
        Edit::Replace {
            interval: Interval::new(near(3), around + 4),
            bases: vec![Base::G; 7],
        },
    ];
    for position in (0..length).step_by(7) {
        edits.push(Edit::substitution(position, Base::G));
        edits.push(Edit::deletion(Interval::new(position, position + 1)));
        edits.push(Edit::insertion(position, vec![Base::C]));
    }
    edits
}

/// The scores around a start site after an edit, by a run over the edited contig.
fn fresh(
    kernel: &Kernel,
    contig: &Contig,
    strand: Strand,
    tss: usize,
    margin: usize,
    edit: &Edit,
) -> Vec<f32> {
    let edited = Edited::new(contig, std::slice::from_ref(edit)).unwrap();
    let there = &edited.contig;
    let masked = edited.masked.iter();
    let settings = Settings {
        masked: masked
            .map(|part| strand.flip_interval(*part, there.len()))
            .collect(),
        ..seamless()
    };
    // A start site that is itself taken out is the next base of its strand.
    let along = strand.flip(tss, contig.len());
    let interval = strand.flip_interval(edit.interval(), contig.len());
    let along = if interval.end <= along {
        along.strict_add_signed(edit.growth())
    } else {
        along
    };
    let centre = along + kernel.config().label_shift;
    let sequence = StrandSequence::new(there, strand);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let queries = centre.saturating_sub(margin)..centre + margin + 1;
    let outputs = predict::run(
        kernel,
        sequence,
        queries,
        &settings,
        &mut NoAttention,
        &progress,
        &cancel,
    )
    .unwrap();
    let at = |query: usize| match outputs.logits(query) {
        [none, site] => site - none,
        _ => f32::NAN,
    };
    (centre - margin..=centre + margin).map(at).collect()
}

#[test]
fn variants_have_the_numbers_of_fresh_runs() {
    let config = config(3, 2, 16, 16, 5, 24);
    let weights = random_weights(config, 12);
    let tokens = random_tokens(500, 12);
    let cancel = Cancel::default();
    for circular in [false, true] {
        let contig = contig(&tokens, circular);
        let mut kernels = kernels(&weights);
        // The network in burn runs every variant whole.
        if circular {
            let device = burn::tensor::Device::flex();
            let kernel = kernels[0].on_device(&weights, &device, "flex").unwrap();
            kernels.push(kernel);
        }
        for kernel in kernels {
            let cases = [
                (Strand::Forward, 250),
                (Strand::Reverse, 260),
                (Strand::Forward, 30),
                (Strand::Reverse, 478),
                (Strand::Forward, 474),
            ];
            for (strand, tss) in cases {
                let sequence = StrandSequence::new(&contig, strand);
                let edits = edits(tokens.len(), tss);
                let progress = Progress::default();
                let found = variants::scores(
                    &kernel,
                    sequence,
                    tss,
                    5,
                    &edits,
                    &seamless(),
                    &progress,
                    &cancel,
                )
                .unwrap();
                assert_eq!(progress.done(), edits.len() as u64);
                let reach = reached(&kernel, sequence, tss, 5);
                let mut moved = 0;
                for (edit, after) in edits.iter().zip(&found.after) {
                    let expected = fresh(&kernel, &contig, strand, tss, 5, edit);
                    let name = edit.short_name(&contig);
                    if circular {
                        // Tiles lie otherwise where the origin has moved.
                        for (a, b) in after.scores.iter().zip(&expected) {
                            assert!((a - b).abs() < 2e-5, "{strand}{tss} {name}: {a} {b}");
                        }
                    } else {
                        let same = bits(&after.scores) == bits(&expected)
                            || after.scores.iter().zip(&expected).all(|(a, b)| {
                                a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
                            });
                        let (path, scores) = (kernel.path(), &after.scores);
                        let outside = edit.interval().end <= reach.start
                            || edit.interval().start >= reach.end;
                        // Beyond the reach nothing is computed at all.
                        if outside {
                            assert_eq!(bits(scores), bits(&found.before.scores), "{name}");
                        } else {
                            assert!(same, "{path} {strand}{tss} {name}: {scores:?} {expected:?}");
                            moved += usize::from(bits(scores) != bits(&found.before.scores));
                        }
                    }
                }
                assert!(circular || moved > 20, "{moved}");
            }
        }
    }
}

#[test]
fn a_base_outside_the_reach_changes_nothing() {
    let config = config(2, 2, 16, 16, 7, 20);
    let kernel = Kernel::new(&random_weights(config, 9));
    let tokens = random_tokens(400, 9);
    let contig = contig(&tokens, false);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    for (strand, tss) in [(Strand::Forward, 200), (Strand::Reverse, 190)] {
        let sequence = StrandSequence::new(&contig, strand);
        let reach = reached(&kernel, sequence, tss, 0);
        // 2 x (19 + 3) before the output, 2 x 3 after it.
        assert_eq!(reach.len(), 44 + 1 + 6);
        let output = strand.flip(strand.flip(tss, 400) + 20, 400);
        assert!(reach.contains(output));
        // By fresh runs over whole edited contigs, which know nothing of a reach.
        let before = fresh(
            &kernel,
            &contig,
            strand,
            tss,
            0,
            &Edit::Mask {
                interval: Interval::new(0, 0),
            },
        );
        let other = |position: usize| {
            let there = contig.sequence.bases(Interval::new(position, position + 1))[0];
            Edit::substitution(position, there.complement())
        };
        let same = |position: usize| {
            let after = fresh(&kernel, &contig, strand, tss, 0, &other(position));
            bits(&after) == bits(&before)
        };
        for position in (0..400).filter(|position| !reach.contains(*position)) {
            assert!(same(position), "{position}");
        }
        let moved = reach.range().filter(|position| !same(*position)).count();
        assert!(moved > 30, "{moved}");
        let settings = seamless();
        let all: Vec<Edit> = (0..400).map(other).collect();
        let found = variants::scores(
            &kernel, sequence, tss, 0, &all, &settings, &progress, &cancel,
        )
        .unwrap();
        for (position, after) in found.after.iter().enumerate() {
            let expected = fresh(&kernel, &contig, strand, tss, 0, &other(position));
            assert_eq!(bits(&after.scores), bits(&expected), "{position}");
        }
    }
}

#[test]
fn gradients_are_finite_differences_and_rollout_a_product() {
    for (seed, config) in [
        (3, config(3, 2, 16, 12, 5, 24)),
        (4, config(2, 3, 8, 8, 0, 30)),
        (5, config(1, 1, 12, 8, 3, 16)),
    ] {
        let weights = random_weights(config, seed);
        let tokens = random_tokens(170, seed);
        let contig = contig(&tokens, false);
        let attributor = Attributor::of_weights(&weights);
        let sequence = StrandSequence::new(&contig, Strand::Forward);
        let cancel = Cancel::default();
        for query in [20, 120, 168] {
            let found = attributor
                .attribute(sequence, query, &cancel)
                .unwrap()
                .unwrap();
            let rows: Vec<Vec<f64>> = tokens.iter().map(|t| embedding(&weights, *t)).collect();
            let oracle = forward_rows(&weights, rows.clone(), &seamless());
            let score = |forward: &Forward| forward.logits[query][1] - forward.logits[query][0];
            assert!((f64::from(found.score) - score(&oracle)).abs() < 1e-4);
            let first = usize::try_from(found.first).unwrap();
            assert_eq!(first, query.saturating_sub(config.reach_back()));
            let reach = first..(query + config.reach_ahead() + 1).min(170);
            assert_eq!(found.gradient.len(), reach.len());
            let mut largest = 0.0_f64;
            for position in reach.clone().step_by(3) {
                // A, C, G, T; tokens are A, T, C, G.
                for (base, token) in [0_u8, 2, 3, 1].into_iter().enumerate() {
                    let step = 1e-5;
                    let moved = |by: f64| {
                        let mut rows = rows.clone();
                        let direction = embedding(&weights, token);
                        for (x, d) in rows[position].iter_mut().zip(direction) {
                            *x += by * d;
                        }
                        score(&forward_rows(&weights, rows, &seamless()))
                    };
                    let expected = (moved(step) - moved(-step)) / (2.0 * step);
                    let gradient = f64::from(found.gradient[position - first][base]);
                    largest = largest.max(expected.abs());
                    assert!(
                        (gradient - expected).abs() < 2e-4 + 2e-3 * expected.abs(),
                        "seed {seed} query {query} position {position} base {base}: {gradient} {expected}"
                    );
                }
            }
            assert!(largest > 0.05, "{largest}");

            // Attention of the query, and its lengths.
            for id in config.head_shape().all() {
                let (plain, long) = (found.attention(id), found.norm_weighted(id));
                for (distance, expected) in oracle.row(id, query).iter().enumerate() {
                    assert!((f64::from(plain[distance]) - expected).abs() < 2e-5 + 1e-3 * expected);
                    let length = oracle.lengths[id.layer][id.head][query - distance];
                    let (long, expected) = (f64::from(long[distance]), expected * length);
                    assert!(
                        (long - expected).abs() < 1e-4 + 1e-3 * expected,
                        "{long} {expected}"
                    );
                }
            }
            // Rollout as whole matrices, last layer first.
            let mut row = vec![0.0; 170];
            row[query] = 1.0;
            for layer in (0..config.layers).rev() {
                let mut next: Vec<f64> = row.iter().map(|share| share / 2.0).collect();
                for (from, share) in row.iter().enumerate() {
                    for head in 0..config.heads {
                        let weights = oracle.row(HeadId { layer, head }, from);
                        for (distance, weight) in weights.iter().enumerate() {
                            next[from - distance] += share * weight / 2.0 / config.heads as f64;
                        }
                    }
                }
                row = next;
            }
            for (index, share) in found.rollout.iter().enumerate() {
                assert!((f64::from(*share) - row[first + index]).abs() < 1e-5);
            }
            assert!((found.rollout.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
        let beyond = attributor.attribute(sequence, 170, &cancel).unwrap();
        assert!(beyond.is_none());
    }
}

/// A small genome with labels on both strands.
fn labelled(weights: &Weights) -> (Genome, Model, Vec<Anchor>) {
    let genome = Genome::new("g", vec![contig(&random_tokens(3_000, 8), false)]);
    let labels = (0..40)
        .map(|i| Anchor {
            contig: 0,
            position: 100 + 67 * i,
            strand: Strand::BOTH[i % 2],
        })
        .collect();
    (genome, model_of(weights), labels)
}

#[test]
fn a_head_that_gives_nothing_is_not_missed() {
    let config = config(2, 3, 16, 16, 5, 24);
    let mut weights = random_weights(config, 21);
    let dummy = HeadId { layer: 1, head: 1 };
    for row in weights.layers[1].o.chunks_mut(3 * 16) {
        row[16..32].fill(0.0);
    }
    let (genome, model, labels) = labelled(&weights);
    let mut sites = Vec::new();
    for label in labels
        .iter()
        .filter(|label| label.strand == Strand::Forward)
    {
        let interval = Interval::new(label.position - 40, label.position - 30);
        sites.push(headlight::sites::Site::new("X", 0, interval, None));
    }
    let sites = headlight::sites::SiteSet::new("s".to_owned(), sites);
    let request = Request {
        genome: &genome,
        model: &model,
        labels: &labels,
        sites: Some(&sites),
        slices: &[(0, Interval::new(0, 3_000))],
        heads: vec![dummy],
        how: How::ALL.to_vec(),
        controls: true,
        mode: Mode::Faithful,
        gamma: 0.8,
        seed: 1,
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let found = ablate(&request, &progress, &cancel).unwrap();
    assert_eq!(progress.done(), progress.total());
    assert_eq!((found.positions, found.positives), (6_000, 40));
    // Four ways, the head and the two others of its layer.
    assert_eq!(found.rows.len(), 12);
    for row in &found.rows {
        let effects = &row.effects;
        let group = &effects.groups[0];
        assert_eq!((&*group.name, group.start_sites), ("X", 20));
        assert_eq!(row.ranked, 3);
        if row.heads == "L2H2" {
            let none = Difference::default();
            assert_eq!(effects.loss_change, none, "{}", row.how);
            assert_eq!(effects.average_precision_change, none);
            assert_eq!(effects.roc_auc_change, none);
            assert_eq!(effects.score_at_start_sites, none);
            assert_eq!(group.score, none);
            assert!(effects.sensitivity_at_start_sites.abs() < f64::MIN_POSITIVE);
        } else {
            assert!(effects.sensitivity_at_start_sites > 0.001, "{}", row.heads);
        }
    }
    // Zero is what switching it off gives: the mean change of the scores, written out.
    let other = HeadId { layer: 1, head: 0 };
    let off = Settings {
        heads_off: [other].into_iter().collect(),
        ..Settings::default()
    };
    let mut change = 0.0;
    for label in &labels {
        let sequence = StrandSequence::new(&genome.contigs[0], label.strand);
        let query = label.strand.flip(label.position, 3_000) + 20;
        let score = |settings: &Settings| {
            let sink = &mut NoAttention;
            let one = query..query + 1;
            let kernel = &model.kernel;
            let silent = Progress::default();
            let run = predict::run(kernel, sequence, one, settings, sink, &silent, &cancel);
            let logits = run.unwrap().logits;
            f64::from(logits[1] - logits[0])
        };
        change += (score(&off) - score(&Settings::default())) / 40.0;
    }
    let row = found
        .rows
        .iter()
        .find(|row| row.heads == "L2H1" && row.how == "zero");
    let difference = row.unwrap().effects.score_at_start_sites.change - change;
    assert!(difference.abs() < 1e-5, "{difference}");

    let stop = Cancel::default();
    stop.cancel();
    assert!(ablate(&request, &progress, &stop).is_err());
    let none = Request {
        labels: &[],
        ..request.clone()
    };
    let error = ablate(&none, &progress, &cancel).unwrap_err().to_string();
    assert!(error.contains("no label lies in the region"), "{error}");
    let unknown = Request {
        heads: vec![HeadId { layer: 2, head: 0 }],
        ..request
    };
    let error = ablate(&unknown, &progress, &cancel)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no head L3H1"), "{error}");
}

#[test]
fn mutagenesis_gives_each_change_with_its_attention() {
    let config = config(2, 2, 16, 16, 5, 24);
    let weights = random_weights(config, 31);
    let (genome, model, _) = labelled(&weights);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let locus = Locus {
        contig: 0,
        interval: Interval::new(950, 1_050),
        strand: None,
    };
    let tss = Anchor {
        contig: 0,
        position: 1_000,
        strand: Strand::Reverse,
    };
    let request = mutate::Request {
        genome: &genome,
        model: &model,
        locus,
        tss: vec![tss],
        what: What::Substitution,
        sites: None,
        heads: Vec::new(),
        settings: seamless(),
    };
    let found = mutate::mutate(&request, &progress, &cancel).unwrap();
    assert_eq!(progress.done(), progress.total());
    let contig = &genome.contigs[0];
    let kernel = &model.kernel;
    for row in &found.rows {
        let alt = Base::from_ascii(row.alt.as_bytes()[0]).unwrap();
        let edit = Edit::substitution(row.position - 1, alt);
        let after = fresh(kernel, contig, Strand::Reverse, 1_000, 5, &edit);
        let same = Edit::Mask {
            interval: Interval::new(0, 0),
        };
        let before = fresh(kernel, contig, Strand::Reverse, 1_000, 5, &same);
        assert!((row.effect - (after[5] - before[5])).abs() < 1e-6);
        let largest = after.iter().zip(&before).map(|(a, b)| (a - b).abs());
        assert!((row.sensitivity - largest.fold(0.0, f32::max)).abs() < 1e-6);
    }
    // Keys of the query at 980 (20 downstream on −) lie at 980…1,003.
    let seen = |row: &&headlight::analysis::causal::mutagenesis::MutationRow| {
        !row.weights.attention.is_nan()
    };
    let positions: Vec<usize> = found
        .rows
        .iter()
        .filter(seen)
        .map(|row| row.position)
        .collect();
    assert_eq!(
        (positions.first(), positions.last()),
        (Some(&981), Some(&1_004))
    );
    let attention: f32 = found
        .rows
        .iter()
        .filter(seen)
        .map(|row| row.weights.attention)
        .sum();
    assert!((attention / 3.0 - 4.0).abs() < 1e-3, "4 heads: {attention}");
    let agreement = &found.start_sites[0];
    assert_eq!((agreement.places, agreement.by_head.len()), (24, 4));
    assert!(agreement.signed_gradient.unwrap() > 0.2, "{agreement:?}");

    // Without a start site the strongest prediction of each strand.
    let strongest = mutate::Request {
        tss: Vec::new(),
        what: What::Mask { window_bp: 4 },
        ..request.clone()
    };
    let masked = mutate(&strongest, &progress, &cancel).unwrap();
    let strands: Vec<Strand> = masked.start_sites.iter().map(|site| site.strand).collect();
    assert_eq!(strands, Strand::BOTH);
    assert!(masked.rows.iter().all(|row| row.end - row.position == 3));
    let outside = mutate::Request {
        tss: vec![Anchor {
            position: 2_990,
            strand: Strand::Forward,
            ..tss
        }],
        ..request.clone()
    };
    let error = mutate(&outside, &progress, &cancel)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no start site can be scored"), "{error}");
    let unknown = mutate::Request {
        heads: vec![HeadId { layer: 0, head: 7 }],
        ..request
    };
    let error = mutate(&unknown, &progress, &cancel)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no head L1H8"), "{error}");
}

#[test]
fn what_if_is_a_fresh_run_on_the_edited_fasta() {
    let config = config(2, 2, 16, 16, 5, 24);
    let weights = random_weights(config, 41);
    let model = model_of(&weights);
    let genome = Genome::new("g", vec![contig(&random_tokens(9_000, 41), true)]);
    let there = &genome.contigs[0];
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let expected = Expected::even(config.head_shape(), config.context);
    let folder = tempfile::tempdir().unwrap();
    let base = |position: usize| there.sequence.bases(Interval::new(position, position + 1))[0];
    let other = base(4_499).complement().letter();
    let substitution = format!("test:g.4500{}>{other}", base(4_499).letter());
    let texts = [
        &*substitution,
        "g.4521_4526del",
        "g.4550_4551insACGTT",
        "g.4580_4582delinsA",
    ];
    let parse = |text: &str| Change::parse(text, &genome, 0).unwrap();
    let near: Vec<Change> = texts.iter().map(|text| parse(text)).collect();
    let far = vec![parse("g.12_13insACG"), parse("g.8001_8004del")];
    for (changes, window) in [
        (near.clone(), Interval::new(4_400, 4_700)),
        (near, Interval::new(10, 200)),
        (far, Interval::new(4_400, 4_500)),
    ] {
        let path = folder.path().join("edited.fa");
        let mut file = std::fs::File::create(&path).unwrap();
        whatif::write_edited_fasta(there, &changes, &mut file).unwrap();
        let mut edited = read_genome(&path, &progress, &cancel).unwrap();
        edited.contigs[0].circular = true;
        for strand in Strand::BOTH {
            let request = whatif::Request {
                genome: &genome,
                model: &model,
                contig: 0,
                strand,
                window,
                changes: &changes,
                expected: &expected,
                before: None,
            };
            let found = what_if(&request, &progress, &cancel).unwrap();
            let run = |contig: &Contig, interval: Interval| {
                let sequence = StrandSequence::new(contig, strand);
                let (kernel, settings) = (&model.kernel, seamless());
                predict::window_tracks(
                    kernel, sequence, interval, &expected, &settings, &progress, &cancel,
                )
                .unwrap()
            };
            let fresh = run(&edited.contigs[0], found.after.interval);
            assert_eq!(bits(&fresh.probability), bits(&found.after.probability));
            assert_eq!(fresh.tracks, found.after.tracks);
            assert_eq!(*found.before, run(there, window));
            // The difference is taken base by base.
            let letters = |contig: &Contig, interval| contig.sequence.bases(interval);
            let before = letters(there, window);
            let after = letters(&edited.contigs[0], found.after.interval);
            let head = HeadId { layer: 1, head: 0 };
            let mut gone = 0;
            for (index, moved) in found.moved.iter().enumerate() {
                let Some(moved) = *moved else {
                    assert!(found.probability[index].is_nan());
                    gone += 1;
                    continue;
                };
                let substituted = changes.len() == 4 && window.start + index == 4_499;
                assert_eq!(before[index] == after[moved], !substituted);
                let difference = found.after.row(Received::Weighted, head)[moved]
                    - found.before.row(Received::Weighted, head)[index];
                let row = found.row(Received::Weighted, head)[index];
                assert_eq!(row.to_bits(), difference.to_bits());
            }
            assert_eq!(
                gone,
                if window.start == 4_400 && window.end == 4_700 {
                    9
                } else {
                    0
                }
            );
            assert_eq!(found.names.len(), changes.len());
        }
    }
}

#[test]
fn what_if_hides_bases_and_switches_heads_off() {
    let config = config(2, 2, 16, 16, 5, 24);
    let weights = random_weights(config, 42);
    let model = model_of(&weights);
    let genome = Genome::new("g", vec![contig(&random_tokens(9_000, 42), false)]);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let expected = Expected::even(config.head_shape(), config.context);
    let parse = |text: &str| Change::parse(text, &genome, 0);
    let changes = ["g.4401_4410mask", "L1H2:off", "L2H1:uniform", "g.4450del"];
    let changes: Vec<Change> = changes.map(|text| parse(text).unwrap()).into();
    let window = Interval::new(4_380, 4_520);
    let request = whatif::Request {
        genome: &genome,
        model: &model,
        contig: 0,
        strand: Strand::Reverse,
        window,
        changes: &changes,
        expected: &expected,
        before: None,
    };
    let found = what_if(&request, &progress, &cancel).unwrap();
    let deleted = [Edit::deletion(Interval::new(4_449, 4_450))];
    let edited = Edited::new(&genome.contigs[0], &deleted).unwrap().contig;
    let settings = Settings {
        heads_off: [HeadId { layer: 0, head: 1 }].into_iter().collect(),
        uniform: [HeadId { layer: 1, head: 0 }].into_iter().collect(),
        masked: vec![Strand::Reverse.flip_interval(Interval::new(4_400, 4_410), edited.len())],
        ..seamless()
    };
    let sequence = StrandSequence::new(&edited, Strand::Reverse);
    let fresh = predict::window_tracks(
        &model.kernel,
        sequence,
        Interval::new(4_380, 4_519),
        &expected,
        &settings,
        &progress,
        &cancel,
    )
    .unwrap();
    assert_eq!(found.after, fresh);
    assert_eq!(found.names[1], "L1H2:off");
    // What is known already is not computed again.
    let again = what_if(
        &whatif::Request {
            before: Some(found.before.clone()),
            ..request.clone()
        },
        &progress,
        &cancel,
    )
    .unwrap();
    assert!(std::sync::Arc::ptr_eq(&again.before, &found.before));
    assert_eq!(again.after, found.after);

    let wrong = |changes: &[Change], window: Interval| {
        let request = whatif::Request {
            changes,
            window,
            ..request.clone()
        };
        what_if(&request, &progress, &cancel)
            .unwrap_err()
            .to_string()
    };
    let twice = [parse("g.10del").unwrap(), parse("g.9_11del").unwrap()];
    assert!(wrong(&twice, window).contains("change the same place"));
    let head = [parse("L9H1:off").unwrap()];
    assert!(wrong(&head, window).contains("no head L9H1"));
    assert!(wrong(&[], Interval::new(9_000, 9_100)).contains("lies on no sequence"));
    assert!(
        parse("g.9001del")
            .unwrap_err()
            .to_string()
            .contains("outside")
    );
    assert!(
        parse("L1H1:on")
            .unwrap_err()
            .to_string()
            .contains("no change of a sequence")
    );
}

fn headlight(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .output()
        .unwrap()
}

fn failure(arguments: &[&str]) -> String {
    let output = headlight(arguments);
    assert!(!output.status.success(), "{arguments:?} should fail");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn success(arguments: &[&str]) -> String {
    let output = headlight(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ablate_and_mutate_as_people_run_them() {
    let Some(path) = shared(LABELS) else { return };
    let labels = path.display().to_string();
    let locus = "3,700,001-3,710,000";
    let arguments = [
        "ablate", "--labels", &labels, "--locus", locus, "--heads", "L4H5",
    ];
    let table = success(
        &[
            &arguments[..],
            &["--how", "zero,positional", "--no-controls"],
        ]
        .concat(),
    );
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].starts_with("heads\thow\trole\tloss\tloss_change"),
        "{table}"
    );
    assert!(lines[1].starts_with("L4H5\tzero\tasked\t"), "{table}");
    assert!(lines[2].starts_with("L4H5\tpositional\tasked\t"), "{table}");
    assert_eq!(lines.len(), 3);
    let more = ["--json", "--no-controls"];
    let json: serde_json::Value =
        serde_json::from_str(&success(&[&arguments[..], &more].concat())).unwrap();
    assert_eq!(json["ablation"]["positions"], 20_000);
    assert!(
        json["ablation"]["rows"][0]["loss_change"]["low"]
            .as_f64()
            .is_some()
    );
    assert!(json["provenance"]["model sha256"].is_string());

    let mutate = ["mutate", "--locus", "366,340-366,360", "--tss", "366343:-"];
    let table = success(&mutate);
    assert_eq!(table.lines().count(), 1 + 3 * 21, "{table}");
    assert!(table.starts_with("contig\tposition\tend\tstrand\ttss\tref\talt\t"));
    let more = ["--what", "deletion", "--json", "--heads", "L4H5,L5H2"];
    let json: serde_json::Value =
        serde_json::from_str(&success(&[&mutate[..], &more].concat())).unwrap();
    assert_eq!(json["mutagenesis"]["rows"].as_array().unwrap().len(), 21);
    let site = &json["mutagenesis"]["start_sites"][0];
    assert_eq!(site["tss"], 366_343);
    assert!(
        site["of_size"]["gradient_times_input"].as_f64().is_some(),
        "{site}"
    );

    let wrong = |change: usize, text: &str| {
        let mut arguments = arguments;
        arguments[change] = text;
        failure(&arguments)
    };
    assert!(wrong(4, "4,641,600-4,641,700").contains("positions 1 to 4,641,652"));
    assert!(wrong(6, "L7H1").contains("no head L7H1"));
    assert!(wrong(6, "H7").contains("is not a head"));
    assert!(wrong(4, "3,700,001-3,700,030").contains("no label lies in the region"));
    let off = ["mutate", "--locus", "lacZ", "--tss", "4641653:+"];
    assert!(failure(&off).contains("lies outside NC_000913.3"));
    assert!(failure(&["mutate", "--locus", "lacZ", "--tss", "12"]).contains("is no start site"));
    assert!(failure(&["mutate", "--locus", "1-30000"]).contains("at most 20000"));
    assert!(failure(&["mutate", "--locus", "lacZ", "--mode", "faithful"]).contains("seamless"));
    let empty = ["ablate", "--labels", "/nowhere.tsv"];
    assert!(failure(&empty).contains("nowhere.tsv"));
}

#[test]
fn the_shipped_models_scores_fall_without_its_minus_ten_box() {
    let genome = example::genome().unwrap();
    let model = example::model(Overrides::default()).unwrap();
    // The lac promoter P1: +1 at 366,343 on −, its −10 box TATGTT at −12…−7.
    let tss = Anchor {
        contig: 0,
        position: 366_342,
        strand: Strand::Reverse,
    };
    let request = mutate::Request {
        genome: &genome,
        model: &model,
        locus: Locus {
            contig: 0,
            interval: Interval::new(366_330, 366_380),
            strand: None,
        },
        tss: vec![tss],
        what: What::Mask { window_bp: 6 },
        sites: None,
        heads: Vec::new(),
        settings: seamless(),
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let found = mutate(&request, &progress, &cancel).unwrap();
    let site = &found.start_sites[0];
    assert!(site.probability > 0.05, "{site:?}");
    let least = found
        .rows
        .iter()
        .min_by(|a, b| a.effect.total_cmp(&b.effect));
    let least = least.unwrap();
    // 366,350…366,355 is TATGTT on −.
    assert!(least.position.abs_diff(366_350) <= 4, "{least:?}");
    assert!(least.effect < -0.5, "{least:?}");
    let labels =
        shared(LABELS).map(|path| read_anchors(&path, &genome, &progress, &cancel).unwrap().0);
    assert!(labels.is_none_or(|labels| labels.contains(&tss)));
}
