//! One conversation with a mail server, step by step, so that each failure is blamed on the right part.

use crate::mail::Outcome;
use crate::mime::Sealed;

/// A mail server and how to log in there.
#[derive(Clone, Debug)]
pub struct SmtpServer {}

/// A run of mails over one connection.
pub(crate) struct SmtpCourier {}

impl SmtpCourier {
    pub(crate) fn new(_server: SmtpServer) -> Self {
        SmtpCourier {}
    }
    pub(crate) fn send(&mut self, _sealed: &Sealed) -> Outcome {
        Outcome::Unreachable { problem: "not yet".into() }
    }
}
