//! Channels beside mail: a webhook of the office's own, and robots in group chats.
//!
//! A channel stands in the outbox as the recipient `channel:NAME`, so that everything written to people
//! reaches it the same way: in the journal's transaction, in order, tried again, each try logged.

/// Before a channel's name where an address stands otherwise.
pub const PREFIX: &str = "channel:";

/// The recipient that stands for a channel.
pub fn address(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// The channel that a recipient stands for; `None`: a mail address.
pub fn name_of(recipient: &str) -> Option<&str> {
    recipient.strip_prefix(PREFIX)
}
