//! Pages that one site shows under several addresses: mobile twins and the rules of single sites and
//! of Discuz!. Only what is sure: a wrong merge loses a post, a missed one counts it twice.

use url::Url;

/// Hosts that show a site's pages to telephones.
const MOBILE: &[&str] = &["m.", "wap.", "3g.", "mobile."];

/// Names under which others register theirs: `gov.cn` is no site.
const REGISTRIES: &[&str] = &["com", "net", "org", "gov", "edu", "ac", "mil", "co"];

/// Turns a page's twin into the page.
pub(super) fn unify(url: &mut Url) {
    unify_sites(url);
    unify_forum(url);
    if let Some(host) = desktop_host(url) {
        let _ = url.set_host(Some(&host));
    }
}

/// `m.example.com/a/123.html` is `www.example.com/a/123.html`, `zh.m.wikipedia.org` has no www. Front and
/// list pages of the two differ; an article has a number or is a document.
fn desktop_host(url: &Url) -> Option<String> {
    let host = url.domain()?;
    if let Some((language, site)) = host.split_once(".m.wikipedia.org")
        && site.is_empty()
    {
        return Some(format!("{language}.wikipedia.org"));
    }
    let site = MOBILE.iter().find_map(|mobile| host.strip_prefix(mobile))?;
    let labels: Vec<&str> = site.split('.').collect();
    let is_site = match labels.as_slice() {
        [name, _] => !REGISTRIES.contains(name),
        [_, registry, country] => country.len() == 2 && REGISTRIES.contains(registry),
        _ => false,
    };
    let path = url.path();
    let longest_number = path.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let is_article = longest_number >= 5 || (longest_number > 0 && path.ends_with("html"));
    // Weibo's telephone site numbers its posts in another way.
    (is_site && is_article && site != "weibo.cn").then(|| format!("www.{site}"))
}

fn unify_sites(url: &mut Url) {
    let host = url.domain().unwrap_or_default().to_owned();
    let segments: Vec<&str> = url.path().trim_end_matches('/').split('/').skip(1).collect();
    match (host.as_str(), segments.as_slice()) {
        ("m.weibo.cn", ["detail", id]) => {
            let path = format!("/status/{id}");
            url.set_path(&path);
            url.set_query(None);
        }
        ("m.weibo.cn", ["status", _]) => url.set_query(None),
        ("weibo.com" | "www.weibo.com", [user, id]) if is_number(user) && is_short_id(id) => {
            url.set_query(None);
            let _ = url.set_host(Some("weibo.com"));
        }
        ("www.bilibili.com" | "m.bilibili.com", ["video", _]) => {
            keep_only(url, &["p"]);
            let _ = url.set_host(Some("www.bilibili.com"));
        }
        ("mp.weixin.qq.com", ["s"]) if has(url, "__biz") && has(url, "mid") => {
            keep_only(url, &["__biz", "mid", "idx", "sn"]);
        }
        ("mp.weixin.qq.com", ["s", _]) => url.set_query(None),
        ("www.toutiao.com" | "m.toutiao.com" | "toutiao.com", [id])
            if id.strip_prefix(['a', 'i']).is_some_and(is_number) =>
        {
            let path = format!("/article/{}/", id.trim_start_matches(['a', 'i']));
            url.set_path(&path);
        }
        ("baijiahao.baidu.com", ["s"]) if has(url, "id") => keep_only(url, &["id"]),
        _ => {}
    }
}

/// Discuz!: `thread-12-1-3.html` and `forum.php?mod=viewthread&tid=12&extra=page%3D3` are one page; the
/// last number is that of the list one came from.
fn unify_forum(url: &mut Url) {
    let path = url.path().to_owned();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
    if let Some(numbers) = file.strip_prefix("thread-").and_then(|rest| rest.strip_suffix(".html")) {
        let numbers: Vec<&str> = numbers.split('-').collect();
        if let [thread, page, from] = numbers.as_slice()
            && [thread, page, from].iter().all(|number| is_number(number))
        {
            let path = format!("{folder}/thread-{thread}-{page}-1.html");
            url.set_path(&path);
        }
        return;
    }
    let is_thread =
        file == "forum.php" && has(url, "tid") && url.query().is_some_and(|q| q.contains("mod=viewthread"));
    if is_thread && ["authorid", "goto", "pid", "ordertype", "archiver"].iter().all(|name| !has(url, name)) {
        let value = |name| value(url, name).filter(|value| is_number(value));
        if let Some(thread) = value("tid") {
            let page = value("page").unwrap_or_else(|| "1".to_owned());
            url.set_path(&format!("{folder}/thread-{thread}-{page}-1.html"));
            url.set_query(None);
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_short_id(text: &str) -> bool {
    (8..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn value(url: &Url, name: &str) -> Option<String> {
    let parts = url.query()?.split('&');
    parts
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

fn has(url: &Url, name: &str) -> bool {
    value(url, name).is_some_and(|value| !value.is_empty())
}

fn keep_only(url: &mut Url, names: &[&str]) {
    let Some(query) = url.query() else { return };
    let kept: Vec<&str> =
        query.split('&').filter(|part| names.contains(&part.split('=').next().unwrap_or_default())).collect();
    let kept = kept.join("&");
    url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
}
