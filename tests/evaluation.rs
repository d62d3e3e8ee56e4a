//! `headlight evaluate` and `headlight train` as people run them, and what evaluation measures.

use crate::shared::shared;
use headlight::genome::Interval;
use headlight::genome::read::read_anchors;
use headlight::job::evaluate::{Task, evaluate};
use headlight::job::example;
use headlight::job::train::training_slices;
use headlight::model::{Overrides, Settings};
use headlight::progress::{Cancel, Progress};
use std::process::{Command, Output};

const LABELS: &str = "data/tss/tss_open_NC_000913.3.tsv";

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

#[test]
fn a_model_is_measured_beside_a_matrix_and_another_model() {
    let Some(path) = shared(LABELS) else { return };
    let genome = example::genome().unwrap();
    let model = example::model(Overrides::default()).unwrap();
    let (labels, _) =
        read_anchors(&path, &genome, &Progress::default(), &Cancel::default()).unwrap();
    // 160 kb of the validation slice.
    let slices = [(0, Interval::new(3_700_000, 3_860_000))];
    let split = model.metadata.split.clone().unwrap();
    let training = training_slices(&genome, &split);
    let task = Task {
        genome: &genome,
        labels: &labels,
        slices: &slices,
        training: &training,
        settings: &Settings::default(),
        streams: None,
        activity: &[],
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let found = evaluate(&task, &model, Some(&model), &progress, &cancel).unwrap();
    assert_eq!(found.positions, 320_000);
    assert_eq!(progress.done(), progress.total());
    let rate = found.positives as f64 / 320_000.0;
    assert!((found.positive_rate - rate).abs() < 1e-12);
    assert!(found.positives > 150, "{}", found.positives);

    let model_areas = &found.measured;
    let interval = model_areas.average_precision_interval;
    assert!(interval.low < model_areas.average_precision);
    assert!(model_areas.average_precision < interval.high);
    let matrix = found.matrix.as_ref().unwrap();
    assert!((matrix.roc_auc - 0.81).abs() < 0.05, "{matrix:?}");
    assert!(matrix.average_precision > 3.0 * found.random.average_precision);
    assert!(model_areas.average_precision > 2.0 * matrix.average_precision);

    // A model does not differ from itself on any draw.
    let against = found.against.as_ref().unwrap();
    assert!(against.average_precision_difference_interval.low.abs() < 1e-12);
    assert!(against.average_precision_difference_interval.high.abs() < 1e-12);

    // The farther a peak may lie from its label, the more labels are found.
    let by_tolerance: Vec<f64> = found
        .peaks
        .iter()
        .map(|peak| peak.average_precision)
        .collect();
    assert_eq!(found.peaks.len(), 3);
    assert!(by_tolerance.is_sorted(), "{by_tolerance:?}");
    let counted: usize = found.calibration.iter().map(|bin| bin.positions).sum();
    assert_eq!(counted, found.positions);

    // The original's streams score nearly the same; what is left over at their ends is not scored.
    let streams = Task {
        streams: Some(7),
        ..task
    };
    let cut = evaluate(&streams, &model, None, &progress, &cancel).unwrap();
    assert_eq!(cut.positions, 320_000 / 7 * 7);
    let difference = cut.measured.roc_auc - model_areas.roc_auc;
    assert!(difference.abs() < 0.01, "{difference}");
}

#[test]
fn evaluate_prints_json() {
    let Some(path) = shared(LABELS) else { return };
    let labels = path.display().to_string();
    let locus = ["--locus", "3,700,001-3,720,000"];
    let arguments = ["evaluate", "--labels", &labels, locus[0], locus[1]];
    let output = headlight(&[&arguments[..], &["--json"]].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["positions"], 40_000);
    for name in ["average_precision", "roc_auc", "positive_rate"] {
        assert!(json[name].as_f64().is_some(), "{name}: {json}");
    }
    assert!(json["average_precision_interval"]["low"].as_f64().is_some());
    let table = headlight(&arguments);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("matrix −45…+14"), "{table}");

    // The points of its curves are a table that figures are drawn from.
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let points = file("points.tsv");
    let with_curves = headlight(&[&arguments[..], &["--curves", &points]].concat());
    assert_eq!(
        String::from_utf8(with_curves.stdout).unwrap(),
        table,
        "the numbers are the same"
    );
    let panel = |axes: &str| {
        format!(
            "[[panel]]\nkind = \"curves\"\ndata = \"points.tsv\"\naxes = \"{axes}\"\nheight = 70\n"
        )
    };
    let described = format!(
        "[page]\nwidth = \"double\"\n\n{}\n{}",
        panel("roc"),
        panel("pr")
    );
    std::fs::write(file("figure.toml"), described).unwrap();
    let drawn = headlight(&["figure", &file("figure.toml"), "-o", &file("figure.svg")]);
    let errors = String::from_utf8_lossy(&drawn.stderr);
    assert!(drawn.status.success(), "{errors}");
    let picture = std::fs::read_to_string(file("figure.svg")).unwrap();
    let area = json["roc_auc"].as_f64().unwrap();
    let words = format!("area {area:.3}");
    assert!(
        picture.contains(&words),
        "the curve's area is the AUC, {words}"
    );
    assert!(picture.contains("random order") && picture.contains("precision"));

    let nothing = [
        "evaluate",
        "--labels",
        &labels,
        "--locus",
        "3,700,001-3,700,030",
    ];
    assert!(failure(&nothing).contains("no label lies in the evaluated region"));
}

#[test]
fn train_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run").display().to_string();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let fasta = file("genome.fa", &format!(">a\n{}\n", "ACGTTGCA".repeat(3_000)));
    let beyond = file("beyond.bed", "a\t90000\t90001\tx\t0\t+\n");
    let train = |labels: &str, more: &[&str]| {
        let arguments = ["train", "--genome", &fasta, "--labels", labels, "-o", &out];
        failure(&[&arguments[..], more].concat())
    };
    let text = train(&beyond, &[]);
    assert!(text.contains("beyond.bed"), "{text}");
    let one = file(
        "one.bed",
        "a\t9000\t9001\tx\t0\t+\na\t9000\t9001\tx\t0\t+\n",
    );
    let text = train(&one, &["--streams", "2", "--context", "64"]);
    assert!(
        text.contains("repeated positions were taken once"),
        "{text}"
    );
    assert!(
        text.contains("no label lies in the validation part"),
        "{text}"
    );
    let text = train(&one, &["--dropout", "2"]);
    assert!(
        text.contains("the dropout is 2: expected 0 to 0.9"),
        "{text}"
    );
    let missing = folder.path().join("none.tsv").display().to_string();
    assert!(train(&missing, &[]).contains("none.tsv"));
    #[cfg(not(feature = "gpu"))]
    {
        let both = file(
            "both.bed",
            "a\t9000\t9001\tx\t0\t+\na\t23000\t23001\tx\t0\t+\n",
        );
        let text = train(
            &both,
            &["--streams", "2", "--context", "64", "--device", "gpu"],
        );
        assert!(
            text.contains("no support for graphics processors"),
            "{text}"
        );
    }
}

#[test]
fn scores_are_compared_with_measured_activity() {
    let library = "data/promoters/Kosuri_MPRA_promoter_activity_NC_000913.2.txt.gz";
    let (Some(labels), Some(library)) = (shared(LABELS), shared(library)) else {
        return;
    };
    let (labels, library) = (labels.display().to_string(), library.display().to_string());
    // 100 kb of the validation slice.
    let output = headlight(&[
        "evaluate",
        "--labels",
        &labels,
        "--locus",
        "3,700,001-3,800,000",
        "--activity",
        &library,
        "--json",
    ]);
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{report}");
    assert!(
        report.contains("Positions were lifted from U00096.2"),
        "{report}"
    );
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let activity = &json["activity"];
    let promoters = activity["promoters"].as_u64().unwrap();
    assert!((200..800).contains(&promoters), "{promoters}");
    for who in ["model", "model_nearby", "matrix", "matrix_nearby"] {
        let found = &activity[who];
        let value = found["spearman"].as_f64().unwrap();
        let (low, high) = (&found["interval"]["low"], &found["interval"]["high"]);
        let (low, high) = (low.as_f64().unwrap(), high.as_f64().unwrap());
        assert!(low < value && value < high && high < 1.0, "{who}: {found}");
    }
    // What the labels teach goes along with strength, though strength was never shown.
    assert!(
        activity["model_nearby"]["spearman"].as_f64().unwrap() > 0.2,
        "{activity}"
    );

    let wrong = ["evaluate", "--labels", &labels, "--activity", &labels];
    assert!(failure(&wrong).contains("position, strand and activity"));
}
