//! Why a page could not be had, split by what the caller does about it.

use std::fmt;

use jiff::SignedDuration;

use crate::attachment::Attachment;
use crate::guard::Refusal;
use crate::words::Words;

/// Why a page could not be had. [`FetchError::words`] says what was asked, what happened and what to do.
#[derive(Clone, Debug, PartialEq)]
pub enum FetchError {
    /// The site asked for a pause: come back later.
    Throttled {
        /// What was asked.
        url: String,
        /// How long to wait.
        retry_after: SignedDuration,
        /// What the site said.
        why: Words,
    },
    /// The pause between two requests to this host, its Crawl-delay among them, has not passed and is too
    /// long to be waited for, or the host was asked enough for a day. Nobody's mistake and no failure:
    /// the source is visited later.
    Paced {
        /// What would have been asked.
        url: String,
        /// How long to wait.
        retry_after: SignedDuration,
        /// Which pause.
        why: Words,
    },
    /// The page is gone for good.
    Gone {
        /// What was asked.
        url: String,
    },
    /// robots.txt forbids it.
    Disallowed {
        /// What would have been asked.
        url: String,
        /// In words.
        why: Words,
    },
    /// robots.txt cannot be read. Until it can be that counts as forbidding, and is nobody's refusal.
    Unreadable {
        /// What would have been asked.
        url: String,
        /// Why not.
        why: Words,
    },
    /// The address is not one we ask.
    Blocked {
        /// What would have been asked.
        url: String,
        /// Why not.
        why: Refusal,
    },
    /// The page is larger than the limit.
    TooLarge {
        /// What was asked.
        url: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The site was too slow.
    Timeout {
        /// What was asked.
        url: String,
        /// What took so long.
        stage: Stage,
        /// The limit in seconds.
        seconds: u64,
    },
    /// The page broke off or could not be unpacked.
    Truncated {
        /// What was asked.
        url: String,
        /// What was noticed.
        why: String,
    },
    /// An answer that is neither a page nor a redirect.
    Status {
        /// What was asked.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// A document, a picture, a film.
    NoText {
        /// What was asked.
        url: String,
        /// What came.
        what: Attachment,
    },
    /// No usable answer.
    Other {
        /// What was asked.
        url: String,
        /// What happened and what to do.
        why: Words,
    },
}

/// The part of a request that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Until the connection stood.
    Connecting,
    /// Until the answer's headers were there.
    Headers,
    /// Between two pieces of the body.
    Idle,
    /// All of it.
    Whole,
}

impl std::error::Error for FetchError {}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().en)
    }
}

impl FetchError {
    /// What was asked, what happened and what to do.
    pub fn words(&self) -> Words {
        match self {
            FetchError::Throttled { url, retry_after, why } | FetchError::Paced { url, retry_after, why } => {
                let pause = in_words(*retry_after);
                Words::new(
                    format!("{url} 在 {} 内不再访问（{}）；到时再去", pause.zh, why.zh),
                    format!(
                        "{url} is left alone for {} ({}); it is asked again after that",
                        pause.en, why.en
                    ),
                )
            }
            FetchError::Gone { url } => Words::new(
                format!("{url} 已经永久取消（410）；请找到网站的新地址，写进这个信源"),
                format!(
                    "{url} is gone for good (410); look for the site's new address and put it into the source"
                ),
            ),
            FetchError::Disallowed { url, why } | FetchError::Unreadable { url, why } => {
                Words::new(format!("没有采集 {url}：{}", why.zh), format!("{url} is not fetched: {}", why.en))
            }
            FetchError::Blocked { url, why } => {
                let why = why.words();
                Words::new(format!("没有访问 {url}：{}", why.zh), format!("{url} is not asked: {}", why.en))
            }
            FetchError::TooLarge { url, limit } => Words::new(
                format!(
                    "{url} 解压后超过 {limit} 字节；请网站给一个短些的列表，或者放宽 [fetch] 里的 max_bytes、max_feed_bytes"
                ),
                format!(
                    "{url} is larger than {limit} bytes when unpacked; ask the site for a shorter list, or raise max_bytes or max_feed_bytes in [fetch]"
                ),
            ),
            FetchError::Timeout { url, stage, seconds } => {
                let stage = stage.words();
                Words::new(
                    format!("{url}：{}超过了 {seconds} 秒；请用浏览器看看网站是否正常", stage.zh),
                    format!(
                        "{url}: {} took longer than {seconds} s; see whether the site works in a browser",
                        stage.en
                    ),
                )
            }
            FetchError::Truncated { url, why } => Words::new(
                format!("{url} 没有传完就断了（{why}）；什么也没有采用，会重新采集"),
                format!(
                    "{url} broke off before its end ({why}); nothing of it was taken, it is fetched again"
                ),
            ),
            FetchError::Status { url, status } => {
                let advice = advice(*status);
                Words::new(
                    format!("{url} 返回 {status}{}", advice.zh),
                    format!("{url} answered {status}{}", advice.en),
                )
            }
            FetchError::NoText { url, what } => {
                let what = what.words();
                Words::new(
                    format!("{url} {}；如果这是信源自己的网址，请改成列表或订阅的网址", what.zh),
                    format!(
                        "{url}: {}; if it is the source's own address, put that of a list or feed there",
                        what.en
                    ),
                )
            }
            FetchError::Other { url, why } => {
                Words::new(format!("{url}：{}", why.zh), format!("{url}: {}", why.en))
            }
        }
    }

    /// What happened, without the address and without advice.
    pub(crate) fn in_short(&self) -> Words {
        match self {
            FetchError::Throttled { why, .. }
            | FetchError::Paced { why, .. }
            | FetchError::Disallowed { why, .. }
            | FetchError::Unreadable { why, .. } => why.clone(),
            FetchError::Truncated { why, .. } => Words::same(why.clone()),
            FetchError::Gone { .. } => Words::new("已经取消", "gone"),
            FetchError::Blocked { why, .. } => why.words(),
            FetchError::TooLarge { .. } => Words::new("太大", "too large"),
            FetchError::Timeout { stage, seconds, .. } => {
                let stage = stage.words();
                Words::new(
                    format!("{}超过了 {seconds} 秒", stage.zh),
                    format!("{} took longer than {seconds} s", stage.en),
                )
            }
            FetchError::Status { status, .. } => {
                Words::new(format!("返回 {status}"), format!("it answers {status}"))
            }
            FetchError::NoText { what, .. } => what.words(),
            FetchError::Other { why, .. } => {
                let fact =
                    |text: &str, mark| text.rsplit_once(mark).map_or(text, |(fact, _)| fact).to_owned();
                Words::new(fact(&why.zh, "；"), fact(&why.en, "; "))
            }
        }
    }
}

impl Stage {
    fn words(self) -> Words {
        match self {
            Stage::Connecting => Words::new("连接", "connecting"),
            Stage::Headers => Words::new("等回复开头", "the beginning of the answer"),
            Stage::Idle => Words::new("等下一段内容", "the next piece of the page"),
            Stage::Whole => Words::new("整个回复", "the whole answer"),
        }
    }
}

/// A pause in a unit that is read at a glance, rounded up.
fn in_words(pause: SignedDuration) -> Words {
    let seconds = pause.as_secs().max(0);
    let (unit, zh, en) = match seconds {
        0..600 => (1, "秒", "s"),
        600..7200 => (60, "分钟", "min"),
        _ => (3600, "小时", "h"),
    };
    let count = (seconds + unit - 1) / unit;
    Words::new(format!("{count} {zh}"), format!("{count} {en}"))
}

fn advice(status: u16) -> Words {
    match status {
        401 => Words::new(
            "（要密码）；只采公开网页，请删去这个信源，或者找到它的公开地址",
            " (asks for a password); only public pages are read, so remove the source or find its public address",
        ),
        403 | 451 => Words::new(
            "（拒绝）；请问问网站能否采集，或者删去这个信源",
            " (refused); ask the site whether it may be read, or remove the source",
        ),
        407 => Words::new(
            "（代理要登录）；请在代理的地址里写上账号，或者请管理网络的人放行",
            " (the proxy wants a login); put one into the proxy's address, or ask who runs the network",
        ),
        404 => Words::new(
            "（找不到）；请看看地址是否还对",
            " (not found); see whether the address is still right",
        ),
        500..=599 => {
            Words::new("（网站自己出错）；会再去", " (the site has a fault of its own); it is asked again")
        }
        _ => Words::new(
            "；请用浏览器打开这个地址，看看是什么",
            "; open the address in a browser to see what it is",
        ),
    }
}
