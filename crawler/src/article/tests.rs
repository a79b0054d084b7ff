//! Pages of many shapes in `pages/`, each with the text that a reader would keep beside it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use super::*;

const NOW: &str = "2021-06-01T00:00:00Z";

/// No page may be read worse than this.
const LEAST_ALIKE: f64 = 0.88;

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn article(html: &str) -> Article {
    extract(html, &zone(), NOW.parse().unwrap())
}

/// How often each four characters follow each other.
fn grams(text: &str) -> HashMap<[char; 4], usize> {
    let characters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut grams = HashMap::new();
    for four in characters.windows(4) {
        *grams.entry([four[0], four[1], four[2], four[3]]).or_default() += 1;
    }
    grams
}

/// Harmonic mean of precision and recall over four characters each.
fn likeness(found: &str, expected: &str) -> f64 {
    let (found, expected) = (grams(found), grams(expected));
    let common: usize =
        found.iter().map(|(four, times)| (*times).min(expected.get(four).copied().unwrap_or(0))).sum();
    let all: usize = found.values().sum::<usize>() + expected.values().sum::<usize>();
    if all == 0 { 1.0 } else { 2.0 * common as f64 / all as f64 }
}

#[test]
fn pages_of_many_shapes_give_their_text_and_title() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/article/pages");
    let (mut pages, mut sum, mut library_sum, mut wrong) = (0, 0.0, 0.0, Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        let html = fs::read_to_string(&path).unwrap();
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap();
        let (head, text) = expected.split_once("\n\n").unwrap();
        let (title, date) = head.split_once('\n').unwrap();
        let found = article(&html);
        let tame = markup::tame(&html, markup::Limits::default());
        let (alike, library) =
            (likeness(&found.text, text), likeness(&library::text(&tame.html, title), text));
        let name = path.file_stem().unwrap().display();
        println!("{alike:.3} library {library:.3} {name}");
        if found.title != title {
            wrong.push(format!("{name}: the title is {}", found.title));
        }
        let published = found.published.map(|time| zone().to_datetime(time).date().to_string());
        if published.as_deref() != date.get(..10) {
            wrong.push(format!("{name}: published {published:?}"));
        }
        if alike < LEAST_ALIKE {
            wrong.push(format!("{name}: {alike:.3}\n{}", found.text));
        }
        (pages, sum, library_sum) = (pages + 1, sum + alike, library_sum + library);
    }
    let mean = sum / f64::from(pages);
    println!(
        "{pages} pages: {mean:.3}; the library's node alone, its lines cleaned by us: {:.3}",
        library_sum / f64::from(pages)
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pages >= 60 && mean > 0.985, "{pages} pages: {mean}");
}

#[test]
fn titles_are_told_from_the_names_of_sites() {
    let cases = [
        ("<title>返乡要核酸吗_论坛_青岚网</title>", "返乡要核酸吗"),
        ("<title>返乡要核酸吗 - 青岚网</title><h1>青岚网</h1>", "返乡要核酸吗"),
        ("<title>青岚网</title><h1>返乡要核酸吗</h1>", "青岚网"),
        (
            "<title>返乡要核酸吗：专家这样说|健康</title><h1>返乡要核酸吗：专家这样说</h1>",
            "返乡要核酸吗：专家这样说",
        ),
        ("<meta property=og:title content='返乡要核酸吗'><title>文章</title>", "返乡要核酸吗"),
        ("<title>关于COVID-19疫苗接种的通知-卫健委</title>", "关于COVID-19疫苗接种的通知"),
        ("<title>短-讯-今天停水的小区有哪些</title>", "短-讯-今天停水的小区有哪些"),
        ("<title>停水通知 - 通知公告 - 青岚市水务局</title>", "停水通知"),
        ("<title>停水通知_通知公告_青岚市水务局</title>", "停水通知"),
        ("<title>停水-通知公告</title>", "停水-通知公告"),
        ("<title>停水通知-通知公告-青岚市</title><div class=title>停水通知</div>", "停水通知"),
        ("<meta property=og:title content='停水通知 | 公告 | 青岚'><title>文章</title>", "停水通知"),
        ("<title>中国-东盟博览会-青岚网</title>", "中国-东盟博览会"),
        ("<title>新冠-19疫情通报-青岚网</title>", "新冠-19疫情通报"),
        ("<h2>没有标题的网页</h2>", "没有标题的网页"),
        ("", ""),
    ];
    for (html, expected) in cases {
        assert_eq!(article(html).title, expected, "{html}");
    }
}

#[test]
fn the_day_is_taken_from_machines_words_first_and_then_from_what_is_shown() {
    let cases = [
        (
            "<meta property='article:published_time' content='2020-02-03T08:15:00+08:00'><p>2019-01-01",
            Some("2020-02-03T00:15:00Z"),
        ),
        ("<meta name=PubDate content='2020-02-03 08:15'>", Some("2020-02-03T00:15:00Z")),
        (
            "<script type='application/ld+json'>{\"@graph\":[{\"datePublished\":\"2020-02-03T08:15:00Z\"}]}</script>",
            Some("2020-02-03T08:15:00Z"),
        ),
        ("<time datetime='2020-02-03T08:15:00Z'>昨天</time>", Some("2020-02-03T08:15:00Z")),
        (
            "<p>今天是2020-05-01</p><h1>停水公告一则</h1><p>发布时间：2020年2月3日 08:15 来源：本站",
            Some("2020-02-03T00:15:00Z"),
        ),
        (
            "<title>停水公告一则</title><p>今天是2026年11月26日 星期四</p><div>停水公告一则</div>\
                <p>发布时间：2020-02-03 08:15",
            Some("2020-02-03T00:15:00Z"),
        ),
        (
            "<title>停水公告</title><p>现在时间：2026-11-26 10:00<p>2026-11-25<p>发布日期：\n<b>2020-02-03 08:15",
            Some("2020-02-03T00:15:00Z"),
        ),
        ("<p>今天是：星期四 2026年11月26日<p>今日 2026-11-26<p>农历 2026年1月2日<p>没有别的", None),
        ("<p>2026-11-26</p><p>来源：本站 时间：2020-02-03 08:15", Some("2020-02-03T00:15:00Z")),
        ("<p>更新时间：2020-02-04 10:00 发布于：2020-02-03 08:15", Some("2020-02-03T00:15:00Z")),
        ("<p>更新时间：2020-02-03 08:15", Some("2020-02-03T00:15:00Z")),
        (
            "<h1>停水公告一则</h1><p>2020-02-03 08:15 来源：本站<p>停水时间：2020-02-08<p>该规定发布于2019-01-01",
            Some("2020-02-03T00:15:00Z"),
        ),
        (
            "<meta name=PubDate content='2020-02-03 08:15'><p>发布时间：2020-02-04 08:15",
            Some("2020-02-03T00:15:00Z"),
        ),
        ("<h1>停水公告一则</h1><p>没有日期", None),
        ("<meta name=date content='昨晚写的'><p>2020/2/3", Some("2020-02-02T16:00:00Z")),
    ];
    for (html, expected) in cases {
        let published = article(html).published.map(|time| time.to_string());
        assert_eq!(published.as_deref(), expected, "{html}");
    }
}

#[test]
fn a_chosen_place_is_read_as_it_is() {
    let html = "<div class=a><p>一</p><a href=x>二</a></div><div class=b>三</div>";
    let tame = markup::tame(html, markup::Limits::default());
    let chosen = Selector::parse(".a, .b").unwrap();
    let read = read(&tame, Some(&chosen), (&zone(), NOW.parse().unwrap()));
    assert_eq!(read.text, "一\n二\n三");
}

#[test]
fn pages_without_an_article_give_none() {
    let text = "这里有一句话，后面还有一句，再后面又有一句。".repeat(9);
    let links: String =
        (0..60).map(|n| format!("<li><a href=/{n}>这是第{n}条新闻的标题，比较长</a></li>")).collect();
    let nav = "<div class=nav><a href=/>首页</a><a href=/n>新闻</a></div>";
    let cases = [
        (
            "json",
            format!("<body>{nav}<script>var article = {{\"text\": \"{text}\"}};</script><div id=app></div>"),
        ),
        ("textarea", format!("<body>{nav}<textarea style='display:none'>&lt;p&gt;{text}</textarea>")),
        ("hidden", format!("<body>{nav}<div style='display: none'>{text}</div>")),
        ("links", format!("<body>{nav}<ul>{links}</ul>")),
        ("empty", String::new()),
    ];
    for (case, html) in cases {
        let found = article(&html).text;
        assert!(found.is_empty(), "{case}: {found}");
    }
}

/// The faster of two readings, in seconds.
#[allow(clippy::disallowed_methods, reason = "two lengths are compared in one run")]
fn seconds(page: &str) -> f64 {
    let read = || {
        let begun = Instant::now();
        article(page);
        begun.elapsed().as_secs_f64()
    };
    read().min(read())
}

#[test]
fn a_hostile_page_four_times_as_long_takes_about_four_times_as_long() {
    let sentence = "这里有一句话，后面还有一句。";
    let attributes = |count| (0..count).map(|number| format!(" a{number}=1")).collect::<String>();
    let pages: [(&str, &dyn Fn(usize) -> String); 10] = [
        ("deep", &|n| format!("{}{sentence}", "<div>".repeat(n * 250_000))),
        ("misnested", &|n| format!("{}{sentence}", "<b><i><a href=x><div></b></i>".repeat(n * 7_500))),
        ("attributes", &|n| format!("<div{}>{sentence}", attributes(n * 50_000))),
        ("paragraphs", &|n| format!("<p>{sentence}").repeat(n * 15_000)),
        ("breaks", &|n| format!("{sentence}<br>").repeat(n * 15_000)),
        ("long line", &|n| sentence.repeat(n * 50_000)),
        ("spaces", &|n| " \u{3000}".repeat(n * 250_000)),
        ("headings", &|n| format!("<h1 class=title>{sentence}</h1>").repeat(n * 7_500)),
        ("nested lists", &|n| format!("<ul><li>{sentence}").repeat(n * 12_500)),
        ("json", &|n| format!("<script type='application/ld+json'>{}</script>", "[".repeat(n * 15_000))),
    ];
    for (case, page) in pages {
        let (short, long) = (seconds(&page(1)), seconds(&page(4)));
        // Sixteen times would be the square of the length. What takes next to no time has no ratio.
        assert!(long < 10.0 * short + 0.05, "{case}: {short:.3} s, and {long:.3} s for four times as much");
    }
}

proptest::proptest! {
    #[test]
    fn no_page_makes_it_panic(html in "(<[a-z]{1,6}( [a-z]{1,5}=\"?[a-z]{0,4}\"?)?>|</[a-z]{1,6}>|[一-三]{1,30}[，。]|&[a-z]{2,4};| ){0,60}") {
        let _ = article(&html);
    }
}
