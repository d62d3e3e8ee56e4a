//! Profiles over sets of positions, logit parts, the exact motif of layer 1, and redundancy.

use crate::oracle;
use crate::shared::shared;
use headlight::analysis::assignment::best_assignment;
use headlight::analysis::cluster::{Join, average_linkage, leaf_order};
use headlight::analysis::logit_parts::PartMoments;
use headlight::analysis::matched::{AtContent, MatchRule, borders, class, matched};
use headlight::analysis::pooled::{Bootstrap, PooledAttention, PooledQuery, PooledSink};
use headlight::analysis::profile::Glance;
use headlight::analysis::random::Random;
use headlight::analysis::redundancy::{ComparedHead, Similarity, motif_similarity};
use headlight::attention::{AttentionSink as _, HeadId, HeadShape, Tile};
use headlight::genome::base::ACGT;
use headlight::genome::{Anchor, Base, Contig, Genome, Interval, Strand};
use headlight::job::heads::attend;
use headlight::job::open::AnchorFile;
use headlight::job::profile::{ProfileRequest, profiles};
use headlight::job::redundancy::{RedundancyRequest, redundancy};
use headlight::model::checkpoint::safetensors_bytes;
use headlight::model::motif::{first_layer_motifs, mean_query_motifs};
use headlight::model::network::token;
use headlight::model::parts::LogitParts;
use headlight::model::{EXAMPLE, Mode, Model, Overrides, Settings, StrandSequence, Weights};
use headlight::progress::{Cancel, Progress};
use headlight::sites::motif::Ppm;
use std::process::Command;
use std::sync::Arc;

const CONTEXT: usize = 8;
const SHAPE: HeadShape = HeadShape {
    layers: 1,
    heads: 3,
};

fn shipped() -> Model {
    Model::from_bytes("model.safetensors", EXAMPLE, Overrides::default()).expect("shipped")
}

fn random_genome(lengths: &[usize], circular: bool, seed: u64) -> Genome {
    let contigs = lengths.iter().enumerate().map(|(index, &length)| {
        let mut random = Random::new(seed, index as u64);
        // Long waves of AT content, so that its classes differ in place.
        let base = |position: usize| {
            let rich = 25 + 50 * (position / 500 % 2);
            let weak = random.below(100) < rich;
            [Base::A, Base::T, Base::C, Base::G][random.below(2) + 2 * usize::from(!weak)]
        };
        Contig {
            name: format!("c{index}"),
            circular,
            sequence: (0..length).map(base).collect(),
            ..Contig::default()
        }
    });
    Genome::new("random", contigs.collect::<Vec<_>>())
}

fn random_anchors(genome: &Genome, count: usize, seed: u64) -> Vec<Anchor> {
    let mut random = Random::new(seed, 77);
    (0..count)
        .map(|_| {
            let contig = random.below(genome.contigs.len());
            Anchor {
                contig,
                position: random.below(genome.contigs[contig].len()),
                strand: Strand::BOTH[random.below(2)],
            }
        })
        .collect()
}

/// Hands the weights by distance of every query of every head to a sink.
fn hand_over(
    found: PooledAttention,
    queries: &[PooledQuery],
    weights: impl Fn(usize, usize) -> Vec<f32>,
) -> PooledAttention {
    let mut sink = PooledSink::new(found, queries.to_vec());
    for head in SHAPE.all() {
        for (index, query) in queries.iter().enumerate() {
            let mut oldest_first = weights(head.head, index);
            oldest_first.reverse();
            assert!(sink.wants_queries(query.query..query.query + 1));
            sink.take(&Tile {
                head,
                first_query: query.query,
                first_key: query.query + 1 - CONTEXT.cast_signed(),
                queries: 1,
                stride: CONTEXT,
                context: CONTEXT,
                weights: &oldest_first,
            });
        }
    }
    sink.into_attention()
}

/// `most` on one distance, the rest shared out evenly.
fn peaked(distance: usize, most: f32) -> Vec<f32> {
    let rest = (1.0 - most) / (CONTEXT - 1) as f32;
    (0..CONTEXT)
        .map(|at| if at == distance { most } else { rest })
        .collect()
}

#[test]
fn pooled_profiles_of_known_attention() {
    // Sets: 0 has the first two queries, 1 all three.
    let queries = [(10, 0b11), (40, 0b11), (70, 0b10)].map(|(query, sets)| PooledQuery {
        query,
        sets,
        block: query as usize / 50,
    });
    let weights = |head: usize, query: usize| match head {
        0 => peaked([2, 4, 7][query], 1.0),
        1 => vec![1.0 / CONTEXT as f32; CONTEXT],
        _ => peaked(0, 0.3),
    };
    let none = || PooledAttention::new(SHAPE, CONTEXT, 2, 0b11);
    let found = hand_over(none(), &queries, weights);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
    let first = found.profile(0, SHAPE.head(0));
    assert_eq!(first.n, 2);
    for (at, mean) in first.mean.iter().enumerate() {
        close(*mean, if at == 2 || at == 4 { 0.5 } else { 0.0 });
    }
    close(first.deviation[2], 0.5_f64.sqrt());
    close(first.entropy_bits, 0.0);
    close(first.effective_keys(), 1.0);
    let all = found.profile(1, SHAPE.head(0));
    assert_eq!(all.n, 3);
    close(all.edge_share(), 1.0 / 3.0);
    let even = found.profile(1, SHAPE.head(1));
    close(even.entropy_bits, 3.0);
    close(even.effective_keys(), 8.0);
    close(even.entropy_deviation, 0.0);
    close(found.profile(0, SHAPE.head(2)).self_share(), 0.3);
    // Parts put together are the whole.
    let mut joined = hand_over(none(), &queries[..1], weights);
    let rest = |head: usize, query: usize| weights(head, query + 1);
    joined.append(&hand_over(none(), &queries[1..], rest));
    for head in SHAPE.all() {
        for set in [0, 1] {
            let (a, b) = (joined.profile(set, head), found.profile(set, head));
            assert_eq!(a.n, b.n);
            for (x, y) in a.mean.iter().zip(&b.mean) {
                close(*x, *y);
            }
        }
    }
}

#[test]
fn weights_that_are_not_numbers_count_nowhere() {
    let queries = [PooledQuery {
        query: 10,
        sets: 1,
        block: 0,
    }];
    let none = PooledAttention::new(SHAPE, CONTEXT, 1, 1);
    let found = hand_over(none, &queries, |_, _| vec![f32::NAN; CONTEXT]);
    let profile = found.profile(0, SHAPE.head(0));
    assert_eq!(profile.n, 0);
    assert!(profile.mean.iter().all(|mean| *mean == 0.0));
}

/// Two sets over 40 blocks; head 0 is blind, head 1 looks elsewhere in the first set, head 2
/// looks at random places that have nothing to do with the set.
fn two_sets(seed: u64) -> PooledAttention {
    let queries: Vec<PooledQuery> = (0..400)
        .map(|index: usize| PooledQuery {
            query: 20 * index.cast_signed(),
            sets: 1 << (index % 2),
            block: index / 10,
        })
        .collect();
    let places: Vec<usize> = {
        let mut random = Random::new(seed, 3);
        (0..queries.len()).map(|_| random.below(CONTEXT)).collect()
    };
    let none = PooledAttention::new(SHAPE, CONTEXT, 2, 0b11);
    hand_over(none, &queries, |head, index| match head {
        0 => peaked(5, 0.6),
        1 if index % 2 == 0 && index % 3 > 0 => peaked(2, 0.4),
        1 => peaked(6, 0.4),
        _ => peaked(places[index], 0.5),
    })
}

#[test]
fn a_blind_head_has_no_difference_and_another_has() {
    let bootstrap = Bootstrap {
        draws: 400,
        seed: 9,
    };
    let contrasts = |seed, bootstrap| {
        let found = two_sets(seed);
        found
            .contrasts(0, 1, bootstrap, &Cancel::default())
            .expect("runs")
    };
    let found = contrasts(1, bootstrap);
    let (blind, other) = (&found[0], &found[1]);
    assert!(blind.difference.iter().all(|d| d.abs() < 1e-9), "{blind:?}");
    assert!(blind.exceeds.iter().all(|exceeds| !exceeds));
    assert!(blind.entropy_difference.abs() < 1e-9 && blind.moved_share() < 1e-8);
    // Two thirds of the first set look at 2 instead of 6.
    let moved = (0.4 - 0.6 / 7.0) * 2.0 / 3.0;
    assert!((other.difference[2] - moved).abs() < 2e-3, "{other:?}");
    assert!((other.difference[6] + moved).abs() < 2e-3, "{other:?}");
    assert!(other.exceeds[2] && other.exceeds[6] && !other.exceeds[4]);
    assert!(other.interval[2].low > 0.15 && other.interval[2].high < 0.27);
    assert!((other.moved_share() - moved).abs() < 2e-3);
    assert!([2, 6].contains(&other.largest()));
    assert_eq!(found, contrasts(1, bootstrap), "a seed gives one result");
    // The limit holds for all distances together: few of many heads without a difference exceed it.
    let fast = Bootstrap {
        draws: 200,
        seed: 4,
    };
    let exceeding = (0..100)
        .filter(|&seed| contrasts(seed, fast)[2].exceeds.contains(&true))
        .count();
    assert!(exceeding <= 14, "{exceeding} of 100");
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(two_sets(1).contrasts(0, 1, fast, &cancel).is_err());
}

#[test]
fn matched_positions_are_matched() {
    for circular in [true, false] {
        let genome = random_genome(&[30_000, 9_000], circular, 5);
        let anchors = random_anchors(&genome, 60, 2);
        let rule = MatchRule {
            apart_bp: 40,
            ..MatchRule::default()
        };
        let (shift, context) = (20, 128);
        let content = AtContent::new(&genome, shift, context);
        let found = matched(&content, &anchors, &anchors, rule);
        assert_eq!(found, matched(&content, &anchors, &anchors, rule));
        assert_eq!(found.len(), anchors.len());
        // AT content counted again, base by base.
        let at_content = |anchor: &Anchor| -> Option<f64> {
            let contig = &genome.contigs[anchor.contig];
            let length = contig.len().cast_signed();
            let query = anchor.strand.flip(anchor.position, contig.len()) + shift;
            let mut rich = 0;
            for back in 0..context.cast_signed() {
                let mut place = query.cast_signed() - back;
                if circular {
                    place = place.rem_euclid(length);
                } else if !(0..length).contains(&place) {
                    return None;
                }
                let forward = anchor.strand.flip(place.cast_unsigned(), contig.len());
                let one = Interval::new(forward, forward + 1);
                rich += usize::from(
                    [Base::A, Base::T].contains(&contig.bases(one, Strand::Forward)[0]),
                );
            }
            Some(rich as f64 / context as f64)
        };
        let known: Vec<f64> = anchors.iter().filter_map(at_content).collect();
        let borders = borders(&known, rule.classes);
        let mut seen = Vec::new();
        for (anchor, place) in anchors.iter().zip(&found) {
            let Some(place) = place else {
                assert!(!circular && at_content(anchor).is_none(), "{anchor:?}");
                continue;
            };
            assert_eq!((place.contig, place.strand), (anchor.contig, anchor.strand));
            let of = |anchor| class(at_content(anchor).expect("inside"), &borders);
            assert_eq!(of(place), of(anchor));
            let length = genome.contigs[place.contig].len();
            for other in anchors.iter().filter(|other| other.contig == place.contig) {
                let straight = other.position.abs_diff(place.position);
                let apart = if circular {
                    straight.min(length - straight)
                } else {
                    straight
                };
                assert!(apart > rule.apart_bp, "{place:?} {other:?}");
            }
            assert!(!seen.contains(place));
            seen.push(*place);
        }
        assert!(seen.len() > 50);
        let other_seed = MatchRule { seed: 2, ..rule };
        assert_ne!(found, matched(&content, &anchors, &anchors, other_seed));
    }
    // Where every base lies near an anchor nothing can be matched, and the draw ends.
    let genome = random_genome(&[2_000], true, 1);
    let anchors = random_anchors(&genome, 200, 3);
    let content = AtContent::new(&genome, 20, 128);
    let found = matched(&content, &anchors, &anchors, MatchRule::default());
    assert!(found.iter().all(Option::is_none));
}

/// k at the middle of seven bases, straight from the definition: embedding, projection, convolution.
fn key(weights: &Weights, head: usize, tokens: &[usize]) -> Vec<f64> {
    let config = weights.config;
    let (d_model, d_head, kernel) = (config.d_model, config.d_head, config.kernel);
    let layer = &weights.layers[0];
    let mut k: Vec<f64> = layer.convolution_bias[1]
        .iter()
        .map(|&x| f64::from(x))
        .collect();
    for (tap, token) in tokens.iter().enumerate() {
        for input in 0..d_head {
            let row = (config.heads + head) * d_head + input;
            let projected: f64 = (0..d_model)
                .map(|m| {
                    let x = f64::from(weights.embedding[token * d_model + m]);
                    f64::from(layer.qkv[row * d_model + m]) * x * (d_model as f64).sqrt()
                })
                .sum();
            for (out, sum) in k.iter_mut().enumerate() {
                let weight = layer.convolution[1][(out * d_head + input) * kernel + tap];
                *sum += f64::from(weight) * projected;
            }
        }
    }
    k
}

#[test]
fn the_motif_of_layer_1_is_u_times_k_for_all_7_mers() {
    let model = shipped();
    let weights = &model.weights;
    let config = weights.config;
    assert_eq!(config.kernel, 7);
    let root = (config.d_head as f64).sqrt();
    let motifs = first_layer_motifs(weights);
    assert_eq!(motifs.len(), config.heads);
    for (head, motif) in motifs.iter().enumerate() {
        let u: Vec<f64> = weights.u[head * config.d_head..(head + 1) * config.d_head]
            .iter()
            .map(|&x| f64::from(x))
            .collect();
        // The convolution's product of each tap and token is made once, k added up 7-mer by 7-mer.
        let alone = key(weights, head, &[]);
        let mut parts = vec![vec![Vec::new(); 4]; 7];
        for (tap, parts) in parts.iter_mut().enumerate() {
            for (token, part) in parts.iter_mut().enumerate() {
                let mut only = vec![0; tap];
                let before = key(weights, head, &only);
                only.push(token);
                let with = key(weights, head, &only);
                *part = with
                    .iter()
                    .zip(before)
                    .map(|(a, b)| a - b)
                    .collect::<Vec<f64>>();
            }
        }
        let mut largest: f64 = 0.0;
        for number in 0..4_usize.pow(7) {
            let bases: Vec<Base> = (0..7).map(|at| ACGT[number >> (2 * at) & 3]).collect();
            let mut k = alone.clone();
            for (parts, base) in parts.iter().zip(&bases) {
                let part = &parts[usize::from(token(*base))];
                k.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
            }
            let right = u.iter().zip(&k).map(|(u, k)| u * k).sum::<f64>() / root;
            let mut found = motif.constant;
            for (row, base) in motif.contributions.iter().zip(&bases) {
                found += row[*base as usize];
            }
            largest = largest.max((found - right).abs());
            if number % 2731 == 0 {
                // The same key without any sharing of work.
                let tokens: Vec<usize> = bases.iter().map(|b| usize::from(token(*b))).collect();
                for (a, b) in key(weights, head, &tokens).iter().zip(&k) {
                    assert!((a - b).abs() < 1e-9);
                }
            }
        }
        assert!(largest < 2e-6, "{}: {largest}", motif.head);
        let centred = motif.centred();
        assert!(
            centred
                .iter()
                .all(|row| row.iter().sum::<f64>().abs() < 1e-12)
        );
        let (best, deviation) = motif.best();
        assert_eq!(best.len(), 7);
        assert!(deviation > 0.0);
    }
}

/// A linear genome of one contig, and its tokens.
fn linear(length: usize, seed: u64) -> (Genome, Vec<u8>) {
    let genome = random_genome(&[length], false, seed);
    let bases = genome.contigs[0].bases(Interval::new(0, length), Strand::Forward);
    let tokens = bases.into_iter().map(token).collect();
    (genome, tokens)
}

fn short_model(context: u32) -> Model {
    let overrides = Overrides {
        context: Some(context as usize),
        ..Overrides::default()
    };
    Model::from_bytes("model.safetensors", EXAMPLE, overrides).expect("shipped")
}

#[test]
fn the_parts_of_a_logit_sum_to_what_the_oracle_attends_by() {
    let model = short_model(24);
    let (genome, tokens) = linear(220, 8);
    let settings = Settings::with_mode(Mode::Seamless);
    let forward = oracle::forward(&model.weights, &tokens, &settings);
    let split = LogitParts::new(&model.weights);
    let sequence = StrandSequence::new(&genome.contigs[0], Strand::Forward);
    let shape = model.head_shape();
    let motifs = first_layer_motifs(&model.weights);
    let mut distances: Option<Vec<Vec<f64>>> = None;
    for query in [219, 150, 9, 0] {
        let found = split
            .at(sequence, query, &Cancel::default())
            .expect("not cancelled")
            .expect("a query");
        let mut moments = vec![PartMoments::default(); shape.len()];
        for head in shape.all() {
            let parts = &found.heads[shape.row(head)];
            let right = forward.row(head, query);
            assert!(parts.iter().all(|part| part.len() == right.len()));
            let logits: Vec<f64> = (0..right.len())
                .map(|o| parts.iter().map(|part| part[o]).sum())
                .collect();
            let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = logits.iter().map(|x| (x - largest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            for (power, right) in powers.iter().zip(right) {
                let weight = power / sum;
                assert!(
                    (weight - right).abs() <= 2e-5 + 1e-3 * right,
                    "{head} at {query}: {weight} {right}"
                );
            }
            moments[shape.row(head)].add(parts);
            let shares = moments[shape.row(head)].shares();
            let all: f64 = shares.iter().sum();
            assert!(right.len() < 2 || (all - 1.0).abs() < 1e-9, "{shares:?}");
        }
        // u·k of layer 1 is the exact motif wherever the convolution sees seven bases.
        for (head, motif) in motifs.iter().enumerate() {
            let uk = &found.heads[shape.row(HeadId { layer: 0, head })][1];
            for (distance, value) in uk.iter().enumerate() {
                let at = query - distance;
                if at < 3 || at + 3 >= tokens.len() {
                    continue;
                }
                let bases = genome.contigs[0].bases(Interval::new(at - 3, at + 4), Strand::Forward);
                let sum: f64 = motif
                    .contributions
                    .iter()
                    .zip(bases)
                    .map(|(row, base)| row[base as usize])
                    .sum();
                assert!((sum + motif.constant - value).abs() < 1e-5);
            }
        }
        // v·r depends on the distance alone.
        let vr: Vec<Vec<f64>> = found.heads.iter().map(|parts| parts[3].clone()).collect();
        let first = distances.get_or_insert_with(|| vr.clone());
        for (a, b) in vr.iter().zip(first) {
            assert!(a.iter().zip(b).all(|(x, y)| (*x - *y).abs() < 1e-12));
        }
    }
    let beyond = split.at(sequence, 220, &Cancel::default()).expect("runs");
    assert!(beyond.is_none());
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(split.at(sequence, 100, &cancel).is_err());
}

#[test]
fn the_mean_query_motif_is_the_mean_over_queries_of_content() {
    let model = short_model(24);
    let (genome, _) = linear(400, 12);
    let split = LogitParts::new(&model.weights);
    let contig = &genome.contigs[0];
    let sequence = StrandSequence::new(contig, Strand::Forward);
    // One query is its own mean.
    let shape = model.head_shape();
    for query in [100, 300] {
        let around = contig.bases(Interval::new(query - 3, query + 4), Strand::Forward);
        let shares: Vec<[f64; 4]> = around
            .iter()
            .map(|base| ACGT.map(|known| f64::from(u8::from(known == *base))))
            .collect();
        let motifs = mean_query_motifs(&model.weights, &shares);
        let found = split.at(sequence, query, &Cancel::default()).expect("runs");
        let found = found.expect("a query");
        for (head, motif) in motifs.iter().enumerate() {
            let parts = &found.heads[shape.row(HeadId { layer: 0, head })];
            for (distance, (qk, uk)) in parts[0].iter().zip(&parts[1]).enumerate() {
                let at = query - distance;
                let bases = contig.bases(Interval::new(at - 3, at + 4), Strand::Forward);
                let sum: f64 = motif
                    .contributions
                    .iter()
                    .zip(bases)
                    .map(|(row, base)| row[base as usize])
                    .sum();
                assert!((sum + motif.constant - qk - uk).abs() < 1e-4);
            }
        }
    }
}

/// Made with `SciPy` 1.17.1:
/// `d[i, j] = ((min(i, j) * 37 + max(i, j) * 53) % 101 + 1) / 100`, 0 where i = j, for nine items;
/// `z = scipy.cluster.hierarchy.linkage(scipy.spatial.distance.squareform(d), "average")`,
/// `scipy.cluster.hierarchy.leaves_list(z)`;
/// `v[i, j] = (i * 29 + j * 71 + i * j * 13) % 97 / 97` for six rows and eight columns,
/// `scipy.optimize.linear_sum_assignment(v, maximize=True)`.
#[test]
fn tree_and_matching_are_those_of_scipy() {
    let distance = |i: usize, j: usize| {
        let number = (i.min(j) * 37 + i.max(j) * 53) % 101 + 1;
        if i == j { 0.0 } else { number as f64 / 100.0 }
    };
    let distances: Vec<Vec<f64>> = (0..9)
        .map(|i| (0..9).map(|j| distance(i, j)).collect())
        .collect();
    let right = [
        (5, 8, 0.04, 2),
        (1, 7, 0.05, 2),
        (0, 2, 0.06, 2),
        (3, 4, 0.21, 2),
        (6, 12, 0.445, 3),
        (11, 13, 0.488_333_333_333, 5),
        (9, 14, 0.541, 7),
        (10, 15, 0.626_428_571_429, 9),
    ];
    let joins = average_linkage(&distances);
    assert_eq!(joins.len(), right.len());
    for (join, (first, second, height, items)) in joins.iter().zip(right) {
        assert_eq!(
            (join.first, join.second, join.items),
            (first, second, items)
        );
        assert!((join.height - height).abs() < 1e-11, "{join:?}");
    }
    assert_eq!(leaf_order(&joins), [1, 7, 5, 8, 0, 2, 6, 3, 4]);
    assert_eq!(leaf_order(&average_linkage(&[vec![0.0]])), [0]);
    let unknown = average_linkage(&[vec![0.0, f64::NAN], vec![f64::NAN, 0.0]]);
    assert!(matches!(unknown[..], [Join { items: 2, height, .. }] if height.is_finite()));

    let values: Vec<Vec<f64>> = (0..6_usize)
        .map(|i| {
            (0..8)
                .map(|j| ((i * 29 + j * 71 + i * j * 13) % 97) as f64 / 97.0)
                .collect()
        })
        .collect();
    let found: Vec<usize> = best_assignment(&values).into_iter().flatten().collect();
    assert_eq!(found, [4, 3, 2, 0, 6, 1]);
}

fn ppm(consensus: &str) -> Ppm {
    let column = |letter: char| {
        let base = "ACGT".find(letter);
        std::array::from_fn(|i| match base {
            Some(base) if base == i => 0.85,
            Some(_) => 0.05,
            None => 0.25,
        })
    };
    Ppm {
        name: consensus.to_owned(),
        alternative: String::new(),
        probabilities: consensus.chars().map(column).collect(),
        sites: None,
    }
}

#[test]
fn alike_heads_are_found_and_chance_is_taken_out() {
    assert!((motif_similarity(&ppm("TATAAT"), &ppm("TATAAT")).0 - 1.0).abs() < 1e-12);
    let (inside, offset) = motif_similarity(&ppm("TGNTATAATNN"), &ppm("TATAAT"));
    assert!((inside - 1.0).abs() < 1e-12 && offset == 3);
    assert!(motif_similarity(&ppm("NNNNNN"), &ppm("TATAAT")).0.abs() < 1e-12);
    assert!(motif_similarity(&ppm("TTGACA"), &ppm("TATAAT")).0 < 0.6);
    assert!(motif_similarity(&ppm(""), &ppm("TATAAT")).0.abs() < 1e-12);

    let mut random = Random::new(3, 3);
    let mut head = |wide: usize| ComparedHead {
        profile: (0..64).map(|o| f64::from(u8::from(o == 30))).collect(),
        motif: ppm("TATAAT"),
        glances: (0..2_000)
            .map(|_| {
                Some(Glance {
                    distance: (20 + random.below(wide)) as u16,
                    weight: 0.5,
                    entropy_bits: 1.0,
                })
            })
            .collect(),
        label_shift: 20,
    };
    let (a, b, blind) = (head(40), head(40), head(1));
    let same = Similarity::of(&a, &a);
    assert!(
        (same.hits - 1.0).abs() < 1e-12
            && same
                .hits_corrected
                .is_some_and(|hits| (hits - 1.0).abs() < 1e-12)
    );
    assert!((same.combined() - 1.0).abs() < 1e-12);
    // Independent choices over 40 distances meet within 3 in about 7 of 40 cases; over chance: 0.
    let chance = Similarity::of(&a, &b);
    assert!(chance.hits > 0.06 && chance.hits_corrected.is_some_and(|hits| hits.abs() < 0.02));
    // Two heads that always look at one distance agree wholly, and by chance alone: keys say nothing.
    let both = Similarity::of(&blind, &blind);
    assert!(
        (both.hits - 1.0).abs() < 1e-12
            && both.hits_corrected.is_none()
            && (both.combined() - 1.0).abs() < 1e-12
    );
    // Another label shift is another distance, but the same place.
    let mut shifted = a.clone();
    shifted.label_shift = 25;
    shifted.profile.rotate_right(5);
    for glance in shifted.glances.iter_mut().flatten() {
        glance.distance += 5;
    }
    let moved = Similarity::of(&a, &shifted);
    assert!((moved.combined() - 1.0).abs() < 1e-9, "{moved:?}");
}

/// The same network with its heads in another order: `order[new] = old`, in every layer alike,
/// because all layers share u and v.
fn permuted(weights: &Weights, order: &[usize]) -> Weights {
    let config = weights.config;
    let (d_model, d_head, heads) = (config.d_model, config.d_head, config.heads);
    let rows = |table: &[f32], width: usize| -> Vec<f32> {
        let blocks: Vec<&[f32]> = table.chunks(d_head * width).collect();
        (0..blocks.len() / heads)
            .flat_map(|part| order.iter().map(move |old| part * heads + old))
            .flat_map(|block| blocks[block].to_vec())
            .collect()
    };
    let mut other = weights.clone();
    other.u = rows(&weights.u, 1);
    other.v = rows(&weights.v, 1);
    for layer in &mut other.layers {
        layer.qkv = rows(&layer.qkv, d_model);
        layer.r = rows(&layer.r, d_model);
        layer.o = layer
            .o
            .chunks(heads * d_head)
            .flat_map(|row| rows(row, 1))
            .collect();
    }
    other
}

#[test]
fn heads_in_another_order_are_matched_exactly() {
    let model = Arc::new(shipped());
    let order = [3, 0, 5, 1, 4, 2];
    let bytes = safetensors_bytes(&permuted(&model.weights, &order), &model.metadata);
    let other =
        Model::from_bytes("other.safetensors", &bytes, Overrides::default()).expect("reads");
    let genome = Arc::new(headlight::job::example::genome().expect("shipped"));
    let anchors: Vec<Anchor> = random_anchors(&genome, 150, 6);
    let mut request = RedundancyRequest {
        genome,
        model: Arc::clone(&model),
        against: Some(Arc::new(other)),
        anchors,
        apart_bp: 50,
        motif: headlight::analysis::consensus::MotifRule::default(),
        mode: Mode::Seamless,
    };
    let run =
        |request: &RedundancyRequest| redundancy(request, &Progress::default(), &Cancel::default());
    let found = run(&request).expect("runs");
    assert_eq!(found.matches.len(), 36);
    for (row, matched) in found.matches.iter().enumerate() {
        let (layer, head) = (row / 6, row % 6);
        let new = order.iter().position(|old| *old == head).expect("a head");
        let right = format!("L{}H{}", layer + 1, new + 1);
        assert_eq!(matched.pair.second, right, "{matched:?}");
        assert!(matched.pair.similarity.hits > 0.9, "{matched:?}");
        assert!(matched.pair.combined > 0.9 && matched.mutual, "{matched:?}");
    }
    assert_eq!(found.pairs.len(), 36 * 36);
    // Within the model: a tree over all heads.
    request.against = None;
    let found = run(&request).expect("runs");
    assert_eq!((found.pairs.len(), found.joins.len()), (36 * 35 / 2, 35));
    let mut leaves = found.order.clone();
    leaves.sort_unstable();
    leaves.dedup();
    assert_eq!(leaves.len(), 36);
    let mut table = Vec::new();
    found.write_tsv(&mut table).expect("memory");
    assert_eq!(String::from_utf8_lossy(&table).lines().count(), 631);
    request.anchors.clear();
    let error = run(&request).expect_err("nothing to look at");
    assert!(error.to_string().contains("found 0 anchors"), "{error}");
}

#[test]
fn the_job_profiles_every_set() {
    let genome = headlight::job::example::genome().expect("shipped");
    let model = Arc::new(shipped());
    let anchors = random_anchors(&genome, 60, 9);
    let (silent, go) = (Progress::default(), Cancel::default());
    let direct = attend(
        &model.kernel,
        &genome,
        &anchors,
        Mode::Seamless,
        &silent,
        &go,
    )
    .expect("runs");
    let mut request = ProfileRequest::new(Arc::new(genome), Arc::clone(&model));
    request.anchors = Some(Arc::new(AnchorFile::new(
        "a.bed".to_owned(),
        anchors.clone(),
    )));
    request.groups = vec![headlight::genome::read::anchor_groups::AnchorGroup {
        name: "sigma70".to_owned(),
        anchors: anchors[..30].to_vec(),
    }];
    request.false_positives = false;
    request.apart_bp = 1;
    request.parts = 4;
    request.bootstrap.draws = 50;
    let found = profiles(&request, &silent, &go).expect("runs");
    let names: Vec<&str> = found.sets.iter().map(|set| &*set.name).collect();
    assert_eq!(names, ["anchors", "matched", "sigma70", "genome"]);
    assert_eq!(found.sets[0].n, 60);
    assert_eq!(found.profiles.len(), 4 * 36);
    // The same numbers as the heads job has over these anchors.
    for (row, head) in model.head_shape().all().enumerate() {
        let (own, right) = (&found.profiles[row], direct.profile(head));
        assert_eq!((own.n, own.name.clone()), (60, head.to_string()));
        for (a, b) in own.mean.iter().zip(&right.mean) {
            assert!((a - b).abs() < 1e-6);
        }
        assert!((own.entropy - right.entropy_bits).abs() < 1e-5);
        assert!((own.mean.iter().sum::<f64>() - 1.0).abs() < 1e-4);
    }
    // Random positions against matched random positions: next to nothing to be found.
    assert_eq!(found.differences.len(), 36);
    let exceeding = found.differences.iter().filter(|row| row.exceeds).count();
    assert!(exceeding <= 12, "{exceeding} of 36");
    assert_eq!(found.parts.len(), 2 * 36);
    for row in &found.parts {
        assert!((row.sequence + row.distance - 1.0).abs() < 1e-9, "{row:?}");
    }
    assert_eq!(found.first_layer.len(), 12);
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(profiles(&request, &silent, &cancel).is_err());
}

fn headlight(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .output()
        .expect("the program starts");
    (
        output.status.success(),
        String::from_utf8(output.stdout).expect("utf-8"),
        String::from_utf8(output.stderr).expect("utf-8"),
    )
}

#[test]
fn wrong_files_are_refused_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    };
    let empty = file("empty.tsv", "");
    let elsewhere = file("elsewhere.bed", "chrUn\t9\t10\ta\t0\t+\n");
    let wrong = file(
        "wrong.tsv",
        "position\tstrand\tsigmaFactor\nten\t+\tsigma70\n",
    );
    let good = file("good.bed", "NC_000913.3\t100000\t100001\ta\t0\t+\n");
    for command in ["profile", "redundancy"] {
        for bad in [&empty, &elsewhere, &wrong] {
            let (fine, _, error) = headlight(&[command, "--anchors", bad]);
            assert!(!fine && !error.contains("panicked"), "{error}");
            let name = std::path::Path::new(bad).file_name().expect("a name");
            assert!(error.contains(&*name.to_string_lossy()), "{error}");
        }
    }
    let run = folder.path().to_string_lossy().into_owned();
    let (fine, _, error) = headlight(&["profile", "--anchors", &good, "--run", &run]);
    assert!(!fine && error.contains("manifest.json"), "{error}");
    let (fine, _, error) = headlight(&["redundancy", "--anchors", &good, "--against", &empty]);
    assert!(!fine && error.contains("empty.tsv"), "{error}");
}

#[test]
fn profiles_by_sigma_factor_come_as_tables_and_json() {
    let Some(promoters) = shared("data/promoters/RegulonDB-13.0_PromoterSet.tsv") else {
        return;
    };
    // A few promoters of each factor: the file's header and every fortieth row.
    let text = std::fs::read_to_string(&promoters).expect("utf-8");
    let (comments, rows): (Vec<&str>, Vec<&str>) = text
        .lines()
        .partition(|line| line.starts_with('#') || line.starts_with("1)"));
    let kept: Vec<&str> = comments
        .into_iter()
        .chain(rows.into_iter().step_by(40))
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("promoters.tsv");
    std::fs::write(&file, kept.join("\n")).expect("written");
    let file = file.to_string_lossy().into_owned();
    let out = folder.path().join("out");
    let usual = ["--no-predictions", "--draws", "20", "--parts", "2"];
    let run = |more: &[&str]| {
        let all: Vec<&str> = [&["profile", "--anchors", &file][..], &usual, more].concat();
        let (fine, out, error) = headlight(&all);
        assert!(fine, "{error}");
        out
    };
    run(&["-o", &out.to_string_lossy()]);
    let read = |name: &str| std::fs::read_to_string(out.join(name)).expect(name);
    let long = read("profile.tsv");
    assert!(long.starts_with("set\tlayer\thead\tname\tdistance\tposition\tn\tmean"));
    assert!(
        long.lines()
            .any(|line| line.starts_with("sigma70\t1\t1\tL1H1\t127\t-107\t"))
    );
    assert!(
        long.lines()
            .any(|line| line.starts_with("anchors-matched\t6\t6\tL6H6\t0\t21\t"))
    );
    assert_eq!(read("layer1.tsv").lines().count(), 1 + 12 * 7 * 4);
    assert!(read("L1H1.u.svg").contains("u)·k"));
    let json: serde_json::Value = serde_json::from_str(&run(&["--json"])).expect("JSON");
    assert_eq!(json["provenance"]["mode"], "seamless");
    assert!(json["provenance"]["model sha256"].is_string());
    let sets: Vec<&str> = json["sets"]
        .as_array()
        .expect("sets")
        .iter()
        .filter_map(|set| set["name"].as_str())
        .collect();
    assert_eq!(sets[..2], ["anchors", "matched"]);
    assert!(
        sets.contains(&"sigma70") && sets.last() == Some(&"genome"),
        "{sets:?}"
    );
    assert_eq!(run(&[]), long, "the same table on standard output");
}
