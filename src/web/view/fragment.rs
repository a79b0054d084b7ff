//! How one collected text stands on a page: the way of a post from the feed to the page, in one call.

use alerts::format;
use alerts::message::Language;
use askama::Template;
use crawler::format::{TEXT_AT_MOST, TITLE_AT_MOST, plain};
use crawler::mask::Masks;
use crawler::post::{Draft, IdKey, Post, Publisher};
use jiff::Timestamp;

use super::search::{Piece, shown};
use super::{Labels, set};

/// Most characters shown of it: no less than any installation shows.
const EXCERPT: usize = 140;

/// Where on the page the text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The text of a post, collected as HTML.
    Text,
    /// Its title, collected as text.
    Title,
    /// The link to the original.
    Link,
}

#[derive(Template)]
#[template(path = "fragment.html")]
struct FragmentHtml {
    pieces: Vec<Piece>,
    link: Option<String>,
    label: &'static str,
}

/// What the pages make of a collected text in this place; nothing where they show nothing.
pub(crate) fn rendered(collected: &str, part: Part) -> String {
    let post = post(collected, part);
    let pieces = match part {
        Part::Text => shown(&post.text, &[], EXCERPT),
        Part::Title => shown(&post.title, &[], EXCERPT),
        Part::Link => Vec::new(),
    };
    let link = format::link(post.address.as_deref()).filter(|_| part == Part::Link);
    set(FragmentHtml { pieces, link, label: Labels::of(Language::Chinese).original })
}

fn post(collected: &str, part: Part) -> Post {
    let title = plain::from_text(collected, TITLE_AT_MOST);
    let text = plain::from_html(collected, TEXT_AT_MOST);
    let draft = Draft {
        source: "",
        group: "",
        publisher: Publisher::Media,
        guid: None,
        address: Some(collected).filter(|_| part == Part::Link),
        time: Timestamp::UNIX_EPOCH,
        first_seen: Timestamp::UNIX_EPOCH,
        title: &title,
        text: &text,
        rank: None,
        heat: None,
        claimed: None,
    };
    // Its id is never shown, so any key will do.
    draft.finish(&IdKey::fixed([0; 32]), Masks::default())
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    const HOSTILE: &[&str] = &[
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<img src=`x`onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<svg><script>alert&#40;1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea><img src=x onerror=alert(1)></textarea>",
        "</title><script>alert(1)</script>",
        "\"><script>alert(1)</script>",
        "' onmouseover='alert(1)",
        "\" autofocus onfocus=alert(1) x=\"",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<iframe srcdoc=\"<script>alert(1)</script>\">",
        "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
        "<form action=javascript:alert(1)><button>x",
        "<base href=//evil.example/><link rel=stylesheet href=x><meta http-equiv=refresh content=0>",
        "<style>@import 'javascript:alert(1)'</style>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&amp;lt;script&amp;gt;alert(1)",
        "&#60script&#62alert(1)&#60/script&#62",
        "&#x3c;img src=x onerror=alert(1)&#x3e;",
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "\u{ff1c}script\u{ff1e}alert(1)\u{ff1c}/script\u{ff1e}",
        "<\u{0}script>alert(1)</script>",
        "<script\u{0}>alert(1)</script>",
        "{{constructor.constructor('alert(1)')()}}",
        "\u{202e}<b>\u{2066}txt.exe",
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "java\u{0}script:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "\u{ff4a}avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "blob:http://site.example/1",
        "view-source:javascript:alert(1)",
        "//evil.example/",
        "/\\evil.example/",
        "http://site.example/\"onclick=\"alert(1)",
        "http://site.example/'><script>alert(1)</script>",
        "http://site.example/?q=<script>alert(1)</script>",
        "http://a:b@site.example/",
        "https://site.example/#javascript:alert(1)",
    ];

    /// What a browser makes of it: no elements but ours, nothing that acts, links to the web alone.
    fn is_inert(html: &str) -> bool {
        let page = Html::parse_document(&format!("<title>{html}</title><p title=\"{html}\">{html}</p>"));
        let fragment = Html::parse_fragment(html);
        let elements = fragment.root_element().descendent_elements();
        let ours = elements.skip(1).all(|element| {
            let attributes = element.value().attrs().all(|(name, value)| match name {
                "href" => value.starts_with("http://") || value.starts_with("https://"),
                "rel" => value == "noreferrer",
                _ => false,
            });
            ["a", "mark"].contains(&element.value().name()) && attributes
        });
        let known = ["html", "head", "title", "body", "p", "a", "mark"];
        let whole = page.root_element().descendent_elements();
        let handlers = |element: scraper::ElementRef<'_>| {
            element.value().attrs().any(|(name, _)| name.starts_with("on") || name == "autofocus")
        };
        let mut whole = whole.map(|element| known.contains(&element.value().name()) && !handlers(element));
        ours && (html.contains("<a href") || whole.all(|known| known))
    }

    #[test]
    fn hostile_mark_up_is_inert_wherever_it_is_shown() {
        for payload in HOSTILE {
            for part in [Part::Text, Part::Title, Part::Link] {
                let html = rendered(payload, part);
                assert!(is_inert(&html), "{payload:?} as {part:?}: {html}");
                let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                assert!(!html.contains(|c: char| c.is_control() || turning(c)), "{payload:?}: {html:?}");
            }
        }
        assert!(!is_inert("<img src=x>") && !is_inert("<a href=\"javascript:x\" rel=\"noreferrer\">"));
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let linked = HOSTILE.iter().filter(|payload| !rendered(payload, Part::Link).is_empty());
        assert!(
            linked.clone().all(|payload| payload.starts_with("http")),
            "{:?}",
            linked.collect::<Vec<_>>()
        );
        assert!(rendered("https://site.example/1", Part::Link).contains("href=\"https://site.example/1\""));
        assert_eq!(rendered("", Part::Text), "");
    }
}
