//! Places with names.

use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::places::Place;
use egui::{TextEdit, Ui};

/// The bookmark that is being renamed.
#[derive(Clone, Debug, Default)]
pub struct Renaming {
    old: String,
    new: String,
}

/// Draws the list.
pub fn show(app: &mut App, ui: &mut Ui, renaming: &mut Option<Renaming>) {
    if ui
        .small_button("Bookmark this place")
        .on_hover_text("Keeps what is shown, or the selected stretch, under a name (Ctrl+D)")
        .clicked()
    {
        app.commands.push(Command::Bookmark(None));
    }
    if app.view.bookmarks.is_empty() {
        ui.weak("No place has been kept yet.");
    }
    for bookmark in app.view.bookmarks.clone() {
        let place = format!("{}:{}", bookmark.contig, bookmark.interval);
        ui.horizontal(|ui| {
            if let Some(open) = renaming.as_mut().filter(|open| open.old == bookmark.name) {
                let response = ui.add(TextEdit::singleline(&mut open.new).desired_width(110.0));
                response.widget_info(|| {
                    egui::WidgetInfo::labeled(
                        egui::Role::TextInput,
                        true,
                        "New name of the bookmark",
                    )
                });
                response.request_focus();
                if ui.input(|input| input.key_pressed(egui::Key::Enter)) {
                    let place = Place::RenameBookmark(open.old.clone(), open.new.clone());
                    app.commands.push(Command::Place(place));
                    *renaming = None;
                } else if ui.input(|input| input.key_pressed(egui::Key::Escape)) {
                    *renaming = None;
                }
                return;
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let named = |response: egui::Response, what: &str| {
                    let name = format!("{what}: {}", bookmark.name);
                    response
                        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                    response.on_hover_text(format!("{what} this bookmark"))
                };
                if named(ui.small_button("×"), "Forget").clicked() {
                    let command = Command::RemoveBookmark(bookmark.name.clone());
                    app.commands.push(command);
                }
                if named(ui.small_button("Aa"), "Rename").clicked() {
                    *renaming = Some(Renaming {
                        old: bookmark.name.clone(),
                        new: bookmark.name.clone(),
                    });
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                    let link = egui::Link::new(bookmark.name.as_str());
                    if ui
                        .add(link)
                        .on_hover_text(format!("{}: go to {place}", bookmark.name))
                        .clicked()
                    {
                        app.commands
                            .push(Command::GoToBookmark(bookmark.name.clone()));
                    }
                });
            });
        });
    }
}
