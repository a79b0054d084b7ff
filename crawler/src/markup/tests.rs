//! What pages become, and that nobody's page makes a large tree or a long wait.

use std::sync::mpsc;
use std::time::Duration;

use super::*;

fn tamed(html: &str) -> String {
    tame(html, Limits::default()).html
}

#[test]
fn a_page_becomes_well_nested() {
    let cases = [
        ("", ""),
        ("<p>一<p>二", "<p>一</p><p>二</p>"),
        ("<ul><li>一<li>二</ul>三", "<ul><li>一</li><li>二</li></ul>三"),
        ("<ul><li><ul><li>一</ul><li>二</ul>", "<ul><li><ul><li>一</li></ul></li><li>二</li></ul>"),
        ("<dl><dt>一<dd>二<dt>三</dl>", "<dl><dt>一</dt><dd>二</dd><dt>三</dt></dl>"),
        (
            "<table><tr><td>一<td>二<tr><td>三</table>四",
            "<table><tr><td>一</td><td>二</td></tr><tr><td>三</td></tr></table>四",
        ),
        ("<table><td></div></p>一</td></table>", "<table><td>一</td></table>"),
        ("<div><p>一</div>二", "<div><p>一</p></div>二"),
        ("<b><div>一</b>二</div>三", "<b><div>一二</div></b>三"),
        ("<a href=1><h3>一</a></h3>二", "<a href=1><h3>一</h3></a>二"),
        ("<a href=1>一<a href=2>二</a>", "<a href=1>一</a><a href=2>二</a>"),
        (
            "<a name=x><div>一<a href=2>二</a>三</div>",
            "<a name=x><div>一</div></a><div><a href=2>二</a>三</div>",
        ),
        ("<span><div>一</span>二</div>三", "<span><div>一二</div></span>三"),
        ("</div></p>一</br>", "一<br>"),
        ("<form><form>一</form>二", "<form>一</form>二"),
        ("<DIV CLASS=\"a>b\">一</Div>", "<DIV CLASS=\"a>b\">一</div>"),
        ("<div/>一", "<div/>一</div>"),
        ("<br/><hr><img src=x>", "<br/><hr><img src=x>"),
    ];
    for (html, expected) in cases {
        assert_eq!(tamed(html), expected, "{html}");
    }
}

#[test]
fn what_nobody_sees_is_left_out() {
    let cases = [
        ("前<script>if (a<b) '</div>'</script>后", "前后"),
        ("前<!-- <p> -- > -->后<!-->中<!--->尾", "前后中尾"),
        ("前<style>p{}</STYLE >后", "前后"),
        ("<!DOCTYPE html><?xml?>文</>字", "文字"),
        ("<select><option>一<option>二</select>三", "三"),
        ("<select>没有结束", "没有结束"),
        ("前<script>没有结束", "前"),
        ("前<!-- 没有结束", "前"),
        ("前<div title=\"没有结束", "前"),
        ("<title>一<b>二</title>三", "<title>一&lt;b>二</title>三"),
        ("3 < 5 <中", "3 &lt; 5 &lt;中"),
        ("<svg><title>图</title></svg>文", "文"),
    ];
    for (html, expected) in cases {
        assert_eq!(tamed(html), expected, "{html}");
    }
}

#[test]
fn a_pages_description_of_itself_is_kept_apart() {
    let page = "<script type='application/ld+json'>{\"a\":1}</script><script>x</script>文";
    let tame = tame(page, Limits::default());
    assert_eq!(
        (tame.html.as_str(), tame.descriptions.as_slice()),
        ("文", ["{\"a\":1}".to_owned()].as_slice())
    );
}

/// The deepest place of the tree that is built of it.
fn depth(html: &str) -> usize {
    let tree = scraper::Html::parse_document(html).tree;
    let (mut deepest, mut level) = (0, 0_usize);
    for edge in tree.root().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(_) => level += 1,
            ego_tree::iter::Edge::Close(_) => level -= 1,
        }
        deepest = deepest.max(level);
    }
    deepest
}

#[test]
fn hostile_pages_end_soon_and_make_small_trees() {
    let attributes: String = (0..200_000).map(|number| format!(" a{number}=1")).collect();
    let fonts: String = (0..30_000).map(|number| format!("<p><font size={number}><b><i>x")).collect();
    let pages = [
        ("deep", format!("{}深处", "<div>".repeat(1_000_000))),
        ("links", "<a href=1><div>".repeat(200_000)),
        ("misnested", format!("{}文", "<b><i><a href=x><div></b></i>".repeat(30_000))),
        ("formatting", fonts),
        ("attributes", format!("<div{attributes}>文")),
        ("tables", "<table><tr><td>".repeat(100_000)),
        ("unclosed", "<svg><select><title><template><textarea>".repeat(50_000)),
        ("comments", "<!--".repeat(200_000)),
        ("dashes", format!("<!{}", "-".repeat(1_000_000))),
        ("ends", "</div></a></b></table>".repeat(100_000)),
        ("forms", "<form><div></form>".repeat(100_000)),
        ("lists", "<ul><li><dl><dd>".repeat(100_000)),
        ("quotes", "<a b='".repeat(200_000)),
        ("brackets", "<".repeat(1_000_000)),
    ];
    for (case, page) in pages {
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || send.send(depth(&tame(&page, Limits::default()).html)));
        // Each takes less than a second; without the limits some would take hours.
        let depth =
            receive.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("{case}: too long"));
        assert!(depth < 1100, "{case}: {depth}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]

    #[test]
    fn the_tree_is_never_deeper_than_allowed(parts in proptest::collection::vec(proptest::sample::select(&[
        "<div>", "</div>", "<p>", "</p>", "<a href=x>", "</a>", "<b>", "</b>", "<i>", "</i>", "<table>", "</table>",
        "<tr>", "</tr>", "<td>", "</td>", "<tbody>", "</tbody>", "<caption>", "<ul>", "</ul>", "<li>", "</li>",
        "<form>", "</form>", "<button>", "</button>", "<h1>", "</h1>", "<h2>", "<span>", "</span>", "<dl>", "<dd>",
        "<select>", "<option>", "</select>", "<body>", "</body>", "<svg>", "</svg>", "<marquee>", "</marquee>",
        "<colgroup>", "<col>", "<input>", "<hr>", "<br>", "<font color=a>", "<font color=b>", "</font>", "<nobr>",
        "<ruby>", "<rt>", "<pre>", "<center>", "x", "\n", "<!--", "-->", "<frameset>", "<template>", "</template>",
        "<head>", "</head>", "<html>", "<title>", "</title>", "<math>", "<xmp>", "<object>", "<applet>", "</br>",
    ][..]), 0..300)) {
        let limits = Limits { depth: 8, nodes: 1000, attributes: 2 };
        let tame = tame(&parts.concat(), limits);
        // Tables get rows and bodies that nobody wrote; document, html and body stand around all.
        proptest::prop_assert!(depth(&tame.html) <= 3 * limits.depth + 4, "{}", tame.html);
    }

    #[test]
    fn no_text_makes_it_panic(html in ".{0,200}", crooked in "[<>a/=\"' !-]{0,60}") {
        let _ = (tamed(&html), tamed(&crooked));
    }
}
