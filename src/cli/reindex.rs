//! `guanlan reindex`: a new index from the store of posts, put in the old one's place.

use analyzer::segment::Segmenter;
use crawler::archive::Archive;

use super::exit::{Done, Failure};
use super::import::{ask, unexpected};
use super::settings::Context;
use crate::folder::{self, Entry};
use crate::intake::Intake;
use crate::socket::{Reply, Request};

/// Builds the index anew, here or in the program that holds the folder.
pub(super) fn reindex(context: &Context) -> Result<Done, Failure> {
    let config = context.config()?;
    let posts = match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => match ask(&mut line, &Request::Reindex)? {
            Reply::Done { count } => count,
            reply => return Err(unexpected(&reply)),
        },
        Entry::Held(held) => {
            let archive = Archive::open(held.path()).map_err(Failure::data)?;
            let segmenter = Segmenter::new(&[]);
            let mut intake = Intake::open(held.path(), archive, &segmenter).map_err(Failure::data)?;
            let posts = intake.reindex().map_err(Failure::data)?;
            intake.close().map_err(Failure::data)?;
            posts
        }
    };
    println!("{} {posts}", context.say("已重建索引，帖数", "index rebuilt; posts:"));
    Ok(Done::Yes)
}
