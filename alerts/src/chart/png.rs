//! SVG to a small PNG at twice the size, with the embedded faces and the colours of paper.

use std::collections::BTreeMap;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg;

use crate::font;

/// Pixels per unit of the drawing.
const SCALE: f32 = 2.0;

/// Colours of a page in the light scheme, as literals: a picture has no page around it.
const PAPER: &str = include_str!("paper.css");

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The drawing is not valid SVG: a fault of ours.
    #[error("the chart could not be read back as SVG; report this with the alert's number: {0}")]
    Drawing(#[from] usvg::Error),
    /// The drawing has no size or a size that does not fit in memory.
    #[error("the chart has no usable size")]
    Size,
    /// The PNG could not be written.
    #[error("the chart could not be written as PNG: {0}")]
    Encoding(#[from] ::png::EncodingError),
}

/// Draws an SVG of this module as an indexed PNG on white.
pub fn png(svg: &str) -> Result<Vec<u8>, PictureError> {
    let options = usvg::Options {
        font_family: font::FAMILY.to_owned(),
        fontdb: font::faces(),
        style_sheet: Some(PAPER.to_owned()),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or(PictureError::Size)?;
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or(PictureError::Size)?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
    encode(&pixmap)
}

/// Width and height of a PNG, from its head.
pub fn size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |from: usize| Some(u32::from_be_bytes(png.get(from..from + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

type Colour = [u8; 3];

/// 256 colours are enough for a chart and make the file a third as large.
fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, PictureError> {
    let colours: Vec<Colour> =
        pixmap.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let palette = palette(&colours);
    let mut nearest: BTreeMap<Colour, u8> = BTreeMap::new();
    let indexes: Vec<u8> = colours
        .iter()
        .map(|colour| *nearest.entry(*colour).or_insert_with(|| closest(&palette, *colour)))
        .collect();
    let mut out = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(::png::Compression::High);
    encoder.set_filter(::png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indexes)?;
    writer.finish()?;
    Ok(out)
}

/// The 256 most frequent colours; ties by value, so that equal pictures are equal files.
fn palette(colours: &[Colour]) -> Vec<Colour> {
    let mut counts: BTreeMap<Colour, usize> = BTreeMap::new();
    for colour in colours {
        *counts.entry(*colour).or_default() += 1;
    }
    let mut ranked: Vec<(Colour, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    ranked.into_iter().take(256).map(|(colour, _)| colour).collect()
}

fn closest(palette: &[Colour], wanted: Colour) -> u8 {
    let distance = |colour: &Colour| -> i32 {
        colour.iter().zip(wanted).map(|(one, other)| (i32::from(*one) - i32::from(other)).pow(2)).sum()
    };
    let best = palette.iter().enumerate().min_by_key(|(_, colour)| distance(colour));
    best.and_then(|(index, _)| u8::try_from(index).ok()).unwrap_or_default()
}
