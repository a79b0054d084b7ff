//! The one way from what a format read to a [`Post`]: identity, canonical address, personal data out.
//! Every format ends here, so that none can forget to mask.

use jiff::Timestamp;

use super::{IdKey, Identity, Post, PostId, Publisher};
use crate::address;
use crate::mask::Masks;

/// A text as a format read it, before anything was decided about it.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Id of the source.
    pub source: &'a str,
    /// Source group shown to people.
    pub group: &'a str,
    /// Who speaks.
    pub publisher: Publisher,
    /// The source's own name for the post, if it has one.
    pub guid: Option<&'a str>,
    /// Address as it was written, if there is one.
    pub address: Option<&'a str>,
    /// Publication time.
    pub time: Timestamp,
    /// When we first saw it.
    pub first_seen: Timestamp,
    /// Title without mark-up; may be empty.
    pub title: &'a str,
    /// Text without mark-up; may be empty.
    pub text: &'a str,
    /// Place on a hot list, 0 = top.
    pub rank: Option<u32>,
    /// The platform's own heat figure.
    pub heat: Option<f64>,
    /// A time it claims that is still to come.
    pub claimed: Option<Timestamp>,
}

impl Draft<'_> {
    /// Turns the draft into a post: the id from guid, else address, else content; control characters
    /// and personal data taken out; the address kept for media, offices and platforms only.
    pub fn finish(&self, key: &IdKey, masks: Masks) -> Post {
        let canonical = self.address.and_then(address::canonical);
        let identity = match (self.guid, &canonical) {
            (Some(guid), _) => Identity::Guid { source: self.source, guid },
            (None, Some(address)) => Identity::Address(address),
            // What it claims stays the same when it comes again; the time of its arrival does not.
            (None, None) => Identity::Content {
                source: self.source,
                time: self.claimed.unwrap_or(self.time),
                title: self.title,
                text: self.text,
            },
        };
        Post {
            id: PostId::new(identity, self.publisher, key),
            source: self.source.to_owned(),
            group: self.group.to_owned(),
            publisher: self.publisher,
            time: whole_milliseconds(self.time),
            first_seen: whole_milliseconds(self.first_seen),
            title: masks.apply(&tidy(self.title)).into_owned(),
            text: masks.apply(&tidy(self.text)).into_owned(),
            address: self.address.and_then(address::link).filter(|_| self.publisher != Publisher::Individual),
            rank: self.rank,
            heat: self.heat.filter(|heat| heat.is_finite()),
            claimed: self.claimed.map(whole_milliseconds),
        }
    }
}

/// The archive keeps milliseconds; a post must not change by being stored.
fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// Control characters are nobody's words and break terminals and mails; line ends become `\n`.
fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter_map(|c| match c {
        '\n' | '\t' => Some(c),
        '\r' => Some('\n'),
        '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    });
    kept.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft<'a>() -> Draft<'a> {
        Draft {
            source: "bbs",
            group: "论坛",
            publisher: Publisher::Individual,
            guid: None,
            address: Some("HTTP://BBS.example:80/t/1?utm_source=x#top"),
            time: "2021-01-20T16:48:00.123456Z".parse().unwrap(),
            first_seen: "2021-01-20T16:50:00Z".parse().unwrap(),
            title: " 返乡\u{0}要核酸吗\r\n",
            text: "打 13800138000 问 @小张 ",
            rank: None,
            heat: Some(f64::NAN),
            claimed: None,
        }
    }

    #[test]
    fn an_individuals_post_keeps_no_address_and_no_personal_data() {
        let key = IdKey::fixed([1; 32]);
        let post = draft().finish(&key, Masks::default());
        assert_eq!(post.address, None);
        assert_eq!(post.title, "返乡要核酸吗");
        assert_eq!(post.text, "打 *** 问 @用户");
        assert_eq!(post.time, "2021-01-20T16:48:00.123Z".parse().unwrap());
        assert_eq!(post.heat, None);
        let same = Identity::Address("https://bbs.example/t/1");
        assert_eq!(post.id, PostId::new(same, Publisher::Individual, &key));
    }

    #[test]
    fn a_mediums_post_keeps_its_canonical_address() {
        let media = Draft { publisher: Publisher::Media, ..draft() };
        let post = media.finish(&IdKey::fixed([1; 32]), Masks::default());
        assert_eq!(post.address.as_deref(), Some("http://bbs.example/t/1"));
    }

    #[test]
    fn guid_comes_before_address() {
        let key = IdKey::fixed([1; 32]);
        let one = Draft { guid: Some("7"), ..draft() }.finish(&key, Masks::default());
        let moved = Draft { guid: Some("7"), address: Some("https://bbs.example/t/2"), ..draft() };
        assert_eq!(one.id, moved.finish(&key, Masks::default()).id);
    }
}
