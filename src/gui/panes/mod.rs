//! The parts of the window. Panes read the app and send commands.

pub mod about;
pub mod analyse;
pub mod bar;
pub mod below;
pub mod beside;
pub mod bookmarks;
pub mod columns;
pub mod compare;
pub mod compare_filters;
pub mod compare_sites;
pub mod doubt;
pub mod evaluation;
pub mod exact;
pub mod explain;
pub mod figure;
mod figure_panel;
pub mod genome;
pub mod head_detail;
pub mod head_list;
pub mod heads;
pub mod hits;
pub mod hover;
pub mod jobs;
pub mod keys;
pub mod map;
pub mod menus;
pub mod minimap;
pub mod novel;
pub mod open;
pub mod relocate;
pub mod run;
pub mod saturation;
pub mod selected;
pub mod settings;
pub mod similar;
pub mod sources;
pub mod start;
pub mod tables;
pub mod tfs;
pub mod tour;
pub mod tracks;
pub mod training;
pub mod what_if;

/// Where windows come up first: under the bar, beside the list of what is open.
pub const WINDOW_AT: [f32; 2] = [236.0, 84.0];
