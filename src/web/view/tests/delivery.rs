//! What pages say of mails and their ways.

use alerts::delivery::{Attempt, Delivery, Tried, Unreached};
use alerts::outbox::MailState;

use super::*;

pub(super) fn refused(text: &str) -> Delivery {
    let said = Some(format!("permanent error (550): {text} no such user"));
    Delivery {
        message_id: "<raised@guanlan.example>".to_owned(),
        group: text.to_owned(),
        channel: None,
        recipient: "d***@qinglan.example".to_owned(),
        queued: at("24T13:20"),
        state: MailState::Refused,
        attempts: vec![Attempt { at: at("24T13:21"), result: Tried::Refused, said }],
    }
}

pub(super) fn unreached(text: &str) -> Unreached {
    let recipient = "duty@qinglan.example".to_owned();
    let said = Some("550 no such user".to_owned());
    Unreached { group: text.to_owned(), recipient, waiting: 0, refused: 2, expired: 0, said }
}

#[test]
fn who_was_not_reached_is_said_by_group_and_never_by_address() {
    let page = overview(Language::Chinese, "值班室");
    assert!(page.contains("值班室：2 封被拒收（收件地址不存在"), "{page}");
    let alert = one_alert(Language::English, "值班室");
    assert!(alert.contains("refused 13:21") && alert.contains("the address does not exist"), "{alert}");
    for page in [page, alert] {
        assert!(!page.contains("qinglan.example"), "{page}");
    }
}
