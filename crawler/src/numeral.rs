//! Digits in characters, as dates and official texts write them.

/// 0 to 9 as 〇 to 九; 两 is two.
pub fn digit(sign: char) -> Option<u32> {
    let value = match sign {
        '〇' | '零' | '○' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    };
    Some(value)
}
