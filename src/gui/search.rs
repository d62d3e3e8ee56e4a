//! The search box: a locus or a gene, with completion.

use super::command::Command;
use crate::genome::find;
use crate::workspace::Workspace;
use egui::{Key, Popup, PopupCloseBehavior, TextEdit};

/// Suggestions shown at most.
const SUGGESTIONS: usize = 8;

/// The text that is being typed and what it might become.
#[derive(Debug, Default)]
pub struct SearchBox {
    text: String,
    wants_focus: bool,
    chosen: usize,
}

impl SearchBox {
    /// Puts the cursor into the box at the next frame.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Draws the box. `place` is shown while nothing is typed.
    pub fn show(
        &mut self,
        ui: &mut egui::Ui,
        workspace: &Workspace,
        place: &str,
        commands: &mut Vec<Command>,
    ) {
        let edit = TextEdit::singleline(&mut self.text)
            .hint_text(place)
            .desired_width(300.0)
            .id_salt("search");
        let response = ui
            .add(edit)
            .on_hover_text("A gene (lacZ), two genes (lacZ-lacI), or a locus (366,305-366,400)");
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Search: locus or gene")
        });
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        if response.changed() {
            self.chosen = 0;
        }
        let suggestions =
            if self.text.trim().is_empty() || !(response.has_focus() || response.lost_focus()) {
                Vec::new()
            } else {
                find::complete(
                    self.text.trim(),
                    SUGGESTIONS,
                    &workspace.genome,
                    &workspace.features,
                )
            };
        if response.has_focus() && !suggestions.is_empty() {
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
        self.chosen = self.chosen.min(suggestions.len());
        let mut go = None;
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            let picked = self
                .chosen
                .checked_sub(1)
                .and_then(|index| suggestions.get(index));
            go = Some(picked.map_or_else(
                || self.text.trim().to_owned(),
                |suggestion| suggestion.text.clone(),
            ));
        }
        let open = response.has_focus() && !suggestions.is_empty();
        Popup::from_response(&response)
            .open(open)
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            .width(response.rect.width())
            .show(|ui| {
                for (index, suggestion) in suggestions.iter().enumerate() {
                    let text = format!("{}   {}", suggestion.text, suggestion.detail);
                    if ui
                        .selectable_label(self.chosen == index + 1, text)
                        .clicked()
                    {
                        go = Some(suggestion.text.clone());
                    }
                }
            });
        if let Some(text) = go.filter(|text| !text.is_empty()) {
            self.text.clear();
            self.chosen = 0;
            commands.push(Command::GoTo(text));
        }
    }
}
