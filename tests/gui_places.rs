//! The places of the window: tracks, factors, pins, selection, bookmarks, the map, bases, tables.

use crate::gui::{send, step_until, steps, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::attention::HeadId;
use headlight::figure::scene::{Shape, Tag};
use headlight::genome::{Interval, Strand};
use headlight::gui::{
    App, Command, MapColors, Pin, Place, Selection, TableKind, Topic, TrackSetting, ViewOptions,
};

/// A window on the promoter of lacZ, with its view computed.
fn at_lacz() -> Harness<'static, App> {
    let mut harness = window(ViewOptions {
        locus: Some("366243-366443".to_owned()),
        ..Default::default()
    });
    step_until(&mut harness, "the view of the promoter", |app| {
        app.viewport().start > 366_000.0 && app.is_view_complete()
    });
    steps(&mut harness);
    harness
}

/// The upper edges of what is tagged so in the drawn view.
fn drawn(harness: &Harness<'static, App>, part: &'static str) -> Vec<f32> {
    let scene = harness.state().genome_scene().expect("a scene");
    let tagged = scene.elements.iter();
    tagged
        .filter(|element| element.tag == Some(Tag::Part(part)))
        .map(|element| element.shape.bounds().y)
        .collect()
}

fn top(harness: &Harness<'static, App>, part: &'static str) -> f32 {
    drawn(harness, part).into_iter().fold(f32::MAX, f32::min)
}

fn search(harness: &mut Harness<'static, App>, text: &str) {
    send(harness, Command::Search);
    harness
        .get_by_label("Search: locus or gene")
        .type_text(text);
    steps(harness);
}

fn setting(track: &str) -> TrackSetting {
    TrackSetting {
        track: track.to_owned(),
        ..TrackSetting::default()
    }
}

#[test]
fn tracks_are_hidden_moved_and_stretched_and_it_can_be_undone() {
    let mut harness = at_lacz();
    let usual = top(&harness, "genes");
    assert!(usual < top(&harness, "probability"));
    harness.get_by_label("Genes").click();
    steps(&mut harness);
    assert!(drawn(&harness, "genes").is_empty(), "hidden");
    harness.get_by_label("Genes").click();
    steps(&mut harness);
    assert!((top(&harness, "genes") - usual).abs() < 0.1, "shown again");
    // Up from the second place to the first, and on below P(TSS) by its settings.
    harness.get_by_label("Settings: P(TSS)").click();
    steps(&mut harness);
    harness.get_by_label("Move up").click();
    steps(&mut harness);
    let order = |harness: &Harness<'static, App>| -> Vec<String> {
        let tracks = &harness.state().view().tracks;
        tracks.iter().map(|track| track.track.clone()).collect()
    };
    let place = |names: &[String], name: &str| names.iter().position(|other| other == name);
    let names = order(&harness);
    assert!(
        place(&names, "probability") < place(&names, "arcs"),
        "{names:?}"
    );
    let tall = TrackSetting {
        height: 2.0,
        ..setting("probability")
    };
    let before = top(&harness, "heads");
    send(
        &mut harness,
        Command::SetTracks(vec![tall, setting("genes"), setting("heads")]),
    );
    assert!(
        top(&harness, "probability") < top(&harness, "genes"),
        "moved"
    );
    assert!(top(&harness, "heads") > before, "stretched");
    send(&mut harness, Command::Undo);
    assert_eq!(order(&harness), names);
}

#[test]
fn a_factor_is_filtered_and_its_next_site_shown() {
    let mut harness = at_lacz();
    harness.get_by_label("Only CRP");
    harness.get_by_label("CRP").click();
    steps(&mut harness);
    assert!(harness.state().view().hidden_tfs.contains("CRP"));
    harness.get_by_label("All").click();
    steps(&mut harness);
    assert!(harness.state().view().hidden_tfs.is_empty());
    let before = harness.state().viewport();
    harness.get_by_label("Next site of CRP").click();
    steps(&mut harness);
    let after = harness.state().viewport();
    assert_ne!(after, before);
    let selected = harness.state().view().selection.expect("the site");
    let sites = &harness.state().workspace().sites[0].sites;
    assert!(sites.iter().any(|site| site.interval == selected.interval));
}

#[test]
fn a_pin_draws_arcs_to_where_the_head_looks() {
    let mut harness = at_lacz();
    assert!(drawn(&harness, "arcs").is_empty());
    send(
        &mut harness,
        Command::SelectHead(HeadId { layer: 3, head: 4 }),
    );
    send(&mut harness, Command::Place(Place::PinStrongest));
    let pin = harness.state().view().pinned.expect("a pin");
    step_until(&mut harness, "its arcs", App::is_view_complete);
    steps(&mut harness);
    assert!(!drawn(&harness, "pinned").is_empty());
    let scene = harness.state().genome_scene().expect("a scene");
    let keys: Vec<usize> = scene
        .elements
        .iter()
        .filter(|element| matches!(element.shape, Shape::Line { .. }))
        .filter_map(|element| match element.tag {
            Some(Tag::Key(key)) => Some(key),
            _ => None,
        })
        .collect();
    assert!(!keys.is_empty(), "the exported scene has the arcs too");
    for key in keys {
        let (before, distance) = match pin.strand {
            Strand::Forward => (key < pin.query, pin.query.abs_diff(key)),
            Strand::Reverse => (key > pin.query, pin.query.abs_diff(key)),
        };
        assert!(
            before && distance < 128,
            "{key} lies upstream of {}",
            pin.query
        );
    }
    harness.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::P);
    steps(&mut harness);
    assert_eq!(harness.state().view().pinned, None);
}

#[test]
fn bases_are_selected_copied_and_zoomed_to() {
    let mut harness = at_lacz();
    let selection = Selection {
        contig: 0,
        interval: Interval::new(366_300, 366_320),
    };
    send(&mut harness, Command::Select(Some(selection)));
    assert!(!drawn(&harness, "selection").is_empty());
    let bases = harness.state().workspace().genome.contigs[0]
        .bases(selection.interval, harness.state().view().strand);
    let bases = headlight::genome::base::text(&bases);
    harness.get_by_label("Copy the selected bases").click();
    let mut copied = None;
    for _ in 0..3 {
        harness.step();
        let commands = harness.output().platform_output.commands.clone();
        copied = copied.or(commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    assert_eq!(copied, Some(bases));
    harness.get_by_label("Zoom to the selection").click();
    steps(&mut harness);
    let shown = harness.state().viewport();
    assert!((shown.start - 366_300.0).abs() < 1.0 && (shown.end - 366_320.0).abs() < 1.0);
    harness.get_by_label("Select nothing").click();
    steps(&mut harness);
    assert_eq!(harness.state().view().selection, None);
}

#[test]
fn shift_and_a_drag_select_bases() {
    let mut harness = at_lacz();
    let view = harness
        .get_by_label("Genome view: genes, sites and head rows")
        .rect();
    let before = harness.state().viewport();
    let at = |share: f32| egui::pos2(view.left() + view.width() * share, view.top() + 12.0);
    let button = |pressed, pos| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::SHIFT,
    };
    harness.event_modifiers(egui::Event::PointerMoved(at(0.4)), egui::Modifiers::SHIFT);
    harness.event_modifiers(button(true, at(0.4)), egui::Modifiers::SHIFT);
    harness.step();
    for share in [0.45, 0.5, 0.6] {
        harness.event_modifiers(egui::Event::PointerMoved(at(share)), egui::Modifiers::SHIFT);
        harness.step();
    }
    harness.event_modifiers(button(false, at(0.6)), egui::Modifiers::SHIFT);
    steps(&mut harness);
    let selection = harness.state().view().selection.expect("a selection");
    assert!(selection.interval.len() > 20, "{selection:?}");
    assert_eq!(harness.state().viewport(), before, "nothing moved");
}

#[test]
fn a_bookmark_is_kept_found_and_renamed() {
    let mut harness = at_lacz();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::D);
    steps(&mut harness);
    let kept = harness.state().view().bookmarks[0].clone();
    let rename = Place::RenameBookmark(kept.name.clone(), "my promoter".to_owned());
    send(&mut harness, Command::Place(rename));
    assert_eq!(harness.state().view().bookmarks.len(), 1);
    // An empty box offers the places that were kept.
    send(&mut harness, Command::GoTo("araC".to_owned()));
    send(&mut harness, Command::Search);
    harness.get_by_label_contains("my promoter   bookmark, ");
    harness.key_press(egui::Key::ArrowDown);
    steps(&mut harness);
    harness.key_press(egui::Key::Enter);
    steps(&mut harness);
    let shown = harness.state().viewport();
    assert!((shown.start - kept.interval.start as f64).abs() < 1.0);
    send(&mut harness, Command::GoTo("araC".to_owned()));
    search(&mut harness, "my pro");
    harness.key_press(egui::Key::ArrowDown);
    steps(&mut harness);
    harness.key_press(egui::Key::Enter);
    steps(&mut harness);
    let shown = harness.state().viewport();
    assert!((shown.start - kept.interval.start as f64).abs() < 1.0);
    harness
        .get_by_label("Forget: my promoter")
        .click_accesskit();
    steps(&mut harness);
    assert!(harness.state().view().bookmarks.is_empty());
}

#[test]
fn bases_are_found_on_both_strands_and_stepped_through() {
    let mut harness = at_lacz();
    // CRP's consensus.
    search(&mut harness, "TGTGANNNNNNTCACA");
    harness.key_press(egui::Key::Enter);
    step_until(&mut harness, "the hits", |app| {
        app.workspace().hits.is_some()
    });
    steps(&mut harness);
    let hits = harness.state().workspace().hits.clone().expect("hits");
    assert!(hits.count > 10 && hits.count < 1_000, "{}", hits.count);
    harness.get_by_label_contains("TGTGANNNNNNTCACA: ");
    harness.key_press(egui::Key::F3);
    steps(&mut harness);
    let first = hits.hits[0].locus.interval;
    let shown = harness.state().viewport();
    assert!(shown.start < first.start as f64 && shown.end > first.end as f64);
    assert_eq!(
        harness.state().view().selection.map(|s| s.interval),
        Some(first)
    );
    harness.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::F3);
    steps(&mut harness);
    let last = hits.hits.last().expect("a hit").locus.interval;
    assert_eq!(
        harness.state().view().selection.map(|s| s.interval),
        Some(last)
    );
}

#[test]
fn search_takes_factors_and_says_what_is_none_of_all() {
    let mut harness = at_lacz();
    search(&mut harness, "crp only");
    harness.key_press(egui::Key::Enter);
    steps(&mut harness);
    assert!(
        harness
            .state()
            .notices()
            .iter()
            .any(|notice| notice.contains("crp only"))
    );
    let before = harness.state().viewport();
    search(&mut harness, "CRP");
    // The gene crp has the same name; the factor is chosen from the list.
    harness.get_by_label_contains("the next of").click();
    steps(&mut harness);
    assert_ne!(harness.state().viewport(), before);
    assert!(harness.state().view().selection.is_some());
}

#[test]
fn the_map_has_its_own_colours_and_its_own_stretch() {
    let mut harness = at_lacz();
    harness.get_by_label("Colours of the attention map").click();
    steps(&mut harness);
    harness.get_by_label("weight over expected").click();
    steps(&mut harness);
    assert_eq!(harness.state().view().map.colors, MapColors::OverExpected);
    harness.get_by_label("moves with the genome view").click();
    steps(&mut harness);
    let free = harness.state().view().map.free.expect("its own stretch");
    send(&mut harness, Command::Zoom(0.5));
    assert_eq!(harness.state().view().map.free, Some(free));
    assert!(harness.state().viewport().width_bp() < free.width_bp());
    let map = harness.get_by_label("Attention map of L4H5").rect();
    harness.get_by_label("Attention map of L4H5");
    harness.event(egui::Event::PointerMoved(map.center()));
    harness.step();
    let click = |pressed| egui::Event::PointerButton {
        pos: map.center(),
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    harness.event(click(true));
    harness.step();
    harness.event(click(false));
    steps(&mut harness);
    let pin: Option<Pin> = harness.state().view().pinned;
    assert!(pin.is_some(), "a click pins its query");
}

#[test]
fn every_heat_map_has_a_table() {
    let mut harness = at_lacz();
    send(
        &mut harness,
        Command::Place(Place::Table(TableKind::HeadRows)),
    );
    harness.get_by_label_contains("36 rows, 201 columns");
    for words in ["L1H1", "366,243"] {
        assert!(
            harness.query_all_by_label(words).next().is_some(),
            "{words} is named"
        );
    }
    send(&mut harness, Command::Place(Place::Table(TableKind::Map)));
    harness.get_by_label_contains("128 rows, 201 columns");
    harness.get_by_label("10 (+11)");
    harness.get_by_label("Copy as TSV").click();
    let mut copied = None;
    for _ in 0..3 {
        harness.step();
        let commands = harness.output().platform_output.commands.clone();
        copied = copied.or(commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    let table = copied.expect("a table");
    assert_eq!(table.lines().count(), 129);
    assert!(table.lines().all(|line| line.split('\t').count() == 202));
    send(&mut harness, Command::Place(Place::Table(TableKind::Heads)));
    harness.get_by_label_contains("have not been computed yet");
}

#[test]
fn every_view_is_explained() {
    let mut harness = at_lacz();
    for topic in Topic::ALL {
        send(&mut harness, Command::Place(Place::Explain(topic)));
        assert!(
            harness.query_by_label(topic.words()[0]).is_some(),
            "{topic:?}"
        );
    }
}

#[test]
fn heads_and_layers_are_left_out_and_it_can_be_undone() {
    let mut harness = at_lacz();
    let rows = |harness: &Harness<'static, App>| -> usize {
        let scene = harness.state().genome_scene().expect("a scene");
        let maps = scene.elements.iter();
        maps.filter(|element| element.tag == Some(Tag::Part("heads")))
            .filter_map(|element| match &element.shape {
                Shape::Heatmap(map) => Some(map.rows),
                _ => None,
            })
            .sum()
    };
    assert_eq!(rows(&harness), 36);
    harness.get_by_label("Settings: Head rows").click();
    steps(&mut harness);
    harness.get_by_label("Rows of layer 3").click();
    steps(&mut harness);
    harness.get_by_label("Row of L1H2").click();
    steps(&mut harness);
    // What is saved is what is shown.
    assert_eq!(rows(&harness), 29);
    assert!(harness.state().view().hidden_heads.contains(&(2, 5)));
    harness.key_press(egui::Key::Escape);
    steps(&mut harness);
    harness.get_by_label("29 of 36");
    send(&mut harness, Command::Undo);
    assert_eq!(rows(&harness), 30);
    send(&mut harness, Command::Undo);
    assert_eq!(rows(&harness), 36);
    send(&mut harness, Command::Place(Place::OnlyLayer));
    assert_eq!(rows(&harness), 6, "those of the selected head's layer");
    send(&mut harness, Command::Place(Place::HideLayer));
    assert_eq!(rows(&harness), 6, "one row has to stay");
    assert!(
        harness
            .state()
            .notices()
            .iter()
            .any(|notice| notice.contains("One row has to stay"))
    );
    harness.get_by_label("6 of 36").click();
    steps(&mut harness);
    assert_eq!(rows(&harness), 36);
}
