//! Effects in words, in both languages.

use super::*;
use crate::message::sample::effect;

#[test]
fn an_effect_is_a_small_table_and_what_it_comes_to() {
    let told = after(&Ok(effect()), Chinese);
    assert_eq!(told.heads, ["", "回应前 6 小时", "回应后 6 小时"]);
    assert_eq!(told.rows[0], ["帖数", "550", "170"]);
    assert_eq!(told.rows[1], ["提问的占比", "40%（35–46%）", "17%（11–24%）"]);
    assert_eq!(told.rows[2], ["涨落", "看不出涨落", "每 1.9 小时减半（1.5–2.5）"]);
    let notes = [
        "回应时的预测约 520 帖（八成可能 380–700），实际 170 帖：明显低于预测。",
        "帖数是此前的 0.31 倍（0.26–0.37）。",
        "提问的占比下降（-31 到 -15 个百分点）。",
        "预测的涨落约为每 4 小时减半。",
        "之后仍在问：什么时候公布（12 帖）。",
        "括号内是九成五区间。这里只说前后发生了什么，不说明原因。",
    ];
    assert_eq!(told.notes, notes);
    let told = after(&Ok(effect()), English);
    assert_eq!(told.rows[2][2], "halved every 1.9 h (1.5–2.5)");
    assert_eq!(told.notes[3], "The forecast had posts about halved every 4 h.");
}

#[test]
fn what_cannot_be_said_gives_its_reason() {
    let told = after(&Err(Unmeasured::Gap), Chinese);
    assert!(told.rows.is_empty());
    assert_eq!(told.notes, ["还说不准：其间采集不全。"]);
    let few = Unmeasured::TooFew { found: 3, needed: 10 };
    let effect = Effect { share: Err(few), without: Err(Unforeseen::TooFew), ..effect() };
    let told = after(&Ok(effect), English);
    assert_eq!(told.rows[1][1], "too few (3 of 10)");
    assert_eq!(told.notes[0], "Too few posts for a forecast to compare with; 30 posts are usual.");
}
