//! Under which settings an alert stands: those it was raised under, and that its concern has left them since.

use std::borrow::Cow;

use analyzer::concern::Concern;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Alert, Event};

/// Under which settings an alert was raised: what is told of it when the configuration has forgotten its concern.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Under {
    /// Version of the configuration, as the settings page shows it; none without a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Name of the concern.
    pub name: String,
    /// Its English name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Who owned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
}

/// The concern of an alert is not in the configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unwatched {
    /// When the configuration without it was taken over.
    pub since: Timestamp,
    /// Version of that configuration; none without a file.
    pub version: Option<String>,
}

impl Under {
    /// What is kept of the settings for an alert of that concern.
    pub fn of(concern: &Concern, version: Option<&str>) -> Under {
        Under {
            version: version.map(str::to_owned),
            name: concern.name.clone(),
            name_en: concern.name_en.clone(),
            department: concern.department.clone(),
        }
    }
}

impl Alert {
    /// Under which settings it was raised; `None` where an older program raised it.
    pub fn under(&self) -> Option<&Under> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::Raised { under, .. } => under.as_ref(),
            _ => None,
        })
    }

    /// What it is about: the concern as configured, else what was noted of it when the alert was raised, its id
    /// standing for a name that nobody noted. Such a concern has no words: nothing is counted for it.
    pub fn concern_among<'a>(&self, concerns: impl IntoIterator<Item = &'a Concern>) -> Cow<'a, Concern> {
        let configured = concerns.into_iter().find(|concern| concern.id == self.concern);
        configured.map_or_else(|| Cow::Owned(self.noted_concern()), Cow::Borrowed)
    }

    fn noted_concern(&self) -> Concern {
        let under = self.under().cloned().unwrap_or_default();
        let named = Concern::named(&self.concern);
        let name = if under.name.is_empty() { named.name.clone() } else { under.name };
        Concern { name, name_en: under.name_en, department: under.department, ..named }
    }
}
