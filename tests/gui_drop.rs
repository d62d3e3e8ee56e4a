//! Files that are dropped onto the window, several at once, good and bad.

use crate::gui::{step_until, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::gui::{App, ViewOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window opens dropped files by their path, off its own thread".to_owned())
    }
}

fn drop_files(harness: &mut Harness<'static, App>, paths: &[PathBuf]) {
    let files = paths.iter().cloned().map(Dropped);
    harness.input_mut().dropped_files = files.map(|file| Arc::new(file) as _).collect();
    harness.step();
    harness.input_mut().dropped_files.clear();
}

fn at_the_start() -> Harness<'static, App> {
    let mut harness = window(ViewOptions {
        locus: Some("1-2000".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", App::is_view_complete);
    harness
}

fn says(harness: &Harness<'static, App>, words: &str) -> bool {
    let notices = harness.state().notices();
    notices.iter().any(|notice| notice.contains(words))
}

/// A genome of 3,000 bases with a gene and a site, in a folder of their own.
fn phage(folder: &Path) -> [PathBuf; 3] {
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let bases: String = (0..3_000)
        .map(|i| ['A', 'C', 'G', 'T'][i * i / 7 % 4])
        .collect();
    [
        write(
            "a_genes.gff3",
            "##gff-version 3\nphi\t.\tgene\t100\t400\t.\t+\t.\tID=g;Name=capA\n".to_owned(),
        ),
        write("b_sites.bed", "phi\t50\t70\tAbcR\t0\t+\n".to_owned()),
        write("c_phage.fasta", format!(">phi\n{bases}\n")),
    ]
}

#[test]
fn a_genome_is_opened_before_what_lies_on_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = at_the_start();
    // In the order of a file manager the genome comes last.
    drop_files(&mut harness, &phage(folder.path()));
    step_until(&mut harness, "all three", |app| {
        let workspace = app.workspace();
        workspace.sites.iter().any(|set| set.sites.len() == 1)
            && workspace
                .features
                .all()
                .iter()
                .any(|gene| gene.name() == "capA")
    });
    assert_eq!(harness.state().workspace().genome.contigs[0].name, "phi");
    assert_eq!(harness.state().notices().len(), 3, "each was opened once");
}

#[test]
fn bad_files_among_good_ones_are_named_and_the_good_ones_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let dropped = [
        write("noise.bin", &[0, 1, 2, 3, 0, 0, 255, 254, 9, 9]),
        write("good.bed", b"NC_000913.3\t365515\t365537\tAbcR\t0\t+\n"),
        write("empty.fasta", b""),
        folder.path().join("gone.gff3"),
        folder.path().to_owned(),
        write("also_good.bed", b"chr\t100\t120\tDefR\t0\t-\n"),
    ];
    let mut harness = at_the_start();
    let before = harness.state().workspace().generation;
    drop_files(&mut harness, &dropped);
    step_until(&mut harness, "the good ones", |app| {
        let sets = &app.workspace().sites;
        ["good", "also_good"]
            .iter()
            .all(|name| sets.iter().any(|set| set.name == *name))
    });
    for name in ["noise.bin", "empty.fasta", "gone.gff3"] {
        assert!(
            says(&harness, name),
            "{name}: {:?}",
            harness.state().notices()
        );
    }
    let workspace = harness.state().workspace();
    assert_eq!(
        workspace.generation, before,
        "the genome and the model stay"
    );
    assert_eq!(workspace.sites.len(), 3);
    // The window goes on.
    harness.get_by_label("Attention map").click();
    harness.step();
}

#[test]
fn the_same_file_twice_is_open_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.bed");
    std::fs::write(&path, "NC_000913.3\t100\t120\tDefR\t0\t-\n").expect("written");
    let mut harness = at_the_start();
    drop_files(&mut harness, &[path.clone(), path]);
    step_until(&mut harness, "both", headlight::gui::App::is_settled);
    step_until(&mut harness, "the sites", |app| {
        app.workspace().sites.len() > 1
    });
    for _ in 0..5 {
        harness.step();
    }
    assert_eq!(harness.state().workspace().sites.len(), 2);
}

#[test]
fn files_that_are_held_over_the_window_are_announced() {
    let mut harness = at_the_start();
    let shapes = harness.output().shapes.len();
    harness.input_mut().hovered_files = vec![egui::HoveredFile::default(); 3];
    harness.step();
    assert!(harness.output().shapes.len() > shapes, "words over all");
    harness.input_mut().hovered_files.clear();
    harness.step();
}
