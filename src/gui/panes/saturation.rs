//! What every substitution of a stretch does, as a map in the what-if tab.

use super::hover::within;
use crate::figure::Sheet;
use crate::figure::scene::{Rect, Scene, Shape, Tag};
use crate::genome::base::ACGT;
use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::theme;
use crate::gui::what_if::WhatIfCommand;
use crate::job::saturation::SaturationMap;
use egui::{ScrollArea, Sense, Ui, Vec2};
use std::sync::Arc;

/// The map as it was last drawn.
#[derive(Debug)]
pub struct Drawn {
    key: (usize, [u32; 2], bool),
    scene: Scene,
    cells: Option<Rect>,
}

/// The map as it was last drawn.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    let drawn = app.what_if.saturation.as_ref();
    drawn.map(|drawn| drawn.scene.clone())
}

/// Draws the map, or how to make one.
pub fn show(app: &mut App, ui: &mut Ui) {
    ui.horizontal(|ui| {
        if ui
            .button("Mutate every base")
            .on_hover_text(
                "Changes every selected base, or every base that is shown, to each of the others, one at a time, and \
                 scores the strongest predicted start site on the strand of the head rows",
            )
            .clicked()
        {
            app.commands.push(Command::WhatIf(WhatIfCommand::Saturate));
        }
        ui.weak("Click a cell to make its change.");
    });
    let Some(map) = app.workspace.saturation.clone() else {
        super::map::empty(
            ui,
            "What each of the four bases in each place does to the score of a start site: select a stretch, or zoom in.",
        );
        return;
    };
    let size = ui.available_size();
    let key = (
        Arc::as_ptr(&map) as usize,
        [size.x.to_bits(), size.y.to_bits()],
        app.dark,
    );
    let kept = app.what_if.saturation.take();
    let drawn = kept.filter(|drawn| drawn.key == key).unwrap_or_else(|| {
        let scene = map.scene(&Sheet {
            width: size.x,
            height: size.y - 2.0,
            theme: theme::figure_theme(ui.ctx().theme()),
            base_colors: app.preferences.base_colors,
        });
        let cells = scene
            .elements
            .iter()
            .find_map(|element| match &element.shape {
                Shape::Heatmap(map) if element.tag == Some(Tag::Part("effects")) => Some(map.rect),
                _ => None,
            });
        Drawn { key, scene, cells }
    });
    ScrollArea::vertical()
        .id_salt("saturation")
        .auto_shrink(false)
        .show(ui, |ui| {
            let size = Vec2::new(drawn.scene.width, drawn.scene.height);
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Image, true, "What every substitution does")
            });
            app.canvas
                .paint(&ui.painter_at(rect), rect.min, &drawn.scene);
            pointed(app, &response, rect, &map, drawn.cells);
        });
    app.what_if.saturation = Some(drawn);
}

/// A click makes the change of a cell; hovering says what it does.
fn pointed(
    app: &mut App,
    response: &egui::Response,
    rect: egui::Rect,
    map: &SaturationMap,
    cells: Option<Rect>,
) {
    let at = response.hover_pos().map(|at| within(rect, at));
    let Some((at, cells)) = at.zip(cells).filter(|(at, cells)| cells.contains(*at)) else {
        return;
    };
    let columns = map.effects.len();
    let column = ((at.x - cells.x) / cells.width * columns as f32) as usize;
    let row = ((at.y - cells.y) / cells.height * 4.0) as usize;
    let Some((effect, to)) = map
        .effects
        .get(column)
        .and_then(|effects| effects.get(row))
        .zip(ACGT.get(row))
    else {
        return;
    };
    let there = map.reference[column].letter();
    let position = grouped(map.interval.start + column + 1);
    let words = match map.edit(column, row) {
        None => format!("{position}: {there} is there"),
        Some(_) if effect.is_nan() => {
            format!("{position}: the start site does not depend on this base")
        }
        Some(_) => format!("{position}: {there} → {}\nscore {effect:+.3}", to.letter()),
    };
    let contig = app.workspace.genome.contigs.get(map.contig);
    if response.clicked()
        && let Some((edit, contig)) = map.edit(column, row).zip(contig)
    {
        let command = WhatIfCommand::Change(edit.name(contig));
        app.commands.push(Command::WhatIf(command));
    }
    response.clone().on_hover_text_at_pointer(words);
}
