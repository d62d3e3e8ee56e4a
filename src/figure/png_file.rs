//! A PNG file that is written row by row, so that the pixels never lie in memory all at once.

use super::provenance::Provenance;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use resvg::tiny_skia::PremultipliedColorU8;
use std::io::Write as _;

/// A file that grows by bands of rows from the top.
pub(super) struct PngFile {
    bytes: Vec<u8>,
    pixels: ZlibEncoder<Vec<u8>>,
    width: usize,
    channels: usize,
    above: Vec<u8>,
}

impl PngFile {
    /// A file of that many pixels, 8 bits a channel; opaque ones have no opacity.
    pub fn new(width: u32, height: u32, opaque: bool) -> Self {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut header = Vec::with_capacity(13);
        header.extend(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        // Bit depth, colour type, compression, filter method, interlace.
        header.extend([8, if opaque { 2 } else { 6 }, 0, 0, 0]);
        chunk(&mut bytes, *b"IHDR", &header);
        let (width, channels) = (width as usize, if opaque { 3 } else { 4 });
        Self {
            bytes,
            pixels: ZlibEncoder::new(Vec::new(), Compression::default()),
            width,
            channels,
            above: vec![0; width * channels],
        }
    }

    /// Says how large a pixel is.
    pub fn resolution(&mut self, dpi: f32) {
        let per_metre = (dpi / 0.0254).round() as u32;
        let mut resolution = Vec::with_capacity(9);
        resolution.extend(per_metre.to_be_bytes());
        resolution.extend(per_metre.to_be_bytes());
        resolution.push(1);
        chunk(&mut self.bytes, *b"pHYs", &resolution);
    }

    /// Says where the picture comes from, as international text: keyword, no compression, no language.
    pub fn provenance(&mut self, provenance: &Provenance) {
        for (name, value) in provenance.entries() {
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
            chunk(&mut self.bytes, *b"iTXt", &data);
        }
    }

    /// Adds whole rows.
    pub fn rows(&mut self, pixels: &[PremultipliedColorU8]) {
        let mut row = vec![0; self.width * self.channels];
        let mut filtered = [row.clone(), row.clone(), row.clone()];
        for line in pixels.chunks_exact(self.width.max(1)) {
            for (bytes, pixel) in row.chunks_exact_mut(self.channels).zip(line) {
                let color = pixel.demultiply();
                let channels = [color.red(), color.green(), color.blue(), color.alpha()];
                bytes.copy_from_slice(&channels[..self.channels]);
            }
            self.filter(&row, &mut filtered);
            // The filter whose bytes are nearest to zero is likely to pack best.
            let weight = |row: &[u8]| -> u64 {
                let sizes = row
                    .iter()
                    .map(|byte| u64::from(byte.cast_signed().unsigned_abs()));
                sizes.sum()
            };
            let best = (0..filtered.len()).min_by_key(|index| weight(&filtered[*index]));
            let best = best.unwrap_or(0);
            // Writing to memory does not fail.
            let _ = self.pixels.write_all(&[best as u8]);
            let _ = self.pixels.write_all(&filtered[best]);
            std::mem::swap(&mut self.above, &mut row);
        }
        let ready = std::mem::take(self.pixels.get_mut());
        if !ready.is_empty() {
            chunk(&mut self.bytes, *b"IDAT", &ready);
        }
    }

    /// The row as it is, less its left neighbour, and less the row above.
    fn filter(&self, row: &[u8], [plain, sub, up]: &mut [Vec<u8>; 3]) {
        plain.copy_from_slice(row);
        for (index, byte) in row.iter().enumerate() {
            let left = index.checked_sub(self.channels).map_or(0, |left| row[left]);
            sub[index] = byte.wrapping_sub(left);
            up[index] = byte.wrapping_sub(self.above[index]);
        }
    }

    /// The whole file.
    pub fn finish(mut self) -> Vec<u8> {
        let rest = self.pixels.finish().unwrap_or_default();
        chunk(&mut self.bytes, *b"IDAT", &rest);
        chunk(&mut self.bytes, *b"IEND", &[]);
        self.bytes
    }
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
