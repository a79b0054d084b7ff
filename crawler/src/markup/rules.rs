//! How elements stand within each other: a small part of HTML's rules, enough to understand the pages
//! that leave end tags out.

/// What becomes of a start tag.
pub(super) enum Nesting {
    /// Nobody sees what is in it: it goes with its content.
    Unseen(&'static str),
    /// The page's title, whose content is no mark-up.
    Title,
    /// Only the tag goes.
    Dropped,
    /// There is one of it in a page.
    Page(&'static str),
    /// It has no content.
    Empty,
    /// It does not stand within itself.
    Alone,
    /// An element like most.
    Element,
}

/// What becomes of a start tag of that name.
pub(super) fn nesting(name: &str) -> Nesting {
    // The names again: they outlive the page.
    let unseen = [
        "script", "style", "noscript", "iframe", "noembed", "noframes", "textarea", "template", "xmp", "svg",
        "math", "select", "datalist", "object", "canvas", "audio", "video",
    ];
    if let Some(name) = unseen.into_iter().find(|known| *known == name) {
        return Nesting::Unseen(name);
    }
    match name {
        "title" => Nesting::Title,
        "html" => Nesting::Page("html"),
        "body" => Nesting::Page("body"),
        "head" | "frameset" | "frame" | "plaintext" | "nobr" | "rb" | "rt" | "rp" | "rtc" | "option"
        | "optgroup" => Nesting::Dropped,
        "area" | "base" | "basefont" | "bgsound" | "br" | "col" | "embed" | "hr" | "img" | "image"
        | "input" | "keygen" | "link" | "meta" | "param" | "source" | "track" | "wbr" => Nesting::Empty,
        "form" | "button" => Nesting::Alone,
        _ if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':')) => {
            Nesting::Element
        }
        _ => Nesting::Dropped,
    }
}

/// How far above the innermost element stands the one that a start tag of that name ends unsaid.
/// `open` begins with the innermost.
pub(super) fn ends_before<'n>(open: impl Iterator<Item = &'n str>, name: &str) -> Option<usize> {
    let ends: &[&str] = match name {
        "li" => &["li"],
        "dd" | "dt" => &["dd", "dt"],
        "td" | "th" => &["td", "th"],
        "tr" => &["tr", "caption", "colgroup"],
        "tbody" | "thead" | "tfoot" => &["tbody", "thead", "tfoot", "caption", "colgroup"],
        _ if is_block(name) => &["p"],
        _ => return None,
    };
    let is_row = matches!(name, "td" | "th" | "tr" | "tbody" | "thead" | "tfoot");
    for (above, outer) in open.enumerate() {
        if ends.contains(&outer) {
            return Some(above);
        }
        let passes = match name {
            _ if is_row => outer != "table",
            "li" | "dd" | "dt" => !is_block(outer) || matches!(outer, "address" | "div" | "p"),
            _ => !is_wall(outer),
        };
        if !passes {
            return None;
        }
    }
    None
}

/// Whether a start tag of that name ends at most an open paragraph.
pub(super) fn ends_paragraphs_only(name: &str) -> bool {
    !matches!(name, "li" | "dd" | "dt" | "td" | "th" | "tr" | "tbody" | "thead" | "tfoot")
}

/// What an end tag ends.
pub(super) enum End {
    /// The element so far above the innermost, with all in it.
    Here(usize),
    /// That element, as soon as the blocks opened in it have ended.
    WithOthers(usize),
    /// Nothing.
    Nowhere,
}

/// What an end tag of that name ends. `open` begins with the innermost.
pub(super) fn end<'n>(open: impl Iterator<Item = &'n str>, name: &str) -> End {
    let is_part_of_table =
        matches!(name, "table" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th" | "caption");
    let mut has_block_inside = false;
    for (above, outer) in open.enumerate() {
        if outer == name {
            return match is_block(name) || !has_block_inside {
                true => End::Here(above),
                false => End::WithOthers(above),
            };
        }
        let is_in_the_way = if is_part_of_table { outer == "table" } else { is_wall(outer) };
        if is_in_the_way {
            return End::Nowhere;
        }
        has_block_inside |= is_block(outer);
    }
    End::Nowhere
}

/// End tags of other elements do not reach through these.
fn is_wall(name: &str) -> bool {
    matches!(name, "table" | "td" | "th" | "caption" | "button" | "marquee")
}

/// Elements that begin a line of their own; a paragraph ends before them.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}
