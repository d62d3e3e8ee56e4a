//! Steps back and forward through what the window has shown.

use super::state::View;
use egui::util::undoer::{Settings, Undoer};

/// Seconds without a change after which a gesture is over.
pub const GESTURE_S: f32 = 0.5;
/// Steps kept at most.
const LONGEST: usize = 12_000;

/// What the window has shown.
#[derive(Debug)]
pub struct Steps {
    undoer: Undoer<View>,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            undoer: Undoer::with_settings(Settings {
                max_undos: LONGEST,
                stable_time: GESTURE_S,
                ..Settings::default()
            }),
        }
    }
}

impl Steps {
    /// Sees what is shown at `time`, once a frame: what changes without pause is one step.
    pub fn see(&mut self, time: f64, view: &View) {
        self.undoer.feed_state(time, view);
    }

    /// Ends the step that is under way, before and after a command that is a step of its own.
    pub fn end_step(&mut self, time: f64, view: &View) {
        // Seeing a change forgets what could be done again.
        self.undoer.feed_state(time, view);
        self.undoer.add_undo(view);
    }

    /// The view before the latest step.
    pub fn undo(&mut self, view: &View) -> Option<View> {
        self.undoer.undo(view).cloned()
    }

    /// The view after the step that was undone last.
    pub fn redo(&mut self, view: &View) -> Option<View> {
        self.undoer.redo(view).cloned()
    }

    /// Whether there is a step back, and one forward.
    #[must_use]
    pub fn available(&self, view: &View) -> (bool, bool) {
        (self.undoer.has_undo(view), self.undoer.has_redo(view))
    }

    /// Whether a gesture is under way.
    #[must_use]
    pub fn is_in_gesture(&self) -> bool {
        self.undoer.is_in_flux()
    }
}
