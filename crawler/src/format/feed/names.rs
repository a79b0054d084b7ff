//! Which element of a feed is which field, whatever its prefix. An element that is not named here is
//! never opened: authors, above all.

/// The fields that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Guid,
    Link,
    Title,
    Summary,
    Content,
    Published,
    Updated,
    /// `dc:date`: the one date of an entry, of which nobody says what happened then.
    Date,
}

/// How well an element fits its field: of two that fill one field the better wins, of equals the first.
pub(super) type Fit = u8;

/// The usual prefix of a namespace; `""` for those of the feed formats themselves.
pub(super) fn usual_prefix(namespace: &str) -> Option<&'static str> {
    let name = namespace.trim().trim_end_matches('/').to_ascii_lowercase();
    if name.contains("backend.userland.com/rss") || name.contains("blogs.law.harvard.edu/tech/rss") {
        return Some("");
    }
    Some(match name.as_str() {
        "http://purl.org/rss/1.0"
        | "http://my.netscape.com/rdf/simple/0.9"
        | "http://channel.netscape.com/rdf/simple/0.9"
        | "http://my.netscape.com/publish/formats/rss-0.91.dtd"
        | "http://purl.org/net/rss1.1#"
        | "http://cyber.law.harvard.edu/rss"
        | "http://purl.org/atom/ns#"
        | "http://www.w3.org/2005/atom"
        | "https://www.w3.org/2005/atom"
        | "http://example.com/necho"
        | "http://example.com/newformat#"
        | "http://purl.org/echo"
        | "http://purl.org/pie" => "",
        "http://purl.org/dc/elements/1.1" | "http://purl.org/dc/elements/1.0" => "dc",
        "http://purl.org/dc/terms" => "dcterms",
        "http://purl.org/rss/1.0/modules/content" => "content",
        "http://www.itunes.com/dtds/podcast-1.0.dtd" => "itunes",
        "http://search.yahoo.com/mrss" => "media",
        "http://www.w3.org/1999/xhtml" => "xhtml",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#" => "rdf",
        "http://www.w3.org/xml/1998/namespace" => "xml",
        _ => return None,
    })
}

/// Prefixes that people use for the feed formats themselves without saying so.
pub(super) fn is_feeds_own(prefix: &str) -> bool {
    matches!(prefix, "" | "rss" | "atom" | "a10" | "atom03" | "atom10" | "cdf")
}

/// The field of an element that stands in an entry. `local` is in lower case.
pub(super) fn field(prefix: &str, local: &str) -> Option<(Field, Fit)> {
    Some(match (prefix, local) {
        ("content", "encoded") => (Field::Content, 3),
        ("xhtml", "body" | "div") => (Field::Content, 2),
        ("dc", "title") => (Field::Title, 2),
        ("dc", "description") => (Field::Summary, 2),
        ("dc" | "dcterms", "date") => (Field::Date, 1),
        ("dcterms", "issued") => (Field::Published, 2),
        ("dc" | "dcterms", "created") => (Field::Published, 0),
        ("dc" | "dcterms", "modified") => (Field::Updated, 2),
        ("media" | "itunes", "title") => (Field::Title, 1),
        ("itunes", "summary") => (Field::Summary, 2),
        ("media", "description") => (Field::Summary, 1),
        ("itunes", "subtitle") => (Field::Summary, 0),
        (prefix, _) if !is_feeds_own(prefix) => return None,
        (_, "guid" | "id") => (Field::Guid, 1),
        (_, "link") => (Field::Link, 1),
        (_, "title") => (Field::Title, 3),
        (_, "description" | "summary") => (Field::Summary, 3),
        (_, "abstract") => (Field::Summary, 2),
        (_, "content") => (Field::Content, 3),
        (_, "body" | "fullitem") => (Field::Content, 2),
        (_, "pubdate" | "published" | "issued") => (Field::Published, 3),
        (_, "date") => (Field::Date, 1),
        (_, "created") => (Field::Published, 0),
        (_, "updated" | "modified") => (Field::Updated, 3),
        (_, "lastbuilddate" | "lastmod") => (Field::Updated, 1),
        _ => return None,
    })
}

/// The same for an element that stands in the head of the feed.
pub(super) fn title_of_feed(prefix: &str, local: &str) -> Option<Fit> {
    match field(prefix, local) {
        Some((Field::Title, fit)) => Some(fit),
        _ => None,
    }
}

/// Elements of an entry that only hold others together.
pub(super) fn only_groups(prefix: &str, local: &str) -> bool {
    matches!((prefix, local), ("media", "group" | "content"))
}

/// An entry of any of the formats.
pub(super) fn is_entry(local: &str) -> bool {
    matches!(local, "item" | "entry")
}

/// The outermost elements of the formats.
pub(super) fn is_feed(local: &str) -> bool {
    matches!(local, "rss" | "rdf" | "feed" | "channel" | "entry")
}
