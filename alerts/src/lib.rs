//! Turns signals into alerts and alerts into mail.
//!
//! Reads no clock; opens no connection but to the mail server.

pub mod alert;
pub mod message;
