//! The two faces as embedded subsets whose glyphs say which characters they are.

use super::{Numbers, deflated};
use crate::figure::scene::Face;
use crate::figure::text::{BOLD_TTF, REGULAR_TTF};
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;
use ttf_parser::GlyphId;

const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// Both faces and the characters that are used of each.
pub(super) struct Fonts {
    regular: Subset,
    bold: Subset,
}

struct Subset {
    data: &'static [u8],
    face: ttf_parser::Face<'static>,
    glyphs: BTreeMap<char, u16>,
    remapper: GlyphRemapper,
}

/// What a face is called in the page's resources.
pub(super) fn name(face: Face) -> Name<'static> {
    match face {
        Face::Regular => Name(b"regular"),
        Face::Bold => Name(b"bold"),
    }
}

impl Fonts {
    pub fn new() -> Result<Self, String> {
        Ok(Self {
            regular: Subset::new(REGULAR_TTF)?,
            bold: Subset::new(BOLD_TTF)?,
        })
    }

    /// Notes the characters of a text.
    pub fn take(&mut self, face: Face, text: &str) {
        let subset = match face {
            Face::Regular => &mut self.regular,
            Face::Bold => &mut self.bold,
        };
        for letter in text.chars() {
            let Subset { face, remapper, .. } = subset;
            subset.glyphs.entry(letter).or_insert_with(|| {
                remapper.remap(face.glyph_index(letter).map_or(0, |glyph| glyph.0))
            });
        }
    }

    /// The faces that some text uses.
    pub fn used(&self) -> impl Iterator<Item = Face> {
        [Face::Regular, Face::Bold]
            .into_iter()
            .filter(|face| !self.subset(*face).glyphs.is_empty())
    }

    /// A text as two bytes a glyph.
    pub fn encoded(&self, face: Face, text: &str) -> Vec<u8> {
        let subset = self.subset(face);
        text.chars()
            .flat_map(|letter| {
                subset
                    .glyphs
                    .get(&letter)
                    .copied()
                    .unwrap_or(0)
                    .to_be_bytes()
            })
            .collect()
    }

    fn subset(&self, face: Face) -> &Subset {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }

    /// Writes a face with the glyphs that are used, as object `number`.
    pub fn write(
        &self,
        face: Face,
        number: Ref,
        file: &mut Pdf,
        numbers: &mut Numbers,
    ) -> Result<(), String> {
        self.subset(face).write(number, file, numbers)
    }
}

impl Subset {
    fn new(data: &'static [u8]) -> Result<Self, String> {
        let face = ttf_parser::Face::parse(data, 0).map_err(|error| error.to_string())?;
        Ok(Self {
            data,
            face,
            glyphs: BTreeMap::new(),
            remapper: GlyphRemapper::new(),
        })
    }

    fn write(&self, number: Ref, file: &mut Pdf, numbers: &mut Numbers) -> Result<(), String> {
        let program = subsetter::subset(self.data, 0, &self.remapper)
            .map_err(|error| format!("a face cannot be embedded: {error:?}"))?;
        let (cid, descriptor, unicode, stream) = (
            numbers.next(),
            numbers.next(),
            numbers.next(),
            numbers.next(),
        );
        let name = self.subset_name(&program);
        let name = Name(name.as_bytes());
        file.type0_font(number)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        let mut font = file.cid_font(cid);
        font.subtype(CidFontType::Type2)
            .base_font(name)
            .system_info(SYSTEM)
            .font_descriptor(descriptor)
            .default_width(0.0)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let widths = self.remapper.remapped_gids().map(|glyph| {
            let advance = self.face.glyph_hor_advance(GlyphId(glyph)).unwrap_or(0);
            self.thousandths(f32::from(advance))
        });
        font.widths().consecutive(0, widths);
        font.finish();
        let bounds = self.face.global_bounding_box();
        let [left, low, right, high] = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max]
            .map(|value| self.thousandths(f32::from(value)));
        file.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(left, low, right, high))
            .italic_angle(0.0)
            .ascent(self.thousandths(f32::from(self.face.ascender())))
            .descent(self.thousandths(f32::from(self.face.descender())))
            .cap_height(self.thousandths(f32::from(self.face.capital_height().unwrap_or(700))))
            .stem_v(if self.face.is_bold() { 130.0 } else { 85.0 })
            .font_file2(stream);
        let mut meaning = UnicodeCmap::new(Name(b"Characters"), SYSTEM);
        // Characters that share a glyph share its first meaning.
        let by_glyph: BTreeMap<u16, char> = self
            .glyphs
            .iter()
            .rev()
            .map(|(letter, glyph)| (*glyph, *letter))
            .collect();
        for (glyph, letter) in by_glyph.into_iter().filter(|(glyph, _)| *glyph != 0) {
            meaning.pair(glyph, letter);
        }
        let meaning = deflated(&meaning.finish());
        file.cmap(unicode, &meaning).filter(Filter::FlateDecode);
        let packed = deflated(&program);
        file.stream(stream, &packed)
            .filter(Filter::FlateDecode)
            .pair(
                Name(b"Length1"),
                i32::try_from(program.len()).unwrap_or(i32::MAX),
            );
        Ok(())
    }

    fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.face.units_per_em())
    }

    /// Six letters that stand for the subset, and the name of the face.
    fn subset_name(&self, program: &[u8]) -> String {
        let mut sum = crc32fast::hash(program);
        let letters = std::iter::repeat_with(|| {
            let letter = char::from(b'A' + (sum % 26) as u8);
            sum /= 26;
            letter
        });
        let tag: String = letters.take(6).collect();
        let own = self.face.names().into_iter().find_map(|name| {
            let wanted = name.name_id == ttf_parser::name_id::POST_SCRIPT_NAME;
            name.to_string().filter(|_| wanted)
        });
        format!("{tag}+{}", own.unwrap_or_else(|| "IBMPlexSans".to_owned()))
    }
}
