//! How the window looks: fonts, spacing and the two designed themes.

use super::canvas::{BOLD, color32};
use crate::figure::theme::Palette;
use crate::figure::{self, text};
use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, TextStyle, Theme,
};
use std::sync::Arc;

/// Sets fonts, spacing and the visuals of both themes.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.all_styles_mut(|style| {
        style.text_styles = [
            (
                TextStyle::Small,
                FontId::new(11.0, FontFamily::Proportional),
            ),
            (TextStyle::Body, FontId::new(13.0, FontFamily::Proportional)),
            (
                TextStyle::Button,
                FontId::new(13.0, FontFamily::Proportional),
            ),
            (
                TextStyle::Heading,
                FontId::new(14.0, FontFamily::Name(BOLD.into())),
            ),
            (
                TextStyle::Monospace,
                FontId::new(12.0, FontFamily::Monospace),
            ),
        ]
        .into();
        style.spacing.item_spacing = egui::vec2(8.0, 4.0);
        style.spacing.button_padding = egui::vec2(8.0, 3.0);
        style.spacing.window_margin = egui::Margin::same(12);
        style.spacing.menu_margin = egui::Margin::same(8);
        style.interaction.tooltip_delay = 0.2;
    });
    ctx.set_visuals_of(Theme::Dark, visuals(Theme::Dark));
    ctx.set_visuals_of(Theme::Light, visuals(Theme::Light));
}

/// The figure palette of the theme that the window shows.
#[must_use]
pub fn palette(theme: Theme) -> &'static Palette {
    figure_theme(theme).palette()
}

/// The theme of figures that goes with the one that the window shows.
#[must_use]
pub fn figure_theme(theme: Theme) -> figure::theme::Theme {
    match theme {
        Theme::Dark => figure::theme::Theme::Dark,
        Theme::Light => figure::theme::Theme::Light,
    }
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let (regular, bold) = ("headlight regular", BOLD);
    fonts.font_data.insert(
        regular.to_owned(),
        Arc::new(FontData::from_static(text::REGULAR_TTF)),
    );
    fonts.font_data.insert(
        bold.to_owned(),
        Arc::new(FontData::from_static(text::BOLD_TTF)),
    );
    let fallbacks = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let with = |first: &str| {
        std::iter::once(first.to_owned())
            .chain(fallbacks.iter().cloned())
            .collect()
    };
    fonts
        .families
        .insert(FontFamily::Proportional, with(regular));
    // The program ships one face; its figures have one width.
    fonts.families.insert(FontFamily::Monospace, with(regular));
    fonts
        .families
        .insert(FontFamily::Name(BOLD.into()), with(bold));
    fonts
}

fn visuals(theme: Theme) -> egui::Visuals {
    let palette = palette(theme);
    let mut visuals = match theme {
        Theme::Dark => egui::Visuals::dark(),
        Theme::Light => egui::Visuals::light(),
    };
    let (panel, page) = (color32(palette.panel), color32(palette.page));
    let (text, faint) = (color32(palette.text), color32(palette.faint));
    let (grid, accent) = (color32(palette.grid), color32(palette.accent));
    visuals.panel_fill = panel;
    visuals.window_fill = page;
    visuals.extreme_bg_color = page;
    visuals.faint_bg_color = page;
    visuals.override_text_color = Some(text);
    visuals.weak_text_color = Some(faint);
    visuals.hyperlink_color = accent;
    visuals.error_fg_color = match theme {
        Theme::Dark => Color32::from_rgb(0xFF, 0x8A, 0x80),
        Theme::Light => Color32::from_rgb(0xB3, 0x1B, 0x1B),
    };
    visuals.selection.bg_fill = accent.gamma_multiply(0.25);
    visuals.selection.stroke = Stroke::new(1.0, accent);
    visuals.window_stroke = Stroke::new(1.0, grid);
    visuals.window_corner_radius = CornerRadius::same(6);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, grid);
    for widget in [
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
    ] {
        widget.corner_radius = CornerRadius::same(4);
    }
    visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, accent.gamma_multiply(0.6));
    visuals.widgets.active.bg_stroke = Stroke::new(1.0, accent);
    visuals
}
