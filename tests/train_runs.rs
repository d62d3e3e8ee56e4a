//! Training runs: going on, bad input, what lies in the folder.

use crate::networks::Dice;
use crate::shared::shared;
use headlight::genome::read::read_anchors;
use headlight::genome::{Anchor, Base, Contig, Genome, Strand};
use headlight::job::example;
use headlight::job::train::{
    self, Entry, Event, LOG, MODEL, STATE, Task, TrainError, Trained, check_labels, read_log, split,
};
use headlight::model::metadata::Metadata;
use headlight::model::train::{Processor, Settings, read_state, write_state};
use headlight::model::{Config, Overrides, read_checkpoint};
use headlight::progress::{Cancel, Progress};
use std::path::Path;

/// A genome in which every label has TATAAT 12 bases before it.
pub fn planted() -> (Genome, Vec<Anchor>) {
    let mut dice = Dice::new(4);
    let letters = [Base::A, Base::C, Base::G, Base::T];
    let mut bases: Vec<Base> = (0..12_000)
        .map(|_| letters[dice.below(4) as usize])
        .collect();
    let mut labels = Vec::new();
    for position in (60..11_900).step_by(60) {
        let motif = [Base::T, Base::A, Base::T, Base::A, Base::A, Base::T];
        bases[position - 12..position - 6].copy_from_slice(&motif);
        bases[position] = Base::A;
        labels.push(Anchor {
            contig: 0,
            position,
            strand: Strand::Forward,
        });
    }
    let contig = Contig {
        name: "planted".into(),
        circular: true,
        sequence: bases.into_iter().collect(),
        ..Contig::default()
    };
    (Genome::new("planted", vec![contig]), labels)
}

pub fn settings() -> Settings {
    let config = Config {
        layers: 2,
        heads: 2,
        d_model: 16,
        d_head: 8,
        kernel: 5,
        classes: 2,
        context: 32,
        label_shift: 6,
    };
    Settings {
        steps: 120,
        warm_up: 20,
        peak_rate: 3e-3,
        streams: 9,
        first_deviation: 0.2,
        validate_every: 40,
        ..Settings::published(config)
    }
}

fn run(
    settings: &Settings,
    folder: &Path,
    stop_at: Option<u64>,
) -> (Result<Trained, TrainError>, Vec<Event>) {
    let (genome, labels) = planted();
    let split = split(&genome, 3_000);
    let task = Task {
        genome: &genome,
        labels: &labels,
        split: &split,
        settings,
        start: None,
        processor: Processor::Cpu,
        metadata: &Metadata::default(),
        folder,
    };
    let cancel = Cancel::default();
    let mut events = Vec::new();
    let mut tell = |event: &Event| {
        if let Event::Entry(entry) = event
            && Some(entry.step()) == stop_at
        {
            cancel.cancel();
        }
        events.push(event.clone());
    };
    let trained = train::train(&task, &mut tell, &Progress::default(), &cancel);
    (trained, events)
}

/// The state without what depends on time: there is nothing of it in the file.
fn files(folder: &Path) -> [Vec<u8>; 2] {
    [STATE, MODEL].map(|name| std::fs::read(folder.join(name)).unwrap())
}

/// The log without speeds.
fn log(folder: &Path) -> Vec<Entry> {
    let mut entries = read_log(&folder.join(LOG)).unwrap();
    for entry in &mut entries {
        if let Entry::Steps {
            positions_per_second,
            ..
        } = entry
        {
            *positions_per_second = 0.0;
        }
    }
    entries
}

#[test]
fn a_run_that_was_stopped_ends_as_one_that_was_not() {
    for near_labels in [0.0, 0.5] {
        let settings = Settings {
            near_labels,
            ..settings()
        };
        let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (trained, _) = run(&settings, whole.path(), None);
        assert_eq!(trained.unwrap().steps, 120);
        let (stopped, _) = run(&settings, parts.path(), Some(50));
        assert!(matches!(stopped, Err(TrainError::Cancelled(_))));
        // What a killed process had written after its last state is done again.
        let path = parts.path().join(LOG);
        let text = std::fs::read_to_string(&path).unwrap();
        let later = text
            .lines()
            .next()
            .unwrap()
            .replace("\"step\":40", "\"step\":57");
        std::fs::write(&path, format!("{text}{later}\n{{\"kind\":\"ste")).unwrap();
        let (trained, events) = run(&settings, parts.path(), None);
        assert_eq!(events[0], Event::Resumed(50));
        assert_eq!(trained.unwrap().steps, 120);
        assert_eq!(files(whole.path()), files(parts.path()));
        assert_eq!(log(whole.path()), log(parts.path()));
    }
}

#[test]
fn a_run_does_not_depend_on_the_number_of_threads() {
    let found = [1, 3].map(|threads| {
        let folder = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(&settings(), folder.path(), None))
            .0
            .unwrap();
        files(folder.path())
    });
    assert_eq!(found[0], found[1]);
}

#[test]
fn the_best_model_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        steps: 1_500,
        validate_every: 500,
        streams: 16,
        near_labels: 0.5,
        ..settings()
    };
    let (trained, events) = run(&settings, folder.path(), None);
    let best = trained.unwrap().best.unwrap();
    let checkpoint = read_checkpoint(&folder.path().join(MODEL), Overrides::default()).unwrap();
    assert_eq!(checkpoint.weights.config, settings.config);
    let metadata = checkpoint.metadata;
    assert_eq!(metadata.split.unwrap().contig, "planted");
    assert!(
        metadata
            .training
            .unwrap()
            .contains(&format!("after {} steps", best.step))
    );
    // TATAAT before every label is learned.
    let reached = events.iter().filter_map(|event| match event {
        Event::Entry(Entry::Validation { roc_auc, .. }) => Some(*roc_auc),
        _ => None,
    });
    let reached = reached.fold(0.0, f64::max);
    assert!(reached > 0.9, "{reached}");
    let picture = std::fs::read_to_string(folder.path().join("curves.svg")).unwrap();
    assert!(picture.contains("average precision on validation"));
}

#[test]
fn what_cannot_be_trained_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let said = |settings: &Settings| {
        run(settings, folder.path(), None)
            .0
            .unwrap_err()
            .to_string()
    };
    let odd = Settings {
        config: Config {
            kernel: 4,
            ..settings().config
        },
        ..settings()
    };
    assert!(said(&odd).contains("the kernel is 4"), "{}", said(&odd));
    let wide = Settings {
        streams: 1_000,
        ..settings()
    };
    assert!(said(&wide).contains("expected at least"), "{}", said(&wide));
    run(&settings(), folder.path(), None).0.unwrap();
    let before = files(folder.path());
    let other = Settings {
        seed: 2,
        ..settings()
    };
    assert!(said(&other).contains("seed 1, now 2"), "{}", said(&other));
    assert_eq!(before, files(folder.path()));
    std::fs::write(folder.path().join(STATE), &before[0][..before[0].len() / 2]).unwrap();
    assert!(
        said(&settings()).contains("no state of a training run"),
        "{}",
        said(&settings())
    );
}

#[test]
fn a_loss_without_bounds_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    run(&settings(), folder.path(), Some(50)).0.unwrap_err();
    let path = folder.path().join(STATE);
    let (mut state, notes) = read_state(&path).unwrap();
    state.weights.out.iter_mut().for_each(|x| *x *= 1e20);
    write_state(&path, &state, &notes).unwrap();
    let before = files(folder.path());
    let said = run(&settings(), folder.path(), None).0.unwrap_err();
    assert!(
        matches!(said, TrainError::Diverged { saved: 50, .. }),
        "{said}"
    );
    assert_eq!(before, files(folder.path()));
}

#[test]
fn labels_are_needed_in_each_part() {
    let (genome, labels) = planted();
    let split = split(&genome, 3_000);
    let folder = tempfile::tempdir().unwrap();
    let settings = settings();
    for (wanted, from) in [("validation", 0), ("training", 1)] {
        let in_validation = |label: &&Anchor| {
            split
                .validation
                .iter()
                .any(|slice| slice.contains(label.position))
        };
        let kept: Vec<Anchor> = labels
            .iter()
            .filter(|label| in_validation(label) == (from == 1))
            .copied()
            .collect();
        let task = Task {
            genome: &genome,
            labels: &kept,
            split: &split,
            settings: &settings,
            start: None,
            processor: Processor::Cpu,
            metadata: &Metadata::default(),
            folder: folder.path(),
        };
        let ended = train::train(&task, &mut |_| {}, &Progress::default(), &Cancel::default());
        let said = ended.unwrap_err().to_string();
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn a_state_that_cannot_be_written_leaves_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let (stopped, _) = run(&settings(), folder.path(), Some(50));
    assert!(matches!(stopped, Err(TrainError::Cancelled(_))));
    let before = files(folder.path());
    // A folder in the place of the temporary file, as good as a full disk.
    let name = format!("{STATE}.{}.part", std::process::id());
    std::fs::create_dir(folder.path().join(&name)).unwrap();
    let (failed, _) = run(&settings(), folder.path(), Some(100));
    assert!(matches!(failed, Err(TrainError::State(_))), "{failed:?}");
    assert_eq!(before[0], files(folder.path())[0]);
    std::fs::remove_dir(folder.path().join(&name)).unwrap();
    assert_eq!(run(&settings(), folder.path(), None).0.unwrap().steps, 120);
}

#[test]
fn two_processes_do_not_train_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    run(&settings(), folder.path(), Some(50)).0.unwrap_err();
    let held = std::fs::File::open(folder.path().join("lock")).unwrap();
    held.lock().unwrap();
    let said = run(&settings(), folder.path(), None).0.unwrap_err();
    assert!(matches!(said, TrainError::Busy(_)), "{said}");
}

#[test]
fn wrong_strand_conventions_are_noticed() {
    let genome = example::genome().unwrap();
    let Some(path) = shared("data/tss/tss_open_NC_000913.3.tsv") else {
        return;
    };
    let (labels, _) =
        read_anchors(&path, &genome, &Progress::default(), &Cancel::default()).unwrap();
    let report = check_labels(&genome, &labels);
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    let purines = report.purines[0].midpoint(report.purines[1]);
    assert!((purines - 0.75).abs() < 0.02, "{purines}");
    let moved: Vec<Anchor> = labels
        .iter()
        .map(|label| Anchor {
            position: label.position - usize::from(label.strand == Strand::Forward),
            ..*label
        })
        .collect();
    let warnings = check_labels(&genome, &moved).warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("strand +"), "{warnings:?}");
    let swapped: Vec<Anchor> = labels
        .iter()
        .map(|label| Anchor {
            strand: label.strand.opposite(),
            ..*label
        })
        .collect();
    let warnings = check_labels(&genome, &swapped).warnings.join(" ");
    assert!(warnings.contains("strands swapped"), "{warnings}");
}
