//! The figure page: its panels and settings on the left, the page as it will be in the file on the right.

use super::figure_panel::{Edit, panel_ui};
use crate::figure::page::enlarged;
use crate::figure::{BaseColors, Scene, Theme};
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::figure_page::{FigureCommand, NewPanel, Zoom};
use crate::job::figure_page::describe::{DOUBLE_MM, Labels, SINGLE_MM};
use crate::job::figure_page::{Description, panel_name};
use crate::model::Mode;
use egui::{Align, Button, ComboBox, DragValue, Grid, Layout, Panel, ScrollArea, Sense, Ui, Vec2};
use std::sync::Arc;

/// Height of the preview of a page that has not been drawn yet, in mm.
const EMPTY_MM: f32 = 90.0;
/// Points of the window to a millimetre on paper, at full size.
const POINTS_PER_MM: f32 = 96.0 / 25.4;

/// Draws the window while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    if !app.figure.shown {
        return;
    }
    let screen = ctx.content_rect();
    let mut open = true;
    egui::Window::new("Figure page")
        .id(egui::Id::unique("figure page"))
        .open(&mut open)
        .default_size(screen.size() * Vec2::new(0.86, 0.84))
        .default_pos(screen.min + screen.size() * Vec2::new(0.06, 0.07))
        .max_size(screen.size() - Vec2::splat(24.0))
        .min_size([560.0, 320.0])
        .resizable(true)
        .show(ctx, |ui| contents(app, ui));
    if !open {
        app.commands.push(Command::Figure(FigureCommand::Show));
    }
}

fn contents(app: &mut App, ui: &mut Ui) {
    ui.set_min_size(ui.available_size());
    let mut description = match app.figure_description() {
        Ok(description) => description,
        Err(error) => {
            ui.colored_label(ui.visuals().error_fg_color, error.to_string());
            if ui.button("Begin a new page").clicked() {
                app.commands.push(Command::Figure(FigureCommand::Clear));
            }
            return;
        }
    };
    let before = description.to_toml(std::path::Path::new(""));
    Panel::left("figure settings")
        .resizable(true)
        .default_size(318.0)
        .size_range(280.0..=480.0)
        .show(ui, |ui| {
            save_ui(app, ui, &description);
            ui.separator();
            add_ui(app, ui);
            ui.separator();
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                page_ui(ui, &mut description);
                ui.separator();
                panels_ui(app, ui, &mut description);
                ui.add_space(8.0);
            });
        });
    let after = description.to_toml(std::path::Path::new(""));
    if after != before {
        // What is dragged and typed is one step back, like any gesture.
        app.view.figure = after;
    }
    preview_ui(app, ui, &description);
}

fn small(ui: &mut Ui, words: &str, tooltip: &str, command: FigureCommand, app: &mut App) {
    if ui.button(words).on_hover_text(tooltip).clicked() {
        app.commands.push(Command::Figure(command));
    }
}

/// What is done with the page as a whole.
fn save_ui(app: &mut App, ui: &mut Ui, description: &Description) {
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        let some = !description.panels.is_empty();
        for (words, tooltip, command) in [
            (
                "Save figure…",
                "Saves the page as SVG, PDF or PNG, or the numbers behind it as tables (.tsv)",
                FigureCommand::Save,
            ),
            (
                "Save description…",
                "Saves the page as a text (TOML) that `headlight figure` draws without a window, to the same bytes",
                FigureCommand::SaveDescription,
            ),
        ] {
            let button = ui.add_enabled(some, Button::new(words));
            if button.on_hover_text(tooltip).clicked() {
                app.commands.push(Command::Figure(command));
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        let tooltip = "Opens a page that was saved as a description";
        small(
            ui,
            "Open description…",
            tooltip,
            FigureCommand::OpenDescription,
            app,
        );
        let tooltip = "Takes everything off the page; Undo brings it back";
        small(ui, "New page", tooltip, FigureCommand::Clear, app);
    });
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("PNG");
        ui.add(
            DragValue::new(&mut app.figure.dpi)
                .range(36.0..=2_400.0)
                .suffix(" dpi"),
        )
        .labelled_by(label.id);
        ui.checkbox(&mut app.figure.transparent, "transparent")
            .on_hover_text("Leaves out what lies behind the panels");
        ui.checkbox(&mut app.figure.numbers, "with numbers")
            .on_hover_text(
                "Saves the numbers behind each panel too, tab-separated, in a folder beside the figure",
            );
    });
}

/// A line of the settings: a name with its explanation, and what is chosen.
fn line(ui: &mut Ui, name: &str, meaning: &str, add: impl FnOnce(&mut Ui, egui::Id)) {
    let label = ui.label(name).on_hover_text(meaning);
    ui.horizontal_wrapped(|ui| add(ui, label.id));
    ui.end_row();
}

/// A number with its unit.
fn number(
    ui: &mut Ui,
    label: egui::Id,
    value: &mut f32,
    range: std::ops::RangeInclusive<f32>,
    (speed, unit): (f64, &str),
) {
    ui.add(
        DragValue::new(value)
            .range(range)
            .speed(speed)
            .max_decimals(2)
            .suffix(unit),
    )
    .labelled_by(label);
}

/// A row of choices of which one is on.
fn choices<T: PartialEq + Copy>(ui: &mut Ui, value: &mut T, all: &[(T, &str, &str)]) {
    for (choice, words, tooltip) in all {
        ui.selectable_value(value, *choice, *words)
            .on_hover_text(*tooltip);
    }
}

#[allow(clippy::too_many_lines, reason = "one line a setting")]
fn page_ui(ui: &mut Ui, description: &mut Description) {
    let page = &mut description.page;
    Grid::new("page settings")
        .num_columns(2)
        .spacing([10.0, 5.0])
        .show(ui, |ui| {
            line(ui, "Width", "Of the whole page", |ui, label| {
                choices(
                    ui,
                    &mut page.width_mm,
                    &[
                        (SINGLE_MM, "single", "85 mm: one column of most journals"),
                        (DOUBLE_MM, "double", "180 mm: two columns of most journals"),
                    ],
                );
                number(ui, label, &mut page.width_mm, 30.0..=2_000.0, (0.5, " mm"));
            });
            line(ui, "Height", "Of the whole page", |ui, label| {
                let mut fixed = page.height_mm.is_some();
                if ui
                    .checkbox(&mut fixed, "fixed")
                    .on_hover_text("As high as its panels where this is off")
                    .changed()
                {
                    page.height_mm = fixed.then_some(120.0);
                }
                if let Some(height) = &mut page.height_mm {
                    number(ui, label, height, 20.0..=2_000.0, (0.5, " mm"));
                }
            });
            let before = page.columns;
            line(
                ui,
                "Columns",
                "Of the grid that the panels stand on",
                |ui, label| {
                    ui.add(DragValue::new(&mut page.columns).range(1..=12).speed(0.05))
                        .labelled_by(label);
                    let label = ui.label("gap");
                    number(ui, label.id, &mut page.gap_mm, 0.0..=50.0, (0.1, " mm"));
                },
            );
            if page.columns != before {
                for panel in &mut description.panels {
                    // What went across all of them still does.
                    if panel.span == before && before > 1 || panel.span > page.columns {
                        panel.span = page.columns;
                    }
                }
            }
            line(
                ui,
                "Margin",
                "Empty space around the panels",
                |ui, label| {
                    number(ui, label, &mut page.margin_mm, 0.0..=50.0, (0.1, " mm"));
                },
            );
            line(
                ui,
                "Text",
                "Size of small text; headings are larger in proportion",
                |ui, label| {
                    number(ui, label, &mut page.font_pt, 6.0..=24.0, (0.05, " pt"));
                    let label = ui.label("lines");
                    number(ui, label.id, &mut page.line_pt, 0.25..=4.0, (0.02, " pt"));
                },
            );
            line(ui, "Labels", "Letters before the panels", |ui, _| {
                choices(
                    ui,
                    &mut page.labels,
                    &[
                        (Labels::Upper, "A B C", "Capital letters"),
                        (Labels::Lower, "a b c", "Small letters"),
                        (Labels::Hidden, "none", "No letters"),
                    ],
                );
            });
            line(ui, "Colours", "Of the page, and of the bases", |ui, _| {
                choices(
                    ui,
                    &mut page.theme,
                    &[
                        (Theme::Light, "light", "Dark text on white"),
                        (Theme::Dark, "dark", "Light text on a dark page, for slides"),
                    ],
                );
                ui.separator();
                choices(
                    ui,
                    &mut page.base_colors,
                    &[
                        (
                            BaseColors::Safe,
                            "safe",
                            "Bases in colours that everybody can tell apart",
                        ),
                        (
                            BaseColors::Classic,
                            "classic",
                            "Bases in the classic colours",
                        ),
                    ],
                );
            });
            line(
                ui,
                "Segments",
                "How the model reads what the panels show",
                |ui, _| {
                    choices(
                        ui,
                        &mut description.inputs.mode,
                        &[
                            (Mode::Seamless, "joined", "Seamlessly joined segments"),
                            (
                                Mode::Faithful,
                                "bordered",
                                "Bordered segments, as in the original evaluation",
                            ),
                        ],
                    );
                },
            );
        });
}

fn panels_ui(app: &mut App, ui: &mut Ui, description: &mut Description) {
    let (columns, labels) = (description.page.columns, description.page.labels);
    let error = app.figure_error().map(str::to_owned);
    let count = description.panels.len();
    let mut edit = None;
    for index in 0..count {
        let panel = &mut description.panels[index];
        let name = panel_name(panel, index, labels);
        let wrong = error.as_ref().filter(|error| error.contains(&name));
        let asked = panel_ui(app, ui, panel, (index, count, columns), wrong, &name);
        edit = edit.or(asked.map(|edit| (index, edit)));
        ui.add_space(4.0);
    }
    match edit {
        Some((index, Edit::Up)) => description.panels.swap(index, index.saturating_sub(1)),
        Some((index, Edit::Down)) => description.panels.swap(index, (index + 1).min(count - 1)),
        Some((index, Edit::Remove)) => {
            description.panels.remove(index);
        }
        None => {}
    }
    if count == 0 {
        ui.weak("Nothing is on the page yet. The buttons above add what the window shows.");
    }
}

fn add_ui(app: &mut App, ui: &mut Ui) {
    ui.label("Add what is shown:");
    ui.horizontal_wrapped(|ui| {
        for what in NewPanel::ALL {
            let button = ui.small_button(what.words());
            let name = format!("Add: {}", what.words());
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if button.on_hover_text(what.explanation()).clicked() {
                let command = FigureCommand::Add(what);
                app.commands.push(Command::Figure(command));
            }
        }
    });
}

/// The page as it is in the file, at the width of the window or at a chosen size.
fn preview_ui(app: &mut App, ui: &mut Ui, description: &Description) {
    let page = app.figure.page.as_ref().map(|(_, page)| Arc::clone(page));
    let present = app.figure_preview().is_some_and(|(_, present)| present);
    let error = app.figure_error().map(str::to_owned);
    ui.horizontal(|ui| {
        let combo = ComboBox::from_id_salt("figure zoom").selected_text(app.figure.zoom.words());
        let shown = combo.show_ui(ui, |ui| {
            for zoom in Zoom::ALL {
                ui.selectable_value(&mut app.figure.zoom, zoom, zoom.words());
            }
        });
        shown.response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Size of the preview")
        });
        let mm = |points: f32| points / crate::figure::scene::POINTS_PER_MM;
        if let Some(page) = &page {
            let (width, height) = (mm(page.scene.width), mm(page.scene.height));
            ui.weak(format!("{width:.0} × {height:.0} mm"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !present && error.is_none() && !description.panels.is_empty() {
                ui.weak("drawing …");
            }
        });
    });
    if let Some(error) = &error {
        ui.colored_label(ui.visuals().error_fg_color, error);
    }
    let available = ui.available_size() - Vec2::splat(14.0);
    let (width_pt, height_pt) = page.as_ref().map_or(
        (
            description.page.width_mm * crate::figure::scene::POINTS_PER_MM,
            1.0,
        ),
        |page| (page.scene.width, page.scene.height),
    );
    let wide = available.x / width_pt.max(1.0);
    let zoom = match app.figure.zoom {
        Zoom::Width => wide,
        Zoom::Page => wide.min(available.y / height_pt.max(1.0)),
        // A point of the window is 1/96 inch, one of the page 1/72.
        Zoom::Times(times) => times * 96.0 / 72.0,
    };
    let zoom = zoom.clamp(0.1, 16.0);
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        let Some(page) = page.filter(|_| !description.panels.is_empty()) else {
            empty_page(ui, width_pt * zoom);
            return;
        };
        let key = (Arc::as_ptr(&page) as usize, zoom.to_bits());
        let kept = app.figure.enlarged.take();
        let kept = kept.filter(|(of, at, _)| (*of, *at) == key);
        let scene = kept.map_or_else(|| enlarged(&page.scene, zoom), |(.., scene)| scene);
        paper(app, ui, &scene, present);
        app.figure.enlarged = Some((key.0, key.1, scene));
    });
}

/// The preview on its sheet; pale while another one is being drawn.
fn paper(app: &mut App, ui: &mut Ui, scene: &Scene, present: bool) {
    let size = Vec2::new(scene.width, scene.height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Image, true, "The figure page as it is saved")
    });
    app.canvas.paint(&ui.painter_at(rect), rect.min, scene);
    let edge = egui::Stroke::new(1.0, ui.visuals().weak_text_color());
    ui.painter()
        .rect_stroke(rect, 0.0, edge, egui::StrokeKind::Outside);
    if !present {
        let veil = ui.visuals().window_fill.gamma_multiply(0.6);
        ui.painter().rect_filled(rect, 0.0, veil);
    }
}

fn empty_page(ui: &mut Ui, width: f32) {
    let size = Vec2::new(width, EMPTY_MM * POINTS_PER_MM);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let edge = egui::Stroke::new(1.0, ui.visuals().weak_text_color());
    ui.painter()
        .rect_stroke(rect, 0.0, edge, egui::StrokeKind::Inside);
    let words = "An empty page";
    let font = egui::FontId::proportional(14.0);
    let color = ui.visuals().weak_text_color();
    ui.painter().text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        words,
        font,
        color,
    );
}
