//! Findings are kept with the workspace and open again; links, filters and two heads beside one another.

#![allow(clippy::too_many_lines, reason = "one story from its start to its end")]

use crate::gui::{send, step_until, steps, window, window_on};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::attention::HeadId;
use headlight::genome::{Anchor, Interval, Locus, Strand};
use headlight::gui::{Analyse, App, Command, Tab, ViewOptions, WhatIfCommand};
use headlight::job::analyse::{Analysis, Asked, Basis, Finding, Table};
use headlight::job::exact::exact_motifs;
use headlight::job::novel::{NovelRequest, NovelRule, novel_sites};
use headlight::job::open::AnchorFile;
use headlight::job::saturation::saturate;
use headlight::job::saved::findings::{Stored, beside, encode, read};
use headlight::job::{Outcome, example, figure, open};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::SiteOptions;
use headlight::workspace::Workspace;
use std::path::Path;
use std::sync::Arc;

const MOTIFS: &str = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nMOTIF minus10\n\
letter-probability matrix: alength= 4 w= 6 nsites= 50 E= 0\n\
0.03 0.03 0.03 0.91\n0.91 0.03 0.03 0.03\n0.03 0.03 0.03 0.91\n\
0.91 0.03 0.03 0.03\n0.91 0.03 0.03 0.03\n0.03 0.03 0.03 0.91\n";

/// The example with one finding of each cheap sort, and a comparison of another model.
fn with_findings(folder: &Path) -> Workspace {
    let mut workspace = Workspace::new(example::load().unwrap());
    let sites = Arc::clone(&workspace.sites[0]);
    let anchors: Vec<Anchor> = sites
        .sites
        .iter()
        .step_by(6)
        .map(|site| Anchor {
            contig: site.contig(),
            position: site.interval.end + 39,
            strand: Strand::Forward,
        })
        .collect();
    let anchors = AnchorFile::new("starts".to_owned(), anchors);
    let _ = workspace.apply(Outcome::Anchors {
        anchors,
        report: String::new(),
    });
    let motifs = folder.join("boxes.meme");
    std::fs::write(&motifs, MOTIFS).unwrap();
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let options = SiteOptions::default();
    let library = open::open(&motifs, &workspace.genome, &options, &progress, &cancel).unwrap();
    let _ = workspace.apply(library);
    for analysis in [Analysis::Names, Analysis::Comparison, Analysis::Redundancy] {
        let mut asked = Asked::new(analysis);
        asked.rule.evidence = headlight::sites::Evidence::Unknown;
        asked.rule.draws.permutations = 99;
        asked.rule.min_sites = 5;
        let found = workspace.analysis_request(asked).run(&progress, &cancel);
        let found = found.unwrap();
        if analysis == Analysis::Comparison {
            let mut of_other = found.clone();
            "another".clone_into(&mut of_other.basis.model);
            "another model".clone_into(&mut of_other.basis.model_name);
            of_other.provenance.add("model", "another");
            let _ = workspace.apply(Outcome::Finding(Box::new(of_other)));
        }
        let _ = workspace.apply(Outcome::Finding(Box::new(found)));
    }
    let stretch = Locus {
        contig: 0,
        interval: Interval::new(366_330, 366_360),
        strand: None,
    };
    let (genome, model) = (&workspace.genome, &workspace.model);
    let map = saturate(genome, model, stretch, Strand::Reverse, &progress, &cancel).unwrap();
    let map = map.with(Table::Saturation);
    let _ = workspace.apply(Outcome::Finding(Box::new(map)));
    let request = NovelRequest {
        genome: Arc::clone(&workspace.genome),
        features: Arc::clone(&workspace.features),
        model: Arc::clone(&workspace.model),
        sites,
        promoters: None,
        heads: Some(vec![HeadId { layer: 3, head: 4 }]),
        region: Some(Locus {
            contig: 0,
            interval: Interval::new(360_000, 370_000),
            strand: None,
        }),
        rule: NovelRule {
            fdr: 1.0,
            ..NovelRule::default()
        },
    };
    let novel = novel_sites(&request, &progress, &cancel).unwrap();
    let _ = workspace.apply(Outcome::Finding(Box::new(Finding {
        basis: Basis {
            genome: workspace.genome.checksum.clone(),
            model: workspace.model.checksum.clone(),
            model_name: workspace.model.name().to_owned(),
        },
        provenance: figure::provenance(&workspace.genome, &workspace.model, &[]),
        table: Table::Novel(novel),
    })));
    workspace
}

fn shown_with(workspace: Workspace) -> Harness<'static, App> {
    let mut harness = window_on(workspace, ViewOptions::default());
    step_until(&mut harness, "the first view", App::is_view_complete);
    harness
}

fn says(app: &App, words: &str) -> bool {
    app.notices().iter().any(|notice| notice.contains(words))
}

fn click(harness: &mut Harness<'static, App>, words: &str) {
    // A click with the pointer would hit nothing where the panel has to be scrolled first.
    harness.get_by_label_contains(words).click_accesskit();
    steps(harness);
}

#[test]
fn findings_are_saved_opened_again_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = with_findings(folder.path());
    let mut stored = workspace.stored();
    assert_eq!(stored.len(), 7, "heads and six tables");
    let map = Arc::clone(workspace.saturation().unwrap());
    let before = encode(&stored).unwrap();
    // The start sites came from no file: nothing of what is opened again says that the heads are over them.
    stored.retain(|table| !matches!(table, Stored::Heads(..)));
    let tables = encode(&stored).unwrap();
    drop(stored);
    let mut harness = shown_with(workspace);
    let path = folder.path().join("mine.headlight");
    harness
        .state_mut()
        .send(Command::SaveWorkspaceTo(path.clone()));
    step_until(&mut harness, "the saved workspace", |app| {
        says(app, "Saved")
    });
    drop(harness);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"findings\": \"mine.findings\""), "{text}");
    assert_eq!(std::fs::read(beside(&path)).unwrap(), before);
    println!("{} bytes of findings", before.len());

    // Both files have been moved.
    let moved = folder.path().join("moved");
    std::fs::create_dir(&moved).unwrap();
    let (path, old) = (moved.join("other.headlight"), path);
    std::fs::rename(&old, &path).unwrap();
    std::fs::rename(beside(&old), beside(&path)).unwrap();
    let mut harness = window(ViewOptions {
        files: vec![path.clone()],
        ..Default::default()
    });
    step_until(&mut harness, "the findings", |app| {
        app.workspace().comparison().is_some()
    });
    let workspace = harness.state().workspace();
    assert_eq!(encode(&workspace.stored()).unwrap(), tables);
    let all = workspace.findings.comparisons.all();
    assert_eq!(all.len(), 2, "one of either model");
    assert!(workspace.is_open(workspace.comparison().unwrap()));
    assert_eq!(all[0].basis.model_name, "another model");
    let cells = |index: usize| format!("{:?}", all[index].table.comparison.cells);
    assert_eq!(cells(0), cells(1), "the same table was kept for both");
    // So is the mutagenesis, with where it comes from, and the tab shows it.
    let again = Arc::clone(workspace.saturation().unwrap());
    assert_eq!(format!("{again:?}"), format!("{map:?}"));
    assert_eq!(again.stated("locus"), "NC_000913.3:366,331-366,360");
    assert!(
        again
            .table
            .effects
            .iter()
            .flatten()
            .any(|effect| effect.abs() > 0.5)
    );
    send(
        &mut harness,
        Command::WhatIf(WhatIfCommand::ShowSaturation(true)),
    );
    send(&mut harness, Command::ShowTab(Tab::WhatIf));
    harness.get_by_label("What every substitution does");
    assert!(harness.query_by_label("of another model").is_none());
    // An open cell states the other model's numbers as well.
    let head = HeadId { layer: 3, head: 4 };
    let open = Analyse::OpenCell(head, "CRP".to_owned());
    harness.state_mut().send(Command::Analysis(open));
    steps(&mut harness);
    harness.get_by_label_contains("another model, null promoter");
}

#[test]
fn damaged_and_foreign_findings_never_break_opening() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = with_findings(folder.path());
    let path = folder.path().join("mine.headlight");
    let mut harness = shown_with(workspace);
    harness
        .state_mut()
        .send(Command::SaveWorkspaceTo(path.clone()));
    step_until(&mut harness, "the saved workspace", |app| {
        says(app, "Saved")
    });
    drop(harness);
    let whole = std::fs::read(beside(&path)).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let newer = |bytes: &[u8]| {
        let line = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        let text = String::from_utf8(bytes[..line].to_vec()).unwrap();
        let text = text.replace("\"version\":1", "\"version\":9");
        [text.as_bytes(), &bytes[line..]].concat()
    };
    let cases: [(Option<Vec<u8>>, &str); 6] = [
        (Some(flipped), "its checksum is not that of its content"),
        (Some(whole[..whole.len() - 9].to_vec()), "expected"),
        (Some(b"{}\n".to_vec()), "line 1"),
        (Some(Vec::new()), "first line"),
        (Some(newer(&whole)), "format 9"),
        (None, "cannot be read"),
    ];
    for (bytes, words) in cases {
        match bytes {
            Some(bytes) => std::fs::write(beside(&path), bytes).unwrap(),
            None => std::fs::remove_file(beside(&path)).unwrap(),
        }
        let mut harness = window(ViewOptions {
            files: vec![path.clone()],
            ..Default::default()
        });
        step_until(&mut harness, words, |app| says(app, words));
        let app = harness.state();
        assert!(app.workspace_file().is_some(), "{words}: it is open");
        assert!(app.workspace().stored().is_empty(), "{words}");
    }
    // What could not be opened is not written over.
    std::fs::write(beside(&path), newer(&whole)).unwrap();
    let mut harness = window(ViewOptions {
        files: vec![path.clone()],
        ..Default::default()
    });
    step_until(&mut harness, "the refusal", |app| says(app, "format 9"));
    harness
        .state_mut()
        .send(Command::SaveWorkspaceTo(path.clone()));
    step_until(&mut harness, "the saved workspace", |app| {
        says(app, "Saved")
    });
    drop(harness);
    let aside = path.with_extension("unopened-1.findings");
    assert!(std::fs::read(aside).unwrap() == newer(&whole));
    // On another genome nothing of it is taken, and that is said.
    std::fs::write(beside(&path), &whole).unwrap();
    let mut genome = example::genome().unwrap();
    genome.checksum = "another".to_owned();
    let (stored, words) = read(&beside(&path), &genome, &Cancel::default()).unwrap();
    assert!(stored.is_empty());
    assert!(words.unwrap().contains("of another genome"));
}

#[test]
fn links_filters_and_pairs_of_the_heads() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = shown_with(with_findings(folder.path()));
    // The head's panel leads to its cell.
    let head = HeadId { layer: 0, head: 0 };
    send(&mut harness, Command::SelectHead(head));
    click(&mut harness, "CRP  AUROC");
    assert_eq!(harness.state().view().tab, Tab::Compare);
    harness.get_by_label("All cells");
    let finding = harness.state().workspace().comparison().unwrap();
    let cell = finding.table.comparison.cell(head, "CRP").unwrap();
    let words = format!(
        "L1H1 × CRP: AUROC {:.2} ({:.2} to {:.2})",
        cell.auroc, cell.auroc_low, cell.auroc_high
    );
    assert!(harness.query_all_by_label_contains(&words).count() > 0);
    // By commands: the largest effect first, then its site with the promoter's output pinned.
    send(&mut harness, Command::Analysis(Analyse::SortByEffect));
    send(&mut harness, Command::Analysis(Analyse::OpenFirstCell));
    let finding = Arc::clone(harness.state().workspace().comparison().unwrap());
    let table = &finding.table.comparison;
    let best = table
        .cells
        .iter()
        .max_by(|a, b| a.effect.total_cmp(&b.effect));
    let best = best.unwrap();
    let first = harness.state().view().head_id();
    assert_eq!((first.layer + 1, first.head + 1), (best.layer, best.head));
    send(&mut harness, Command::Analysis(Analyse::ShowBestSite));
    let site = table.sites_of(first, "CRP")[0];
    let view = harness.state().view();
    assert_eq!(view.selection.unwrap().interval, site.site.interval);
    let shift = harness.state().workspace().model.config().label_shift;
    let pin = view.pinned.unwrap();
    assert_eq!(pin.query, site.promoter.anchor.position + shift);
    // A window behind the logo leads to its place.
    let heads = Arc::clone(harness.state().workspace().heads.as_ref().unwrap());
    let genome = Arc::clone(&harness.state().workspace().genome);
    let model = Arc::clone(&harness.state().workspace().model);
    let report = heads.report(first).unwrap();
    let (text, locus) = heads.links(report, &genome, 1).remove(0);
    click(&mut harness, &text);
    let viewport = harness.state().viewport();
    let middle = f64::midpoint(viewport.start, viewport.end);
    assert!((middle - locus.interval.middle() as f64).abs() < 2.0);

    // Layer 1 has an exact motif, the others have none.
    send(&mut harness, Command::SelectHead(head));
    harness.get_by_label("Exact motif of layer 1");
    let exact = exact_motifs(&genome, &model, &heads);
    assert_eq!(exact.len(), 6);
    assert_eq!(
        exact[0].logo.heights.len(),
        2 * model.config().kernel_reach() + 1
    );
    let later = HeadId { layer: 3, head: 4 };
    send(&mut harness, Command::SelectHead(later));
    assert!(harness.query_by_label("Exact motif of layer 1").is_none());

    // Heads are looked for by their names.
    send(&mut harness, Command::ShowTab(Tab::Heads));
    harness.get_by_label("List").click();
    steps(&mut harness);
    let filter = |harness: &mut Harness<'static, App>, words: &str| {
        harness
            .get_by_role_and_label(egui::Role::TextInput, "Filter")
            .focus();
        harness.step();
        harness
            .get_by_role_and_label(egui::Role::TextInput, "Filter")
            .type_text(words);
        steps(harness);
    };
    assert!(harness.query_by_label_contains("L1H2, minus10").is_some());
    filter(&mut harness, "L1H1");
    harness.get_by_label_contains("L1H1, minus10");
    assert!(harness.query_by_label_contains("L1H2, minus10").is_none());

    // Two heads beside one another.
    let second = HeadId { layer: 0, head: 1 };
    send(
        &mut harness,
        Command::Analysis(Analyse::Beside(later, second)),
    );
    harness.get_by_label("Profiles of L4H5 and L1H2");
    harness.get_by_label("Sequence logo of L4H5");
    harness.get_by_label("Sequence logo of L1H2");
    let [a, b] = [later, second].map(|head| heads.report(head).unwrap());
    let logos = headlight::job::beside::aligned_logos(&heads, [a, b]);
    if logos.iter().all(|logo| logo.tss_relative) {
        assert_eq!(logos[0].first_position, logos[1].first_position);
        assert_eq!(logos[0].heights.len(), logos[1].heights.len());
    }
    let difference = b.summary.entropy - a.summary.entropy;
    let words = format!("{difference:+.2}");
    assert!(harness.query_all_by_label(&words).count() >= 1, "{words}");
    harness.get_by_label("Swap").click();
    steps(&mut harness);
    assert_eq!(harness.state().view().head_id(), second);
    harness.get_by_label("Profiles of L1H2 and L4H5");
}
