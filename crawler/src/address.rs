//! Canonical addresses: two links to one page become the same text, so that it is one post.
//! Fetches nothing and judges no address safe; `guard` does that.

use url::Url;

/// Query parameters that say where a reader came from, not what is read.
const TRACKING: &[&str] = &[
    "_ga",
    "_t",
    "dclid",
    "fbclid",
    "from_source",
    "gclid",
    "igshid",
    "isappinstalled",
    "mc_cid",
    "mc_eid",
    "msclkid",
    "share_from",
    "share_source",
    "share_token",
    "sharefrom",
    "spm",
    "spm_id_from",
    "unique_k",
    "vd_source",
    "weibo_id",
    "wfr",
    "yclid",
];

/// The canonical form of a web address, or `None` if it is not an absolute http(s) address.
///
/// Scheme and host in lower case, default port, user name, fragment, tracking parameters and empty
/// query dropped, parameters in order. Applying it twice changes nothing more.
pub fn canonical(address: &str) -> Option<String> {
    let mut url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    url.set_fragment(None);
    // A name and password in an address are personal data, and never part of what is read.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let query = url.query().map(sorted_without_tracking).filter(|query| !query.is_empty());
    url.set_query(query.as_deref());
    Some(url.into())
}

/// Works on the raw text between `&`, so that no site's own escapes are rewritten.
fn sorted_without_tracking(query: &str) -> String {
    let mut parts: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty() && !is_tracking(part)).collect();
    // Stable and by name only: repeated parameters keep their order, which may mean something.
    parts.sort_by_key(|part| name_of(part));
    parts.join("&")
}

fn is_tracking(part: &str) -> bool {
    let name = name_of(part).to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

fn name_of(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn different_spellings_of_one_page_are_one_address() {
        let cases = [
            ("HTTP://WWW.Example.COM:80/A/b?b=2&a=1#c", "http://www.example.com/A/b?a=1&b=2"),
            ("https://example.com:443", "https://example.com/"),
            ("https://example.com/?", "https://example.com/"),
            ("https://example.com/x?utm_source=w&UTM_medium=m&spm=1.2", "https://example.com/x"),
            ("https://example.com/x?id=7&fbclid=abc", "https://example.com/x?id=7"),
            ("https://user:pass@example.com/x", "https://example.com/x"),
            (" https://example.com/a/../b ", "https://example.com/b"),
            ("https://example.com/?t=2&t=1", "https://example.com/?t=2&t=1"),
            ("https://例子.example/新闻", "https://xn--fsqu00a.example/%E6%96%B0%E9%97%BB"),
            ("https://example.com/x?q=%E6%96%B0", "https://example.com/x?q=%E6%96%B0"),
        ];
        for (written, expected) in cases {
            assert_eq!(canonical(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn what_makes_a_page_another_page_is_kept() {
        let pages = [
            "http://example.com/x",
            "https://example.com/x",
            "https://example.com/x/",
            "https://example.com/X",
            "https://example.com:8443/x",
            "https://example.com/x?page=2",
            "https://www.example.com/x",
        ];
        for (place, one) in pages.iter().enumerate() {
            for other in &pages[place + 1..] {
                assert_ne!(canonical(one), canonical(other));
            }
        }
    }

    #[test]
    fn what_is_no_web_address_has_none() {
        for text in
            ["", "新闻", "/relative", "mailto:a@b.example", "javascript:alert(1)", "file:///etc/passwd"]
        {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn applying_it_twice_changes_nothing(path in "[a-zA-Z0-9/._%-]{0,20}", query in "[a-c=&%0-9]{0,20}") {
            if let Some(once) = canonical(&format!("https://Example.com/{path}?{query}#f")) {
                prop_assert_eq!(canonical(&once), Some(once));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = canonical(&text);
        }
    }
}
