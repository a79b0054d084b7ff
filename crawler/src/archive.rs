//! The store of record: an append-only table of posts with a sequence number, and the
//! cursors and heartbeats of sources beside it.
