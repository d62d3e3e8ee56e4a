//! Heat maps as pictures in a PDF.

use super::{Numbers, deflated};
use crate::figure::raster::raster;
use crate::figure::scene::Heatmap;
use pdf_writer::{Filter, Finish as _, Name, Pdf, Ref};

/// A picture has at most this many pixels along each side.
const MOST_PIXELS: usize = 8_192;
/// Readers that smooth pictures blur at most one pixel: small maps have many pixels a cell.
const FEW_PIXELS: usize = 1_024;

/// Writes the map as a picture; `None` where it has no cells.
pub(super) fn heatmap(map: &Heatmap, file: &mut Pdf, numbers: &mut Numbers) -> Option<Ref> {
    if map.rows * map.columns == 0 || map.values.len() < map.rows * map.columns {
        return None;
    }
    let side = |cells: usize| {
        let each = (FEW_PIXELS / cells).clamp(1, 16);
        (cells * each).min(MOST_PIXELS)
    };
    let (width, height) = (side(map.columns), side(map.rows));
    let pixels = raster(map, width, height);
    let (colors, opacities): (Vec<[u8; 3]>, Vec<u8>) = pixels
        .as_chunks::<4>()
        .0
        .iter()
        .map(|[red, green, blue, opacity]| ([*red, *green, *blue], *opacity))
        .unzip();
    let mask = opacities
        .iter()
        .any(|opacity| *opacity < 255)
        .then(|| numbers.next());
    let picture = numbers.next();
    let size = |pixels: usize| i32::try_from(pixels).unwrap_or(i32::MAX);
    if let Some(mask) = mask {
        let packed = deflated(&opacities);
        let mut image = file.image_xobject(mask, &packed);
        image.filter(Filter::FlateDecode);
        image.width(size(width)).height(size(height));
        image.color_space_name(Name(b"DeviceGray"));
        image.bits_per_component(8).interpolate(false);
        image.finish();
    }
    let packed = deflated(colors.as_flattened());
    let mut image = file.image_xobject(picture, &packed);
    image.filter(Filter::FlateDecode);
    image.width(size(width)).height(size(height));
    image.color_space_name(Name(b"DeviceRGB"));
    image.bits_per_component(8).interpolate(false);
    if let Some(mask) = mask {
        image.s_mask(mask);
    }
    image.finish();
    Some(picture)
}
