//! The attention map of the selected head: every weight of the window.

use crate::attention::block::AttentionBlock;
use crate::attention::{HeadId, Received};
use crate::figure::colormap::{ColorScale, Colormap};
use crate::figure::map::{AttentionMap, MapHit, MapLayout, attention_map};
use crate::figure::scene::{Point, Scene};
use crate::figure::viewport::Viewport;
use crate::genome::locus::grouped;
use crate::genome::{Interval, Strand, TssOffset};
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::theme;
use crate::job::figure::{diverging, shown_tfs, site_tracks};
use crate::job::live::MapKey;
use egui::{Rect, Sense, Ui, Vec2};
use std::collections::BTreeSet;

/// What the pane keeps between frames.
#[derive(Debug, Default)]
pub struct MapPane {
    drawn: Option<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    key: DrawnKey,
    scene: Scene,
    layout: MapLayout,
}

#[derive(Clone, Debug, PartialEq)]
struct DrawnKey {
    map: MapKey,
    viewport: Viewport,
    head: HeadId,
    rule: Received,
    expected: bool,
    changes: u64,
    hidden_tfs: BTreeSet<String>,
    dark: bool,
    size: [u32; 2],
    pixels_per_point: u32,
}

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    if app.view.viewport.width_bp() > app.map_limit_bp() {
        let limit = grouped(app.map_limit_bp() as usize);
        empty(
            ui,
            &format!("Zoom in below {limit} bp to see every weight of a head."),
        );
        return;
    }
    let fits = |key: &MapKey| {
        key.generation == app.view_generation()
            && key.contig == app.view.viewport.contig
            && key.strand == app.view.strand
            && key.layer == app.view.head.0
    };
    let Some((key, block)) = app.map.clone().filter(|(key, _)| fits(key)) else {
        empty(ui, "The model is computing this window …");
        return;
    };
    choose_head(app, ui);
    let size = ui.available_size();
    let drawn_key = DrawnKey {
        map: key,
        viewport: app.view.viewport,
        head: app.view.head_id(),
        rule: app.view.rule,
        expected: app.expected.is_some(),
        changes: app.workspace.changes,
        hidden_tfs: app.view.hidden_tfs.clone(),
        dark: app.dark,
        size: [size.x.to_bits(), size.y.to_bits()],
        pixels_per_point: ui.ctx().pixels_per_point().to_bits(),
    };
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let name = format!("Attention map of {}", app.view.head_id());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
    let mut drawn = app.map_pane.drawn.take();
    let words = with_map(app, ui, size, &block, |map, expected| {
        if drawn.as_ref().is_none_or(|drawn| drawn.key != drawn_key) {
            let (scene, layout) = (attention_map(map), map.layout());
            drawn = Some(Drawn {
                key: drawn_key,
                scene,
                layout,
            });
        }
        let at = response.hover_pos()?;
        let point = Point {
            x: at.x - rect.min.x,
            y: at.y - rect.min.y,
        };
        explain(app, map, expected, drawn.as_ref()?.layout.hit(point)?)
    });
    if let Some(drawn) = &drawn {
        app.canvas
            .paint(&ui.painter_at(rect), rect.min, &drawn.scene);
    }
    app.map_pane.drawn = drawn;
    move_view(app, &response, rect);
    if let Some(words) = words {
        response.on_hover_text_at_pointer(words);
    }
}

/// Hands over the map as it is to be drawn, and the head's mean weight by distance.
fn with_map<T>(
    app: &App,
    ui: &Ui,
    size: Vec2,
    block: &AttentionBlock,
    then: impl FnOnce(&AttentionMap<'_>, Option<&[f32]>) -> T,
) -> T {
    let head = app.view.head_id();
    let expected = app
        .expected
        .as_ref()
        .map(|(_, expected)| expected.row(head));
    let over = expected.filter(|_| app.view.rule == Received::OverExpected);
    let uniform = 1.0 / block.context as f32;
    let (scale, rule) = if over.is_some() {
        (
            ColorScale::linear(diverging(app.dark), -4.0, 4.0),
            "log₂ of the weight over its mean at that distance (E), E floored at 1e−6",
        )
    } else {
        (
            ColorScale::logarithmic(Colormap::Viridis, 0.25 * uniform, 64.0 * uniform),
            "weight that the query (x) gives to the key at that distance before it (y)",
        )
    };
    let shown_tfs = shown_tfs(&app.workspace.sites, &app.view.hidden_tfs);
    let sites = site_tracks(&app.workspace.sites, &shown_tfs);
    let map = AttentionMap {
        viewport: app.view.viewport,
        width: size.x,
        height: size.y,
        pixels_per_point: ui.ctx().pixels_per_point(),
        theme: theme::figure_theme(ui.ctx().theme()),
        strand: app.view.strand,
        block,
        head: head.head,
        expected: over,
        scale,
        rule,
        sites: &sites,
        pinned: None,
    };
    then(&map, expected)
}

/// One cell of the map in words.
fn explain(
    app: &App,
    map: &AttentionMap<'_>,
    expected: Option<&[f32]>,
    hit: MapHit,
) -> Option<String> {
    let contig = app.workspace.genome.contigs.get(app.view.viewport.contig)?;
    let base = |position: usize| {
        let bases = contig.bases(Interval::new(position, position + 1), app.view.strand);
        bases.first().map_or(' ', |base| base.letter())
    };
    let weight = weight(map, hit.query, hit.distance);
    let offset = TssOffset::of_distance(app.workspace.model.config().label_shift, hit.distance);
    // On a circle that is read seamlessly the key may lie across the origin.
    let across = || match app.view.strand {
        Strand::Forward => (hit.query + contig.len()).checked_sub(hit.distance),
        Strand::Reverse => (hit.query + hit.distance).checked_sub(contig.len()),
    };
    let wraps = contig.circular && !app.view.faithful;
    let key = match hit.key.or_else(|| if wraps { across() } else { None }) {
        Some(key) => format!("key {} {}", grouped(key + 1), base(key)),
        None => "key before the contig".to_owned(),
    };
    let mut words = format!(
        "query {} {}\n{key}\ndistance {} bp: {offset} relative to the start site that the query scores\n\
         weight {weight:.5} ({:.1} × uniform)",
        grouped(hit.query + 1),
        base(hit.query),
        hit.distance,
        weight * map.block.context as f32,
    );
    if let Some(expected) = expected.and_then(|row| row.get(hit.distance)) {
        let ratio = (weight.max(1e-6) / expected.max(1e-6)).log2();
        let line = format!("\nexpected at that distance {expected:.5}: log₂ {ratio:+.2}");
        words.push_str(&line);
    }
    Some(words)
}

fn weight(map: &AttentionMap<'_>, query: usize, distance: usize) -> f32 {
    AttentionMap {
        expected: None,
        ..*map
    }
    .value(query, distance)
}

fn move_view(app: &mut App, response: &egui::Response, rect: Rect) {
    let Some(layout) = app.map_pane.drawn.as_ref().map(|drawn| drawn.layout) else {
        return;
    };
    if response.dragged() {
        let per_point = app.view.viewport.width_bp() / f64::from(layout.plot.width.max(1.0));
        app.view.viewport = app
            .view
            .viewport
            .pan(-f64::from(response.drag_delta().x) * per_point);
    }
    if response.hovered()
        && let Some(at) = response.hover_pos()
    {
        let scroll = response.ctx.input(egui::InputState::smooth_scroll_delta);
        if scroll.y.abs() > 0.1 {
            let bp =
                app.view
                    .viewport
                    .bp_from_x(at.x - rect.min.x, layout.plot.x, layout.plot.width);
            app.view.viewport = app
                .view
                .viewport
                .zoom_at((-f64::from(scroll.y) / 200.0).exp2(), bp);
        }
    }
}

fn choose_head(app: &mut App, ui: &mut Ui) {
    let shape = app.workspace.model.head_shape();
    let selected = app.view.head_id();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(2.0, 2.0);
        ui.weak("layer");
        for layer in 0..shape.layers {
            if ui
                .selectable_label(layer == selected.layer, (layer + 1).to_string())
                .on_hover_text(format!("Layer {}", layer + 1))
                .clicked()
            {
                app.commands
                    .push(Command::SelectHead(HeadId { layer, ..selected }));
            }
        }
        ui.add_space(12.0);
        ui.weak("head");
        for head in 0..shape.heads {
            let id = HeadId { head, ..selected };
            if ui
                .selectable_label(head == selected.head, (head + 1).to_string())
                .on_hover_text(format!("Head {id}"))
                .clicked()
            {
                app.commands.push(Command::SelectHead(id));
            }
        }
    });
}

/// Says in the middle of a pane why there is nothing to see.
pub fn empty(ui: &mut Ui, text: &str) {
    ui.centered_and_justified(|ui| ui.weak(text));
}
