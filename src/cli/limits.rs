//! Every limit in force for fetching and reading, as `guanlan status` prints them.

use std::time::Duration;

use config::Fetch;
use crawler::fetch::proxy::Way;

/// Name in Chinese, in English, and value; the name of the setting stands where there is one.
pub(super) fn shown(fetch: &Fetch) -> Vec<(&'static str, &'static str, String)> {
    let limits = &fetch.limits;
    let proxy = match &fetch.proxy {
        None => "HTTPS_PROXY, HTTP_PROXY".to_owned(),
        Some(Way::Direct) => "none".to_owned(),
        Some(Way::Through(proxy)) => proxy.to_string(),
    };
    vec![
        ("连接 connect_timeout", "connecting: connect_timeout", time(limits.connect)),
        ("等回复开头 header_timeout", "answer begins: header_timeout", time(limits.headers)),
        ("回复开头大小 max_header_bytes", "headers: max_header_bytes", size(limits.header_bytes)),
        ("等下一段 idle_timeout", "next piece: idle_timeout", time(limits.idle)),
        ("整个请求 timeout", "whole request: timeout", time(limits.whole)),
        ("网页大小 max_bytes", "page: max_bytes", size(limits.page_bytes)),
        ("订阅源大小 max_feed_bytes", "feed: max_feed_bytes", size(limits.feed_bytes)),
        ("转向次数 max_redirects", "redirects: max_redirects", limits.redirects.to_string()),
        ("每次条数 max_items", "items a visit: max_items", limits.items.to_string()),
        ("每条正文 max_text_bytes", "text of a post: max_text_bytes", size(limits.text_bytes)),
        ("同一主机间隔 delay", "pause per host: delay", time(limits.minimum_delay)),
        (
            "每主机每天请求 requests_a_day",
            "requests per host and day: requests_a_day",
            limits.requests_a_day.to_string(),
        ),
        (
            "每主机每天网页 pages_a_day",
            "web pages per host and day: pages_a_day",
            limits.pages_a_day.to_string(),
        ),
        ("链接深度 depth", "depth of links: depth", limits.depth.to_string()),
        ("XML 层数 max_xml_depth", "depth of XML: max_xml_depth", limits.xml_depth.to_string()),
        ("HTML 层数 max_html_depth", "depth of HTML: max_html_depth", limits.html_depth.to_string()),
        ("肯等的间隔 patience", "longest pause waited for: patience", time(limits.patience)),
        ("同时请求 at_once", "requests at once: at_once", limits.at_once.to_string()),
        ("代理 proxy", "proxy: proxy", proxy),
    ]
}

fn time(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_shown_as_a_person_would_say_it() {
        let shown = shown(&Fetch::default());
        let of = |name: &str| &shown.iter().find(|(_, en, _)| en.ends_with(name)).unwrap().2;
        assert_eq!((of("connect_timeout").as_str(), of("max_header_bytes").as_str()), ("10 s", "256 KiB"));
        assert_eq!((of("max_bytes").as_str(), of("max_feed_bytes").as_str()), ("10 MiB", "20 MiB"));
        assert_eq!((of("pages_a_day").as_str(), of("max_xml_depth").as_str()), ("500", "256"));
        // One line for each field, and the proxy: a new limit that is not shown fails here.
        let fields = format!("{:?}", Fetch::default().limits).matches(": ").count();
        assert_eq!(shown.len(), fields + 1);
    }
}
