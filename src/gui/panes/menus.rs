//! The menus: every command of the one list has its place in one of them.

use super::explain::Topic;
use crate::attention::Received;
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::{Command, Picture, entry_of, key_text};
use crate::gui::figure_page::{FigureCommand, NewPanel};
use crate::gui::places::Place;
use crate::gui::preferences::ThemeChoice;
use crate::gui::state::Tab;
use crate::gui::table::TableKind;
use crate::gui::what_if::WhatIfCommand;
use crate::job::analyse::Analysis;
use crate::job::open::file_name;
use egui::{Button, ScrollArea, Ui};

/// What the bar above a menu and its frame take, in points.
const BAR_PT: f32 = 56.0;

/// The menus in their order, and their commands; `None` is a line between them.
#[allow(clippy::too_many_lines, reason = "one list of all menus")]
fn menus() -> [(&'static str, Vec<Option<Command>>); 4] {
    let list = |groups: Vec<Vec<Command>>| -> Vec<Option<Command>> {
        let mut commands = Vec::new();
        for group in groups {
            if !commands.is_empty() {
                commands.push(None);
            }
            commands.extend(group.into_iter().map(Some));
        }
        commands
    };
    [
        (
            "File",
            list(vec![
                vec![Command::OpenDialog, Command::TypePath, Command::OpenLast],
                vec![Command::SaveWorkspace, Command::SaveWorkspaceAs],
                vec![
                    Command::ExportView,
                    Command::ExportMap,
                    Command::ExportSelection,
                    Command::ExportLogo,
                    Command::ExportHeads,
                ],
                [
                    FigureCommand::Show,
                    FigureCommand::Add(NewPanel::GenomeView),
                    FigureCommand::Add(NewPanel::Map),
                    FigureCommand::Save,
                    FigureCommand::SaveDescription,
                    FigureCommand::OpenDescription,
                    FigureCommand::OpenFigure,
                ]
                .map(Command::Figure)
                .into(),
                [
                    Picture::Comparison,
                    Picture::ComparisonTable,
                    Picture::ComparisonRow,
                    Picture::ComparedSites,
                    Picture::NamesTable,
                    Picture::NovelSites,
                    Picture::Similarity,
                    Picture::SimilarityTable,
                    Picture::Evaluation,
                    Picture::EvaluationTable,
                    Picture::EvaluationCurves,
                ]
                .map(|picture| Command::Analysis(Analyse::Export(picture)))
                .into(),
                [
                    Picture::WhatIf,
                    Picture::WhatIfTable,
                    Picture::EditList,
                    Picture::EditedFasta,
                    Picture::Saturation,
                    Picture::Mutations,
                ]
                .map(|picture| Command::WhatIf(WhatIfCommand::Export(picture)))
                .into(),
                vec![Command::Settings],
                vec![Command::Quit],
            ]),
        ),
        (
            "View",
            list(vec![
                vec![Command::Undo, Command::Redo],
                vec![
                    Command::Search,
                    Command::Back,
                    Command::Forward,
                    Command::Bookmark(None),
                ],
                vec![
                    Command::Zoom(0.5),
                    Command::Zoom(2.0),
                    Command::Pan(-0.25),
                    Command::Pan(0.25),
                    Command::Pan(-0.9),
                    Command::Pan(0.9),
                    Command::NextFeature,
                    Command::PreviousFeature,
                    Command::Home,
                    Command::End,
                ],
                vec![
                    Command::Place(Place::SelectShown),
                    Command::Place(Place::ZoomToSelection),
                    Command::Place(Place::CopySequence),
                    Command::Place(Place::CopyFasta),
                    Command::Select(None),
                ],
                vec![
                    Command::Place(Place::PinStrongest),
                    Command::Pin(None),
                    Command::Place(Place::StepHit(true)),
                    Command::Place(Place::StepHit(false)),
                ],
            ]),
        ),
        (
            "Show",
            list(vec![
                vec![Command::SwitchStrand, Command::SwitchMode],
                vec![
                    Command::SetRule(Received::Mean),
                    Command::SetRule(Received::Weighted),
                    Command::SetRule(Received::OverExpected),
                ],
                vec![
                    Command::HideTfs(std::collections::BTreeSet::new()),
                    Command::Place(Place::SitesOverHeads),
                ],
                vec![
                    Command::Place(Place::HideHead),
                    Command::Place(Place::HideLayer),
                    Command::Place(Place::OnlyLayer),
                    Command::HideHeads(std::collections::BTreeSet::new()),
                ],
                TableKind::ALL
                    .into_iter()
                    .map(|kind| Command::Place(Place::Table(kind)))
                    .collect(),
                vec![
                    Command::ShowTab(Tab::Map),
                    Command::ShowTab(Tab::Heads),
                    Command::ShowTab(Tab::Jobs),
                    Command::ShowTab(Tab::Hits),
                    Command::ShowTab(Tab::Compare),
                    Command::ShowTab(Tab::Novel),
                    Command::ShowTab(Tab::Similar),
                    Command::ShowTab(Tab::WhatIf),
                ],
                vec![
                    Command::LeftPanel,
                    Command::RightPanel,
                    Command::ResetLayout,
                ],
                vec![
                    Command::SwitchTheme,
                    Command::SetTheme(ThemeChoice::System),
                    Command::SetTheme(ThemeChoice::Light),
                    Command::SetTheme(ThemeChoice::Dark),
                ],
            ]),
        ),
        (
            "Analyse",
            list(vec![
                vec![Command::SummariseHeads],
                Analysis::ALL
                    .map(|analysis| Command::Analysis(Analyse::Dialog(analysis)))
                    .into(),
                vec![
                    Command::Analysis(Analyse::SortByEffect),
                    Command::Analysis(Analyse::OpenFirstCell),
                    Command::Analysis(Analyse::ShowBestSite),
                ],
                vec![Command::RunGenomeDialog],
                vec![
                    Command::ShowTab(Tab::Training),
                    Command::ShowTab(Tab::Evaluation),
                ],
                vec![
                    Command::WhatIf(WhatIfCommand::Delete),
                    Command::WhatIf(WhatIfCommand::Mask),
                    Command::WhatIf(WhatIfCommand::Saturate),
                    Command::WhatIf(WhatIfCommand::Clear),
                ],
            ]),
        ),
    ]
}

/// The last menu.
const HELP: [Command; 17] = [
    Command::Tour,
    Command::Place(Place::Explain(Topic::GenomeView)),
    Command::Place(Place::Explain(Topic::Map)),
    Command::Place(Place::Explain(Topic::Heads)),
    Command::Place(Place::Explain(Topic::SelectedHead)),
    Command::Place(Place::Explain(Topic::Hits)),
    Command::Place(Place::Explain(Topic::Jobs)),
    Command::Place(Place::Explain(Topic::Compare)),
    Command::Place(Place::Explain(Topic::Novel)),
    Command::Place(Place::Explain(Topic::Similar)),
    Command::Place(Place::Explain(Topic::WhatIf)),
    Command::Place(Place::Explain(Topic::Training)),
    Command::Place(Place::Explain(Topic::Evaluation)),
    Command::Palette,
    Command::Keys,
    Command::Sources,
    Command::About,
];

/// Draws the menus.
pub fn show(app: &mut App, ui: &mut Ui) {
    for (name, commands) in menus() {
        ui.menu_button(name, |ui| {
            // A low window has not room for all of it.
            let height = ui.ctx().content_rect().height() - BAR_PT;
            ScrollArea::vertical()
                .max_height(height)
                .show(ui, |ui| items(app, ui, commands));
        });
    }
    ui.menu_button("Help", |ui| {
        for command in HELP {
            item(app, ui, command);
        }
    });
}

fn items(app: &mut App, ui: &mut Ui, commands: Vec<Option<Command>>) {
    for command in commands {
        let Some(command) = command else {
            ui.separator();
            continue;
        };
        let recent = command == Command::OpenLast;
        let bookmarks = command == Command::Bookmark(None);
        item(app, ui, command);
        if recent {
            recent_files(app, ui);
        }
        if bookmarks {
            bookmarked_places(app, ui);
        }
    }
}

fn item(app: &mut App, ui: &mut Ui, command: Command) {
    let Some(entry) = entry_of(&command) else {
        return;
    };
    let enabled = match command {
        Command::Undo => app.steps.available(&app.view).0,
        Command::Redo => app.steps.available(&app.view).1,
        Command::Back => app.history.available().0,
        Command::Forward => app.history.available().1,
        Command::Pin(None) => app.view.pinned.is_some(),
        Command::Select(None) => app.view.selection.is_some(),
        Command::WhatIf(WhatIfCommand::Clear) => !app.view.what_if.is_empty(),
        Command::HideTfs(_) => !app.view.hidden_tfs.is_empty(),
        Command::HideHeads(_) => !app.view.hidden_heads.is_empty(),
        _ => true,
    };
    let mut button = Button::new(entry.text).selected(is_on(app, &command));
    if let Some(shortcut) = entry.shortcut {
        button = button.shortcut_text(key_text(ui.ctx(), shortcut));
    }
    let response = ui.add_enabled(enabled, button);
    if response.on_hover_text(entry.tooltip).clicked() {
        app.commands.push(command);
        ui.close();
    }
}

/// Whether a command asks for what is already so.
fn is_on(app: &App, command: &Command) -> bool {
    match command {
        Command::SetRule(rule) => app.view.rule == *rule,
        Command::ShowTab(tab) => app.view.tab == *tab,
        Command::SetTheme(theme) => app.preferences.theme == *theme,
        Command::Figure(FigureCommand::Show) => app.figure.shown,
        Command::LeftPanel => app.view.left_panel,
        Command::RightPanel => app.view.right_panel,
        Command::Place(Place::SitesOverHeads) => app.view.sites_over_heads,
        Command::Place(Place::Table(kind)) => app.table_shown == Some(*kind),
        _ => false,
    }
}

fn recent_files(app: &mut App, ui: &mut Ui) {
    ui.menu_button("Open recent", |ui| {
        if app.preferences.recent.is_empty() {
            ui.weak("No workspace has been saved or opened yet.");
        }
        for path in &app.preferences.recent {
            let button = ui.button(file_name(path));
            if button.on_hover_text(path.display().to_string()).clicked() {
                app.commands.push(Command::Open(path.clone()));
                ui.close();
            }
        }
    });
}

fn bookmarked_places(app: &mut App, ui: &mut Ui) {
    ui.menu_button("Bookmarks", |ui| {
        if app.view.bookmarks.is_empty() {
            ui.weak("No place has been bookmarked yet.");
        }
        for bookmark in &app.view.bookmarks {
            ui.horizontal(|ui| {
                let place = format!("{}:{}", bookmark.contig, bookmark.interval);
                if ui.button(&bookmark.name).on_hover_text(place).clicked() {
                    let command = Command::GoToBookmark(bookmark.name.clone());
                    app.commands.push(command);
                    ui.close();
                }
                let remove = ui.small_button("×");
                let name = format!("Remove the bookmark {}", bookmark.name);
                remove.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::Button, true, name.as_str())
                });
                if remove.on_hover_text(&name).clicked() {
                    let command = Command::RemoveBookmark(bookmark.name.clone());
                    app.commands.push(command);
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::command::entries;

    #[test]
    fn every_command_has_one_place_in_the_menus() {
        let in_menus: Vec<Command> = menus()
            .into_iter()
            .flat_map(|(_, commands)| commands.into_iter().flatten())
            .chain(HELP)
            .collect();
        for entry in entries() {
            let places = in_menus.iter().filter(|command| **command == entry.command);
            assert_eq!(places.count(), 1, "{}", entry.text);
        }
        for command in &in_menus {
            assert!(entry_of(command).is_some(), "{command:?} has no words");
        }
    }
}
