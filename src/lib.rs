//! Headlight shows what each attention head of a DNA transformer looks at.
//!
//! Modules in order of dependency: [`progress`], [`genome`], [`attention`] and [`sites`]; [`model`],
//! [`analysis`] and [`figure`], which do not know one another; [`job`], which joins them;
//! [`workspace`]; [`cli`] and [`gui`].

pub mod analysis;
pub mod attention;
pub mod cli;
pub mod figure;
pub mod genome;
pub mod gui;
pub mod job;
pub mod model;
pub mod progress;
pub mod sites;
pub mod workspace;
