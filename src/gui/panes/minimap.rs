//! The whole contig in one line above the genome view: click or drag to go somewhere.

use crate::figure::minimap::{MINIMAP_PT, Minimap, minimap};
use crate::gui::app::App;
use crate::gui::theme;
use egui::{Sense, Ui, Vec2};

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
    let asked = response
        .interact_pointer_pos()
        .filter(|_| response.clicked() || response.dragged());
    if let Some(at) = asked {
        if response.clicked() || response.drag_started() {
            app.history.leave(app.view.viewport);
        }
        app.view.viewport = app.view.viewport.centred(map.bp_from_x(at.x - rect.min.x));
    }
}
