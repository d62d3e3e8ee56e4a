//! The window's findings: analyses from the dialog, their tables on screen and as files, and links to places.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::too_many_lines, reason = "one story from its start to its end")]

use crate::gui::{send, step_until, steps, window, window_on};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::attention::HeadId;
use headlight::genome::{Anchor, Interval, Locus, Strand};
use headlight::gui::{Analyse, App, Command, Picture, Tab, ViewOptions};
use headlight::job::analyse::{Analysis, Asked, Basis, Finding, Table};
use headlight::job::example;
use headlight::job::novel::{Novel, NovelRequest, NovelRule, novel_sites};
use headlight::job::open::AnchorFile;
use headlight::job::{Outcome, figure};
use headlight::progress::{Cancel, Progress};
use headlight::sites::{Effect, Evidence, Site, SiteSet};
use headlight::workspace::Workspace;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Start sites 40 bases behind every sixth of the embedded CRP sites.
fn anchors(folder: &Path) -> PathBuf {
    let genome = example::genome().unwrap();
    let sites = example::sites(&genome).unwrap();
    let mut text = "position\tstrand\n".to_owned();
    for site in sites.sites.iter().step_by(6) {
        let _ = writeln!(text, "{}\t+", site.interval.end + 40);
    }
    let path = folder.join("starts.tsv");
    std::fs::write(&path, text).unwrap();
    path
}

fn opened(files: Vec<PathBuf>) -> Harness<'static, App> {
    let mut harness = window(ViewOptions {
        files,
        ..Default::default()
    });
    step_until(&mut harness, "the first view", App::is_view_complete);
    harness
}

#[test]
fn a_comparison_is_the_subcommands_and_leads_to_its_sites() {
    let folder = tempfile::tempdir().unwrap();
    let starts = anchors(folder.path());
    let mut harness = opened(vec![starts.clone()]);
    send(
        &mut harness,
        Command::Analysis(Analyse::Dialog(Analysis::Comparison)),
    );
    harness.get_by_label("Least sites");
    harness.get_by_label("Seed");
    // The dialog finds its size and place over some frames.
    for _ in 0..5 {
        steps(&mut harness);
    }
    harness.get_by_label("Cancel").click();
    for _ in 0..5 {
        steps(&mut harness);
    }
    assert!(harness.query_by_label("Seed").is_none());
    let mut asked = harness.state().suggested(Analysis::Comparison);
    assert_eq!(
        asked.rule.evidence,
        Evidence::Unknown,
        "CRP sites state none"
    );
    asked.rule.min_sites = 5;
    asked.rule.draws.permutations = 99;
    send(
        &mut harness,
        Command::Analysis(Analyse::Start(Box::new(asked))),
    );
    assert_eq!(harness.state().view().tab, Tab::Compare);
    step_until(&mut harness, "the comparison", |app| {
        app.workspace().comparison().is_some()
    });
    steps(&mut harness);

    // The same on the command line.
    let file = |name: &str| folder.path().join(name);
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/crp_sites.tsv");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(["compare", "--evidence", "any", "--min-sites", "5"])
        .args(["--permutations", "99", "--sites"])
        .arg(&assets)
        .arg("--anchors")
        .arg(&starts)
        .arg("--output")
        .arg(file("cli.tsv"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = std::fs::read_to_string(file("cli.tsv")).unwrap();
    let lines: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|l| l.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), 36);
    let mut found = 0;
    for cells in &lines {
        // head, TF, sites, AUROC, low, high, q, p_max, p, effect, z
        let words = format!(
            "L{}H{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}",
            cells[0],
            cells[1],
            cells[2],
            cells[3],
            cells[4],
            cells[5],
            cells[6],
            cells[8],
            cells[9],
            cells[7],
            cells[10],
            cells[11]
        );
        found += harness.query_all_by_label(&words).count();
    }
    let shown = harness.query_all_by_label_contains(", CRP, ").count();
    assert!(found >= 3, "{found} lines on screen are the subcommand's");
    assert_eq!(found, shown, "no other line is on screen");

    // The saved table is the subcommand's, byte by byte.
    let saved = file("window.tsv");
    send(
        &mut harness,
        Command::Save(Picture::ComparisonTable, saved.clone()),
    );
    step_until(&mut harness, "the saved table", |app| {
        app.notices()
            .iter()
            .any(|notice| notice.contains("window.tsv"))
    });
    assert_eq!(std::fs::read_to_string(&saved).unwrap(), text);
    let beside = std::fs::read_to_string(file("window.tsv.json")).unwrap();
    assert!(
        beside.contains("promoter") && beside.contains("starts"),
        "{beside}"
    );
    let picture = file("window.svg");
    send(
        &mut harness,
        Command::Save(Picture::Comparison, picture.clone()),
    );
    step_until(&mut harness, "the saved picture", |app| {
        app.notices()
            .iter()
            .any(|notice| notice.contains("window.svg"))
    });
    assert!(std::fs::read_to_string(&picture).unwrap().contains("CRP"));

    // A cell opens its sites, a site its place.
    let head = HeadId { layer: 3, head: 4 };
    send(
        &mut harness,
        Command::Analysis(Analyse::OpenCell(head, "CRP".to_owned())),
    );
    harness.get_by_label("All cells");
    let finding = Arc::clone(harness.state().workspace().comparison().unwrap());
    let sites = finding.table.comparison.sites_of(head, "CRP");
    let (best, weight) = (sites[0].site, sites[0].weight);
    let words = format!(
        "{:.4}, {weight:.3e}, {}",
        sites[0].rank,
        best.interval.start + 1
    );
    harness.get_by_label_contains(&words).click();
    steps(&mut harness);
    let viewport = harness.state().viewport();
    assert!(viewport.start < best.interval.start as f64 && viewport.end > best.interval.end as f64);
    assert!(viewport.end - viewport.start < 400.0);
    let selection = harness.state().view().selection.unwrap();
    assert_eq!(selection.interval, best.interval);
    // The list says how many of the cell's sites it shows; the numbers of the cell stay over all of them.
    let count = sites.len();
    harness.get_by_label(&format!("{count} of {count} sites shown"));
    choose(&mut harness, "Effect of listed sites", "activates");
    harness.get_by_label(&format!("0 of {count} sites shown"));
    choose(&mut harness, "Effect of listed sites", "any effect");
    choose(&mut harness, "Evidence of listed sites", "weak or better");
    harness.get_by_label(&format!("0 of {count} sites shown"));
    harness.get_by_label("All cells").click();
    steps(&mut harness);
    assert!(harness.query_by_label("All cells").is_none());

    // A filter that changes the numbers is compared anew, and the numbers are never those of another filter.
    choose(&mut harness, "Part compared", "held-out only");
    harness.get_by_label("The numbers below are of other filters.");
    harness.get_by_label("As below").click();
    steps(&mut harness);
    assert!(harness.query_by_label("As below").is_none());
    choose(&mut harness, "Part compared", "held-out only");
    harness.get_by_label("Compare with these").click();
    let all = |app: &App| app.workspace().findings.comparisons.all().len();
    step_until(&mut harness, "the second comparison", |app| all(app) == 2);
    steps(&mut harness);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(["compare", "--evidence", "any", "--min-sites", "5"])
        .args(["--permutations", "99", "--part", "held-out", "--sites"])
        .args([assets.as_path(), Path::new("--anchors"), &starts])
        .output()
        .unwrap();
    assert!(output.status.success());
    let held_out = String::from_utf8(output.stdout).unwrap();
    assert_ne!(held_out, text);
    let saved = |harness: &mut Harness<'static, App>, name: &str| {
        let path = file(name);
        send(
            harness,
            Command::Save(Picture::ComparisonTable, path.clone()),
        );
        let done = format!("Saved {}", path.display());
        step_until(harness, name, |app| app.notices().contains(&done));
        std::fs::read_to_string(path).unwrap()
    };
    assert_eq!(saved(&mut harness, "held-out.tsv"), held_out);
    // One that is kept is shown at once.
    choose(&mut harness, "Part compared", "all parts");
    assert!(harness.query_by_label("As below").is_none());
    assert_eq!(saved(&mut harness, "all parts.tsv"), text);
    assert_eq!(all(harness.state()), 2);
}

#[test]
fn listed_sites_are_filtered_by_evidence_and_effect() {
    let mut workspace = Workspace::new(example::load().unwrap());
    // Known sites with a start site 40 bases behind each; the first two are of a factor of their own.
    let known: Vec<Site> = workspace.sites[0]
        .sites
        .iter()
        .step_by(6)
        .cloned()
        .collect();
    let anchors = known.iter().map(|site| Anchor {
        contig: site.contig(),
        position: site.interval.end + 39,
        strand: Strand::Forward,
    });
    let anchors = AnchorFile::new("starts".to_owned(), anchors.collect());
    let said = [
        ("X", Evidence::Strong, Effect::Activation),
        ("X", Evidence::Weak, Effect::Repression),
    ];
    let others = std::iter::repeat(("Y", Evidence::Unknown, Effect::Unknown));
    let said = said.into_iter().chain(others);
    let sites = known
        .iter()
        .zip(said)
        .map(|(site, (tf, evidence, effect))| {
            let mut site = Site::new(tf, site.contig(), site.interval, None);
            (site.evidence, site.effect) = (evidence, effect);
            site
        });
    let sites = SiteSet::new("small".to_owned(), sites.collect());
    let report = String::new();
    let _ = workspace.apply(Outcome::Anchors {
        anchors,
        report: report.clone(),
    });
    let _ = workspace.apply(Outcome::Sites { sites, report });
    let mut harness = window_on(workspace, ViewOptions::default());
    step_until(&mut harness, "the first view", App::is_view_complete);
    let mut asked = harness.state().suggested(Analysis::Comparison);
    assert_eq!(asked.sites.as_deref(), Some("small"));
    asked.rule.evidence = Evidence::Unknown;
    asked.rule.min_sites = 2;
    asked.rule.draws.permutations = 99;
    send(
        &mut harness,
        Command::Analysis(Analyse::Start(Box::new(asked))),
    );
    step_until(&mut harness, "the comparison", |app| {
        app.workspace().comparison().is_some()
    });
    let head = HeadId { layer: 3, head: 4 };
    send(
        &mut harness,
        Command::Analysis(Analyse::OpenCell(head, "X".to_owned())),
    );
    harness.get_by_label("2 of 2 sites shown");
    for effect in ["activates", "represses"] {
        choose(&mut harness, "Effect of listed sites", effect);
        harness.get_by_label("1 of 2 sites shown");
    }
    choose(&mut harness, "Effect of listed sites", "any effect");
    harness.get_by_label("2 of 2 sites shown");
    choose(&mut harness, "Evidence of listed sites", "strong or better");
    harness.get_by_label("1 of 2 sites shown");
}

/// Chooses an entry of a list that drops down.
fn choose(harness: &mut Harness<'static, App>, list: &str, entry: &str) {
    let role = egui::Role::ComboBox;
    harness.get_by_role_and_label(role, list).click();
    steps(harness);
    harness.get_by_label(entry).click();
    steps(harness);
}

fn novel(workspace: &Workspace) -> Novel {
    let request = NovelRequest {
        genome: Arc::clone(&workspace.genome),
        features: Arc::clone(&workspace.features),
        model: Arc::clone(&workspace.model),
        sites: Arc::clone(&workspace.sites[0]),
        promoters: None,
        heads: Some(vec![HeadId { layer: 3, head: 4 }]),
        region: Some(Locus {
            contig: 0,
            interval: Interval::new(360_000, 375_000),
            strand: None,
        }),
        rule: NovelRule {
            fdr: 1.0,
            ..NovelRule::default()
        },
    };
    novel_sites(&request, &Progress::default(), &Cancel::default()).unwrap()
}

fn finding(workspace: &Workspace, table: Table) -> Finding<Table> {
    Finding {
        basis: Basis {
            genome: workspace.genome.checksum.clone(),
            model: workspace.model.checksum.clone(),
            model_name: workspace.model.name().to_owned(),
        },
        provenance: figure::provenance(&workspace.genome, &workspace.model, &[]),
        table,
    }
}

#[test]
fn novel_sites_are_listed_filtered_saved_and_linked() {
    let mut workspace = Workspace::new(example::load().unwrap());
    let table = novel(&workspace);
    let mut of_other = finding(&workspace, Table::Novel(table.clone()));
    of_other.basis.model = "another".to_owned();
    let _ = workspace.apply(Outcome::Finding(Box::new(of_other)));
    assert!(workspace.novel().is_none(), "of another model");
    let own = finding(&workspace, Table::Novel(table.clone()));
    let _ = workspace.apply(Outcome::Finding(Box::new(own)));
    let options = ViewOptions {
        tab: Some(Tab::Novel),
        ..Default::default()
    };
    let mut harness = window_on(workspace, options);
    step_until(&mut harness, "the first view", App::is_view_complete);
    let count = table.sites.len();
    assert!(count > 5);
    harness.get_by_label(&format!("{count} of {count} sites"));
    let first = &table.sites[0];
    let words = format!("L4H5, {}, {}", first.left, first.right);
    harness.get_by_label_contains(&words).click();
    steps(&mut harness);
    let selection = harness.state().view().selection.unwrap();
    assert_eq!(
        selection.interval,
        Interval::new(first.left - 1, first.right)
    );
    assert_eq!(
        Some(harness.state().view().strand),
        Strand::from_sign(&first.strand.to_string())
    );
    // A word that no gene and no head bears.
    harness
        .get_by_role_and_label(egui::Role::TextInput, "Filter")
        .focus();
    steps(&mut harness);
    harness
        .get_by_role_and_label(egui::Role::TextInput, "Filter")
        .type_text("no such gene");
    steps(&mut harness);
    harness.get_by_label(&format!("0 of {count} sites"));
    let folder = tempfile::tempdir().unwrap();
    for (name, begin) in [
        ("n.bed", "NC_000913.3\t"),
        ("n.gff3", "##gff-version 3"),
        ("n.tsv", "layer\thead"),
    ] {
        let path = folder.path().join(name);
        send(
            &mut harness,
            Command::Save(Picture::NovelSites, path.clone()),
        );
        step_until(&mut harness, name, |app| {
            app.notices().iter().any(|notice| notice.contains(name))
        });
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with(begin), "{text}");
        assert!(text.lines().count() >= count);
    }
}

/// The table that the window saves, which is to the byte that of the subcommand.
fn same_as_subcommand(
    harness: &mut Harness<'static, App>,
    folder: &Path,
    picture: Picture,
    words: &[&str],
    paths: &[&Path],
) -> String {
    let name = format!("{picture:?}.tsv");
    let saved = folder.join(&name);
    send(harness, Command::Save(picture, saved.clone()));
    step_until(harness, &name, |app| {
        app.notices().iter().any(|notice| notice.contains(&name))
    });
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(words)
        .args(paths)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let own = std::fs::read_to_string(&saved).unwrap();
    assert_eq!(own, String::from_utf8(output.stdout).unwrap());
    own
}

#[test]
fn heads_are_named_listed_and_compared_with_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let motifs = folder.path().join("boxes.meme");
    let row = |base: usize| {
        let cells = (0..4).map(|other| if other == base { "0.91" } else { "0.03" });
        cells.collect::<Vec<_>>().join(" ")
    };
    let mut text = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n".to_owned();
    for (name, bases) in [
        ("minus10", [3, 0, 3, 0, 0, 3]),
        ("minus35", [3, 3, 2, 0, 1, 0]),
    ] {
        let _ = writeln!(
            text,
            "MOTIF {name}\nletter-probability matrix: alength= 4 w= 6 nsites= 50 E= 0"
        );
        for base in bases {
            let _ = writeln!(text, "{}", row(base));
        }
        text.push('\n');
    }
    std::fs::write(&motifs, text).unwrap();
    let starts = anchors(folder.path());
    let mut harness = opened(vec![starts.clone(), motifs.clone()]);
    assert_eq!(harness.state().workspace().motifs.len(), 1);
    let mut asked = Asked::new(Analysis::Names);
    asked.rule.draws.permutations = 99;
    send(
        &mut harness,
        Command::Analysis(Analyse::Start(Box::new(asked))),
    );
    step_until(&mut harness, "the names", |app| {
        app.workspace().names().is_some()
    });
    assert_eq!(harness.state().view().tab, Tab::Heads);
    send(
        &mut harness,
        Command::SelectHead(HeadId { layer: 0, head: 0 }),
    );
    harness.get_by_label("The head's motif");
    harness.get_by_label("The known motif, aligned");
    harness.get_by_label("List").click();
    steps(&mut harness);
    let finding = Arc::clone(harness.state().workspace().names().unwrap());
    let named = finding.table.named(HeadId { layer: 0, head: 0 }).unwrap();
    let best = &named.matches[0];
    let words = format!("L1H1, {}, {:.1e}, ", best.target, best.q);
    harness.get_by_label_contains(&words);
    // Both logos of a pair have as many columns, and the head's begin where they were tested.
    let (own, known) = finding.table.aligned(named, best);
    assert_eq!(own.heights.len(), known.heights.len());
    let before = |heights: &[[f64; 4]]| {
        heights
            .iter()
            .position(|column| column.iter().any(|bits| *bits > 0.0))
            .unwrap()
    };
    let difference = before(&own.heights).cast_signed() - before(&known.heights).cast_signed();
    assert!(difference >= best.offset, "{difference} {}", best.offset);

    let table = same_as_subcommand(
        &mut harness,
        folder.path(),
        Picture::NamesTable,
        &["name", "--permutations", "99", "--top", "5", "--anchors"],
        &[starts.as_path(), Path::new("--motifs"), &motifs],
    );
    assert!(table.contains("minus10"), "{table}");

    let asked = Asked::new(Analysis::Redundancy);
    send(
        &mut harness,
        Command::Analysis(Analyse::Start(Box::new(asked))),
    );
    step_until(&mut harness, "the pairs", |app| {
        app.workspace().redundancy().is_some()
    });
    steps(&mut harness);
    harness.get_by_label("Heads against one another: similarity of every pair");
    same_as_subcommand(
        &mut harness,
        folder.path(),
        Picture::SimilarityTable,
        &["redundancy", "--anchors"],
        &[starts.as_path()],
    );
    let table = Arc::clone(harness.state().workspace().redundancy().unwrap());
    let pairs = &table.table.pairs;
    let best = pairs
        .iter()
        .max_by(|a, b| a.combined.total_cmp(&b.combined))
        .unwrap();
    let words = format!(
        "{}, {}, {:.3}",
        best.first, best.second, best.similarity.profile
    );
    harness.get_by_label_contains(&words).click();
    steps(&mut harness);
    assert_eq!(harness.state().view().head_id().to_string(), best.first);
    let flip = format!("Flip {} and {}", best.first, best.second);
    harness.get_by_label(&flip).click();
    steps(&mut harness);
    assert_eq!(harness.state().view().head_id().to_string(), best.second);
}
