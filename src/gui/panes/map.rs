//! The attention map of the selected head: every weight of the window.

use crate::attention::HeadId;
use crate::attention::block::AttentionBlock;
use crate::figure::colormap::{ColorScale, Colormap};
use crate::figure::map::{AttentionMap, MapHit, MapLayout, attention_map};
use crate::figure::scene::{Scene, Tag};
use crate::figure::viewport::Viewport;
use crate::genome::locus::grouped;
use crate::genome::{Interval, Strand, TssOffset};
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::state::{MapColors, MapSetting, Pin};
use crate::gui::theme;
use crate::job::figure::diverging;
use crate::job::live::MapKey;
use egui::{Rect, Sense, Ui, Vec2};
use std::collections::BTreeSet;
use std::sync::Arc;

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
    setting: MapSetting,
    expected: bool,
    changes: u64,
    hidden_tfs: BTreeSet<String>,
    pinned: Option<Pin>,
    dark: bool,
    size: [u32; 2],
    pixels_per_point: u32,
}

/// The numbers of the map, as they are.
pub struct MapValues<'a> {
    block: &'a AttentionBlock,
    /// The queries shown, on the forward strand.
    pub queries: Interval,
    /// Distances shown, from 0 on.
    pub distances: usize,
    /// The head.
    pub head: HeadId,
    /// The strand that was read.
    pub strand: Strand,
    contig_bp: usize,
}

impl MapValues<'_> {
    /// What a query gives to the key at a distance; NaN where nothing is computed.
    #[must_use]
    pub fn weight(&self, query: usize, distance: usize) -> f32 {
        if query >= self.contig_bp || distance >= self.block.context {
            return f32::NAN;
        }
        let along = self.strand.flip(query, self.contig_bp).cast_signed();
        let row = usize::try_from(along - self.block.first_query).ok();
        row.filter(|row| *row < self.block.queries && self.head.head < self.block.heads)
            .map_or(f32::NAN, |row| {
                self.block.row(self.head.head, row)[distance]
            })
    }
}

impl App {
    /// The computed block that the map shows.
    fn map_block(&self) -> Option<(MapKey, Arc<AttentionBlock>)> {
        let fits = |key: &MapKey| {
            key.generation == self.view_generation()
                && key.contig == self.view.viewport.contig
                && key.strand == self.view.strand
                && key.layer == self.view.head.0
        };
        self.map.clone().filter(|(key, _)| fits(key))
    }

    /// The numbers that the map shows, where they are computed.
    pub(in crate::gui) fn map_values(&self) -> Option<MapValues<'_>> {
        self.map_block()?;
        let (key, block) = self.map.as_ref()?;
        let viewport = self.map_viewport();
        Some(MapValues {
            block,
            queries: viewport.interval().intersection(key.interval),
            distances: distances(self, block),
            head: self.view.head_id(),
            strand: key.strand,
            contig_bp: viewport.contig_bp,
        })
    }
}

fn distances(app: &App, block: &AttentionBlock) -> usize {
    let longest = app.view.map.longest_bp;
    longest
        .map_or(block.context, |longest| longest + 1)
        .clamp(1, block.context.max(1))
}

/// The map as it was last drawn.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    app.map_pane.drawn.as_ref().map(|drawn| drawn.scene.clone())
}

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    controls(app, ui);
    if app.map_viewport().width_bp() > app.map_limit_bp() {
        let limit = grouped(app.map_limit_bp() as usize);
        empty(
            ui,
            &format!("Zoom in below {limit} bp to see every weight of a head."),
        );
        return;
    }
    let Some((key, block)) = app.map_block() else {
        empty(ui, "The model is computing this window …");
        return;
    };
    let size = ui.available_size();
    let drawn_key = DrawnKey {
        map: key,
        viewport: app.map_viewport(),
        head: app.view.head_id(),
        setting: app.view.map.clone(),
        expected: app.expected.is_some(),
        changes: app.workspace.changes,
        hidden_tfs: app.view.hidden_tfs.clone(),
        pinned: app.view.pinned,
        dark: app.dark,
        size: [size.x.to_bits(), size.y.to_bits()],
        pixels_per_point: ui.ctx().pixels_per_point().to_bits(),
    };
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let name = format!("Attention map of {}", app.view.head_id());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
    let mut drawn = app.map_pane.drawn.take();
    let words = with_map(app, ui, size, &block, |app, map, expected| {
        if drawn.as_ref().is_none_or(|drawn| drawn.key != drawn_key) {
            let (scene, layout) = (attention_map(map), map.layout());
            drawn = Some(Drawn {
                key: drawn_key,
                scene,
                layout,
            });
        }
        let drawn = drawn.as_ref()?;
        let at = response.hover_pos()?;
        let point = super::hover::within(rect, at);
        match drawn.layout.hit(point) {
            Some(hit) => explain(app, map, expected, hit),
            None => edge(app, drawn.scene.tag_at(point)?),
        }
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

/// A gene or a site along the edge in words.
fn edge(app: &App, tag: &Tag) -> Option<String> {
    let lines = match tag {
        Tag::Feature(index) => super::hover::gene(app.workspace.features.all().get(*index)?),
        Tag::Site(set, index) => {
            super::hover::site(app.workspace.sites.get(*set)?.sites.get(*index)?)
        }
        _ => return None,
    };
    Some(lines.join("\n"))
}

/// From values to colours, and what a value is in words.
fn scale(app: &App, context: usize) -> (ColorScale, &'static str) {
    let uniform = 1.0 / context as f32;
    match app.view.map.colors {
        MapColors::OverExpected => (
            ColorScale::linear(diverging(app.dark), -4.0, 4.0),
            "log₂ of the weight over its mean at that distance (E), E floored at 1e−6",
        ),
        MapColors::Logarithmic => (
            ColorScale::logarithmic(Colormap::Viridis, 0.25 * uniform, 64.0 * uniform),
            "weight that the query (x) gives to the key at that distance before it (y)",
        ),
        MapColors::Linear => (
            ColorScale::linear(Colormap::Viridis, 0.0, (32.0 * uniform).min(1.0)),
            "weight that the query (x) gives to the key at that distance before it (y), linear",
        ),
    }
}

/// Hands over the map as it is to be drawn, and the head's mean weight by distance.
fn with_map<T>(
    app: &mut App,
    ui: &Ui,
    size: Vec2,
    block: &AttentionBlock,
    then: impl FnOnce(&App, &AttentionMap<'_>, Option<&[f32]>) -> T,
) -> T {
    let sites = app.shown_sites();
    let app: &App = app;
    let head = app.view.head_id();
    let expected = app
        .expected
        .as_ref()
        .map(|(_, expected)| expected.row(head));
    let over = expected.filter(|_| app.view.map.colors == MapColors::OverExpected);
    let (scale, rule) = scale(app, block.context);
    let viewport = app.map_viewport();
    let pinned = app.view.pinned;
    let pinned =
        pinned.filter(|pin| pin.contig == viewport.contig && pin.strand == app.view.strand);
    let map = AttentionMap {
        viewport,
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
        sites: &sites.tracks(),
        genes: Some(&app.workspace.features),
        longest_bp: app.view.map.longest_bp,
        label_shift: Some(app.workspace.model.config().label_shift),
        titled: false,
        pinned: pinned.map(|pin| pin.query),
    };
    then(app, &map, expected)
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
    words.push_str("\nClick to pin this query.");
    Some(words)
}

fn weight(map: &AttentionMap<'_>, query: usize, distance: usize) -> f32 {
    AttentionMap {
        expected: None,
        ..*map
    }
    .value(query, distance)
}

/// Moves what the map shows: the genome view, or the map alone where it has been freed.
fn move_view(app: &mut App, response: &egui::Response, rect: Rect) {
    let Some(layout) = app.map_pane.drawn.as_ref().map(|drawn| drawn.layout) else {
        return;
    };
    let mut viewport = app.map_viewport();
    if response.dragged() {
        let per_point = viewport.width_bp() / f64::from(layout.plot.width.max(1.0));
        viewport = viewport.pan(-f64::from(response.drag_delta().x) * per_point);
    }
    if response.hovered()
        && let Some(at) = response.hover_pos()
    {
        let (scroll, zoom) = response
            .ctx
            .input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        let bp = viewport.bp_from_x(at.x - rect.min.x, layout.plot.x, layout.plot.width);
        if (zoom - 1.0).abs() > f32::EPSILON {
            viewport = viewport.zoom_at(1.0 / f64::from(zoom), bp);
        } else if scroll.y.abs() > 0.1 {
            viewport = viewport.zoom_at((-f64::from(scroll.y) / 200.0).exp2(), bp);
        }
        if scroll.x.abs() > 0.1 {
            let per_point = viewport.width_bp() / f64::from(layout.plot.width.max(1.0));
            viewport = viewport.pan(-f64::from(scroll.x) * per_point);
        }
    }
    if app.view.map.free.is_some() {
        app.view.map.free = Some(viewport);
    } else {
        app.view.viewport = viewport;
    }
    let clicked = response
        .interact_pointer_pos()
        .filter(|_| response.clicked())
        .and_then(|at| layout.hit(super::hover::within(rect, at)));
    if let Some(hit) = clicked {
        app.commands.push(Command::Pin(Some(Pin {
            contig: viewport.contig,
            query: hit.query,
            strand: app.view.strand,
        })));
    }
}

/// Layer, head, colours, and whether the map moves with the genome view.
fn controls(app: &mut App, ui: &mut Ui) {
    let shape = app.workspace.model.head_shape();
    let selected = app.view.head_id();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(2.0, 2.0);
        ui.weak("layer");
        for layer in 0..shape.layers {
            let id = HeadId { layer, ..selected };
            let words = format!("Layer {}", layer + 1);
            choice(app, ui, layer == selected.layer, layer + 1, &words, id);
        }
        ui.add_space(8.0);
        ui.weak("head");
        for head in 0..shape.heads {
            let id = HeadId { head, ..selected };
            choice(
                app,
                ui,
                head == selected.head,
                head + 1,
                &format!("Head {id}"),
                id,
            );
        }
        ui.add_space(8.0);
        let mut setting = app.view.map.clone();
        let combo = egui::ComboBox::from_id_salt("map colours")
            .width(150.0)
            .selected_text(setting.colors.words());
        let response = combo.show_ui(ui, |ui| {
            for colors in MapColors::ALL {
                ui.selectable_value(&mut setting.colors, colors, colors.words())
                    .on_hover_text(colors.explanation());
            }
        });
        let response = response.response;
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Colours of the attention map")
        });
        response.on_hover_text(setting.colors.explanation());
        ui.add_space(8.0);
        let mut coupled = setting.free.is_none();
        if ui
            .checkbox(&mut coupled, "moves with the genome view")
            .on_hover_text(
                "Whether the map shows the bases of the genome view, or a stretch of its own",
            )
            .changed()
        {
            setting.free = (!coupled).then_some(app.map_viewport());
        }
        ui.add_space(8.0);
        let label = ui.weak("back to");
        let most = app.workspace.model.config().context.saturating_sub(1);
        let mut longest = setting.longest_bp.unwrap_or(most).min(most);
        let drag = egui::DragValue::new(&mut longest)
            .range(15..=most.max(15))
            .suffix(" bp");
        if ui
            .add(drag)
            .labelled_by(label.id)
            .on_hover_text("The longest distance that the map shows")
            .changed()
        {
            setting.longest_bp = (longest < most).then_some(longest);
        }
        if setting != app.view.map {
            app.view.map = setting;
        }
    });
}

/// One button of a row of layers or heads.
fn choice(app: &mut App, ui: &mut Ui, chosen: bool, number: usize, words: &str, id: HeadId) {
    let response = ui.selectable_label(chosen, number.to_string());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, words));
    if response.on_hover_text(words).clicked() {
        app.commands.push(Command::SelectHead(id));
    }
}

/// Says in the middle of a pane why there is nothing to see.
pub fn empty(ui: &mut Ui, text: &str) {
    ui.centered_and_justified(|ui| ui.weak(text));
}
