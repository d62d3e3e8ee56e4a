//! Draws a logo from counts and saves it: `cargo run --release --example draw_figure -- logo.svg`.

use headlight::figure::{BaseColors, LogoData, Provenance, Sheet, Theme, export, logo};
use headlight::sites::Correction;
use headlight::sites::motif::{Pfm, UNIFORM};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("Give the path of an .svg or .png file to write.")?;
    // How often A, C, G, T stand at the six positions of a made-up −10 box, in 100 sites.
    let counts = vec![
        [3.0, 8.0, 10.0, 79.0],
        [92.0, 3.0, 1.0, 4.0],
        [18.0, 16.0, 13.0, 53.0],
        [61.0, 12.0, 15.0, 12.0],
        [56.0, 21.0, 11.0, 12.0],
        [2.0, 2.0, 2.0, 94.0],
    ];
    let pfm = Pfm {
        name: "−10".to_owned(),
        counts,
    };
    let data = LogoData {
        title: format!("−10 box: {}", pfm.consensus()),
        heights: pfm.letter_heights(&UNIFORM, Correction::SmallSample),
        first_position: -12,
        tss_relative: true,
        n: 100,
        unique_n: 100,
        background: "uniform".to_owned(),
        correction: "Schneider 1986".to_owned(),
    };
    let sheet = Sheet {
        width: 360.0,
        height: 180.0,
        theme: Theme::Light,
        base_colors: BaseColors::Safe,
    };
    export(
        &logo(&data, &sheet),
        path.as_ref(),
        300.0,
        &Provenance::new(),
    )?;
    Ok(())
}
