//! The whole contig in one line above the genome view: click or drag to go somewhere.

use super::explain::Topic;
use crate::figure::minimap::{MINIMAP_PT, Minimap, minimap};
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::places::Place;
use crate::gui::theme;
use egui::{Sense, Ui, Vec2};

/// Height of the line in points.
pub const HEIGHT_PT: f32 = MINIMAP_PT;

/// Draws the line.
pub fn show(app: &mut App, ui: &mut Ui) {
    let map = Minimap {
        viewport: app.view.viewport,
        width: ui.available_width(),
        theme: theme::figure_theme(ui.ctx().theme()),
        features: Some(app.workspace.features.as_ref()),
    };
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(map.width, MINIMAP_PT), Sense::click_and_drag());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(
            egui::Role::Image,
            true,
            "Whole contig: click or drag to move the view",
        )
    });
    app.canvas
        .paint(&ui.painter_at(rect), rect.min, &minimap(&map));
    let bp_at = |at: egui::Pos2| map.bp_from_x(at.x - rect.min.x);
    let frame = map.frame();
    let inside = |at: egui::Pos2| {
        let x = at.x - rect.min.x;
        frame.x - 2.0 <= x && x <= frame.right() + 2.0
    };
    if response.hover_pos().is_some_and(inside) {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grab);
    }
    if response.drag_started() {
        app.history.leave(app.view.viewport);
        // The frame is moved by where it was taken; anywhere else it comes to the pointer.
        let origin = ui.input(|input| input.pointer.press_origin());
        app.minimap_grip = origin.filter(|at| inside(*at)).map(|at| {
            let viewport = app.view.viewport;
            bp_at(at) - f64::midpoint(viewport.start, viewport.end)
        });
    } else if response.clicked() {
        app.history.leave(app.view.viewport);
    }
    let asked = response
        .interact_pointer_pos()
        .filter(|_| response.clicked() || response.dragged());
    if let Some(at) = asked {
        let grip = app.minimap_grip.filter(|_| response.dragged());
        app.view.viewport = app.view.viewport.centred(bp_at(at) - grip.unwrap_or(0.0));
    }
    if response.drag_stopped() {
        app.minimap_grip = None;
    }
    help(app, ui, rect);
}

/// Explains the genome view.
fn help(app: &mut App, ui: &mut Ui, rect: egui::Rect) {
    let place = egui::Rect::from_min_size(rect.min + Vec2::new(4.0, 3.0), Vec2::new(18.0, 18.0));
    // It lies over the line: what follows in the pane does not move for it.
    let mut over = ui.new_child(egui::UiBuilder::new().max_rect(place));
    let response = over.add(egui::Button::new("?").small());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(
            egui::Role::Button,
            true,
            "What am I looking at? The genome view",
        )
    });
    if response
        .on_hover_text("What am I looking at? Explains the genome view in plain words (F1)")
        .clicked()
    {
        app.commands
            .push(Command::Place(Place::Explain(Topic::GenomeView)));
    }
}
