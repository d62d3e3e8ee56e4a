//! Heat maps as SVG: rectangles where there are few cells, an embedded PNG picture where there are many.

use super::shape::{fill, place};
use crate::figure::raster::raster;
use crate::figure::scene::{Color, Heatmap, Rect};
use std::fmt::Write as _;

/// Heat maps with more cells than this become an embedded picture.
const MOST_CELLS: usize = 2_000;
/// An embedded picture has at most this many pixels along each side.
const MOST_PIXELS: usize = 8_192;

pub(super) fn heatmap(out: &mut String, map: &Heatmap) {
    let cells = map.rows * map.columns;
    if cells == 0 || map.values.len() < cells {
        return;
    }
    if cells <= MOST_CELLS {
        heatmap_cells(out, map);
        return;
    }
    // One pixel a cell is exact; the reader scales it without smoothing.
    let width = map.columns.min(MOST_PIXELS);
    let height = map.rows.min(MOST_PIXELS);
    let pixels = raster(map, width, height);
    let Some(png) = encoded(&pixels, width, height) else {
        return;
    };
    let _ = writeln!(
        out,
        "<image{} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" \
         href=\"data:image/png;base64,{}\"/>",
        place(map.rect),
        base64(&png)
    );
}

/// One rectangle for each run of cells of one colour.
fn heatmap_cells(out: &mut String, map: &Heatmap) {
    out.push_str("<g shape-rendering=\"crispEdges\">\n");
    let (cell_width, cell_height) = (
        map.rect.width / map.columns as f32,
        map.rect.height / map.rows as f32,
    );
    for row in 0..map.rows {
        let colors: Vec<Color> = map.values[row * map.columns..(row + 1) * map.columns]
            .iter()
            .map(|value| map.scale.color(*value))
            .collect();
        let mut start = 0;
        for run in colors.chunk_by(PartialEq::eq) {
            if run[0].0[3] > 0 {
                let rect = Rect::new(
                    map.rect.x + start as f32 * cell_width,
                    map.rect.y + row as f32 * cell_height,
                    run.len() as f32 * cell_width,
                    cell_height,
                );
                let _ = writeln!(out, "<rect{}{}/>", place(rect), fill(run[0]));
            }
            start += run.len();
        }
    }
    out.push_str("</g>\n");
}

fn encoded(pixels: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    use image::ImageEncoder as _;
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(
            pixels,
            u32::try_from(width).ok()?,
            u32::try_from(height).ok()?,
            image::ExtendedColorType::Rgba8,
        )
        .ok()?;
    Some(png)
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |word, (index, byte)| {
            word | u32::from(*byte) << (16 - 8 * index)
        });
        for index in 0..4 {
            if index <= chunk.len() {
                text.push(SIGNS[(word >> (18 - 6 * index) & 63) as usize] as char);
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_standard_examples() {
        let texts: Vec<String> = ["", "f", "fo", "foo", "foob", "fooba", "foobar"]
            .iter()
            .map(|text| base64(text.as_bytes()))
            .collect();
        assert_eq!(
            texts,
            [
                "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"
            ]
        );
    }
}
