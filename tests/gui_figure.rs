//! The figure page of the window: the same bytes as from the command line, and ways back to what a figure shows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::too_many_lines, reason = "one story from its start to its end")]

use crate::gui::{send, step_until, steps, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::attention::{HeadId, Received};
use headlight::figure::svg::svg;
use headlight::genome::{Interval, Strand};
use headlight::gui::{
    App, Command, FigureCommand, NewPanel, Picture, Pin, Selection, TrackSetting, ViewOptions,
    WhatIfCommand,
};
use headlight::job::figure_page::Sidecar;
use headlight::job::figure_page::describe::{PanelKind, TrackName};
use std::path::Path;

fn figure(harness: &mut Harness<'static, App>, command: FigureCommand) {
    send(harness, Command::Figure(command));
}

fn says(harness: &mut Harness<'static, App>, words: &str) {
    step_until(harness, words, |app| {
        app.notices().iter().any(|notice| notice.contains(words))
    });
    steps(harness);
}

fn opened() -> Harness<'static, App> {
    let mut harness = window(ViewOptions::default());
    step_until(&mut harness, "the first view", App::is_view_complete);
    harness
}

fn drawn(harness: &mut Harness<'static, App>) {
    step_until(harness, "the page", |app| {
        assert_eq!(app.figure_error(), None);
        app.figure_preview().is_some_and(|(_, present)| present)
    });
    steps(harness);
}

fn kinds(harness: &Harness<'static, App>) -> Vec<&'static str> {
    let page = harness.state().figure_description().unwrap();
    page.panels.iter().map(|panel| panel.kind.word()).collect()
}

/// A view of the lac promoter with everything that can be changed about it.
fn change_view(harness: &mut Harness<'static, App>) {
    let place = "366,280-366,420".to_owned();
    send(harness, Command::GoTo(place));
    send(harness, Command::SelectHead(HeadId { layer: 3, head: 3 }));
    send(harness, Command::SetRule(Received::OverExpected));
    if harness.state().view().strand == Strand::Forward {
        send(harness, Command::SwitchStrand);
    }
    let pin = Pin {
        contig: 0,
        query: 366_323,
        strand: Strand::Reverse,
    };
    send(harness, Command::Pin(Some(pin)));
    let selection = Selection {
        contig: 0,
        interval: Interval::new(366_350, 366_356),
    };
    send(harness, Command::Select(Some(selection)));
    let setting = |track: &str, hidden, height| TrackSetting {
        track: track.to_owned(),
        hidden,
        height,
        ..TrackSetting::default()
    };
    let tracks = vec![
        setting("heads", false, 1.5),
        setting("sequence", true, 1.0),
        TrackSetting {
            top: Some(0.25),
            ..setting("probability", false, 2.0)
        },
    ];
    send(harness, Command::SetTracks(tracks));
}

#[test]
fn the_window_and_the_command_write_the_same_page() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut harness = opened();
    change_view(&mut harness);
    let select = |from, to| {
        let interval = Interval::new(from, to);
        Command::Select(Some(Selection {
            contig: 0,
            interval,
        }))
    };
    send(&mut harness, select(366_335, 366_350));
    send(&mut harness, Command::WhatIf(WhatIfCommand::Saturate));
    send(&mut harness, select(366_350, 366_353));
    step_until(&mut harness, "the mutagenesis", |app| {
        app.workspace().saturation().is_some()
    });

    figure(&mut harness, FigureCommand::Show);
    for words in ["Genome view", "Attention map", "Arcs", "Mutagenesis"] {
        let label = format!("Add: {words}");
        harness.get_by_label(&label).click_accesskit();
        steps(&mut harness);
    }
    assert_eq!(
        kinds(&harness),
        ["genome-view", "attention-map", "arcs", "mutagenesis"]
    );
    let page = harness.state().figure_description().unwrap();
    let PanelKind::GenomeView(view) = &page.panels[0].kind else {
        panic!("a genome view");
    };
    assert_eq!(view.locus, "NC_000913.3:366,280-366,420");
    assert_eq!(view.looks.hidden, [TrackName::Sequence]);
    assert_eq!(
        view.looks.heights,
        [(TrackName::Heads, 1.5), (TrackName::Probability, 2.0)]
    );
    assert_eq!(view.looks.probability_top, Some(0.25));
    assert_eq!(view.looks.order[0], TrackName::Heads);
    assert_eq!(view.query.unwrap().position, 366_324);
    assert_eq!(view.selected, Some((366_351, 366_353)));
    drawn(&mut harness);

    let saved = Command::Save(Picture::FigureDescription, file("fig.toml"));
    send(&mut harness, saved);
    says(&mut harness, "fig.toml");
    let saved = Command::Save(Picture::FigurePage, file("fig.svg"));
    send(&mut harness, saved);
    says(&mut harness, "fig.svg");
    let own = std::fs::read_to_string(file("fig.svg")).unwrap();
    let (page, _) = harness.state().figure_preview().unwrap();
    let mut provenance = page.provenance.clone();
    provenance.add("command", "headlight figure fig.toml");
    assert!(
        svg(&page.scene, &provenance) == own,
        "the preview is the file"
    );

    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(["figure", "fig.toml", "-o", "cli.svg"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{errors}");
    assert!(
        std::fs::read_to_string(file("cli.svg")).unwrap() == own,
        "the command line's page differs"
    );
    let sidecars = ["fig.svg", "cli.svg"].map(|name| Sidecar::open(&file(name)).unwrap());
    assert_eq!(sidecars[0].views, sidecars[1].views);
    assert_eq!(sidecars[0].provenance, sidecars[1].provenance);

    // Opened again in another window, it is the same page.
    let mut other = opened();
    send(&mut other, Command::Open(file("fig.toml")));
    says(&mut other, "Opened the figure description");
    drawn(&mut other);
    let (page, _) = other.state().figure_preview().unwrap();
    assert!(svg(&page.scene, &provenance) == own);
    assert!(other.state().is_figure_shown());
    for ending in ["pdf", "png", "tsv"] {
        let path = file("again").with_extension(ending);
        send(&mut other, Command::Save(Picture::FigurePage, path));
        says(&mut other, &format!("again.{ending}"));
    }
    assert!(file("again.png").metadata().unwrap().len() > 10_000);
    let table = std::fs::read_to_string(file("again data/A-genome-view.tsv")).unwrap();
    assert_eq!(table.lines().count(), 142);
}

#[test]
fn panels_are_moved_removed_and_come_back() {
    let mut harness = opened();
    for what in [NewPanel::GenomeView, NewPanel::Map, NewPanel::Curves] {
        figure(&mut harness, FigureCommand::Add(what));
    }
    assert!(harness.state().is_figure_shown());
    assert_eq!(kinds(&harness), ["genome-view", "attention-map", "curves"]);
    // What is wrong is said beside the panel, by its name.
    step_until(&mut harness, "what is wrong", |app| {
        app.figure_error().is_some()
    });
    steps(&mut harness);
    let error = harness.state().figure_error().unwrap().to_owned();
    assert!(
        error.starts_with("panel C (curves): curves.tsv: the table cannot be read"),
        "{error}"
    );
    assert_eq!(harness.query_all_by_label(&error).count(), 2);
    harness
        .get_by_label("Remove: panel C (curves)")
        .click_accesskit();
    steps(&mut harness);
    assert_eq!(kinds(&harness), ["genome-view", "attention-map"]);
    drawn(&mut harness);
    harness
        .get_by_label("Move up: panel B (attention-map)")
        .click_accesskit();
    steps(&mut harness);
    assert_eq!(kinds(&harness), ["attention-map", "genome-view"]);
    for _ in 0..60 {
        harness.step();
    }
    send(&mut harness, Command::Undo);
    assert_eq!(kinds(&harness), ["genome-view", "attention-map"]);
    send(&mut harness, Command::Redo);
    assert_eq!(kinds(&harness), ["attention-map", "genome-view"]);

    // Nothing is written over a page that does not fit.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("low.toml");
    let text = "[page]\nheight = 25\nwidth = \"single\"\n[[panel]]\nkind = \"attention-map\"\n\
                locus = \"366,280-366,420\"\nhead = \"L4H4\"\n";
    std::fs::write(&path, text).unwrap();
    send(&mut harness, Command::Open(path));
    step_until(&mut harness, "what is wrong", |app| {
        app.figure_error().is_some()
    });
    let error = harness.state().figure_error().unwrap();
    assert!(
        error.starts_with("the page needs ") && error.contains("25.0 mm"),
        "{error}"
    );
    figure(&mut harness, FigureCommand::Clear);
    assert_eq!(kinds(&harness).len(), 0);
    harness.get_by_label_contains("Nothing is on the page yet");
    figure(&mut harness, FigureCommand::Save);
    let save = Command::Save(Picture::FigurePage, folder.path().join("no.svg"));
    send(&mut harness, save);
    says(&mut harness, "nothing on the figure page yet");
}

#[test]
fn a_figure_leads_back_to_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut harness = opened();
    change_view(&mut harness);
    let hidden = Command::HideTfs(std::iter::once("CRP".to_owned()).collect());
    send(&mut harness, hidden);
    step_until(&mut harness, "the view", App::is_view_complete);
    for picture in [Picture::GenomeView, Picture::Map] {
        let name = format!("{picture:?}.pdf");
        send(&mut harness, Command::Save(picture, file(&name)));
        says(&mut harness, &name);
    }
    let before = harness.state().view().clone();
    for name in ["GenomeView.pdf", "Map.figure.json"] {
        let mut other = opened();
        send(&mut other, Command::Open(file(name)));
        says(&mut other, "Back at what");
        let view = other.state().view();
        assert_eq!(view.viewport, before.viewport, "{name}");
        assert_eq!(
            (view.strand, view.rule, view.head),
            (before.strand, before.rule, before.head)
        );
        assert_eq!(view.hidden_tfs, before.hidden_tfs);
        assert_eq!(view.pinned, before.pinned);
    }

    // Without the file beside it too.
    std::fs::copy(file("Map.pdf"), file("moved.pdf")).unwrap();
    let mut other = opened();
    send(&mut other, Command::Open(file("moved.pdf")));
    says(&mut other, "Back at what moved.pdf shows");
    assert_eq!(other.state().view().viewport, before.viewport);
    assert_eq!(other.state().view().head, before.head);

    // Other files than those that are open are named.
    let beside = file("GenomeView.figure.json");
    let text = std::fs::read_to_string(&beside).unwrap();
    let checksum = harness.state().workspace().genome.checksum.clone();
    assert!(text.contains(&checksum));
    let other_sum = "0".repeat(checksum.len());
    std::fs::write(&beside, text.replace(&checksum, &other_sum)).unwrap();
    send(&mut harness, Command::Open(file("GenomeView.pdf")));
    says(&mut harness, "was drawn from the genome");
    says(&mut harness, "open that genome first");

    // A picture of somebody else leads nowhere, and says why.
    std::fs::write(file("other.svg"), "<svg/>").unwrap();
    send(&mut harness, Command::Open(file("other.svg")));
    says(&mut harness, "other.figure.json");
}

#[test]
fn the_page_is_part_of_the_view() {
    let mut harness = opened();
    figure(&mut harness, FigureCommand::Add(NewPanel::GenomeView));
    let view = harness.state().view().clone();
    let text = serde_json::to_string(&view).unwrap();
    let read: headlight::gui::View = serde_json::from_str(&text).unwrap();
    assert_eq!(read.figure, view.figure);
    assert!(read.figure.contains("kind = \"genome-view\""));
    assert!(!Path::new("figure.toml").exists());
}
