//! Readers of genome and annotation files.
