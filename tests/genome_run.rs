//! The run over a whole genome: resumed, read back, cancelled, refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::networks::{config, contig, random_tokens, random_weights};
use headlight::attention::Received;
use headlight::attention::store::{
    LEVELS_BP, MANIFEST, Manifest, STRETCH_BP, Statistic, StoreError, StoredRun,
};
use headlight::genome::{Anchor, Base, Genome, Interval, Strand};
use headlight::job::genome_run::GenomeRun;
use headlight::job::live::EXPECTED_SAMPLE;
use headlight::job::open::AnchorFile;
use headlight::model::checkpoint::Overrides;
use headlight::model::metadata::Metadata;
use headlight::model::predict::{self, StrandSequence};
use headlight::model::{Mode, Model, Settings, checkpoint};
use headlight::progress::{Cancel, Progress};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Three contigs: one longer than a stretch and circular, one with N, one of three bases.
fn genome() -> Genome {
    let mut genome = Genome::default();
    "made up".clone_into(&mut genome.name);
    for (index, (length, circular)) in [(STRETCH_BP + 70_001, true), (9_000, false), (3, false)]
        .into_iter()
        .enumerate()
    {
        let mut tokens = random_tokens(length, 5 + index as u64);
        if index == 1 {
            tokens[4_000..4_010].fill(4);
        }
        let mut contig = contig(&tokens, circular);
        contig.name = format!("contig{index}");
        genome.contigs.push(contig);
    }
    genome
}

/// A small network as a model, through a checkpoint.
fn model(folder: &Path) -> Arc<Model> {
    let weights = random_weights(config(2, 2, 16, 16, 7, 48), 9);
    let path = folder.join("model.safetensors");
    checkpoint::write_safetensors(&path, &weights, &Metadata::default()).unwrap();
    Arc::new(Model::open(&path, Overrides::default()).unwrap())
}

fn run_of(genome: &Arc<Genome>, model: &Arc<Model>, statistics: &[Statistic]) -> GenomeRun {
    let anchor = |contig, position, strand| Anchor {
        contig,
        position,
        strand,
    };
    let anchors = vec![
        anchor(0, 12_345, Strand::Forward),
        anchor(0, 5, Strand::Reverse),
        anchor(0, STRETCH_BP + 70_000, Strand::Forward),
        anchor(1, 8_000, Strand::Reverse),
        anchor(1, 8_999, Strand::Forward),
    ];
    GenomeRun {
        genome: Arc::clone(genome),
        model: Arc::clone(model),
        mode: Mode::Seamless,
        statistics: statistics.to_vec(),
        anchors: Some(Arc::new(AnchorFile::new("sites".to_owned(), anchors))),
    }
}

fn start(run: &GenomeRun, folder: &Path) -> Result<StoredRun, StoreError> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    StoredRun::open(&run.start(folder, &progress, &cancel)?)
}

/// Every file of a run but the manifest's own text and the order of the journal.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let mut bytes = std::fs::read(entry.path()).unwrap();
            if name == "finished.jsonl" {
                let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
                lines.sort_unstable();
                bytes = lines.concat();
            }
            (name, bytes)
        })
        .collect();
    files.sort();
    files
}

fn near(found: f32, right: f32) -> bool {
    // Halves keep 11 bits; below 6e-5 they keep 6e-8.
    found.is_nan() && right.is_nan() || (found - right).abs() <= 6e-8 + 5e-4 * right.abs()
}

#[test]
fn a_run_holds_the_numbers_of_its_windows() {
    let folder = tempfile::tempdir().unwrap();
    let (genome, model) = (Arc::new(genome()), model(folder.path()));
    let run = run_of(&genome, &model, &Statistic::ALL);
    let stored = start(&run, &folder.path().join("run")).unwrap();
    let settings = Settings::with_mode(Mode::Seamless);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let expected = predict::measure_expected(
        &model.kernel,
        &genome,
        EXPECTED_SAMPLE,
        &settings,
        &progress,
        &cancel,
    )
    .unwrap();
    assert_eq!(
        stored.expected().unwrap().row(model.head_shape().head(3)),
        expected.row(model.head_shape().head(3))
    );
    let places = [
        (0, Interval::new(0, 300)),
        (0, Interval::new(65_400, 65_700)),
        (0, Interval::new(STRETCH_BP - 200, STRETCH_BP + 100)),
        (0, Interval::new(STRETCH_BP + 69_900, STRETCH_BP + 70_001)),
        (1, Interval::new(0, 120)),
        (1, Interval::new(3_900, 4_100)),
        (1, Interval::new(8_800, 9_000)),
        (2, Interval::new(0, 3)),
    ];
    for (contig, interval) in places {
        for strand in Strand::BOTH {
            let window = predict::window_tracks(
                &model.kernel,
                StrandSequence::new(&genome.contigs[contig], strand),
                interval,
                &expected,
                &settings,
                &progress,
                &cancel,
            )
            .unwrap();
            let found = stored
                .values(Statistic::Probability, strand, contig, interval)
                .unwrap();
            let bits =
                |values: &[f32]| -> Vec<u32> { values.iter().map(|v| v.to_bits()).collect() };
            assert_eq!(
                bits(&found),
                bits(&window.probability),
                "{contig} {interval}"
            );
            for rule in Received::ALL {
                let found = stored
                    .values(Statistic::of(rule), strand, contig, interval)
                    .unwrap();
                assert_eq!(found.len(), window.tracks[rule as usize].len());
                for (found, right) in found.iter().zip(&window.tracks[rule as usize]) {
                    assert!(
                        near(*found, *right),
                        "{contig} {interval} {rule:?}: {found} {right}"
                    );
                }
            }
        }
    }
}

#[test]
fn summaries_and_means_are_those_of_the_weights() {
    let folder = tempfile::tempdir().unwrap();
    let (genome, model) = (Arc::new(genome()), model(folder.path()));
    let run = run_of(
        &genome,
        &model,
        &[Statistic::LargestDistance, Statistic::EntropyBits],
    );
    let stored = start(&run, &folder.path().join("run")).unwrap();
    let settings = Settings::with_mode(Mode::Seamless);
    let shape = model.head_shape();
    let cancel = Cancel::default();
    let block = |contig: usize, strand, interval, layer| {
        let sequence = StrandSequence::new(&genome.contigs[contig], strand);
        predict::layer_block(&model.kernel, sequence, interval, layer, &settings, &cancel).unwrap()
    };
    let interval = Interval::new(3_950, 4_060);
    for strand in Strand::BOTH {
        let [distances, entropies] = [Statistic::LargestDistance, Statistic::EntropyBits]
            .map(|statistic| stored.values(statistic, strand, 1, interval).unwrap());
        for head in shape.all() {
            let block = block(1, strand, interval, head.layer);
            for base in interval.range() {
                let at = shape.row(head) * interval.len() + base - interval.start;
                let query = match strand {
                    Strand::Forward => base - interval.start,
                    Strand::Reverse => interval.end - 1 - base,
                };
                let row = block.row(head.head, query);
                if (3_997..4_013).contains(&base) {
                    assert!(distances[at].is_nan() && entropies[at].is_nan());
                    continue;
                }
                let largest = row.iter().copied().fold(0.0, f32::max);
                assert!((row[distances[at] as usize] - largest).abs() < 1e-6);
                let entropy: f32 = row
                    .iter()
                    .filter(|w| **w > 0.0)
                    .map(|w| -w * w.log2())
                    .sum();
                assert!((entropies[at] - entropy).abs() < 5e-3);
            }
        }
    }
    // The anchors' outputs lie 20 bases downstream: one falls over a linear end.
    let at_anchors = stored.mean_at_anchors().unwrap().unwrap();
    assert_eq!(at_anchors.queries, 4);
    let length = genome.contigs[0].len();
    let outputs = [
        (0, 12_365, Strand::Forward),
        (0, length - 15, Strand::Reverse),
        (0, 19, Strand::Forward),
        (1, 7_980, Strand::Reverse),
    ];
    for head in shape.all() {
        for distance in [0, 1, 17, 47] {
            let mean: f32 = outputs
                .iter()
                .map(|(contig, base, strand)| {
                    let interval = Interval::new(*base, *base + 1);
                    block(*contig, *strand, interval, head.layer).row(head.head, 0)[distance] / 4.0
                })
                .sum();
            let found = at_anchors.row(head)[distance];
            assert!(
                (found - mean).abs() < 1e-5,
                "{head} {distance}: {found} {mean}"
            );
        }
    }
    let everywhere = stored.mean_by_distance().unwrap().unwrap();
    let bases: usize = genome
        .contigs
        .iter()
        .map(headlight::genome::Contig::len)
        .sum();
    assert_eq!(everywhere.queries, 2 * (bases as u64 - 16));
    for head in shape.all() {
        let sum: f32 = everywhere.row(head).iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    }
}

#[test]
fn levels_are_maxima() {
    let folder = tempfile::tempdir().unwrap();
    let (genome, model) = (Arc::new(genome()), model(folder.path()));
    let run = run_of(&genome, &model, &[Statistic::ReceivedMean]);
    let stored = start(&run, &folder.path().join("run")).unwrap();
    for (contig, sequence) in genome.contigs.iter().enumerate() {
        for statistic in [Statistic::Probability, Statistic::ReceivedMean] {
            for strand in Strand::BOTH {
                let whole = Interval::new(0, sequence.len());
                let values = stored.values(statistic, strand, contig, whole).unwrap();
                for level_bp in LEVELS_BP {
                    let level = stored.level(statistic, level_bp, strand, contig).unwrap();
                    let right: Vec<f32> = values
                        .chunks(sequence.len())
                        .flat_map(|row| row.chunks(level_bp))
                        .map(|cell| cell.iter().copied().fold(f32::NAN, f32::max))
                        .collect();
                    assert_eq!(level.len(), right.len());
                    assert!(level.iter().zip(&right).all(|(a, b)| near(*a, *b)));
                }
            }
        }
    }
    let refused = stored.level(Statistic::EntropyBits, 16, Strand::Forward, 0);
    assert!(matches!(refused, Err(StoreError::NotKept { .. })));
}

#[test]
fn a_run_that_was_cut_off_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (genome, model) = (Arc::new(genome()), model(folder.path()));
    let run = run_of(&genome, &model, &Statistic::ALL);
    let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
    let progress = Progress::default();
    run.start(&whole, &progress, &Cancel::default()).unwrap();
    assert_eq!(
        progress.done(),
        progress.total(),
        "progress ends where it said"
    );

    // Stopped in the middle, then its journal torn and a number of a finished stretch changed.
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let stopped = std::thread::scope(|scope| {
        let running = scope.spawn(|| run.start(&cut, &progress, &cancel));
        while std::fs::read_to_string(cut.join("finished.jsonl"))
            .map_or(0, |text| text.lines().count())
            < 2
        {
            std::thread::sleep(Duration::from_millis(1));
            assert!(!running.is_finished(), "finished too soon to be stopped");
        }
        let asked = Instant::now();
        cancel.cancel();
        let stopped = running.join().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(5));
        stopped
    });
    assert!(matches!(stopped, Err(StoreError::Cancelled(_))));
    assert!(matches!(
        StoredRun::open(&cut),
        Err(StoreError::Unfinished { .. })
    ));
    let journal = cut.join("finished.jsonl");
    let mut text = std::fs::read(&journal).unwrap();
    text.extend_from_slice(b"{\"stretch\":3,\"quer");
    std::fs::write(&journal, text).unwrap();
    let array = cut.join("probability.npy");
    let mut bytes = std::fs::read(&array).unwrap();
    bytes[4_000] ^= 1;
    std::fs::write(&array, bytes).unwrap();

    let progress = Progress::default();
    run.start(&cut, &progress, &Cancel::default()).unwrap();
    assert!(files(&whole) == files(&cut), "the same bytes in every file");
    // A finished run is only checked.
    let again = Instant::now();
    run.start(&cut, &Progress::default(), &Cancel::default())
        .unwrap();
    assert!(again.elapsed() < Duration::from_secs(20));
    assert!(files(&whole) == files(&cut));

    // One thread gives the same bits as many.
    let one = folder.path().join("one");
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    pool.install(|| run.start(&one, &Progress::default(), &Cancel::default()))
        .unwrap();
    assert!(files(&whole) == files(&one));
}

#[test]
fn whatever_is_lost_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (genome, model) = (Arc::new(genome()), model(folder.path()));
    let run = run_of(&genome, &model, &[Statistic::ReceivedMean]);
    let path = folder.path().join("run");
    start(&run, &path).unwrap();
    let whole = files(&path);
    let again = || {
        start(&run, &path).unwrap();
        assert!(files(&path) == whole, "the same bytes in every file");
    };
    std::fs::remove_file(path.join("received_mean.npy")).unwrap();
    again();
    std::fs::remove_file(path.join("probability.256bp.npy")).unwrap();
    again();
    // Lines that came twice, and one that cannot be read.
    let journal = path.join("finished.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, format!("{text}not a line\n{text}")).unwrap();
    again();
    let first = text.lines().next().unwrap();
    std::fs::write(&journal, format!("{first}\n").repeat(text.lines().count())).unwrap();
    assert!(matches!(
        StoredRun::open(&path),
        Err(StoreError::Unfinished { finished: 1, .. })
    ));
    again();
    // Killed before the manifest was there, or while it was written.
    for text in [None, Some("{\"format\": \"head")] {
        match text {
            None => std::fs::remove_file(path.join(MANIFEST)).unwrap(),
            Some(text) => std::fs::write(path.join(MANIFEST), text).unwrap(),
        }
        again();
    }
    // Another name is no other genome; a ring is.
    let mut renamed = (*genome).clone();
    "renamed".clone_into(&mut renamed.name);
    let other = run_of(&Arc::new(renamed), &model, &[Statistic::ReceivedMean]);
    start(&other, &path).unwrap();
    let mut opened = (*genome).clone();
    opened.contigs[0].circular = false;
    let other = run_of(&Arc::new(opened), &model, &[Statistic::ReceivedMean]);
    let words = start(&other, &path).unwrap_err().to_string();
    assert!(words.contains("circular contigs"), "{words}");
}

#[test]
fn folders_with_something_else_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (genome, model) = (Arc::new(genome()), model(folder.path()));
    let run = run_of(&genome, &model, &[]);
    let refused = |run: &GenomeRun, path: &Path| start(run, path).unwrap_err().to_string();
    // `folder` holds the model.
    let words = refused(&run, folder.path());
    assert!(words.contains("is not empty and holds no run"), "{words}");
    let path = folder.path().join("run");
    start(&run, &path).unwrap();
    let other = GenomeRun {
        mode: Mode::Faithful,
        ..run.clone()
    };
    let words = refused(&other, &path);
    assert!(
        words.contains("expected faithful, found seamless"),
        "{words}"
    );
    let other = run_of(&genome, &model, &[Statistic::EntropyBits]);
    let words = refused(&other, &path);
    assert!(words.contains("choice of statistics"), "{words}");
    let mut changed = (*genome).clone();
    let sequence = &mut changed.contigs[2].sequence;
    let longer = sequence.bases(Interval::new(0, usize::MAX)).into_iter();
    *sequence = longer.chain([Base::A]).collect();
    changed.checksum = "another".to_owned();
    let other = run_of(&Arc::new(changed), &model, &[]);
    let words = refused(&other, &path);
    assert!(words.contains("another genome"), "{words}");

    // Files that are cut, missing or not what they were.
    let array = path.join("probability.npy");
    let whole = std::fs::read(&array).unwrap();
    std::fs::write(&array, &whole[..whole.len() - 7]).unwrap();
    assert!(matches!(
        StoredRun::open(&path),
        Err(StoreError::Damaged { .. })
    ));
    std::fs::remove_file(&array).unwrap();
    assert!(matches!(StoredRun::open(&path), Err(StoreError::Io { .. })));
    for text in ["", "{}", "[1, 2", "{\"format\": \"headlight run\"}"] {
        std::fs::write(path.join(MANIFEST), text).unwrap();
        assert!(matches!(
            StoredRun::open(&path),
            Err(StoreError::Damaged { .. })
        ));
    }
}

#[test]
fn bytes_are_said_beforehand() {
    let folder = tempfile::tempdir().unwrap();
    let (genome, model) = (Arc::new(genome()), model(folder.path()));
    let run = run_of(&genome, &model, &Statistic::ALL);
    let path = folder.path().join("run");
    start(&run, &path).unwrap();
    let written: u64 = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    let said = run.manifest().bytes();
    assert!(
        said <= written && written < said + 40_000,
        "{said} {written}"
    );

    // 36 heads of E. coli, both strands, in halves.
    let mut manifest = run.manifest();
    manifest.genome.contigs.truncate(1);
    manifest.genome.contigs[0].length_bp = 4_641_652;
    (manifest.model.layers, manifest.model.heads) = (6, 6);
    manifest.anchors = None;
    let bytes = |statistics: &[Statistic]| {
        Manifest {
            statistics: statistics.to_vec(),
            levels_bp: Vec::new(),
            ..manifest.clone()
        }
        .bytes()
    };
    assert_eq!(bytes(&[Statistic::ReceivedMean]), 668_397_888);
}
