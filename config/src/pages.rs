//! Reads what belongs to sources that are web pages: selectors, and the pages behind links.

use crawler::source::{Articles, List, Selector, Sitemap};
use url::Url;

use crate::problem::{Mistake, Words};
use crate::section::{Item, Section};
use crate::sources::missing;
use crate::value::{integer, text};

/// Most pages of one list that are read at one visit.
const PAGES_AT_MOST: u64 = 10;

/// The keys of web pages, whatever the kind turns out to be.
pub(crate) struct Keys {
    item: Option<Selector>,
    title: Option<Selector>,
    link: Option<Selector>,
    time: Option<Selector>,
    text: Option<Selector>,
    next: Option<Selector>,
    pages: Option<u64>,
    article: Option<Articles>,
    include: Option<String>,
}

impl Keys {
    pub(crate) fn read(section: &Section<'_, '_>) -> Keys {
        Keys {
            item: section.value("item", selector),
            title: section.value("title", selector),
            link: section.value("link", selector),
            time: section.value("time", selector),
            text: section.value("text", selector),
            next: section.value("next", selector),
            pages: section.value("pages", |item| integer(item, 1, PAGES_AT_MOST)),
            article: section.value("article", articles),
            include: section.value("include", text),
        }
    }

    /// A page that lists entries.
    pub(crate) fn list(self, section: &Section<'_, '_>, url: Option<Url>) -> Option<List> {
        if section.item("url").is_none() {
            missing(section, "url", "列表页的网址", "the address of the page");
        }
        if section.item("item").is_none() {
            missing(
                section,
                "item",
                "一条在网页里的位置，例如 \"ul.list > li\"",
                "the place of one entry, such as \"ul.list > li\"",
            );
        }
        Some(List {
            url: url?,
            item: self.item?,
            title: self.title,
            link: self.link,
            time: self.time,
            text: self.text,
            next: self.next,
            pages: self.pages.and_then(|pages| u32::try_from(pages).ok()).unwrap_or(1),
            article: self.article.unwrap_or(Articles::Auto),
        })
    }

    /// A sitemap and the pages it names.
    pub(crate) fn sitemap(self, section: &Section<'_, '_>, url: Option<Url>) -> Option<Sitemap> {
        if section.item("url").is_none() {
            missing(section, "url", "站点地图的网址", "the address of the sitemap");
        }
        let article = self.article.unwrap_or(Articles::Auto);
        Some(Sitemap { url: url?, include: self.include, article })
    }
}

fn selector(item: &Item<'_>) -> Result<Selector, Mistake> {
    let text = text(item)?;
    Selector::parse(&text).map_err(|why| {
        let message = Words::new(
            format!("“{text}”不是 CSS 选择器（{why}）"),
            format!("\"{text}\" is not a CSS selector ({why})"),
        );
        let label = Words::new("写成 ul.list > li 的样子", "like ul.list > li");
        let mistake = Mistake::new("bad-selector", message, label);
        mistake.help(
            "在浏览器里对着一条点右键，选“检查”，就能看到它的标签和 class",
            "in a browser, right-click on an entry and choose \"Inspect\" to see its tag and class",
        )
    })
}

fn articles(item: &Item<'_>) -> Result<Articles, Mistake> {
    Ok(match text(item)?.as_str() {
        "auto" => Articles::Auto,
        "none" => Articles::None,
        _ => Articles::By(selector(item)?),
    })
}
