//! Reads and checks the files an administrator and a clerk write.
