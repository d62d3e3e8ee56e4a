//! The parts of the window. Panes read the app and send commands.

pub mod bar;
pub mod below;
pub mod genome;
pub mod heads;
pub mod jobs;
pub mod keys;
pub mod map;
pub mod minimap;
pub mod open;
pub mod selected;

/// The last part of a path, for labels.
#[must_use]
pub fn file_name(path: &std::path::Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
