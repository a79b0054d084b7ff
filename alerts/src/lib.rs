//! Turns signals into alerts and alerts into mail.
//!
//! Reads no clock; opens no connection but to the mail server.

pub mod account;
pub mod action;
pub mod alert;
pub mod audit;
pub mod bounce;
pub mod bulletin;
pub mod channel;
pub mod chart;
pub mod claim;
pub mod clock;
pub mod delivery;
pub mod desk;
pub mod digest;
pub mod dkim;
pub mod effect;
mod entry;
mod font;
pub mod format;
pub mod handover;
pub mod idempotency;
pub mod issue;
pub mod journal;
pub mod life;
pub mod mail;
pub mod mail_test;
pub mod message;
pub mod mime;
mod others;
pub mod outbox;
pub mod paper;
pub mod record;
pub mod reminder;
pub mod reply;
mod rising;
mod saved;
pub mod schedule;
pub mod settings;
pub mod smtp;
pub mod staging;
pub mod unwatched;
pub mod verdict;
