//! Whether what mails and pages tell is real: in a demonstration and in a drill every one of them says so.

use crate::message::Language;

/// What is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Staging {
    /// Nothing: it is real.
    #[default]
    Real,
    /// A demonstration with sample data (演示).
    Demo,
    /// A drill with the people on duty (演练).
    Drill,
}

impl Staging {
    /// Put before the subject of every mail; empty when it is real.
    pub fn mark(self, language: Language) -> &'static str {
        match (self, language) {
            (Staging::Real, _) => "",
            (Staging::Demo, Language::Chinese) => "【演示】",
            (Staging::Demo, Language::English) => "[DEMO] ",
            (Staging::Drill, Language::Chinese) => "【演练】",
            (Staging::Drill, Language::English) => "[DRILL] ",
        }
    }

    /// Said on top of every mail and page; `None` when it is real.
    pub fn strip(self, language: Language) -> Option<&'static str> {
        match (self, language) {
            (Staging::Real, _) => None,
            (Staging::Demo, Language::Chinese) => Some("演示：内容来自样例数据，不是真实预警"),
            (Staging::Demo, Language::English) => {
                Some("Demonstration: made from sample data, not a real alert")
            }
            (Staging::Drill, Language::Chinese) => Some("演练：内容是虚构的，不是真实预警；请按真实预警处置"),
            (Staging::Drill, Language::English) => {
                Some("Drill: invented, not a real alert; please act as if it were")
            }
        }
    }
}
