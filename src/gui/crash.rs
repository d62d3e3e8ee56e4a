//! A panic is caught, written down and shown: the window stays, and what is open with it.

use super::app::App;
use super::command::Command;
use super::keeper::{seconds, time_text};
use std::backtrace::Backtrace;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The latest report, for the window to show.
static LATEST: Mutex<Option<String>> = Mutex::new(None);
/// Reports that are kept.
const KEPT: usize = 10;

/// From now on every panic of the program leaves a report in `folder`, besides what it says itself.
pub fn report_panics(folder: Option<PathBuf>) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = report(&panic.to_string(), &Backtrace::force_capture().to_string());
        if let Some(folder) = &folder {
            write_report(folder, &text);
        }
        *LATEST.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        before(panic);
    }));
}

fn report(panic: &str, backtrace: &str) -> String {
    format!(
        "Headlight {} on {} {}, {}\n{panic}\n\n{backtrace}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        time_text(seconds()),
    )
}

fn write_report(folder: &Path, text: &str) {
    // The program is failing already: what cannot be written is still shown.
    let _ = std::fs::write(folder.join(format!("stopped-{}.txt", seconds())), text);
    for old in reports(folder).iter().rev().skip(KEPT) {
        let _ = std::fs::remove_file(old);
    }
}

/// The reports in a folder, oldest first.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let is_report = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("stopped-") && name.ends_with(".txt")
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_report)
        .collect();
    paths.sort();
    paths
}

/// The latest report in a folder.
#[must_use]
pub fn latest_report(folder: &Path) -> Option<PathBuf> {
    reports(folder).pop()
}

/// Does `work`; a panic in it becomes its report.
fn guard(work: impl FnOnce()) -> Result<(), String> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner).take();
        latest.unwrap_or_else(|| report(&crate::job::job::panic_text(panic.as_ref()), ""))
    })
}

impl App {
    /// Does one half of a frame; a panic in it is shown with the next one.
    pub(super) fn guarded(&mut self, ctx: &egui::Context, work: impl FnOnce(&mut Self)) {
        if let Err(report) = guard(|| work(self)) {
            self.show_failure(report);
            ctx.request_repaint();
        }
    }

    /// Shows a report in place of everything else.
    pub fn show_failure(&mut self, report: String) {
        self.keeper.log(&report);
        self.failure = Some(report);
    }

    /// Draws the report; returns whether one is shown.
    pub(super) fn failure_ui(&mut self, ui: &mut egui::Ui) -> bool {
        let Some(report) = self.failure.clone() else {
            return false;
        };
        egui::CentralPanel::default().show(ui, |ui| {
            ui.heading("Headlight met a case that it was not written for");
            ui.label(
                "What is open is untouched. Go on, or save the workspace and start again. \
                 Please report what is below.",
            );
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if ui.button("Go on").clicked() {
                    self.failure = None;
                }
                if ui.button("Copy the report").clicked() {
                    ui.ctx().copy_text(report.clone());
                }
                if ui.button("Save the workspace and go on").clicked() {
                    self.failure = None;
                    self.commands.push(Command::SaveWorkspace);
                }
                if ui.button("Quit").clicked() {
                    self.failure = None;
                    self.commands.push(Command::Quit);
                }
            });
            ui.add_space(8.0);
            egui::ScrollArea::both().show(ui, |ui| {
                ui.add(egui::Label::new(egui::RichText::new(&report).monospace()).extend());
            });
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_report() {
        assert_eq!(guard(|| ()), Ok(()));
        let report = guard(|| panic!("an odd case")).unwrap_err();
        assert!(report.contains("an odd case"), "{report}");
    }

    #[test]
    fn only_the_latest_reports_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 100..130 {
            std::fs::write(folder.path().join(format!("stopped-{number}.txt")), "x").unwrap();
        }
        write_report(folder.path(), "the latest");
        assert_eq!(reports(folder.path()).len(), KEPT);
        let latest = latest_report(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(latest).unwrap(), "the latest");
    }
}
