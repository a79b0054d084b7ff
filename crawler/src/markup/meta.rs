//! What the head of a page says of its links: where relative ones begin.

use scraper::{Html, Selector};
use url::Url;

/// Where relative links of the page begin.
pub(crate) fn base(html: &Html, url: &Url) -> Url {
    let base = Selector::parse("base[href]").ok().and_then(|bases| html.select(&bases).next()?.attr("href"));
    let joined = base.and_then(|href| url.join(href.trim()).ok());
    joined.filter(|base| matches!(base.scheme(), "http" | "https")).unwrap_or_else(|| url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_links_begin_at_the_base() {
        let page = Url::parse("http://a.example/x/y.html").unwrap();
        let cases = [
            ("", "http://a.example/x/y.html"),
            ("<base href='/z/'>", "http://a.example/z/"),
            ("<base target=_blank><base href=//b.example/>", "http://b.example/"),
            ("<base href='javascript:1'>", "http://a.example/x/y.html"),
        ];
        for (head, expected) in cases {
            assert_eq!(base(&Html::parse_document(head), &page).as_str(), expected, "{head}");
        }
    }
}
