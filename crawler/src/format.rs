//! The forms in which posts come: one module each, from bytes to posts and a list of what could not be read.

pub mod file;
