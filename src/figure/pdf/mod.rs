//! A scene as a PDF page: vectors, text that can be selected, embedded subsets of the two faces.
//!
//! The same scene and provenance always give the same bytes: no dates, no random identifiers.

mod draw;
mod font;
mod image;

use super::export::FigureError;
use super::provenance::Provenance;
use super::scene::{Face, Scene, Shape};
use draw::Page;
use font::Fonts;
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, TextStr};

/// Hands out the numbers of objects.
#[derive(Debug)]
pub(super) struct Numbers(i32);

impl Numbers {
    pub fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// The scene as a PDF file of one page, as large as the scene.
///
/// Words stay words in [`super::text::FAMILY`], heat maps are pictures of one pixel a cell or more that no reader
/// smooths, everything else is lines and areas. The document's information holds the provenance.
///
/// # Errors
/// [`FigureError::Render`] where a face cannot be embedded.
pub fn pdf(scene: &Scene, provenance: &Provenance) -> Result<Vec<u8>, FigureError> {
    let mut fonts = Fonts::new().map_err(|reason| FigureError::Render { reason })?;
    for element in &scene.elements {
        if let Shape::Text { text, face, .. } = &element.shape {
            fonts.take(*face, text);
        }
    }
    let mut numbers = Numbers(0);
    let (catalog, pages, page, content, info) = (
        numbers.next(),
        numbers.next(),
        numbers.next(),
        numbers.next(),
        numbers.next(),
    );
    let mut file = Pdf::new();
    file.catalog(catalog).pages(pages);
    file.pages(pages).count(1).kids([page]);
    let drawn = Page::draw(scene, &fonts, &mut file, &mut numbers);
    let stream = deflated(&drawn.content);
    file.stream(content, &stream).filter(Filter::FlateDecode);
    let used: Vec<(Face, Ref)> = fonts.used().map(|face| (face, numbers.next())).collect();
    let mut description = file.page(page);
    description.parent(pages);
    description.media_box(Rect::new(0.0, 0.0, scene.width, scene.height));
    description.contents(content);
    let mut resources = description.resources();
    let mut names = resources.fonts();
    for (face, number) in &used {
        names.pair(font::name(*face), *number);
    }
    names.finish();
    if !drawn.opacities.is_empty() {
        let mut states = resources.ext_g_states();
        for (name, number) in &drawn.opacities {
            states.pair(Name(name.as_bytes()), *number);
        }
        states.finish();
    }
    if !drawn.pictures.is_empty() {
        let mut pictures = resources.x_objects();
        for (name, number) in &drawn.pictures {
            pictures.pair(Name(name.as_bytes()), *number);
        }
        pictures.finish();
    }
    resources.finish();
    description.finish();
    for (face, number) in used {
        fonts
            .write(face, number, &mut file, &mut numbers)
            .map_err(|reason| FigureError::Render { reason })?;
    }
    let mut document = file.document_info(info);
    document.producer(TextStr(concat!(
        env!("CARGO_PKG_NAME"),
        " ",
        env!("CARGO_PKG_VERSION")
    )));
    let mut taken = vec!["Producer".to_owned()];
    for (name, value) in provenance.entries() {
        let key = key(name);
        if !key.is_empty() && !taken.contains(&key) {
            document.pair(Name(key.as_bytes()), TextStr(value));
            taken.push(key);
        }
    }
    document.finish();
    Ok(file.finish())
}

/// `genome sha256` as a key: `GenomeSha256`.
fn key(name: &str) -> String {
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .take(100)
        .collect()
}

/// Bytes as the filter `FlateDecode` reads them.
fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys_hold_letters_and_digits_only() {
        let keys = ["genome sha256", "head rows", "σ (x/y)", "program"].map(key);
        assert_eq!(keys, ["GenomeSha256", "HeadRows", "XY", "Program"]);
    }
}
