//! What the targets share: a source and a page of it made of the input's bytes.

use crawler::fetch::Page;
use crawler::format::Privacy;
use crawler::mask::Masks;
use crawler::post::{IdKey, Post, Publisher};
use crawler::source::{Kind, Source};
use crawler::wishes::Wishes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// When every page is fetched.
pub const NOW: Timestamp = Timestamp::constant(1_606_000_000, 0);

/// Where every page lies.
pub fn address() -> Url {
    match Url::parse("http://site.example.cn/news/index.html") {
        Ok(url) => url,
        Err(error) => panic!("{error}"),
    }
}

/// The page with these bytes.
pub fn page(body: &[u8]) -> Page {
    Page {
        url: address(),
        moved: None,
        content_type: None,
        etag: None,
        last_modified: None,
        wishes: Wishes::default(),
        body: body.to_vec(),
    }
}

/// A source of that kind.
pub fn source(kind: Kind) -> Source {
    Source {
        id: "fuzz".into(),
        name: "试".into(),
        kind,
        every: SignedDuration::from_mins(10),
        every_at_most: None,
        publisher: Publisher::Media,
        group: "试".into(),
        encoding: None,
        zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
        allow: Vec::new(),
        proxy: None,
    }
}

/// The usual privacy.
pub fn privacy() -> Privacy {
    Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() }
}

/// What must hold of every post, whatever it was read from.
pub fn judge(post: &Post) {
    assert!(!post.title.is_empty() || !post.text.is_empty(), "a post without words");
    assert!(post.time <= NOW && post.first_seen == NOW, "a post from the future: {}", post.time);
    let is_unseen = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    assert!(!post.title.contains(is_unseen) && !post.text.contains(is_unseen), "control characters");
    assert!(post.heat.is_none_or(f64::is_finite), "heat that is no number");
    let is_of_web = |address: &String| address.starts_with("http://") || address.starts_with("https://");
    assert!(post.address.as_ref().is_none_or(is_of_web), "an address that is none: {:?}", post.address);
}
