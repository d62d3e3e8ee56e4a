//! Jobs: how far they are, how long they will take, how to stop them, and how the last ones ended.

use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::job::{End, RunningJob};
use egui::{ProgressBar, RichText, ScrollArea, Ui};
use std::collections::VecDeque;
use std::time::Duration;

/// Ended jobs that are listed.
const LISTED: usize = 30;

/// How the last jobs ended, latest first.
#[derive(Debug, Default)]
pub struct Ended {
    jobs: VecDeque<EndedJob>,
}

#[derive(Debug)]
struct EndedJob {
    label: String,
    took: Duration,
    /// What went wrong, in full.
    failure: Option<String>,
    stopped: bool,
}

impl Ended {
    /// Lists a job that has ended; returns a line for the log.
    pub fn add(&mut self, job: &RunningJob, end: &End) -> String {
        let how = match end {
            End::Finished(_) => "done",
            End::Failed(_) => "failed",
            End::Cancelled => "stopped",
        };
        self.jobs.push_front(EndedJob {
            label: job.label.clone(),
            took: job.started.elapsed(),
            failure: match end {
                End::Failed(text) => Some(text.clone()),
                _ => None,
            },
            stopped: matches!(end, End::Cancelled),
        });
        self.jobs.truncate(LISTED);
        format!("{}: {how}", job.label)
    }
}

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
            let text = progress_text(job);
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
        if !app.ended.jobs.is_empty() {
            ui.add_space(8.0);
            ui.heading("Ended");
        }
        for job in &app.ended.jobs {
            ended(ui, job);
        }
        if let Some(log) = app.keeper.log_file() {
            ui.add_space(8.0);
            ui.weak(format!("All of it is in the log file {}.", log.display()));
        }
    });
}

fn ended(ui: &mut Ui, job: &EndedJob) {
    ui.horizontal_wrapped(|ui| {
        let how = match (&job.failure, job.stopped) {
            (Some(_), _) => RichText::new("failed").color(ui.visuals().error_fg_color),
            (None, true) => RichText::new("stopped").weak(),
            (None, false) => RichText::new("done").weak(),
        };
        ui.label(how);
        ui.label(&job.label);
        ui.weak(duration(job.took));
        if let Some(failure) = &job.failure {
            if ui
                .small_button("Copy the error")
                .on_hover_text("Copy what went wrong, in full")
                .clicked()
            {
                ui.ctx().copy_text(failure.clone());
            }
            ui.label(failure);
        }
    });
}

/// How far a job is, how fast, and how long it will take.
fn progress_text(job: &RunningJob) -> String {
    let elapsed = job.started.elapsed();
    let (done, total) = (job.progress.done(), job.progress.total());
    if total == 0 {
        return format!("for {}", duration(elapsed));
    }
    let rate = done as f64 / elapsed.as_secs_f64().max(0.1);
    let left = job.time_left();
    let left = left.map_or_else(String::new, |left| format!(", {} left", duration(left)));
    format!(
        "{} of {}, {} a second{left}",
        grouped(done as usize),
        grouped(total as usize),
        grouped(rate as usize)
    )
}

/// A duration as people say it: `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "less than 1 s".to_owned(),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_words() {
        let said = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!(said(0), "less than 1 s");
        assert_eq!(said(59), "59 s");
        assert_eq!(said(200), "3 min 20 s");
        assert_eq!(said(7_500), "2 h 5 min");
    }
}
