//! The window around the views: workspaces, palette, settings, closing, failures; 10,000 random actions.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::gui::{send, step_until, steps, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headlight::analysis::random::Random;
use headlight::attention::{HeadId, Received};
use headlight::genome::{Interval, Strand};
use headlight::gui::{
    App, Bookmark, Command, MapSetting, Pin, Remembered, Saved, Selection, Tab, ThemeChoice,
    TrackSetting, View, ViewOptions,
};
use headlight::job::example;
use headlight::workspace::Workspace;
use std::path::{Path, PathBuf};

/// A window with its first view, on files.
fn settled(files: &[&Path]) -> Harness<'static, App> {
    let mut harness = window(ViewOptions {
        files: files.iter().map(|path| path.to_path_buf()).collect(),
        ..Default::default()
    });
    step_until(&mut harness, "the first view", App::is_view_complete);
    harness
}

/// A folder with a file of sites.
fn folder_with_sites() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let sites = folder.path().join("data").join("mine.tsv");
    std::fs::create_dir(sites.parent().unwrap()).unwrap();
    // The first bases of the genome are AGCTTTTCATTCTGACTGCA.
    let rows = "tf\tleft\tright\tstrand\tsequence\nAbcR\t1\t4\t+\tAGCT\nDefR\t9\t12\t+\tATTC\n";
    std::fs::write(&sites, rows).unwrap();
    (folder, sites)
}

fn says(harness: &mut Harness<'static, App>, words: &str) {
    step_until(harness, words, |app| {
        app.notices().iter().any(|notice| notice.contains(words))
    });
}

/// Changes what a workspace saves of the view.
fn change_view(harness: &mut Harness<'static, App>) {
    for command in [
        Command::GoTo("araC".to_owned()),
        Command::SetRule(Received::Mean),
        Command::SelectHead(HeadId { layer: 1, head: 2 }),
        Command::HideTfs(["DefR".to_owned()].into()),
        Command::Bookmark(Some("my place".to_owned())),
        Command::LeftPanel,
    ] {
        harness.state_mut().send(command);
    }
    steps(harness);
}

#[test]
fn a_workspace_is_saved_and_opens_as_it_was() {
    let (folder, sites) = folder_with_sites();
    let mut first = settled(&[&sites]);
    assert_eq!(first.state().workspace().sites.len(), 2);
    change_view(&mut first);
    let path = folder.path().join("mine");
    send(&mut first, Command::SaveWorkspaceTo(path.clone()));
    says(&mut first, "Saved");
    let path = path.with_extension("headlight");
    assert_eq!(first.state().workspace_file(), Some(path.as_path()));
    assert_eq!(
        first.state().preferences().recent,
        std::slice::from_ref(&path)
    );
    let saved = first.state().view().clone();
    // Saved once more by its key, without a question.
    send(&mut first, Command::SwitchStrand);
    first.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::S);
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    let before = text(&path);
    step_until(&mut first, "the second saving", |_| text(&path) != before);
    let second = settled(&[&path]);
    let view = second.state().view();
    assert_eq!(view.strand, saved.strand.opposite());
    let strand = saved.strand;
    assert_eq!(
        View {
            strand,
            ..view.clone()
        },
        saved
    );
    let workspace = second.state().workspace();
    assert_eq!(workspace.sites[1].name, "mine");
    assert_eq!(workspace.open_files().count(), 1);
    assert_eq!(second.state().workspace_file(), Some(path.as_path()));
}

#[test]
fn a_workspace_opened_later_shows_its_own_view() {
    let (folder, sites) = folder_with_sites();
    let path = folder.path().join("mine.headlight");
    let mut first = settled(&[&sites]);
    send(&mut first, Command::ShowTab(Tab::Heads));
    send(&mut first, Command::SaveWorkspaceTo(path.clone()));
    says(&mut first, "Saved");
    let given = |files| {
        let mut harness = window(ViewOptions {
            files,
            tab: Some(Tab::Compare),
            ..Default::default()
        });
        step_until(&mut harness, "the first view", App::is_view_complete);
        harness
    };
    // Beside the workspace the command line has the last word …
    assert_eq!(given(vec![path.clone()]).state().view().tab, Tab::Compare);
    // … and none about a workspace that is opened later.
    let mut later = given(Vec::new());
    assert_eq!(later.state().view().tab, Tab::Compare);
    send(&mut later, Command::Open(path));
    says(&mut later, "Opened the workspace");
    assert_eq!(later.state().view().tab, Tab::Heads);
}

#[test]
fn many_failures_leave_the_view_in_sight() {
    let mut harness = settled(&[]);
    for number in 0..5 {
        let path = PathBuf::from(format!("/nowhere/file-{number}.tsv"));
        send(&mut harness, Command::Open(path));
        says(&mut harness, &format!("file-{number}"));
    }
    steps(&mut harness);
    let seen =
        |harness: &Harness<'static, App>| harness.query_all_by_label("Could not do that").count();
    assert_eq!(seen(&harness), 2, "the latest two");
    harness.get_by_label("3 earlier").click();
    steps(&mut harness);
    assert_eq!(seen(&harness), 5);
    harness.get_by_label("Show fewer").click();
    steps(&mut harness);
    assert_eq!(seen(&harness), 2);
    harness.get_by_label("Close all").click();
    steps(&mut harness);
    assert_eq!(seen(&harness), 0);
    assert!(harness.state().notices().is_empty());
}

#[test]
fn files_that_were_moved_are_asked_for_and_lead_to_one_another() {
    let (folder, sites) = folder_with_sites();
    let more = sites.with_file_name("more.tsv");
    std::fs::copy(&sites, &more).unwrap();
    let path = folder.path().join("w.headlight");
    let mut first = settled(&[&sites, &more]);
    change_view(&mut first);
    send(&mut first, Command::SaveWorkspaceTo(path.clone()));
    says(&mut first, "Saved");
    let moved = folder.path().join("elsewhere");
    std::fs::rename(sites.parent().unwrap(), &moved).unwrap();

    let mut second = settled(&[]);
    let view = second.state().view().clone();
    send(&mut second, Command::Open(path.clone()));
    step_until(&mut second, "the question", App::is_asking);
    steps(&mut second);
    second.get_by_label("Files of this workspace were moved or changed");
    assert_eq!(second.query_all_by_label("missing").count(), 2);
    second.get_by_label("Find mine.tsv…");
    second.get_by_label("Leave it closed").click();
    step_until(&mut second, "the answer", |app| !app.is_asking());
    assert_eq!(*second.state().view(), view, "nothing has changed");

    send(&mut second, Command::Open(path.clone()));
    step_until(&mut second, "the question", App::is_asking);
    let one = moved.join("mine.tsv");
    send(&mut second, Command::Relocate(0, one));
    step_until(&mut second, "both files", |app| {
        app.workspace().sites.len() == 3 && app.is_view_complete()
    });
    assert!(!second.state().is_asking());
    assert_eq!(second.state().view(), first.state().view());

    // Without a file, the rest opens, and the workspace goes on naming the file.
    std::fs::remove_file(moved.join("more.tsv")).unwrap();
    std::fs::write(moved.join("mine.tsv"), "tf\tleft\tright\nAbcR\t1\t4\n").unwrap();
    let mut third = settled(&[]);
    send(&mut third, Command::Open(path.clone()));
    step_until(&mut third, "the question", App::is_asking);
    send(&mut third, Command::Relocate(0, moved.join("mine.tsv")));
    step_until(&mut third, "the other content", App::is_asking);
    for _ in 0..100 {
        third.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    third.get_by_label("has another content than when it was saved");
    third.get_by_label("Open without the missing").click();
    step_until(&mut third, "the rest", |app| {
        app.workspace().sites.len() == 2 && app.is_view_complete()
    });
    let again = folder.path().join("again.headlight");
    send(&mut third, Command::SaveWorkspaceTo(again.clone()));
    says(&mut third, "again.headlight");
    assert!(std::fs::read_to_string(again).unwrap().contains("more.tsv"));
}

#[test]
fn a_workspace_that_cannot_be_read_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = settled(&[]);
    let (view, generation) = (
        harness.state().view().clone(),
        harness.state().workspace().generation,
    );
    for (text, words) in [
        ("{", "no workspace"),
        (
            r#"{"format": "headlight workspace", "version": 99, "program": "headlight 9.9"}"#,
            "headlight 9.9",
        ),
        (
            r#"{"format": "headlight workspace", "version": 1, "files": [], "view": {"strand": 7}}"#,
            "cannot be read",
        ),
    ] {
        let path = folder.path().join("wrong.headlight");
        std::fs::write(&path, text).unwrap();
        send(&mut harness, Command::Open(path));
        says(&mut harness, words);
        assert_eq!(*harness.state().view(), view);
        assert_eq!(harness.state().workspace().generation, generation);
    }
    // A view from anywhere is moved into the genome.
    let path = folder.path().join("odd.headlight");
    let odd = r#"{"format": "headlight workspace", "version": 1, "files": [], "view":
        {"viewport": {"contig": 9, "contig_bp": 7, "start": -1e300, "end": 1e300}, "head": [99, 99],
         "pinned": {"contig": 3, "query": 18446744073709551615, "strand": "Reverse"},
         "selection": {"contig": 0, "interval": {"start": 9, "end": 3}},
         "tracks": [{"track": "x", "height": -5}]}}"#;
    std::fs::write(&path, odd).unwrap();
    send(&mut harness, Command::Open(path));
    step_until(&mut harness, "the workspace", |app| {
        app.workspace().generation > generation && app.is_view_complete()
    });
    let view = harness.state().view();
    assert_eq!(view.head_id().to_string(), "L6H6");
    assert_eq!((view.pinned, view.selection), (None, None));
    assert!(view.viewport.end <= 4_641_652.0);
}

fn type_into_palette(harness: &mut Harness<'static, App>, text: &str) {
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::P);
    steps(harness);
    harness.get_by_label("Command palette").type_text(text);
    steps(harness);
    harness.key_press(egui::Key::Enter);
    steps(harness);
    assert!(harness.query_by_label("Command palette").is_none());
}

#[test]
fn the_palette_finds_commands_places_heads_and_factors() {
    let mut harness = settled(&[]);
    type_into_palette(&mut harness, "L2H5");
    assert_eq!(harness.state().view().head_id().to_string(), "L2H5");
    type_into_palette(&mut harness, "tab jobs");
    assert_eq!(harness.state().view().tab, Tab::Jobs);
    type_into_palette(&mut harness, "undo");
    assert_eq!(harness.state().view().tab, Tab::Map);
    type_into_palette(&mut harness, "araC");
    assert!(harness.state().viewport().start < 70_387.0);
    assert!(harness.state().viewport().end > 71_265.0);
    type_into_palette(&mut harness, "bookmark the arabinose operon");
    // The command of that name, whose bookmarks are called by their place.
    type_into_palette(&mut harness, "bookmark this place");
    let bookmarks = &harness.state().view().bookmarks;
    let names: Vec<&str> = bookmarks.iter().map(|mark| mark.name.as_str()).collect();
    assert!(names[0] == "the arabinose operon" && names[1].starts_with("NC_000913.3:"));
    type_into_palette(&mut harness, "lacZ");
    assert!(harness.state().viewport().start > 300_000.0);
    type_into_palette(&mut harness, "arabinose");
    assert!(harness.state().viewport().start < 70_387.0);
    type_into_palette(&mut harness, "pin lacZ");
    // lacZ starts at base 366,305 on the reverse strand; its output stands 20 bases on.
    let shift = harness.state().workspace().model.config().label_shift;
    assert_eq!(
        harness.state().view().pinned,
        Some(Pin {
            contig: 0,
            query: 366_304 - shift,
            strand: Strand::Reverse
        })
    );
    type_into_palette(&mut harness, "only crp");
    assert!(
        harness.state().view().hidden_tfs.is_empty(),
        "CRP is all there is"
    );
    // Escape closes it without doing anything.
    let view = harness.state().view().clone();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::P);
    steps(&mut harness);
    harness.key_press(egui::Key::Escape);
    steps(&mut harness);
    assert!(harness.query_by_label("Command palette").is_none());
    assert_eq!(*harness.state().view(), view);
}

#[test]
fn settings_are_kept_and_the_layout_is_reset() {
    let mut harness = settled(&[]);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Comma);
    steps(&mut harness);
    harness.get_by_label("Dark").click();
    steps(&mut harness);
    assert_eq!(harness.state().preferences().theme, ThemeChoice::Dark);
    assert_eq!(harness.ctx.theme(), egui::Theme::Dark);
    harness.get_by_label("As the system").click();
    steps(&mut harness);
    assert_eq!(harness.state().preferences().theme, ThemeChoice::System);
    harness.get_by_label("Classic").click();
    steps(&mut harness);
    assert_ne!(
        harness.state().preferences().base_colors,
        Remembered::default().preferences.base_colors
    );
    send(&mut harness, Command::LeftPanel);
    assert!(!harness.state().view().left_panel);
    harness.get_by_label("Reset the layout").click();
    steps(&mut harness);
    assert!(harness.state().view().left_panel);
    harness.get_by_label("Back to the first settings").click();
    steps(&mut harness);
    assert_eq!(
        *harness.state().preferences(),
        Remembered::default().preferences
    );
    // What is preferred is no change of the view.
    let undo = harness.state().view().clone();
    send(&mut harness, Command::SwitchTheme);
    send(&mut harness, Command::SwitchTheme);
    assert_eq!(*harness.state().view(), undo);
}

#[test]
fn closing_asks_while_work_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = settled(&[]);
    let run = Command::RunGenome(Vec::new(), folder.path().join("run"));
    send(&mut harness, run);
    send(&mut harness, Command::Quit);
    harness.get_by_label("Work is still running");
    harness.get_by_label("Keep the window open").click();
    steps(&mut harness);
    assert!(harness.query_by_label("Work is still running").is_none());
    assert!(!harness.state().is_closing());
    send(&mut harness, Command::Quit);
    harness.get_by_label("Stop it and close").click();
    steps(&mut harness);
    assert!(harness.state().is_closing());
    says(&mut harness, "Stopped: The whole genome, into run");
    // The list says how it ended.
    steps(&mut harness);
    harness.get_by_label("stopped");
}

#[test]
fn a_failure_is_shown_and_the_window_goes_on() {
    let mut harness = settled(&[]);
    let view = harness.state().view().clone();
    let report = "what happened, and where";
    harness.state_mut().show_failure(report.to_owned());
    steps(&mut harness);
    harness.get_by_label("Headlight met a case that it was not written for");
    harness.get_by_label(report);
    harness.get_by_label("Copy the report").click();
    harness.step();
    let copied = harness.output().platform_output.commands.iter().any(
        |command| matches!(command, egui::OutputCommand::CopyText(text) if text.contains(report)),
    );
    assert!(copied);
    steps(&mut harness);
    harness.get_by_label("Go on").click();
    steps(&mut harness);
    harness.get_by_label("Attention map");
    assert_eq!(*harness.state().view(), view);
}

#[test]
fn what_a_crash_left_is_offered_and_restored() {
    let (folder, sites) = folder_with_sites();
    let data = folder.path().join("data folder");
    let mut first = settled(&[&sites]);
    change_view(&mut first);
    std::fs::create_dir(&data).unwrap();
    // A window that is gone: its state, and a lock that nobody holds.
    let left = data.join("autosave-1-1.headlight");
    send(&mut first, Command::SaveWorkspaceTo(left.clone()));
    says(&mut first, "Saved");
    let open = || {
        window(ViewOptions {
            data_folder: Some(data.clone()),
            ..Default::default()
        })
    };
    let mut second = open();
    step_until(&mut second, "the first view", App::is_view_complete);
    steps(&mut second);
    second.get_by_label("Headlight stopped without closing");
    second.get_by_label("Restore it").click();
    step_until(&mut second, "the state", |app| {
        app.workspace().sites.len() == 2 && app.is_view_complete()
    });
    assert_eq!(second.state().view(), first.state().view());
    assert_eq!(
        second.state().workspace_file(),
        None,
        "it had not been saved"
    );
    assert!(!left.exists());
    steps(&mut second);
    assert!(second.query_by_label("Restore it").is_none());
    let log = std::fs::read_to_string(data.join("headlight.log")).unwrap();
    assert!(log.contains("starts"));
    // What a window shows is kept a few seconds later; closed or not, it lies in the folder.
    send(&mut second, Command::SwitchStrand);
    let autosave = || {
        std::fs::read_dir(&data).unwrap().any(|entry| {
            let name = entry.unwrap().file_name();
            let name = name.to_string_lossy();
            name.starts_with("autosave-") && name.ends_with(".headlight")
        })
    };
    step_until(&mut second, "the latest state", |_| autosave());
}

/// A command that changes what is shown, out of all there are.
#[allow(clippy::too_many_lines, reason = "one list of all of them")]
fn any(random: &mut Random, view: &View) -> Command {
    const GENOME_BP: f64 = 4_641_652.0;
    let mut below = |n: usize| random.below(n);
    let place = |below: &mut dyn FnMut(usize) -> usize| below(5_000_000) as f64 - 100_000.0;
    let name = |n: usize| format!("place {n}");
    match below(34) {
        0..=2 => Command::Zoom([0.01, 0.5, 0.8, 1.0, 2.0, 300.0, 0.0, f64::NAN][below(8)]),
        3..=5 => Command::Pan([-0.9, -0.25, 0.03, 0.25, 4.0, 1e12, f64::INFINITY][below(7)]),
        6 => Command::Home,
        7 => Command::End,
        8 => Command::NextFeature,
        9 => Command::PreviousFeature,
        10 => Command::Back,
        11 => Command::Forward,
        12 => Command::SelectHead(HeadId {
            layer: below(6),
            head: below(6),
        }),
        13 => Command::SwitchStrand,
        14 => Command::SwitchMode,
        15 => {
            Command::SetRule([Received::Mean, Received::Weighted, Received::OverExpected][below(3)])
        }
        16 => Command::ShowTab([Tab::Map, Tab::Heads, Tab::Jobs][below(3)]),
        17 => {
            let tfs = ["CRP", "LacI", "AraC", "Fis", "no such one"];
            let mask = below(32);
            let hidden = (0..5).filter(|i| mask >> i & 1 == 1);
            Command::HideTfs(hidden.map(|i| tfs[i].to_owned()).collect())
        }
        18 => Command::Pin((below(3) > 0).then(|| Pin {
            contig: below(2),
            query: below(5_000_000),
            strand: Strand::BOTH[below(2)],
        })),
        19 => Command::Select((below(3) > 0).then(|| {
            let start = below(4_600_000);
            Selection {
                contig: 0,
                interval: Interval::new(start, start + 1 + below(40_000)),
            }
        })),
        20 => Command::SetTracks(
            (0..below(4))
                .map(|i| TrackSetting {
                    track: ["genes", "heads", "probability", "no such one"][i].to_owned(),
                    hidden: below(2) == 1,
                    height: [0.0, 0.5, 1.0, 3.0][below(4)],
                    top: (below(2) == 1).then_some(0.2),
                    color_map: None,
                })
                .collect(),
        ),
        21 => Command::SetMap(MapSetting {
            longest_bp: (below(2) == 1).then(|| below(200)),
            ..MapSetting::default()
        }),
        22 => Command::Bookmark((below(2) == 1).then(|| name(below(20)))),
        23 => Command::RemoveBookmark(name(below(20))),
        24 => Command::GoToBookmark(
            view.bookmarks
                .first()
                .map_or_else(|| name(1), |bookmark: &Bookmark| bookmark.name.clone()),
        ),
        25 => Command::GoTo(
            [
                "lacZ",
                "araC",
                "lacZ-lacI",
                "366305",
                "1-20",
                "9999999999",
                "",
                "no such gene",
            ][below(8)]
            .to_owned(),
        ),
        26 | 27 => {
            let start = place(&mut below);
            let width = [1.0, 20.0, 300.0, 5_000.0, 200_000.0, GENOME_BP][below(6)];
            Command::Show {
                contig: below(20) / 19,
                start,
                end: [start + width, start - width, f64::NAN][below(3).min(1 + below(2))],
            }
        }
        28 => Command::LeftPanel,
        29 => Command::RightPanel,
        30 | 31 => Command::Undo,
        32 => Command::Redo,
        _ => [
            Command::Keys,
            Command::Palette,
            Command::Settings,
            Command::SwitchTheme,
            Command::ResetLayout,
            Command::Sources,
            Command::About,
            Command::Search,
        ][below(8)]
        .clone(),
    }
}

#[test]
fn ten_thousand_actions_never_panic_and_are_undone_to_the_start() {
    const ACTIONS: usize = 10_000;
    let ctx = egui::Context::default();
    let workspace = Workspace::new(example::load().unwrap());
    let options = ViewOptions {
        without_heads: true,
        ..Default::default()
    };
    let remembered = Remembered::default();
    let mut app = App::new(&ctx, workspace, remembered, options, Saved::default()).unwrap();
    App::install(&ctx);
    let mut time = 0.0;
    let mut frame = |app: &mut App| {
        time += 1.0;
        let input = egui::RawInput {
            time: Some(time),
            screen_rect: Some(egui::Rect::from_min_size(
                egui::Pos2::ZERO,
                egui::vec2(1200.0, 800.0),
            )),
            ..Default::default()
        };
        let output = ctx.run_ui(input, |ui| {
            app.logic(ui.ctx());
            app.ui(ui);
        });
        drop(output);
    };
    for _ in 0..4 {
        frame(&mut app);
    }
    let start = app.view().clone();
    assert!(start.viewport.start > 300_000.0, "at lacZ");
    let mut random = Random::new(0x5eed, 0);
    for action in 0..ACTIONS {
        let command = any(&mut random, app.view());
        let (before, undo) = (app.view().clone(), command != Command::Undo);
        let redo = command == Command::Redo;
        let words = format!("{command:?}");
        app.send(command);
        app.logic(&ctx);
        // Each action can be taken back at once, and done again.
        if action % 7 == 0 && undo && !redo && *app.view() != before {
            let after = app.view().clone();
            app.send(Command::Undo);
            app.logic(&ctx);
            assert_ne!(*app.view(), after, "{words}");
            app.send(Command::Redo);
            app.logic(&ctx);
            assert_eq!(*app.view(), after, "{words}");
        }
        if action % 50 == 0 {
            frame(&mut app);
            assert!(!app.has_failed(), "action {action}: {words}");
        }
    }
    frame(&mut app);
    let last = app.view().clone();
    let mut undone = 0;
    loop {
        let before = app.view().clone();
        app.send(Command::Undo);
        app.logic(&ctx);
        if *app.view() == before {
            break;
        }
        undone += 1;
    }
    assert_eq!(*app.view(), start, "after {undone} steps back");
    assert!(undone > ACTIONS / 10, "{undone} steps");
    for _ in 0..undone {
        app.send(Command::Redo);
        app.logic(&ctx);
    }
    assert_eq!(*app.view(), last);
    assert!(!app.has_failed());
    println!("{undone} steps back and forward");
}
