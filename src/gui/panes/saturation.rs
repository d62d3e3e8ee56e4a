//! What every substitution of a stretch does, as a map in the what-if tab.

use super::hover::within;
use crate::figure::Sheet;
use crate::figure::scene::{Rect, Scene, Shape, Tag};
use crate::figure::theme::Theme;
use crate::genome::base::ACGT;
use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::theme;
use crate::gui::what_if::WhatIfCommand;
use crate::job::analyse::Finding;
use crate::job::saturation::SaturationMap;
use egui::{ComboBox, ScrollArea, Sense, Ui, Vec2};
use std::sync::Arc;

/// The map as it was last drawn.
#[derive(Debug)]
pub struct Drawn {
    key: (usize, [u32; 2], bool),
    scene: Scene,
    cells: Option<Rect>,
}

/// Width and height of a picture of a map that is not on screen, in points.
const PICTURE_PT: (f32, f32) = (900.0, 260.0);

/// The map that is shown, as it was last drawn.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    let map = app.shown_saturation()?;
    let drawn = app.what_if.saturation.as_ref();
    let drawn = drawn.filter(|drawn| drawn.key.0 == Arc::as_ptr(&map) as usize);
    Some(drawn.map_or_else(
        || {
            let theme = if app.dark { Theme::Dark } else { Theme::Light };
            map.table.scene(&Sheet {
                width: PICTURE_PT.0,
                height: PICTURE_PT.1,
                theme,
                base_colors: app.preferences.base_colors,
            })
        },
        |drawn| drawn.scene.clone(),
    ))
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
        choice_ui(app, ui);
    });
    let Some(map) = app.shown_saturation() else {
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
        let scene = map.table.scene(&Sheet {
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
            pointed(app, &response, rect, &map.table, drawn.cells);
        });
    app.what_if.saturation = Some(drawn);
}

/// A mutagenesis in a few words.
fn words_of(found: &Finding<SaturationMap>) -> String {
    let map = &found.table;
    format!("{}, start site {}", found.stated("locus"), map.start_site())
}

/// Which of those that are kept is shown, and whether the open model made it.
fn choice_ui(app: &mut App, ui: &mut Ui) {
    let Some(shown) = app.shown_saturation() else {
        return;
    };
    let all = app.workspace.findings.saturations.all();
    if all.len() > 1 {
        ComboBox::from_id_salt("mutagenesis")
            .selected_text(words_of(&shown))
            .width(280.0)
            .show_ui(ui, |ui| {
                for other in all.iter().rev() {
                    let own = Arc::ptr_eq(other, &shown);
                    let mut words = words_of(other);
                    if !app.workspace.is_open(other) {
                        words = format!("{words}, {}", other.basis.model_name);
                    }
                    if ui.selectable_label(own, words).clicked() {
                        app.what_if.chosen_saturation = Some(Arc::clone(other));
                    }
                }
            })
            .response
            .widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Mutagenesis that is shown")
            });
    }
    if !app.workspace.is_open(&shown) {
        ui.colored_label(ui.visuals().warn_fg_color, "of another model")
            .on_hover_text(format!(
                "Computed with the model {}",
                shown.basis.model_name
            ));
    }
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
