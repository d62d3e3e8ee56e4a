//! A scene as a PNG picture, by way of its SVG.

use super::export::FigureError;
use super::provenance::Provenance;
use super::scene::Scene;
use super::svg::svg;
use super::text;
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, OnceLock};

/// Points to an inch.
const POINTS_PER_INCH: f32 = 72.0;
/// The largest picture in pixels; beyond it memory runs short before the file is useful.
const MOST_PIXELS: u64 = 200_000_000;

/// Width and height in pixels of a scene at `dpi` dots to an inch.
#[must_use]
pub fn size_px(scene: &Scene, dpi: f32) -> (u32, u32) {
    let pixels = |points: f32| (points * dpi / POINTS_PER_INCH).round().max(1.0) as u32;
    (pixels(scene.width), pixels(scene.height))
}

/// The scene as a PNG file with its resolution and provenance inside.
///
/// A scene without a background stays transparent.
///
/// # Errors
/// [`FigureError::TooLarge`] where the picture would have too many pixels or `dpi` is not a
/// positive number; [`FigureError::Render`] where the SVG cannot be painted.
pub fn png(scene: &Scene, dpi: f32, provenance: &Provenance) -> Result<Vec<u8>, FigureError> {
    let (width_px, height_px) = size_px(scene, dpi);
    let sensible = dpi.is_finite() && dpi > 0.0;
    if !sensible || u64::from(width_px) * u64::from(height_px) > MOST_PIXELS {
        return Err(FigureError::TooLarge {
            width_px,
            height_px,
            dpi,
        });
    }
    let pixmap = painted(scene, width_px, height_px, dpi / POINTS_PER_INCH)?;
    let plain = pixmap.encode_png().map_err(|error| FigureError::Render {
        reason: error.to_string(),
    })?;
    Ok(with_chunks(&plain, dpi, provenance))
}

fn painted(
    scene: &Scene,
    width_px: u32,
    height_px: u32,
    scale: f32,
) -> Result<tiny_skia::Pixmap, FigureError> {
    let render = |reason: String| FigureError::Render { reason };
    let tree = usvg::Tree::from_str(&svg(scene, &Provenance::default()), &options())
        .map_err(|error| render(error.to_string()))?;
    let mut pixmap = tiny_skia::Pixmap::new(width_px, height_px)
        .ok_or_else(|| render("the picture has no size".to_owned()))?;
    // usvg reads points as 96 / 72 of its own unit.
    let transform = tiny_skia::Transform::from_scale(
        scale * scene.width / tree.size().width(),
        scale * scene.height / tree.size().height(),
    );
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    Ok(pixmap)
}

fn options() -> usvg::Options<'static> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(text::REGULAR_TTF.to_vec());
        fonts.load_font_data(text::BOLD_TTF.to_vec());
        fonts.set_sans_serif_family(text::FAMILY);
        Arc::new(fonts)
    });
    usvg::Options {
        font_family: text::FAMILY.to_owned(),
        fontdb: Arc::clone(fonts),
        ..usvg::Options::default()
    }
}

/// Adds resolution and provenance behind the header chunk.
fn with_chunks(png: &[u8], dpi: f32, provenance: &Provenance) -> Vec<u8> {
    // Signature (8 bytes), then the header chunk: length, name, 13 bytes, checksum.
    const HEADER_END: usize = 8 + 4 + 4 + 13 + 4;
    let Some((header, rest)) = png.split_at_checked(HEADER_END) else {
        return png.to_vec();
    };
    let mut out = header.to_vec();
    let per_metre = (dpi / 0.0254).round() as u32;
    let mut resolution = Vec::with_capacity(9);
    resolution.extend(per_metre.to_be_bytes());
    resolution.extend(per_metre.to_be_bytes());
    resolution.push(1);
    chunk(&mut out, *b"pHYs", &resolution);
    for (name, value) in provenance.entries() {
        // International text: keyword, no compression, no language.
        let keyword: String = name
            .chars()
            .filter(|letter| (' '..='~').contains(letter))
            .take(79)
            .collect();
        if keyword.trim().is_empty() {
            continue;
        }
        let mut data = keyword.trim().as_bytes().to_vec();
        data.extend([0, 0, 0, 0, 0]);
        data.extend(value.as_bytes());
        chunk(&mut out, *b"iTXt", &data);
    }
    out.extend(rest);
    out
}

fn chunk(out: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    let Ok(length) = u32::try_from(data.len()) else {
        return;
    };
    let mut checksum = flate2::Crc::new();
    checksum.update(&name);
    checksum.update(data);
    out.extend(length.to_be_bytes());
    out.extend(name);
    out.extend(data);
    out.extend(checksum.sum().to_be_bytes());
}
