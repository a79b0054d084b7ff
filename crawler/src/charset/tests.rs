//! Bytes of every charset under every name.

use super::*;

const TEXT: &str = "市民询问返乡是否需要核酸证明，囧字与㐂字也在其中。";

fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

fn decoded(body: &[u8], content_type: Option<&str>) -> Decoded {
    decode(body, content_type, &Url::parse("http://127.0.0.1:8099/feed").unwrap(), None)
}

#[test]
fn the_bytes_win_over_what_is_said_of_them() {
    let xml = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><t>{TEXT}</t>");
    let html = |charset: &str| format!("<html><meta charset={charset}><p>{TEXT}</p>");
    let bom = |text: String| [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let bom16 = |text: String| [b"\xff\xfe".as_slice(), &utf16(&text, true)].concat();
    let cases: [(&str, Vec<u8>, Option<&str>, &str); 20] = [
        ("utf-8, nothing said", TEXT.into(), None, "UTF-8"),
        ("utf-8 under gbk", xml("utf-8").into(), Some("text/xml; charset=gbk"), "UTF-8"),
        ("utf-8 under latin1", xml("utf-8").into(), Some("text/xml; charset=ISO-8859-1"), "UTF-8"),
        ("utf-8 that says gbk", xml("gb2312").into(), Some("text/xml"), "UTF-8"),
        ("utf-8, unknown charset", TEXT.into(), Some("text/html; charset=klingon"), "UTF-8"),
        ("utf-8, utf-7 said", TEXT.into(), Some("text/html; charset=utf-7"), "UTF-8"),
        ("gbk by header", gbk(TEXT), Some("text/xml; charset=\"GB2312\""), "GBK"),
        ("gb18030 by header", gbk("𠮷㐂"), Some("text/xml; charset = gb18030"), "gb18030"),
        ("gbk by declaration", gbk(&xml("gb2312")), Some("text/xml"), "GBK"),
        ("gbk by meta", gbk(&html("'gbk'")), Some("text/html"), "GBK"),
        ("gbk under utf-8", gbk(&xml("utf-8")), Some("text/xml; charset=utf-8"), "GBK"),
        ("gbk that says utf-8", gbk(&xml("utf-8")), Some("text/xml"), "GBK"),
        ("gbk under latin1", gbk(TEXT), Some("text/html; charset=ISO-8859-1"), "GBK"),
        ("gbk, nothing said", gbk(TEXT), None, "GBK"),
        ("mark over header", bom(xml("gbk")), Some("text/xml; charset=gbk"), "UTF-8"),
        ("utf-16 with mark", bom16(xml("utf-16")), None, "UTF-16LE"),
        ("utf-16le without", utf16(&xml("utf-16"), true), Some("text/xml"), "UTF-16LE"),
        ("utf-16be without", utf16(&xml("utf-16"), false), None, "UTF-16BE"),
        ("utf-8 that says utf-16", xml("utf-16").into(), None, "UTF-8"),
        ("ascii", b"<rss/>".to_vec(), Some("text/xml; charset=gbk"), "GBK"),
    ];
    for (case, body, content_type, expected) in cases {
        let decoded = decoded(&body, content_type);
        assert_eq!((decoded.encoding.name(), decoded.unreadable), (expected, 0), "{case}");
        assert!(!decoded.text.starts_with('\u{feff}'), "{case}");
        let has_text = decoded.text.contains(TEXT) || decoded.text.contains("𠮷㐂");
        assert!(has_text || case == "ascii", "{case}: {}", decoded.text);
    }
}

const SIMPLIFIED: &str = "本市今天通报新增病例情况，要求返乡人员提前报备。市民关心是否需要核酸证明，相关部门表示，从低风险地区来的人\
    不用隔离，持有七天内的证明就可以回家过年。记者在现场看到，不少人排队等候，大家都说希望能早一点公布数据。";
const TRADITIONAL: &str = "本市今天通報新增病例情況，要求返鄉人員提前報備。市民關心是否需要核酸證明，相關部門表示，從低風險地區來的人\
    不用隔離，持有七天內的證明就可以回家過年。記者在現場看到，不少人排隊等候，大家都說希望能早一點公佈數據。";

/// Every charset of Chinese pages, under right, wrong and no names, in header and document.
#[test]
fn chinese_pages_are_read_whatever_is_said_of_them() {
    let mut cases = 0;
    for (charset, text) in [
        ("utf-8", SIMPLIFIED),
        ("gbk", SIMPLIFIED),
        ("gb18030", SIMPLIFIED),
        ("utf-8", TRADITIONAL),
        ("big5", TRADITIONAL),
        ("utf-16le", SIMPLIFIED),
        ("utf-16be", TRADITIONAL),
        ("gbk", TRADITIONAL),
    ] {
        for said in [
            "",
            "utf-8",
            "gb2312",
            "gb18030",
            "big5",
            "big5-hkscs",
            "iso-8859-1",
            "windows-1252",
            "x-nobody",
            "utf-16",
            "us-ascii",
        ] {
            for header in [
                None,
                Some("text/html"),
                Some("text/html; charset=utf-8"),
                Some("text/html;charset=GBK"),
                Some("text/html; charset=ISO-8859-1"),
                Some("text/html; charset=\"big5\""),
            ] {
                for host in ["www.example.cn", "www.example.com", "news.example.tw", "127.0.0.1"] {
                    for length in [36, 400] {
                        let text: String = text.chars().take(length).collect();
                        let page = match said {
                            "" => {
                                format!("<html><head><title>{text}</title></head><body>{text}</body></html>")
                            }
                            said => format!(
                                "<html><head><!-- <meta charset=koi8-r> --><meta http-equiv=Content-Type content='text/html; charset={said}'><title>{text}</title></head><body>{text}</body></html>"
                            ),
                        };
                        let body = match charset {
                            "utf-16le" => utf16(&page, true),
                            "utf-16be" => utf16(&page, false),
                            charset => {
                                Encoding::for_label(charset.as_bytes()).unwrap().encode(&page).0.into_owned()
                            }
                        };
                        let url = Url::parse(&format!("http://{host}/")).unwrap();
                        let decoded = decode(&body, header, &url, None);
                        assert_eq!(
                            decoded.text,
                            page,
                            "{charset} under {said} and {header:?} at {host}: {}",
                            decoded.name()
                        );
                        cases += 1;
                    }
                }
            }
        }
    }
    assert!(cases > 4000);
}

#[test]
fn a_right_declaration_is_kept() {
    let cases = [
        ("windows-1251", "Привет, это новости дня на русском языке"),
        ("windows-1251", "Новости"),
        ("koi8-r", "Привет, это новости дня на русском языке"),
        ("koi8-r", "Новости"),
        ("iso-8859-1", "Café déjà vu, où est la bibliothèque"),
        ("iso-8859-15", "Prix: 5 € à Besançon"),
        ("windows-1252", "“Smart quotes” – naïve"),
        ("iso-8859-2", "Příliš žluťoučký kůň"),
        ("windows-1253", "Καλημέρα κόσμε, νέα της ημέρας"),
        ("windows-1256", "أخبار اليوم من العالم"),
        ("windows-874", "ข่าววันนี้จากทั่วโลก"),
        ("shift_jis", "今日のニュースをお届けします"),
        ("euc-jp", "今日のニュースをお届けします"),
        ("iso-2022-jp", "今日のニュースをお届けします"),
        ("euc-kr", "오늘의 뉴스를 전해 드립니다"),
        ("big5", "今日"),
        ("gbk", "要闻"),
        ("utf-8", "Привет"),
    ];
    for (charset, text) in cases {
        let xml = format!("<?xml version='1.0' encoding='{charset}'?><rss><title>{text}</title></rss>");
        let meta = format!(
            "<html><meta name=a content=b><META charset = \"{charset}\" ><title>{text}</title></html>"
        );
        let bare = format!("<title>{text}</title>");
        let header = format!("text/html; Charset={charset}");
        for (page, header) in [(xml, None), (meta, None), (bare, Some(header.as_str()))] {
            let encoding = Encoding::for_label(charset.as_bytes()).unwrap();
            for host in ["example.com", "example.cn"] {
                let url = Url::parse(&format!("http://{host}/")).unwrap();
                let decoded = decode(&encoding.encode(&page).0, header, &url, None);
                assert_eq!((decoded.encoding, decoded.text.as_str()), (encoding, page.as_str()), "{charset}");
            }
        }
    }
}

#[test]
fn code_pages_of_dos_are_read_as_they_are_named() {
    // The same bytes are pairs of GBK.
    let cases: [(&str, &[u8], &str); 5] = [
        ("cp437", b"\x82\x81\xe1\xe2", "éüßΓ"),
        ("IBM850", b"\xb5\xb6\xd0\xd1", "ÁÂðÐ"),
        ("cp852", b"\xd8\xe7", "ěš"),
        ("cp858", b"\xd5 5", "€ 5"),
        ("cp862", b"\x99\x8c\x85\x8d", "שלום"),
    ];
    for (name, body, text) in cases {
        let header = format!("text/plain; charset={name}");
        assert_eq!(decoded(body, Some(&header)).text, text, "{name}");
        let xml = [format!("<?xml version='1.0' encoding='{name}'?>").as_bytes(), body].concat();
        let found = decoded(&xml, Some("text/xml"));
        assert!(found.text.ends_with(text), "{name}: {}", found.text);
        assert_eq!(found.name(), name.to_ascii_lowercase().replace("cp", "ibm"));
    }
    // Chinese under such a name stays Chinese.
    assert_eq!(decoded(&gbk(SIMPLIFIED), Some("text/html; charset=cp437")).text, SIMPLIFIED);
    assert_eq!(decoded(SIMPLIFIED.as_bytes(), Some("text/html; charset=cp437")).text, SIMPLIFIED);
}

#[test]
fn every_width_of_unicode_is_told_by_its_zeros() {
    let page = format!("<?xml version=\"1.0\"?><t>{TEXT}𠮷</t>");
    let wide = |mark: &str, little: bool| -> Vec<u8> {
        let text = format!("{mark}{page}");
        text.chars()
            .flat_map(|c| if little { u32::from(c).to_le_bytes() } else { u32::from(c).to_be_bytes() })
            .collect()
    };
    for (mark, little, name) in [
        ("\u{feff}", true, "utf-32le"),
        ("", true, "utf-32le"),
        ("\u{feff}", false, "utf-32be"),
        ("", false, "utf-32be"),
    ] {
        let decoded = decoded(&wide(mark, little), Some("application/xml"));
        assert_eq!((decoded.text.as_str(), decoded.name().as_str()), (page.as_str(), name));
    }
    let body = utf16(TEXT, false);
    let named = decoded(&body, Some("text/plain; charset=utf-16be"));
    assert_eq!((named.text.as_str(), named.name().as_str()), (TEXT, "utf-16be"));
    assert_eq!(decoded(b"<p>ascii</p>", Some("text/html; charset=utf-16")).name(), "utf-8");
}

#[test]
fn two_characters_that_are_valid_in_both_follow_the_declaration() {
    let body = gbk("拢搂");
    assert_eq!(decoded(&body, Some("text/plain; charset=gbk")).text, "拢搂");
    assert_eq!(decoded(&body, None).text, "£§");
}

const SHORT: &[(&str, &str)] = &[
    ("停水通知", "停水通知"),
    ("划片名单", "劃片名單"),
    ("今日要闻", "今日要聞"),
    ("停电公告", "停電公告"),
    ("学校食堂", "學校食堂"),
    ("物价上涨", "物價上漲"),
    ("施工扰民", "施工擾民"),
    ("拆迁补偿", "拆遷補償"),
    ("中国联通", "中國聯通"),
    ("公交线路调整", "公車路線調整"),
    ("返乡人员核酸证明", "返鄉人員核酸證明"),
    ("关于开展安全检查的通知", "關於開展安全檢查的通知"),
];

#[test]
fn a_few_characters_tell_gbk_from_big5_whatever_is_said() {
    for (simplified, traditional) in SHORT {
        for said in [None, Some("text/html; charset=gb2312"), Some("text/html; charset=big5")] {
            for (text, encoding) in [(simplified, GBK), (traditional, BIG5)] {
                let page = format!("<html><title>{text}</title></html>");
                assert_eq!(decoded(&encoding.encode(&page).0, said).text, page, "{said:?}");
            }
        }
        // Traditional characters in GBK.
        let page = format!("<title>{traditional}</title>");
        assert_eq!(decoded(&gbk(&page), Some("text/html; charset=gbk")).text, page);
    }
}

#[test]
fn short_words_of_alphabets_stay_utf8() {
    for text in ["Дом", "мой дом", "café à", "naïve – é", "Ελλάδα", "имя", "שלום", "£5 §7", "año"]
    {
        assert_eq!(decoded(text.as_bytes(), None).text, text);
    }
}

#[test]
fn a_few_bad_bytes_do_not_change_the_charset() {
    let mut body = TEXT.repeat(20).into_bytes();
    body.splice(60..60, *b"\xff\xc3\x28\xed\xa0\x80\xf8");
    for content_type in [Some("text/html; charset=utf-8"), None] {
        let decoded = decoded(&body, content_type);
        assert_eq!(decoded.encoding, UTF_8);
        assert!(decoded.unreadable > 0 && decoded.text.ends_with(TEXT));
    }
    let mut body = gbk(&TEXT.repeat(20));
    body.splice(60..60, [0xff, 0xff]);
    let decoded = decoded(&body, Some("text/xml; charset=gbk"));
    assert!(decoded.unreadable > 0 && decoded.text.ends_with(TEXT));
}

#[test]
fn marks_in_front_are_no_text_however_many_there_are() {
    let twice = format!("\u{feff}\u{feff}{TEXT}\u{feff}");
    let utf32 = twice.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    for body in [twice.clone().into_bytes(), utf16(&twice, true), utf16(&twice, false), utf32] {
        assert_eq!(decoded(&body, None).text, format!("{TEXT}\u{feff}"));
    }
}

#[test]
fn the_administrators_word_beats_everything_but_a_mark() {
    let url = Url::parse("http://bbs.example.cn/").unwrap();
    let chosen = crate::source::encoding(" GBK ");
    let content_type = Some("text/xml; charset=big5");
    assert_eq!(decode(&gbk(TEXT), content_type, &url, chosen).text, TEXT);
    let marked = [b"\xef\xbb\xbf".as_slice(), TEXT.as_bytes()].concat();
    assert_eq!(decode(&marked, content_type, &url, chosen).text, TEXT);
}

proptest::proptest! {
    #[test]
    fn any_bytes_become_text(body in proptest::collection::vec(0_u8.., 0..400)) {
        let _ = (decoded(&body, None), decoded(&body, Some("text/xml; charset=gbk")));
    }
}
