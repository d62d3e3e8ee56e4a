//! Files in the window: what it asks before it uses them, and a genome that is not *E. coli*.

use crate::gui::{step_until, window};
use crate::shared::shared;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::genome::{FeatureKind, Interval};
use headlight::gui::{App, Command, ViewOptions};

fn open(harness: &mut Harness<'static, App>, path: std::path::PathBuf) {
    harness.state_mut().send(Command::Open(path));
}

fn ask(harness: &mut Harness<'static, App>) {
    step_until(harness, "the question", App::is_asking);
    // A window finds its size in its first frame.
    harness.step();
    harness.step();
}

#[test]
fn sites_of_an_older_assembly_are_drawn_only_once_lifted() {
    let Some(path) = shared("data/sites/RegulonDB-8.8_BindingSiteSet_U00096.2.txt") else {
        return;
    };
    let mut harness = window(ViewOptions::default());
    open(&mut harness, path);
    ask(&mut harness);
    let embedded = harness.state().workspace().sites.len();
    assert_eq!(embedded, 1, "nothing of it is drawn");
    let shown = harness.get_all_by_label("121 (5.2 %)").count();
    assert_eq!(shown, 2, "on their strand and on either");
    harness
        .get_by_label("Lift from U00096.2 to U00096.3 (100.0 % match)")
        .click();
    step_until(&mut harness, "the lifted sites", |app| {
        app.workspace().sites.len() == 2
    });
    assert!(!harness.state().is_asking());
    let sites = &harness.state().workspace().sites[1];
    // 259,405 on the older assembly.
    let pho_b = sites.overlapping(0, Interval::new(260_180, 260_181)).next();
    assert_eq!(pho_b.map(headlight::sites::Site::tf), Some("PhoB"));
}

#[test]
fn another_strand_convention_is_asked_about_and_may_be_left() {
    let Some(path) = shared("data/sites/RegulonDB-11.1_RISet.txt") else {
        return;
    };
    let mut harness = window(ViewOptions::default());
    open(&mut harness, path.clone());
    ask(&mut harness);
    harness.get_by_label("Leave it closed").click();
    step_until(&mut harness, "the answer", |app| !app.is_asking());
    assert_eq!(harness.state().workspace().sites.len(), 1);
    open(&mut harness, path.clone());
    ask(&mut harness);
    harness.key_press(egui::Key::Escape);
    step_until(&mut harness, "leaving by Escape", |app| !app.is_asking());
    assert_eq!(harness.state().workspace().sites.len(), 1);
    open(&mut harness, path);
    ask(&mut harness);
    harness
        .get_by_label("Ignore strand (100.0 % match)")
        .click();
    step_until(&mut harness, "the sites", |app| {
        app.workspace().sites.len() == 2
    });
}

#[test]
fn columns_of_a_table_are_chosen_once_and_remembered() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("chip.tsv");
    // The first bases of the genome are AGCTTTTCATTCTGACTGCA.
    let rows = "Protein\tVon\tBis\tBasen\nAbcR\t1\t4\tAGCT\nAbcR\t9\t12\tATTC\nDefR\t\t\t\n";
    std::fs::write(&path, rows).expect("written");
    let mut harness = window(ViewOptions::default());
    open(&mut harness, path.clone());
    ask(&mut harness);
    for (field, column) in [
        ("Transcription factor", "Protein"),
        ("Left end", "Von"),
        ("Right end", "Bis"),
        ("Letters of the site", "Basen"),
    ] {
        harness.get_by_role_and_label(Role::ComboBox, field).click();
        harness.step();
        harness.step();
        harness.get_by_role_and_label(Role::Button, column).click();
        harness.step();
        harness.step();
    }
    harness.get_by_label("Read it so").click();
    step_until(&mut harness, "the sites", |app| {
        app.workspace().sites.len() == 2
    });
    let sites = &harness.state().workspace().sites[1].sites;
    assert_eq!((sites.len(), sites[1].interval), (2, Interval::new(8, 12)));
    open(&mut harness, path);
    ask(&mut harness);
    harness.get_by_label(
        "2 of the 3 rows read as sites. 2 of 2 (100.0 %) printed sequences equal the genome.",
    );
}

#[test]
fn bacillus_opens_with_annotation_and_sites_of_other_names() {
    let Some(genome) = shared("data/genome/NC_000964.3.fasta.gz") else {
        return;
    };
    let genes = shared("data/genome/AL009126.3.gff3.gz").expect("GFF3");
    let sites = shared("data/sites/DBTBS_Bsubtilis_NC_000964.3.tsv").expect("sites");
    let mut harness = window(ViewOptions {
        files: vec![genome, genes, sites],
        locus: Some("dnaA".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "all three files", |app| {
        let workspace = app.workspace();
        workspace.genome.name.starts_with("Bacillus") && workspace.sites.len() == 1
    });
    let workspace = harness.state().workspace();
    assert_eq!(workspace.genome.name, "Bacillus subtilis 168");
    assert_eq!(workspace.genome.contig_index("AL009126.3"), Some(0));
    assert_eq!(workspace.sites[0].sites.len(), 183);
    let dna_a = workspace.features.called("dnaA")[0];
    assert_eq!((dna_a.kind, dna_a.interval.start), (FeatureKind::Gene, 409));
    assert!(!harness.state().is_asking(), "everything matches");
    step_until(&mut harness, "the view of dnaA", |app| {
        app.viewport().start < 410.0 && app.viewport().end > 1_750.0
    });
}

#[test]
fn twenty_thousand_contigs_open_while_the_window_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("draft.fasta");
    let contigs = (0..20_000).map(|index| format!(">contig_{index}\nACGTTGCATTACGGATCCAA\n"));
    std::fs::write(&path, contigs.collect::<String>()).expect("written");
    let path = std::env::var_os("HEADLIGHT_LARGE_FASTA").map_or(path, Into::into);
    let mut harness = window(ViewOptions::default());
    step_until(&mut harness, "the first view", App::is_view_complete);
    open(&mut harness, path);
    let (began, mut slowest) = (std::time::Instant::now(), std::time::Duration::ZERO);
    while harness.state().workspace().genome.contigs.len() < 20_000 {
        let frame = std::time::Instant::now();
        harness.step();
        slowest = slowest.max(frame.elapsed());
        assert!(began.elapsed().as_secs() < 120, "it opens in seconds");
    }
    println!("opened in {:?}, slowest frame {slowest:?}", began.elapsed());
    assert!(slowest.as_millis() < 1_000, "slowest frame {slowest:?}");
}
