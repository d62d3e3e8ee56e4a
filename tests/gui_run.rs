//! The run over the whole genome from the window, and what is drawn of it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::gui::{step_until, window};
use egui_kittest::kittest::Queryable as _;
use headlight::attention::Received;
use headlight::attention::store::Statistic;
use headlight::figure::scene::{Color, Shape};
use headlight::genome::Strand;
use headlight::gui::{Command, ViewOptions};
use headlight::job::example;
use std::collections::BTreeSet;

/// Bases of the genome that the test makes: three quarters of a stretch.
const SMALL_BP: usize = 200_001;

#[test]
fn the_embedded_run_is_of_the_embedded_genome_and_model() {
    let example = example::load().unwrap();
    let why =
        headlight::job::genome_run::mismatch(&example.overview, &example.genome, &example.model);
    assert_eq!(why, None, "assets/README.md says how the overview is made");
    let overview = &example.overview;
    assert_eq!(overview.manifest.mode, "seamless");
    assert_eq!(overview.rules(), [Received::Weighted]);
    // Its cells are the maxima of what the model gives when asked anew.
    let (progress, cancel) = Default::default();
    let settings = headlight::model::Settings::with_mode(headlight::model::Mode::Seamless);
    let contig = &example.genome.contigs[0];
    let interval = headlight::genome::Interval::new(366_080, 366_592);
    for strand in Strand::BOTH {
        let sequence = headlight::model::predict::StrandSequence::new(contig, strand);
        let expected = headlight::attention::Expected::even(
            example.model.head_shape(),
            example.model.config().context,
        );
        let tracks = headlight::model::predict::window_tracks(
            &example.model.kernel,
            sequence,
            interval,
            &expected,
            &settings,
            &progress,
            &cancel,
        )
        .unwrap();
        let cell = interval.start / overview.level_bp;
        let near = |found: f32, values: &[f32]| {
            let right = values.iter().copied().fold(f32::NAN, f32::max);
            assert!(
                (found - right).abs() <= right / 60.0 + 1e-7,
                "{found} {right}"
            );
        };
        let probability = overview.probability(0, strand);
        near(probability[cell], &tracks.probability[..256]);
        near(probability[cell + 1], &tracks.probability[256..]);
        let rows = overview.received(0, strand, Received::Weighted).unwrap();
        let columns = rows.len() / example.model.head_shape().len();
        for head in example.model.head_shape().all() {
            let row = tracks.row(Received::Weighted, head);
            let at = example.model.head_shape().row(head) * columns + cell;
            near(rows[at], &row[..256]);
            near(rows[at + 1], &row[256..]);
        }
    }
}

/// Colours of the heat maps of the genome view as it was last drawn.
fn heat_colors(harness: &egui_kittest::Harness<'static, headlight::gui::App>) -> BTreeSet<u32> {
    let scene = harness.state().genome_scene().unwrap();
    let number = |color: Color| u32::from_be_bytes(color.0);
    scene
        .elements
        .iter()
        .filter_map(|element| match &element.shape {
            Shape::Heatmap(map) => Some(map),
            _ => None,
        })
        .flat_map(|map| {
            map.values
                .iter()
                .map(|value| number(map.scale.color(*value)))
        })
        .collect()
}

#[test]
fn the_whole_genome_is_never_blank() {
    let mut harness = window(ViewOptions::default());
    step_until(&mut harness, "the view of lacZ", |app| {
        app.is_view_complete()
    });
    let whole = Command::Show {
        contig: 0,
        start: 0.0,
        end: 4_641_652.0,
    };
    harness.state_mut().send(whole);
    harness.step();
    harness.step();
    assert!(
        heat_colors(&harness).len() > 100,
        "all heads along the whole genome"
    );
}

#[test]
fn a_run_is_started_in_the_window_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let genome = folder.path().join("small.fasta");
    let bases: String = (0..SMALL_BP)
        .map(|i| ['A', 'C', 'G', 'T'][i * 7_919 % 1_013 % 4])
        .collect();
    std::fs::write(&genome, format!(">small\n{bases}\n")).unwrap();
    let mut harness = window(ViewOptions {
        files: vec![genome],
        locus: Some("1-5000".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the small genome", |app| {
        app.workspace().genome.len() == SMALL_BP && app.is_view_complete()
    });
    assert!(
        harness.state().workspace().overview.is_none(),
        "it belonged to the genome before"
    );

    harness.state_mut().send(Command::RunGenomeDialog);
    harness.step();
    harness.step();
    harness.get_by_label("Run over the whole genome");
    harness.get_by_label_contains("entropy of each base's attention");
    harness.get_by_label_contains("are free");
    harness.get_by_label("Cancel").click();
    harness.step();
    harness.step();
    assert!(
        harness
            .query_by_label("Run over the whole genome")
            .is_none()
    );

    let run = folder.path().join("run");
    let keep = vec![Statistic::ReceivedMean];
    harness
        .state_mut()
        .send(Command::RunGenome(keep.clone(), run.clone()));
    step_until(&mut harness, "the run", |app| {
        app.workspace().overview.is_some()
    });
    let overview = harness.state().workspace().overview.clone().unwrap();
    assert_eq!(overview.rules(), [Received::Mean]);

    // The same folder opens as a file does; another genome's run does not.
    harness
        .state_mut()
        .send(Command::Open(run.join("manifest.json")));
    step_until(&mut harness, "the opened run", |app| {
        app.notices()
            .iter()
            .any(|notice| notice.starts_with("Opened manifest.json"))
    });
    let mut other = window(ViewOptions::default());
    other.state_mut().send(Command::Open(run.clone()));
    step_until(&mut other, "the refusal", |app| {
        app.notices()
            .iter()
            .any(|notice| notice.contains("made with another genome"))
    });
    // What is in the folder already is something else.
    harness
        .state_mut()
        .send(Command::RunGenome(keep, folder.path().to_owned()));
    step_until(&mut harness, "the words", |app| {
        app.notices()
            .iter()
            .any(|notice| notice.contains("is not empty and holds no run"))
    });
}
