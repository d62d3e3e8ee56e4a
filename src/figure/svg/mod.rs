//! A scene as SVG text.

mod image;
mod shape;

use super::provenance::Provenance;
use super::scene::{Element, Rect, Scene, Tag};
use super::text;
use shape::{escape, fill, length, place, shape};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The scene as an SVG document; the same scene and provenance always give the same bytes.
///
/// Lengths are points. Text stays text in [`text::FAMILY`]. Elements with a tag lie in a group
/// whose `id` is readable and unique: `ruler`, `feature-12`, `site-0-7`, `head-L1H3`; where a
/// tag comes back later its group ends in `.2`.
#[must_use]
pub fn svg(scene: &Scene, provenance: &Provenance) -> String {
    let mut writer = Writer::default();
    let (width, height) = (length(scene.width), length(scene.height));
    let _ = writeln!(
        writer.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}pt\" height=\"{height}pt\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"'{}', sans-serif\">",
        text::FAMILY
    );
    writer.metadata(provenance);
    writer.clips(scene);
    if let Some(color) = scene.background {
        let _ = writeln!(
            writer.out,
            "<rect id=\"background\" width=\"{width}\" height=\"{height}\"{}/>",
            fill(color)
        );
    }
    for element in &scene.elements {
        writer.element(element);
    }
    writer.close_groups();
    writer.out.push_str("</svg>\n");
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    used: HashMap<String, usize>,
    clips: HashMap<[u32; 4], usize>,
    tag: Option<Tag>,
    clip: Option<[u32; 4]>,
    tag_is_open: bool,
    clip_is_open: bool,
}

impl Writer {
    fn metadata(&mut self, provenance: &Provenance) {
        if provenance.entries().is_empty() {
            return;
        }
        self.out
            .push_str("<metadata><provenance xmlns=\"urn:headlight:provenance\">\n");
        for (name, value) in provenance.entries() {
            let _ = writeln!(
                self.out,
                "<entry name=\"{}\">{}</entry>",
                escape(name),
                escape(value)
            );
        }
        self.out.push_str("</provenance></metadata>\n");
    }

    fn clips(&mut self, scene: &Scene) {
        let mut rects: Vec<Rect> = Vec::new();
        for rect in scene.elements.iter().filter_map(|element| element.clip) {
            if let std::collections::hash_map::Entry::Vacant(slot) = self.clips.entry(key(rect)) {
                rects.push(rect);
                slot.insert(rects.len());
            }
        }
        if rects.is_empty() {
            return;
        }
        self.out.push_str("<defs>\n");
        for (index, rect) in rects.iter().enumerate() {
            let _ = writeln!(
                self.out,
                "<clipPath id=\"clip-{}\"><rect{}/></clipPath>",
                index + 1,
                place(*rect)
            );
        }
        self.out.push_str("</defs>\n");
    }

    fn element(&mut self, element: &Element) {
        let clip = element.clip.map(key);
        if self.tag != element.tag {
            self.close_groups();
            if let Some(tag) = &element.tag {
                let id = self.unique(&id(tag));
                let _ = writeln!(self.out, "<g id=\"{id}\">");
                self.tag_is_open = true;
            }
            self.tag.clone_from(&element.tag);
        }
        if self.clip != clip {
            self.close_clip();
            if let Some(number) = clip.and_then(|key| self.clips.get(&key)) {
                let _ = writeln!(self.out, "<g clip-path=\"url(#clip-{number})\">");
                self.clip_is_open = true;
            }
            self.clip = clip;
        }
        shape(&mut self.out, &element.shape);
    }

    fn close_clip(&mut self) {
        if std::mem::take(&mut self.clip_is_open) {
            self.out.push_str("</g>\n");
        }
        self.clip = None;
    }

    fn close_groups(&mut self) {
        self.close_clip();
        if std::mem::take(&mut self.tag_is_open) {
            self.out.push_str("</g>\n");
        }
        self.tag = None;
    }

    fn unique(&mut self, id: &str) -> String {
        let count = self.used.entry(id.to_owned()).or_default();
        *count += 1;
        if *count == 1 {
            id.to_owned()
        } else {
            format!("{id}.{count}")
        }
    }
}

fn id(tag: &Tag) -> String {
    match tag {
        Tag::Feature(index) => format!("feature-{index}"),
        Tag::Site(set, index) => format!("site-{set}-{index}"),
        Tag::Head(head) => format!("head-{head}"),
        Tag::Key(base) => format!("key-{}", base + 1),
        Tag::Part(name) => name
            .chars()
            .map(|letter| match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => letter,
                _ => '-',
            })
            .collect(),
    }
}

fn key(rect: Rect) -> [u32; 4] {
    [rect.x, rect.y, rect.width, rect.height].map(f32::to_bits)
}
