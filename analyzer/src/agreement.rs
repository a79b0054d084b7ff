//! Do offices say the same? Days, dates, opening times, money and conditions that differ between statements on one
//! concern, laid side by side with their sentences. Never says who is right.
//!
//! Rather misses a difference than makes one up: the same unit, the same words beside it, the same people and places.

mod condition;
mod fact;
mod number;
mod scope;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::explain::StatementKind;
use crate::quote::shorten;
use fact::{Fact, Unit};

/// Characters that two facts must share beside their numbers.
const SHARED: usize = 2;
/// Differences shown at most.
const MOST: usize = 5;
/// Statements shown at most on one difference.
const MOST_SIDES: usize = 4;
/// Characters of a sentence that is quoted.
const SENTENCE: usize = 90;

/// One statement whose words are compared.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    /// When it was published.
    pub time: Timestamp,
    /// Name of the source.
    pub source: String,
    /// Whose word it is.
    pub kind: StatementKind,
    /// Link to it.
    pub address: Option<String>,
    /// Title and text.
    pub text: &'a str,
}

/// Statements that do not say the same of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What they speak of, in their own words.
    pub about: String,
    /// What kind of thing differs.
    pub measure: Measure,
    /// What each says, newest first.
    pub sides: Vec<Side>,
}

/// What kind of thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How long: days, hours, weeks, months.
    Duration,
    /// A day of the calendar.
    Date,
    /// A time of day, or from when to when.
    Clock,
    /// How much money.
    Money,
    /// How often, how many.
    Count,
    /// Whether it is asked for, waived, forbidden or allowed.
    Condition,
}

/// What one statement says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The value, as written.
    pub value: String,
    /// The sentence it stands in.
    pub sentence: String,
    /// Name of the source.
    pub source: String,
    /// Whose word it is.
    pub kind: StatementKind,
    /// When it was published.
    pub time: Timestamp,
    /// Link to it.
    pub address: Option<String>,
}

/// The differences between statements on one concern.
pub fn differences(statements: &[Said<'_>]) -> Vec<Difference> {
    let mut newest: Vec<&Said<'_>> = statements.iter().collect();
    newest.sort_by_key(|said| std::cmp::Reverse(said.time));
    let mut groups: Vec<Vec<(usize, Fact)>> = Vec::new();
    for (place, said) in newest.iter().enumerate() {
        for fact in fact::facts(said.text) {
            let same = |group: &&mut Vec<(usize, Fact)>| {
                group.first().is_some_and(|(_, known)| shared(known, &fact).is_some())
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.push((place, fact)),
                None => groups.push(vec![(place, fact)]),
            }
        }
    }
    groups.iter().filter_map(|group| difference(group, &newest)).take(MOST).collect()
}

/// A group of facts on one thing, if two statements have no value in common.
fn difference(group: &[(usize, Fact)], newest: &[&Said<'_>]) -> Option<Difference> {
    let (first_place, first) = group.first()?;
    let values = |place: usize| -> BTreeSet<i64> {
        group.iter().filter(|(other, _)| *other == place).map(|(_, fact)| fact.value).collect()
    };
    let own = values(*first_place);
    let differs = group.iter().any(|(place, _)| place != first_place && values(*place).is_disjoint(&own));
    if !differs {
        return None;
    }
    let mut sides: Vec<Side> = Vec::new();
    let mut about = None;
    for (place, fact) in group {
        let Some(said) = newest.get(*place) else { continue };
        if place != first_place {
            about = about.or_else(|| shared(first, fact));
        }
        let side = side(fact, said);
        let is_known = |known: &Side| {
            known.source == side.source && (known.value == side.value || known.time == side.time)
        };
        if sides.len() < MOST_SIDES && !sides.iter().any(is_known) {
            sides.push(side);
        }
    }
    (sides.len() > 1).then(|| Difference {
        about: about.unwrap_or_default(),
        measure: measure(first.unit),
        sides,
    })
}

fn side(fact: &Fact, said: &Said<'_>) -> Side {
    let value = match fact.unit {
        Unit::Need | Unit::Leave => format!("{}{}", fact.written, fact.tail),
        _ => fact.written.clone(),
    };
    Side {
        value,
        sentence: shorten(&fact.sentence, SENTENCE),
        source: said.source.clone(),
        kind: said.kind,
        time: said.time,
        address: said.address.clone(),
    }
}

fn measure(unit: Unit) -> Measure {
    match unit {
        Unit::Time | Unit::Months => Measure::Duration,
        Unit::Date => Measure::Date,
        Unit::Clock => Measure::Clock,
        Unit::Money => Measure::Money,
        Unit::Times | Unit::Doses => Measure::Count,
        Unit::Need | Unit::Leave => Measure::Condition,
    }
}

/// The words that two facts share beside their numbers, if they speak of the same thing.
fn shared(a: &Fact, b: &Fact) -> Option<String> {
    if a.unit != b.unit || !a.scope.meets(&b.scope) {
        return None;
    }
    // A span of hours is no single time.
    if a.unit == Unit::Clock && (a.value >= 10_000) != (b.value >= 10_000) {
        return None;
    }
    let heads = common_end(&a.head, &b.head);
    let tails = common_beginning(&a.tail, &b.tail);
    // 开学时间为3月1日 and 3月1日开学.
    let crossed = [(&a.head, &b.tail), (&b.head, &a.tail)].into_iter().find_map(|(head, tail)| {
        let beginning: String = tail.chars().take(SHARED).collect();
        (beginning.chars().count() == SHARED && head.ends_with(&beginning)).then_some(beginning)
    });
    // Where both sides of both numbers are named, one of them alone is not enough.
    let named = |text: &str| text.chars().count() >= SHARED;
    let is_long = |text: &String| named(text);
    match (is_long(&heads), is_long(&tails)) {
        (true, true) => Some(format!("{heads}…{tails}")),
        (true, false) if !(named(&a.tail) && named(&b.tail)) => Some(heads),
        (false, true) => Some(tails),
        _ => crossed,
    }
}

fn common_end(a: &str, b: &str) -> String {
    let reversed: Vec<char> =
        a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    reversed.into_iter().rev().collect()
}

fn common_beginning(a: &str, b: &str) -> String {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

#[cfg(test)]
mod tests;
