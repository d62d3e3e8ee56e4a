//! The parts of the window. Panes read the app and send commands.

pub mod about;
pub mod bar;
pub mod below;
pub mod bookmarks;
pub mod columns;
pub mod doubt;
pub mod explain;
pub mod genome;
pub mod heads;
pub mod hits;
pub mod hover;
pub mod jobs;
pub mod keys;
pub mod map;
pub mod menus;
pub mod minimap;
pub mod open;
pub mod relocate;
pub mod run;
pub mod selected;
pub mod settings;
pub mod sources;
pub mod start;
pub mod tables;
pub mod tfs;
pub mod tracks;
