//! The window. The only place that knows egui and rfd.

mod actions;
mod analyses;
mod app;
mod asked;
mod browser;
mod canvas;
mod chart;
mod command;
mod crash;
mod dialogs;
mod figure_page;
mod history;
mod keeper;
mod listing;
mod notices;
mod palette;
mod panes;
mod places;
mod preferences;
mod saving;
mod screenshot;
mod search;
mod state;
mod table;
mod theme;
mod track_list;
mod undo;
mod wants;
mod what_if;

pub use analyses::Analyse;
pub use app::{App, ViewOptions};
pub use command::{Command, Picture};
pub use figure_page::{FigureCommand, NewPanel};
pub use panes::explain::Topic;
pub use panes::sources::{SOURCES, Source};
pub use places::Place;
pub use preferences::{Preferences, ThemeChoice};
pub use screenshot::Saved;
pub use state::{
    Bookmark, MapColors, MapSetting, Pin, Remembered, Selection, Tab, TrackSetting, View,
};
pub use table::TableKind;
pub use what_if::WhatIfCommand;

use crate::workspace::Workspace;
use anyhow::{Context as _, anyhow};

/// Where the window's state lies in its storage.
const STATE_KEY: &str = "headlight view";
/// Name under which the desktop knows the window and its state is stored.
const APP_ID: &str = "headlight";
/// Size of the first window, in points.
const FIRST_SIZE: [f32; 2] = [1400.0, 900.0];

/// Opens the window and returns when it has closed.
///
/// # Errors
/// Without a display, or when the system's OpenGL cannot be used; when a picture that was asked for
/// could not be saved.
pub fn run(workspace: Workspace, options: ViewOptions) -> anyhow::Result<()> {
    if no_display() {
        return Err(anyhow!(
            "There is no display to open a window on. Use a command without a window instead: \
             `headlight figure --locus lacZ -o lacZ.svg`, or see `headlight --help`."
        ));
    }
    let shape = workspace.model.head_shape();
    if let Some(head) = options.head
        && (head.layer >= shape.layers || head.head >= shape.heads)
    {
        return Err(anyhow!(
            "The model has no head {head}: it has {} layers of {} heads.",
            shape.layers,
            shape.heads
        ));
    }
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"))
        .context("the icon")?;
    let scale = options.scale.unwrap_or(1.0).clamp(0.5, 4.0);
    let size = options.size.unwrap_or(FIRST_SIZE).map(|side| side * scale);
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Headlight")
        .with_icon(icon)
        .with_inner_size(size)
        .with_min_inner_size([640.0, 420.0])
        .with_drag_and_drop(true);
    if options.size.is_some() {
        viewport = viewport.with_position([0.0, 0.0]);
    }
    let wants_picture = options.screenshot.is_some();
    // A picture shows the window as it is when new, and leaves no trace in what the window remembers.
    let picture_state = std::env::temp_dir().join(format!("headlight-{}.ron", std::process::id()));
    let native = eframe::NativeOptions {
        persistence_path: wants_picture.then(|| picture_state.clone()),
        viewport,
        renderer: eframe::Renderer::Glow,
        multisampling: 4,
        persist_window: options.size.is_none() && options.screenshot.is_none(),
        ..Default::default()
    };
    if !wants_picture {
        crash::report_panics(eframe::storage_dir(APP_ID));
    }
    let saved = screenshot::Saved::default();
    let its_saved = saved.clone();
    eframe::run_native(
        APP_ID,
        native,
        Box::new(move |creation| {
            let remembered = creation
                .storage
                .filter(|_| !wants_picture)
                .and_then(|storage| eframe::get_value(storage, STATE_KEY))
                .unwrap_or_default();
            Ok(Box::new(App::new(
                &creation.egui_ctx,
                workspace,
                remembered,
                ViewOptions {
                    data_folder: (!wants_picture)
                        .then(|| eframe::storage_dir(APP_ID))
                        .flatten(),
                    ..options
                },
                its_saved,
            )?))
        }),
    )
    .map_err(|error| {
        anyhow!("The window could not be opened: {error}. OpenGL 2.1 or newer is needed.")
    })?;
    if wants_picture {
        // It is not there if the window closed before anything was stored.
        let _ = std::fs::remove_file(&picture_state);
        saved.result()
    } else {
        Ok(())
    }
}

/// Whether a Unix system offers neither Wayland nor X11.
fn no_display() -> bool {
    let empty = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
    cfg!(all(unix, not(target_os = "macos")))
        && empty("DISPLAY")
        && empty("WAYLAND_DISPLAY")
        && empty("WAYLAND_SOCKET")
}
