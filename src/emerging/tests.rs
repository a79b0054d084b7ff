//! Hot lists through the live part: what is mailed, what is only listed, what is known after a restart.

use analyzer::detect::Detection;
use crawler::post::{Post, PostId};
use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::*;

struct Newsroom {
    folder: TempDir,
    archive: Archive,
    analyst: Analyst,
    emerging: Emerging,
    posts: u64,
    now: Timestamp,
}

impl Newsroom {
    /// Eight days of a hot list on which the same two matters are listed every day.
    fn open() -> Newsroom {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path()).unwrap();
        let analyst = Analyst::new(Vec::new(), Vec::new(), Detection::default(), TimeZone::UTC);
        let emerging = started(&folder, &archive);
        let now = Timestamp::from_second(1_600_000_000).unwrap();
        let mut newsroom = Newsroom { folder, archive, analyst, emerging, posts: 0, now };
        for day in 0..8 {
            newsroom.list(&format!("地铁早高峰客流创新高第{day}回"), Publisher::Platform);
            newsroom.list(&format!("电视剧大结局收视率第{day}回"), Publisher::Platform);
            newsroom.pass(24 * 60);
        }
        newsroom
    }

    fn list(&mut self, title: &str, publisher: Publisher) {
        self.posts += 1;
        let post = Post {
            id: PostId::from_bytes(&u128::from(self.posts).to_be_bytes()).unwrap(),
            source: "board".to_owned(),
            group: "热榜".to_owned(),
            publisher,
            time: self.now,
            first_seen: self.now,
            title: title.to_owned(),
            text: String::new(),
            address: None,
            rank: None,
            heat: None,
            claimed: None,
        };
        let voice = crawler::post::Voice(self.posts);
        for stored in self.archive.append(&[post], &mut |_| voice).unwrap().stored {
            self.emerging.observe(&stored, &self.analyst);
        }
    }

    fn pass(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
        self.emerging.close(&self.archive, &self.analyst, self.now).unwrap();
    }

    fn mailed(&mut self, open: &[&str]) -> Vec<TopicState> {
        let open: Vec<String> = open.iter().map(|id| (*id).to_owned()).collect();
        let due = self.emerging.due_mails(self.now, &open);
        due.iter().for_each(|topic| self.emerging.mailed(&topic.id));
        due
    }

    fn blast(&mut self) {
        for title in ["青岚化工厂爆炸", "青岚爆炸已致三人死亡", "青岚化工厂附近居民疏散"]
        {
            self.list(title, Publisher::Platform);
            self.pass(30);
        }
    }
}

fn started(folder: &TempDir, archive: &Archive) -> Emerging {
    let orders = config::Topics { memory: 1, mails_a_day: 10, voices: 5, mute: Vec::new() };
    Emerging::new(folder.path(), archive, orders, Segmenter::new(&[])).unwrap()
}

#[test]
fn the_third_title_of_a_public_matter_is_mailed_once_with_its_titles() {
    let mut newsroom = Newsroom::open();
    assert_eq!(newsroom.mailed(&[]), []);
    newsroom.blast();
    let mailed = newsroom.mailed(&[]);
    let [topic] = mailed.as_slice() else { panic!("{mailed:?}") };
    assert_eq!((topic.posts, topic.voices, topic.sources, topic.muted), (3, 3, 1, false));
    assert_eq!(topic.titles, ["青岚化工厂爆炸", "青岚爆炸已致三人死亡", "青岚化工厂附近居民疏散"]);
    assert!(topic.titles.contains(&topic.title), "{topic:?}");
    newsroom.list("青岚化工厂爆炸调查组成立", Publisher::Platform);
    newsroom.pass(30);
    assert_eq!(newsroom.mailed(&[]), []);
    assert_eq!(newsroom.emerging.states(newsroom.now).first().map(|topic| topic.posts), Some(4));
}

#[test]
fn what_is_no_public_matter_is_listed_and_not_mailed() {
    let mut newsroom = Newsroom::open();
    for title in ["林小满新歌上线", "林小满演唱会定档", "林小满舞台造型"] {
        newsroom.list(title, Publisher::Platform);
        newsroom.pass(30);
    }
    assert_eq!(newsroom.mailed(&[]), []);
    let listed = newsroom.emerging.listed(newsroom.now);
    assert!(listed.topics.iter().any(|topic| topic.muted && topic.posts == 3), "{listed:?}");
    assert!(!listed.learning);
}

#[test]
fn after_a_restart_the_lists_are_heard_again_and_nothing_is_mailed_twice() {
    let mut newsroom = Newsroom::open();
    newsroom.blast();
    let id = newsroom.mailed(&[]).remove(0).id;
    let before = newsroom.emerging.states(newsroom.now);
    newsroom.emerging.save().unwrap();
    newsroom.emerging = started(&newsroom.folder, &newsroom.archive);
    let Newsroom { archive, analyst, emerging, now, .. } = &mut newsroom;
    emerging.remember(archive, analyst, *now, &mut |mailed| mailed == id).unwrap();
    assert_eq!(newsroom.emerging.states(newsroom.now), before);
    newsroom.pass(30);
    assert_eq!(newsroom.mailed(&[]), []);
}

#[test]
fn individuals_posts_are_no_titles() {
    let mut newsroom = Newsroom::open();
    for title in ["青岚化工厂爆炸", "青岚爆炸已致三人死亡", "青岚化工厂附近居民疏散"]
    {
        newsroom.list(title, Publisher::Individual);
        newsroom.pass(30);
    }
    assert_eq!(newsroom.emerging.states(newsroom.now), []);
}
