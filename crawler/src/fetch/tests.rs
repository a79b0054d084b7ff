//! Fetching from real servers on the loopback.
