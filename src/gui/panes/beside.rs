//! Two heads beside one another: profiles over one another, logos at the same places, numbers in two columns.

use crate::attention::HeadId;
use crate::figure::logo::logo;
use crate::figure::theme::Sheet;
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::{chart, theme};
use crate::job::beside::{aligned_logos, numbers_of_two};
use crate::job::findings::Heads;
use egui::{ComboBox, ScrollArea, Sense, Ui, Vec2};

/// Draws the selected head beside the other one.
pub fn show(app: &mut App, ui: &mut Ui, result: &Heads) {
    let first = app.view.head_id();
    let all: Vec<HeadId> = result.shape.all().collect();
    let next = all.iter().position(|head| *head == first).unwrap_or(0) + 1;
    let other = app.heads_pane.beside.filter(|head| all.contains(head));
    let second = other.unwrap_or(all[next % all.len()]);
    let Some(reports) = result.report(first).zip(result.report(second)) else {
        return;
    };
    let reports = [reports.0, reports.1];
    ui.horizontal(|ui| {
        let mut chosen = [first, second];
        for (index, name) in ["First head", "Second head"].into_iter().enumerate() {
            ComboBox::from_id_salt(name)
                .selected_text(chosen[index].to_string())
                .width(64.0)
                .show_ui(ui, |ui| {
                    for head in &all {
                        ui.selectable_value(&mut chosen[index], *head, head.to_string());
                    }
                })
                .response
                .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, name));
        }
        if ui.button("Swap").clicked() {
            chosen.swap(0, 1);
        }
        if chosen != [first, second] {
            let command = Analyse::Beside(chosen[0], chosen[1]);
            app.commands.push(Command::Analysis(command));
        }
        if let Some(words) = similarity(app, first, second) {
            ui.weak(words);
        }
    });
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let width = ui.available_width();
        let wide = width > 760.0;
        let pictures = if wide { width - 420.0 } else { width } - 12.0;
        let layout = if wide {
            egui::Layout::left_to_right(egui::Align::Min)
        } else {
            egui::Layout::top_down(egui::Align::Min)
        };
        ui.with_layout(layout, |ui| {
            ui.vertical(|ui| {
                ui.set_width(pictures);
                pictures_ui(app, ui, result, reports);
            });
            numbers_ui(ui, [first, second], &numbers_of_two(reports));
        });
    });
}

fn similarity(app: &App, first: HeadId, second: HeadId) -> Option<String> {
    let found = app.workspace.redundancy()?;
    let names = [first.to_string(), second.to_string()];
    let mut pairs = found.table.pairs.iter();
    let pair = pairs.find(|pair| {
        let own = [&pair.first, &pair.second];
        own == [&names[0], &names[1]] || own == [&names[1], &names[0]]
    })?;
    Some(format!(
        "similarity: profile {:.2}, motif {:.2}, combined {:.2}",
        pair.similarity.profile, pair.similarity.motif, pair.combined
    ))
}

/// How wide a letter of a logo is at most, in points.
const LETTER_PT: f32 = 44.0;
/// What a logo has at its sides, in points.
const LOGO_MARGINS_PT: f32 = 70.0;

fn pictures_ui(
    app: &mut App,
    ui: &mut Ui,
    result: &Heads,
    reports: [&crate::analysis::heads::HeadReport; 2],
) {
    let profiles = reports.map(|report| result.profile(report));
    let names = reports.map(|report| report.head.to_string());
    let palette = theme::palette(ui.ctx().theme());
    let first_offset = result.first_offset();
    chart::two_profiles(
        ui,
        [(&names[0], &profiles[0]), (&names[1], &profiles[1])],
        first_offset,
        palette,
        120.0,
    );
    for (data, name) in aligned_logos(result, reports).iter().zip(&names) {
        // Wider letters would be flat.
        let letters = LETTER_PT * data.heights.len() as f32;
        let sheet = Sheet {
            width: ui.available_width().min(letters + LOGO_MARGINS_PT),
            height: 120.0,
            theme: theme::figure_theme(ui.ctx().theme()),
            base_colors: app.preferences.base_colors,
        };
        let scene = logo(data, &sheet);
        let size = Vec2::new(scene.width, scene.height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let words = format!("Sequence logo of {name}");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
        app.canvas.paint(&ui.painter_at(rect), rect.min, &scene);
    }
}

fn numbers_ui(ui: &mut Ui, heads: [HeadId; 2], numbers: &[crate::job::beside::NumberOfTwo]) {
    egui::Grid::new("two heads")
        .num_columns(4)
        .striped(true)
        .spacing([14.0, 3.0])
        .show(ui, |ui| {
            ui.label("");
            for head in heads {
                ui.strong(head.to_string());
            }
            ui.strong("difference");
            ui.end_row();
            for number in numbers {
                ui.weak(number.name);
                for value in &number.values {
                    ui.label(value);
                }
                ui.label(&number.difference);
                ui.end_row();
            }
        });
}
