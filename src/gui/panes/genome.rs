//! The genome view in the centre: draws the scene, zooms, pans, and says what lies under the pointer.

use crate::attention::HeadId;
use crate::attention::Received;
use crate::figure::scene::{Point, Scene, Tag};
use crate::figure::tracks::{GenomeLayout, Hit, TrackKind};
use crate::figure::viewport::Viewport;
use crate::genome::locus::grouped;
use crate::genome::{FeatureSet, Strand};
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::theme;
use crate::gui::wants::LIVE_BP;
use crate::job::figure::{TracksPage, ViewInputs, genome_view, rule_name};
use crate::job::live::{PAGE_BP, Page};
use egui::{CentralPanel, PointerButton, Pos2, Rect, Response, ScrollArea, Sense, Ui, Vec2};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the pane keeps between frames: the scene, drawn anew only when something in it has changed.
#[derive(Debug, Default)]
pub struct GenomePane {
    drawn: Option<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    key: SceneKey,
    scene: Scene,
    layout: GenomeLayout,
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
    size: [u32; 2],
    pixels_per_point: u32,
    dark: bool,
    pages: Vec<usize>,
}

impl GenomePane {
    /// The view as it was last drawn.
    #[must_use]
    pub fn export_scene(&self) -> Option<Scene> {
        self.drawn.as_ref().map(|drawn| drawn.scene.clone())
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
            ScrollArea::vertical()
                .auto_shrink(false)
                .scroll_source(egui::scroll_area::ScrollSource::SCROLL_BAR)
                .show(ui, |ui| {
                    let size = Vec2::new(available.x, drawn.scene.height.max(available.y - 1.0));
                    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
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
                    navigate(app, ui, &response, rect, &drawn.layout);
                    explain(app, &response, rect, &drawn);
                });
            app.genome_pane.drawn = Some(drawn);
        });
}

/// Draws the scene anew if anything in it has changed.
fn redraw(app: &mut App, available: Vec2, ctx: &egui::Context) {
    let mut shown: Vec<Arc<Page>> = Vec::new();
    let mut other: Vec<(usize, Arc<Page>)> = Vec::new();
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
    let key = SceneKey {
        generation: app.view_generation(),
        changes: app.workspace.changes,
        viewport: app.view.viewport,
        strand: app.view.strand,
        rule: app.view.rule,
        head: app.view.head_id(),
        hidden_tfs: app.view.hidden_tfs.clone(),
        size: [available.x.to_bits(), available.y.to_bits()],
        pixels_per_point: ctx.pixels_per_point().to_bits(),
        dark: app.dark,
        pages: shown
            .iter()
            .chain(other.iter().map(|(_, page)| page))
            .map(|page| Arc::as_ptr(page) as usize)
            .collect(),
    };
    if app
        .genome_pane
        .drawn
        .as_ref()
        .is_some_and(|drawn| drawn.key == key)
    {
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
    let start_sites: Option<&FeatureSet> = app
        .workspace
        .anchors
        .as_ref()
        .map(|anchors| &anchors.features);
    let (scene, layout) = genome_view(&ViewInputs {
        genome: &app.workspace.genome,
        features: &app.workspace.features,
        start_sites,
        sites: &app.workspace.sites,
        hidden_tfs: &app.view.hidden_tfs,
        model: &app.workspace.model,
        viewport: app.view.viewport,
        strand: app.view.strand,
        rule: app.view.rule,
        pages: &pages,
        other_strand: &other,
        overview: app.overview(),
        selected_head: Some(app.view.head_id()),
        width: available.x,
        height: Some(available.y - 2.0),
        pixels_per_point: ctx.pixels_per_point(),
        theme: theme::figure_theme(ctx.theme()),
        title: None,
    });
    app.genome_pane.drawn = Some(Drawn { key, scene, layout });
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

fn navigate(app: &mut App, ui: &Ui, response: &Response, rect: Rect, layout: &GenomeLayout) {
    let bp_at = |at: Pos2| layout.bp_from_x(at.x - rect.min.x);
    if response.hovered() {
        let (scroll, zoom, pointer) = ui.input(|input| {
            (
                input.smooth_scroll_delta(),
                input.zoom_delta(),
                input.pointer.hover_pos(),
            )
        });
        let at = pointer.map_or(
            f64::midpoint(app.view.viewport.start, app.view.viewport.end),
            bp_at,
        );
        if (zoom - 1.0).abs() > f32::EPSILON {
            app.view.viewport = app.view.viewport.zoom_at(1.0 / f64::from(zoom), at);
        } else if scroll.y.abs() > 0.1 {
            app.view.viewport = app
                .view
                .viewport
                .zoom_at((-f64::from(scroll.y) / 200.0).exp2(), at);
        }
        if scroll.x.abs() > 0.1 {
            app.view.viewport = app
                .view
                .viewport
                .pan(-f64::from(scroll.x) * bp_per_point(app, layout));
        }
    }
    if response.dragged_by(PointerButton::Primary) {
        let moved = response.drag_delta().x;
        app.view.viewport = app
            .view
            .viewport
            .pan(-f64::from(moved) * bp_per_point(app, layout));
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    }
    let Some(at) = response.interact_pointer_pos() else {
        return;
    };
    if response.double_clicked() {
        let shift = bp_at(at) - f64::midpoint(app.view.viewport.start, app.view.viewport.end);
        let (start, end) = (
            app.view.viewport.start + shift,
            app.view.viewport.end + shift,
        );
        app.commands.push(Command::Show {
            contig: app.view.viewport.contig,
            start,
            end,
        });
    } else if response.clicked()
        && let Some(head) = hit(layout, rect, at).and_then(|hit| hit.head)
    {
        app.commands.push(Command::SelectHead(head));
    }
}

fn bp_per_point(app: &App, layout: &GenomeLayout) -> f64 {
    app.view.viewport.width_bp() / f64::from(layout.plot.width.max(1.0))
}

fn hit(layout: &GenomeLayout, rect: Rect, at: Pos2) -> Option<Hit> {
    layout.hit(Point {
        x: at.x - rect.min.x,
        y: at.y - rect.min.y,
    })
}

/// Says in words what lies under the pointer.
fn explain(app: &App, response: &Response, rect: Rect, drawn: &Drawn) {
    let Some(at) = response.hover_pos().filter(|_| !response.dragged()) else {
        return;
    };
    let Some(hit) = hit(&drawn.layout, rect, at) else {
        return;
    };
    let mut lines: Vec<String> = Vec::new();
    match drawn.scene.tag_at(Point {
        x: at.x - rect.min.x,
        y: at.y - rect.min.y,
    }) {
        Some(Tag::Feature(index)) if hit.track == TrackKind::Genes => {
            if let Some(feature) = app.workspace.features.all().get(*index) {
                let strand = feature
                    .strand
                    .map_or(String::new(), |strand| format!(", strand {strand}"));
                lines.push(format!("{} ({})", feature.name, feature.locus_tag));
                if !feature.product.is_empty() {
                    lines.push(feature.product.clone());
                }
                lines.push(format!(
                    "{}{strand}, {} bp",
                    feature.interval,
                    grouped(feature.interval.len())
                ));
            }
        }
        Some(Tag::Site(set, index)) => {
            if let Some(site) = app
                .workspace
                .sites
                .get(*set)
                .and_then(|set| set.sites.get(*index))
            {
                let strand = site
                    .strand
                    .map_or("both or no strand".to_owned(), |strand| {
                        format!("strand {strand}")
                    });
                lines.push(format!("{} binding site, {strand}", site.tf));
                lines.push(format!("{}, {} bp", site.interval, site.interval.len()));
                if !site.sequence.is_empty() {
                    lines.push(site.sequence.clone());
                }
                if !site.targets.is_empty() {
                    lines.push(format!("of {}", site.targets.join(", ")));
                }
            }
        }
        _ => {
            let Some(bp) = hit.bp else { return };
            lines.push(format!("base {}", grouped(bp + 1)));
            match hit.track {
                TrackKind::Heads => head_lines(app, bp, hit.head, &mut lines),
                TrackKind::Probability => {
                    for strand in Strand::BOTH {
                        if let Some(value) = probability_at(app, strand, bp) {
                            lines.push(format!("P(TSS) {value:.4} at the output on {strand}"));
                        }
                    }
                    let shift = app.workspace.model.config().label_shift;
                    lines.push(format!(
                        "An output scores the start site {shift} bases upstream of it."
                    ));
                }
                _ => return,
            }
        }
    }
    response.clone().on_hover_ui_at_pointer(|ui| {
        for line in &lines {
            ui.label(line);
        }
    });
}

fn head_lines(app: &App, bp: usize, head: Option<HeadId>, lines: &mut Vec<String>) {
    let Some(head) = head else { return };
    let strand = app.view.strand;
    lines.insert(0, format!("head {head}, strand {strand}"));
    let key = app.page_key(strand, bp / PAGE_BP);
    let Some(page) = app.pages.peek(&key) else {
        lines.push("not computed yet".to_owned());
        return;
    };
    let Page::Tracks(page) = &*page else { return };
    let tracks = page.tracks();
    let Some(column) = bp.checked_sub(tracks.interval.start) else {
        return;
    };
    let index = app.workspace.model.head_shape().row(head) * tracks.interval.len() + column;
    let uniform = 1.0 / app.workspace.model.config().context as f32;
    let value = |rule: usize| tracks.tracks[rule].get(index).copied().unwrap_or(f32::NAN);
    lines.push(format!(
        "mean received weight {:.5} ({:.1} × uniform)",
        value(0),
        value(0) / uniform
    ));
    lines.push(format!("weighted by P(TSS) {:.5}", value(1)));
    lines.push(format!("over expected: log₂ {:+.2}", value(2)));
}

fn probability_at(app: &App, strand: Strand, bp: usize) -> Option<f32> {
    let page = app.pages.peek(&app.page_key(strand, bp / PAGE_BP))?;
    let values = match &*page {
        Page::Tracks(tracks) => &tracks.tracks().probability,
        Page::Probability(values) => values,
    };
    values.get(bp % PAGE_BP).copied()
}
