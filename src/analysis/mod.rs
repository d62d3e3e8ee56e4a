//! What it means: plain arrays in, plain tables out.
