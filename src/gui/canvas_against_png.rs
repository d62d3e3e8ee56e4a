//! Whether the window paints what the PNG shows: the meshes that egui hands to the graphics card are rastered
//! here and compared with the exported picture.

use super::canvas::Canvas;
use super::theme;
use crate::figure::png::png;
use crate::figure::scene::{Element, Heatmap, Scene, Shape, Tag};
use crate::figure::{LogoData, ProfileChart, Provenance, Sheet, Theme, logo, profile_chart};
use crate::job::figure_page::describe::InputsDescription;
use crate::job::figure_page::{Description, Sources, render};
use crate::progress::{Cancel, Progress};
use egui::epaint::{ImageData, Primitive, Vertex};
use egui::{Color32, Pos2, TextureId};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Pixels to a point.
const SCALE: f32 = 2.0;
/// An edge of the window's picture may lie this far from the exported one, in pixels.
const MOST_APART_PX: u32 = 1;
/// Opacity from which a pixel counts as painted.
const INK: u8 = 96;
/// Two rasters round what is thinner than a pixel differently: what the file paints more strongly than the
/// first has to be in the window, and what is in the window has to be painted more strongly than the second.
const SURE_AND_FAINT_INK: [u8; 2] = [144, 48];

/// A picture: premultiplied red, green, blue and opacity.
struct Pixels {
    width: usize,
    height: usize,
    rgba: Vec<[f32; 4]>,
}

impl Pixels {
    fn at(&self, x: usize, y: usize) -> [f32; 4] {
        self.rgba[y * self.width + x]
    }

    /// The box of what is painted at least so strongly: left, top, right and bottom pixel.
    fn ink(&self, least: u8) -> Option<[u32; 4]> {
        let mut ink: Option<[u32; 4]> = None;
        for (index, pixel) in self.rgba.iter().enumerate() {
            if pixel[3] * 255.0 < f32::from(least) {
                continue;
            }
            let (x, y) = ((index % self.width) as u32, (index / self.width) as u32);
            let [left, top, right, bottom] = ink.unwrap_or([x, y, x, y]);
            ink = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
        }
        ink
    }
}

/// A scene as the window's meshes paint it.
fn window_pixels(ctx: &egui::Context, textures: &mut Textures, scene: &Scene) -> Pixels {
    let mut canvas = Canvas::default();
    let size = egui::vec2(scene.width, scene.height);
    let mut input = egui::RawInput {
        screen_rect: Some(egui::Rect::from_min_size(Pos2::ZERO, size)),
        ..egui::RawInput::default()
    };
    if let Some(viewport) = input.viewports.get_mut(&egui::ViewportId::ROOT) {
        viewport.native_pixels_per_point = Some(SCALE);
    }
    let output = ctx.run_ui(input, |ui| {
        canvas.begin_frame();
        canvas.paint(ui.painter(), Pos2::ZERO, scene);
    });
    textures.update(&output.textures_delta);
    let (width, height) = (
        (size.x * SCALE).ceil() as usize,
        (size.y * SCALE).ceil() as usize,
    );
    let mut pixels = Pixels {
        width,
        height,
        rgba: vec![[0.0; 4]; width * height],
    };
    for clipped in ctx.tessellate(output.shapes, SCALE) {
        let Primitive::Mesh(mesh) = clipped.primitive else {
            continue;
        };
        let clip = clipped.clip_rect;
        for corners in mesh.indices.chunks_exact(3) {
            let corners = [0, 1, 2].map(|index| mesh.vertices[corners[index] as usize]);
            triangle(&mut pixels, clip, corners, &textures.0, mesh.texture_id);
        }
    }
    pixels
}

/// Textures as they are on the graphics card: width, height, texels.
#[derive(Default)]
struct Textures(HashMap<TextureId, (usize, usize, Vec<Color32>)>);

impl Textures {
    fn update(&mut self, delta: &egui::TexturesDelta) {
        for (id, changes) in &delta.set {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                let [width, height] = image.size;
                let Some([left, top]) = change.pos else {
                    self.0.insert(*id, (width, height, image.pixels.clone()));
                    continue;
                };
                let (all, _, texels) = self.0.get_mut(id).expect("a texture before its patch");
                for row in 0..height {
                    let to = (top + row) * *all + left;
                    let from = row * width;
                    texels[to..to + width].copy_from_slice(&image.pixels[from..from + width]);
                }
            }
        }
    }
}

/// Paints a triangle as a graphics card does: a pixel whose middle lies inside, colours and texture between the
/// corners, over what is there.
fn triangle(
    pixels: &mut Pixels,
    clip: egui::Rect,
    corners: [Vertex; 3],
    textures: &HashMap<TextureId, (usize, usize, Vec<Color32>)>,
    texture: TextureId,
) {
    let place = corners.map(|corner| corner.pos.to_vec2() * SCALE);
    let area = |a: egui::Vec2, b: egui::Vec2, c: egui::Vec2| {
        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    };
    let whole = area(place[0], place[1], place[2]);
    if whole.abs() < 1e-9 {
        return;
    }
    let range = |values: [f32; 3], low: f32, high: f32, most: usize| {
        let least = values
            .into_iter()
            .fold(f32::INFINITY, f32::min)
            .max(low * SCALE);
        let largest = values.into_iter().fold(0.0, f32::max).min(high * SCALE);
        (least.max(0.0) as usize)..(largest.ceil().max(0.0) as usize).min(most)
    };
    let columns = range(place.map(|at| at.x), clip.min.x, clip.max.x, pixels.width);
    let rows = range(place.map(|at| at.y), clip.min.y, clip.max.y, pixels.height);
    let (across, down, texels) = &textures[&texture];
    for y in rows {
        for x in columns.clone() {
            let middle = egui::vec2(x as f32 + 0.5, y as f32 + 0.5);
            let inside = clip.expand(1e-3).contains((middle / SCALE).to_pos2());
            let share = [
                area(place[1], place[2], middle) / whole,
                area(place[2], place[0], middle) / whole,
                area(place[0], place[1], middle) / whole,
            ];
            if !inside || share.iter().any(|share| *share < 0.0) {
                continue;
            }
            let mix = |of: [f32; 3]| (0..3).map(|corner| share[corner] * of[corner]).sum::<f32>();
            let uv = [
                mix(corners.map(|corner| corner.uv.x)) * *across as f32,
                mix(corners.map(|corner| corner.uv.y)) * *down as f32,
            ];
            let texel =
                texels[(uv[1] as usize).min(down - 1) * across + (uv[0] as usize).min(across - 1)];
            let texel = texel.to_array().map(|value| f32::from(value) / 255.0);
            let mut color = [0.0; 4];
            for (channel, value) in color.iter_mut().enumerate() {
                *value = texel[channel]
                    * mix(corners.map(|corner| f32::from(corner.color.to_array()[channel]) / 255.0));
            }
            let under = &mut pixels.rgba[y * pixels.width + x];
            for channel in 0..4 {
                under[channel] = color[channel] + under[channel] * (1.0 - color[3]);
            }
        }
    }
}

/// A scene as the exported PNG shows it.
fn file_pixels(scene: &Scene) -> Pixels {
    let bytes = png(scene, 72.0 * SCALE, &Provenance::new()).unwrap();
    let picture = image::load_from_memory(&bytes).unwrap().into_rgba8();
    let premultiplied = picture.pixels().map(|pixel| {
        let [red, green, blue, opacity] = pixel.0.map(|value| f32::from(value) / 255.0);
        [red * opacity, green * opacity, blue * opacity, opacity]
    });
    Pixels {
        width: picture.width() as usize,
        height: picture.height() as usize,
        rgba: premultiplied.collect(),
    }
}

fn small_logo() -> Scene {
    let data = LogoData {
        title: "L1H2".into(),
        heights: vec![
            [0.02, 0.0, 0.05, 1.4],
            [1.2, 0.1, 0.0, 0.3],
            [0.4, 0.2, 0.3, 0.1],
        ],
        first_position: -2,
        tss_relative: true,
        n: 1204,
        unique_n: 1180,
        background: "uniform".into(),
        correction: "none".into(),
    };
    logo(&data, &sheet(240.0, 150.0))
}

fn small_profile() -> Scene {
    let mean = [0.001, 0.004, 0.02, 0.008, 0.005, 0.002];
    let low = mean.map(|value| value * 0.5);
    let high = mean.map(|value| value * 1.5);
    let chart = ProfileChart {
        title: "L1H2",
        first_offset: -3,
        mean: &mean,
        band: Some((&low, &high)),
        control: None,
        value_label: "mean attention weight",
        marks: &[(-1, "here")],
        caption: "Made up.",
    };
    profile_chart(&chart, &sheet(320.0, 220.0))
}

fn sheet(width: f32, height: f32) -> Sheet {
    Sheet {
        width,
        height,
        theme: Theme::Light,
        base_colors: crate::figure::BaseColors::Safe,
    }
}

/// Small pictures of many kinds.
fn scenes() -> Vec<(String, Scene)> {
    let folder = tempfile::tempdir().unwrap();
    let mut changes = "position\ttss\tref\talt\teffect\n".to_owned();
    let mut compared = "layer\thead\ttf\teffect\tq\tp_max\tsites\n".to_owned();
    for step in 0..8 {
        for alt in ["C", "G", "T"] {
            let effect = f64::from(step) / 7.0 - 0.5;
            let _ = writeln!(changes, "{}\t366345\tA\t{alt}\t{effect}", 366_340 + step);
        }
        let effect = 0.1 * f64::from(step - 4);
        let _ = writeln!(
            compared,
            "{}\t{}\tCRP\t{effect}\t0.01\t0.2\t30",
            1 + step / 4,
            1 + step % 4
        );
    }
    let curves = "curve\tx\ty\nmodel\t0\t0\nmodel\t0.2\t0.9\nmodel\t1\t1\n";
    for (name, text) in [
        ("a.tsv", changes.as_str()),
        ("b.tsv", &compared),
        ("c.tsv", curves),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let mut sources = Sources::open(&InputsDescription::default(), &progress, &cancel).unwrap();
    let mut scenes = Vec::new();
    for (kind, rest) in [
        (
            "genome-view",
            "locus = \"366,330-366,360\"\nhide = \"tss\"\nscale-bar = true",
        ),
        (
            "attention-map",
            "locus = \"366,330-366,350\"\nhead = \"L4H4\"\nlongest = 30",
        ),
        (
            "arcs",
            "locus = \"366,280-366,360\"\nhead = \"L4H4\"\nquery = 366310\nstrand = \"-\"",
        ),
        ("mutagenesis", "data = \"a.tsv\""),
        ("compare-matrix", "data = \"b.tsv\""),
        ("curves", "data = \"c.tsv\""),
    ] {
        let text = format!("[page]\nwidth = 120\nfont = 9\n[[panel]]\nkind = \"{kind}\"\n{rest}\n");
        let path = folder.path().join("page.toml");
        let description = Description::parse(&path, &text).unwrap();
        let page = render(&description, &mut sources, &progress, &cancel).unwrap();
        scenes.push((kind.to_owned(), page.scene));
    }
    scenes.push(("logo".to_owned(), small_logo()));
    scenes.push(("profile".to_owned(), small_profile()));
    scenes
}

fn context() -> egui::Context {
    let ctx = egui::Context::default();
    theme::install(&ctx);
    ctx
}

fn only(scene: &Scene, keep: impl Fn(&Element) -> bool) -> Scene {
    let kept = scene.elements.iter().filter(|element| keep(element));
    Scene {
        background: None,
        elements: kept.cloned().collect(),
        ..*scene
    }
}

/// Whether a box lies within another, but for [`MOST_APART_PX`].
fn lies_in([left, top, right, bottom]: [u32; 4], outer: [u32; 4]) -> bool {
    left + MOST_APART_PX >= outer[0]
        && top + MOST_APART_PX >= outer[1]
        && right <= outer[2] + MOST_APART_PX
        && bottom <= outer[3] + MOST_APART_PX
}

#[test]
fn every_tagged_part_has_the_same_box_in_the_window_and_in_the_file() {
    let ctx = context();
    let mut textures = Textures::default();
    let mut apart = Vec::new();
    for (name, scene) in scenes() {
        let mut tags: Vec<&Tag> = Vec::new();
        for tag in scene
            .elements
            .iter()
            .filter_map(|element| element.tag.as_ref())
        {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let mut compared = 0;
        for tag in tags {
            let part = only(&scene, |element| element.tag.as_ref() == Some(tag));
            let window = window_pixels(&ctx, &mut textures, &part).ink(INK);
            let file = file_pixels(&part);
            let [sure, faint] = SURE_AND_FAINT_INK.map(|least| file.ink(least));
            if window.is_some_and(|window| faint.is_some_and(|faint| lies_in(window, faint)))
                && sure.is_none_or(|sure| window.is_some_and(|window| lies_in(sure, window)))
            {
                compared += 1;
            } else if window.is_some() || sure.is_some() {
                apart.push(format!(
                    "{name}, {tag:?}: {window:?} in the window, {sure:?} to {faint:?} in the file"
                ));
            }
        }
        println!("{name}: {compared} parts");
        assert!(compared >= 3, "{name}: {compared} parts");
    }
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

#[test]
fn heat_maps_have_the_same_colours_in_the_window_and_in_the_file() {
    let ctx = context();
    let mut textures = Textures::default();
    let mut compared = 0;
    for (name, scene) in scenes() {
        let maps = only(&scene, |element| matches!(element.shape, Shape::Heatmap(_)));
        let (window, file) = (
            window_pixels(&ctx, &mut textures, &maps),
            file_pixels(&maps),
        );
        let shown = maps
            .elements
            .iter()
            .filter_map(|element| match &element.shape {
                Shape::Heatmap(map) => Some(map),
                _ => None,
            });
        for map in shown {
            compared += same_cells(&name, map, &window, &file);
        }
    }
    println!("{compared} cells");
    assert!(compared > 500, "{compared} cells");
}

/// Compares the middles of a map's cells; those narrower than two pixels have none.
fn same_cells(name: &str, map: &Heatmap, window: &Pixels, file: &Pixels) -> usize {
    let cell = egui::vec2(
        map.rect.width / map.columns as f32,
        map.rect.height / map.rows as f32,
    ) * SCALE;
    if cell.x < 2.0 || cell.y < 2.0 {
        return 0;
    }
    for row in 0..map.rows {
        for column in 0..map.columns {
            let x = map.rect.x * SCALE + (column as f32 + 0.5) * cell.x;
            let y = map.rect.y * SCALE + (row as f32 + 0.5) * cell.y;
            let (x, y) = (x as usize, y as usize);
            let (a, b) = (window.at(x, y), file.at(x, y));
            for (a, b) in a.into_iter().zip(b) {
                assert!(
                    (a - b).abs() * 255.0 <= 2.0,
                    "{name}, row {row}, column {column}: {a} in the window, {b} in the file"
                );
            }
        }
    }
    map.rows * map.columns
}
