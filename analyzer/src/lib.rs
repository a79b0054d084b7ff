//! Turns posts into words, words into an index, counts into signals.
//!
//! Reads no clock and opens no connection: time and posts arrive as arguments.

mod affinity;
pub mod agreement;
pub mod analyst;
pub mod answer;
pub mod ask;
pub mod baseline;
pub mod calendar;
pub mod concern;
pub mod counts;
pub mod course;
pub mod coverage;
pub mod detect;
pub mod digest;
pub mod duplicate;
pub mod effect;
pub mod evidence;
pub mod excerpt;
pub mod explain;
pub mod forecast;
mod hash;
pub mod index;
pub mod intent;
pub mod language;
pub mod level;
pub mod matcher;
pub mod normalize;
pub mod query;
pub mod quote;
pub mod rarity;
mod reported;
pub mod segment;
pub mod series;
pub mod signal;
mod sources;
pub mod statement;
pub mod tail;
pub mod topics;
pub mod voices;
pub mod volume;
mod watch;
pub mod window;
mod words;
