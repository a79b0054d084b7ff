//! Holds alerts against incidents: caught how early, missed, on nothing that was marked. Pure.

use alerts::record::median;
use jiff::Timestamp;
use serde::Serialize;

use super::incident::Incident;

/// One alert, whoever raised it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    /// When.
    pub ts: Timestamp,
    /// Concern or topic.
    pub key: String,
    /// Evidence shown with it.
    pub titles: Vec<String>,
}

/// From when to when alerts count, and what time in between does not.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub to: Timestamp,
    /// Left out: from, to.
    pub without: Vec<(Timestamp, Timestamp)>,
}

/// The first alert about an incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Caught {
    /// Id of the incident.
    pub incident: String,
    /// Place of the alert in the list.
    pub alert: usize,
    /// When.
    pub at: Timestamp,
    /// Concern or topic of the alert.
    pub key: String,
    /// Hours from its first post to the alert.
    pub delay_hours: Option<f64>,
    /// Hours from the alert to the peak.
    pub before_peak_hours: Option<f64>,
    /// Hours from the alert to the first official response.
    pub before_response_hours: Option<f64>,
}

/// How alerts did.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Score {
    /// Days counted.
    pub days: f64,
    /// Alerts in them.
    pub alerts: usize,
    /// The same by day.
    pub alerts_a_day: f64,
    /// The same by week.
    pub alerts_a_week: f64,
    /// Incidents that count.
    pub incidents: usize,
    /// Share of them that was caught at all.
    pub recall: f64,
    /// Share caught before the peak.
    pub recall_before_peak: f64,
    /// Median hours from the first post to the alert, a miss being infinite; `None` where it is.
    pub delay_median_hours: Option<f64>,
    /// Of the caught ones with an official response, the share told before it.
    pub before_response: f64,
    /// Median hours by which the alert came before the response.
    pub lead_to_response_hours: Option<f64>,
    /// Alerts about any marked incident.
    pub on_incident: usize,
    /// Caught incidents, in the order of the alerts.
    pub caught: Vec<Caught>,
    /// Ids of the missed ones.
    pub missed: Vec<String>,
    /// For each alert, whether it is about a marked incident; `None` where it does not count.
    #[serde(skip)]
    pub verdicts: Vec<Option<bool>>,
}

impl Counted {
    /// Days that count.
    pub(crate) fn days(&self) -> f64 {
        let length = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64().max(0.0);
        let left_out: f64 =
            self.without.iter().map(|(from, to)| length((*from).max(self.from), (*to).min(self.to))).sum();
        (length(self.from, self.to) - left_out).max(0.0) / 86_400.0
    }

    /// Whether that moment counts.
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        let left_out = self.without.iter().any(|(from, to)| *from <= at && at < *to);
        self.from <= at && at <= self.to && !left_out
    }
}

/// Scores alerts, which are in time order. An alert is about the first incident that covers it.
pub(crate) fn score(alerts: &[Told], incidents: &[Incident], counted: &Counted) -> Score {
    let scorable: Vec<&Incident> =
        incidents.iter().filter(|incident| incident.counts && counted.holds(incident.from)).collect();
    let mut caught: Vec<Caught> = Vec::new();
    let mut verdicts = Vec::with_capacity(alerts.len());
    for (place, alert) in alerts.iter().enumerate() {
        if !counted.holds(alert.ts) {
            verdicts.push(None);
            continue;
        }
        let covers = |incident: &&&Incident| incident.covers(alert.ts, &alert.key, &alert.titles);
        let found = scorable.iter().find(covers);
        verdicts.push(Some(found.is_some()));
        if let Some(incident) = found
            && caught.iter().all(|earlier| earlier.incident != incident.id)
        {
            caught.push(catch(place, alert, incident));
        }
    }
    let is_missed = |incident: &&&Incident| caught.iter().all(|caught| caught.incident != incident.id);
    let missed = scorable.iter().filter(is_missed).map(|incident| incident.id.clone()).collect();
    summed_up(caught, missed, verdicts, counted.days())
}

fn catch(place: usize, alert: &Told, incident: &Incident) -> Caught {
    let hours = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64() / 3_600.0;
    Caught {
        incident: incident.id.clone(),
        alert: place,
        at: alert.ts,
        key: alert.key.clone(),
        delay_hours: incident.first_seen.map(|first| hours(first, alert.ts)),
        before_peak_hours: incident.peak.map(|peak| hours(alert.ts, peak)),
        before_response_hours: incident.first_response.map(|response| hours(alert.ts, response)),
    }
}

fn summed_up(caught: Vec<Caught>, missed: Vec<String>, verdicts: Vec<Option<bool>>, days: f64) -> Score {
    let incidents = caught.len() + missed.len();
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let alerts = verdicts.iter().flatten().count();
    let early = caught.iter().filter(|caught| caught.before_peak_hours > Some(0.0)).count();
    // An incident that was missed has no delay, like one whose first post is not known.
    let mut delays: Vec<Option<f64>> =
        caught.iter().map(|caught| caught.delay_hours).filter(Option::is_some).collect();
    delays.resize(incidents, None);
    let leads: Vec<f64> = caught.iter().filter_map(|caught| caught.before_response_hours).collect();
    let in_time = leads.iter().filter(|lead| **lead > 0.0).count();
    Score {
        days,
        alerts,
        alerts_a_day: alerts as f64 / days.max(f64::MIN_POSITIVE),
        alerts_a_week: 7.0 * alerts as f64 / days.max(f64::MIN_POSITIVE),
        incidents,
        recall: share(caught.len(), incidents),
        recall_before_peak: share(early, incidents),
        delay_median_hours: median(&delays),
        before_response: share(in_time, leads.len()),
        lead_to_response_hours: median(&leads.iter().copied().map(Some).collect::<Vec<_>>()),
        on_incident: verdicts.iter().filter(|verdict| **verdict == Some(true)).count(),
        caught,
        missed,
        verdicts,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::backtest::incident;

    const INCIDENTS: &str = r#"
        [[incident]]
        name = "停水"
        words = ["停水"]
        from = "2026-11-01"
        to = "2026-11-03"
        first_seen = "2026-11-01 08:00"
        peak = "2026-11-02 08:00"
        answered = "2026-11-01 20:00"
        [[incident]]
        name = "坍塌"
        words = ["坍塌"]
        from = "2026-11-05"
        to = "2026-11-06"
        first_seen = "2026-11-05 08:00"
        peak = "2026-11-05 10:00"
        answered = "2026-11-05 09:00"
        [[incident]]
        name = "没人说起"
        words = ["没人说起"]
        from = "2026-11-08"
        to = "2026-11-09"
    "#;

    fn told(ts: &str, title: &str) -> Told {
        Told { ts: time(ts), key: "any".to_owned(), titles: vec![title.to_owned()] }
    }

    fn time(text: &str) -> Timestamp {
        format!("{text}:00+08:00").parse().unwrap()
    }

    fn scored(alerts: &[Told], without: Vec<(Timestamp, Timestamp)>) -> Score {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let incidents = incident::read(INCIDENTS, &zone).unwrap();
        let (from, to) = (time("2026-11-01T00:00"), time("2026-11-15T00:00"));
        score(alerts, &incidents, &Counted { from, to, without })
    }

    #[test]
    fn the_first_alert_about_an_incident_counts_and_a_miss_is_infinite() {
        let alerts = [
            told("2026-11-01T12:00", "老城停水"),
            told("2026-11-02T12:00", "还在停水"),
            told("2026-11-05T11:00", "厂房坍塌"),
            told("2026-11-07T11:00", "新剧开播"),
        ];
        let score = scored(&alerts, Vec::new());
        assert_eq!((score.alerts, score.on_incident, score.incidents), (4, 3, 3));
        assert_eq!(score.alerts_a_week, 2.0);
        assert_eq!(score.missed, ["没人说起"]);
        assert!(
            (score.recall - 2.0 / 3.0).abs() < 1e-9 && (score.recall_before_peak - 1.0 / 3.0).abs() < 1e-9
        );
        assert_eq!(score.delay_median_hours, Some(4.0));
        assert_eq!(score.before_response, 0.5);
        assert_eq!(score.caught[0].before_peak_hours, Some(20.0));
        assert_eq!(score.verdicts, [Some(true), Some(true), Some(true), Some(false)]);
        // With two of three missed the median is infinite.
        assert_eq!(scored(&alerts[..1], Vec::new()).delay_median_hours, None);
    }

    #[test]
    fn time_left_out_has_neither_alerts_nor_incidents() {
        let alerts = [told("2026-11-01T12:00", "老城停水"), told("2026-11-05T11:00", "厂房坍塌")];
        let score = scored(&alerts, vec![(time("2026-11-04T00:00"), time("2026-11-11T00:00"))]);
        assert_eq!((score.alerts, score.incidents, score.days), (1, 1, 7.0));
        assert_eq!((score.recall, score.alerts_a_day), (1.0, 1.0 / 7.0));
    }
}
