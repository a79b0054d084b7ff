//! Fills a data folder: posts of three months, through the same archive, near-duplicate groups and index as always.

use std::path::Path;
use std::time::Instant;

use analyzer::duplicate::Duplicates;
use analyzer::index::Index;
use analyzer::segment::Segmenter;
use crawler::archive::Archive;
use crawler::post::Post;
use jiff::{SignedDuration, Timestamp};

use super::stream::Stream;

/// Posts of so long.
const LENGTH: SignedDuration = SignedDuration::from_hours(85 * 24);
/// Posts stored in one transaction.
const BATCH: u64 = 5_000;
/// Memory of the near-duplicate window, as the program has it.
const DUPLICATE_BYTES: usize = 64 << 20;

/// Brings the folder to so many posts, the last of them published just now.
pub(crate) fn fill(data: &Path, posts: u64) {
    std::fs::create_dir_all(data).unwrap();
    let archive = Archive::open(data).unwrap();
    if archive.last_sequence().unwrap() >= posts {
        return;
    }
    let index = Index::open_or_create(&data.join("index"), &Segmenter::new(&[])).unwrap();
    let mut writer = index.writer().unwrap();
    let (stream, mut duplicates) = (Stream::new(), Duplicates::new(DUPLICATE_BYTES));
    let (now, begun) = (Timestamp::now(), Instant::now());
    let first = now - LENGTH;
    let mut number = 0;
    while number < posts {
        let batch: Vec<Post> = (number..posts.min(number + BATCH))
            .map(|number| {
                let place = number as f64 / posts as f64;
                let passed = SignedDuration::from_secs_f64(LENGTH.as_secs_f64() * place);
                stream.post(number + 1, place, first + passed)
            })
            .collect();
        let appended = archive.append(&batch, &mut |post| duplicates.assign(post)).unwrap();
        appended.stored.iter().for_each(|stored| writer.add(stored).unwrap());
        number += BATCH;
        if number % 100_000 == 0 {
            writer.commit().unwrap();
            eprintln!("{number} posts, {:.0} s", begun.elapsed().as_secs_f64());
        }
    }
    writer.close().unwrap();
    eprintln!("filled in {:.0} s", begun.elapsed().as_secs_f64());
}
