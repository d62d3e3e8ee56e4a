//! What other programs see in the files, and whether the pixels are where the scene says.

use super::kinds::{crowded, every_kind};
use headlight::figure::export::export_watched;
use headlight::figure::page::PageError;
use headlight::figure::pdf::pdf;
use headlight::figure::png::{png, png_in_bands, size_px};
use headlight::figure::raster::raster;
use headlight::figure::scene::{Element, Rect, Shape, Stroke};
use headlight::figure::svg::svg;
use headlight::figure::{FigureError, Provenance, Scene};
use headlight::progress::{Cancel, Progress};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a program says about a file; `None` where it is not installed, unless everything is required.
pub fn told_by(program: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let ran = Command::new(program)
        .args(arguments)
        .arg(path)
        .args((program == "pdftotext").then_some("-"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output();
    let Ok(ran) = ran else {
        let required = std::env::var("HEADLIGHT_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!required, "{program} is required and not installed");
        return None;
    };
    assert!(
        ran.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(
        ran.stderr.is_empty(),
        "{program}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    Some(String::from_utf8(ran.stdout).expect("text"))
}

fn stored(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let mut file = std::fs::File::create(&path).expect("a file");
    file.write_all(bytes).expect("written");
    (folder, path)
}

/// Every font is embedded as a subset with its characters, and every word of the scene can be selected.
pub fn assert_words_live(name: &str, scene: &Scene, bytes: &[u8]) {
    let (_folder, path) = stored("a.pdf", bytes);
    let (Some(fonts), Some(text)) = (
        told_by("pdffonts", &[], &path),
        told_by("pdftotext", &["-raw"], &path),
    ) else {
        return;
    };
    let fonts: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!fonts.is_empty() && fonts.len() <= 2, "{name}: {fonts:?}");
    for font in fonts {
        assert!(font.contains("+IBMPlexSans"), "{name}: {font}");
        assert!(font.contains("yes yes yes"), "{name}: not embedded: {font}");
    }
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let all = squeezed(&text);
    let mut found = 0;
    for element in &scene.elements {
        if let Shape::Text {
            text,
            turned: false,
            ..
        } = &element.shape
            && text.chars().count() > 3
        {
            found += usize::from(all.contains(&squeezed(text)));
            assert!(
                all.contains(&squeezed(text)),
                "{name}: '{text}' is not in\n{all}"
            );
        }
    }
    assert!(found > 0 || name.starts_with("minimap"), "{name}: no words");
}

#[test]
fn every_kind_is_a_pdf_with_its_fonts_and_words_inside() {
    let mut provenance = Provenance::new();
    provenance.add("genome sha256", "σ 1234");
    for (name, scene) in every_kind() {
        let bytes = pdf(&scene, &provenance).expect("a document");
        assert_eq!(
            bytes,
            pdf(&scene, &provenance).expect("a document"),
            "{name}"
        );
        assert_words_live(name, &scene, &bytes);
        let (_folder, path) = stored("a.pdf", &bytes);
        if let Some(told) = told_by("pdfinfo", &["-custom"], &path) {
            assert!(
                told.contains("GenomeSha256:") && told.contains("σ 1234"),
                "{told}"
            );
        }
        if let Some(told) = told_by("pdfinfo", &[], &path) {
            let size = format!("Page size:       {} x {} pts", scene.width, scene.height);
            assert!(
                told.contains(&size) || scene.height.fract() > 0.0,
                "{name}: {told}"
            );
        }
    }
}

#[test]
fn every_svg_is_well_formed() {
    let mut provenance = Provenance::new();
    provenance.add("a <b>", "& \"c\"\u{1}");
    for (name, scene) in every_kind() {
        let (_folder, path) = stored("a.svg", svg(&scene, &provenance).as_bytes());
        let Some(told) = told_by("xmllint", &["--noout", "--nonet"], &path) else {
            return;
        };
        assert!(told.is_empty(), "{name}: {told}");
    }
}

#[test]
fn a_pdf_looks_as_the_png_does() {
    for (name, scene) in every_kind() {
        let (_folder, path) = stored(
            "a.pdf",
            &pdf(&scene, &Provenance::new()).expect("a document"),
        );
        let base = path.with_extension("");
        let base_text = base.to_str().expect("a name");
        let ran = Command::new("pdftoppm")
            .args(["-png", "-r", "72", "-singlefile"])
            .arg(&path)
            .arg(base_text)
            .output();
        if ran.is_err() {
            return;
        }
        let theirs = image::open(base.with_extension("png"))
            .expect("PNG")
            .into_rgb8();
        let ours = png(&scene, 72.0, &Provenance::new()).expect("a picture");
        let ours = image::load_from_memory(&ours).expect("PNG").into_rgb8();
        let (width, height) = (
            ours.width().min(theirs.width()),
            ours.height().min(theirs.height()),
        );
        assert!(ours.width().abs_diff(theirs.width()) <= 1, "{name}");
        // Painters differ in how they smooth edges: blocks of pixels agree in the mean.
        let mut far = 0;
        let mut blocks = 0;
        for y in (0..height.saturating_sub(8)).step_by(8) {
            for x in (0..width.saturating_sub(8)).step_by(8) {
                let mean = |picture: &image::RgbImage| -> f32 {
                    let pixels = (0..64).map(|i| picture.get_pixel(x + i % 8, y + i / 8).0);
                    pixels.flatten().map(f32::from).sum::<f32>() / 192.0
                };
                blocks += 1;
                far += usize::from((mean(&ours) - mean(&theirs)).abs() > 24.0);
            }
        }
        assert!(
            far * 50 <= blocks,
            "{name}: {far} of {blocks} blocks differ"
        );
    }
}

/// What is seen of an element: its box, its outline included, cut to its clip and the page.
fn seen(element: &Element, scene: &Scene) -> Rect {
    let mut rect = element.shape.bounds();
    let outline = match &element.shape {
        Shape::Line { stroke, .. }
        | Shape::Rect {
            stroke: Some(stroke),
            ..
        } => stroke.width / 2.0,
        _ => 0.0,
    };
    // The ends of lines are flat.
    let straight = |extent: f32| if extent > 0.0 { 0.0 } else { outline };
    let (across, up) = match &element.shape {
        Shape::Line { points, .. } if points.len() == 2 => {
            (straight(rect.width), straight(rect.height))
        }
        _ => (outline, outline),
    };
    rect = Rect::new(
        rect.x - across,
        rect.y - up,
        rect.width + 2.0 * across,
        rect.height + 2.0 * up,
    );
    let page = Rect::new(0.0, 0.0, scene.width, scene.height);
    for clip in [Some(page), element.clip].into_iter().flatten() {
        let (right, bottom) = (
            rect.right().min(clip.right()),
            rect.bottom().min(clip.bottom()),
        );
        rect.x = rect.x.max(clip.x);
        rect.y = rect.y.max(clip.y);
        rect.width = (right - rect.x).max(0.0);
        rect.height = (bottom - rect.y).max(0.0);
    }
    rect
}

/// The same element in ink that hides what lies behind.
fn inked(element: &Element) -> Element {
    let mut element = element.clone();
    match &mut element.shape {
        Shape::Rect { fill, stroke, .. } => {
            *fill = fill.map(|color| color.with_opacity(1.0));
            *stroke = stroke.map(|stroke| Stroke {
                color: stroke.color.with_opacity(1.0),
                ..stroke
            });
        }
        Shape::Line { stroke, .. } => stroke.color = stroke.color.with_opacity(1.0),
        Shape::Polygon { fill, .. } | Shape::Area { fill, .. } | Shape::Letter { fill, .. } => {
            *fill = fill.with_opacity(1.0);
        }
        Shape::Text { color, .. } => *color = color.with_opacity(1.0),
        Shape::Heatmap(_) => {}
    }
    element
}

#[test]
fn every_tagged_element_is_painted_where_the_scene_says() {
    const SCALE: f32 = 2.0;
    let mut looked_at = 0;
    for (name, scene) in every_kind() {
        let tagged = scene
            .elements
            .iter()
            .filter(|element| element.tag.is_some());
        for element in tagged.step_by(3) {
            let rect = seen(element, &scene);
            let slanted = matches!(&element.shape, Shape::Line { points, .. } if points.len() > 2);
            // The tips of an outline that is hardly there are too pale to measure.
            let flat = matches!(element.shape, Shape::Letter { .. } | Shape::Polygon { .. })
                && rect.width.min(rect.height) < 2.0;
            if rect.width * rect.height < 0.5 || slanted || flat {
                continue;
            }
            let alone = Scene {
                background: None,
                elements: vec![inked(element)],
                ..scene
            };
            let bytes = png(&alone, 72.0 * SCALE, &Provenance::default()).expect("a picture");
            let picture = image::load_from_memory(&bytes).expect("PNG").into_rgba8();
            let inked: Vec<(u32, u32)> = picture
                .enumerate_pixels()
                .filter(|(_, _, pixel)| pixel.0[3] > 8)
                .map(|(x, y, _)| (x, y))
                .collect();
            if inked.is_empty() {
                // Thin and pale: nothing to measure.
                assert!(
                    rect.width.min(rect.height) < 1.0,
                    "{name}: unseen {element:?}"
                );
                continue;
            }
            looked_at += 1;
            let ends = [
                inked.iter().map(|(x, _)| *x).min(),
                inked.iter().map(|(_, y)| *y).min(),
                inked.iter().map(|(x, _)| *x + 1).max(),
                inked.iter().map(|(_, y)| *y + 1).max(),
            ]
            .map(|end| end.unwrap_or(0) as f32);
            let wanted = [rect.x, rect.y, rect.right(), rect.bottom()].map(|end| end * SCALE);
            let is_text = matches!(element.shape, Shape::Text { .. });
            for (index, (end, wanted)) in ends.into_iter().zip(wanted).enumerate() {
                // Words stay inside the box of their advances; all else fills its box.
                let inside = if index < 2 {
                    end >= wanted - 1.01
                } else {
                    end <= wanted + 1.01
                };
                let near = (end - wanted).abs() <= 1.01;
                assert!(
                    near || is_text && inside,
                    "{name}: {ends:?} for {rect:?}: {element:?}"
                );
            }
        }
    }
    assert!(looked_at > 200, "{looked_at}");
}

#[test]
fn cells_of_heat_maps_have_the_colours_of_the_window() {
    let mut cells = 0;
    for (name, scene) in every_kind() {
        for element in &scene.elements {
            let Shape::Heatmap(map) = &element.shape else {
                continue;
            };
            let alone = Scene {
                background: None,
                elements: vec![element.clone()],
                ..scene
            };
            // Four pixels a cell at least.
            let each = (map.rect.width / map.columns as f32).min(map.rect.height / map.rows as f32);
            let scale = (4.0 / each).clamp(1.0, 8.0);
            if each * scale < 3.0 {
                continue;
            }
            let bytes = png(&alone, 72.0 * scale, &Provenance::default()).expect("a picture");
            let picture = image::load_from_memory(&bytes).expect("PNG").into_rgba8();
            assert_eq!(picture.dimensions(), size_px(&alone, 72.0 * scale));
            // What the window paints: one pixel a cell.
            let window = raster(map, map.columns, map.rows);
            for row in 0..map.rows {
                for column in 0..map.columns {
                    let at = |share: f32, from: f32, extent: f32| {
                        ((from + share * extent) * scale) as u32
                    };
                    let x = at(
                        (column as f32 + 0.5) / map.columns as f32,
                        map.rect.x,
                        map.rect.width,
                    );
                    let y = at(
                        (row as f32 + 0.5) / map.rows as f32,
                        map.rect.y,
                        map.rect.height,
                    );
                    let middle = headlight::figure::scene::Point {
                        x: x as f32 / scale,
                        y: y as f32 / scale,
                    };
                    let cut = element.clip.is_some_and(|clip| !clip.contains(middle));
                    if cut || x >= picture.width() || y >= picture.height() {
                        continue;
                    }
                    let shown = &window[4 * (row * map.columns + column)..][..4];
                    let painted = picture.get_pixel(x, y).0;
                    cells += 1;
                    for (a, b) in shown.iter().zip(painted) {
                        assert!(
                            a.abs_diff(b) <= 2,
                            "{name}: {row},{column}: {shown:?} {painted:?}"
                        );
                    }
                }
            }
        }
    }
    assert!(cells > 1_000, "{cells}");
}

#[test]
fn bands_of_pixels_join_without_a_seam() {
    let (_, scene) = every_kind().swap_remove(1);
    // Two bands and a bit, against the same rows of a picture of half the size, doubled: the same ink.
    let bytes = png(&scene, 300.0, &Provenance::default()).expect("a picture");
    let picture = image::load_from_memory(&bytes).expect("PNG").into_rgba8();
    assert!(picture.height() > 512);
    let column: Vec<[u8; 4]> = (0..picture.height())
        .map(|y| picture.get_pixel(picture.width() / 2, y).0)
        .collect();
    assert!(column.iter().all(|pixel| pixel[3] == 255));
    let direct = {
        let options = {
            let mut options = resvg::usvg::Options::default();
            let fonts = options.fontdb_mut();
            fonts.load_font_data(headlight::figure::text::REGULAR_TTF.to_vec());
            fonts.load_font_data(headlight::figure::text::BOLD_TTF.to_vec());
            options
        };
        let text = svg(&scene, &Provenance::default());
        let tree = resvg::usvg::Tree::from_str(&text, &options).expect("well-formed");
        let mut pixmap =
            resvg::tiny_skia::Pixmap::new(picture.width(), picture.height()).expect("a size");
        pixmap.fill(resvg::tiny_skia::Color::WHITE);
        let scale = 300.0 / 72.0 * scene.width / tree.size().width();
        let transform = resvg::tiny_skia::Transform::from_scale(scale, scale);
        resvg::render(&tree, transform, &mut pixmap.as_mut());
        pixmap
    };
    let differ = picture
        .pixels()
        .zip(direct.pixels())
        .filter(|(a, b)| {
            let b = [b.red(), b.green(), b.blue()];
            a.0[..3].iter().zip(b).any(|(a, b)| a.abs_diff(b) > 2)
        })
        .count();
    assert!(
        differ * 2_000 < picture.pixels().len(),
        "{differ} pixels differ"
    );
}

#[test]
fn pixels_can_be_watched_and_stopped() {
    let (_, scene) = every_kind().swap_remove(0);
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let none = Provenance::default();
    let whole = png_in_bands(&scene, 300.0, &none, &progress, &cancel).expect("a picture");
    assert_eq!(whole, png(&scene, 300.0, &none).expect("a picture"));
    assert!(progress.total() > 1 && progress.done() == progress.total());
    cancel.cancel();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.png");
    let stopped = export_watched(&scene, &path, 300.0, &none, &progress, &cancel);
    assert!(matches!(stopped, Err(FigureError::Cancelled(_))));
    assert!(!path.exists());
}

#[test]
fn a_page_refuses_small_text_and_pictures_that_do_not_fit() {
    crowded(330.0, 9.0).expect("fits");
    let small = crowded(330.0, 5.0).expect_err("too small");
    assert!(
        matches!(&small, PageError::SmallText { size, .. } if *size < 6.0),
        "{small}"
    );
    let narrow = crowded(120.0, 9.0).expect_err("too narrow").to_string();
    assert!(
        narrow.starts_with("panel A (profile) needs 106.9 mm across, and has 42.3 mm"),
        "{narrow}"
    );
}

#[test]
fn a_page_keeps_its_lines_and_words_large_enough() {
    let scene = crowded(330.0, 6.0).expect("fits");
    let mut lines = 0;
    for element in &scene.elements {
        match &element.shape {
            Shape::Text { size, .. } => assert!(*size >= 6.0 - 1e-3),
            Shape::Line { stroke, .. } => {
                assert!(stroke.width >= 0.25);
                lines += 1;
            }
            _ => {}
        }
    }
    assert!(lines > 5);
}
