//! The window without a display: what its controls are called, and what they do.

use crate::shared::shared;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use headlight::attention::HeadId;
use headlight::gui::{App, Command, Remembered, Saved, ViewOptions};
use headlight::job::example;
use headlight::workspace::Workspace;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A window on the embedded example.
pub fn window(options: ViewOptions) -> Harness<'static, App> {
    let workspace = Workspace::new(example::load().expect("the embedded example"));
    window_on(workspace, options)
}

/// A window on a workspace, which computes no heads by itself.
pub fn window_on(workspace: Workspace, options: ViewOptions) -> Harness<'static, App> {
    let ctx = egui::Context::default();
    let options = ViewOptions {
        without_heads: true,
        ..options
    };
    let app = App::new(
        &ctx,
        workspace,
        Remembered::default(),
        options,
        Saved::default(),
    )
    .expect("threads");
    Harness::builder()
        .with_size(egui::vec2(1400.0, 900.0))
        .with_max_steps(8)
        .with_context_setup(App::install)
        .build_ui_state(
            |ui, app: &mut App| {
                app.logic(ui.ctx());
                app.ui(ui);
            },
            app,
        )
}

/// A few frames, in which what was clicked or sent is carried out and drawn.
pub fn steps(harness: &mut Harness<'static, App>) {
    for _ in 0..5 {
        harness.step();
    }
}

/// Sends a command and lets it be carried out.
pub fn send(harness: &mut Harness<'static, App>, command: Command) {
    harness.state_mut().send(command);
    steps(harness);
}

/// Steps until `done`, for a minute at most.
pub fn step_until(harness: &mut Harness<'static, App>, what: &str, done: impl Fn(&App) -> bool) {
    let began = Instant::now();
    while !done(harness.state()) {
        assert!(
            began.elapsed() < Duration::from_mins(4),
            "{what} did not happen; notices: {:?}",
            harness.state().notices()
        );
        harness.step();
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn shown(harness: &Harness<'static, App>) -> (usize, usize) {
    let viewport = harness.state().viewport();
    (
        viewport.start.round() as usize,
        viewport.end.round() as usize,
    )
}

fn go_to(harness: &mut Harness<'static, App>, place: &str) {
    harness.state_mut().send(Command::GoTo(place.to_owned()));
    harness.step();
    harness.step();
}

#[test]
fn the_example_opens_at_lacz() {
    let mut harness = window(ViewOptions::default());
    step_until(&mut harness, "the view of lacZ", |app| {
        app.is_view_complete()
    });
    let (start, end) = shown(&harness);
    assert!(
        start < 363_230 && end > 366_305,
        "lacZ with its promoter: {start}-{end}"
    );
    assert_eq!(
        harness.state().view().strand,
        headlight::genome::Strand::Reverse,
        "the gene's own strand"
    );
    // What people read on screen.
    harness.get_by_label("Escherichia coli K-12 MG1655");
    harness.get_by_label("Attention map");
    harness.get_by_label("Genome view: genes, sites and head rows");
}

#[test]
fn search_takes_a_gene_and_enter() {
    let mut harness = window(ViewOptions {
        locus: Some("1-2000".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", |app| {
        app.viewport().end < 3_000.0 && app.is_view_complete()
    });
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
    harness.step();
    harness
        .get_by_label("Search: locus or gene")
        .type_text("araC");
    harness.step();
    harness.key_press(egui::Key::Enter);
    step_until(&mut harness, "the jump", |app| {
        app.viewport().start > 60_000.0
    });
    let (start, end) = shown(&harness);
    assert!(
        start < 70_387 && end > 71_265,
        "araC lies at 70,387-71,265: {start}-{end}"
    );
    harness.get_by_label("Back").click();
    step_until(&mut harness, "the way back", |app| {
        app.viewport().start < 3_000.0
    });
}

#[test]
fn keys_zoom_and_pan() {
    let mut harness = window(ViewOptions {
        locus: Some("100001-102000".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", |app| {
        app.viewport().start > 99_000.0
    });
    assert_eq!(shown(&harness), (100_000, 102_000));
    harness.key_press(egui::Key::Plus);
    harness.step();
    assert_eq!(shown(&harness), (100_500, 101_500));
    harness.key_press(egui::Key::ArrowRight);
    harness.step();
    assert_eq!(shown(&harness), (100_750, 101_750));
    harness.key_press(egui::Key::Minus);
    harness.step();
    assert_eq!(shown(&harness), (100_250, 102_250));
}

#[test]
fn a_wrong_file_changes_nothing_and_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let wrong = [
        write("empty.fasta", b""),
        write("protein.fasta", b">p\nMKLVEEQQ\n"),
        write(
            "cut.gff3",
            b"##gff-version 3\nNC_000913.3\tRefSeq\tgene\t190\n",
        ),
        write(
            "elsewhere.gff3",
            b"##gff-version 3\nchrZ\tRefSeq\tgene\t190\t255\t.\t+\t.\tID=x\n",
        ),
        write("noise.bin", &[0, 1, 2, 3, 0, 0, 255, 254, 9, 9]),
        write("cut.safetensors", &[200, 1, 0, 0, 0, 0, 0, 0, b'{', b'"']),
        write("cut.pt", b"PK\x03\x04 but no more"),
        folder.path().join("absent.fasta"),
    ];
    let mut harness = window(ViewOptions {
        locus: Some("1-2000".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", App::is_view_complete);
    let before = (
        harness.state().workspace().generation,
        harness.state().workspace().sites.len(),
    );
    for path in wrong {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        harness.state_mut().send(Command::Open(path));
        step_until(&mut harness, &name, |app| {
            app.notices().iter().any(|notice| notice.contains(&name))
        });
        let after = (
            harness.state().workspace().generation,
            harness.state().workspace().sites.len(),
        );
        assert_eq!(before, after, "{name} left everything as it was");
    }
}

#[test]
fn regulondb_opens_beside_the_crp_sites() {
    let Some(path) = shared("data/sites/RegulonDB-13.0_TF-RISet.tsv") else {
        return;
    };
    let mut harness = window(ViewOptions {
        files: vec![path],
        ..Default::default()
    });
    step_until(&mut harness, "RegulonDB", |app| {
        app.workspace().sites.len() == 2
    });
    let workspace = harness.state().workspace();
    let (sites, genome) = (&workspace.sites[1], &workspace.genome);
    let rate = headlight::sites::check::match_rate(sites, genome);
    assert!(rate.compared > 3_000);
    assert_eq!(
        rate.compared, rate.matching,
        "each site is drawn where its sequence is"
    );
    let lac_operators = sites
        .sites
        .iter()
        .filter(|site| site.tf() == "LacI")
        .count();
    assert!(lac_operators >= 3, "{lac_operators}");
    step_until(&mut harness, "its list of TFs", |app| {
        app.is_view_complete()
    });
    harness.step();
    harness.get_by_label("Find a transcription factor").focus();
    harness.step();
    harness
        .get_by_label("Find a transcription factor")
        .type_text("laci");
    harness.step();
    harness.step();
    assert!(
        harness.query_all_by_label("LacI").next().is_some(),
        "a checkbox for each TF"
    );
}

#[test]
fn a_head_is_selected_in_the_map() {
    let mut harness = window(ViewOptions {
        locus: Some("366243-366443".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the map", |app| {
        app.viewport().start > 366_000.0 && app.is_view_complete()
    });
    harness.step();
    harness.get_by_label("Layer 2");
    harness.get_by_label("Head L4H2").click();
    harness.step();
    harness.step();
    assert_eq!(harness.state().view().head_id().to_string(), "L4H2");
}

#[test]
fn the_heads_job_fills_the_grid() {
    let mut harness = window(ViewOptions {
        locus: Some("366243-366443".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", App::is_view_complete);
    harness.state_mut().send(Command::SummariseHeads);
    harness.step();
    assert!(
        harness.query_by_label("1 job").is_some(),
        "the bar says what runs"
    );
    step_until(&mut harness, "the heads job", |app| {
        app.workspace().heads.is_some()
    });
    let heads = harness.state().workspace().heads.clone().expect("heads");
    assert_eq!(heads.reports().len(), 36);
    let selected = heads
        .report(harness.state().view().head_id())
        .expect("the selected head");
    let follows = heads.report(HeadId { layer: 3, head: 4 }).expect("L4H5");
    let shown = follows.summary.consensus.to_uppercase();
    assert!(shown.contains("TATA"), "L4H5 shows the −10 box: {shown}");
    harness.step();
    harness.step();
    let consensus = selected.summary.consensus.clone();
    assert!(
        harness.query_all_by_label(&consensus).next().is_some(),
        "the panel shows {consensus}"
    );
    assert!(
        harness
            .query_all_by_label_contains("passes the positional control")
            .next()
            .is_some()
            || harness
                .query_all_by_label_contains("does not pass")
                .next()
                .is_some()
    );
}

#[test]
fn a_path_is_typed_where_there_is_no_dialog() {
    let mut harness = window(ViewOptions::default());
    go_to(&mut harness, "lacZ");
    harness.key_press_modifiers(
        egui::Modifiers::COMMAND | egui::Modifiers::SHIFT,
        egui::Key::O,
    );
    harness.step();
    harness.step();
    harness.get_by_label("Open a typed path");
    let path = format!("{}/assets/crp_sites.tsv", env!("CARGO_MANIFEST_DIR"));
    harness
        .get_by_label("Genome, annotation, sites, start sites, motifs, model, workspace, figure or description:")
        .type_text(&path);
    harness.step();
    harness.key_press(egui::Key::Enter);
    step_until(&mut harness, "the sites", |app| {
        app.workspace()
            .sites
            .iter()
            .any(|set| set.name == "crp_sites")
    });
}

#[test]
fn a_remembered_head_that_the_model_lacks_is_replaced() {
    let head = Some("L9H9".parse().expect("a head"));
    let mut harness = window(ViewOptions {
        head,
        locus: Some("366243-366443".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the map", App::is_view_complete);
    harness.step();
    assert_eq!(harness.state().view().head_id().to_string(), "L6H6");
}

#[test]
fn files_opened_together_are_read_one_after_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let genome = folder.path().join("small.fasta");
    let genes = folder.path().join("small.gff3");
    std::fs::write(&genome, format!(">small\n{}\n", "ACGTTGCA".repeat(50))).expect("written");
    std::fs::write(
        &genes,
        "##gff-version 3\nsmall\tx\tgene\t11\t60\t.\t+\t.\tID=g;Name=tinA\n",
    )
    .expect("written");
    let mut harness = window(ViewOptions {
        locus: Some("1-2000".to_owned()),
        ..Default::default()
    });
    harness.state_mut().send(Command::Open(genome));
    harness.state_mut().send(Command::Open(genes));
    step_until(&mut harness, "both", |app| {
        app.workspace().features.all().len() == 1
    });
    assert_eq!(harness.state().workspace().genome.len(), 400);
    go_to(&mut harness, "tinA");
    step_until(
        &mut harness,
        "the view of a contig that is shorter than the context",
        App::is_view_complete,
    );
}

#[test]
fn every_key_is_listed() {
    let mut harness = window(ViewOptions::default());
    go_to(&mut harness, "lacZ");
    harness.state_mut().send(Command::Keys);
    harness.step();
    harness.step();
    for words in ["Zoom in", "Next gene", "Open a typed path…"] {
        assert!(
            harness.query_all_by_label(words).next().is_some(),
            "{words}"
        );
    }
    let root = harness.root();
    assert!(root.accesskit_node().is_root());
    harness.key_press(egui::Key::Escape);
    for _ in 0..5 {
        harness.step();
    }
    let open = harness.query_all_by_label("Open a typed path…").count();
    assert_eq!(open, 0, "Escape closes the window");
}

#[test]
fn data_sources_are_shown_with_links_and_not_fetched() {
    use headlight::gui::SOURCES;
    let mut harness = window(ViewOptions::default());
    harness.step();
    harness.get_by_label("Help").click();
    harness.step();
    harness.step();
    harness.get_by_label("Data sources").click();
    harness.step();
    harness.step();
    harness.step();
    for source in &SOURCES {
        assert!(
            harness.query_by_label(source.name).is_some(),
            "{}",
            source.name
        );
        for page in source.pages {
            assert!(page.starts_with("https://") || page.starts_with("http://"));
            let words = page.split_once("://").expect("a scheme").1;
            let link = harness.get_by_label(words.trim_end_matches('/'));
            assert_eq!(
                link.accesskit_node().role(),
                egui::accesskit::Role::Link,
                "{page}"
            );
        }
    }
    // A click asks the system's browser, and does nothing else.
    let first = "www.ncbi.nlm.nih.gov/datasets/genome/GCF_000005845.2";
    harness.get_by_label(first).click();
    harness.step();
    let commands = harness.output().platform_output.commands.clone();
    let opened: Vec<&str> = commands
        .iter()
        .filter_map(|command| match command {
            egui::OutputCommand::OpenUrl(open) => Some(open.url.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(opened, [format!("https://{first}/")]);
    harness.state_mut().send(Command::Sources);
    harness.step();
    harness.step();
    assert!(harness.query_by_label(first).is_none());
}

#[test]
fn every_change_of_the_view_is_one_step_back() {
    let mut harness = window(ViewOptions {
        locus: Some("100001-102000".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", |app| {
        app.viewport().start > 99_000.0
    });
    harness.step();
    let first = harness.state().view().clone();
    // Three quick zooms are one gesture; a tab and a bookmark are steps of their own.
    for _ in 0..3 {
        harness.key_press(egui::Key::Plus);
        harness.step();
    }
    let zoomed = harness.state().view().clone();
    assert_eq!(shown(&harness), (100_875, 101_125));
    harness
        .state_mut()
        .send(Command::ShowTab(headlight::gui::Tab::Jobs));
    harness
        .state_mut()
        .send(Command::Bookmark(Some("here".to_owned())));
    harness.step();
    let last = harness.state().view().clone();
    assert_eq!(last.bookmarks.len(), 1);
    harness.get_by_label("Undo").click();
    harness.step();
    harness.step();
    assert!(harness.state().view().bookmarks.is_empty());
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    harness.step();
    assert_eq!(*harness.state().view(), zoomed);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    harness.step();
    assert_eq!(*harness.state().view(), first);
    for _ in 0..3 {
        harness.key_press_modifiers(
            egui::Modifiers::COMMAND | egui::Modifiers::SHIFT,
            egui::Key::Z,
        );
        harness.step();
    }
    assert_eq!(*harness.state().view(), last);
    // What is changed after a step back cannot be done again.
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    harness.step();
    harness.state_mut().send(Command::SwitchStrand);
    harness.step();
    let switched = harness.state().view().clone();
    harness.state_mut().send(Command::Redo);
    harness.step();
    assert_eq!(*harness.state().view(), switched);
}
