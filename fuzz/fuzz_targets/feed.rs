//! Any bytes as a feed, read twice: the second reading knows every entry again.
#![no_main]

use crawler::format::Room;
use crawler::format::feed::{self, Sightings};
use crawler::source::Kind;
use guanlan_fuzz::{NOW, address, judge, page, privacy, source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let (page, source, privacy) = (page(body), source(Kind::Feed { url: address() }), privacy());
    let first = feed::parse(&page, (&source, &privacy, Room::default()), &Sightings::default(), NOW);
    first.parsed.posts.iter().for_each(judge);
    let again = feed::parse(&page, (&source, &privacy, Room::default()), &first.sightings, NOW);
    assert_eq!(first.parsed.posts, again.parsed.posts);
    let _ = feed::preview(&page, None, &source.zone, NOW);
});
