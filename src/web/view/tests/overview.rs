//! The overview: who may press what, and how alerts of the week were answered.

use super::*;

fn page(role: Role, lately: &[Alert], language: Language) -> String {
    let untaken = Alert {
        events: alert("数据公布", Level::Orange).events[..4].to_vec(),
        ..alert("数据公布", Level::Orange)
    };
    let (concern, signal, curve, explanation) =
        (concern("数据公布"), signal("数据公布", 236), curve(200.0), explanation("何时公布"));
    let standing = Standing {
        concern: &concern,
        signal: Some(&signal),
        curve: &curve,
        alert: Some(&untaken),
        explanation: Some(&explanation),
    };
    let data = OverviewData {
        site: &site(),
        standings: &[standing],
        unwatched: &[],
        sources: &[],
        lately,
        topics: &Listed::default(),
        unreached: &[],
        concerns: &[],
    };
    overview_page(&chrome(language, Here::Overview, "/").seen_by(&visitor(role)), &data)
}

#[test]
fn an_alert_is_taken_on_by_one_press_by_those_who_may() {
    let on_duty = page(Role::Duty, &[], Language::English);
    assert!(on_duty.contains("<form method=\"post\" action=\"/a/20261124-03/take?lang=en\">"), "{on_duty}");
    assert!(on_duty.contains("href=\"/a/20261124-03?form=answer&#38;lang=en#answer\""), "{on_duty}");
    let viewer = page(Role::View, &[], Language::English);
    assert!(!viewer.contains("method=\"post\" action=\"/a/") && !viewer.contains("form=answer"));
    assert!(viewer.contains("href=\"/a/20261124-03?lang=en\">See details"));
}

#[test]
fn answers_of_the_week_stand_beside_their_deadlines() {
    let responded = |at| Event::Responded { by: "市卫健委".to_owned(), url: None, at };
    let with = |event: Option<Event>, state, closed_at| {
        let mut alert = Alert { state, closed_at, ..alert("数据公布", Level::Orange) };
        alert.events.extend(event.map(|event| (at("24T14:10"), event)));
        alert
    };
    let closed = Some(at("24T14:15"));
    let lately = [
        with(Some(responded(at("24T14:10"))), State::Responded, None),
        with(None, State::Firing, None),
        with(None, State::Resolved, closed),
        with(None, State::FalseAlarm, closed),
        Alert { deadline: at("24T14:00"), ..with(Some(responded(at("24T14:10"))), State::Responded, None) },
    ];
    let page = page(Role::View, &lately, Language::Chinese);
    assert!(page.contains("近 7 天：4 次预警，1 次按时回应，1 次未到期"), "{page}");
    assert!(page.contains("关闭前未回应") && page.contains("超时 </b>50 分"), "{page}");
    assert_eq!(page.matches("meter-over").count(), 1);
}

#[test]
fn the_table_is_the_same_for_a_spreadsheet_and_harmless() {
    let concern = Concern { department: Some("=1+1".to_owned()), ..concern("数据公布") };
    let (signal, curve) = (signal("数据公布", 236), curve(0.0));
    let standing =
        Standing { concern: &concern, signal: Some(&signal), curve: &curve, alert: None, explanation: None };
    let table = concerns_csv(&chrome(Language::English, Here::Overview, "/"), &[standing]);
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("\u{feff}level,concern,span,posts"));
    let line = lines.next().unwrap();
    assert!(
        line.starts_with("\"above expected\",\"数据公布\"")
            && line.contains("\"236\",\"41.0\",\"22.0\",\"63.0\",\"5.8\""),
        "{line}"
    );
    assert!(line.contains("\"'=1+1\"") && lines.next().is_none(), "{line}");
}

#[test]
fn an_installation_that_has_read_nothing_says_so_and_where_to_begin() {
    let concern = concern("供水");
    let standing = Standing { concern: &concern, signal: None, curve: &[], alert: None, explanation: None };
    let page = |sources: &[SourceState]| {
        let data = OverviewData {
            site: &site(),
            standings: std::slice::from_ref(&standing),
            unwatched: &[],
            sources,
            lately: &[],
            topics: &Listed::default(),
            unreached: &[],
            concerns: &[],
        };
        let unheard = Some(Unheard { sources: sources.len(), ..Unheard::default() });
        overview_page(&Chrome { unheard, ..chrome(Language::Chinese, Here::Overview, "/") }, &data)
    };
    let (nothing, unread) = (page(&[]), page(&sources()));
    assert!(nothing.contains("还没有采到帖文，1 项关切无从判断") && nothing.contains("还没有 [[source]]"));
    assert!(unread.contains("信源 3 个，还没有采到帖文") && unread.contains("guanlan source test"));
    assert!(!unread.contains("均无预警") && !unread.contains("个正常"), "{unread}");
}

/// An untaken alert whose concern left the files at 14:05.
fn lost() -> Alert {
    let mut alert = Alert {
        events: alert("数据公布", Level::Orange).events[..4].to_vec(),
        ..alert("数据公布", Level::Orange)
    };
    alert.apply(at("24T14:05"), Event::Unwatched { version: Some("1a2b3c4d".to_owned()) });
    alert
}

#[test]
fn an_alert_whose_concern_is_gone_stands_with_its_buttons_and_says_since_when() {
    let (lost, left) = (lost(), concern("供水水质"));
    let known = lost.concern_among([]);
    let (signal, explanation) = (signal("数据公布", 236), explanation("何时公布"));
    for evidence in [Some((&signal, &explanation)), None] {
        let (signal, explanation) = evidence.unzip();
        let unwatched = Standing { concern: &known, signal, curve: &[], alert: Some(&lost), explanation };
        let data = OverviewData {
            site: &site(),
            standings: &[Standing {
                concern: &left,
                signal: None,
                curve: &[],
                alert: None,
                explanation: None,
            }],
            unwatched: &[unwatched],
            sources: &[],
            lately: &[],
            topics: &Listed::default(),
            unreached: &[],
            concerns: &[],
        };
        let page = |language| {
            overview_page(&chrome(language, Here::Overview, "/").seen_by(&visitor(Role::Duty)), &data)
        };
        let chinese = page(Language::Chinese);
        assert!(chinese.contains("<h1>1 项关切均无预警；另有 1 项预警的关切已不在配置里</h1>"), "{chinese}");
        assert!(
            chinese.contains("<p>14:05 起，这项关切不在配置里（版本 1a2b3c4d），观澜不再为它计数。</p>"),
            "{chinese}"
        );
        assert!(
            chinese.contains("action=\"/a/20261124-03/take\"") && chinese.contains("回应时限"),
            "{chinese}"
        );
        // Old counts are not shown as if they were those of now.
        assert!(!chinese.contains("236"), "{chinese}");
        assert!(page(Language::English).contains("since 14:05 (version 1a2b3c4d)"));
    }
}

#[test]
fn the_page_of_an_alert_without_evidence_has_all_its_forms() {
    let lost = lost();
    let known = lost.concern_among([]);
    let data = BareData {
        site: &site(),
        alert: &lost,
        concern: &known,
        deliveries: &[],
        morning: jiff::civil::time(8, 30, 0, 0),
        form: "close",
    };
    let page = |role| {
        bare_alert_page(
            &chrome(Language::Chinese, Here::Alerts, "/a/20261124-03").seen_by(&visitor(role)),
            &data,
        )
    };
    let on_duty = page(Role::Duty);
    for form in ["take", "respond", "note", "mute", "close", "false-alarm", "rate"] {
        assert!(on_duty.contains(&format!("action=\"/a/20261124-03/{form}\"")), "{form} in {on_duty}");
    }
    assert!(on_duty.contains("<details id=\"close\" open>") && on_duty.contains("回应时限"), "{on_duty}");
    assert!(on_duty.contains("14:05 起，这项关切不在配置里（版本 1a2b3c4d）"), "{on_duty}");
    assert!(on_duty.contains("<code>id = &#34;数据公布&#34;</code>"), "{on_duty}");
    assert!(!page(Role::View).contains("<form method=\"post\" action=\"/a/"));
}
