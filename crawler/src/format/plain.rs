//! Text out of HTML: what a reader would see, in one pass over the tokens. Builds no tree, so that no
//! depth and no nesting of tags costs more than its length. Runs nothing, fetches nothing.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::TEXT_AT_MOST;

/// More mark-up than this for one text is not looked at.
const HTML_AT_MOST: usize = 4 * 1024 * 1024;

/// The longest name of a character in HTML has 31 letters.
const LONGEST_NAME: usize = 31;

/// The words of an HTML fragment: mark-up and scripts gone, entities decoded, runs of white space one
/// space, paragraphs on lines of their own. At most `limit` characters and [`TEXT_AT_MOST`] bytes; a cut
/// is shown by `…`.
pub fn from_html(html: &str, limit: usize) -> String {
    let html = beginning(html, HTML_AT_MOST);
    if !html.contains(['<', '&']) {
        return from_text(html, limit);
    }
    from_text(&text_of(html), limit)
}

/// The text of mark-up, its white space as written.
fn text_of(html: &str) -> String {
    let tokenizer = Tokenizer::new(Words::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    // The sink never asks to run a script, so one call takes everything.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.text.take()
}

/// The same for a text that has no mark-up: `<` is a less-than sign.
pub fn from_text(text: &str, limit: usize) -> String {
    let mut tidy = String::new();
    let mut length = 0;
    for line in without_controls(text).lines() {
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_some() && !tidy.is_empty() {
            tidy.push('\n');
            length += 1;
        }
        let mut first = true;
        for word in words {
            let space = if first { "" } else { " " };
            first = false;
            for c in space.chars().chain(word.chars()) {
                if length >= limit || tidy.len() + c.len_utf8() + '…'.len_utf8() > TEXT_AT_MOST {
                    tidy.push('…');
                    return tidy;
                }
                tidy.push(c);
                length += 1;
            }
        }
    }
    tidy
}

/// The text without characters that steer a terminal or a printer and show nothing.
pub(crate) fn without_controls(text: &str) -> Cow<'_, str> {
    let is_control = |c: char| c.is_control() && !c.is_whitespace();
    if text.contains(is_control) { text.replace(is_control, "").into() } else { text.into() }
}

/// The character that HTML knows under a name (`eacute`), if it knows it.
pub(crate) fn character(name: &str) -> Option<String> {
    if name.len() > LONGEST_NAME || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let reference = format!("&{name};");
    let found = text_of(&reference);
    (found != reference).then_some(found)
}

/// At most that many bytes, cut between two characters.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Gathers the visible text of the tokens it is given.
#[derive(Default)]
struct Words {
    text: RefCell<String>,
    /// Inside an element whose text nobody sees.
    hidden: Cell<bool>,
}

impl TokenSink for Words {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) if !self.hidden.get() => {
                // Line ends in HTML are spaces; only elements begin a line.
                self.text.borrow_mut().extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
            }
            Token::TagToken(tag) => return self.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Words {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let begins = tag.kind == TagKind::StartTag;
        match &*tag.name {
            "script" | "style" | "iframe" | "noscript" | "noembed" | "noframes" | "template" => {
                self.hidden.set(begins && !tag.self_closing);
                // Their content is no HTML: a tag in it is text, up to the end tag of the same name.
                if begins && !tag.self_closing {
                    let kind = if &*tag.name == "script" { RawKind::ScriptData } else { RawKind::Rawtext };
                    return TokenSinkResult::RawData(kind);
                }
            }
            "td" | "th" => self.text.borrow_mut().push(' '),
            "address" | "article" | "aside" | "blockquote" | "br" | "caption" | "dd" | "div" | "dl"
            | "dt" | "figcaption" | "figure" | "footer" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
            | "header" | "hr" | "li" | "main" | "nav" | "ol" | "p" | "pre" | "section" | "table" | "tr"
            | "ul" => {
                self.text.borrow_mut().push('\n');
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_would_see_is_left() {
        let cases = [
            ("", ""),
            ("  返乡\u{3000}\u{3000}要 核酸 \n吗 ", "返乡 要 核酸\n吗"),
            ("<p>一</p><p>二<br>三</p>", "一\n二\n三"),
            ("一<b>二</b>三", "一二三"),
            ("一行<p>\n  两\n行\n</p>", "一行\n两 行"),
            ("AT&amp;T &lt;b&gt; &nbsp;&#20013;&#x6587; &hellip;", "AT&T <b> 中文 …"),
            ("体温 < 38 & 无症状", "体温 < 38 & 无症状"),
            ("爆炸 <script>window.x='<b>'</script>后", "爆炸 后"),
            ("前<style>*{display:none}</style>后<script>没有结束", "前后"),
            ("<img src=x onerror=alert(1)>图", "图"),
            ("<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>", "甲 乙\n丙"),
            ("<!-- 注释 -->正文<![CDATA[x]]>", "正文"),
            ("没有结束的 <a href=\"x", "没有结束的"),
        ];
        for (html, expected) in cases {
            assert_eq!(from_html(html, 100), expected, "{html}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(from_html("一二三", 3), "一二三");
        assert_eq!(from_html("一二三四", 3), "一二三…");
        assert_eq!(from_html("<p>𠮷𠮷</p>𠮷", 2), "𠮷𠮷\n…");
        assert_eq!(beginning("中文", 4), "中");
        assert_eq!(beginning("中文", 6), "中文");
    }

    #[test]
    fn deep_and_crooked_mark_up_is_read_in_one_pass() {
        let deep = format!("{}深处", "<div>".repeat(150_000));
        assert_eq!(from_html(&deep, 10), "深处");
        let crooked = format!("{}文", "<b><i><a>".repeat(30_000));
        assert_eq!(from_html(&crooked, 10), "文");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_kept_within_the_limit(html in "\\PC{0,200}", limit in 0_usize..50) {
            let text = from_html(&html, limit);
            proptest::prop_assert!(text.chars().count() <= limit + 2);
        }
    }
}
