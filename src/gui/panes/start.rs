//! Questions when the window comes up and goes: what a crash left, and work that still runs.

use crate::gui::app::{App, Closing};
use crate::gui::command::{Command, GENOME_JOB};
use crate::gui::crash;

/// Offers what a crash left behind.
pub fn left_behind(app: &mut App, ctx: &egui::Context) {
    if app.kept.left_behind.is_none()
        || app.kept.is_restoring()
        || app.opening.is_some()
        || app.asked.is_open()
    {
        return;
    }
    let report = app.data_folder().and_then(crash::latest_report);
    egui::Modal::new(egui::Id::unique("left behind")).show(ctx, |ui| {
        ui.set_width(480.0);
        ui.heading("Headlight stopped without closing");
        ui.label("What was open and shown then has been kept.");
        if let Some(report) = report {
            ui.horizontal_wrapped(|ui| {
                ui.label(format!(
                    "A report of what happened is in {}.",
                    report.display()
                ));
                if ui.small_button("Copy the path").clicked() {
                    ui.ctx().copy_text(report.display().to_string());
                }
            });
        }
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            if ui.button("Restore it").clicked() {
                app.commands.push(Command::Restore);
            }
            if ui.button("Begin anew").clicked() {
                app.commands.push(Command::ForgetLeftBehind);
            }
        });
    });
}

/// Asks what becomes of work that still runs when the window is to be closed.
pub fn closing(app: &mut App, ctx: &egui::Context) {
    if app.closing != Closing::Asked {
        return;
    }
    let labels: Vec<String> = app.asked_jobs().map(str::to_owned).collect();
    if labels.is_empty() {
        // It has ended meanwhile.
        app.commands.push(Command::QuitAnyway);
        return;
    }
    let modal = egui::Modal::new(egui::Id::unique("closing")).show(ctx, |ui| {
        ui.set_width(420.0);
        ui.heading("Work is still running");
        for label in &labels {
            ui.label(label);
        }
        ui.add_space(4.0);
        if labels.iter().any(|label| label.starts_with(GENOME_JOB)) {
            ui.weak(
                "The run over the whole genome goes on from where it was stopped when it is started again.",
            );
        }
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            if ui.button("Stop it and close").clicked() {
                app.commands.push(Command::QuitAnyway);
            }
            ui.button("Keep the window open").clicked()
        })
        .inner
    });
    if modal.inner || modal.should_close() {
        app.closing = Closing::No;
    }
}

/// Says what letting go of files does, while they are held over the window.
pub fn dropping(ctx: &egui::Context) {
    let held = ctx.input(|input| input.raw.hovered_files.len());
    if held == 0 {
        return;
    }
    let painter = ctx.layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        egui::Id::unique("dropping"),
    ));
    let (window, visuals) = (ctx.content_rect(), ctx.global_style().visuals.clone());
    painter.rect_filled(window, 0.0, visuals.panel_fill.gamma_multiply(0.85));
    let files = if held == 1 {
        "this file".to_owned()
    } else {
        format!("these {held} files")
    };
    painter.text(
        window.center(),
        egui::Align2::CENTER_CENTER,
        format!("Let go to open {files}"),
        egui::FontId::proportional(20.0),
        visuals.text_color(),
    );
}
