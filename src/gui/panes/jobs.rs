//! Running jobs: how far they are, how long they will take, and how to stop them.

use crate::gui::app::App;
use crate::gui::command::Command;
use egui::{ProgressBar, ScrollArea, Ui};

/// Draws the list.
pub fn show(app: &mut App, ui: &mut Ui) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if app.missing > 0 {
            ui.label(format!(
                "The model is computing what is shown: {} pieces to go.",
                app.missing
            ));
        }
        let mut stopped = None;
        for job in app.jobs.running() {
            ui.horizontal(|ui| {
                ui.label(&job.label);
                if ui
                    .button("Stop")
                    .on_hover_text(format!("Stop: {}", job.label))
                    .clicked()
                {
                    stopped = Some(job.id);
                }
            });
            let elapsed = job.started.elapsed().as_secs_f32();
            let rate = job.progress.done() as f32 / elapsed.max(0.1);
            let left = job.time_left().map_or_else(String::new, |left| {
                format!(", {} s left", left.as_secs() + 1)
            });
            let text = match job.progress.total() {
                0 => format!("{elapsed:.0} s"),
                total => format!(
                    "{} of {total}, {rate:.0} a second{left}",
                    job.progress.done()
                ),
            };
            match job.progress.share() {
                Some(share) => ui.add(ProgressBar::new(share).text(text)),
                None => ui.label(text),
            };
            ui.add_space(8.0);
        }
        if app.jobs.running().is_empty() && app.missing == 0 {
            ui.weak("Nothing is being computed.");
        }
        if let Some(id) = stopped {
            app.commands.push(Command::CancelJob(id));
        }
    });
}
