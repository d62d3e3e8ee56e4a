//! One scene for screen and file. Nothing here knows egui.

pub mod scene;
