use analyzer::level::Level;

use super::*;
use crate::desk::tests::Room;
use crate::outbox::MailState;

/// A report as Postfix writes it, about one of our mails.
fn report(message_id: &str, action: &str, original: &str) -> String {
    let lines = [
        "From: MAILER-DAEMON@mx.qinglan.example (Mail Delivery System)",
        "Subject: Undelivered Mail Returned to Sender",
        "To: guanlan@qinglan.example",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"",
        "",
        "--b1",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "",
        "--b1",
        "Content-Description: Delivery report",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.qinglan.example",
        "Arrival-Date: Tue, 24 Nov 2026 13:20:04 +0800 (CST)",
        "",
        "Final-Recipient: rfc822; duty@qinglan.example",
        &format!("Action: {action}"),
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 <duty@qinglan.example>: Recipient address",
        "    rejected: User unknown",
        "",
        "--b1",
        &format!("Content-Type: {original}"),
        "",
        "From: guanlan@qinglan.example",
        &format!("Message-ID: {message_id}"),
        "Subject: x",
        "",
        "--b1--",
        "",
    ];
    lines.join("\r\n")
}

#[test]
fn a_report_is_read_whether_it_returns_the_mail_or_its_head_alone() {
    let expected = Bounce {
        message_id: "<a.1@guanlan.example>".to_owned(),
        code: 550,
        said: "550 5.1.1 <duty@qinglan.example>: Recipient address rejected: User unknown".to_owned(),
    };
    for original in ["message/rfc822", "text/rfc822-headers"] {
        let report = report("<a.1@guanlan.example>", "failed", original);
        assert_eq!(read(report.as_bytes()), Ok(expected.clone()), "{original}");
    }
    let delayed = report("<a.1@guanlan.example>", "delayed", "message/rfc822");
    assert_eq!(read(delayed.as_bytes()), Err(NoBounce::NotFailed));
    let nameless = report("", "failed", "message/rfc822");
    assert_eq!(read(nameless.as_bytes()), Err(NoBounce::Nameless));
    assert_eq!(read(b"Subject: lunch\r\n\r\nat noon?"), Err(NoBounce::OtherMail));
    assert_eq!(read(b""), Err(NoBounce::OtherMail));
}

#[test]
fn a_mail_that_bounced_counts_as_refused_and_its_alert_knows() {
    let mut room = Room::new();
    let id = room.next(Some(Level::Blue))[0];
    room.delivered();
    let message_id = room.desk.deliveries(id).unwrap()[0].message_id.clone();
    let bounce = read(report(&message_id, "failed", "message/rfc822").as_bytes()).unwrap();
    room.now += jiff::SignedDuration::from_hours(2);
    assert!(room.desk.bounced(&bounce, room.now).unwrap());
    assert!(room.desk.bounced(&bounce, room.now).unwrap(), "twice");
    let undelivered = room.desk.undelivered().unwrap();
    assert_eq!((undelivered.len(), undelivered[0].state), (1, MailState::Refused));
    assert!(undelivered[0].problem.as_deref().unwrap_or_default().contains("User unknown"));
    let (_, _, failed) = room.desk.mails_since(room.now - jiff::SignedDuration::from_hours(1)).unwrap();
    assert_eq!(failed, 1, "the heartbeat of the day it came back tells of it");
    let refused = |(_, event): &&(Timestamp, Event)| matches!(event, Event::Refused { code: 550, .. });
    assert_eq!(room.alert().events.iter().filter(refused).count(), 1);
    assert_eq!(room.desk.deliveries(id).unwrap()[0].attempts.len(), 2);
    let unknown = Bounce { message_id: "<other@example.org>".to_owned(), ..bounce };
    assert!(!room.desk.bounced(&unknown, room.now).unwrap());
}
