//! Every head's logo over annotated TSSs, with its positional control.
//!
//! `cargo test --release heads:: -- --nocapture` prints the tables of `docs/heads.md`.

use crate::shared::shared;
use headlight::analysis::anchors::PeakRule;
use headlight::analysis::control::Permutations;
use headlight::genome::base::ACGT;
use headlight::genome::read::{read_anchors, read_genome};
use headlight::genome::{Anchor, Contig, Genome, Interval, Locus, Strand};
use headlight::job::heads::{
    HeadsError, HeadsResult, HeadsRule, attend, predicted_anchors, summarise_heads,
};
use headlight::model::{Checkpoint, Kernel, Mode, Overrides, read_checkpoint};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::motifs_from_bytes;
use std::path::Path;

/// Debug builds run a small part, or they would take half an hour.
const EVERY: usize = if cfg!(debug_assertions) { 50 } else { 1 };

fn asset(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets")
        .join(name)
}

fn shipped() -> (Kernel, Checkpoint) {
    let checkpoint =
        read_checkpoint(&asset("model.safetensors"), Overrides::default()).expect("shipped");
    (Kernel::new(&checkpoint.weights), checkpoint)
}

fn ecoli() -> Genome {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let genome = read_genome(&asset("genome.2bit"), &progress, &cancel).expect("shipped");
    assert!(genome.contigs[0].circular);
    genome
}

fn annotated(genome: &Genome) -> Option<Vec<Anchor>> {
    let path = shared("data/tss/tss_open_NC_000913.3.tsv")?;
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let (anchors, _) = read_anchors(&path, genome, &progress, &cancel).expect("TSSs");
    assert_eq!(anchors.len(), 8029);
    Some(anchors.into_iter().step_by(EVERY).collect())
}

fn summarise(kernel: &Kernel, genome: &Genome, anchors: &[Anchor]) -> HeadsResult {
    let permutations = Permutations {
        count: if cfg!(debug_assertions) { 99 } else { 1000 },
        seed: 1,
    };
    let rule = HeadsRule {
        permutations,
        ..HeadsRule::default()
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let result = summarise_heads(kernel, genome, anchors, rule, &progress, &cancel).expect("runs");
    assert_eq!(progress.done(), progress.total());
    result
}

/// The table as Markdown.
fn print(title: &str, result: &HeadsResult) {
    let used = result.surroundings.anchors().len();
    println!("\n{title}: {used} of {} anchors", result.given);
    println!(
        "| head | looks at | share there | entropy, keys | consensus (from) | bits | held-out bits, null, 99 % | effect (95 %) | p | exceeds | shows |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for report in &result.reports {
        let row = &report.summary;
        let real = |value: Option<f64>| value.map_or("NA".to_owned(), |v| format!("{v:.2}"));
        println!(
            "| {} | {} | {:.0} % | {:.1}, {:.0} | {} ({}) | {:.2} | {}, {}, {} | {} ({} to {}) | {} | {} | {} |",
            row.name,
            row.usual_position.unwrap_or_default(),
            100.0 * row.usual_share,
            row.entropy,
            row.effective_keys,
            row.consensus,
            row.motif_start.unwrap_or_default(),
            row.information_content,
            real(row.held_out_information),
            real(row.null_mean),
            real(row.null_p99),
            real(row.effect),
            real(row.effect_low),
            real(row.effect_high),
            row.p.map_or("NA".to_owned(), |p| format!("{p:.3}")),
            if row.exceeds == Some(true) {
                "yes"
            } else {
                "no"
            },
            row.shows,
        );
    }
}

#[test]
fn heads_of_the_shipped_model_over_annotated_tss() {
    let genome = ecoli();
    let Some(anchors) = annotated(&genome) else {
        return;
    };
    let (kernel, _) = shipped();
    let result = summarise(&kernel, &genome, &anchors);
    print("All annotated TSSs", &result);
    assert_eq!(result.reports.len(), 36);
    for (row, report) in result.reports.iter().enumerate() {
        let summary = &report.summary;
        assert_eq!((summary.layer, summary.head), (row / 6 + 1, row % 6 + 1));
        assert_eq!(summary.n, result.surroundings.anchors().len());
        assert!((report.profile.mean.iter().sum::<f64>() - 1.0).abs() < 1e-4);
        assert!((0.0..=7.0 + 1e-6).contains(&summary.entropy));
        assert!(summary.unique_windows <= summary.windows);
    }
    let row = |name: &str| {
        let found = result.reports.iter().find(|r| r.summary.name == name);
        &found.expect("a head").summary
    };
    for name in ["L4H4", "L4H5", "L5H1", "L5H2", "L5H3", "L6H3"] {
        let head = row(name);
        assert!((-13..=-7).contains(&head.peak_position), "{head:?}");
        assert_eq!(head.shows, "−10", "{head:?}");
        assert!(head.consensus.to_uppercase().contains("TATAAT"), "{head:?}");
    }
    let mut table = Vec::new();
    result.write_tsv(&mut table).expect("memory");
    assert_eq!(String::from_utf8_lossy(&table).lines().count(), 37);
    let mut motifs = Vec::new();
    result.write_meme(&mut motifs).expect("memory");
    let (motifs, _) = motifs_from_bytes("motifs.meme", &motifs).expect("read back");
    assert_eq!(motifs.motifs.len(), 36);
    if EVERY == 1 {
        // As found; heads near the limit are left open, so that another processor's last bits
        // decide nothing.
        let exceeding = [
            "L1H1", "L1H2", "L1H3", "L1H6", "L2H2", "L2H3", "L2H4", "L2H5", "L3H3", "L3H4", "L3H6",
            "L4H1", "L4H2", "L4H4", "L4H5", "L4H6", "L5H1", "L5H2", "L5H3", "L5H4", "L5H6", "L6H3",
            "L6H6",
        ];
        let near = ["L3H2", "L5H5"];
        for report in &result.reports {
            let head = &report.summary;
            let p = head.p.expect("enough windows");
            if near.contains(&head.name.as_str()) {
                continue;
            }
            if exceeding.contains(&head.name.as_str()) {
                assert!(head.exceeds == Some(true), "{head:?}");
            } else {
                assert!(p > 0.005, "{head:?}");
            }
        }
        // The heads that look at the −10 box really follow it: the effect is more than noise.
        assert!(row("L4H5").effect_low > Some(1.0) && row("L5H2").effect_low > Some(1.0));
        // A head that looks at one place whatever the sequence is not called a motif.
        assert!(row("L6H1").effective_keys < 1.5 && row("L6H1").exceeds == Some(false));
    }
}

#[test]
fn heads_outside_the_training_split() {
    let genome = ecoli();
    let Some(anchors) = annotated(&genome) else {
        return;
    };
    let (kernel, checkpoint) = shipped();
    let split = checkpoint.metadata.split.expect("the shipped model says");
    // Nearer to the training slice a query would depend on bases that were trained on.
    let away_bp = 3_084;
    let outside: Vec<Anchor> = anchors
        .into_iter()
        .filter(|anchor| {
            split.training.iter().all(|slice| {
                anchor.position + away_bp < slice.start || anchor.position >= slice.end + away_bp
            })
        })
        .collect();
    let result = summarise(&kernel, &genome, &outside);
    print("Annotated TSSs outside the training split", &result);
    if EVERY == 1 {
        for report in &result.reports {
            let head = &report.summary;
            if ["L4H2", "L4H5", "L5H2", "L6H3", "L6H6"].contains(&head.name.as_str()) {
                assert_eq!(head.exceeds, Some(true), "{head:?}");
            }
        }
    }
}

/// A circular contig of random bases.
fn random_genome(length: usize) -> Genome {
    let mut state = 12_345_u64;
    let sequence = (0..length)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ACGT[(state >> 62) as usize]
        })
        .collect();
    let contig = Contig {
        name: "random".to_owned(),
        circular: true,
        sequence,
        ..Contig::default()
    };
    Genome {
        name: "random".to_owned(),
        contigs: vec![contig].into(),
        ..Genome::default()
    }
}

fn at(position: usize, strand: Strand) -> Anchor {
    Anchor {
        contig: 0,
        position,
        strand,
    }
}

#[test]
fn sharing_runs_changes_no_glance() {
    let genome = random_genome(3000);
    let (kernel, _) = shipped();
    let run = |anchors: &[Anchor]| {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let found = attend(
            &kernel,
            &genome,
            anchors,
            Mode::Seamless,
            &progress,
            &cancel,
        );
        assert_eq!(progress.done(), anchors.len() as u64);
        found.expect("not cancelled")
    };
    // Unsorted, on both strands, and so near the origin that queries lie past it.
    let anchors: Vec<Anchor> = [
        (1500, 0),
        (2995, 0),
        (4, 1),
        (1530, 0),
        (1500, 1),
        (2999, 1),
        (0, 0),
    ]
    .map(|(position, strand)| at(position, Strand::BOTH[strand]))
    .to_vec();
    let together = run(&anchors);
    for (index, anchor) in anchors.iter().enumerate() {
        let alone = run(&[*anchor]);
        for (shared, own) in together.heads.iter().zip(&alone.heads) {
            assert!(own.glances[0].is_some());
            assert_eq!(shared.glances[index], own.glances[0], "{anchor:?}");
        }
    }
}

#[test]
fn heads_without_anchors_and_cancelled_runs_are_told_apart() {
    let mut genome = random_genome(300);
    let (kernel, _) = shipped();
    let rule = HeadsRule::default();
    let summarise = |genome: &Genome, anchors: &[Anchor], cancel: &Cancel| {
        summarise_heads(&kernel, genome, anchors, rule, &Progress::default(), cancel)
    };
    let near_the_end = [
        at(290, Strand::Forward),
        at(5, Strand::Reverse),
        at(900, Strand::Forward),
    ];
    genome.contigs[0].circular = false;
    let none = summarise(&genome, &near_the_end, &Cancel::default());
    let error = none.expect_err("no query on the contig");
    assert!(error.to_string().contains("found 3 anchors"), "{error}");
    genome.contigs[0].circular = true;
    let found = summarise(&genome, &near_the_end, &Cancel::default()).expect("wraps");
    assert_eq!(found.surroundings.anchors().len(), 2);
    assert!(found.reports.iter().all(|report| report.control.is_none()));
    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = summarise(&genome, &near_the_end, &cancel);
    assert!(matches!(stopped, Err(HeadsError::Cancelled(_))));
}

#[test]
fn the_best_prediction_at_lacz_is_its_promoter() {
    let genome = ecoli();
    let (kernel, _) = shipped();
    let region = Locus {
        contig: 0,
        interval: Interval::new(366_000, 366_800),
        strand: Some(Strand::Reverse),
    };
    let rule = PeakRule {
        count: 5,
        ..PeakRule::default()
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    // Seamless: in a faithful run over the whole strand this query is the second of its segment.
    let mode = Mode::Seamless;
    let found = predicted_anchors(&kernel, &genome, region, rule, mode, &progress, &cancel)
        .expect("not cancelled");
    assert_eq!(found.len(), 5);
    // lacZp2 starts at 366,365 (1-based); lacZp1, 22 bp downstream, is too near to count beside it.
    assert_eq!(found[0].anchor, at(366_364, Strand::Reverse));
    assert!(
        found
            .windows(2)
            .all(|pair| pair[0].probability >= pair[1].probability)
    );
    assert!(
        found
            .iter()
            .all(|f| region.interval.contains(f.anchor.position))
    );
}
