//! Paints a [`Scene`] with egui: the same scene that the exporters write.

use crate::figure::raster;
use crate::figure::scene::{
    Anchor, Color, Element, Face, Heatmap, Point, Rect, Scene, Shape, Stroke,
};
use crate::figure::text::{self, PathCommand};
use egui::{
    Color32, ColorImage, FontFamily, FontId, Mesh, Painter, Pos2, TextureHandle, TextureOptions,
    Vec2,
};
use lyon_tessellation::path::Path;
use lyon_tessellation::{BuffersBuilder, FillOptions, FillTessellator, FillVertex, VertexBuffers};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// The bold face of the embedded font, as egui knows it.
pub const BOLD: &str = "headlight bold";

/// Keeps what painting makes once: letter meshes and heat-map textures.
#[derive(Default)]
pub struct Canvas {
    letters: HashMap<char, Arc<UnitMesh>>,
    textures: Vec<CachedTexture>,
    frame: u64,
}

/// A letter's filled outline in the unit square, x rightwards, y downwards.
struct UnitMesh {
    points: Vec<[f32; 2]>,
    indices: Vec<u32>,
}

struct CachedTexture {
    values: Weak<Vec<f32>>,
    heatmap: Heatmap,
    size_px: [usize; 2],
    handle: TextureHandle,
    last_used: u64,
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canvas")
            .field("textures", &self.textures.len())
            .finish_non_exhaustive()
    }
}

impl Canvas {
    /// Bytes that the textures may take together: twice a screen of 16 megapixels.
    pub const BUDGET_BYTES: usize = 128 << 20;

    /// Drops textures that the last frames did not paint. Called once a frame, before painting.
    pub fn begin_frame(&mut self) {
        self.frame += 1;
        let frame = self.frame;
        self.textures
            .retain(|texture| texture.last_used + 2 >= frame && texture.values.strong_count() > 0);
        if self.texture_bytes() > Self::BUDGET_BYTES {
            self.textures
                .retain(|texture| texture.last_used + 1 >= frame);
        }
    }

    /// Bytes that they take.
    #[must_use]
    pub fn texture_bytes(&self) -> usize {
        let pixels = |texture: &CachedTexture| texture.size_px[0] * texture.size_px[1];
        self.textures
            .iter()
            .map(|texture| size_of::<Color32>() * pixels(texture))
            .sum()
    }

    /// Paints `scene` with its upper left corner at `origin`.
    pub fn paint(&mut self, painter: &Painter, origin: Pos2, scene: &Scene) {
        let page = egui::Rect::from_min_size(origin, Vec2::new(scene.width, scene.height));
        if let Some(background) = scene.background {
            painter.rect_filled(page, 0.0, color32(background));
        }
        for element in &scene.elements {
            match element.clip {
                Some(clip) => {
                    let clip = rect_at(origin, clip).intersect(painter.clip_rect());
                    self.paint_element(&painter.with_clip_rect(clip), origin, element);
                }
                None => self.paint_element(painter, origin, element),
            }
        }
    }

    fn paint_element(&mut self, painter: &Painter, origin: Pos2, element: &Element) {
        match &element.shape {
            Shape::Rect {
                rect,
                fill,
                stroke,
                radius,
            } => {
                let fill = fill.map_or(Color32::TRANSPARENT, color32);
                let stroke = stroke.map_or(egui::Stroke::NONE, egui_stroke);
                painter.rect(
                    rect_at(origin, *rect),
                    *radius,
                    fill,
                    stroke,
                    egui::StrokeKind::Middle,
                );
            }
            Shape::Line { points, stroke } => {
                let points = points.iter().map(|point| at(origin, *point)).collect();
                painter.add(egui::Shape::line(points, egui_stroke(*stroke)));
            }
            Shape::Polygon { points, fill } => {
                let points = points.iter().map(|point| at(origin, *point)).collect();
                painter.add(egui::Shape::convex_polygon(
                    points,
                    color32(*fill),
                    egui::Stroke::NONE,
                ));
            }
            Shape::Area {
                points,
                baseline,
                fill,
            } => {
                painter.add(area(origin, points, *baseline, color32(*fill)));
            }
            Shape::Letter { letter, rect, fill } => {
                let unit = self
                    .letters
                    .entry(*letter)
                    .or_insert_with(|| Arc::new(tessellate(*letter)));
                painter.add(egui::Shape::mesh(stretched(
                    unit,
                    rect_at(origin, *rect),
                    color32(*fill),
                )));
            }
            Shape::Text {
                at: position,
                anchor,
                size,
                face,
                color,
                text,
                turned,
            } => {
                let style = TextStyle {
                    anchor: *anchor,
                    size: *size,
                    face: *face,
                    turned: *turned,
                };
                paint_text(painter, at(origin, *position), style, color32(*color), text);
            }
            Shape::Heatmap(heatmap) => self.paint_heatmap(painter, origin, heatmap),
        }
    }

    fn paint_heatmap(&mut self, painter: &Painter, origin: Pos2, heatmap: &Heatmap) {
        let target = rect_at(origin, heatmap.rect);
        let pixels_per_point = painter.ctx().pixels_per_point();
        let side = |points: f32, cells: usize| {
            ((points * pixels_per_point).round() as usize).clamp(1, cells.max(1))
        };
        let size_px = [
            side(target.width(), heatmap.columns),
            side(target.height(), heatmap.rows),
        ];
        let same = |texture: &CachedTexture| {
            texture.size_px == size_px
                && std::ptr::eq(texture.values.as_ptr(), Arc::as_ptr(&heatmap.values))
                && texture.heatmap.scale == heatmap.scale
                && texture.heatmap.rows == heatmap.rows
        };
        let index = self.textures.iter().position(same).unwrap_or_else(|| {
            let pixels = raster::raster(heatmap, size_px[0], size_px[1]);
            let image = ColorImage::from_rgba_unmultiplied(size_px, &pixels);
            let handle = painter
                .ctx()
                .load_texture("heatmap", image, TextureOptions::NEAREST);
            self.textures.push(CachedTexture {
                values: Arc::downgrade(&heatmap.values),
                heatmap: Heatmap {
                    values: Arc::new(Vec::new()),
                    ..heatmap.clone()
                },
                size_px,
                handle,
                last_used: self.frame,
            });
            self.textures.len() - 1
        });
        let texture = &mut self.textures[index];
        texture.last_used = self.frame;
        let whole = egui::Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
        painter.image(texture.handle.id(), target, whole, Color32::WHITE);
    }
}

#[derive(Clone, Copy)]
struct TextStyle {
    anchor: Anchor,
    size: f32,
    face: Face,
    turned: bool,
}

fn paint_text(painter: &Painter, position: Pos2, style: TextStyle, color: Color32, text: &str) {
    let family = match style.face {
        Face::Regular => FontFamily::Proportional,
        Face::Bold => FontFamily::Name(BOLD.into()),
    };
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::new(style.size, family), color);
    let baseline = galley
        .rows
        .first()
        .and_then(|row| row.glyphs.first().map(|glyph| row.pos.y + glyph.pos.y));
    let baseline = baseline.unwrap_or(style.size);
    let shift = match style.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => galley.rect.width() / 2.0,
        Anchor::End => galley.rect.width(),
    };
    if style.turned {
        // A quarter turn against the clock maps the text's (x, y) to (y, -x) about its upper left corner.
        let corner = position + Vec2::new(-baseline, shift);
        painter.add(
            egui::epaint::TextShape::new(corner, galley, color)
                .with_angle(-std::f32::consts::FRAC_PI_2),
        );
    } else {
        painter.galley(position - Vec2::new(shift, baseline), galley, color);
    }
}

fn area(origin: Pos2, points: &[Point], baseline: f32, fill: Color32) -> Mesh {
    let mut mesh = Mesh::default();
    for (index, point) in points.iter().enumerate() {
        mesh.colored_vertex(at(origin, *point), fill);
        mesh.colored_vertex(
            at(
                origin,
                Point {
                    x: point.x,
                    y: baseline,
                },
            ),
            fill,
        );
        if index > 0 {
            let first = 2 * (index as u32 - 1);
            mesh.add_triangle(first, first + 1, first + 2);
            mesh.add_triangle(first + 1, first + 2, first + 3);
        }
    }
    mesh
}

fn tessellate(letter: char) -> UnitMesh {
    let point = |at: Point| lyon_tessellation::math::point(at.x, at.y);
    let mut builder = Path::builder();
    for command in text::outline(letter) {
        match *command {
            PathCommand::Move(to) => {
                builder.begin(point(to));
            }
            PathCommand::Line(to) => {
                builder.line_to(point(to));
            }
            PathCommand::Quad(control, to) => {
                builder.quadratic_bezier_to(point(control), point(to));
            }
            PathCommand::Cubic(first, second, to) => {
                builder.cubic_bezier_to(point(first), point(second), point(to));
            }
            PathCommand::Close => builder.end(true),
        }
    }
    let mut buffers: VertexBuffers<[f32; 2], u32> = VertexBuffers::new();
    let options = FillOptions::non_zero().with_tolerance(0.002);
    let vertex = |vertex: FillVertex<'_>| vertex.position().to_array();
    let done = FillTessellator::new().tessellate_path(
        &builder.build(),
        &options,
        &mut BuffersBuilder::new(&mut buffers, vertex),
    );
    if done.is_err() {
        buffers = VertexBuffers::new();
    }
    UnitMesh {
        points: buffers.vertices,
        indices: buffers.indices,
    }
}

fn stretched(unit: &UnitMesh, rect: egui::Rect, fill: Color32) -> Mesh {
    let mut mesh = Mesh::default();
    for [x, y] in &unit.points {
        mesh.colored_vertex(rect.min + rect.size() * Vec2::new(*x, *y), fill);
    }
    mesh.indices.clone_from(&unit.indices);
    mesh
}

fn at(origin: Pos2, point: Point) -> Pos2 {
    origin + Vec2::new(point.x, point.y)
}

fn rect_at(origin: Pos2, rect: Rect) -> egui::Rect {
    egui::Rect::from_min_size(
        origin + Vec2::new(rect.x, rect.y),
        Vec2::new(rect.width, rect.height),
    )
}

/// The colour as egui wants it.
#[must_use]
pub fn color32(color: Color) -> Color32 {
    let [red, green, blue, opacity] = color.0;
    Color32::from_rgba_unmultiplied(red, green, blue, opacity)
}

fn egui_stroke(stroke: Stroke) -> egui::Stroke {
    egui::Stroke::new(stroke.width, color32(stroke.color))
}
