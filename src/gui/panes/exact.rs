//! The exact motif of a head of layer 1, in the panel of the selected head.

use crate::attention::HeadId;
use crate::figure::logo::logo;
use crate::figure::theme::Sheet;
use crate::gui::app::App;
use crate::gui::theme;
use crate::job::exact::{ExactMotif, exact_motifs};
use egui::{Sense, Ui, Vec2};
use std::sync::Arc;

/// The motifs, and the place in memory of the heads that they belong to.
#[derive(Debug, Default)]
pub struct ExactPane {
    known: Option<(usize, Vec<ExactMotif>)>,
}

/// Draws the motif of a head of layer 1; nothing for other layers.
pub fn show(app: &mut App, ui: &mut Ui, head: HeadId) {
    if head.layer > 0 {
        return;
    }
    let Some(heads) = app.workspace.heads.clone() else {
        return;
    };
    let own = Arc::as_ptr(&heads).addr();
    let known = app.exact_pane.known.take().filter(|(of, _)| *of == own);
    let (genome, model) = (&app.workspace.genome, &app.workspace.model);
    let known = known.unwrap_or_else(|| (own, exact_motifs(genome, model, &heads)));
    if let Some(motif) = known.1.get(head.head) {
        motif_ui(app, ui, motif, &heads.anchors);
    }
    app.exact_pane.known = Some(known);
}

fn motif_ui(app: &mut App, ui: &mut Ui, motif: &ExactMotif, anchors: &str) {
    ui.add_space(8.0);
    ui.strong("Exact motif (layer 1)").on_hover_text(
        "In layer 1 everything between the bases around a key and its part of the attention logit is linear: the logit is a \
         sum of one number for each base and position, exactly, not an estimate over windows.",
    );
    let sheet = Sheet {
        width: ui.available_width(),
        height: 130.0,
        theme: theme::figure_theme(ui.ctx().theme()),
        base_colors: app.preferences.base_colors,
    };
    let scene = logo(&motif.logo, &sheet);
    let size = Vec2::new(scene.width, scene.height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Image, true, "Exact motif of layer 1")
    });
    app.canvas.paint(&ui.painter_at(rect), rect.min, &scene);
    response.on_hover_text(egui::RichText::new(motif.table()).monospace());
    let (letters, deviation) = motif.with_query.best();
    let (_, alone) = motif.alone.best();
    ui.weak(format!(
        "What the bases −{0} to +{0} around a key add to its logit for the mean query over {anchors}: most for {letters}, \
         standard deviation {deviation:.2} over all sequences; {alone:.2} whatever the query is.",
        motif.with_query.reach(),
    ))
    .on_hover_text(
        "(mean query + u)·k and u·k. The logo shows the shares of the four bases that this part of the logit alone would give \
         where all are equally likely.",
    );
}
