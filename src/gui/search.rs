//! The search box: loci, genes, transcription factors, bookmarks and patterns of bases, with completion.

use super::command::Command;
use super::places::Place;
use super::state::Bookmark;
use crate::genome::locus::grouped;
use crate::genome::{Pattern, find};
use crate::workspace::Workspace;
use egui::{Key, Popup, PopupCloseBehavior, TextEdit};

/// Names of genes and sequences that are suggested at most.
const SUGGESTIONS: usize = 8;
/// Transcription factors and bookmarks that are suggested at most.
const OTHERS: usize = 4;
/// Shorter texts are not taken for bases.
const LEAST_BASES: usize = 4;

/// Where names are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// What is open.
    pub workspace: &'a Workspace,
    /// Transcription factors with their number of sites.
    pub tfs: &'a [(String, usize)],
    /// Places with names.
    pub bookmarks: &'a [Bookmark],
}

/// One line of the list under the box.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggested {
    /// The name.
    pub text: String,
    /// What it is.
    pub detail: String,
    /// What choosing it does.
    pub command: Command,
}

/// What `text` may become, best first; while nothing is typed, the bookmarks.
#[must_use]
pub fn suggestions(text: &str, names: &Names<'_>) -> Vec<Suggested> {
    let wanted = text.trim();
    let lower = wanted.to_lowercase();
    let marks = names.bookmarks.iter();
    let marks = marks.filter(|mark| mark.name.to_lowercase().contains(&lower));
    let marks = marks.map(|mark| Suggested {
        text: mark.name.clone(),
        detail: format!("bookmark, {}:{}", mark.contig, mark.interval),
        command: Command::GoToBookmark(mark.name.clone()),
    });
    if wanted.is_empty() {
        return marks.take(SUGGESTIONS).collect();
    }
    let marks = marks.take(OTHERS);
    let workspace = names.workspace;
    let places = find::complete(wanted, SUGGESTIONS, &workspace.genome, &workspace.features);
    let places = places.into_iter().map(|place| Suggested {
        command: Command::GoTo(place.text.clone()),
        text: place.text,
        detail: place.detail,
    });
    let mut factors: Vec<&(String, usize)> = names
        .tfs
        .iter()
        .filter(|(tf, _)| tf.to_lowercase().starts_with(&lower))
        .collect();
    factors.sort_by_key(|(tf, count)| (tf.len() != wanted.len(), std::cmp::Reverse(*count)));
    factors.truncate(OTHERS);
    let best = factors.first().map(|(tf, _)| Suggested {
        text: format!("{tf} only"),
        detail: "hide the sites of all other transcription factors".to_owned(),
        command: Command::Place(Place::OnlyTf(tf.clone())),
    });
    let factors = factors.into_iter().map(|(tf, count)| Suggested {
        text: format!("{tf} sites"),
        detail: format!(
            "transcription factor: the next of {} sites",
            grouped(*count)
        ),
        command: Command::Place(Place::StepSite(tf.clone(), true)),
    });
    let bases = Pattern::parse(wanted)
        .ok()
        .filter(|pattern| pattern.len() >= LEAST_BASES)
        .map(|pattern| Suggested {
            text: pattern.text().to_owned(),
            detail: "bases (IUPAC codes), in the whole genome, on both strands".to_owned(),
            command: Command::Place(Place::FindSequence(pattern.text().to_owned())),
        });
    marks
        .chain(places)
        .chain(factors)
        .chain(best)
        .chain(bases)
        .collect()
}

/// What Enter does with a text of which no suggestion was chosen: a place if it is one, else a bookmark,
/// a transcription factor or bases.
#[must_use]
pub fn entered(text: &str, names: &Names<'_>) -> Command {
    let text = text.trim();
    let called = |name: &str| name.eq_ignore_ascii_case(text);
    let mark = names.bookmarks.iter().find(|mark| called(&mark.name));
    let factor = names.tfs.iter().find(|(tf, _)| called(tf));
    let bases = || Pattern::parse(text).is_ok_and(|pattern| pattern.len() >= LEAST_BASES);
    if let Some(mark) = mark {
        Command::GoToBookmark(mark.name.clone())
    } else if names.workspace.find(text).is_ok() {
        Command::GoTo(text.to_owned())
    } else if let Some((tf, _)) = factor {
        Command::Place(Place::StepSite(tf.clone(), true))
    } else if bases() {
        Command::Place(Place::FindSequence(text.to_owned()))
    } else {
        Command::GoTo(text.to_owned())
    }
}

/// The text that is being typed and what it might become.
#[derive(Debug, Default)]
pub struct SearchBox {
    text: String,
    wants_focus: bool,
    chosen: usize,
    suggested: Vec<Suggested>,
    /// The text and the state of the workspace that the suggestions are for.
    suggested_for: Option<(String, u64, usize)>,
    /// Where the list was drawn last.
    list: Option<egui::Rect>,
}

impl SearchBox {
    /// Puts the cursor into the box at the next frame.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Draws the box, `width` points wide. While nothing is typed it says what may be.
    pub fn show(
        &mut self,
        ui: &mut egui::Ui,
        names: &Names<'_>,
        width: f32,
        commands: &mut Vec<Command>,
    ) {
        // Wide boxes have room for more.
        let hint = if width < 260.0 {
            "lacZ, CRP, TTGACA…"
        } else {
            "lacZ, 366,305-366,400, CRP, TTGACA…"
        };
        let edit = TextEdit::singleline(&mut self.text)
            .hint_text(hint)
            .margin(egui::Margin {
                left: 24,
                right: 6,
                top: 2,
                bottom: 2,
            })
            .align(egui::Align2::LEFT_CENTER)
            .min_size(egui::vec2(0.0, 22.0))
            .desired_width(width - 30.0)
            .id_salt("search");
        let response = ui.add(edit).on_hover_text(
            "Search (Ctrl+L): a gene (lacZ), two genes (lacZ-lacI), a locus (366,305-366,400), a transcription factor \
             (CRP), a bookmark, or bases in IUPAC codes (TGTGANNNNNNTCACA, TTGACAN17TATAAT)",
        );
        magnifier(ui, response.rect);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Search: locus or gene")
        });
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        if response.changed() {
            self.chosen = 0;
        }
        // A press on the list takes the focus away before the click is over.
        let list = self.list.take();
        let at = ui.input(|input| input.pointer.latest_pos());
        let pressed = ui.input(|input| input.pointer.any_down() || input.pointer.any_released());
        let choosing = pressed && list.zip(at).is_some_and(|(list, at)| list.contains(at));
        let typing = response.has_focus() || response.lost_focus() || choosing;
        if typing {
            self.suggest(names);
        } else {
            self.suggested.clear();
            self.suggested_for = None;
        }
        if response.has_focus() && !self.suggested.is_empty() {
            ui.input(|input| {
                if input.key_pressed(Key::ArrowDown) {
                    self.chosen += 1;
                }
                if input.key_pressed(Key::ArrowUp) {
                    self.chosen = self.chosen.saturating_sub(1);
                }
            });
        }
        // 0 is the text as typed; 1 is the first suggestion.
        self.chosen = self.chosen.min(self.suggested.len());
        let mut go = None;
        if response.lost_focus()
            && ui.input(|input| input.key_pressed(Key::Enter))
            && (self.chosen > 0 || !self.text.trim().is_empty())
        {
            let picked = self.chosen.checked_sub(1);
            let picked = picked.and_then(|index| self.suggested.get(index));
            go = Some(picked.map_or_else(
                || entered(&self.text, names),
                |suggested| suggested.command.clone(),
            ));
        }
        let open = (response.has_focus() || choosing) && !self.suggested.is_empty();
        let shown = Popup::from_response(&response)
            .open(open)
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            .width(response.rect.width().max(560.0))
            .show(|ui| {
                // A line a name: what does not fit is cut, not broken.
                ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                for (index, suggested) in self.suggested.iter().enumerate() {
                    let text = format!("{}   {}", suggested.text, suggested.detail);
                    let chosen = self.chosen == index + 1;
                    if ui.selectable_label(chosen, text).clicked() {
                        go = Some(suggested.command.clone());
                    }
                }
            });
        self.list = shown.map(|shown| shown.response.rect);
        if let Some(command) = go {
            self.text.clear();
            self.chosen = 0;
            commands.push(command);
        }
    }

    /// Looks up what the text may become, once for each text.
    fn suggest(&mut self, names: &Names<'_>) {
        let key = (
            self.text.clone(),
            names.workspace.changes,
            names.bookmarks.len(),
        );
        if self.suggested_for.as_ref() != Some(&key) {
            self.suggested = suggestions(&self.text, names);
            self.suggested_for = Some(key);
        }
    }
}

/// The sign of a search, at the left end of the box.
fn magnifier(ui: &egui::Ui, field: egui::Rect) {
    let stroke = egui::Stroke::new(1.5, ui.visuals().text_color());
    let middle = egui::pos2(field.left() + 11.5, field.center().y - 1.0);
    ui.painter().circle_stroke(middle, 4.5, stroke);
    let from = middle + egui::vec2(3.2, 3.2);
    ui.painter()
        .line_segment([from, from + egui::vec2(3.8, 3.8)], stroke);
    // The edge of a field is what says that one may type into it.
    ui.painter().rect_stroke(
        field,
        4.0,
        egui::Stroke::new(1.0, ui.visuals().weak_text_color().gamma_multiply(0.6)),
        egui::StrokeKind::Inside,
    );
}
