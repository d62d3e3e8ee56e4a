//! All heads as small cards: layers from top to bottom, heads from left to right.

use super::chart;
use super::logo;
use super::pen::{Ink, Pen};
use super::scene::{Anchor, Face, Rect, Scene, Tag};
use super::text;
use super::theme::{BaseColors, SMALL_PT, TEXT_PT, Theme};
use crate::attention::{HeadId, HeadShape};
use crate::genome::locus::grouped;

/// The narrowest card.
pub const LEAST_CARD_PT: f32 = 120.0;
/// Height of a card.
pub const CARD_PT: f32 = 132.0;
const BETWEEN_PT: f32 = 8.0;
const MARGIN_PT: f32 = 8.0;
const INSET_PT: f32 = 8.0;
const PROFILE_PT: f32 = 30.0;
const LOGO_PT: f32 = 44.0;

/// One head in short.
#[derive(Clone, Copy, Debug)]
pub struct HeadCard<'a> {
    /// The head.
    pub head: HeadId,
    /// Mean attention by position; drawn to its own largest value.
    pub profile: &'a [f32],
    /// The offset of the first value of the profile; 0 is the +1 base.
    pub first_offset: isize,
    /// Heights of the logo in bits, columns A, C, G, T; may be empty.
    pub logo: &'a [[f64; 4]],
    /// Entropy of the attention in bits.
    pub entropy_bits: f64,
    /// Number of windows behind the logo.
    pub n: usize,
    /// The consensus in IUPAC codes.
    pub consensus: &'a str,
    /// Whether the logo holds more than the head's own distances explain; `None` while unknown.
    pub passes: Option<bool>,
    /// The best match, if there is one: `−10 (q 1e−6)`.
    pub note: &'a str,
}

/// What a grid of heads shows.
#[derive(Clone, Copy, Debug)]
pub struct HeadsGrid<'a> {
    /// How many layers and heads; heads without a card stay empty.
    pub shape: HeadShape,
    /// The cards in any order.
    pub cards: &'a [HeadCard<'a>],
    /// Width of the picture in points; it is wider where the cards would be too narrow.
    pub width: f32,
    /// Light or dark.
    pub theme: Theme,
    /// Colours of the bases.
    pub base_colors: BaseColors,
    /// The head to be marked.
    pub selected: Option<HeadId>,
    /// A heading; may be empty.
    pub title: &'a str,
    /// What the cards show and what grey means, in words: anchors and how many, control.
    pub caption: &'a str,
}

impl HeadsGrid<'_> {
    /// The place of a head's card.
    #[must_use]
    pub fn card_rect(&self, head: HeadId) -> Rect {
        let width = self.card_width();
        Rect::new(
            MARGIN_PT + head.head as f32 * (width + BETWEEN_PT),
            self.top() + head.layer as f32 * (CARD_PT + BETWEEN_PT),
            width,
            CARD_PT,
        )
    }

    /// The head whose card lies under a point.
    #[must_use]
    pub fn head_at(&self, point: super::scene::Point) -> Option<HeadId> {
        self.shape
            .all()
            .find(|head| self.card_rect(*head).contains(point))
    }

    fn card_width(&self) -> f32 {
        let heads = self.shape.heads.max(1) as f32;
        ((self.width - 2.0 * MARGIN_PT - (heads - 1.0) * BETWEEN_PT) / heads)
            .floor()
            .max(LEAST_CARD_PT)
    }

    fn top(&self) -> f32 {
        if self.title.is_empty() {
            MARGIN_PT
        } else {
            32.0
        }
    }
}

/// The picture of a grid of heads.
#[must_use]
pub fn heads_grid(grid: &HeadsGrid<'_>) -> Scene {
    let palette = grid.theme.palette();
    let mut pen = Pen::default();
    let heads = grid.shape.heads.max(1) as f32;
    let width =
        (2.0 * MARGIN_PT + heads * (grid.card_width() + BETWEEN_PT) - BETWEEN_PT).max(grid.width);
    let bottom = grid.top() + grid.shape.layers as f32 * (CARD_PT + BETWEEN_PT);
    if !grid.title.is_empty() {
        pen.part("title", None);
        let title = text::elide(grid.title, TEXT_PT, Face::Bold, width - 2.0 * MARGIN_PT);
        pen.text(
            MARGIN_PT,
            19.0,
            Anchor::Start,
            Ink::bold(TEXT_PT, palette.text),
            title,
        );
    }
    for head in grid.shape.all() {
        pen.tag = Some(Tag::Head(head));
        let rect = grid.card_rect(head);
        let found = grid.cards.iter().find(|card| card.head == head);
        draw_card(&mut pen, grid, head, found, rect);
    }
    pen.part("caption", None);
    let caption = text::wrap(
        grid.caption,
        SMALL_PT,
        Face::Regular,
        width - 2.0 * MARGIN_PT,
    );
    for (index, line) in caption.iter().enumerate() {
        pen.text(
            MARGIN_PT,
            bottom + 8.0 + 12.0 * index as f32,
            Anchor::Start,
            Ink::regular(SMALL_PT, palette.faint),
            line.as_str(),
        );
    }
    let height = bottom + 12.0 * caption.len() as f32 + 4.0;
    pen.scene(width, height, Some(palette.page))
}

fn draw_card(
    pen: &mut Pen,
    grid: &HeadsGrid<'_>,
    head: HeadId,
    card: Option<&HeadCard<'_>>,
    rect: Rect,
) {
    let palette = grid.theme.palette();
    let selected = grid.selected == Some(head);
    pen.rounded(rect, palette.panel, 4.0);
    if selected {
        pen.frame(rect, palette.accent, 1.5, 4.0);
    }
    // What has not passed the control is shown, but does not shout.
    let opacity: f32 = if card.is_some_and(|card| card.passes == Some(false)) {
        0.35
    } else {
        1.0
    };
    let (left, right) = (rect.x + INSET_PT, rect.right() - INSET_PT);
    let inner = right - left;
    let title = rect.y + 16.0;
    let name = if selected {
        palette.accent
    } else {
        palette.text.with_opacity(opacity.max(0.6))
    };
    pen.text(
        left,
        title,
        Anchor::Start,
        Ink::bold(TEXT_PT, name),
        head.to_string(),
    );
    let small = Ink::regular(SMALL_PT, palette.faint);
    let Some(card) = card else {
        pen.text(
            rect.x + rect.width / 2.0,
            rect.y + rect.height / 2.0 + 3.0,
            Anchor::Middle,
            small,
            "not computed",
        );
        return;
    };
    let entropy = format!("entropy {:.1} bits", card.entropy_bits);
    pen.text(right, title, Anchor::End, small, entropy);

    let profile = Rect::new(left, rect.y + 24.0, inner, PROFILE_PT);
    draw_profile(pen, grid, card, profile, opacity);
    let logo_rect = Rect::new(left, profile.bottom() + 6.0, inner, LOGO_PT);
    pen.line(
        (left, logo_rect.bottom()),
        (right, logo_rect.bottom()),
        palette.border,
        0.75,
    );
    logo::letters(
        pen,
        palette,
        grid.base_colors,
        logo_rect,
        card.logo,
        opacity,
    );

    let line = rect.bottom() - 9.0;
    let count = format!("n {}", grouped(card.n));
    let count_pt = text::width(&count, SMALL_PT, Face::Regular);
    pen.text(right, line, Anchor::End, small, count);
    let room = inner - count_pt - 8.0;
    let (words, ink) = if card.note.is_empty() {
        (card.consensus, small)
    } else {
        (
            card.note,
            Ink::regular(SMALL_PT, palette.text.with_opacity(opacity.max(0.6))),
        )
    };
    let words = text::elide(words, SMALL_PT, Face::Regular, room);
    pen.text(left, line, Anchor::Start, ink, words);
}

fn draw_profile(
    pen: &mut Pen,
    grid: &HeadsGrid<'_>,
    card: &HeadCard<'_>,
    rect: Rect,
    opacity: f32,
) {
    let palette = grid.theme.palette();
    let high = card
        .profile
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .fold(0.0_f32, f32::max);
    let count = card.profile.len();
    let last = card.first_offset + count.cast_signed() - 1;
    let tss = -card.first_offset;
    if count > 0 && card.first_offset <= 0 && last >= 0 {
        let x = rect.x + (tss as f32 + 0.5) / count as f32 * rect.width;
        pen.line((x, rect.y), (x, rect.bottom()), palette.border, 0.75);
    }
    pen.line(
        (rect.x, rect.bottom()),
        (rect.right(), rect.bottom()),
        palette.border,
        0.75,
    );
    if high > 0.0 {
        let color = palette.forward;
        chart::filled(
            pen,
            rect,
            card.profile,
            high,
            color.with_opacity(0.18 * opacity),
        );
        chart::curve(
            pen,
            rect,
            card.profile,
            high,
            color.with_opacity(opacity),
            1.0,
        );
    }
}
