//! HTML that is also well-formed XML: text, tables and pictures.

use crate::figure::svg::svg;
use crate::figure::{Provenance, Scene};
use std::fmt::Write as _;

/// Text for an element or a quoted attribute; characters that a page may not hold become spaces.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}

/// A table: its caption, its header, and rows of cells. The first cell of a row names it.
pub(super) struct Rows<'a> {
    pub caption: &'a str,
    pub header: &'a [&'a str],
    pub body: Vec<Vec<Cell>>,
}

/// One cell.
pub(super) enum Cell {
    /// Words.
    Text(String),
    /// A number, set flush right.
    Number(String),
    /// A head, linked to its section.
    Head(String),
}

impl Cell {
    /// `text` as a number where it is one, shortened to four digits that count.
    pub fn of(text: &str) -> Self {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(short(number)),
            _ if text == "NA" => Self::Number("–".to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }
}

/// A number with at most four digits that count; whole numbers stay whole.
pub(super) fn short(number: f64) -> String {
    let size = number.abs();
    let text = if number.fract() == 0.0 && size < 1e15 {
        format!("{number:.0}")
    } else if !(1e-3..1e5).contains(&size) {
        format!("{number:.2e}")
    } else {
        let decimals = (3 - size.log10().floor() as i32).clamp(0, 6) as usize;
        let text = format!("{number:.decimals$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    text.replace('-', "−")
}

/// Writes a table.
pub(super) fn table(out: &mut String, rows: &Rows<'_>) {
    out.push_str("<div class=\"wide\"><table>\n");
    let _ = writeln!(out, "<caption>{}</caption>", escape(rows.caption));
    out.push_str("<thead><tr>");
    for name in rows.header {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &rows.body {
        out.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let (open, close) = if index == 0 {
                ("th scope=\"row\"", "th")
            } else {
                ("td", "td")
            };
            let _ = match cell {
                Cell::Text(text) => write!(out, "<{open}>{}</{close}>", escape(text)),
                Cell::Number(text) => {
                    write!(out, "<{open} class=\"number\">{}</{close}>", escape(text))
                }
                Cell::Head(name) => {
                    let name = escape(name);
                    write!(out, "<{open}><a href=\"#{name}\">{name}</a></{close}>")
                }
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

/// Writes a picture with its caption; `id` is unique on the page, `label` says what is seen.
pub(super) fn figure(out: &mut String, id: &str, label: &str, caption: &str, scene: &Scene) {
    // The names inside a picture are unique in it alone.
    let picture = svg(scene, &Provenance::default())
        .replacen(
            "<svg ",
            &format!("<svg role=\"img\" aria-label=\"{}\" ", escape(label)),
            1,
        )
        .replace(" id=\"", &format!(" id=\"{id}-"))
        .replace("url(#", &format!("url(#{id}-"));
    let _ = writeln!(out, "<figure id=\"{id}\">\n{picture}");
    if !caption.is_empty() {
        let _ = writeln!(out, "<figcaption>{}</figcaption>", escape(caption));
    }
    out.push_str("</figure>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_through_unescaped() {
        assert_eq!(
            escape("<b title='x'>\"&\u{7}"),
            "&lt;b title=&#39;x&#39;&gt;&quot;&amp; "
        );
        let mut out = String::new();
        table(
            &mut out,
            &Rows {
                caption: "a<b",
                header: &["<i>"],
                body: vec![vec![Cell::of("</td><script>")]],
            },
        );
        assert!(!out.contains("<script") && !out.contains("<i>"), "{out}");
    }

    #[test]
    fn numbers_are_short() {
        let shown = |text: &str| match Cell::of(text) {
            Cell::Number(text) | Cell::Text(text) | Cell::Head(text) => text,
        };
        let pairs = [
            ("12", "12"),
            ("0.123456", "0.1235"),
            ("-3.14159", "−3.142"),
            ("0.00001234", "1.23e−5"),
            ("5641", "5641"),
            ("123.456", "123.5"),
            ("0.7100", "0.71"),
            ("NA", "–"),
            ("nan", "nan"),
            ("CRP", "CRP"),
        ];
        for (text, expected) in pairs {
            assert_eq!(shown(text), expected);
        }
    }
}
