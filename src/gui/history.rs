//! Places that were visited, for back and forward.

use crate::figure::viewport::Viewport;

/// Visited places: those behind and those ahead of the present one.
#[derive(Clone, Debug, Default)]
pub struct History {
    behind: Vec<Viewport>,
    ahead: Vec<Viewport>,
}

/// Places kept at most.
const LONGEST: usize = 200;

impl History {
    /// Remembers the place that a jump leaves.
    pub fn leave(&mut self, place: Viewport) {
        if self.behind.last() != Some(&place) {
            self.behind.push(place);
        }
        if self.behind.len() > LONGEST {
            self.behind.remove(0);
        }
        self.ahead.clear();
    }

    /// The place before, if any; `here` becomes the one ahead.
    pub fn back(&mut self, here: &Viewport) -> Option<Viewport> {
        let place = self.behind.pop()?;
        self.ahead.push(*here);
        Some(place)
    }

    /// The place after, if any; `here` becomes the one behind.
    pub fn forward(&mut self, here: &Viewport) -> Option<Viewport> {
        let place = self.ahead.pop()?;
        self.behind.push(*here);
        Some(place)
    }

    /// How many places are kept, and how many may be.
    #[must_use]
    pub fn kept(&self) -> (usize, usize) {
        // What lies ahead was behind before; leaving a place adds one before the oldest goes.
        (self.behind.len() + self.ahead.len(), LONGEST + 1)
    }

    /// Whether there is a place before, and one after.
    #[must_use]
    pub fn available(&self) -> (bool, bool) {
        (!self.behind.is_empty(), !self.ahead.is_empty())
    }
}
