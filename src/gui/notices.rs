//! What the window tells people: short notices that stay until they are read.

use std::time::{Duration, Instant};

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something went as asked. Leaves by itself.
    Done,
    /// Something to know. Leaves by itself, later.
    Hint,
    /// Something failed. Stays until it is closed.
    Failure,
}

/// One notice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How much it matters.
    pub weight: Weight,
    /// What it says.
    pub text: String,
    since: Instant,
}

/// Notices that are drawn while nobody asks for more: they lie over what people look at.
const IN_SIGHT: usize = 2;
/// Notices that are kept; the log file has them all.
const KEPT: usize = 20;
/// How high the list of all of them may be, in points.
const LIST_HEIGHT_PT: f32 = 320.0;

/// The notices on screen, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    shown: Vec<Notice>,
    unlogged: Vec<String>,
    /// Whether all of them are drawn, not only the latest.
    all: bool,
}

impl Notices {
    /// Shows a notice; the same words are not shown twice at once.
    pub fn add(&mut self, weight: Weight, text: impl Into<String>) {
        let text = text.into();
        self.shown.retain(|notice| notice.text != text);
        let failed = if weight == Weight::Failure {
            "failed: "
        } else {
            ""
        };
        self.unlogged.push(format!("{failed}{text}"));
        self.shown.push(Notice {
            weight,
            text,
            since: Instant::now(),
        });
        if self.shown.len() > KEPT {
            self.shown.remove(0);
        }
    }

    /// The notices on screen, oldest first.
    #[must_use]
    pub fn shown(&self) -> &[Notice] {
        &self.shown
    }

    /// What was shown since this was asked last.
    pub fn unlogged(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unlogged)
    }

    /// Draws the notices with the corner `pivot` of their stack at `corner`.
    pub fn show(&mut self, ctx: &egui::Context, pivot: egui::Align2, corner: egui::Pos2) {
        self.shown
            .retain(|notice| notice.since.elapsed() < lifetime(notice.weight));
        if self.shown.len() <= IN_SIGHT {
            self.all = false;
        }
        let area = egui::Area::new(egui::Id::unique("notices"))
            .pivot(pivot)
            .fixed_pos(corner)
            .order(egui::Order::Foreground);
        area.show(ctx, |ui| {
            ui.set_max_width(280.0);
            self.stack(ui);
        });
        if self
            .shown
            .iter()
            .any(|notice| notice.weight != Weight::Failure)
        {
            ctx.request_repaint_after(Duration::from_secs(1));
        }
    }

    /// The latest notices, or all of them in a list that scrolls, below a line that counts them.
    fn stack(&mut self, ui: &mut egui::Ui) {
        let mut closed = None;
        let earlier = self.shown.len().saturating_sub(IN_SIGHT);
        if earlier > 0 && self.count(ui, earlier) {
            self.shown.clear();
            return;
        }
        let first = if self.all { 0 } else { earlier };
        let mut notices = |ui: &mut egui::Ui| {
            for (index, notice) in self.shown.iter().enumerate().skip(first) {
                if notice_ui(ui, notice) {
                    closed = Some(index);
                }
                ui.add_space(8.0);
            }
        };
        if self.all {
            egui::ScrollArea::vertical()
                .max_height(LIST_HEIGHT_PT)
                .stick_to_bottom(true)
                .show(ui, notices);
        } else {
            notices(ui);
        }
        if let Some(index) = closed {
            self.shown.remove(index);
        }
    }

    /// How many notices there are besides those in sight. Returns whether all of them are to be closed.
    fn count(&mut self, ui: &mut egui::Ui, earlier: usize) -> bool {
        let frame = egui::Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_width(250.0);
            ui.horizontal(|ui| {
                let text = if self.all {
                    "Show fewer".to_owned()
                } else {
                    format!("{earlier} earlier")
                };
                let tooltip = "The log file has every notice of this window";
                if ui.small_button(text).on_hover_text(tooltip).clicked() {
                    self.all = !self.all;
                }
                let right = egui::Layout::right_to_left(egui::Align::Center);
                ui.with_layout(right, |ui| ui.small_button("Close all").clicked())
                    .inner
            })
            .inner
        });
        ui.add_space(8.0);
        frame.inner
    }
}

/// Returns whether the notice was closed.
fn notice_ui(ui: &mut egui::Ui, notice: &Notice) -> bool {
    let visuals = ui.visuals();
    let (mark, color) = match notice.weight {
        Weight::Done => ("Done", visuals.hyperlink_color),
        Weight::Hint => ("Note", visuals.hyperlink_color),
        Weight::Failure => ("Could not do that", visuals.error_fg_color),
    };
    let mut closed = false;
    egui::Frame::popup(ui.style()).show(ui, |ui| {
        ui.set_width(250.0);
        ui.horizontal(|ui| {
            ui.colored_label(color, mark);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                closed = ui.small_button("Close").clicked();
                if ui
                    .small_button("Copy")
                    .on_hover_text("Copy these words")
                    .clicked()
                {
                    ui.ctx().copy_text(notice.text.clone());
                }
            });
        });
        ui.label(&notice.text);
    });
    closed
}

fn lifetime(weight: Weight) -> Duration {
    match weight {
        Weight::Done => Duration::from_secs(6),
        Weight::Hint => Duration::from_secs(15),
        Weight::Failure => Duration::from_hours(1),
    }
}
