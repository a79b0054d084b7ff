//! The whole program against real parts: files, HTTP servers, a mail server, a real data folder.
//! One binary, so that it links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests break loudly, and the clock they wait by is the real one"
)]

mod access;
mod api;
mod backtest;
mod bad_input;
mod browser;
mod crash;
mod demo;
mod drill;
mod duty;
mod emerging;
mod feed_to_mail;
mod gateway;
mod health;
mod hostile;
mod inspect;
mod oidc;
mod privacy;
mod push;
mod real_mail;
mod real_sites;
mod reload;
mod restart;
mod retention;
mod searching;
mod support;
mod tls;
