//! Names of alerts: the local day and a number, as people say them.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Identity of an alert: local day and number of that day, `20261124-03`; shown as 1124-03.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AlertId {
    /// Local day on which it was raised.
    pub day: Date,
    /// Number of that day, from 1.
    pub number: u16,
}

impl AlertId {
    /// The short form people read: `1124-03`.
    pub fn short(&self) -> String {
        format!("{:02}{:02}-{:02}", self.day.month(), self.day.day(), self.number)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}{:02}{:02}-{:02}", self.day.year(), self.day.month(), self.day.day(), self.number)
    }
}

impl std::str::FromStr for AlertId {
    type Err = String;

    /// Reads `20261124-03`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("not an alert number (like 20261124-03): {text}");
        let (day, number) = text.split_once('-').ok_or_else(wrong)?;
        let day = Date::strptime("%Y%m%d", day).map_err(|_| wrong())?;
        Ok(AlertId { day, number: number.parse().map_err(|_| wrong())? })
    }
}

impl<'de> Deserialize<'de> for AlertId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for AlertId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
