//! The whole program against real parts: files, HTTP servers, a mail server, a real data folder.
//! One binary, so that it links once.

mod support;
