//! Topics from posts, whole.

use jiff::Timestamp;

use super::*;

/// Says posts in order of time.
struct Stream {
    topics: Topics,
    number: u64,
    /// Everything said: number, bucket, words and group.
    said: Vec<(u64, i64, String, Voice)>,
}

impl Stream {
    fn new() -> Stream {
        let settings = Settings { memory: 1 << 22, ..Settings::default() };
        Stream { topics: Topics::new(settings), number: 0, said: Vec::new() }
    }

    fn say(&mut self, bucket: i64, text: &str) {
        self.number += 1;
        self.say_as(bucket, text, Voice(self.number));
    }

    fn say_as(&mut self, bucket: i64, text: &str, voice: Voice) {
        self.number += 1;
        let words: Vec<&str> = text.split(' ').collect();
        let time = Bucket(bucket).start();
        self.topics.observe(&Spoken { number: self.number, time, voice, source: "论坛", words: &words });
        self.said.push((self.number, bucket, text.to_owned(), voice));
    }

    /// The usual talk of a day, in buckets `from..to`.
    fn chatter(&mut self, from: i64, to: i64) -> Vec<TopicId> {
        let mut begun = Vec::new();
        for bucket in from..to {
            for post in 0..12 {
                let (one, other) = ((bucket * 7 + post) % 40, (bucket * 11 + post * 3) % 37);
                self.say(bucket, &format!("今天 天气 闲话{one} 琐事{other}"));
            }
            begun.extend(self.topics.close(Bucket(bucket)));
        }
        begun
    }
}

#[test]
fn a_rise_of_two_words_is_one_topic_with_a_title_and_its_words() {
    let mut stream = Stream::new();
    assert_eq!(stream.chatter(0, 200), []);
    stream.say(200, "返京 隔离 七天 真的吗");
    stream.say(200, "回来 返京 要不要 隔离 有人 知道 规定 怎么 写");
    stream.say(200, "返京 隔离");
    stream.say(200, "邻居 返京 社区 隔离");
    stream.say(200, "返京 隔离 多久 没人 说");
    stream.say(200, "返京 隔离 到底 谁 管");
    let begun = stream.chatter(200, 201);
    assert_eq!(begun.len(), 1, "{:?}", stream.topics.topics());
    let topic = stream.topics.topic(&begun[0]).unwrap();
    let mut words: Vec<&str> = topic.words.iter().take(2).map(String::as_str).collect();
    words.sort_unstable();
    assert_eq!(words, ["返京", "隔离"]);
    assert_eq!((topic.count, topic.voices, topic.sources), (6, 6, 1));
    assert_eq!(topic.proposal[0].split(' ').count(), 2);
    // The shortest post says most of it.
    let shortest = topic.posts[2];
    assert_eq!(topic.title, shortest);
}

#[test]
fn the_same_topic_stays_the_same_for_two_days_and_its_posts_are_counted() {
    let mut stream = Stream::new();
    stream.chatter(0, 200);
    (0..6).for_each(|nth| stream.say(200, &format!("小区 停水 第{nth}")));
    let begun = stream.chatter(200, 201);
    assert_eq!(begun.len(), 1);
    for bucket in [210, 240, 300, 340, 620] {
        stream.chatter(stream.topics.open.unwrap(), bucket);
        (0..6).for_each(|nth| stream.say(bucket, &format!("小区 停水 又{bucket}{nth}")));
        assert_eq!(stream.chatter(bucket, bucket + 1), [], "{bucket}");
    }
    assert_eq!(stream.topics.topic(&begun[0]).unwrap().count, 36);
    // A week later it is forgotten.
    stream.chatter(621, 621 + 1_020);
    assert_eq!(stream.topics.topics(), []);
    assert!(stream.topics.vocabulary.values().all(|word| word != "停水"), "nor is its word kept");
}

#[test]
fn copies_of_one_text_are_no_topic() {
    let mut stream = Stream::new();
    stream.chatter(0, 200);
    (0..60).for_each(|_| stream.say_as(200, "点击 领取 红包", Voice(u64::MAX)));
    assert_eq!(stream.chatter(200, 201), []);
    (0..6).for_each(|nth| stream.say(201, &format!("点击 领取 红包 第{nth}")));
    assert_eq!(stream.chatter(201, 202).len(), 1);
}

#[test]
fn nothing_is_a_topic_while_everything_is_new() {
    let mut stream = Stream::new();
    (0..20).for_each(|nth| stream.say(0, &format!("小区 停水 第{nth}")));
    assert_eq!(stream.chatter(0, 60), []);
    assert!(stream.topics.is_learning());
    stream.chatter(60, 80);
    assert!(!stream.topics.is_learning());
}

#[test]
fn posts_ahead_wait_for_their_bucket_and_very_late_ones_do_not_count() {
    let mut stream = Stream::new();
    stream.chatter(0, 200);
    (0..6).for_each(|nth| stream.say(201, &format!("小区 停水 第{nth}")));
    (0..6).for_each(|nth| stream.say(20, &format!("桥梁 裂缝 第{nth}")));
    assert_eq!(stream.chatter(200, 201), []);
    let begun = stream.chatter(201, 202);
    assert_eq!(begun.len(), 1);
    let topic = stream.topics.topic(&begun[0]).unwrap();
    assert_eq!(topic.found_at(), Timestamp::from_second(202 * 600).unwrap());
}

#[test]
fn a_checkpoint_goes_on_as_if_the_program_had_not_stopped() {
    let mut stream = Stream::new();
    stream.chatter(0, 200);
    (0..6).for_each(|nth| stream.say(200, &format!("小区 停水 第{nth}")));
    assert_eq!(stream.chatter(200, 201).len(), 1);
    let mut kept = Vec::new();
    stream.topics.write(&mut kept).unwrap();
    let settings = stream.topics.settings.clone();
    let mut back = Topics::read(&mut kept.as_slice(), &settings).unwrap().unwrap();
    assert_eq!(back.topics(), stream.topics.topics());
    assert_eq!((back.newest(), back.open), (stream.topics.newest(), stream.topics.open));
    for (number, bucket, text, voice) in stream.said.iter().filter(|(_, bucket, ..)| *bucket > 164) {
        let words: Vec<&str> = text.split(' ').collect();
        let time = Bucket(*bucket).start();
        back.recall(&Spoken { number: *number, time, voice: *voice, source: "论坛", words: &words });
    }
    let mut other = Stream { topics: back, number: stream.number, said: Vec::new() };
    for stream in [&mut stream, &mut other] {
        (0..6).for_each(|nth| stream.say(202, &format!("桥梁 裂缝 第{nth}")));
        assert_eq!(stream.chatter(201, 203).len(), 1);
    }
    assert_eq!(other.topics.topics(), stream.topics.topics());

    let smaller = Settings { memory: 1 << 20, ..settings.clone() };
    assert!(Topics::read(&mut kept.as_slice(), &smaller).unwrap().is_none());
    assert!(Topics::read(&mut &b"something else\n{}"[..], &settings).unwrap().is_none());
    assert!(Topics::read(&mut &kept[..kept.len() - 1], &settings).is_err());
}
