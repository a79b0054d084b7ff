//! Sets a document as `.docx`: A4, margins 37/35/28/26 mm, title in 小标宋 2 号, text in 仿宋 3 号 on a pitch
//! of 29 pt (22 lines to a page), page numbers outside at the foot.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, HeightRule, LineSpacing, LineSpacingType, PageMargin, PageNum,
    Paragraph, Pic, Run, RunFonts, SpecialIndentType, Table, TableCell, TableLayoutType, TableRow,
    VAlignType, WidthType,
};

use super::{Block, Paper};

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be written: {0}")]
pub struct PaperError(String);

// Twentieths of a point; a millimetre is 56.7 of them.
const PAGE: (u32, u32) = (11_906, 16_838);
const MARGIN: PageMargin = PageMargin {
    top: 2_098,
    bottom: 1_984,
    left: 1_588,
    right: 1_474,
    header: 851,
    footer: 1_361,
    gutter: 0,
};
/// The text area: 156 mm.
const WIDTH: usize = 8_844;
/// Pitch of the text: 22 lines on 225 mm.
const PITCH: i32 = 580;
// Half points: 2 号, 3 号, 4 号, 小 4 号.
const TITLE: usize = 44;
const BODY: usize = 32;
const FOOT: usize = 28;
const SMALL: usize = 24;
/// A pixel at 96 dpi, and the text area, in the units of pictures.
const EMU_PER_PIXEL: u32 = 9_525;
const EMU_WIDTH: u32 = 5_616_000;

/// Fonts that every office machine in China has, or knows how to replace.
const SONG_TITLE: &str = "方正小标宋简体";
const FANG_SONG: &str = "仿宋_GB2312";
const HEI: &str = "黑体";
const KAI: &str = "楷体_GB2312";
const SONG: &str = "宋体";

pub(super) fn set(paper: &Paper) -> Result<Vec<u8>, PaperError> {
    let mut docx = Docx::new()
        .page_size(PAGE.0, PAGE.1)
        .page_margin(MARGIN)
        .default_fonts(fonts(FANG_SONG))
        .default_size(BODY)
        .footer(footer(AlignmentType::Right))
        .even_footer(footer(AlignmentType::Left))
        .add_paragraph(line(&paper.title, SONG_TITLE, TITLE).align(AlignmentType::Center));
    for subtitle in &paper.subtitles {
        docx = docx.add_paragraph(line(subtitle, KAI, BODY).align(AlignmentType::Center));
    }
    docx = docx.add_paragraph(line("", FANG_SONG, BODY));
    for block in &paper.blocks {
        docx = add(docx, block);
    }
    let mut file = Cursor::new(Vec::new());
    docx.build().pack(&mut file).map_err(|error| PaperError(error.to_string()))?;
    Ok(file.into_inner())
}

fn add(docx: Docx, block: &Block) -> Docx {
    match block {
        Block::Heading(text) => docx.add_paragraph(indented(text, HEI, BODY).keep_next(true).outline_lvl(0)),
        Block::Subheading(text) => docx.add_paragraph(indented(text, KAI, BODY).keep_next(true)),
        Block::Text(text) => docx.add_paragraph(indented(text, FANG_SONG, BODY).align(AlignmentType::Both)),
        Block::Note(text) => docx.add_paragraph(small(text, KAI)),
        Block::Table(heads, rows) => docx.add_table(table(heads, rows)).add_paragraph(small("", FANG_SONG)),
        Block::Picture(png, width, height) => docx.add_paragraph(picture(png, *width, *height)),
        Block::Box(label) => docx.add_table(field(label)).add_paragraph(small("", FANG_SONG)),
    }
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia(name).hint("eastAsia")
}

fn run(text: &str, font: &str, size: usize) -> Run {
    // A line break within a text stays one; what no document may hold is left out.
    let mut run = Run::new().fonts(fonts(font)).size(size);
    for (place, line) in text.lines().enumerate() {
        if place > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(line.chars().filter(|c| is_allowed(*c)).collect::<String>());
    }
    run
}

/// XML 1.0 holds no control characters, escaped or not.
fn is_allowed(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

fn pitched(paragraph: Paragraph, pitch: i32) -> Paragraph {
    paragraph
        .line_spacing(LineSpacing::new().line_rule(LineSpacingType::Exact).line(pitch).before(0).after(0))
}

fn line(text: &str, font: &str, size: usize) -> Paragraph {
    let pitch = if size > BODY { 700 } else { PITCH };
    pitched(Paragraph::new().add_run(run(text, font, size)), pitch)
}

/// Two characters from the edge, as every paragraph of an official paper.
fn indented(text: &str, font: &str, size: usize) -> Paragraph {
    let twice = i32::try_from(size * 20).unwrap_or(640);
    line(text, font, size)
        .indent(None, Some(SpecialIndentType::FirstLine(twice)), None, None)
        .first_line_chars(200)
}

fn small(text: &str, font: &str) -> Paragraph {
    pitched(Paragraph::new().add_run(run(text, font, SMALL)), 400)
}

fn footer(side: AlignmentType) -> Footer {
    let dash = |text: &str| Run::new().fonts(fonts(SONG)).size(FOOT).add_text(text);
    let number = Paragraph::new()
        .align(side)
        .indent(Some(280), None, Some(280), None)
        .size(FOOT)
        .fonts(fonts(SONG))
        .add_run(dash("— "))
        .add_page_num(PageNum::new())
        .add_run(dash(" —"));
    Footer::new().add_paragraph(number)
}

/// The first column is twice as wide as the others.
fn widths(columns: usize) -> Vec<usize> {
    let share = WIDTH / (columns + 1).max(1);
    let first = WIDTH.saturating_sub(share * columns.saturating_sub(1));
    (0..columns).map(|column| if column == 0 { first } else { share }).collect()
}

fn table(heads: &[String], rows: &[Vec<String>]) -> Table {
    let widths = widths(heads.len());
    let row = |cells: &[String], font: &str| {
        let cells = cells.iter().zip(&widths).map(|(text, width)| {
            let text = pitched(Paragraph::new().add_run(run(text, font, SMALL)), 360);
            TableCell::new()
                .add_paragraph(text)
                .width(*width, WidthType::Dxa)
                .vertical_align(VAlignType::Center)
        });
        TableRow::new(cells.collect()).cant_split()
    };
    let body = rows.iter().map(|cells| row(cells, FANG_SONG));
    let rows = std::iter::once(row(heads, HEI)).chain(body).collect();
    Table::new(rows).set_grid(widths.clone()).width(WIDTH, WidthType::Dxa).layout(TableLayoutType::Fixed)
}

/// An empty box under its label.
fn field(label: &str) -> Table {
    let text = pitched(Paragraph::new().add_run(run(label, HEI, BODY)), PITCH);
    let cell = TableCell::new().add_paragraph(text).width(WIDTH, WidthType::Dxa);
    let row = TableRow::new(vec![cell]).row_height(2_320.0).height_rule(HeightRule::AtLeast);
    Table::new(vec![row]).set_grid(vec![WIDTH]).width(WIDTH, WidthType::Dxa).layout(TableLayoutType::Fixed)
}

fn picture(png: &[u8], width: u32, height: u32) -> Paragraph {
    let shown = (width * EMU_PER_PIXEL).min(EMU_WIDTH);
    let tall = u64::from(shown) * u64::from(height) / u64::from(width.max(1));
    let picture = Pic::new_with_dimensions(png.to_vec(), width, height)
        .size(shown, u32::try_from(tall).unwrap_or(EMU_WIDTH));
    Paragraph::new().align(AlignmentType::Center).add_run(Run::new().add_image(picture))
}
