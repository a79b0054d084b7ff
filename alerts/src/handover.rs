//! The hand-over sheet: open alerts, who holds them, the next deadline, mutes, what was closed meanwhile.

use analyzer::concern::Concern;
use analyzer::signal::Signal;
use jiff::Timestamp;

use crate::alert::{Alert, Event, State};
use crate::format;
use crate::message::{Language, Sheet, SheetItem, Site, against_expected, concern_name, unwatched};
use crate::schedule;
use crate::settings::Policy;

/// What the next shift must know of these alerts, oldest first, with the newest counts; `since` is when the last one began.
pub fn sheet(
    (alerts, concerns, newest): (&[Alert], &[Concern], &[Signal]),
    (policy, site): (&Policy, &Site),
    since: Timestamp,
    now: Timestamp,
    language: Language,
) -> Sheet {
    let words = Words { site, now, language, newest };
    let mut open: Vec<&Alert> = alerts.iter().filter(|alert| alert.is_open()).collect();
    // What needs somebody first: nobody has it, then the nearest deadline.
    open.sort_by_key(|alert| {
        let is_free = matches!(alert.state, State::Pending | State::Firing);
        (!is_free, alert.answered_at().is_some(), alert.deadline)
    });
    let name = |alert: &Alert| concern_name(&alert.concern_among(concerns), language);
    let items = open.iter().map(|alert| words.item(alert, &name(alert), policy)).collect();
    let closed = alerts.iter().filter(|alert| alert.closed_at.is_some_and(|at| at >= since));
    let closed: Vec<String> = closed.map(|alert| words.closed(alert, &name(alert))).collect();
    let mut notes = Vec::new();
    if !closed.is_empty() {
        notes.push(match language {
            Language::Chinese => format!("上一班以来关闭：{}。", closed.join("；")),
            Language::English => format!("Closed since the last shift: {}.", closed.join("; ")),
        });
    }
    Sheet { title: words.title(), lead: words.lead(&open), items, notes }
}

struct Words<'a> {
    site: &'a Site,
    now: Timestamp,
    language: Language,
    newest: &'a [Signal],
}

impl Words<'_> {
    fn title(&self) -> String {
        let moment = format::date_time(self.now, &self.site.zone, self.language);
        match self.language {
            Language::Chinese => format!("值班交接单 {moment}"),
            Language::English => format!("Hand-over sheet {moment}"),
        }
    }

    fn lead(&self, open: &[&Alert]) -> String {
        let free = open.iter().filter(|alert| matches!(alert.state, State::Pending | State::Firing)).count();
        let waiting = open.iter().filter(|alert| alert.answered_at().is_none());
        let is_answered = waiting.clone().count() == 0;
        let next = waiting
            .filter(|alert| alert.noticed_at().is_some())
            .map(|alert| alert.deadline)
            .min()
            .map(|at| self.clock(at));
        let count = open.len();
        match (self.language, next) {
            (Language::Chinese, _) if count == 0 => "没有未关闭的预警。".to_owned(),
            (Language::English, _) if count == 0 => "No alert is open.".to_owned(),
            (Language::Chinese, None) if is_answered => {
                format!("未关闭的预警 {count} 项，待认领 {free} 项，都已回应。")
            }
            (Language::English, None) if is_answered => {
                format!("{count} open, {free} not taken on, all answered.")
            }
            (Language::Chinese, None) => format!("未关闭的预警 {count} 项，尚未通知，回应时限没有起算。"),
            (Language::English, None) => format!("{count} open, nobody told yet: no reply is due."),
            (Language::Chinese, Some(next)) => {
                format!("未关闭的预警 {count} 项，待认领 {free} 项；最近的回应时限 {next}。")
            }
            (Language::English, Some(next)) => {
                format!("{count} open, {free} not taken on; the next reply is due {next}.")
            }
        }
    }

    fn item(&self, alert: &Alert, name: &str, policy: &Policy) -> SheetItem {
        let signal = self.newest.iter().find(|signal| signal.concern == alert.concern);
        let counts = signal.map(|signal| against_expected(signal, self.language));
        let mut lines: Vec<String> = counts.into_iter().collect();
        // Whoever answered without taking it is told by the answer.
        let is_told_by_the_answer = alert.state == State::Responded && alert.held_by().is_none();
        lines.extend((!is_told_by_the_answer).then(|| self.holder(alert)));
        lines.push(self.due(alert));
        lines.extend(self.mute(alert));
        let next_call = schedule::next_call(alert, policy).filter(|_| !alert.is_muted(self.now));
        lines.extend(next_call.filter(|at| *at > self.now).map(|at| {
            let at = self.clock(at);
            match self.language {
                Language::Chinese => format!("{at} 仍无人认领将再次提醒"),
                Language::English => format!("called out again at {at} unless somebody takes it"),
            }
        }));
        lines.extend(self.last_note(alert));
        let unwatched = unwatched(alert, self.now, &self.site.zone, self.language);
        lines.extend(Some(unwatched).filter(|line| !line.is_empty()));
        SheetItem {
            level: alert.level,
            title: name.to_owned(),
            lines,
            number: alert.id.short(),
            path: format!("/a/{}", alert.id),
            link: self.site.public_url.as_deref().map(|url| format!("{url}/a/{}", alert.id)),
        }
    }

    fn holder(&self, alert: &Alert) -> String {
        let state = format::state_name(alert.state, self.language);
        match (alert.held_by(), self.language) {
            (Some((by, at)), Language::Chinese) => {
                format!("{state}；{} {} 认领", format::one_line(by, 40), self.clock(at))
            }
            (Some((by, at)), Language::English) => {
                format!("{state}; taken on by {} at {}", format::one_line(by, 40), self.clock(at))
            }
            (None, _) => state.to_owned(),
        }
    }

    fn due(&self, alert: &Alert) -> String {
        if let Some(at) = alert.answered_at() {
            return match self.language {
                Language::Chinese => format!("{} 已回应", self.clock(at)),
                Language::English => format!("answered at {}", self.clock(at)),
            };
        }
        if alert.noticed_at().is_none() {
            let given =
                format::duration(alert.deadline.duration_since(alert.deadline_set_at()), self.language);
            return match self.language {
                Language::Chinese => format!("尚未通知任何人，回应时限从首次通知起 {given}"),
                Language::English => format!("nobody told yet; reply due {given} after the first notice"),
            };
        }
        let left = alert.deadline.duration_since(self.now);
        let (at, length) = (self.clock(alert.deadline), format::duration(left.abs(), self.language));
        match (self.language, left.is_negative()) {
            (Language::Chinese, false) => format!("回应时限 {at}，还剩 {length}"),
            (Language::Chinese, true) => format!("回应时限 {at}，已过 {length}"),
            (Language::English, false) => format!("reply due {at}, {length} left"),
            (Language::English, true) => format!("reply was due {at}, overdue by {length}"),
        }
    }

    fn mute(&self, alert: &Alert) -> Option<String> {
        alert.muted(self.now)?;
        alert.events.iter().rev().find_map(|(_, event)| match event {
            Event::Muted { by, reason, until } => {
                let (by, reason) = (format::one_line(by, 40), format::one_line(reason, 80));
                Some(match self.language {
                    Language::Chinese => format!("{by}静默至 {}：{reason}", self.clock(*until)),
                    Language::English => format!("muted by {by} until {}: {reason}", self.clock(*until)),
                })
            }
            _ => None,
        })
    }

    fn last_note(&self, alert: &Alert) -> Option<String> {
        alert.events.iter().rev().find_map(|(time, event)| match event {
            Event::Noted { by, text } => {
                let (by, text) = (format::one_line(by, 40), format::one_line(text, 120));
                Some(match self.language {
                    Language::Chinese => format!("{} {by}备注：{text}", self.clock(*time)),
                    Language::English => format!("{} note by {by}: {text}", self.clock(*time)),
                })
            }
            _ => None,
        })
    }

    fn closed(&self, alert: &Alert, name: &str) -> String {
        let highest = format::level_name(alert.highest, self.language);
        let at = alert.closed_at.map(|at| self.clock(at)).unwrap_or_default();
        match self.language {
            Language::Chinese => format!("{} {name}（最高{highest}，{at}）", alert.id.short()),
            Language::English => format!("{} {name} (highest {highest}, {at})", alert.id.short()),
        }
    }

    fn clock(&self, at: Timestamp) -> String {
        format::moment(at, self.now, &self.site.zone, self.language)
    }
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;
    use jiff::SignedDuration;

    use super::*;
    use crate::action::Answer;
    use crate::desk::Filter;
    use crate::desk::tests::Room;

    fn lines(room: &Room) -> Vec<String> {
        let alerts = room.desk.alerts(Filter::All).unwrap();
        let concerns: Vec<Concern> = room.desk.concerns.values().cloned().collect();
        let since = room.now - SignedDuration::from_hours(12);
        let shown = (&room.desk.policy, &room.desk.site);
        let newest = [crate::desk::tests::signal("数据公布", room.now, None)];
        let sheet = sheet((&alerts, &concerns, &newest), shown, since, room.now, Language::Chinese);
        let items = sheet.items.iter().flat_map(|item| {
            let head = format!("{} {} {}", format::level_bars(item.level), item.number, item.title);
            std::iter::once(head).chain(item.lines.clone())
        });
        let mut lines = vec![sheet.title.clone(), sheet.lead.clone()];
        lines.extend(items.chain(sheet.notes.clone()));
        lines
    }

    #[test]
    fn the_next_shift_sees_what_is_open_who_holds_it_and_what_was_closed() {
        let mut room = Room::new();
        assert_eq!(lines(&room), ["值班交接单 11月24日 13:10", "没有未关闭的预警。"]);
        let id = room.next(Some(Level::Orange))[0];
        let expected = [
            "值班交接单 11月24日 13:20",
            "未关闭的预警 1 项，待认领 1 项；最近的回应时限 明天 13:20。",
            "■■■□ 1124-01 数据公布",
            "1 小时 219 帖，为预期的 5.1 倍",
            "待认领",
            "回应时限 明天 13:20，还剩 24 小时",
            "13:35 仍无人认领将再次提醒",
        ];
        assert_eq!(lines(&room), expected);
        let answer = Answer { by: "市卫健委".to_owned(), url: None, at: room.now };
        room.desk.respond(id, answer, room.now).unwrap();
        assert_eq!(lines(&room)[4..], ["13:20 已回应"]);
        room.desk.withdraw(id, ("值班室", "登记错了"), room.now).unwrap();
        assert_eq!(lines(&room), expected);
        room.desk.acknowledge(id, "值班室", room.now).unwrap();
        room.desk.note(id, ("值班室", "已电话市卫健委"), room.now).unwrap();
        let until = room.now + SignedDuration::from_hours(2);
        room.desk.mute(id, ("值班室", "已在处理"), until, room.now).unwrap();
        let expected = [
            "已认领；值班室 13:20 认领",
            "回应时限 明天 13:20，还剩 24 小时",
            "值班室静默至 15:20：已在处理",
            "13:20 值班室备注：已电话市卫健委",
        ];
        assert_eq!(lines(&room)[4..], expected);
        room.desk.close(id, "值班室", room.now).unwrap();
        let closed = "上一班以来关闭：1124-01 数据公布（最高橙色，13:20）。";
        assert_eq!(lines(&room)[1..], ["没有未关闭的预警。", closed]);
    }
}
