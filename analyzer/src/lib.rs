//! Turns posts into words, words into an index, counts into signals.
//!
//! Reads no clock and opens no connection: time and posts arrive as arguments.

pub mod concern;
pub mod explain;
pub mod level;
pub mod series;
pub mod signal;
