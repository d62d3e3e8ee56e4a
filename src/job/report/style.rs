//! How the page looks: one style sheet, light or dark as the reader's system asks.

use crate::figure::scene::Color;
use crate::figure::theme::{BaseColors, Palette, Theme};
use crate::genome::base::ACGT;
use std::fmt::Write as _;

const PAGE: &str = "
:root { color-scheme: light dark; --page: #ffffff; --panel: #f6f7f9; --text: #1f2328; --faint: #5f6873; --border: #c9cfd6; --accent: #1f5fce; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --panel: #1c2025; --text: #e7eaed; --faint: #9aa3ae; --border: #3d444d; --accent: #6ca6ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 'IBM Plex Sans', system-ui, sans-serif; }
main, header, nav { max-width: 1160px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 8px; }
h2 { font-size: 20px; margin: 40px 0 8px; padding-top: 12px; border-top: 1px solid var(--border); }
h3 { font-size: 16px; margin: 28px 0 4px; }
p, ul, ol { max-width: 76ch; }
a { color: var(--accent); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 12px; padding: 0; list-style: none; max-width: none; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 8px; top: 8px; background: var(--page); padding: 4px 8px; }
.faint { color: var(--faint); }
.head { border: 1px solid var(--border); border-radius: 6px; padding: 0 16px 12px; margin: 16px 0; }
.head h3 { margin-top: 12px; }
.pair { display: flex; flex-wrap: wrap; gap: 8px; }
.wide { overflow-x: auto; }
figure { margin: 8px 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figcaption, caption { color: var(--faint); font-size: 13px; text-align: left; }
caption { padding: 4px 0; }
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; font-size: 13.5px; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--border); vertical-align: top; }
thead th { color: var(--faint); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
.bases td:nth-child(2), .bases th { font-family: ui-monospace, monospace; font-weight: 400; }
summary { cursor: pointer; color: var(--accent); }
@media print { .head { break-inside: avoid; } nav, .skip { display: none; } details > * { display: block; } }
";

/// The style sheet of the page. Pictures are drawn for a light page; on a dark one each of their
/// colours gives way to the same colour of the dark theme.
pub(super) fn style() -> String {
    let mut style = PAGE.to_owned();
    style.push_str("@media (prefers-color-scheme: dark) {\n");
    let (light, dark) = (
        colors(Theme::Light.palette()),
        colors(Theme::Dark.palette()),
    );
    let mut seen = Vec::new();
    for (light, dark) in light.into_iter().zip(dark) {
        if seen.contains(&light) {
            continue;
        }
        seen.push(light);
        let (light, dark) = (hex(light), hex(dark));
        for paint in ["fill", "stroke"] {
            let _ = writeln!(
                style,
                "figure svg [{paint}=\"{light}\"] {{ {paint}: {dark}; }}"
            );
        }
    }
    style.push_str("}\n");
    style
}

fn colors(palette: &Palette) -> Vec<Color> {
    let bases = ACGT.map(|base| palette.base(base, BaseColors::Safe));
    let mut colors = vec![
        palette.page,
        palette.panel,
        palette.text,
        palette.faint,
        palette.grid,
        palette.border,
        palette.accent,
        palette.missing,
        palette.hatch,
        palette.forward,
        palette.reverse,
    ];
    colors.extend(bases);
    colors
}

fn hex(color: Color) -> String {
    let [red, green, blue, _] = color.0;
    format!("#{red:02x}{green:02x}{blue:02x}")
}
