//! One scene for screen and file. Nothing here knows egui.

pub mod axis;
pub mod chart;
pub mod colormap;
pub mod contributions;
pub mod curves;
pub mod export;
pub mod heads_grid;
mod legend;
pub mod logo;
pub mod logo_stack;
pub mod map;
mod map_edges;
pub mod matrix;
pub mod minimap;
pub mod mutagenesis;
pub mod operating;
pub mod page;
pub mod pdf;
mod pen;
pub mod png;
mod png_file;
pub mod provenance;
pub mod raster;
pub mod scale_bar;
pub mod scene;
pub mod svg;
pub mod text;
pub mod tf_looks;
pub mod theme;
pub mod tracks;
pub mod viewport;
pub mod what_if;

pub use chart::{ProfileChart, profile_chart};
pub use colormap::{ColorScale, Colormap};
pub use export::{FigureError, Format, encode, export};
pub use heads_grid::{HeadCard, HeadsGrid, heads_grid};
pub use logo::{LogoData, logo};
pub use map::{AttentionMap, MapLayout, attention_map};
pub use matrix::{Matrix, matrix};
pub use minimap::{Minimap, minimap};
pub use provenance::Provenance;
pub use raster::Reduce;
pub use scene::Scene;
pub use theme::{BaseColors, Palette, Sheet, Theme};
pub use tracks::{
    GenomeLayout, GenomeView, HeadStrip, Hit, Probability, SiteTrack, StripPage, TrackKind,
    TrackPage, genome_view,
};
pub use viewport::Viewport;
