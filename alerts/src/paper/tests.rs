//! What is written is read back by an independent library (python-docx, from Debian).

use crate::digest::tests::Day;
use crate::dkim::tests::python;
use crate::message::Language;
use crate::paper::{Block, Paper};

const READ: &str = r#"
import io, sys, docx
from docx.shared import Mm
paper = docx.Document(io.BytesIO(sys.stdin.buffer.read()))
section = paper.sections[0]
near = lambda length, mm: abs(length - Mm(mm)) < Mm(0.2)
print("page", near(section.page_width, 210), near(section.page_height, 297))
print("margins", near(section.top_margin, 37), near(section.bottom_margin, 35),
      near(section.left_margin, 28), near(section.right_margin, 26))
w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
def font(paragraph):
    run = paragraph.runs[0]
    fonts = run._r.rPr.rFonts if run._r.rPr is not None else None
    return (None, None) if fonts is None else (fonts.get(w + "eastAsia"), run.font.size.pt)
title = paper.paragraphs[0]
print("title", title.text, *font(title))
body = next(p for p in paper.paragraphs if p.text.startswith("11月"))
print("body", *font(body), body.paragraph_format.line_spacing.pt,
      body._p.pPr.ind.get(w + "firstLine"))
print("footers", [("PAGE" in f._element.xml, int(f.paragraphs[0].alignment)) for f in (section.footer, section.even_page_footer)])
print("pictures", len(paper.inline_shapes), round(paper.inline_shapes[0].width.mm))
print("tables", [(len(t.rows), len(t.columns)) for t in paper.tables])
print("boxes", [t.cell(0, 0).text for t in paper.tables if len(t.columns) == 1])
print("headings", [p.text for p in paper.paragraphs if p.runs and font(p)[0] == "黑体"])
"#;

#[test]
fn an_independent_reader_finds_the_official_layout_and_empty_boxes() {
    let docx = Paper::of(&Day::lively().digest(), Language::Chinese).docx().unwrap();
    let read = python(READ, &[], &docx);
    let expected = "page True True\n\
        margins True True True True\n\
        title 青岚市网络关切日报 方正小标宋简体 22.0\n\
        body 仿宋_GB2312 16.0 29.0 640\n\
        footers [(True, 2), (True, 0)]\n\
        pictures 1 156\n";
    assert!(read.starts_with(expected), "{read}");
    assert!(read.contains("boxes ['研判：', '建议：']"), "{read}");
    for heading in ["一、概述", "五、回应情况", "七、研判与建议", "八、数据说明"] {
        assert!(read.contains(heading), "{heading}: {read}");
    }
}

#[test]
fn hostile_text_stays_text() {
    let paper = Paper {
        title: "<w:p/>&\u{0}\u{8}".to_owned(),
        subtitles: Vec::new(),
        blocks: vec![
            Block::Text("]]></w:t>\u{FFFF}一\n二".to_owned()),
            Block::Table(vec!["a".into()], Vec::new()),
        ],
    };
    let read = "import io, sys, docx\n\
        paper = docx.Document(io.BytesIO(sys.stdin.buffer.read()))\n\
        print([p.text for p in paper.paragraphs if p.text])";
    assert_eq!(python(read, &[], &paper.docx().unwrap()), r"['<w:p/>&', ']]></w:t>一\n二']");
}
