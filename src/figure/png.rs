//! A scene as a PNG picture, by way of its SVG.

use super::export::FigureError;
use super::png_file::PngFile;
use super::provenance::Provenance;
use super::scene::Scene;
use super::svg::svg;
use super::text;
use crate::progress::{Cancel, Progress};
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

/// Height of the bands in which a picture is painted, in pixels: memory does not grow with its height.
const BAND_PX: u32 = 256;

/// The scene as a PNG file with its resolution and provenance inside.
///
/// A scene without a background stays transparent.
///
/// # Errors
/// [`FigureError::TooLarge`] where the picture would have too many pixels or `dpi` is not a
/// positive number; [`FigureError::Render`] where the SVG cannot be painted.
pub fn png(scene: &Scene, dpi: f32, provenance: &Provenance) -> Result<Vec<u8>, FigureError> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    png_in_bands(scene, dpi, provenance, &progress, &cancel)
}

/// [`png`] that can be watched and stopped: `progress` counts bands of pixels.
///
/// # Errors
/// As [`png`], and [`FigureError::Cancelled`].
pub fn png_in_bands(
    scene: &Scene,
    dpi: f32,
    provenance: &Provenance,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<u8>, FigureError> {
    let (width_px, height_px) = size_px(scene, dpi);
    let sensible = dpi.is_finite() && dpi > 0.0;
    if !sensible || u64::from(width_px) * u64::from(height_px) > MOST_PIXELS {
        return Err(FigureError::TooLarge {
            width_px,
            height_px,
            dpi,
        });
    }
    cancel.check()?;
    let tree = usvg::Tree::from_str(&svg(scene, &Provenance::default()), &options())
        .map_err(|error| render_error(error.to_string()))?;
    let scale = dpi / POINTS_PER_INCH;
    // usvg reads points as 96 / 72 of its own unit.
    let transform = tiny_skia::Transform::from_scale(
        scale * scene.width / tree.size().width(),
        scale * scene.height / tree.size().height(),
    );
    let opaque = scene.background.filter(|color| color.0[3] == 255);
    let mut file = PngFile::new(width_px, height_px, opaque.is_some());
    file.resolution(dpi);
    file.provenance(provenance);
    progress.add_total(u64::from(height_px.div_ceil(BAND_PX)));
    for top in (0..height_px).step_by(BAND_PX as usize) {
        cancel.check()?;
        let rows = BAND_PX.min(height_px - top);
        let mut band = tiny_skia::Pixmap::new(width_px, rows)
            .ok_or_else(|| render_error("the picture has no size".to_owned()))?;
        if let Some(color) = opaque {
            let [red, green, blue, _] = color.0;
            // Where the page ends within a pixel, nothing shines through.
            band.fill(tiny_skia::Color::from_rgba8(red, green, blue, 255));
        }
        let transform = transform.post_translate(0.0, -(top as f32));
        resvg::render(&tree, transform, &mut band.as_mut());
        file.rows(band.pixels());
        progress.advance(1);
    }
    Ok(file.finish())
}

fn render_error(reason: String) -> FigureError {
    FigureError::Render { reason }
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
