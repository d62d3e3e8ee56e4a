//! One scene for screen and file. Nothing here knows egui.

pub mod colormap;
pub mod scene;
