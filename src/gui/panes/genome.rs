//! The genome view in the centre: draws the scene, zooms, pans, and says what lies under the pointer.

use super::hover::{self, within};
use crate::attention::HeadId;
use crate::attention::Received;
use crate::figure::scene::{Element, Scene, Tag};
use crate::figure::theme::BaseColors;
use crate::figure::tracks::{Arcs, GenomeLayout, Hit, TrackKind};
use crate::figure::viewport::Viewport;
use crate::genome::{Anchor, FeatureSet, Interval, Strand};
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::places::Place;
use crate::gui::state::{Pin, Selection};
use crate::gui::wants::LIVE_BP;
use crate::gui::{theme, track_list};
use crate::job::figure::{TrackLooks, TracksPage, ViewInputs, genome_view, rule_name};
use crate::job::live::{PAGE_BP, Page};
use egui::{
    CentralPanel, PointerButton, Pos2, Rect, Response, ScrollArea, Sense, Ui, UiBuilder, Vec2,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the pane keeps between frames: the scene, drawn anew only when something in it has changed.
#[derive(Debug, Default)]
pub struct GenomePane {
    drawn: Option<Drawn>,
    /// The base at which a selection was begun that is still being dragged.
    selecting_from: Option<usize>,
    /// The head whose row was clicked for its menu.
    menu_head: Option<HeadId>,
    /// The selected head that was last seen, so that a newly selected one is brought into view.
    seen_head: Option<HeadId>,
}

#[derive(Debug)]
struct Drawn {
    key: SceneKey,
    /// All but the legend.
    scene: Scene,
    /// The legend, which stays in view while the rest is scrolled.
    legend: Scene,
    layout: GenomeLayout,
}

impl Drawn {
    /// Height of all but the legend.
    fn body_pt(&self) -> f32 {
        let legend = self.layout.track(TrackKind::Legend);
        legend.map_or(self.layout.height, |legend| legend.y)
    }
}

/// Everything that a genome view is made from.
#[derive(Clone, Debug, PartialEq)]
struct SceneKey {
    generation: u64,
    changes: u64,
    viewport: Viewport,
    strand: Strand,
    rule: Received,
    head: HeadId,
    hidden_tfs: BTreeSet<String>,
    hidden_heads: BTreeSet<(usize, usize)>,
    tracks: TrackLooks,
    pinned: Option<Pin>,
    arcs: Option<usize>,
    selection: Option<Selection>,
    size: [u32; 2],
    pixels_per_point: u32,
    dark: bool,
    base_colors: BaseColors,
    pages: Vec<usize>,
}

impl GenomePane {
    /// The view as it was last drawn.
    #[must_use]
    pub fn export_scene(&self) -> Option<Scene> {
        let drawn = self.drawn.as_ref()?;
        let mut scene = drawn.scene.clone();
        scene.elements.extend(drawn.legend.elements.iter().cloned());
        Some(scene)
    }

    /// The tracks as they were last drawn, and where they are.
    #[must_use]
    pub fn drawn_view(&self) -> Option<(&Scene, &GenomeLayout)> {
        self.drawn
            .as_ref()
            .map(|drawn| (&drawn.scene, &drawn.layout))
    }
}

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    CentralPanel::default()
        .frame(egui::Frame::NONE.fill(ui.visuals().extreme_bg_color))
        .show(ui, |ui| {
            super::minimap::show(app, ui);
            let available = ui.available_size();
            redraw(app, available, ui.ctx());
            let Some(drawn) = app.genome_pane.drawn.take() else {
                return;
            };
            let body = drawn.body_pt();
            let legend_pt = (drawn.layout.height - body).min(available.y);
            let all = ui.available_rect_before_wrap();
            let (tracks, legend) = all.split_top_bottom_at_y(all.max.y - legend_pt);
            ui.scope_builder(UiBuilder::new().max_rect(tracks), |ui| {
                // That there is more below has to be seen before anything is hovered.
                let bar = &mut ui.style_mut().spacing.scroll;
                bar.dormant_handle_opacity = 0.7;
                bar.dormant_background_opacity = 0.4;
                bar.floating_width = 6.0;
                ScrollArea::vertical()
                    .auto_shrink(false)
                    .scroll_source(egui::scroll_area::ScrollSource::SCROLL_BAR)
                    .show(ui, |ui| {
                        let height = body.max(tracks.height() - 1.0);
                        let size = Vec2::new(available.x, height);
                        let (rect, response) =
                            ui.allocate_exact_size(size, Sense::click_and_drag());
                        response.widget_info(|| {
                            egui::WidgetInfo::labeled(
                                egui::Role::Image,
                                true,
                                "Genome view: genes, sites and head rows",
                            )
                        });
                        app.canvas
                            .paint(&ui.painter_at(rect), rect.min, &drawn.scene);
                        state_of_view(app, ui, rect, &drawn.layout);
                        navigate(app, ui, &response, rect, &drawn);
                        head_menu(app, &response, rect, &drawn);
                        bring_into_view(app, ui, rect, &drawn.layout);
                        explain(app, &response, rect, &drawn);
                    });
            });
            let origin = legend.min - Vec2::new(0.0, body);
            app.canvas
                .paint(&ui.painter_at(legend), origin, &drawn.legend);
            selection_bar(app, ui, tracks);
            ui.allocate_rect(all, Sense::hover());
            app.genome_pane.drawn = Some(drawn);
        });
}

/// Pages of the chosen strand in view, and those that hold the other strand's probability with their first page.
type InView = (Vec<Arc<Page>>, Vec<(usize, Arc<Page>)>);

fn pages_in_view(app: &mut App) -> InView {
    let (mut shown, mut other) = InView::default();
    if app.is_live() {
        let bases = app.shown();
        for page in bases.start / PAGE_BP..=bases.end.saturating_sub(1) / PAGE_BP {
            let key = app.page_key(app.view.strand, page);
            shown.extend(app.pages.get(&key));
            // The other strand's probability may come from its own full page.
            let key = app.page_key(app.view.strand.opposite(), page);
            let full = crate::job::live::PageKey {
                kind: crate::job::live::PageKind::Tracks,
                ..key
            };
            let found = app.pages.get(&full).or_else(|| app.pages.get(&key));
            other.extend(found.map(|found| (page * PAGE_BP, found)));
        }
    }
    (shown, other)
}

/// Draws the scene anew if anything in it has changed.
fn redraw(app: &mut App, available: Vec2, ctx: &egui::Context) {
    let (shown, other) = pages_in_view(app);
    let contig = app.view.viewport.contig;
    let pinned = app.view.pinned.filter(|pin| pin.contig == contig);
    let selection = app.view.selection.filter(|s| s.contig == contig);
    let key = SceneKey {
        generation: app.view_generation(),
        changes: app.workspace.changes,
        viewport: app.view.viewport,
        strand: app.view.strand,
        rule: app.view.rule,
        head: app.view.head_id(),
        hidden_tfs: app.view.hidden_tfs.clone(),
        hidden_heads: app.view.hidden_heads.clone(),
        tracks: track_list::looks(app),
        pinned,
        arcs: app
            .pinned_block()
            .map(|block| std::ptr::from_ref(block) as usize),
        selection,
        size: [available.x.to_bits(), available.y.to_bits()],
        pixels_per_point: ctx.pixels_per_point().to_bits(),
        dark: app.dark,
        base_colors: app.preferences.base_colors,
        pages: shown
            .iter()
            .chain(other.iter().map(|(_, page)| page))
            .map(|page| Arc::as_ptr(page) as usize)
            .collect(),
    };
    let drawn = app.genome_pane.drawn.as_ref();
    if drawn.is_some_and(|drawn| drawn.key == key) {
        return;
    }
    let pages: Vec<&TracksPage> = shown
        .iter()
        .filter_map(|page| match &**page {
            Page::Tracks(tracks) => Some(tracks.as_ref()),
            Page::Probability(_) => None,
        })
        .collect();
    let other: Vec<(usize, &[f32])> = other
        .iter()
        .map(|(start, page)| match &**page {
            Page::Tracks(tracks) => (*start, tracks.tracks().probability.as_slice()),
            Page::Probability(values) => (*start, values.as_slice()),
        })
        .collect();
    let sites = app.shown_sites();
    let start_sites: Option<&FeatureSet> = app
        .workspace
        .anchors
        .as_ref()
        .map(|anchors| &anchors.features);
    let arcs = app.pinned_weights().map(|(pin, weights)| Arcs {
        head: app.view.head_id(),
        strand: pin.strand,
        query: pin.query,
        weights,
    });
    let heads = app.view.shown_heads(app.workspace.model.head_shape());
    let (mut scene, layout) = genome_view(&ViewInputs {
        base_colors: key.base_colors,
        genome: &app.workspace.genome,
        features: &app.workspace.features,
        start_sites,
        sites: &sites,
        model: &app.workspace.model,
        viewport: app.view.viewport,
        strand: app.view.strand,
        rule: app.view.rule,
        heads: &heads,
        pages: &pages,
        other_strand: &other,
        overview: app.overview(),
        selected_head: Some(app.view.head_id()),
        width: available.x,
        height: Some(available.y - 2.0),
        pixels_per_point: ctx.pixels_per_point(),
        theme: theme::figure_theme(ctx.theme()),
        title: None,
        selected: selection.map(|selection| selection.interval),
        arcs,
        pinned: pinned.map(|pin| pin.query),
        tracks: &key.tracks,
    });
    let is_legend = |element: &Element| element.tag == Some(Tag::Part("legend"));
    let (legend, rest) = scene.elements.into_iter().partition(is_legend);
    scene.elements = rest;
    let legend = Scene {
        elements: legend,
        background: None,
        ..scene
    };
    app.genome_pane.drawn = Some(Drawn {
        key,
        scene,
        legend,
        layout,
    });
}

/// What can be done with the selected bases, over the lower right corner of the tracks.
fn selection_bar(app: &mut App, ui: &mut Ui, tracks: Rect) {
    let contig = app.view.viewport.contig;
    let Some(selection) = app.view.selection.filter(|s| s.contig == contig) else {
        return;
    };
    let shown = Interval::new(
        app.view.viewport.start.max(0.0) as usize,
        app.view.viewport.end.ceil() as usize,
    );
    if app.genome_pane.selecting_from.is_some() || !selection.interval.overlaps(shown) {
        return;
    }
    let size = Vec2::new(430.0_f32.min(tracks.width() - 16.0), 30.0);
    let place = Rect::from_min_size(tracks.max - size - Vec2::new(16.0, 8.0), size);
    let builder = UiBuilder::new()
        .max_rect(place)
        .layout(egui::Layout::right_to_left(egui::Align::Center));
    ui.scope_builder(builder, |ui| {
        egui::Frame::popup(ui.style()).show(ui, |ui| {
            let button = |ui: &mut Ui, words: &str, name: &str, tooltip: &str| {
                let response = ui.small_button(words);
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
                response.on_hover_text(tooltip).clicked()
            };
            if button(ui, "×", "Select nothing", "Select nothing") {
                app.commands.push(Command::Select(None));
            }
            for (words, name, tooltip, command) in [
                (
                    "Save…",
                    "Save the selection as FASTA",
                    "Saves the selected bases as FASTA",
                    Command::ExportSelection,
                ),
                (
                    "FASTA",
                    "Copy the selection as FASTA",
                    "Copies the selected bases as FASTA",
                    Command::Place(Place::CopyFasta),
                ),
                (
                    "Copy",
                    "Copy the selected bases",
                    "Copies the selected bases as they are read on the strand of the head rows",
                    Command::Place(Place::CopySequence),
                ),
                (
                    "Zoom",
                    "Zoom to the selection",
                    "Shows the selected stretch and nothing else",
                    Command::Place(Place::ZoomToSelection),
                ),
            ] {
                if button(ui, words, name, tooltip) {
                    app.commands.push(command);
                }
            }
            let words = format!(
                "{} · {} bp",
                selection.interval,
                crate::genome::locus::grouped(selection.interval.len())
            );
            ui.add(egui::Label::new(words).truncate());
        });
    });
}

/// Says what is missing, in place, where nothing can be drawn.
fn state_of_view(app: &App, ui: &Ui, rect: Rect, layout: &GenomeLayout) {
    let Some(heads) = layout.track(TrackKind::Heads).filter(|_| !app.is_live()) else {
        return;
    };
    let near = format!("zoom in below {} kb", (LIVE_BP / 1000.0) as usize);
    let text = match app.overview().map(crate::attention::Overview::rules) {
        Some(rules) if rules.contains(&app.view.rule) => return,
        Some(rules) if !rules.is_empty() => {
            let kept: Vec<_> = rules.into_iter().map(rule_name).collect();
            format!(
                "The run over the whole genome kept \u{201c}{}\u{201d}: choose that above, or {near}.",
                kept.join("\u{201d}, \u{201c}")
            )
        }
        _ => format!(
            "To see what the heads look at here, {near}, or run the model over the whole genome (Analyse menu)."
        ),
    };
    let middle = rect.min + Vec2::new(heads.x + heads.width / 2.0, heads.y + heads.height / 2.0);
    let font = egui::FontId::proportional(14.0);
    let galley = ui
        .painter()
        .layout_no_wrap(text, font, ui.visuals().text_color());
    let back = Rect::from_center_size(middle, galley.size() + Vec2::new(24.0, 12.0));
    ui.painter().rect_filled(back, 6.0, ui.visuals().panel_fill);
    ui.painter().galley(
        middle - galley.size() / 2.0,
        galley,
        ui.visuals().text_color(),
    );
}

fn navigate(app: &mut App, ui: &Ui, response: &Response, rect: Rect, drawn: &Drawn) {
    let layout = &drawn.layout;
    let bp_at = |at: Pos2| layout.bp_from_x(at.x - rect.min.x);
    if response.hovered() {
        let (scroll, zoom, pointer) = ui.input(|input| {
            (
                input.smooth_scroll_delta(),
                input.zoom_delta(),
                input.pointer.hover_pos(),
            )
        });
        let viewport = app.view.viewport;
        let at = pointer.map_or(f64::midpoint(viewport.start, viewport.end), bp_at);
        if (zoom - 1.0).abs() > f32::EPSILON {
            app.view.viewport = viewport.zoom_at(1.0 / f64::from(zoom), at);
        } else if scroll.y.abs() > 0.1 {
            app.view.viewport = viewport.zoom_at((-f64::from(scroll.y) / 200.0).exp2(), at);
        }
        if scroll.x.abs() > 0.1 {
            let by = -f64::from(scroll.x) * bp_per_point(app, layout);
            app.view.viewport = app.view.viewport.pan(by);
        }
    }
    drag(app, ui, response, bp_at, layout);
    let Some(at) = response.interact_pointer_pos() else {
        return;
    };
    if response.double_clicked() {
        let viewport = app.view.viewport;
        let shift = bp_at(at) - f64::midpoint(viewport.start, viewport.end);
        app.commands.push(Command::Show {
            contig: viewport.contig,
            start: viewport.start + shift,
            end: viewport.end + shift,
        });
    } else if response.clicked() {
        click(app, drawn, rect, at);
    }
}

/// What can be done with the row under the pointer, on a right click.
fn head_menu(app: &mut App, response: &Response, rect: Rect, drawn: &Drawn) {
    if response.secondary_clicked() {
        let at = response.interact_pointer_pos();
        let found = at.and_then(|at| hit(drawn, rect, at)?.head);
        app.genome_pane.menu_head = found;
    }
    let Some(head) = app.genome_pane.menu_head else {
        return;
    };
    let shape = app.workspace.model.head_shape();
    let hidden = app.view.hidden_heads.clone();
    let layer = head.layer + 1;
    let with = |more: &dyn Fn(&HeadId) -> bool| {
        let more = shape.all().filter(|other| more(other));
        let more = more.map(|other| (other.layer, other.head));
        hidden.iter().copied().chain(more).collect::<BTreeSet<_>>()
    };
    response.context_menu(|ui| {
        let offers = [
            (format!("Select {head}"), Command::SelectHead(head)),
            (
                format!("Hide {head}"),
                Command::HideHeads(with(&|other| *other == head)),
            ),
            (
                format!("Hide layer {layer}"),
                Command::HideHeads(with(&|other| other.layer == head.layer)),
            ),
            (
                format!("Only layer {layer}"),
                Command::HideHeads(
                    shape
                        .all()
                        .filter(|other| other.layer != head.layer)
                        .map(|other| (other.layer, other.head))
                        .collect(),
                ),
            ),
        ];
        for (words, command) in offers {
            if ui.button(words).clicked() {
                app.commands.push(command);
                ui.close();
            }
        }
        let all = egui::Button::new("Show all heads");
        if ui.add_enabled(!hidden.is_empty(), all).clicked() {
            app.commands.push(Command::HideHeads(BTreeSet::new()));
            ui.close();
        }
    });
}

/// Scrolls to the row of a head that has just been selected, where it is not in view.
fn bring_into_view(app: &mut App, ui: &Ui, rect: Rect, layout: &GenomeLayout) {
    let head = app.view.head_id();
    if app.genome_pane.seen_head.replace(head) == Some(head) {
        return;
    }
    let row = layout.rows.iter().find(|(other, _, _)| *other == head);
    if let Some((_, top, height)) = row {
        let place = Rect::from_min_size(
            egui::pos2(rect.min.x, rect.min.y + top),
            Vec2::new(1.0, *height),
        );
        if !ui.clip_rect().y_range().contains(place.max.y) {
            ui.scroll_to_rect(place, None);
        }
    }
}

/// A drag pans; with Shift it selects.
fn drag(
    app: &mut App,
    ui: &Ui,
    response: &Response,
    bp_at: impl Fn(Pos2) -> f64,
    layout: &GenomeLayout,
) {
    let contig_bp = app.view.viewport.contig_bp;
    let base_at = |at: Pos2| (bp_at(at).max(0.0) as usize).min(contig_bp.saturating_sub(1));
    if response.drag_started_by(PointerButton::Primary) && ui.input(|input| input.modifiers.shift) {
        let from = ui.input(|input| input.pointer.press_origin());
        app.genome_pane.selecting_from = from.map(base_at);
    }
    if response.drag_stopped() {
        app.genome_pane.selecting_from = None;
    }
    if !response.dragged_by(PointerButton::Primary) {
        return;
    }
    if let Some(from) = app.genome_pane.selecting_from {
        let to = response.interact_pointer_pos().map_or(from, base_at);
        app.view.selection = Some(Selection {
            contig: app.view.viewport.contig,
            interval: Interval::new(from.min(to), from.max(to) + 1),
        });
        ui.ctx().set_cursor_icon(egui::CursorIcon::Text);
    } else {
        let by = -f64::from(response.drag_delta().x) * bp_per_point(app, layout);
        app.view.viewport = app.view.viewport.pan(by);
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    }
}

/// A click selects a head, a gene or a site, or pins a query.
fn click(app: &mut App, drawn: &Drawn, rect: Rect, at: Pos2) {
    let Some(hit) = hit(drawn, rect, at) else {
        return;
    };
    let contig = app.view.viewport.contig;
    let select = |interval| Command::Select(Some(Selection { contig, interval }));
    let tag = drawn.scene.tag_at(within(rect, at));
    let command = match (hit.track, tag) {
        (TrackKind::Heads, _) => hit.head.map(Command::SelectHead),
        (TrackKind::Probability, _) => hit.bp.zip(hit.strand).map(|(query, strand)| {
            Command::Pin(Some(Pin {
                contig,
                query,
                strand,
            }))
        }),
        (TrackKind::Genes, Some(Tag::Feature(index))) => {
            let gene = app.workspace.features.all().get(*index);
            gene.map(|gene| select(gene.interval))
        }
        (TrackKind::Tss, Some(Tag::Feature(index))) => {
            let anchors = app.workspace.anchors.as_ref();
            let feature = anchors.and_then(|anchors| anchors.features.all().get(*index));
            let anchor = feature.and_then(|feature| {
                Some(Anchor {
                    contig: feature.contig(),
                    position: feature.interval.start,
                    strand: feature.strand?,
                })
            });
            let pin = anchor.and_then(|anchor| app.pin_of_start_site(anchor));
            pin.map(|pin| Command::Pin(Some(pin)))
        }
        (_, Some(Tag::Site(set, index))) => {
            let set = app.workspace.sites.get(*set);
            let site = set.and_then(|set| set.sites.get(*index));
            site.map(|site| select(site.interval))
        }
        (TrackKind::Sequence, _) => hit.bp.map(|bp| select(Interval::new(bp, bp + 1))),
        (TrackKind::Arcs, None | Some(Tag::Part(_))) => Some(Command::Pin(None)),
        _ => None,
    };
    app.commands.extend(command);
}

fn bp_per_point(app: &App, layout: &GenomeLayout) -> f64 {
    app.view.viewport.width_bp() / f64::from(layout.plot.width.max(1.0))
}

fn hit(drawn: &Drawn, rect: Rect, at: Pos2) -> Option<Hit> {
    drawn.layout.hit(within(rect, at))
}

/// Says in words what lies under the pointer.
fn explain(app: &App, response: &Response, rect: Rect, drawn: &Drawn) {
    let Some(at) = response.hover_pos().filter(|_| !response.dragged()) else {
        return;
    };
    let Some(hit) = hit(drawn, rect, at) else {
        return;
    };
    let lines = hover::lines(app, drawn.scene.tag_at(within(rect, at)), hit);
    if lines.is_empty() {
        return;
    }
    response.clone().on_hover_ui_at_pointer(|ui| {
        for line in &lines {
            ui.label(line);
        }
    });
}
