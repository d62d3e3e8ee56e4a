//! Heads against binding sites: references, what is planted and what is not, calibration, bad input.
//!
//! `cargo test --release association:: -- --nocapture` prints what was measured.

mod calibration;
mod job;

use headlight::analysis::association::{
    AnchorWeights, Data, Draws, PromoterFacts, SiteAtPromoter, Source, Tested, TfSites, test,
};
use headlight::analysis::q_values::benjamini_hochberg;
use headlight::analysis::random::Random;
use headlight::attention::HeadShape;
use headlight::progress::{Cancel, Progress};
use std::ops::Range;

/// A number in 0…1.
fn uniform(random: &mut Random) -> f64 {
    (random.bits() >> 11) as f64 / (1_u64 << 53) as f64
}

fn heads(count: usize) -> HeadShape {
    HeadShape {
        layers: 1,
        heads: count,
    }
}

/// Weights of `heads` heads at promoters: random, summing to 1.
fn random_weights(
    seed: u64,
    heads_count: usize,
    promoters: usize,
    context: usize,
) -> AnchorWeights {
    let mut random = Random::new(seed, 77);
    let mut weights = AnchorWeights::new(heads(heads_count), context, promoters);
    for head in 0..heads_count {
        for promoter in 0..promoters {
            let row = weights.row_mut(head, promoter);
            for weight in row.iter_mut() {
                *weight = (uniform(&mut random) * 4.0).exp() as f32;
            }
            normalise(row);
        }
    }
    weights
}

fn normalise(row: &mut [f32]) {
    let sum: f32 = row.iter().sum();
    for weight in row {
        *weight /= sum;
    }
}

/// Sites of one TF: promoter and columns of each, all counted.
fn sites(tf: usize, places: &[(usize, Range<usize>)]) -> TfSites {
    let overlap = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
    TfSites {
        tf,
        places: places
            .iter()
            .enumerate()
            .map(|(site, (promoter, columns))| SiteAtPromoter {
                site,
                promoter: *promoter,
                columns: columns.clone(),
                counted: true,
            })
            .collect(),
        counted: (0..places.len()).collect(),
        overlapping: (0..places.len())
            .map(|own| {
                (0..places.len())
                    .filter(|&other| other != own && overlap(&places[own].1, &places[other].1))
                    .collect()
            })
            .collect(),
    }
}

/// Promoters of two parts of the genome, with random AT content.
fn facts(promoters: usize, context: usize) -> Vec<PromoterFacts> {
    let mut random = Random::new(4, 9);
    (0..promoters)
        .map(|promoter| {
            let mut at_before = vec![0];
            for column in 0..context {
                at_before.push(at_before[column] + u16::from(random.below(2) == 0));
            }
            PromoterFacts {
                part: usize::from(promoter % 4 == 0),
                sigma: 0,
                at_content: uniform(&mut random),
                at_before,
                block: promoter / 3,
            }
        })
        .collect()
}

fn run(data: &Data, source: &Source, permutations: usize, most: usize, seed: u64) -> Tested {
    let draws = Draws {
        permutations,
        most,
        seed,
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let tested = test(data, source, draws, &progress, &cancel).expect("not cancelled");
    assert_eq!(progress.done(), progress.total());
    tested
}

#[derive(serde::Deserialize)]
struct Reference {
    weights: Vec<Vec<f32>>,
    places: Vec<[usize; 3]>,
    aurocs: Vec<f64>,
    mean: f64,
    p: Vec<f64>,
    q: Vec<f64>,
}

/// Values of scikit-learn and statsmodels: `tests/data/association/auroc.py` made them.
#[test]
fn aurocs_are_those_of_scikit_learn() {
    let text = include_str!("data/association/auroc.json");
    let reference: Reference = serde_json::from_str(text).expect("JSON");
    let (promoters, context) = (reference.weights.len(), reference.weights[0].len());
    let mut weights = AnchorWeights::new(heads(1), context, promoters);
    for (promoter, row) in reference.weights.iter().enumerate() {
        weights.row_mut(0, promoter).copy_from_slice(row);
    }
    let places: Vec<(usize, Range<usize>)> = reference
        .places
        .iter()
        .map(|&[promoter, start, end]| (promoter, start..end))
        .collect();
    let data = Data {
        weights,
        promoters: facts(promoters, context),
        tfs: vec![sites(0, &places)],
    };
    let found = run(&data, &Source::Promoter, 5, 5, 1);
    assert!((found.observed[0].auroc - reference.mean).abs() < 1e-12);
    for (found, expected) in found.observed[0].site_aurocs.iter().zip(&reference.aurocs) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
    for (found, expected) in benjamini_hochberg(&reference.p).iter().zip(&reference.q) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

const CONTEXT: usize = 64;
const PROMOTERS: usize = 300;

/// Three heads and three TFs. Head 0 looks at the sites of TF 0; head 1 looks at column 40 whatever
/// is there, which is where all sites of TF 1 lie; head 2 looks anywhere.
fn planted() -> Data {
    let mut random = Random::new(11, 0);
    let mut weights = random_weights(2, 3, PROMOTERS, CONTEXT);
    let mut place = |columns: fn(&mut Random) -> usize| -> Vec<(usize, Range<usize>)> {
        let mut promoters: Vec<usize> = (0..PROMOTERS).collect();
        random.shuffle(&mut promoters);
        promoters
            .into_iter()
            .take(25)
            .map(|promoter| {
                let start = columns(&mut random);
                (promoter, start..start + 12)
            })
            .collect()
    };
    let seen = place(|random| random.below(CONTEXT - 12));
    let positional = place(|_| 34);
    let elsewhere = place(|random| random.below(CONTEXT - 12));
    for (promoter, columns) in &seen {
        for column in columns.clone() {
            weights.row_mut(0, *promoter)[column] *= 4.0;
        }
        normalise(weights.row_mut(0, *promoter));
    }
    for promoter in 0..PROMOTERS {
        let row = weights.row_mut(1, promoter);
        row[40] += 3.0;
        normalise(row);
    }
    Data {
        weights,
        promoters: facts(PROMOTERS, CONTEXT),
        tfs: vec![sites(0, &seen), sites(1, &positional), sites(2, &elsewhere)],
    }
}

#[test]
fn what_is_planted_is_found_and_what_is_only_positional_is_not() {
    let data = planted();
    for source in [Source::Promoter, Source::Matched] {
        let found = run(&data, &source, 999, 20_000, 1);
        for (cell, (observed, against)) in
            found.observed.iter().zip(&found.significance).enumerate()
        {
            println!(
                "head {} TF {}: AUROC {:.3} ({:.3} to {:.3}), z {:.2}, p {:.2e}, q {:.2e}, p_max {:.4}",
                cell / 3,
                cell % 3,
                observed.auroc,
                observed.interval[0],
                observed.interval[1],
                against.z,
                against.p,
                against.q,
                against.p_max
            );
            assert!(observed.interval[0] < observed.auroc && observed.auroc < observed.interval[1]);
            if cell == 0 {
                assert!(observed.auroc > 0.8 && observed.interval[0] > 0.7);
                assert!(against.p_max < 0.01 && against.q < 0.001, "{against:?}");
                // Few exceedances: it went on to more draws.
                assert_eq!(against.draws, 20_000);
            } else {
                assert!(against.p_max > 0.05, "{cell}: {against:?}");
            }
        }
        // The head that always looks at column 40 gives the sites there most of its weight.
        assert!(found.observed[4].mean_weight_all > 0.05);
        assert!((found.observed[4].auroc - 0.5).abs() < 0.2);
    }
}

#[test]
fn results_depend_on_the_seed_alone() {
    let data = planted();
    let one = run(&data, &Source::Promoter, 200, 2_500, 5);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let again = pool
        .expect("a thread")
        .install(|| run(&data, &Source::Promoter, 200, 2_500, 5));
    assert_eq!(one, again);
    let other = run(&data, &Source::Promoter, 200, 2_500, 6);
    assert_ne!(one.significance, other.significance);
    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = test(
        &data,
        &Source::Promoter,
        Draws::default(),
        &Progress::default(),
        &cancel,
    );
    assert!(stopped.is_err());
}

/// 36 heads, 49 TFs and 1,000 permutations at the sizes of RegulonDB's table.
#[test]
fn a_whole_table_is_quick() {
    let (promoters, context) = (1_100, 128);
    let mut random = Random::new(8, 0);
    let tfs = (0..49)
        .map(|tf| {
            // As uneven as RegulonDB: a few factors with over a hundred sites, many with ten.
            let count = (170 / (tf + 1)).max(10);
            let places: Vec<(usize, Range<usize>)> = (0..count)
                .map(|_| {
                    let start = random.below(context - 20);
                    (random.below(promoters), start..start + 16)
                })
                .collect();
            sites(tf, &places)
        })
        .collect();
    let data = Data {
        weights: random_weights(3, 36, promoters, context),
        promoters: facts(promoters, context),
        tfs,
    };
    let started = std::time::Instant::now();
    let processor = cpu_time::ProcessTime::now();
    let found = run(&data, &Source::Promoter, 1_000, 1_000, 1);
    println!(
        "36 heads x 49 TFs x 1,000 permutations: {:.1} s, {:.1} s of processor",
        started.elapsed().as_secs_f64(),
        processor.elapsed().as_secs_f64()
    );
    assert_eq!(found.significance.len(), 36 * 49);
    // Nothing is planted.
    let small = found.significance.iter().filter(|cell| cell.p < 0.05);
    assert!((30..=160).contains(&small.count()));
    assert!(found.significance.iter().all(|cell| cell.q > 0.01));
}
