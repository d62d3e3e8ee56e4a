//! Site sets drawn from a null's own generator give uniform p-values under that null.

use super::{facts, heads, normalise, random_weights, run, sites, uniform};
use headlight::analysis::association::draws::classes;
use headlight::analysis::association::{
    AnchorWeights, ContigShape, Data, PromoterFacts, Recipients, ShiftInput, SitePlace, Source,
    TfSites, View, strata,
};
use headlight::analysis::random::Random;
use headlight::analysis::shuffle::dinucleotide_shuffle;
use headlight::genome::base::ACGT;
use headlight::genome::{Anchor, Base, Interval, Strand};
use rayon::prelude::*;
use std::ops::Range;

const SETS: usize = 1_000;
const DRAWS: usize = 99;
const CONTEXT: usize = 64;
const PROMOTERS: usize = 200;

/// Two-sided Kolmogorov-Smirnov test against the uniform distribution: distance and p.
fn kolmogorov_smirnov(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len() as f64;
    let distance = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let (below, through) = (index as f64 / count, (index + 1) as f64 / count);
            (value - below).abs().max((through - value).abs())
        })
        .fold(0.0, f64::max);
    // The limiting distribution with Stephens's correction.
    let scaled = (count.sqrt() + 0.12 + 0.11 / count.sqrt()) * distance;
    let terms = (1..100).map(|k| {
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        let k = f64::from(k);
        sign * (-2.0 * k * k * scaled * scaled).exp()
    });
    (distance, (2.0 * terms.sum::<f64>()).clamp(0.0, 1.0))
}

/// The p of one set, spread evenly over its step.
fn randomised(p: f64, draws: usize, random: &mut Random) -> f64 {
    p - uniform(random) / (1 + draws) as f64
}

/// Prints and returns the distance, its p, and the share of p-values up to 0.05.
fn report(name: &str, values: &[f64]) -> (f64, f64) {
    let (distance, p) = kolmogorov_smirnov(values.to_vec());
    let share =
        |limit: f64| values.iter().filter(|p| **p <= limit).count() as f64 / values.len() as f64;
    println!(
        "{name}: {} sets, Kolmogorov-Smirnov D {distance:.4}, p {p:.3}; p ≤ 0.01: {:.3}, ≤ 0.05: {:.3}, ≤ 0.5: {:.3}",
        values.len(),
        share(0.01),
        share(0.05),
        share(0.5)
    );
    (p, share(0.05))
}

/// Heads whose weights differ between promoters and between columns, and change slowly along them.
fn lumpy_weights(seed: u64, promoters: usize) -> AnchorWeights {
    let mut random = Random::new(seed, 5);
    let mut weights = random_weights(seed, 1, promoters, CONTEXT);
    for promoter in 0..promoters {
        let level = (uniform(&mut random) * 2.0).exp();
        let row = weights.row_mut(0, promoter);
        for (column, weight) in row.iter_mut().enumerate() {
            let near = (column as f64 - 40.0) / 8.0;
            *weight *= (1.0 + 6.0 * level * (-near * near).exp()) as f32;
        }
        normalise(row);
    }
    weights
}

/// 14 sites around column 30, two of them at one promoter and two of them overlapping columns.
fn base_places() -> Vec<(usize, Range<usize>)> {
    let mut random = Random::new(21, 0);
    (0..14)
        .map(|site| {
            let start = 20 + random.below(24);
            let promoter = if site == 1 { 0 } else { 13 * site };
            (promoter, start..start + 10)
        })
        .collect()
}

fn data(places: &[(usize, Range<usize>)], promoters: Vec<PromoterFacts>) -> Data {
    Data {
        weights: lumpy_weights(6, PROMOTERS),
        promoters,
        tfs: vec![sites(0, places)],
    }
}

/// p-values of site sets that `recipient(set, site)` moves to other promoters.
fn p_of_moved(source: &Source, recipient: impl Fn(usize, usize) -> u32 + Sync) -> Vec<f64> {
    let (places, facts) = (base_places(), facts(PROMOTERS, CONTEXT));
    let base = data(&places, facts);
    (0..SETS)
        .into_par_iter()
        .map(|set| {
            let moved: Vec<(usize, Range<usize>)> = places
                .iter()
                .enumerate()
                .map(|(site, (_, columns))| (recipient(set, site) as usize, columns.clone()))
                .collect();
            let data = Data {
                tfs: vec![sites(0, &moved)],
                ..base.clone()
            };
            let found = run(&data, source, DRAWS, DRAWS, 1_000 + set as u64);
            let mut random = Random::new(set as u64, 99);
            randomised(found.significance[0].p, DRAWS, &mut random)
        })
        .collect()
}

#[test]
fn promoter_permutation_is_calibrated() {
    let strata = strata(&facts(PROMOTERS, CONTEXT));
    let generated = Recipients::permuted(&strata, PROMOTERS, 500, 0..SETS);
    let places = base_places();
    let p = p_of_moved(&Source::Promoter, |set, site| {
        generated.of(places[site].0)[set]
    });
    let (ks, _) = report("promoter permutation", &p);
    assert!(ks > 0.01);
}

#[test]
fn matched_windows_are_calibrated() {
    let (places, facts) = (base_places(), facts(PROMOTERS, CONTEXT));
    let classes = classes(&facts, &[sites(0, &places)]);
    assert!(classes.iter().all(|class| class.len() > 2));
    let generated = Recipients::matched(&classes, 500, 0..SETS);
    let p = p_of_moved(&Source::Matched, |set, site| generated.of(site)[set]);
    let (ks, _) = report("matched windows", &p);
    assert!(ks > 0.01);
}

const GENOME_BP: usize = 150_000;
const VIEW: View = View {
    context: CONTEXT,
    label_shift: 10,
};

/// Start sites along a circular genome, and sites of two TFs that lie anywhere.
fn shift_input(sites: Vec<SitePlace>) -> ShiftInput {
    let mut random = Random::new(31, 0);
    let mut anchors: Vec<Anchor> = (0..700)
        .map(|_| Anchor {
            contig: 0,
            position: random.below(GENOME_BP),
            strand: Strand::BOTH[random.below(2)],
        })
        .collect();
    anchors.sort_unstable();
    anchors.dedup();
    ShiftInput {
        weights: lumpy_weights(7, anchors.len()),
        anchors,
        shapes: vec![ContigShape {
            length_bp: GENOME_BP,
            circular: true,
        }],
        sites,
        view: VIEW,
        apart_bp: 50,
    }
}

fn p_of_shift(input: &ShiftInput, set: usize) -> Option<f64> {
    let placed = input.placed(&input.sites, 1);
    let observed = Data {
        weights: input.weights.of(&placed.promoters),
        promoters: vec![PromoterFacts::default(); placed.promoters.len()],
        tfs: placed.sites,
    };
    if observed.tfs[0].counted.is_empty() {
        return None;
    }
    let source = Source::Shift(Box::new(input.clone()));
    let found = run(&observed, &source, DRAWS, DRAWS, 2_000 + set as u64);
    let mut random = Random::new(set as u64, 99);
    Some(randomised(found.significance[0].p, DRAWS, &mut random))
}

#[test]
fn circular_shift_is_calibrated() {
    let mut random = Random::new(41, 0);
    let sites = (0..360)
        .map(|site| SitePlace {
            tf: usize::from(site >= 90),
            contig: 0,
            interval: {
                let start = random.below(GENOME_BP);
                Interval::new(start, start + 10)
            },
            eligible: true,
        })
        .collect();
    let input = shift_input(sites);
    let p: Vec<f64> = (0..SETS)
        .into_par_iter()
        .filter_map(|set| {
            let moved = input.moved(700, set);
            let generated = ShiftInput {
                sites: moved,
                ..input.clone()
            };
            p_of_shift(&generated, set)
        })
        .collect();
    assert!(p.len() > SETS - 20);
    let (ks, _) = report("circular shift", &p);
    assert!(ks > 0.01);
}

/// Sites at their distance from start sites are no random sites: how far the shift errs with them
/// is measured, and bounded.
#[test]
fn circular_shift_of_sites_that_keep_their_distance() {
    let plain = shift_input(Vec::new());
    let p: Vec<f64> = (0..SETS)
        .into_par_iter()
        .filter_map(|set| {
            let mut random = Random::new(51, set as u64);
            let mut sites = Vec::new();
            for (tf, count) in [(0, 20), (1, 160)] {
                for _ in 0..count {
                    // Two sites of one factor, 12 bases apart, as activators often have.
                    let anchor = plain.anchors[random.below(plain.anchors.len())];
                    let upstream = 24 + random.below(10);
                    for offset in [upstream, upstream + 12] {
                        let start = match anchor.strand {
                            Strand::Forward => anchor.position + GENOME_BP - offset,
                            Strand::Reverse => anchor.position + offset - 9,
                        };
                        let start = start % GENOME_BP;
                        sites.push(SitePlace {
                            tf,
                            contig: 0,
                            interval: Interval::new(start, start + 10),
                            eligible: true,
                        });
                    }
                }
            }
            let input = ShiftInput {
                sites,
                ..plain.clone()
            };
            p_of_shift(&input, set)
        })
        .collect();
    let (_, share) = report("circular shift, sites that keep their distance", &p);
    println!("rejected at 0.05: {share:.3}");
    assert!((0.01..0.35).contains(&share), "{share}");
}

/// A head that looks at TA, wherever it reads it.
fn look_at_ta(sequences: &[Vec<Base>]) -> AnchorWeights {
    let mut weights = AnchorWeights::new(heads(1), CONTEXT, sequences.len());
    for (promoter, bases) in sequences.iter().enumerate() {
        let row = weights.row_mut(0, promoter);
        for (column, weight) in row.iter_mut().enumerate() {
            let here = bases[column] == Base::T && bases[column + 1] == Base::A;
            *weight = if here { 3.0 } else { 0.2 } + column as f32 * 1e-3;
        }
        normalise(row);
    }
    weights
}

#[test]
fn shuffled_genomes_are_calibrated() {
    const SHUFFLES: usize = 19;
    let mut random = Random::new(61, 0);
    let sequences: Vec<Vec<Base>> = (0..60)
        .map(|_| (0..=CONTEXT).map(|_| ACGT[random.below(4)]).collect())
        .collect();
    let places: Vec<(usize, Range<usize>)> = (0..12)
        .map(|site| {
            let start = random.below(CONTEXT - 10);
            (4 * site, start..start + 10)
        })
        .collect();
    let tfs: Vec<TfSites> = vec![sites(0, &places)];
    let p: Vec<f64> = (0..SETS)
        .into_par_iter()
        .map(|set| {
            let mut random = Random::new(71, set as u64);
            let mut shuffled = || {
                let mut all = sequences.clone();
                for bases in &mut all {
                    dinucleotide_shuffle(bases, &mut random);
                }
                look_at_ta(&all)
            };
            let data = Data {
                weights: shuffled(),
                promoters: vec![PromoterFacts::default(); 60],
                tfs: tfs.clone(),
            };
            let source = Source::Shuffle((0..SHUFFLES).map(|_| shuffled()).collect());
            let found = run(&data, &source, 0, 0, 1);
            randomised(found.significance[0].p, SHUFFLES, &mut random)
        })
        .collect();
    let (ks, _) = report("shuffled genomes", &p);
    assert!(ks > 0.01);
}

#[test]
fn the_test_of_uniformity_sees_what_is_not_uniform() {
    let mut random = Random::new(81, 0);
    let even: Vec<f64> = (0..SETS).map(|_| uniform(&mut random)).collect();
    assert!(kolmogorov_smirnov(even.clone()).1 > 0.01);
    let bent: Vec<f64> = even.iter().map(|p| p.powf(1.15)).collect();
    assert!(kolmogorov_smirnov(bent).1 < 0.01);
}
