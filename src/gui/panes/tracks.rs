//! The list of tracks: show, hide, reorder, height, scale, colours.

use super::explain::Topic;
use crate::attention::HeadId;
use crate::figure::colormap::Colormap;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::places::Place;
use crate::gui::state::TrackSetting;
use crate::gui::table::TableKind;
use crate::gui::track_list::{is_stretchy, listed, title, with_absent};
use egui::{Rect, Response, Sense, Ui, Vec2};
use std::collections::BTreeSet;

/// Draws the list.
pub fn show(app: &mut App, ui: &mut Ui) {
    let mut tracks = listed(app);
    let before = tracks.clone();
    let mut moved = None;
    let mut rows: Vec<Rect> = Vec::new();
    let mut dropped = None;
    let mut heads = None;
    for (index, track) in tracks.iter_mut().enumerate() {
        let name = title(&track.track);
        let row = ui.horizontal(|ui| {
            let grip = grip(ui, &name);
            if grip.has_focus() {
                let steps = ui.input(|input| {
                    i32::from(input.key_pressed(egui::Key::ArrowDown))
                        - i32::from(input.key_pressed(egui::Key::ArrowUp))
                });
                if steps != 0 {
                    moved = Some((index, index.saturating_add_signed(steps as isize)));
                }
            }
            if grip.drag_stopped() {
                dropped = grip.interact_pointer_pos().map(|at| (index, at.y));
            }
            if grip.dragged() {
                ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
            }
            let mut shown = !track.hidden;
            let words = format!("Show or hide this track: {name}");
            if ui
                .checkbox(&mut shown, &name)
                .on_hover_text(words)
                .changed()
            {
                track.hidden = !shown;
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                // It stays open: several heads, or several heights, are tried one after the other.
                let config = egui::containers::menu::MenuConfig::new()
                    .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
                let button = egui::containers::menu::MenuButton::new("…").config(config);
                let (menu, _) = button.ui(ui, |ui| {
                    settings(ui, index, track, &mut moved);
                    if track.track == "heads" {
                        heads = heads.take().or(heads_grid(app, ui));
                    }
                });
                let words = format!("Place, height and colours of the track {name}");
                let response = menu.on_hover_text(&words);
                response.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Settings: {name}"))
                });
                if track.track == "heads" {
                    heads = heads.take().or(hidden_heads(app, ui));
                }
            });
        });
        rows.push(row.response.rect);
    }
    if let Some((from, y)) = dropped {
        let to = rows.iter().filter(|row| row.center().y < y).count();
        // Taking it out moves what follows up by one.
        moved = Some((from, if to > from { to - 1 } else { to }));
    }
    if let Some((from, to)) = moved {
        let to = to.min(tracks.len().saturating_sub(1));
        let track = tracks.remove(from);
        tracks.insert(to, track);
    }
    if tracks != before {
        let tracks = with_absent(app, tracks);
        app.commands.push(Command::SetTracks(tracks));
    }
    app.commands.extend(heads.map(Command::HideHeads));
    let mut over = app.view.sites_over_heads;
    if ui
        .checkbox(&mut over, "Sites over the head rows")
        .on_hover_text("Outlines the known sites over the rows of the heads, in the colours of their transcription factors")
        .changed()
    {
        app.commands.push(Command::Place(Place::SitesOverHeads));
    }
    foot(app, ui);
}

/// What else there is to the tracks: their numbers, their meaning, and the way back.
fn foot(app: &mut App, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        if ui
            .small_button("Table")
            .on_hover_text("The numbers of the head rows, to read or to copy")
            .clicked()
        {
            app.commands
                .push(Command::Place(Place::Table(TableKind::HeadRows)));
        }
        if ui
            .small_button("What am I looking at?")
            .on_hover_text("Explains the genome view in plain words")
            .clicked()
        {
            app.commands
                .push(Command::Place(Place::Explain(Topic::GenomeView)));
        }
        let changed = !app.view.tracks.is_empty();
        let usual = ui.add_enabled(changed, egui::Button::new("As usual").small());
        if usual
            .on_hover_text("Puts order, heights and colours of the tracks back")
            .clicked()
        {
            app.commands.push(Command::SetTracks(Vec::new()));
        }
    });
}

/// How many rows are shown where some are not; a click shows all.
fn hidden_heads(app: &App, ui: &mut Ui) -> Option<BTreeSet<(usize, usize)>> {
    let (hidden, all) = (
        app.view.hidden_heads.len(),
        app.workspace.model.head_shape().len(),
    );
    let words = format!("{} of {all}", all - hidden.min(all));
    (hidden > 0
        && ui
            .link(words)
            .on_hover_text("Some heads have no row. Click to show all.")
            .clicked())
    .then(BTreeSet::new)
}

/// Which heads have a row: a box a head, a line a layer.
fn heads_grid(app: &App, ui: &mut Ui) -> Option<BTreeSet<(usize, usize)>> {
    let shape = app.workspace.model.head_shape();
    let mut hidden = app.view.hidden_heads.clone();
    ui.separator();
    ui.horizontal(|ui| {
        ui.label("Rows");
        if ui.small_button("All").clicked() {
            hidden.clear();
        }
        ui.weak("a line a layer; its number switches the whole layer");
    });
    egui::ScrollArea::both().max_height(260.0).show(ui, |ui| {
        egui::Grid::new("shown heads")
            .spacing([2.0, 2.0])
            .show(ui, |ui| {
                for layer in 0..shape.layers {
                    let of_layer = || (0..shape.heads).map(|head| (layer, head));
                    let some = of_layer().any(|head| !hidden.contains(&head));
                    let name = format!("Layer {}", layer + 1);
                    let response = ui.selectable_label(some, name);
                    response.widget_info(|| {
                        let name = format!("Rows of layer {}", layer + 1);
                        egui::WidgetInfo::selected(egui::Role::CheckBox, true, some, name)
                    });
                    if response.clicked() {
                        for head in of_layer() {
                            if some {
                                hidden.insert(head);
                            } else {
                                hidden.remove(&head);
                            }
                        }
                    }
                    for head in of_layer() {
                        let shown = !hidden.contains(&head);
                        let id = HeadId {
                            layer,
                            head: head.1,
                        };
                        let response = ui.selectable_label(shown, format!("H{}", head.1 + 1));
                        response.widget_info(|| {
                            let name = format!("Row of {id}");
                            egui::WidgetInfo::selected(egui::Role::CheckBox, true, shown, name)
                        });
                        if response.on_hover_text(format!("Row of {id}")).clicked() {
                            if shown {
                                hidden.insert(head);
                            } else {
                                hidden.remove(&head);
                            }
                        }
                    }
                    ui.end_row();
                }
            });
    });
    (hidden != app.view.hidden_heads).then_some(hidden)
}

/// Three lines to take hold of; arrow keys move the track while they have the focus.
fn grip(ui: &mut Ui, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(14.0, 16.0), Sense::click_and_drag());
    let words = format!("Move: {name}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &words));
    let color = if response.hovered() || response.has_focus() {
        ui.visuals().hyperlink_color
    } else {
        ui.visuals().weak_text_color()
    };
    for line in [-3.5, 0.0, 3.5] {
        let y = rect.center().y + line;
        ui.painter().hline(
            rect.x_range().shrink(2.0),
            y,
            egui::Stroke::new(1.25, color),
        );
    }
    if response.clicked() {
        response.request_focus();
    }
    // While it has the focus the arrows are its own.
    ui.memory_mut(|memory| {
        let filter = egui::EventFilter {
            vertical_arrows: true,
            ..egui::EventFilter::default()
        };
        memory.set_focus_lock_filter(response.id, filter);
    });
    response.on_hover_text("Drag to move the track; or click here and use the arrow keys")
}

fn settings(
    ui: &mut Ui,
    index: usize,
    track: &mut TrackSetting,
    moved: &mut Option<(usize, usize)>,
) {
    if ui.button("Move up").clicked() {
        *moved = Some((index, index.saturating_sub(1)));
        ui.close();
    }
    if ui.button("Move down").clicked() {
        *moved = Some((index, index + 1));
        ui.close();
    }
    if is_stretchy(&track.track) {
        ui.separator();
        let label = ui.label("Height");
        ui.add(egui::Slider::new(&mut track.height, 0.5..=4.0).step_by(0.25))
            .labelled_by(label.id);
    }
    if track.track == "probability" {
        ui.separator();
        ui.label("Upper end of the axis");
        for (top, words) in [
            (None, "as needed"),
            (Some(0.1), "0.1"),
            (Some(0.5), "0.5"),
            (Some(1.0), "1"),
        ] {
            ui.radio_value(&mut track.top, top, words);
        }
    }
    if track.track == "heads" {
        ui.separator();
        ui.label("Upper end of the colours");
        for (top, words) in [
            (None, "as usual"),
            (Some(0.03), "0.03"),
            (Some(0.1), "0.1"),
            (Some(0.3), "0.3"),
            (Some(1.0), "1"),
            (Some(3.0), "3"),
            (Some(6.0), "6"),
        ] {
            ui.radio_value(&mut track.top, top, words);
        }
        ui.separator();
        ui.label("Colours");
        ui.radio_value(&mut track.color_map, None, "as usual");
        for map in Colormap::SEQUENTIAL {
            ui.radio_value(
                &mut track.color_map,
                Some(map.name().to_owned()),
                map.name(),
            )
            .on_hover_text("Differences and ratios keep their own two-sided colours");
        }
    }
}
