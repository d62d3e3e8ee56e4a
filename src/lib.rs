//! Headlight shows what each attention head of a DNA transformer looks at.
//!
//! Modules in order of dependency: [`progress`], [`genome`], [`attention`] and [`sites`],
//! [`model`], [`analysis`] and [`figure`].

pub mod analysis;
pub mod attention;
pub mod figure;
pub mod genome;
pub mod model;
pub mod progress;
pub mod sites;
