//! Addresses out of sitemaps: `urlset`, `sitemapindex`, news sitemaps, plain lists of addresses, packed
//! or not. Reads on until the page breaks; what stood before is kept.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use url::Url;

use super::{Problem, TITLE_AT_MOST, plain};
use crate::date;
use crate::fetch::Page;
use crate::words::Words;

/// The protocol allows so many addresses in one file.
pub const ADDRESSES_AT_MOST: usize = 50_000;

/// The protocol allows 50 MB unpacked.
const UNPACKED_AT_MOST: u64 = 50 * 1024 * 1024;

/// A longer value is no address, date or title.
const VALUE_AT_MOST: usize = 4096;

/// What a sitemap says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedSitemap {
    /// The pages it names, in its order.
    pub pages: Vec<Named>,
    /// The sitemaps it names.
    pub sitemaps: Vec<Named>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// The charset it was read as.
    pub charset: String,
}

/// A page or a sitemap that is named in a sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its address.
    pub url: Url,
    /// When it last changed (`lastmod`).
    pub changed: Option<Timestamp>,
    /// A news sitemap's title.
    pub title: String,
    /// A news sitemap's publication date, as written.
    pub published: Option<String>,
}

/// Reads a sitemap; what it is instead, otherwise.
pub fn parse(page: &Page, zone: &TimeZone) -> Result<ParsedSitemap, Words> {
    let body = unpacked(&page.body)?;
    let decoded = crate::charset::decode(&body, page.content_type.as_deref(), &page.url, None);
    let trimmed = decoded.text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let mut reading =
        Reading { page, zone, found: ParsedSitemap::default(), foreign: 0, strange: 0, left: 0 };
    if trimmed.starts_with("http://") || trimmed.starts_with("https://") {
        trimmed
            .lines()
            .for_each(|line| reading.take("url", Fields { loc: line.to_owned(), ..Fields::default() }));
    } else {
        reading.elements(trimmed)?;
    }
    reading.say();
    Ok(ParsedSitemap { charset: decoded.name(), ..reading.found })
}

/// Servers send `sitemap.xml.gz` as it is.
fn unpacked(body: &[u8]) -> Result<std::borrow::Cow<'_, [u8]>, Words> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body.into());
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(body).take(UNPACKED_AT_MOST + 1).read_to_end(&mut unpacked);
    if read.is_err() {
        return Err(Words::new(
            "压缩的站点地图解不开（没有传完？）；会再去",
            "the packed sitemap cannot be unpacked (cut off?); it is fetched again",
        ));
    }
    if unpacked.len() as u64 > UNPACKED_AT_MOST {
        return Err(Words::new(
            "站点地图解压后超过 50 MB；请用网站较小的站点地图",
            "the sitemap is larger than 50 MB when unpacked; use a smaller one of the site",
        ));
    }
    Ok(unpacked.into())
}

/// One `url` or `sitemap` element as written.
#[derive(Default)]
struct Fields {
    loc: String,
    lastmod: String,
    title: String,
    published: String,
}

struct Reading<'a> {
    page: &'a Page,
    zone: &'a TimeZone,
    found: ParsedSitemap,
    /// Addresses on other hosts.
    foreign: usize,
    /// What is no address.
    strange: usize,
    /// Addresses beyond the limit.
    left: usize,
}

impl Reading<'_> {
    fn elements(&mut self, text: &str) -> Result<(), Words> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        config.check_end_names = false;
        let mut has_root = false;
        let (mut fields, mut value) = (None::<Fields>, String::new());
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => {
                    let name = local(tag.name().as_ref());
                    if !has_root && !matches!(name.as_str(), "urlset" | "sitemapindex") {
                        return Err(not_a_sitemap());
                    }
                    has_root = true;
                    if matches!(name.as_str(), "url" | "sitemap") {
                        fields = Some(Fields::default());
                    }
                    value.clear();
                }
                Ok(Event::Text(part)) => push(&mut value, &part),
                Ok(Event::CData(part)) => push(&mut value, &part),
                Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref().ok().flatten() {
                    Some(c) => push(&mut value, c.encode_utf8(&mut [0; 4])),
                    None => push(&mut value, resolve_predefined_entity(&reference).unwrap_or_default()),
                },
                Ok(Event::End(tag)) => {
                    let name = local(tag.name().as_ref());
                    if matches!(name.as_str(), "url" | "sitemap") {
                        fields.take().into_iter().for_each(|fields| self.take(&name, fields));
                    } else if let Some(fields) = &mut fields {
                        fields.set(tag.name().as_ref(), &value);
                    }
                    value.clear();
                }
                Ok(Event::Eof) if has_root => return Ok(()),
                Ok(Event::Eof) => return Err(not_a_sitemap()),
                Ok(_) => {}
                Err(error) if has_root => {
                    self.found.problems.push(Problem::of_page(Words::new(
                        format!("XML 有错（{error}）；只读了出错前的网址"),
                        format!("broken XML ({error}); the addresses before it were taken"),
                    )));
                    return Ok(());
                }
                Err(_) => return Err(not_a_sitemap()),
            }
        }
    }

    fn take(&mut self, element: &str, fields: Fields) {
        if self.found.pages.len() + self.found.sitemaps.len() >= ADDRESSES_AT_MOST {
            self.left += 1;
            return;
        }
        let loc = fields.loc.trim();
        if loc.is_empty() {
            return;
        }
        let url = self.page.url.join(loc).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(mut url) = url else {
            self.strange += 1;
            return;
        };
        url.set_fragment(None);
        // The protocol lets a sitemap speak for its own host only.
        if without_www(&url) != without_www(&self.page.url) || url.port() != self.page.url.port() {
            self.foreign += 1;
            return;
        }
        let named = Named {
            url,
            changed: self.moment(&fields.lastmod).or_else(|| self.moment(&fields.published)),
            title: plain::from_text(&fields.title, TITLE_AT_MOST).replace('\n', " "),
            published: Some(fields.published.trim().to_owned()).filter(|text| !text.is_empty()),
        };
        let list = if element == "sitemap" { &mut self.found.sitemaps } else { &mut self.found.pages };
        list.push(named);
    }

    /// A day that a sitemap reckons from some moment of its own tells nothing.
    fn moment(&self, text: &str) -> Option<Timestamp> {
        let reading = date::read(text.trim(), self.zone, Timestamp::MAX).ok()?;
        (!reading.moves).then_some(reading.until)
    }

    fn say(&mut self) {
        let (foreign, strange, left) = (self.foreign, self.strange, self.left);
        let counts = [
            (foreign, "个网址在别的网站，没有采", "addresses lie on other sites and were left out"),
            (strange, "处不是网址", "entries are no addresses"),
            (
                left,
                "个网址超出上限（一个站点地图最多 50000 个），没有看",
                "addresses are beyond the limit of 50000 and were left out",
            ),
        ];
        for (count, zh, en) in counts.into_iter().filter(|(count, ..)| *count > 0) {
            let words = Words::new(format!("{count} {zh}"), format!("{count} {en}"));
            self.found.problems.push(Problem::of_page(words));
        }
    }
}

impl Fields {
    fn set(&mut self, name: &str, value: &str) {
        // `image:loc` and `video:title` stand in the same element and are others.
        let is_other = name.starts_with("image:") || name.starts_with("video:");
        let field = match local(name).as_str() {
            _ if is_other => return,
            "loc" => &mut self.loc,
            "lastmod" => &mut self.lastmod,
            "title" => &mut self.title,
            "publication_date" => &mut self.published,
            _ => return,
        };
        value.clone_into(field);
    }
}

fn push(value: &mut String, part: &str) {
    if value.len() < VALUE_AT_MOST {
        value.push_str(plain::beginning(part, VALUE_AT_MOST));
    }
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
}

fn without_www(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn not_a_sitemap() -> Words {
    Words::new(
        "这不是站点地图；请写站点地图的地址（robots.txt 里的 Sitemap 一行常常写着）",
        "this is no sitemap; put a sitemap's address into the source (robots.txt often names it as Sitemap)",
    )
}

#[cfg(test)]
mod tests;
