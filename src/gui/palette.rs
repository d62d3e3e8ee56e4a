//! The command palette: any command, place, head, bookmark or transcription factor by a part of its name.

use super::analyses::Analyse;
use super::app::App;
use super::command::{self, Command};
use super::state::Pin;
use super::what_if::WhatIfCommand;
use crate::analysis::heads::HeadReport;
use crate::attention::HeadId;
use crate::genome::{Strand, find};
use crate::job::open::file_name;
use crate::job::whatif::list;
use egui::{Key, Modal, ScrollArea, TextEdit, Ui};
use std::collections::BTreeSet;

/// Places that are offered for what was typed.
const PLACES: usize = 6;
/// Lines that are offered at most.
const OFFERED: usize = 60;

/// What is being typed, and what it may mean.
#[derive(Debug, Default)]
pub struct Palette {
    pub(super) open: bool,
    text: String,
    chosen: usize,
    /// The line that the pointer moved to last.
    pointed: Option<usize>,
    fresh: bool,
    offers: Vec<Offer>,
}

/// A line of the palette.
#[derive(Clone, Debug)]
struct Offer {
    text: String,
    detail: String,
    key: String,
    command: Command,
}

impl Palette {
    /// Opens it, or closes it.
    pub fn toggle(&mut self) {
        *self = Self {
            open: !self.open,
            fresh: true,
            ..Self::default()
        };
    }
}

/// Draws the palette while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    if !app.palette.open {
        return;
    }
    if app.palette.fresh {
        app.palette.offers = offers(app, "", ctx);
    }
    let mut picked = None;
    let modal = Modal::new(egui::Id::unique("palette")).show(ctx, |ui| {
        ui.set_width(600.0);
        let edit = TextEdit::singleline(&mut app.palette.text)
            .hint_text("A command, a gene or locus, a head, a TF; “only CRP LacI”; “pin lacZ”")
            .desired_width(f32::INFINITY);
        let response = ui.add(edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Command palette")
        });
        let just_opened = std::mem::take(&mut app.palette.fresh);
        if just_opened {
            response.request_focus();
        }
        if response.changed() {
            app.palette.chosen = 0;
            app.palette.offers = offers(app, &app.palette.text, ui.ctx());
            // The field still shows its hint in the frame in which the first letter arrives.
            ui.ctx().request_repaint();
        }
        let last = app.palette.offers.len().saturating_sub(1);
        let (up, down, enter) = ui.input(|input| {
            (
                input.key_pressed(Key::ArrowUp),
                input.key_pressed(Key::ArrowDown),
                // In a slow frame the Enter may have been meant for what was there before.
                input.key_pressed(Key::Enter) && !just_opened,
            )
        });
        // A pointer that only rests there says nothing.
        let moves = ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO);
        let (chosen, pointed) = (&mut app.palette.chosen, &mut app.palette.pointed);
        if up || down || response.changed() {
            *pointed = None;
        }
        if down {
            *chosen += 1;
        }
        if up {
            *chosen = chosen.saturating_sub(1);
        }
        *chosen = (*chosen).min(last);
        if enter {
            picked = app.palette.offers.get(*chosen).cloned();
        }
        ui.add_space(4.0);
        if app.palette.offers.is_empty() {
            ui.weak("Nothing is called so.");
        }
        // A modal window keeps the size that it had with fewer lines: room for the lines is asked for.
        let height = (ui.ctx().content_rect().height() - 224.0).clamp(120.0, 420.0);
        ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for (index, offer) in app.palette.offers.iter().enumerate() {
                    let selected = index == *chosen;
                    let line = line(ui, offer, selected, selected && (up || down));
                    if line.clicked() {
                        picked = Some(offer.clone());
                    }
                    if line.hovered() && moves {
                        *pointed = Some(index);
                    }
                }
            });
        // In a line of its own: as a hover text it would cover the lines below.
        ui.separator();
        let told = app.palette.offers.get(pointed.unwrap_or(*chosen));
        let told = told.map_or("", |offer| offer.detail.as_str());
        ui.add(egui::Label::new(egui::RichText::new(told).weak()).truncate());
    });
    if let Some(offer) = picked {
        app.commands.push(offer.command);
        app.palette.open = false;
    } else if modal.should_close() {
        app.palette.open = false;
    }
}

/// Draws a line.
fn line(ui: &mut Ui, offer: &Offer, selected: bool, scroll: bool) -> egui::Response {
    let button = egui::Button::selectable(selected, offer.text.as_str())
        .right_text(egui::RichText::new(&offer.key).weak())
        .min_size(egui::vec2(ui.available_width(), 0.0));
    let response = ui.add(button);
    if scroll {
        response.scroll_to_me(None);
    }
    response
}

/// How well `text` is what was typed: every word of it must be there, in one piece or letter by letter.
fn score(typed: &str, text: &str) -> Option<i32> {
    // Keyboards have a hyphen where the program writes a minus.
    let plain = |text: &str| text.to_lowercase().replace('−', "-");
    let (typed, text) = (plain(typed), plain(text));
    let mut sum = 0;
    for word in typed.split_whitespace() {
        sum += if let Some(at) = text.find(word) {
            let starts = at == 0 || !text[..at].ends_with(char::is_alphanumeric);
            100 + if starts { 50 } else { 0 } - i32::try_from(at).unwrap_or(100).min(40)
        } else {
            let (mut letters, mut skipped) = (text.chars(), 0);
            for letter in word.chars() {
                skipped +=
                    i32::try_from(letters.by_ref().position(|other| other == letter)?).ok()?;
            }
            40 - skipped.min(39)
        };
    }
    Some(sum)
}

/// What `typed` may mean, best first; everything with fixed words where nothing is typed.
fn offers(app: &App, typed: &str, ctx: &egui::Context) -> Vec<Offer> {
    let typed = typed.trim();
    let mut scored: Vec<(i32, Offer)> = Vec::new();
    let mut add = |score: Option<i32>, offer: Offer| {
        if let Some(score) = score {
            scored.push((score, offer));
        }
    };
    for entry in command::entries() {
        if entry.command == Command::Palette {
            continue;
        }
        let key = entry.shortcut.map(|key| command::key_text(ctx, key));
        // A word of the sentence counts too, but less than one of the name.
        let by_sentence = score(typed, &format!("{} {}", entry.text, entry.tooltip));
        let by_sentence = by_sentence.map(|score| score / 4);
        let score = score(typed, entry.text).max(by_sentence.filter(|score| *score >= 25));
        let offer = Offer {
            text: entry.text.to_owned(),
            detail: entry.tooltip.to_owned(),
            key: key.unwrap_or_default(),
            command: entry.command,
        };
        add(score, offer);
    }
    if !typed.is_empty() {
        for (score, offer) in of_what_is_open(app, typed) {
            add(score, offer);
        }
    }
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let offers = scored.into_iter().map(|(_, offer)| offer);
    offers.take(OFFERED).collect()
}

fn offer(text: String, detail: impl Into<String>, command: Command) -> Offer {
    Offer {
        text,
        detail: detail.into(),
        key: String::new(),
        command,
    }
}

/// What is open and called like `typed`: places, bookmarks, heads, factors, workspaces.
fn of_what_is_open(app: &App, typed: &str) -> Vec<(Option<i32>, Offer)> {
    let mut offers = Vec::new();
    if let Some(rest) = after(typed, "only") {
        offers.push(only(app, rest));
    }
    if let Some(rest) = after(typed, "pin")
        && let Some(pin) = pin(app, rest)
    {
        offers.push((Some(1_000), pin));
    }
    if let Some(rest) = after(typed, "bookmark") {
        let command = Command::Bookmark(Some(rest.to_owned()));
        let what = offer(format!("Bookmark this place as {rest}"), "", command);
        // “Bookmark this place” is a command: on the way there it comes first.
        let is_command = "this place".starts_with(&rest.to_lowercase());
        offers.push((Some(if is_command { 1 } else { 1_000 }), what));
    }
    if let Some(rest) = after(typed, "cells") {
        let command = Command::Analysis(Analyse::Filter(rest.to_owned()));
        let text = format!("Compare: show only cells of {rest}");
        offers.push((Some(1_000), offer(text, "", command)));
    }
    for bookmark in &app.view.bookmarks {
        let text = format!("Bookmark: {}", bookmark.name);
        let detail = format!("{}:{}", bookmark.contig, bookmark.interval);
        let command = Command::GoToBookmark(bookmark.name.clone());
        offers.push((score(typed, &text), offer(text, detail, command)));
    }
    for (head, text) in heads(app) {
        let command = Command::SelectHead(head);
        let score = score(typed, &text);
        offers.push((score, offer(text, "Select this head", command)));
    }
    let head = app.view.head_id();
    if let Some(other) = after(typed, "beside").and_then(|rest| rest.parse().ok()) {
        let command = Command::Analysis(Analyse::Beside(head, other));
        let text = format!("Show {head} and {other} side by side");
        offers.push((Some(1_000), offer(text, "", command)));
    }
    let is_off = list::is_off(&app.view.what_if, head);
    let text = format!(
        "What if: switch {head} {}",
        if is_off { "on again" } else { "off" }
    );
    let command = Command::WhatIf(WhatIfCommand::HeadOff(head));
    let detail = "Drop what the selected head gives to its layer and see what that does";
    offers.push((score(typed, &text), offer(text, detail, command)));
    for tf in tfs(app) {
        let text = format!("Show only {tf}");
        let command = hide_all_but(app, &[tf]);
        let detail = "Hide the sites of every other transcription factor";
        offers.push((score(typed, &text), offer(text, detail, command)));
    }
    for path in &app.preferences.recent {
        let text = format!("Open workspace {}", file_name(path));
        let command = Command::Open(path.clone());
        let detail = path.display().to_string();
        offers.push((score(typed, &text), offer(text, detail, command)));
    }
    let workspace = &app.workspace;
    // What names a place exactly comes before what is only spelt alike.
    if workspace.find(typed).is_ok() {
        let command = Command::GoTo(typed.to_owned());
        let what = offer(format!("Go to {typed}"), "", command);
        offers.push((Some(500), what));
    }
    let places = find::complete(typed, PLACES, &workspace.genome, &workspace.features);
    for place in places.into_iter().filter(|place| place.text != typed) {
        let command = Command::GoTo(place.text.clone());
        let text = format!("Go to {}   {}", place.text, place.detail);
        offers.push((Some(60), offer(text, "", command)));
    }
    offers
}

/// All heads; once they are known, with what they look at, those first whose motif is most above its control.
fn heads(app: &App) -> Vec<(HeadId, String)> {
    let Some(heads) = &app.workspace.heads else {
        let all = app.workspace.model.head_shape().all();
        return all.map(|head| (head, format!("Head {head}"))).collect();
    };
    let mut reports: Vec<_> = heads.reports().iter().collect();
    let effect = |report: &HeadReport| report.summary.effect.unwrap_or(f64::NEG_INFINITY);
    reports.sort_by(|a, b| effect(b).total_cmp(&effect(a)));
    let text = |report: &HeadReport| {
        let summary = &report.summary;
        match summary.shows.as_str() {
            "other" => format!("Head {}: {}", report.head, summary.consensus),
            element => format!("Head {} at {element}: {}", report.head, summary.consensus),
        }
    };
    let texts = reports.iter().map(|report| (report.head, text(report)));
    texts.collect()
}

/// What follows a word at the start of what was typed.
fn after<'a>(typed: &'a str, word: &str) -> Option<&'a str> {
    let (first, rest) = typed.split_once(char::is_whitespace)?;
    let rest = rest.trim();
    (first.eq_ignore_ascii_case(word) && !rest.is_empty()).then_some(rest)
}

fn tfs(app: &App) -> BTreeSet<&str> {
    let sites = app.workspace.sites.iter().flat_map(|set| &set.sites);
    sites.map(crate::sites::Site::tf).collect()
}

fn hide_all_but(app: &App, shown: &[&str]) -> Command {
    let hidden = tfs(app).into_iter().filter(|tf| {
        let is_shown = |name: &&str| name.eq_ignore_ascii_case(tf);
        !shown.iter().any(is_shown)
    });
    Command::HideTfs(hidden.map(str::to_owned).collect())
}

/// Shows the named factors and no others; offered once all of them are there.
fn only(app: &App, names: &str) -> (Option<i32>, Offer) {
    let split = names.split([',', ' ']);
    let names: Vec<&str> = split
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let known = tfs(app);
    let is_known = |name: &&str| known.iter().any(|tf| tf.eq_ignore_ascii_case(name));
    let what = offer(
        format!("Show only {}", names.join(", ")),
        "Hide the sites of every other transcription factor",
        hide_all_but(app, &names),
    );
    (names.iter().all(is_known).then_some(1_000), what)
}

/// Pins the output that scores the start of what `text` names.
fn pin(app: &App, text: &str) -> Option<Offer> {
    let locus = app.workspace.find(text).ok()?;
    let strand = locus.strand.unwrap_or(app.view.strand);
    let shift = app.workspace.model.config().label_shift;
    let query = match strand {
        Strand::Forward => locus.interval.start + shift,
        Strand::Reverse => locus.interval.end.checked_sub(shift + 1)?,
    };
    let contig = app.workspace.genome.contigs.get(locus.contig)?;
    (query < contig.len()).then(|| {
        let pin = Pin {
            contig: locus.contig,
            query,
            strand,
        };
        let start = match strand {
            Strand::Forward => query - shift,
            Strand::Reverse => query + shift,
        };
        offer(
            format!(
                "Pin the start site at base {} ({strand})",
                crate::genome::locus::grouped(start + 1)
            ),
            "Draw what its output looks at as arcs in the genome view",
            Command::Pin(Some(pin)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_their_parts() {
        let best = |typed: &str| {
            let entries = command::entries();
            let scored = entries
                .iter()
                .filter_map(|entry| Some((score(typed, entry.text)?, entry.text)));
            scored.max_by_key(|(score, _)| *score).map(|(_, text)| text)
        };
        assert_eq!(best("undo"), Some("Undo"));
        assert_eq!(best("zoom out"), Some("Zoom out"));
        assert_eq!(best("ws as"), Some("Save the workspace as…"));
        assert_eq!(best("genome whole"), Some("Run over the whole genome…"));
        assert_eq!(best("qqq"), None);
        assert!(score("lac", "lacZ") > score("lac", "placid"));
        assert_eq!(score("", "anything"), Some(0));
    }

    #[test]
    fn every_command_is_listed_once_with_its_own_key() {
        let entries = command::entries();
        for (index, entry) in entries.iter().enumerate() {
            for other in &entries[..index] {
                assert_ne!(entry.text, other.text);
                assert_ne!(entry.command, other.command);
                assert!(
                    entry.shortcut.is_none() || entry.shortcut != other.shortcut,
                    "{} and {}",
                    entry.text,
                    other.text
                );
            }
        }
    }
}
