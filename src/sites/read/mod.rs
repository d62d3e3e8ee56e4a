//! Readers of site and motif files.
