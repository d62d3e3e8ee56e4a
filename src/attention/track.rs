//! Per-head, per-base summaries of attention.
