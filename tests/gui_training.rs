//! Training and evaluation from the window: the same runs and the same numbers as on the command line, and
//! times that stand on what jobs count.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::too_many_lines, reason = "one story from its start to its end")]

use crate::gui::{send, step_until, steps, window};
use crate::train_runs::{planted, settings};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::analysis::association::Null;
use headlight::genome::base::text;
use headlight::gui::{Analyse, App, Command, Picture, Tab, Train, ViewOptions};
use headlight::job::analyse::{Analysis, Asked};
use headlight::job::estimate::work;
use headlight::job::evaluate::Region;
use headlight::job::train::{Entry, MODEL, Plan, RunFolder, STATE, Watch, is_training_run};
use headlight::progress::{Cancel, Progress};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A window with these files.
pub fn opened(files: Vec<PathBuf>, tab: Tab) -> Harness<'static, App> {
    let mut harness = window(ViewOptions {
        files,
        tab: Some(tab),
        locus: Some("1-2000".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", App::is_view_complete);
    harness
}

/// What a subcommand writes to standard output.
pub fn headlight(arguments: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A genome with a planted motif, and its labels, as files.
pub fn written(folder: &Path) -> (PathBuf, PathBuf) {
    let (genome, labels) = planted();
    let contig = &genome.contigs[0];
    let bases = contig.bases(
        headlight::genome::Interval::new(0, contig.len()),
        headlight::genome::Strand::Forward,
    );
    let (fasta, table) = (folder.join("planted.fa"), folder.join("starts.tsv"));
    std::fs::write(&fasta, format!(">planted\n{}\n", text(&bases))).unwrap();
    let mut rows = "position\tstrand\n".to_owned();
    for label in &labels {
        let _ = writeln!(rows, "{}\t{}", label.position + 1, label.strand);
    }
    std::fs::write(&table, rows).unwrap();
    (fasta, table)
}

fn plan(folder: PathBuf) -> Plan {
    Plan {
        settings: settings(),
        split_start: None,
        from_open_model: false,
        name: String::new(),
        folder,
    }
}

fn start(harness: &mut Harness<'static, App>, plan: &Plan) {
    let command = Train::Start(Box::new(plan.clone()));
    send(harness, Command::Training(command));
}

fn is_idle(app: &App) -> bool {
    app.is_settled()
}

#[test]
fn a_run_of_the_window_is_that_of_the_command_line_and_its_model_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let (fasta, labels) = written(folder.path());
    let at = |name: &str| folder.path().join(name);
    let shown = |path: &Path| path.display().to_string();
    headlight(&[
        "train",
        "--genome",
        &shown(&fasta),
        "--labels",
        &shown(&labels),
        "-o",
        &shown(&at("cli")),
        "--steps=120",
        "--context=32",
        "--layers=2",
        "--heads=2",
        "--d-model=16",
        "--d-head=8",
        "--kernel=5",
        "--label-shift=6",
        "--streams=9",
        "--peak-rate=3e-3",
        "--warm-up=20",
        "--first-deviation=0.2",
        "--validate-every=40",
    ]);

    // Before labels are open the pane says what to open.
    let mut harness = opened(vec![fasta], Tab::Training);
    harness.get_by_label("no file of start sites is open");
    start(&mut harness, &plan(at("window")));
    harness.get_by_label_contains("the model learns from labels");
    assert!(!at("window").exists());

    send(&mut harness, Command::Open(labels));
    step_until(&mut harness, "the labels", |app| {
        app.workspace().anchors.is_some() && is_idle(app)
    });
    steps(&mut harness);
    harness.get_by_label_contains("198 of starts.tsv");
    start(&mut harness, &plan(at("window")));
    step_until(&mut harness, "the run", |app| {
        is_idle(app) && app.notices().iter().any(|n| n.contains("Training ended"))
    });
    // The same steps, log and model, bit for bit.
    let read = |run: &str, name: &str| std::fs::read(at(run).join(name)).unwrap();
    assert!(read("window", MODEL) == read("cli", MODEL), "the model");
    assert!(read("window", STATE) == read("cli", STATE), "the state");

    // What the pane says is what the log says.
    let run = RunFolder::read(&at("window")).unwrap();
    assert_eq!((run.steps(), run.saved_steps), (120, 120));
    let Some(Entry::Validation { step, loss, .. }) = run.best_entry() else {
        panic!("no validation in {:?}", run.log)
    };
    let words = format!("Best after {step} steps: validation loss {loss:.6}");
    let began = Instant::now();
    while harness.query_by_label_contains(&words).is_none() {
        assert!(began.elapsed() < Duration::from_secs(20), "{words}");
        harness.step();
        std::thread::sleep(Duration::from_millis(20));
    }
    harness.get_by_label("Loss by step");
    harness.get_by_label("Validation scores by step");

    // One click opens the model.
    let before = harness.state().workspace().model.checksum.clone();
    harness.get_by_label("Use this model").click();
    step_until(&mut harness, "the model", |app| {
        app.workspace().model.checksum != before
    });
    let model = Arc::clone(&harness.state().workspace().model);
    assert_eq!(model.config(), &settings().config);

    // Another run in the same folder is refused in words, in place.
    let mut other = plan(at("window"));
    other.settings.seed = 7;
    start(&mut harness, &other);
    step_until(&mut harness, "the refusal", is_idle);
    steps(&mut harness);
    assert!(
        harness
            .query_all_by_label_contains("holds a run with other settings")
            .count()
            > 0
    );
}

#[test]
fn a_run_is_stopped_and_goes_on_wherever_it_was_begun() {
    let folder = tempfile::tempdir().unwrap();
    let (fasta, labels) = written(folder.path());
    let at = |name: &str| folder.path().join(name);
    let mut harness = opened(vec![fasta, labels], Tab::Training);
    let mut long = plan(at("run"));
    long.settings.steps = 100_000;
    long.settings.validate_every = 20;
    start(&mut harness, &long);
    step_until(&mut harness, "the first steps", |app| {
        app.view().training_run.is_some() && at("run").join(MODEL).exists()
    });
    steps(&mut harness);
    let began = Instant::now();
    harness.get_by_label("Stop training").click();
    step_until(&mut harness, "the end", is_idle);
    assert!(began.elapsed() < Duration::from_secs(10), "{began:?}");
    let stopped = RunFolder::read(&at("run")).unwrap();
    assert!(stopped.saved_steps >= 20, "{stopped:?}");
    assert!(is_training_run(&at("run")) && !is_training_run(folder.path()));

    // A window that opens the folder shows the run and can go on with it.
    let mut harness = opened(
        vec![at("planted.fa"), at("starts.tsv"), at("run")],
        Tab::Map,
    );
    step_until(&mut harness, "the run's folder", |app| {
        app.view().training_run.is_some()
    });
    assert_eq!(harness.state().view().tab, Tab::Training);
    let began = Instant::now();
    while harness.query_by_label("Go on").is_none() {
        assert!(began.elapsed() < Duration::from_secs(20));
        harness.step();
        std::thread::sleep(Duration::from_millis(20));
    }
    let words = format!("of {} steps", "100,000");
    assert!(harness.query_all_by_label_contains(&words).count() > 0);
    harness.get_by_label("Go on").click();
    step_until(&mut harness, "more steps", |_| {
        RunFolder::read(&at("run")).is_ok_and(|run| run.steps() > stopped.saved_steps + 20)
    });
    steps(&mut harness);
    harness.get_by_label("Stop training").click();
    step_until(&mut harness, "the end", is_idle);
    let later = RunFolder::read(&at("run")).unwrap();
    assert!(later.saved_steps > stopped.saved_steps);
    // The run is remembered with the view, and can be put away.
    let saved = serde_json::to_value(harness.state().view()).unwrap();
    assert_eq!(
        saved["training_run"].as_str(),
        Some(at("run").display().to_string().as_str())
    );
    steps(&mut harness);
    harness.get_by_label("Show no run").click();
    steps(&mut harness);
    assert!(harness.state().view().training_run.is_none());
}

#[test]
fn a_watched_folder_says_what_is_new_and_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let wake = Arc::new(|| {});
    let watch = Watch::start(folder.path().to_owned(), wake).unwrap();
    let next = |watch: &Watch| {
        let began = Instant::now();
        loop {
            if let Some(found) = watch.latest() {
                return found;
            }
            assert!(began.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let empty = next(&watch).unwrap_err().to_string();
    assert!(empty.contains("holds no training run"), "{empty}");
    let line = r#"{"kind":"steps","step":50,"loss":0.1,"norm":1.0,"rate":0.001,"positions_per_second":5.0}"#;
    let log = folder.path().join("log.jsonl");
    std::fs::write(&log, format!("{line}\n{{\"kind\":\"ste")).unwrap();
    let run = next(&watch).unwrap();
    assert_eq!((run.steps(), run.log.len(), run.has_model), (50, 1, false));
    std::fs::write(folder.path().join(STATE), [9; 40]).unwrap();
    let damaged = next(&watch).unwrap_err().to_string();
    assert!(damaged.contains(STATE), "{damaged}");
}

/// 60 start sites in the validation part of the embedded model, and 60 in its training part for the matrix.
fn labels(folder: &Path) -> PathBuf {
    let mut rows = "position\tstrand\n".to_owned();
    for index in 0..60 {
        let strand = if index % 2 == 0 { '+' } else { '-' };
        let _ = writeln!(rows, "{}\t{strand}", 3_700_500 + 613 * index);
        let _ = writeln!(rows, "{}\t{strand}", 100_500 + 613 * index);
    }
    let path = folder.join("some starts.tsv");
    std::fs::write(&path, rows).unwrap();
    path
}

#[test]
fn evaluations_on_screen_and_in_files_are_those_of_the_command_line() {
    const PLACE: &str = "3,700,001-3,740,000";
    let folder = tempfile::tempdir().unwrap();
    let labels = labels(folder.path());
    let file = |name: &str| folder.path().join(name);
    let shown = |path: &Path| path.display().to_string();
    let common = ["evaluate", "--labels", &shown(&labels), "--locus", PLACE];
    let table = headlight(&[&common[..], &["--curves", &shown(&file("cli.tsv"))]].concat());
    let json: serde_json::Value =
        serde_json::from_str(&headlight(&[&common[..], &["--json"]].concat())).unwrap();

    let mut harness = opened(vec![labels], Tab::Evaluation);
    steps(&mut harness);
    harness.get_by_label("How well the model predicts…").click();
    for _ in 0..5 {
        steps(&mut harness);
    }
    harness.get_by_label("a place").click();
    for _ in 0..5 {
        steps(&mut harness);
    }
    harness.get_by_label("Place");
    harness.get_by_label("Cancel").click();
    for _ in 0..5 {
        steps(&mut harness);
    }
    let asked = Asked {
        evaluated_in: Region::Locus(PLACE.to_owned()),
        ..harness.state().suggested(Analysis::Evaluation)
    };
    send(
        &mut harness,
        Command::Analysis(Analyse::Start(Box::new(asked))),
    );
    assert_eq!(harness.state().view().tab, Tab::Evaluation);
    step_until(&mut harness, "the evaluation", |app| {
        app.workspace().evaluation().is_some()
    });
    steps(&mut harness);
    let number = |at: &serde_json::Value| at.as_f64().unwrap();
    let line = |of: &serde_json::Value| {
        let (roc, precision) = (&of["roc_auc_interval"], &of["average_precision_interval"]);
        format!(
            "{:.4}, {:.4} to {:.4}, {:.5}, {:.5} to {:.5}",
            number(&of["roc_auc"]),
            number(&roc["low"]),
            number(&roc["high"]),
            number(&of["average_precision"]),
            number(&precision["low"]),
            number(&precision["high"]),
        )
    };
    for of in [&json, &json["matrix"], &json["random"]] {
        let words = line(of);
        assert!(
            harness.query_all_by_label_contains(&words).count() > 0,
            "{words}"
        );
    }
    for chart in ["ROC", "Precision over recall", "Calibration"] {
        harness.get_by_label(chart);
    }

    // Saved numbers and curves are the subcommand's, byte by byte; the picture holds the names.
    for (picture, name) in [
        (Picture::EvaluationTable, "window.txt"),
        (Picture::EvaluationCurves, "window.tsv"),
        (Picture::Evaluation, "window.svg"),
    ] {
        send(&mut harness, Command::Save(picture, file(name)));
        step_until(&mut harness, name, |app| {
            app.notices().iter().any(|notice| notice.contains(name))
        });
    }
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
    assert_eq!(read("window.txt"), table);
    assert!(read("window.tsv") == read("cli.tsv"), "the curves");
    assert!(read("window.tsv.json").contains("3,700,001"), "provenance");
    let picture = read("window.svg");
    for words in ["Calibration", "matrix −45…+14", "observed share"] {
        assert!(picture.contains(words), "{words}");
    }

    // A place without labels is refused in words.
    let asked = Asked {
        evaluated_in: Region::Locus("1-2000".to_owned()),
        ..harness.state().suggested(Analysis::Evaluation)
    };
    send(
        &mut harness,
        Command::Analysis(Analyse::Start(Box::new(asked))),
    );
    step_until(&mut harness, "the refusal", |app| {
        let mut notices = app.notices().into_iter();
        notices.any(|notice| notice.contains("no label lies in the evaluated region"))
    });
}

#[test]
fn the_work_of_an_estimate_is_what_the_job_counts() {
    let folder = tempfile::tempdir().unwrap();
    let genome = headlight::job::example::genome().unwrap();
    let sites = headlight::job::example::sites(&genome).unwrap();
    let mut rows = "position\tstrand\n".to_owned();
    for site in sites.sites.iter().step_by(6) {
        let _ = writeln!(rows, "{}\t+", site.interval.end + 40);
    }
    let starts = folder.path().join("starts.tsv");
    std::fs::write(&starts, rows).unwrap();
    let motif = "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF box\nletter-probability matrix: alength= 4 w= 6 nsites= 20\n\
                 0.1 0.1 0.1 0.7\n0.7 0.1 0.1 0.1\n0.1 0.1 0.1 0.7\n0.7 0.1 0.1 0.1\n0.7 0.1 0.1 0.1\n0.1 0.1 0.1 0.7\n";
    let motifs = folder.path().join("box.meme");
    std::fs::write(&motifs, motif).unwrap();
    let harness = opened(vec![starts, motifs], Tab::Map);
    let app = harness.state();
    for analysis in Analysis::ALL {
        let mut asked = app.suggested(analysis);
        asked.rule.draws.permutations = 99;
        asked.rule.min_sites = 5;
        asked.rule.null = Null::Shuffle;
        asked.decoys = 1;
        asked.evaluated_in = Region::Locus("1-30000".to_owned());
        let request = app.workspace().analysis_request(asked);
        assert_eq!(request.lacking(), None, "{analysis:?}");
        let expected = work(&request).unwrap();
        assert!(!expected.is_most, "{analysis:?}");
        let (progress, cancel) = (Progress::default(), Cancel::default());
        std::thread::scope(|scope| {
            let job = scope.spawn(|| request.run(&progress, &cancel).map(|_| ()));
            // All is announced before the long part of the work begins.
            let began = Instant::now();
            while progress.total() < expected.units && !job.is_finished() {
                assert!(began.elapsed() < Duration::from_mins(3), "{analysis:?}");
                std::thread::sleep(Duration::from_millis(5));
            }
            cancel.cancel();
            job.join().unwrap().ok();
        });
        assert_eq!(progress.total(), expected.units, "{analysis:?}");
    }
}
