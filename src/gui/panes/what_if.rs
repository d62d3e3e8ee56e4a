//! The what-if tab: a list of changes, and what they do to the model's picture of the window.

use super::hover::within;
use crate::figure::Sheet;
use crate::figure::scene::Scene;
use crate::figure::what_if::WhatIfLayout;
use crate::genome::locus::grouped;
use crate::genome::{Base, Interval};
use crate::gui::app::App;
use crate::gui::command::{Command, Picture};
use crate::gui::state::{Pin, Selection};
use crate::gui::theme;
use crate::gui::what_if::WhatIfCommand;
use crate::job::whatif::WhatIf;
use crate::job::whatif::list;
use crate::job::whatif::picture::{Panels, Wish, picture, shown_columns};
use egui::{RichText, ScrollArea, Sense, Ui, Vec2};
use std::fmt::Write as _;
use std::sync::Arc;

const LIST_PT: f32 = 330.0;

/// The picture as it was last drawn.
#[derive(Debug)]
pub struct Drawn {
    key: (usize, Wish, [u32; 2], bool),
    scene: Scene,
    layout: WhatIfLayout,
}

/// The picture as it was last drawn.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    app.what_if.drawn.as_ref().map(|drawn| drawn.scene.clone())
}

fn send(app: &mut App, command: WhatIfCommand) {
    app.commands.push(Command::WhatIf(command));
}

/// Draws the tab.
pub fn show(app: &mut App, ui: &mut Ui) {
    let all = ui.available_rect_before_wrap();
    let (left, right) = all.split_left_right_at_x(all.min.x + LIST_PT.min(all.width() * 0.4));
    ui.scope_builder(
        egui::UiBuilder::new().max_rect(left.shrink2(Vec2::new(4.0, 0.0))),
        |ui| {
            ScrollArea::vertical()
                .id_salt("changes")
                .auto_shrink(false)
                .show(ui, |ui| {
                    edit_ui(app, ui);
                    ui.separator();
                    list_ui(app, ui);
                });
        },
    );
    ui.scope_builder(egui::UiBuilder::new().max_rect(right), |ui| {
        choice_ui(app, ui);
        if app.view.saturation {
            super::saturation::show(app, ui);
        } else {
            picture_ui(app, ui);
        }
    });
    ui.allocate_rect(all, Sense::hover());
}

/// Ways to change the selected bases.
fn edit_ui(app: &mut App, ui: &mut Ui) {
    let selected = app.what_if_selected_text();
    match &selected {
        Some(text) => ui.label(RichText::new(format!("Selected {text}")).strong()),
        None => {
            ui.weak("Select bases: click a letter at the right, or Shift-drag in the genome view.")
        }
    };
    ui.horizontal(|ui| {
        let edit = egui::TextEdit::singleline(&mut app.what_if.typed)
            .desired_width(ui.available_width() - 8.0)
            .hint_text("bases such as ACGT, or g.366300A>T, L4H5:off");
        let response = ui.add(edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Bases or a change")
        });
        let entered =
            response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if entered {
            let text = std::mem::take(&mut app.what_if.typed);
            let is_bases = text
                .trim()
                .bytes()
                .all(|letter| b"ACGTNacgtn".contains(&letter));
            send(
                app,
                if is_bases {
                    WhatIfCommand::Replace(text)
                } else {
                    WhatIfCommand::Change(text)
                },
            );
        }
    });
    ui.horizontal_wrapped(|ui| {
        let typed = app.what_if.typed.trim().to_owned();
        let any = selected.is_some();
        let with_bases = any && !typed.is_empty();
        for (words, enabled, tooltip, command) in [
            (
                "Replace",
                with_bases,
                "Puts the typed bases (forward strand) in the place of the selected ones",
                WhatIfCommand::Replace(typed.clone()),
            ),
            (
                "Insert before",
                with_bases,
                "Puts the typed bases (forward strand) in before the selected ones",
                WhatIfCommand::Insert(typed.clone()),
            ),
            ("Delete", any, "Takes the selected bases out (Delete)", WhatIfCommand::Delete),
            (
                "Mask",
                true,
                "Hides the selected bases, or all that is shown, from the model: it reads N there (M)",
                WhatIfCommand::Mask,
            ),
        ] {
            let button = ui.add_enabled(enabled, egui::Button::new(words));
            if button.on_hover_text(tooltip).clicked() {
                if matches!(command, WhatIfCommand::Replace(_) | WhatIfCommand::Insert(_)) {
                    app.what_if.typed.clear();
                }
                send(app, command);
            }
        }
    });
    let head = app.view.head_id();
    let mut off = list::is_off(&app.view.what_if, head);
    if ui
        .checkbox(&mut off, format!("Switch {head} off"))
        .on_hover_text(
            "Drops what the selected head gives to its layer; select another head in the rows",
        )
        .changed()
    {
        send(app, WhatIfCommand::HeadOff(head));
    }
    if selected.is_some() {
        ui.weak("Or type A, C, G, T or N over the selected base, as the forward strand reads.");
    }
}

/// The changes, each with its name, a link and a way to remove it.
fn list_ui(app: &mut App, ui: &mut Ui) {
    let listed = app.view.what_if.clone();
    if listed.is_empty() {
        ui.weak("No changes yet. They stay listed wherever you go, and Undo takes them back.");
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let count = listed.len();
        ui.strong(if count == 1 {
            "1 change".to_owned()
        } else {
            format!("{count} changes")
        });
        if ui
            .small_button("Remove all")
            .on_hover_text("Forgets all changes; Undo brings them back")
            .clicked()
        {
            send(app, WhatIfCommand::Clear);
        }
        if ui
            .small_button("Copy list")
            .on_hover_text("Copies the changes as text, one a line")
            .clicked()
        {
            ui.ctx().copy_text(list::text(&listed));
        }
    });
    for (index, change) in listed.iter().enumerate() {
        ui.horizontal(|ui| {
            let remove = ui.small_button("×");
            let name = format!("Remove {}", change.change);
            remove
                .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name.as_str()));
            if remove.on_hover_text(&name).clicked() {
                send(app, WhatIfCommand::Remove(index));
            }
            // The contig's name is long, and the same for all of them.
            let short = change.change.rsplit_once(":g.");
            let short =
                short.map_or_else(|| change.change.clone(), |(_, rest)| format!("g.{rest}"));
            let short = shortened(&short);
            let link = ui.add(egui::Link::new(RichText::new(short).monospace()));
            if link
                .on_hover_text(format!("Go to {}", change.change))
                .clicked()
            {
                send(app, WhatIfCommand::Show(index));
            }
            let mut name = change.name.clone();
            let edit = egui::TextEdit::singleline(&mut name)
                .hint_text("name")
                .desired_width(ui.available_width().max(40.0) - 12.0);
            let response = ui.add(edit);
            let words = format!("Name of {}", change.change);
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, words.as_str())
            });
            if response.changed()
                && let Some(listed) = app.view.what_if.get_mut(index)
            {
                listed.name = name;
            }
        });
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 28;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let first: String = text.chars().take(MOST).collect();
    format!("{first}…")
}

/// Which panels, what to save, and the largest change in words.
fn choice_ui(app: &mut App, ui: &mut Ui) {
    ui.horizontal(|ui| {
        for panels in Panels::ALL {
            let chosen = !app.view.saturation && app.view.what_if_panels == panels;
            if ui.selectable_label(chosen, panels.words()).clicked() {
                send(app, WhatIfCommand::Panels(panels));
            }
        }
        let shown = app.view.saturation;
        if ui
            .selectable_label(shown, "Every substitution")
            .on_hover_text(
                "What each of the four bases in each place does to the score of a start site",
            )
            .clicked()
        {
            send(app, WhatIfCommand::ShowSaturation(true));
        }
        ui.separator();
        ui.menu_button("Save", |ui| {
            for (words, picture) in [
                ("Picture…", Picture::WhatIf),
                ("Numbers as TSV…", Picture::WhatIfTable),
                ("Mutagenesis picture…", Picture::Saturation),
                ("Mutagenesis as TSV…", Picture::Mutations),
                ("List of changes…", Picture::EditList),
                ("Edited sequence as FASTA…", Picture::EditedFasta),
            ] {
                if ui.button(words).clicked() {
                    send(app, WhatIfCommand::Export(picture));
                    ui.close();
                }
            }
        });
        if app.view.saturation {
            return;
        }
        let Some((found, is_present)) = app.what_if_answer() else {
            return;
        };
        let mut words = outcome(found, app.view.pinned);
        if !is_present {
            "computing …".clone_into(&mut words);
        }
        let took = app.what_if_took().as_millis();
        ui.add(egui::Label::new(words).truncate())
            .on_hover_text(format!("The latest answer took {took} ms."));
    });
}

/// What becomes of the pinned start site, and the largest change of the probability, in words.
#[must_use]
pub fn outcome(found: &WhatIf, pin: Option<Pin>) -> String {
    if found.names.is_empty() {
        return "no changes here: before and after are the same".to_owned();
    }
    let pinned = pin.filter(|pin| pin.strand == found.before.strand);
    let pinned = pinned.and_then(|pin| {
        let [before, after] = found.probability_at(pin.query)?;
        let at = grouped(pin.query + 1);
        Some(if after.is_nan() {
            format!("P(TSS) at the pinned output {at}: {before:.4} → not scored; ")
        } else {
            format!("P(TSS) at the pinned output {at}: {before:.4} → {after:.4}; ")
        })
    });
    let largest = match found.largest() {
        Some(largest) => format!(
            "largest change of P(TSS): {:.3} → {:.3} at {}, strand {}",
            largest.before,
            largest.after,
            grouped(largest.position + 1),
            found.before.strand
        ),
        None => "nothing in this window could be scored before and after".to_owned(),
    };
    pinned.unwrap_or_default() + &largest
}

fn picture_ui(app: &mut App, ui: &mut Ui) {
    if let Some((_, text)) = &app.what_if.error
        && app
            .what_if_answer()
            .is_none_or(|(_, is_present)| !is_present)
    {
        ui.colored_label(ui.visuals().error_fg_color, text);
    }
    let Some((_, found)) = app.what_if.answer.clone() else {
        super::map::empty(ui, "The model is computing this window …");
        return;
    };
    let is_present = app
        .what_if_answer()
        .is_some_and(|(_, is_present)| is_present);
    let size = ui.available_size();
    let wish = Wish {
        shown: app.shown(),
        panels: app.view.what_if_panels,
        rule: app.view.rule,
        context: app.workspace.model.config().context,
        selected_head: Some(app.view.head_id()),
        selected: app.what_if_selection(),
    };
    let key = (
        Arc::as_ptr(&found) as usize,
        wish,
        [size.x.to_bits(), size.y.to_bits()],
        app.dark,
    );
    let mut drawn = app.what_if.drawn.take().filter(|drawn| drawn.key == key);
    let drawn = drawn.take().unwrap_or_else(|| {
        let sheet = Sheet {
            width: size.x,
            height: size.y - 2.0,
            theme: theme::figure_theme(ui.ctx().theme()),
            base_colors: app.preferences.base_colors,
        };
        let (scene, layout) = picture(&found, &key.1, &sheet);
        Drawn { key, scene, layout }
    });
    ScrollArea::vertical()
        .id_salt("what if")
        .auto_shrink(false)
        .show(ui, |ui| {
            let size = Vec2::new(drawn.scene.width, drawn.scene.height);
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Image, true, "What the changes do")
            });
            app.canvas
                .paint(&ui.painter_at(rect), rect.min, &drawn.scene);
            if !is_present {
                // What is shown belongs to the changes before.
                let veil = ui.visuals().panel_fill.gamma_multiply(0.5);
                ui.painter().rect_filled(rect, 0.0, veil);
            }
            pointed(app, &response, rect, &found, &drawn);
        });
    app.what_if.drawn = Some(drawn);
}

/// A click selects a base or a head; hovering says what is there.
fn pointed(
    app: &mut App,
    response: &egui::Response,
    rect: egui::Rect,
    found: &WhatIf,
    drawn: &Drawn,
) {
    let Some(at) = response.hover_pos() else {
        return;
    };
    let Some((index, head)) = drawn.layout.hit(within(rect, at)) else {
        return;
    };
    let columns = shown_columns(found, drawn.key.1.shown);
    let Some((column, aligned)) = columns.get(index).copied() else {
        return;
    };
    if response.clicked() {
        match (head, aligned.position) {
            (Some(head), _) => app.commands.push(Command::SelectHead(head)),
            (None, Some(position)) => app.commands.push(Command::Select(Some(Selection {
                contig: app.view.viewport.contig,
                interval: Interval::new(position, position + 1),
            }))),
            (None, None) => {}
        }
    }
    let base = |base: Option<Base>| base.map_or('−', Base::letter);
    let value = |row: &[f32], at: Option<usize>| {
        let value = at
            .and_then(|at| row.get(at))
            .filter(|value| !value.is_nan());
        value.map_or_else(|| "none".to_owned(), |value| format!("{value:.4}"))
    };
    let place = aligned
        .position
        .map_or_else(|| "put in".to_owned(), |position| grouped(position + 1));
    let mut words = format!(
        "{place}: {} → {}",
        base(aligned.before),
        base(aligned.after)
    );
    if aligned.masked {
        words.push_str(", hidden from the model");
    }
    let (before, after) = (&found.before, &found.after);
    // Writing to a string cannot fail.
    let _ = write!(
        words,
        "\nP(TSS) {} → {}",
        value(&before.probability, column.before),
        value(&after.probability, column.after)
    );
    if let Some(head) = head {
        let rule = drawn.key.1.rule;
        let _ = write!(
            words,
            "\n{head}, {}: {} → {}",
            crate::job::figure::rule_name(rule),
            value(before.row(rule, head), column.before),
            value(after.row(rule, head), column.after)
        );
    } else {
        words.push_str("\nClick to select the base, then type another one.");
    }
    response.clone().on_hover_text_at_pointer(words);
}
