//! What a figure shows, in one line of its own metadata: the way back where the file beside it is lost.
//!
//! `headlight-view locus=NC_000913.3:366,305-366,400 strand=- color=weighted head=L4H5 … end-view`, the same in SVG,
//! PDF and PNG; everything but letters, digits and `._-:,+` is written as `%` and two hexadecimal digits a byte.

use super::sidecar::{ShownView, Sidecar};
use crate::attention::Received;
use crate::figure::{Provenance, Theme};
use crate::genome::Strand;
use std::fmt::Write as _;

const BEGIN: &str = "headlight-view ";
const END: &str = " end-view";
/// No line is longer.
const MOST_BYTES: usize = 64 * 1024;
/// The words of the command line.
const RULES: [(&str, Received); 3] = [
    ("mean", Received::Mean),
    ("weighted", Received::Weighted),
    ("over-expected", Received::OverExpected),
];

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-:,+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Adds the line of a view to the origin of a picture, which names the genome and the model already.
pub fn add_view(provenance: &mut Provenance, view: &ShownView) {
    let value = |name: &str| {
        let entries = provenance.entries().iter();
        let found = entries.clone().find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let rule = RULES.iter().find(|(_, rule)| *rule == view.rule);
    let hidden: Vec<String> = view.hidden_tfs.iter().map(|tf| encoded(tf)).collect();
    let sign = match view.strand {
        Strand::Forward => "+",
        Strand::Reverse => "-",
    };
    let theme = if view.theme == Theme::Dark {
        "dark"
    } else {
        "light"
    };
    let mut words = format!(
        "{BEGIN}locus={} strand={sign} color={} theme={theme}",
        encoded(&view.locus),
        rule.map_or("weighted", |(word, _)| word),
    );
    // Writing to a string cannot fail.
    if let Some(head) = view.head {
        let _ = write!(words, " head={head}");
    }
    if let Some(query) = view.query {
        let _ = write!(words, " query={query}");
    }
    if !hidden.is_empty() {
        let _ = write!(words, " hide={}", hidden.join(";"));
    }
    for what in ["genome", "model"] {
        let (name, sum) = (value(what), value(&format!("{what} sha256")));
        let _ = write!(
            words,
            " {what}={} {what}-sha256={}",
            encoded(&name),
            encoded(&sum)
        );
    }
    provenance.add("view", words + END);
}

/// Reads the lines of views out of a figure's bytes; `None` where there are none.
#[must_use]
pub fn read_views(bytes: &[u8]) -> Option<Sidecar> {
    let mut provenance = Provenance::default();
    let mut views = Vec::new();
    // Nothing begins behind the last end.
    let last = bytes
        .windows(END.len())
        .rposition(|here| here == END.as_bytes());
    let mut rest = &bytes[..last.map_or(0, |last| last + END.len())];
    while views.len() < MOST_VIEWS
        && let Some(at) = find(rest, BEGIN.as_bytes())
    {
        rest = &rest[at + BEGIN.len()..];
        let line = &rest[..rest.len().min(MOST_BYTES)];
        let Some(end) = find(line, END.as_bytes()) else {
            continue;
        };
        let Some(view) = std::str::from_utf8(&line[..end])
            .ok()
            .and_then(|words| view_of(words, &mut provenance))
        else {
            continue;
        };
        views.push(view);
    }
    (!views.is_empty()).then(|| Sidecar::new(&provenance, views, None))
}

/// Panels of a page, at most.
const MOST_VIEWS: usize = 1_000;

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|here| here == wanted)
}

fn view_of(words: &str, provenance: &mut Provenance) -> Option<ShownView> {
    let mut view = ShownView::new(String::new(), Strand::Forward, Theme::Light);
    for word in words.split(' ') {
        let (key, value) = word.split_once('=')?;
        match key {
            "locus" => view.locus = decoded(value)?,
            "strand" => view.strand = Strand::from_sign(value)?,
            "color" => view.rule = RULES.iter().find(|(word, _)| *word == value)?.1,
            "theme" if value == "dark" => view.theme = Theme::Dark,
            "head" => view.head = Some(value.parse().ok()?),
            "query" => view.query = Some(value.parse().ok()?),
            "hide" => {
                let names: Option<Vec<String>> = value.split(';').map(decoded).collect();
                view.hidden_tfs = names?;
            }
            "genome" | "model" => provenance.add(key, decoded(value)?),
            "genome-sha256" | "model-sha256" => {
                provenance.add(&key.replace('-', " "), decoded(value)?);
            }
            _ => {}
        }
    }
    (!view.locus.is_empty()).then_some(view)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::HeadId;
    use crate::figure::pdf::pdf;
    use crate::figure::png::png;
    use crate::figure::scene::Scene;
    use crate::figure::svg::svg;

    #[test]
    fn a_view_comes_back_out_of_every_kind_of_file() {
        let view = ShownView {
            rule: Received::OverExpected,
            head: Some(HeadId { layer: 3, head: 4 }),
            hidden_tfs: vec!["H-NS <&\">(;)".to_owned(), "µ 1".to_owned()],
            query: Some(366_324),
            ..ShownView::new("a b:1-9".to_owned(), Strand::Reverse, Theme::Dark)
        };
        let second = ShownView::new("NC_1:5-7".to_owned(), Strand::Forward, Theme::Light);
        let mut provenance = Provenance::new();
        provenance.add("genome", "an (odd) name");
        provenance.add("genome sha256", "12ab");
        provenance.add("model", "m");
        provenance.add("model sha256", "34cd");
        add_view(&mut provenance, &view);
        let scene = Scene {
            width: 20.0,
            height: 20.0,
            background: None,
            elements: Vec::new(),
        };
        let files = [
            svg(&scene, &provenance).into_bytes(),
            pdf(&scene, &provenance).unwrap(),
            png(&scene, 72.0, &provenance).unwrap(),
        ];
        for bytes in files {
            let read = read_views(&bytes).unwrap();
            assert_eq!(read.views, std::slice::from_ref(&view));
            assert_eq!(read.value("genome"), Some("an (odd) name"));
            assert_eq!(read.value("model sha256"), Some("34cd"));
        }
        add_view(&mut provenance, &second);
        let both = read_views(svg(&scene, &provenance).as_bytes()).unwrap();
        assert_eq!(both.views, [view, second]);
    }

    #[test]
    fn other_bytes_hold_no_view() {
        for bytes in [
            "<svg/>",
            "headlight-view ",
            "headlight-view locus=%G end-view",
            "headlight-view locus= end-view",
            "headlight-view strand=+ end-view headlight-view locus=a",
        ] {
            assert!(read_views(bytes.as_bytes()).is_none(), "{bytes}");
        }
    }
}
