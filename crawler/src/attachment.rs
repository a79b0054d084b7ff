//! Files that are no text: documents, archives, pictures, sounds, films. Told by the type that is stated and by
//! the first bytes, which belie many a `text/html`. Opens none of them.

use crate::words::Words;

/// What such a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// PDF.
    Pdf,
    /// Word, Excel, WPS and their like.
    Office,
    /// ZIP, also that of newer Office documents, RAR, 7z.
    Archive,
    /// A picture.
    Picture,
    /// Sound or film.
    Film,
    /// A font.
    Font,
}

/// How such files begin.
const BEGINNINGS: &[(&[u8], Attachment)] = &[
    (b"%PDF-", Attachment::Pdf),
    (b"PK\x03\x04", Attachment::Archive),
    (b"\xd0\xcf\x11\xe0", Attachment::Office),
    (b"\x89PNG", Attachment::Picture),
    (b"\xff\xd8\xff", Attachment::Picture),
    (b"GIF8", Attachment::Picture),
    (b"Rar!\x1a", Attachment::Archive),
    (b"7z\xbc\xaf\x27\x1c", Attachment::Archive),
];

/// Beginnings of types. Those of mark-up and data end in `+xml` or `+json`.
const TYPES: &[(&str, Attachment)] = &[
    ("application/pdf", Attachment::Pdf),
    ("application/x-pdf", Attachment::Pdf),
    ("application/msword", Attachment::Office),
    ("application/vnd.rar", Attachment::Archive),
    ("application/vnd.", Attachment::Office),
    ("application/wps-office", Attachment::Office),
    ("application/zip", Attachment::Archive),
    ("application/x-zip", Attachment::Archive),
    ("application/x-rar", Attachment::Archive),
    ("application/x-7z", Attachment::Archive),
    ("image/", Attachment::Picture),
    ("audio/", Attachment::Film),
    ("video/", Attachment::Film),
    ("font/", Attachment::Font),
];

impl Attachment {
    /// By what it is said to be, or by what it begins with.
    pub fn of(content_type: Option<&str>, body: &[u8]) -> Option<Attachment> {
        content_type.and_then(Attachment::of_type).or_else(|| Attachment::of_bytes(body))
    }

    /// By what it is said to be.
    pub fn of_type(content_type: &str) -> Option<Attachment> {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_data = kind.starts_with("application/") && (kind.ends_with("+xml") || kind.ends_with("+json"));
        let found = TYPES.iter().find(|(beginning, _)| kind.starts_with(beginning));
        found.filter(|_| !is_data).map(|(_, attachment)| *attachment)
    }

    /// By what it begins with.
    pub fn of_bytes(body: &[u8]) -> Option<Attachment> {
        BEGINNINGS
            .iter()
            .find(|(beginning, _)| body.starts_with(beginning))
            .map(|(_, attachment)| *attachment)
    }

    /// What it is, and that nothing can be read of it.
    pub fn words(self) -> Words {
        let name = match self {
            Attachment::Pdf => Words::same("PDF"),
            Attachment::Office => Words::new("Office 文档", "office document"),
            Attachment::Archive => Words::new("压缩包或 Office 文档", "archive or office document"),
            Attachment::Picture => Words::new("图片", "picture"),
            Attachment::Film => Words::new("音视频", "sound or film"),
            Attachment::Font => Words::new("字体", "font"),
        };
        Words::new(
            format!("是附件（{}），没有正文", name.zh),
            format!("an attachment ({}), no text", name.en),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_told_by_its_type_and_by_its_bytes() {
        let cases: [(&str, &[u8], Option<Attachment>); 22] = [
            ("application/pdf", b"", Some(Attachment::Pdf)),
            ("Application/PDF; name=a.pdf", b"", Some(Attachment::Pdf)),
            ("application/msword", b"", Some(Attachment::Office)),
            ("application/vnd.ms-excel", b"", Some(Attachment::Office)),
            ("application/vnd.openxmlformats-officedocument.x", b"", Some(Attachment::Office)),
            ("application/x-zip-compressed", b"", Some(Attachment::Archive)),
            ("image/jpeg", b"", Some(Attachment::Picture)),
            ("video/mp4", b"", Some(Attachment::Film)),
            ("text/html", b"%PDF-1.7", Some(Attachment::Pdf)),
            ("application/octet-stream", b"PK\x03\x04\x14", Some(Attachment::Archive)),
            ("", b"\xd0\xcf\x11\xe0\xa1\xb1", Some(Attachment::Office)),
            ("text/html", b"\x89PNG\r\n", Some(Attachment::Picture)),
            ("text/html", b"\xff\xd8\xff\xe0", Some(Attachment::Picture)),
            ("text/html", b"GIF89a", Some(Attachment::Picture)),
            ("text/html", b"Rar!\x1a\x07", Some(Attachment::Archive)),
            ("text/html", b"7z\xbc\xaf\x27\x1c", Some(Attachment::Archive)),
            ("application/octet-stream", b"<rss/>", None),
            ("application/vnd.geo+json", b"{}", None),
            ("application/rss+xml", b"<rss/>", None),
            ("application/x-gzip", b"\x1f\x8b", None),
            ("text/html", b"PDF", None),
            ("", b"", None),
        ];
        for (content_type, body, expected) in cases {
            assert_eq!(Attachment::of(Some(content_type), body), expected, "{content_type} {body:?}");
        }
    }
}
