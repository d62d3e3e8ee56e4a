//! The run over the whole of *E. coli*, both strands: `cargo bench --bench genome [-- all] [-- quick]`.
//!
//! Runs the job of `headlight run` on the embedded genome with a network of the published sizes
//! (6 x 6 heads, context 512, made-up weights) and prints positions a second beside what plain f32
//! matrix products would allow in the same run, the largest memory, and how long the processor
//! takes from nothing to the first answer. `all` keeps all statistics too; `quick` takes the first
//! 600 kb.

#![allow(clippy::print_stdout, reason = "the table is the result")]
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use headlight::attention::store::Statistic;
use headlight::genome::{Contig, Genome, Interval};
use headlight::job::example;
use headlight::job::genome_run::GenomeRun;
use headlight::model::checkpoint::{self, Overrides};
use headlight::model::metadata::Metadata;
use headlight::model::{Mode, Model};
use headlight::progress::{Cancel, Progress};
use published::{operations, product_rate, weights};
use std::sync::Arc;
use std::time::Instant;

mod published;

fn main() {
    let asked = |word: &str| std::env::args().any(|argument| argument == word);
    // `cargo test --benches` asks for nothing to be timed.
    if asked("--test") {
        return;
    }
    let threads = rayon::current_num_threads();
    cold_start();
    let genome = Arc::new(genome(asked("quick")));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("model.safetensors");
    checkpoint::write_safetensors(&path, &weights(512), &Metadata::default()).unwrap();
    let overrides = Overrides {
        context: Some(512),
        ..Overrides::default()
    };
    let model = Arc::new(Model::open(&path, overrides).unwrap());
    let mut cases = vec![("probabilities", &[][..])];
    if asked("all") {
        cases.push(("all statistics", &Statistic::ALL));
    }
    for (name, statistics) in cases {
        let run = GenomeRun {
            genome: Arc::clone(&genome),
            model: Arc::clone(&model),
            mode: Mode::Seamless,
            statistics: statistics.to_vec(),
            anchors: None,
        };
        let limit = product_rate(model.kernel.path(), threads) / operations(model.config());
        let start = Instant::now();
        let (progress, cancel) = (Progress::default(), Cancel::default());
        run.start(&folder.path().join(name), &progress, &cancel)
            .unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let again = product_rate(model.kernel.path(), threads) / operations(model.config());
        let limit = limit.max(again);
        let rate = 2.0 * genome.len() as f64 / seconds;
        println!(
            "{name}: {} positions of both strands in {seconds:.0} s on {threads} threads, {rate:.0} a second, \
             {:.0} % of the {limit:.0} that plain matrix products would allow; {} MB on disk; at most {} MB of memory",
            2 * genome.len(),
            100.0 * rate / limit,
            run.manifest().bytes() / 1_000_000,
            peak_megabytes().map_or_else(|| "?".to_owned(), |megabytes| megabytes.to_string()),
        );
    }
}

/// The embedded genome, or its beginning.
fn genome(quick: bool) -> Genome {
    let mut genome = example::genome().unwrap();
    if quick {
        let whole = &genome.contigs[0];
        let part = Interval::new(0, 600_000.min(whole.len()));
        genome.contigs = vec![Contig {
            name: "part".to_owned(),
            sequence: whole
                .bases(part, headlight::genome::Strand::Forward)
                .into_iter()
                .collect(),
            ..Contig::default()
        }]
        .into();
    }
    genome
}

/// Time from nothing to the model's answer at one place.
fn cold_start() {
    let start = Instant::now();
    let example = example::load().unwrap();
    let loaded = start.elapsed();
    let sequence = headlight::model::predict::StrandSequence::new(
        &example.genome.contigs[0],
        headlight::genome::Strand::Reverse,
    );
    let found = headlight::model::predict::probabilities(
        &example.model.kernel,
        sequence,
        Interval::new(366_000, 367_000),
        &headlight::model::Settings::with_mode(Mode::Seamless),
        &Progress::default(),
        &Cancel::default(),
    );
    assert_eq!(found.unwrap().len(), 1_000);
    println!(
        "cold start: the embedded genome, genes, sites, model and overview after {} ms, the probabilities of the first \
         kilobase after {} ms",
        loaded.as_millis(),
        start.elapsed().as_millis()
    );
}

/// The most memory that this process has held, where the system says (Linux).
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes.div_ceil(1_000))
}
