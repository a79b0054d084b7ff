use proptest::prelude::*;

use super::*;

/// Each line of the table: a text and what must be left of it.
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(mask(text), *expected, "masking {text}");
        assert_eq!(mask(expected), *expected, "masking twice {text}");
    }
}

fn check_untouched(texts: &[&str]) {
    for text in texts {
        assert_eq!(mask(text), *text);
    }
}

#[test]
fn phones_are_masked() {
    check(&[
        ("打13800138000问", "打***问"),
        ("13800138000", "***"),
        ("联系 138 0013 8000。", "联系 ***。"),
        ("联系138-0013-8000", "联系***"),
        ("１３８００１３８０００", "***"),
        ("1 3 8 0 0 1 3 8 0 0 0", "***"),
        ("+86 13800138000", "+86 ***"),
        ("+8613800138000", "+***"),
        ("13800138000、13900139000", "***、***"),
        ("13800138000 13900139000", "*** ***"),
        ("微信abc13800138000", "微信abc***"),
        ("13812345678万先生", "***万先生"),
        ("19912345678", "***"),
        ("座机0591-87654321", "座机***"),
        ("（0591）87654321", "***"),
        ("(010) 62345678-123", "***"),
        ("02087654321转8001", "***"),
        ("010-6234 5678", "***"),
        ("0371 6234567", "***"),
        ("电话：87654321", "电话：***"),
        ("请致电 8765 4321 咨询", "请致电 *** 咨询"),
        ("tel: 6234567", "tel: ***"),
    ]);
}

#[test]
fn what_only_looks_like_a_phone_stays() {
    check_untouched(&[
        "请打12345、120、110、12320、95598或10086",
        "市长热线0591-12345",
        "2021-01-20 16:48",
        "20210120",
        "2021年1月20日16时48分",
        "2020-2021学年",
        "涨到13800138000元",
        "13800138000.50",
        "13,800,138,000",
        "共计13.8亿元",
        "订单202101201380013800099",
        "运单12345678901",
        "电话12345",
        "电话会议2021年召开",
        "想给父母买手机，2000-3000 手机有什么推荐",
        "手机2000-3000元",
        "3.14159265358979",
        "1000000 2000000",
        "400-800-1234",
        "12800138000",
        "138001380000",
        "1380013800",
        "返京人员须持7日内核酸证明",
        "GB/T 19001-2016",
        "192.168.100.200",
        "0.12345678",
    ]);
}

#[test]
fn identity_cards_are_masked() {
    check(&[
        ("身份证11010519491231002X。", "身份证***。"),
        ("110105 19900307 1234", "***"),
        ("３５０１０２１９９００３０７１２３４", "***"),
        ("110105491231002", "***"),
        ("11010519491231002x号", "***号"),
    ]);
    check_untouched(&["110105194913310021", "990105199003071234", "1101051990030712345", "123456789012345"]);
}

#[test]
fn plates_are_masked() {
    check(&[
        ("京A12345违停", "***违停"),
        ("沪A·D1234F", "***"),
        ("粤BD12345充电", "***充电"),
        ("粤B12345D", "***"),
        ("川A 8K888", "***"),
        ("闽Ａ１２３４５", "***"),
        ("豫A1234警", "***"),
        ("南京苏a12b45", "南京***"),
    ]);
    check_untouched(&[
        "豫N95口罩",
        "新H7N9病例",
        "鲁B2021年",
        "云A12345678",
        "新APPLE手机",
        "苏A股2021",
        "京A123456",
        "新冠2019",
        "北京SKP2020年销售额",
        "青B12",
    ]);
}

#[test]
fn mailboxes_and_mentions_are_masked() {
    check(&[
        ("邮箱abc.def+1@mail.example.com。", "邮箱***。"),
        ("13800138000@qq.com", "***"),
        ("ａｂｃ＠ｑｑ．ｃｏｍ", "***"),
        ("-abc@qq.com.", "-***."),
        ("@张三 你看", "@用户 你看"),
        ("＠张三：不知道", "@用户：不知道"),
        ("转发@平安_青岚-123,@b", "转发@用户,@用户"),
        ("@用户7283910", "@用户"),
        ("@@a", "@@用户"),
        ("abc@def", "abc@用户"),
    ]);
    check_untouched(&["单价@ 5元", "@", "a@。"]);
    let long = format!("@{}", "甲".repeat(40));
    assert_eq!(mask(&long), format!("@用户 {}", "甲".repeat(10)));
    assert_eq!(mask(&mask(&long)), mask(&long));
}

#[test]
fn only_the_chosen_kinds_are_masked() {
    let text = "13800138000 110105199003071234 京A12345 a@b.cn @张三";
    let cases = [
        (MaskKind::Phone, "*** 110105199003071234 京A12345 a@b.cn @张三"),
        (MaskKind::IdCard, "13800138000 *** 京A12345 a@b.cn @张三"),
        (MaskKind::Plate, "13800138000 110105199003071234 *** a@b.cn @张三"),
        (MaskKind::Email, "13800138000 110105199003071234 京A12345 *** @张三"),
        (MaskKind::Mention, "13800138000 110105199003071234 京A12345 a@用户.cn @用户"),
    ];
    for (kind, expected) in cases {
        assert_eq!(Masks::from_iter([kind]).apply(text), expected, "{kind:?}");
    }
    assert_eq!(Masks::from_iter([]).apply(text), text);
    assert!(matches!(Masks::default().apply("无事"), Cow::Borrowed(_)));
}

proptest! {
    #[test]
    fn masking_twice_changes_nothing_more(text in "[0-9０-３京A-Dx@＠.·a转电话元() -]{0,40}") {
        let once = mask(&text);
        prop_assert_eq!(mask(&once), once);
    }

    #[test]
    fn any_text_is_masked_without_panic_and_only_once(text in any::<String>()) {
        let once = mask(&text);
        prop_assert_eq!(mask(&once), once);
    }

    #[test]
    fn every_mobile_number_is_found(rest in "[3-9][0-9]{9}", left in "[\u{4e00}-\u{4fff} ]{0,4}") {
        let text = format!("{left}1{rest}，");
        prop_assert_eq!(mask(&text), format!("{left}***，"));
    }
}
