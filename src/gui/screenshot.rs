//! Saves a picture of the window once it has settled, and closes it.

use egui::{ColorImage, ScreenshotCallback, ViewportCommand};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Frames without anything to do before the picture is taken.
const CALM_FRAMES: u32 = 4;

/// Whether the picture was saved; read once the window has closed.
#[derive(Clone, Debug, Default)]
pub struct Saved(Arc<Mutex<Option<Result<(), String>>>>);

impl Saved {
    fn set(&self, result: Result<(), String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }

    fn is_set(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// How it went.
    ///
    /// # Errors
    /// When the picture could not be saved, or the window was closed before.
    pub fn result(&self) -> anyhow::Result<()> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Ok(())) => Ok(()),
            Some(Err(text)) => Err(anyhow::anyhow!(text.clone())),
            None => Err(anyhow::anyhow!(
                "The window was closed before its picture could be taken."
            )),
        }
    }
}

/// A picture that is to be taken.
#[derive(Debug)]
pub struct Screenshot {
    path: PathBuf,
    calm: u32,
    asked: bool,
    saved: Saved,
}

impl Screenshot {
    /// To be saved at `path` as PNG.
    #[must_use]
    pub fn new(path: PathBuf, saved: Saved) -> Self {
        Self {
            path,
            calm: 0,
            asked: false,
            saved,
        }
    }

    /// Looks whether the window has settled; called once a frame.
    pub fn step(&mut self, ctx: &egui::Context, busy: bool) {
        if self.asked {
            if self.saved.is_set() {
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            ctx.request_repaint();
            return;
        }
        self.calm = if busy { 0 } else { self.calm + 1 };
        if self.calm >= CALM_FRAMES {
            let (path, saved, wake) = (self.path.clone(), self.saved.clone(), ctx.clone());
            ctx.send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(
                move |image| {
                    saved.set(save(&path, &image));
                    wake.request_repaint();
                },
            )));
            self.asked = true;
        }
        ctx.request_repaint_after(std::time::Duration::from_millis(if busy { 50 } else { 16 }));
    }
}

fn save(path: &Path, image: &Arc<ColorImage>) -> Result<(), String> {
    let [width, height] = image.size;
    let pixels: Vec<u8> = image
        .pixels
        .iter()
        .flat_map(egui::Color32::to_array)
        .collect();
    image::save_buffer(
        path,
        &pixels,
        width as u32,
        height as u32,
        image::ColorType::Rgba8,
    )
    .map_err(|error| {
        format!(
            "The picture could not be saved as {}: {error}",
            path.display()
        )
    })
}
