use super::*;
use crate::analysis::q_values::benjamini_hochberg;
use crate::analysis::random::Random;
use crate::sites::motif::{Ppm, UNIFORM};
use proptest::prelude::*;

fn library(motifs: Vec<Vec<[f64; 4]>>) -> MotifLibrary {
    let named = |(index, probabilities): (usize, Vec<[f64; 4]>)| Ppm {
        name: format!("m{index}"),
        probabilities,
        ..Ppm::default()
    };
    MotifLibrary {
        name: "library".to_owned(),
        format: "motifs".to_owned(),
        checksum: "0".to_owned(),
        background: UNIFORM,
        motifs: motifs.into_iter().enumerate().map(named).collect(),
    }
}

/// A column of counts of ten, so that some are sharp and some are not.
fn column(random: &mut Random) -> [f64; 4] {
    let favoured = random.below(4);
    let sharp = random.below(10);
    let mut counts = [0.0; 4];
    for draw in 0..10 {
        let base = if draw < sharp {
            favoured
        } else {
            random.below(4)
        };
        counts[base] += 0.1;
    }
    counts
}

fn motif(length: usize, random: &mut Random) -> Vec<[f64; 4]> {
    (0..length).map(|_| column(random)).collect()
}

fn motifs(count: usize, seed: u64) -> Vec<Vec<[f64; 4]>> {
    let mut random = Random::new(seed, 0);
    (0..count)
        .map(|_| {
            let length = 5 + random.below(14);
            motif(length, &mut random)
        })
        .collect()
}

fn least(matches: &[Match]) -> f64 {
    matches.iter().map(|found| found.p).fold(1.0, f64::min)
}

fn metric() -> impl Strategy<Value = ColumnMetric> {
    (0..3_usize).prop_map(|index| ColumnMetric::ALL[index])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_motif_ranks_first_or_tied_against_itself(seed in 0_u64..1_000, metric in metric()) {
        let motifs = motifs(30, seed);
        let targets = Targets::new([&library(motifs.clone())], metric);
        for (index, query) in motifs.iter().enumerate() {
            let matches = targets.compare(query);
            let own = matches[index];
            prop_assert!(own.p <= least(&matches) * (1.0 + 1e-12), "{own:?}");
            prop_assert_eq!(own.offset, 0);
            prop_assert_eq!(own.overlap, query.len());
        }
    }

    #[test]
    fn the_other_strand_gives_the_same(seed in 0_u64..1_000, metric in metric()) {
        let motifs = motifs(20, seed);
        let targets = Targets::new([&library(motifs)], metric);
        let query = motif(9, &mut Random::new(seed, 7));
        let other: Vec<[f64; 4]> = turned(&query).collect();
        let pairs = targets.compare(&query).into_iter().zip(targets.compare(&other));
        for (here, there) in pairs {
            prop_assert!((here.score - there.score).abs() < 1e-9);
            prop_assert!((here.p / there.p - 1.0).abs() < 1e-6, "{here:?} {there:?}");
            prop_assert_eq!(here.overlap, there.overlap);
        }
    }

    #[test]
    fn uniform_columns_change_no_score(seed in 0_u64..1_000, metric in metric()) {
        let mut all = motifs(20, seed);
        let flanked: Vec<[f64; 4]> = [[0.25; 4]; 2].into_iter().chain(all[0].clone()).collect();
        all.push(flanked.clone());
        let targets = Targets::new([&library(all.clone())], metric);
        let plain = targets.compare(&all[0]);
        // As a target: in line with the query's own columns the uniform ones lie outside.
        prop_assert!((plain[20].score - plain[0].score).abs() < 1e-9);
        // As a query: the same scores, two columns farther on.
        let shifted = targets.compare(&flanked);
        prop_assert!((shifted[0].score - plain[0].score).abs() < 1e-9);
        prop_assert_eq!(shifted[0].offset, -2);
        // Nothing at all is like anything.
        for found in targets.compare(&[[0.25; 4]; 6]) {
            prop_assert!(found.score.abs() < 1e-12 && (found.p - 1.0).abs() < 1e-12);
        }
    }
}

/// All ways to draw one column for each of two query columns, counted one by one.
#[test]
fn p_is_what_counting_gives() {
    let all = motifs(4, 3);
    let query = all[1][..2].to_vec();
    let targets = Targets::new([&library(all)], ColumnMetric::Pearson);
    let scored = Scored::new(&targets.columns, &query);
    let null = Null::new(&scored.shares, scored.lowest, &targets.lengths);
    let n = targets.columns.len();
    for total in 1..200 {
        let share = |reach: &dyn Fn(usize, usize) -> i32| {
            let hits = (0..n * n).filter(|pair| reach(pair / n, pair % n) >= total);
            hits.count() as f64 / (n * n) as f64
        };
        let both =
            |a: usize, b: usize| i32::from(scored.steps[0][a]) + i32::from(scored.steps[1][b]);
        let first = |a: usize, _: usize| i32::from(scored.steps[0][a]);
        let second = |a: usize, _: usize| i32::from(scored.steps[1][a]);
        let [both, first, second] = [share(&both), share(&first), share(&second)];
        // A target of five columns: four offsets with both columns, one on either side.
        let expected = (1.0 - both).powi(4) * (1.0 - first) * (1.0 - second);
        assert!((null.ln_below(total, 5).exp() - expected).abs() < 1e-9);
        // A target of one column: each column of the query once.
        let expected = (1.0 - first) * (1.0 - second);
        let single = Null::new(&scored.shares, scored.lowest, &[1]);
        assert!((single.ln_below(total, 1).exp() - expected).abs() < 1e-9);
    }
}

/// Targets made of columns drawn from the library: p must be what it says.
#[test]
fn p_is_uniform_under_its_own_null() {
    const DRAWN: usize = 4_000;
    const LENGTH: usize = 8;
    for metric in ColumnMetric::ALL {
        let all = motifs(60, 11);
        let query = all[2][..7].to_vec();
        let known = Targets::new([&library(all)], metric);
        let scored = Scored::new(&known.columns, &query);
        let null = Null::new(&scored.shares, scored.lowest, &[LENGTH]);
        // The columns of the library with their partners on the other strand.
        let mut columns: Vec<[usize; 2]> = Vec::new();
        for [forward, reverse] in &known.places {
            for (here, there) in forward.clone().zip(reverse.clone().rev()) {
                columns.extend([[here, there], [there, here]]);
            }
        }
        let mut random = Random::new(5, 1);
        let (mut best_of_all, mut one_offset) = (Vec::new(), Vec::new());
        for _ in 0..DRAWN {
            let drawn: Vec<[usize; 2]> = (0..LENGTH)
                .map(|_| columns[random.below(columns.len())])
                .collect();
            let forward = drawn.iter().map(|pair| pair[0]);
            let both: Vec<usize> = forward
                .chain(drawn.iter().rev().map(|pair| pair[1]))
                .collect();
            let target = Scored {
                steps: scored
                    .steps
                    .iter()
                    .map(|row| both.iter().map(|&at| row[at]).collect())
                    .collect(),
                shares: Vec::new(),
                ..scored
            };
            let mut sums = Vec::new();
            let total = [0..LENGTH, LENGTH..2 * LENGTH]
                .map(|place| target.best(&place, &mut sums).total)
                .into_iter()
                .max()
                .expect("two");
            best_of_all.push(-(2.0 * null.ln_below(total, LENGTH)).exp_m1());
            let total: i32 = (0..query.len())
                .map(|row| i32::from(target.steps[row][row]))
                .sum();
            // Steps make p discrete: drawn evenly between what is reached and what is exceeded.
            let inside = null.inside[query.len() - 1]
                .as_ref()
                .expect("the query's length");
            let tail = |total: i32| {
                let at = usize::try_from(total - 1).ok()?;
                Some(-inside.get(at).copied().unwrap_or(0.0).exp_m1())
            };
            if let (Some(reached), Some(exceeded)) = (tail(total), tail(total + 1)) {
                let share = random.below(1 << 30) as f64 / f64::from(1 << 30);
                one_offset.push(exceeded + share * (reached - exceeded));
            }
        }
        let share =
            |of: &[f64], most: f64| of.iter().filter(|p| **p <= most).count() as f64 / DRAWN as f64;
        for most in [0.01, 0.05, 0.1, 0.2] {
            // Four standard deviations of a binomial share.
            let noise = 4.0 * (most * (1.0 - most) / DRAWN as f64).sqrt();
            let [exact, best] = [share(&one_offset, most), share(&best_of_all, most)];
            println!("{metric} {most}: one offset {exact}, best {best}");
            assert!((exact - most).abs() < noise, "{metric} {most}: {exact}");
            // Over offsets and orientations it is conservative, not lenient, and not idle.
            assert!(best < most + noise, "{metric} {most}: {best}");
            assert!(best > 0.4 * most - noise, "{metric} {most}: {best}");
        }
    }
}

#[test]
fn q_values_are_those_of_benjamini_and_hochberg() {
    let q = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005, 0.9]);
    for (found, right) in q.iter().zip([0.025, 0.05, 0.05, 0.025, 0.9]) {
        assert!((found - right).abs() < 1e-12, "{q:?}");
    }
    assert!(benjamini_hochberg(&[]).is_empty());
}

#[test]
fn the_alignment_is_kept() {
    // ACGT-free letters: TTGACA inside a longer target, turned.
    let sharp = |letters: &[u8]| -> Vec<[f64; 4]> {
        letters
            .iter()
            .map(|letter| match letter {
                b'A' => [0.97, 0.01, 0.01, 0.01],
                b'C' => [0.01, 0.97, 0.01, 0.01],
                b'G' => [0.01, 0.01, 0.97, 0.01],
                _ => [0.01, 0.01, 0.01, 0.97],
            })
            .collect()
    };
    let mut all = motifs(40, 9);
    all.push(sharp(b"CCATGTCAAC"));
    let targets = Targets::new([&library(all)], ColumnMetric::Pearson);
    assert_eq!(targets.libraries()[0].motifs, 41);
    let matches = targets.compare(&sharp(b"TTGACA"));
    let found = matches[40];
    // Turned it reads GTTGACATGG.
    assert_eq!(
        (found.orientation, found.offset, found.overlap),
        (Orientation::Reverse, 1, 6)
    );
    assert!(found.p <= least(&matches) && found.p < 1e-3, "{found:?}");
    let found_six = found;
    // A query that hangs over.
    let found = targets.compare(&sharp(b"AGTTGACATGGCAG"))[40];
    assert_eq!((found.offset, found.overlap), (-1, 10));
    assert!(targets.compare(&[]).is_empty());
    let none = Targets::new([], ColumnMetric::Pearson);
    assert_eq!(none.best(&sharp(b"AC")), None);
    // Windows that read TTGACA, judged by the target: six columns of log2(4 · 0.98 / 1.04), the turned way.
    let best = targets.best(&sharp(b"TTGACA")).expect("a match");
    assert_eq!(best, found_six);
    let counts: Vec<[f64; 4]> = sharp(b"TTGACA")
        .iter()
        .map(|row| row.map(|share| (30.0 * share).round()))
        .collect();
    let bits = targets.log_odds(&best, &counts, &UNIFORM);
    let six = 6.0 * (4.0 * 0.98 / 1.04_f64).log2();
    assert!((bits - six).abs() < 0.3 * six, "{bits} {six}");
    let counts: Vec<[f64; 4]> = turned(&counts).collect();
    assert!(targets.log_odds(&best, &counts, &UNIFORM) < 0.0);
    // Where nothing lies beside it, nothing is judged.
    assert!(
        targets
            .log_odds(&Match { offset: 50, ..best }, &counts, &UNIFORM)
            .abs()
            < 1e-12
    );
}

#[test]
fn metrics_have_names() {
    for metric in ColumnMetric::ALL {
        assert_eq!(metric.to_string().parse(), Ok(metric));
        let json = serde_json::to_string(&metric).expect("a name");
        assert_eq!(json, format!("\"{metric}\""));
    }
    assert!("cosine".parse::<ColumnMetric>().is_err());
}
