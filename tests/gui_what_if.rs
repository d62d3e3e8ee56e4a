//! What if, from the window: bases typed over, a list with undo, and the numbers on screen.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::gui::{step_until, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::attention::{Expected, HeadId, Received};
use headlight::genome::read::read_genome;
use headlight::genome::{Base, Interval, Strand};
use headlight::gui::{App, Command, Picture, Selection, Tab, ViewOptions, WhatIfCommand};
use headlight::model::predict::{StrandSequence, window_tracks};
use headlight::model::{Mode, Settings};
use headlight::progress::{Cancel, Progress};

fn opened(locus: &str) -> Harness<'static, App> {
    let mut harness = window(ViewOptions {
        locus: Some(locus.to_owned()),
        tab: Some(Tab::WhatIf),
        strand: Some(Strand::Reverse),
        ..Default::default()
    });
    step_until(&mut harness, "the first answer", |app| {
        app.viewport().start > 1_000.0 && app.is_view_complete()
    });
    harness.step();
    harness
}

fn send(harness: &mut Harness<'static, App>, command: WhatIfCommand) {
    harness.state_mut().send(Command::WhatIf(command));
    harness.step();
}

fn select(harness: &mut Harness<'static, App>, start: usize, end: usize) {
    let selection = Selection {
        contig: 0,
        interval: Interval::new(start, end),
    };
    harness.state_mut().send(Command::Select(Some(selection)));
    harness.step();
    harness.step();
}

fn answered(harness: &mut Harness<'static, App>) {
    step_until(harness, "the answer", |app| {
        app.what_if_answer()
            .is_some_and(|(_, is_present)| is_present)
            && app.is_view_complete()
    });
    harness.step();
}

fn changes(harness: &Harness<'static, App>) -> Vec<String> {
    let listed = harness.state().what_if_list().iter();
    listed.map(|listed| listed.change.clone()).collect()
}

#[test]
fn bases_are_typed_over_listed_named_and_taken_back() {
    let mut harness = opened("366301-366420");
    harness.get_by_label(
        "No changes yet. They stay listed wherever you go, and Undo takes them back.",
    );
    let there = {
        let contig = &harness.state().workspace().genome.contigs[0];
        contig.sequence.bases(Interval::new(366_349, 366_350))[0]
    };
    let key = if there == Base::A {
        egui::Key::C
    } else {
        egui::Key::A
    };
    select(&mut harness, 366_349, 366_350);
    harness.key_press(key);
    harness.step();
    let expected = format!(
        "NC_000913.3:g.366350{}>{}",
        there.letter(),
        if there == Base::A { 'C' } else { 'A' }
    );
    assert_eq!(changes(&harness), [expected.as_str()]);
    let next = harness.state().view().selection.unwrap().interval;
    assert_eq!(
        next,
        Interval::new(366_350, 366_351),
        "the next base is selected"
    );
    // T types a base here, and opens the table of the head rows elsewhere.
    let after = {
        let contig = &harness.state().workspace().genome.contigs[0];
        contig.sequence.bases(next)[0]
    };
    harness.key_press(egui::Key::T);
    harness.step();
    harness.step();
    assert_eq!(
        changes(&harness).len(),
        if after == Base::T { 1 } else { 2 }
    );
    assert!(harness.query_by_label("Table of the head rows").is_none());
    answered(&mut harness);
    harness.get_by_label_contains("edited: ");

    select(&mut harness, 366_379, 366_382);
    harness.get_by_label("Delete").click();
    harness.step();
    harness.step();
    assert!(changes(&harness).contains(&"NC_000913.3:g.366380_366382del".to_owned()));
    let field = "Name of NC_000913.3:g.366380_366382del";
    harness.get_by_label(field).click();
    harness.step();
    harness.get_by_label(field).type_text("loop");
    harness.step();
    harness.step();
    assert_eq!(harness.state().what_if_list().last().unwrap().name, "loop");
    // Leaving the locus keeps the list; one that is refused leaves it as it is.
    harness.state_mut().send(Command::GoTo("araC".to_owned()));
    harness.step();
    harness.step();
    let count = changes(&harness).len();
    send(
        &mut harness,
        WhatIfCommand::Change("g.366381del".to_owned()),
    );
    assert_eq!(changes(&harness).len(), count);
    assert!(
        harness
            .state()
            .notices()
            .iter()
            .any(|text| text.contains("change the same place"))
    );
    harness.step();
    harness.get_by_label("g.366380_366382del").click();
    harness.step();
    harness.step();
    let shown = harness.state().viewport();
    assert!(
        shown.start < 366_380.0 && shown.end > 366_382.0,
        "the link goes there"
    );
    harness
        .get_by_label("Remove NC_000913.3:g.366380_366382del")
        .click();
    harness.step();
    harness.step();
    assert_eq!(changes(&harness).len(), count - 1);
    harness.state_mut().send(Command::Undo);
    harness.step();
    assert_eq!(changes(&harness).len(), count);
    harness.get_by_label("Switch L4H5 off").click();
    harness.step();
    harness.step();
    assert_eq!(changes(&harness).last().unwrap(), "L4H5:off");
    answered(&mut harness);
}

#[test]
fn what_is_shown_is_a_fresh_run_on_the_edited_fasta() {
    let mut harness = opened("366301-366420");
    select(&mut harness, 366_339, 366_345);
    for command in [
        WhatIfCommand::Replace("GCGCGC".to_owned()),
        WhatIfCommand::Insert("ACG".to_owned()),
        WhatIfCommand::Change("g.366360_366363del".to_owned()),
    ] {
        send(&mut harness, command);
    }
    answered(&mut harness);
    println!(
        "the latest answer took {:?}",
        harness.state().what_if_took()
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("edited.fasta");
    let list = folder.path().join("changes.txt");
    let numbers = folder.path().join("numbers.tsv");
    for (picture, path) in [
        (Picture::EditedFasta, &path),
        (Picture::EditList, &list),
        (Picture::WhatIfTable, &numbers),
        (Picture::WhatIf, &folder.path().join("what if.svg")),
    ] {
        harness
            .state_mut()
            .send(Command::Save(picture, path.clone()));
        step_until(&mut harness, "saving", |app| {
            let done = format!("Saved {}", path.display());
            app.notices().contains(&done)
        });
    }
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let mut edited = read_genome(&path, &progress, &cancel).unwrap();
    edited.contigs[0].circular = true;
    let app = harness.state();
    let (found, _) = app.what_if_answer().unwrap();
    let model = &app.workspace().model;
    let expected = Expected::even(model.head_shape(), model.config().context);
    let fresh = window_tracks(
        &model.kernel,
        StrandSequence::new(&edited.contigs[0], Strand::Reverse),
        found.after.interval,
        &expected,
        &Settings::with_mode(Mode::Seamless),
        &progress,
        &cancel,
    )
    .unwrap();
    let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&fresh.probability), bits(&found.after.probability));
    for rule in [Received::Mean, Received::Weighted] {
        assert_eq!(
            bits(&fresh.tracks[rule as usize]),
            bits(&found.after.tracks[rule as usize])
        );
    }
    assert!(found.largest().unwrap().before > 0.0);
    // The alignment holds every base once.
    let columns = found.columns();
    assert_eq!(
        columns.iter().filter(|c| c.before.is_some()).count(),
        found.before.interval.len()
    );
    assert_eq!(
        columns.iter().filter(|c| c.after.is_some()).count(),
        found.after.interval.len()
    );
    let edited_bases = edited.contigs[0].sequence.bases(found.after.interval);
    assert_eq!(found.bases[1], edited_bases);
    let changed = columns
        .iter()
        .filter(|column| found.is_changed(**column))
        .count();
    assert!((7..=13).contains(&changed), "{changed}");
    // What is saved are the same numbers.
    let text = std::fs::read_to_string(&numbers).unwrap();
    assert_eq!(text.lines().count(), 1 + columns.len());
    let head = HeadId { layer: 3, head: 4 };
    let header: Vec<&str> = text.lines().next().unwrap().split('\t').collect();
    let at = header
        .iter()
        .position(|name| *name == "L4H5_after")
        .unwrap();
    let line = text.lines().nth(1).unwrap().split('\t').nth(at).unwrap();
    let value: f32 = line.parse().unwrap();
    assert!((value - found.after.row(app.view().rule, head)[0]).abs() < 1e-6);
    let list = std::fs::read_to_string(&list).unwrap();
    assert!(
        list.contains("NC_000913.3:g.366339_366340insACG\n"),
        "{list}"
    );
    let svg = std::fs::read_to_string(folder.path().join("what if.svg")).unwrap();
    assert!(svg.contains("EDITED"));
}

#[test]
fn every_substitution_is_mapped_and_a_cell_is_what_the_change_does() {
    let mut harness = opened("366311-366370");
    harness.get_by_label("Every substitution").click();
    harness.step();
    harness.step();
    select(&mut harness, 366_330, 366_360);
    harness.get_by_label("Mutate every base").click();
    step_until(&mut harness, "the mutagenesis", |app| {
        app.workspace().saturation().is_some() && app.is_settled()
    });
    harness.step();
    harness.step();
    harness.get_by_label("What every substitution does");
    let found = harness.state().workspace().saturation().cloned().unwrap();
    let map = &found.table;
    assert_eq!(map.interval, Interval::new(366_330, 366_360));
    assert_eq!(map.tss.1, Strand::Reverse);
    for (effects, there) in map.effects.iter().zip(&map.reference) {
        let at = there.index().unwrap();
        assert!(
            effects[at].is_nan() || effects[at] == 0.0,
            "the base that is there changes nothing"
        );
    }
    // The largest effect is that of the same change made by hand: a change of the log odds.
    let cells = (0..map.effects.len()).flat_map(|column| (0..4).map(move |row| (column, row)));
    let (column, row) = cells
        .filter(|(column, row)| !map.effects[*column][*row].is_nan())
        .max_by(|a, b| {
            let size = |(column, row): &(usize, usize)| map.effects[*column][*row].abs();
            size(a).total_cmp(&size(b))
        })
        .unwrap();
    let effect = map.effects[column][row];
    assert!(effect.abs() > 0.5, "{effect}");
    let edit = map.edit(column, row).unwrap();
    let name = edit.name(&harness.state().workspace().genome.contigs[0]);
    send(&mut harness, WhatIfCommand::Change(name));
    answered(&mut harness);
    let (found, _) = harness.state().what_if_answer().unwrap();
    let shift = harness.state().workspace().model.config().label_shift;
    let output = map.tss.0 - 1 - shift - found.before.interval.start;
    let odds = |p: f32| (p / (1.0 - p)).ln();
    let by_hand = odds(found.after.probability[output]) - odds(found.before.probability[output]);
    assert!((by_hand - effect).abs() < 1e-2, "{by_hand} {effect}");
    assert!((found.before.probability[output] - map.probability).abs() < 1e-5);
    // What is saved are the rows of the subcommand.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutagenesis.tsv");
    harness
        .state_mut()
        .send(Command::Save(Picture::Mutations, path.clone()));
    step_until(&mut harness, "saving", |app| {
        app.notices().iter().any(|text| text.starts_with("Saved"))
    });
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 1 + 3 * map.interval.len());
}

#[test]
fn the_tour_does_its_steps() {
    let mut harness = window(ViewOptions::default());
    step_until(&mut harness, "the view of lacZ", App::is_view_complete);
    harness.state_mut().send(Command::Tour);
    harness.step();
    harness.step();
    harness.get_by_label("A tour in ten minutes");
    harness
        .get_by_label("Zoom to its promoter")
        .click_accesskit();
    harness.step();
    harness.step();
    let shown = harness.state().viewport();
    assert!(
        shown.start >= 366_000.0 && shown.end <= 367_000.0,
        "{shown:?}"
    );
    harness.get_by_label("Over expected").click_accesskit();
    harness.step();
    harness.step();
    assert_eq!(harness.state().view().rule, Received::OverExpected);
    harness.get_by_label("Mask the −10 box").click_accesskit();
    harness.step();
    harness.step();
    assert_eq!(changes(&harness), ["NC_000913.3:g.366350_366355mask"]);
    answered(&mut harness);
    harness.state_mut().send(Command::SwitchStrand);
    harness.step();
    if harness.state().view().strand == Strand::Forward {
        harness.state_mut().send(Command::SwitchStrand);
        harness.step();
    }
    answered(&mut harness);
    let (found, _) = harness.state().what_if_answer().unwrap();
    let at = 366_342 - 20 - found.before.interval.start;
    let (before, after) = (found.before.probability[at], found.after.probability[at]);
    assert!(
        after < 0.5 * before,
        "the start site fades: {before} {after}"
    );
}
