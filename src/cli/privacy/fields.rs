//! The list behind `guanlan privacy`: file by file, table by table.

/// For how long something is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Term {
    /// As long as posts.
    Posts,
    /// As long as what quotes posts.
    Texts,
    /// As long as counts.
    Counts,
    /// As long as alerts.
    Alerts,
    /// While its source is read.
    Source,
    /// As long as the audit log.
    Audit,
    /// While somebody is logged in.
    Session,
    /// As long as the account.
    Account,
    /// A day.
    Day,
    /// As long as the data folder.
    Folder,
}

/// One stored field; texts are Chinese, English.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) file: &'static str,
    pub(super) table: &'static str,
    pub(super) name: &'static str,
    pub(super) what: (&'static str, &'static str),
    pub(super) why: (&'static str, &'static str),
    pub(super) term: Term,
}

type Text = (&'static str, &'static str);

const fn field(
    (file, table, name): (&'static str, &'static str, &'static str),
    what: Text,
    why: Text,
    term: Term,
) -> Field {
    Field { file, table, name, what, why, term }
}

const POSTS: &str = "posts.db";
const COUNTS: &str = "counts.db";
const ALERTS: &str = "alerts.db";
const INDEX: &str = "index/";

const ORDER: Text = ("记录的先后", "to keep the order");
const COUNTING: Text = ("按信源统计、显示", "to count and show by source");
const ONCE: Text =
    ("同一帖只存一次，修改另存一版", "so that a post is stored once and an edit as a revision");
const FOLDING: Text = ("转发、抄录的算同一个声音", "so that copies count as one voice");
const SEARCH: Text = ("搜索和按关切统计", "to search and to count by concern");
const EVIDENCE: Text = ("预警要给出依据", "so that an alert shows its evidence");
const MAILING: Text =
    ("每封邮件送到一次，出错能查", "so that each mail arrives once and a failure can be traced");
const STORY: Text =
    ("经过可查：何时发现、告知、认领、回应", "the story of an alert: found, told, taken, answered");
const ENTRY: Text = ("只让有账号的岗位看到网页", "so that only posts with an account see the pages");
const DEEDS: Text = ("处置和账号变动可查", "so that what was done can be traced");
const REPEATED: Text =
    ("程序没收到答复会重发，同一请求只做一次", "so that a request sent again is done once");
const KEPT: Text = ("全单位共用，不记是谁保存的", "shared by the office; who kept it is not written down");
const GAPS: Text = ("分清没有帖文和没有采到", "to tell silence from a gap");

/// Everything that is stored.
pub(super) const FIELDS: &[Field] = &[
    field((POSTS, "origins", "origin"), ("来源编号", "number of an origin"), ORDER, Term::Folder),
    field((POSTS, "origins", "source"), ("信源 id", "id of the source"), COUNTING, Term::Folder),
    field((POSTS, "origins", "name"), ("信源分组", "group of the source"), COUNTING, Term::Folder),
    field(
        (POSTS, "origins", "publisher"),
        ("谁在说：个人、媒体、政府、平台", "who speaks: individual, media, gov, platform"),
        ("个人帖文只摘录、不给链接", "individuals are quoted in part and never linked"),
        Term::Folder,
    ),
    field((POSTS, "posts", "sequence"), ("流水号", "running number"), ORDER, Term::Posts),
    field(
        (POSTS, "posts", "id"),
        (
            "帖文标识：网址或编号的摘要；个人帖文用本机密钥，推不出网址",
            "identity: a hash of address or guid; an individual's is keyed, so that no address can be tested against it",
        ),
        ONCE,
        Term::Posts,
    ),
    field((POSTS, "posts", "revision"), ("第几版", "number of the edit"), ONCE, Term::Posts),
    field((POSTS, "posts", "voice"), ("相似帖分组", "near-duplicate group"), FOLDING, Term::Posts),
    field((POSTS, "posts", "origin"), ("来源编号", "number of its origin"), COUNTING, Term::Posts),
    field((POSTS, "posts", "time"), ("发布时间", "publication time"), COUNTING, Term::Posts),
    field(
        (POSTS, "posts", "first_seen"),
        ("首次采到的时间", "when it was first seen"),
        ("到期删除由此算起", "deletion is counted from it"),
        Term::Posts,
    ),
    field((POSTS, "posts", "title"), ("标题，已遮盖个人信息", "title, masked"), SEARCH, Term::Posts),
    field((POSTS, "posts", "text"), ("正文，已遮盖个人信息", "text, masked"), SEARCH, Term::Posts),
    field(
        (POSTS, "posts", "address"),
        ("网址；个人帖文为空", "address; empty for individuals"),
        ("给出原文链接", "to link the original"),
        Term::Posts,
    ),
    field((POSTS, "posts", "rank"), ("热榜名次", "place on a hot list"), COUNTING, Term::Posts),
    field((POSTS, "posts", "heat"), ("热榜热度", "heat on a hot list"), COUNTING, Term::Posts),
    field(
        (POSTS, "posts", "claimed"),
        ("自称的发布时间，只在它晚于采集时", "the publication time it claimed, where that was still to come"),
        ("核对信源的时间", "to check the source's clock"),
        Term::Posts,
    ),
    field((POSTS, "cursors", "source"), ("信源 id", "id of the source"), ONCE, Term::Source),
    field(
        (POSTS, "cursors", "value"),
        (
            "采到哪里：缓存标记、页面上各帖的摘要、文件位置、健康状况",
            "where reading goes on: cache marks, hashes of the page's posts, places in files, health",
        ),
        ONCE,
        Term::Source,
    ),
    field((POSTS, "observations", "at"), ("采集的时刻", "when a source was visited"), GAPS, Term::Counts),
    field((POSTS, "observations", "source"), ("信源 id", "id of the source"), GAPS, Term::Counts),
    field((POSTS, "observations", "ok"), ("是否采到", "whether it answered"), GAPS, Term::Counts),
    field(
        (POSTS, "pauses", "source"),
        ("暂停的信源", "a paused source"),
        ("重启后仍暂停", "so that a restart changes nothing"),
        Term::Folder,
    ),
    field(
        (POSTS, "pauses", "since"),
        ("何时暂停", "since when"),
        ("说明缺口", "to explain the gap"),
        Term::Folder,
    ),
    field((POSTS, "pauses", "until"), ("暂停到何时", "until when"), ("到时恢复", "to end it"), Term::Folder),
    field(
        (POSTS, "pauses", "reason"),
        ("管理员写的原因", "the administrator's reason"),
        ("说明缺口", "to explain the gap"),
        Term::Folder,
    ),
    field(
        (POSTS, "category_counts", "source"),
        ("报来计数的信源 id", "id of the source that counts"),
        COUNTING,
        Term::Counts,
    ),
    field(
        (POSTS, "category_counts", "category"),
        ("热线的类别", "the hotline's category"),
        COUNTING,
        Term::Counts,
    ),
    field((POSTS, "category_counts", "from"), ("从何时起", "from when"), COUNTING, Term::Counts),
    field((POSTS, "category_counts", "to"), ("到何时止", "until when"), COUNTING, Term::Counts),
    field((POSTS, "category_counts", "calls"), ("来电数", "number of calls"), COUNTING, Term::Counts),
    field((COUNTS, "counts", "concern"), ("关切", "concern"), COUNTING, Term::Counts),
    field((COUNTS, "counts", "bucket"), ("哪十分钟", "which ten minutes"), COUNTING, Term::Counts),
    field((COUNTS, "counts", "posts"), ("帖数", "number of posts"), COUNTING, Term::Counts),
    field((COUNTS, "counts", "voices"), ("声音数", "number of voices"), FOLDING, Term::Counts),
    field((COUNTS, "counts", "sources"), ("各信源帖数", "posts by source"), COUNTING, Term::Counts),
    field((ALERTS, "journal", "sequence"), ("流水号", "running number"), ORDER, Term::Alerts),
    field((ALERTS, "journal", "alert"), ("预警编号", "number of the alert"), STORY, Term::Alerts),
    field((ALERTS, "journal", "time"), ("何时", "when"), STORY, Term::Alerts),
    field(
        (ALERTS, "journal", "event"),
        (
            "发生了什么：编号、级别、岗位、备注；没有帖文",
            "what happened: numbers, levels, posts held, notes; no post's text",
        ),
        STORY,
        Term::Alerts,
    ),
    field((ALERTS, "watch", "alert"), ("预警编号", "number of the alert"), STORY, Term::Alerts),
    field((ALERTS, "watch", "watch"), ("升降级的等待", "what it waits for"), STORY, Term::Alerts),
    field((ALERTS, "effect", "alert"), ("预警编号", "number of the alert"), STORY, Term::Alerts),
    field(
        (ALERTS, "effect", "answered"),
        ("回应的发布时间", "when the answer was published"),
        STORY,
        Term::Alerts,
    ),
    field(
        (ALERTS, "effect", "effect"),
        ("回应前后的数字", "the numbers before and after the answer"),
        STORY,
        Term::Alerts,
    ),
    field((ALERTS, "taken", "one"), ("只有一行", "the only row"), ORDER, Term::Folder),
    field((ALERTS, "taken", "at"), ("判断到哪一刻", "up to when counts were judged"), STORY, Term::Folder),
    field((ALERTS, "evidence", "alert"), ("预警编号", "number of the alert"), EVIDENCE, Term::Texts),
    field((ALERTS, "evidence", "sequence"), ("对应的记录", "its journal line"), EVIDENCE, Term::Texts),
    field((ALERTS, "evidence", "signal"), ("当时的数字", "the numbers of the moment"), EVIDENCE, Term::Texts),
    field(
        (ALERTS, "evidence", "explanation"),
        ("依据：摘录、用词、信源", "evidence: excerpts, words, sources"),
        EVIDENCE,
        Term::Texts,
    ),
    field((ALERTS, "evidence", "expires"), ("何时删除", "when it is deleted"), EVIDENCE, Term::Texts),
    field((ALERTS, "content", "id"), ("邮件内容编号", "number of a mail's content"), MAILING, Term::Texts),
    field((ALERTS, "content", "subject"), ("邮件标题", "subject"), MAILING, Term::Texts),
    field((ALERTS, "content", "body"), ("邮件正文，含摘录", "text with its excerpts"), MAILING, Term::Texts),
    field((ALERTS, "content", "chart"), ("邮件里的图", "picture"), MAILING, Term::Texts),
    field((ALERTS, "content", "expires"), ("何时删除", "when it is deleted"), MAILING, Term::Texts),
    field((ALERTS, "outbox", "id"), ("流水号", "running number"), ORDER, Term::Alerts),
    field(
        (ALERTS, "outbox", "message"),
        ("邮件标识（地址只留摘要）", "Message-ID (an address only as a hash)"),
        MAILING,
        Term::Alerts,
    ),
    field(
        (ALERTS, "outbox", "thread"),
        ("属于哪个预警、日报或告知", "alert, digest or notice it belongs to"),
        MAILING,
        Term::Alerts,
    ),
    field((ALERTS, "outbox", "alert"), ("预警编号", "number of the alert"), MAILING, Term::Alerts),
    field((ALERTS, "outbox", "file"), ("文件名", "name of its file"), MAILING, Term::Alerts),
    field((ALERTS, "outbox", "copy"), ("第几份", "number of the copy"), MAILING, Term::Alerts),
    field(
        (ALERTS, "outbox", "recipient"),
        ("收件人地址，来自 [people]", "recipient, from [people]"),
        MAILING,
        Term::Alerts,
    ),
    field((ALERTS, "outbox", "for_group"), ("收件组", "group of the recipient"), MAILING, Term::Alerts),
    field((ALERTS, "outbox", "content"), ("邮件内容编号", "number of its content"), MAILING, Term::Alerts),
    field((ALERTS, "outbox", "queued"), ("何时写好", "when it was written"), MAILING, Term::Alerts),
    field((ALERTS, "outbox", "state"), ("送达与否", "whether it was delivered"), MAILING, Term::Alerts),
    field((ALERTS, "outbox", "attempts"), ("试了几次", "number of tries"), MAILING, Term::Alerts),
    field((ALERTS, "outbox", "next_try"), ("下次何时试", "next try"), MAILING, Term::Alerts),
    field(
        (ALERTS, "outbox", "server_down"),
        ("是否在等服务器", "whether it waits for the server"),
        MAILING,
        Term::Alerts,
    ),
    field((ALERTS, "outbox", "problem"), ("服务器的答复", "what the server said"), MAILING, Term::Alerts),
    field(
        (ALERTS, "outbox", "channel"),
        ("群机器人或接口的名称，邮件为空", "name of the channel; empty for mails"),
        MAILING,
        Term::Alerts,
    ),
    field((ALERTS, "attempt", "mail"), ("邮件编号", "number of the mail"), MAILING, Term::Alerts),
    field((ALERTS, "attempt", "time"), ("何时试送", "when it was tried"), MAILING, Term::Alerts),
    field((ALERTS, "attempt", "result"), ("结果", "what became of it"), MAILING, Term::Alerts),
    field((ALERTS, "attempt", "said"), ("对方的答复", "what the other side said"), MAILING, Term::Alerts),
    field(
        (ALERTS, "digests_sent", "address"),
        ("收过日报的地址", "address that had a digest"),
        MAILING,
        Term::Alerts,
    ),
    field((ALERTS, "digests_sent", "day"), ("哪天的日报", "of which day"), MAILING, Term::Alerts),
    field((ALERTS, "issue", "series"), ("日报还是周报", "daily or weekly"), MAILING, Term::Folder),
    field((ALERTS, "issue", "day"), ("哪天的一期", "of which day"), MAILING, Term::Folder),
    field((ALERTS, "issue", "number"), ("总第几期", "number of the digest"), MAILING, Term::Folder),
    field(
        (ALERTS, "answered", "caller"),
        ("哪个岗位或口令发的请求", "post or token that sent a request"),
        REPEATED,
        Term::Day,
    ),
    field((ALERTS, "answered", "key"), ("请求的标识", "key of the request"), REPEATED, Term::Day),
    field((ALERTS, "answered", "request"), ("请求内容的摘要", "digest of the request"), REPEATED, Term::Day),
    field((ALERTS, "answered", "answer"), ("当时的答复", "what was answered"), REPEATED, Term::Day),
    field((ALERTS, "answered", "time"), ("何时答复", "when it was answered"), REPEATED, Term::Day),
    field(
        (ALERTS, "saved_search", "name"),
        ("保存的搜索的名称", "name of a search kept"),
        KEPT,
        Term::Folder,
    ),
    field((ALERTS, "saved_search", "address"), ("搜索词和筛选", "its words and filters"), KEPT, Term::Folder),
    field((ALERTS, "saved_search", "saved"), ("保存的时刻", "when it was kept"), KEPT, Term::Folder),
    field((ALERTS, "notices_sent", "kind"), ("哪种告知", "kind of notice"), MAILING, Term::Folder),
    field((ALERTS, "notices_sent", "key"), ("信源和时刻", "source and moment"), MAILING, Term::Folder),
    field((ALERTS, "account", "name"), ("岗位名称，不是人名", "post held, no person"), ENTRY, Term::Account),
    field((ALERTS, "account", "role"), ("权限", "role"), ENTRY, Term::Account),
    field(
        (ALERTS, "account", "password"),
        ("密码的 argon2id 摘要", "argon2id of the password"),
        ENTRY,
        Term::Account,
    ),
    field((ALERTS, "account", "made"), ("何时新建", "when it was made"), ENTRY, Term::Account),
    field(
        (ALERTS, "account", "password_set"),
        ("何时设的密码", "when its password was set"),
        ENTRY,
        Term::Account,
    ),
    field(
        (ALERTS, "session", "hash"),
        ("登录标记的摘要", "hash of what the browser holds"),
        ENTRY,
        Term::Session,
    ),
    field((ALERTS, "session", "account"), ("哪个岗位", "whose"), ENTRY, Term::Session),
    field((ALERTS, "session", "began"), ("何时登录", "when it began"), ENTRY, Term::Session),
    field((ALERTS, "session", "seen"), ("最近何时用过", "when it was last used"), ENTRY, Term::Session),
    field(
        (ALERTS, "session", "role"),
        ("统一登录给的权限", "the role that the provider gave"),
        ENTRY,
        Term::Session,
    ),
    field(
        (ALERTS, "session", "rules"),
        ("按哪一版 [web.oidc]", "by which version of [web.oidc]"),
        ENTRY,
        Term::Session,
    ),
    field((ALERTS, "token", "name"), ("程序的名称", "what the program is called"), ENTRY, Term::Account),
    field((ALERTS, "token", "scope"), ("口令的用途", "what it is good for"), ENTRY, Term::Account),
    field((ALERTS, "token", "hash"), ("口令的摘要", "hash of the token"), ENTRY, Term::Account),
    field((ALERTS, "token", "made"), ("何时新建", "when it was made"), ENTRY, Term::Account),
    field((ALERTS, "token", "expires"), ("何时到期", "when it ends"), ENTRY, Term::Account),
    field((ALERTS, "audit", "id"), ("流水号", "running number"), ORDER, Term::Audit),
    field((ALERTS, "audit", "time"), ("何时", "when"), DEEDS, Term::Audit),
    field((ALERTS, "audit", "post"), ("哪个岗位；不记地址", "post held; no address"), DEEDS, Term::Audit),
    field((ALERTS, "audit", "deed"), ("做了什么", "what was done"), DEEDS, Term::Audit),
    field(
        (ALERTS, "audit", "subject"),
        (
            "预警、话题或信源的编号，账号，话题类别，配置版本",
            "number of an alert, topic or source, an account, a class of topics, a version of the settings",
        ),
        DEEDS,
        Term::Audit,
    ),
    field((INDEX, "", "id"), ("帖文标识", "identity of the post"), SEARCH, Term::Posts),
    field((INDEX, "", "sequence"), ("流水号", "running number"), SEARCH, Term::Posts),
    field((INDEX, "", "revision"), ("第几版", "number of the edit"), SEARCH, Term::Posts),
    field((INDEX, "", "time"), ("发布时间", "publication time"), SEARCH, Term::Posts),
    field((INDEX, "", "first_seen"), ("首次采到的时间", "when it was first seen"), SEARCH, Term::Posts),
    field((INDEX, "", "source"), ("信源 id", "id of the source"), SEARCH, Term::Posts),
    field((INDEX, "", "group"), ("信源分组", "group of the source"), SEARCH, Term::Posts),
    field((INDEX, "", "publisher"), ("谁在说", "who speaks"), SEARCH, Term::Posts),
    field((INDEX, "", "voice"), ("相似帖分组", "near-duplicate group"), SEARCH, Term::Posts),
    field((INDEX, "", "title_words"), ("标题里的词", "words of the title"), SEARCH, Term::Posts),
    field((INDEX, "", "text_words"), ("正文里的词", "words of the text"), SEARCH, Term::Posts),
    field(
        (INDEX, "", "title_grams"),
        ("标题里相邻的两字", "pairs of characters of the title"),
        SEARCH,
        Term::Posts,
    ),
    field(
        (INDEX, "", "text_grams"),
        ("正文里相邻的两字", "pairs of characters of the text"),
        SEARCH,
        Term::Posts,
    ),
    field(
        ("outbox/", "", "*.eml *.html *.png"),
        ("transport = \"file\" 时写成文件的邮件", "mails written as files with transport = \"file\""),
        MAILING,
        Term::Texts,
    ),
    field(
        ("topics.snapshot", "", "words, pairs, posts"),
        (
            "近来突然常见的词和词对、话题的词和帖文流水号",
            "words and pairs that suddenly became frequent, topics by their words and the numbers of their posts",
        ),
        ("发现没人设过的话题，重启后接着数", "to find topics nobody configured, also after a restart"),
        Term::Posts,
    ),
    field(
        ("topics.muted", "", "class"),
        ("静默的话题类别", "muted classes of topics"),
        ("不打扰人", "to disturb nobody with them"),
        Term::Folder,
    ),
    field(
        ("thresholds.json", "", "thresholds"),
        ("校准得出的阈值，不含帖文", "thresholds found by calibration, nothing of posts"),
        ("误报不超过设定的数目", "to keep to the allowed false alarms"),
        Term::Folder,
    ),
    field(
        ("key", "", "32 bytes"),
        ("给个人帖文网址做摘要的密钥", "the key under which addresses of individuals' posts are hashed"),
        ONCE,
        Term::Folder,
    ),
    field(
        ("lock", "", "pid"),
        ("正在使用目录的进程号", "number of the process that holds the folder"),
        ("同时只有一个程序写", "so that only one program writes"),
        Term::Folder,
    ),
];
