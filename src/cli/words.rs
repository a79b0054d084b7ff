//! The help texts in both languages, laid over the command tree. A test holds that none is missing.

use std::ffi::OsString;

use alerts::message::Language;
use clap::{Arg, ArgAction, Command};

/// Path in the command tree (an argument after a dot), Chinese, English.
const TEXTS: &[(&str, &str, &str)] = &[
    ("guanlan", "观澜：网络关切监测与预警", "Guanlan: hears public concerns early and mails a warning"),
    (
        "guanlan.config",
        "配置文件（默认 /etc/guanlan/guanlan.toml，没有则用内置默认值）",
        "Configuration file (default /etc/guanlan/guanlan.toml; built-in defaults without it)",
    ),
    ("guanlan.data_dir", "数据目录（默认取自配置）", "Data folder (default: from the configuration)"),
    ("guanlan.lang", "界面语言：zh 或 en", "Language: zh or en"),
    ("guanlan.json", "输出 JSON，供程序读取", "Print JSON for programs"),
    ("guanlan.quiet", "少说一些", "Say less"),
    ("guanlan.verbose", "多说一些", "Say more"),
    (
        "guanlan demo",
        "用内置样例演示，不联网、不发邮件",
        "Demonstration with bundled data: no network, no mail sent",
    ),
    (
        "guanlan demo.real",
        "回放两个热榜的真实公开标题（2020年12月至2021年2月）",
        "Replay real public titles of two hot lists (Dec 2020 to Feb 2021)",
    ),
    ("guanlan demo.no_serve", "写完文件就结束，不开网页", "End after writing the files; serve no page"),
    (
        "guanlan demo.cases",
        "把两件真实的事从头到尾写成 Markdown（docs/cases.md）",
        "Write two real cases end to end as Markdown (docs/cases.md)",
    ),
    ("guanlan demo.dir", "演示文件写到哪里", "Where the demonstration writes its files"),
    (
        "guanlan demo.listen",
        "网页地址；端口被占用时换下一个",
        "Address of the page; the next free port if taken",
    ),
    (
        "guanlan drill",
        "演练：值班人员收到标着【演练】的邮件，照真的处置，结束时报告每一步用了多久",
        "Drill: people on duty get mails marked [DRILL] and act; in the end it tells how long each step took",
    ),
    (
        "guanlan drill.scenario",
        "data、returnees、water、school，或自己的脚本文件",
        "data, returnees, water, school, or a scenario file of your own",
    ),
    (
        "guanlan drill.dir",
        "演练数据写到哪里，和正式数据分开",
        "Where the drill keeps its data, apart from the real ones",
    ),
    (
        "guanlan drill.listen",
        "演练网页的地址和端口（默认正式端口加一）",
        "Address of the drill's pages (default: the real port plus one)",
    ),
    (
        "guanlan drill.link",
        "邮件里链接的前缀（默认按 [web] public_url 换端口）",
        "Prefix of links in mails (default: [web] public_url with the drill's port)",
    ),
    (
        "guanlan drill.clock",
        "演练用的时钟：从何时起、快多少倍，如 2026-11-24T10:00:00+08:00x600",
        "A rehearsal's clock: start and speed, e.g. 2026-11-24T10:00:00+08:00x600",
    ),
    ("guanlan drill.lasts", "最多多久", "How long at most"),
    ("guanlan status", "现在的情况：关切、信源、邮件", "How things stand: concerns, sources, mail"),
    ("guanlan search", "搜索帖文", "Search the collected posts"),
    (
        "guanlan search.query",
        "检索词：空格=且，|=或，-=不含，\"…\"=连在一起；信源: 关切: 时间:",
        "Query: space = all, | = any, - = not, \"…\" = adjacent; source: concern: time:",
    ),
    ("guanlan search.since", "只看最近多久，如 48h、7d", "Only the last 48h, 7d …"),
    (
        "guanlan search.from",
        "从何时起，如 2021-01-20 或 '2021-01-20 16:00'",
        "From, e.g. 2021-01-20 or '2021-01-20 16:00'",
    ),
    ("guanlan search.to", "到何时止（不含）", "Until (exclusive)"),
    ("guanlan search.source", "只看某个信源", "Only this source"),
    ("guanlan search.limit", "最多列出几组", "How many groups to list"),
    (
        "guanlan search.sort",
        "排序：time 时间、relevance 相关、copies 相似帖数",
        "Order: time, relevance, copies",
    ),
    (
        "guanlan search.csv",
        "输出 CSV（UTF-8 带 BOM，Excel 可直接打开）",
        "Print CSV (UTF-8 with BOM, opens in Excel)",
    ),
    ("guanlan alert", "查看、认领、登记回应、静默、关闭预警", "See, acknowledge, answer, mute, close alerts"),
    ("guanlan alert list", "列出预警", "List alerts"),
    ("guanlan alert list.all", "连已关闭的一起列出", "Closed ones too"),
    ("guanlan alert show", "一条预警的全部经过", "The whole story of one alert"),
    ("guanlan alert ack", "认领", "Acknowledge"),
    ("guanlan alert respond", "登记回应", "Record the published answer"),
    (
        "guanlan alert withdraw",
        "撤回登记错的回应，计时继续",
        "Withdraw an answer recorded by mistake: the clock runs again",
    ),
    (
        "guanlan alert mute",
        "静默（最长三天，不影响升级提醒）",
        "Mute (three days at most; a higher level is still mailed)",
    ),
    (
        "guanlan alert feedback",
        "反馈这次预警有没有用，供 guanlan tune 和回放参考",
        "Say what an alert was worth, for guanlan tune and backtests",
    ),
    (
        "guanlan alert.worth",
        "useful 有用、known 已知、noise 噪声",
        "useful; known: right, but known already; noise",
    ),
    ("guanlan alert close", "关闭", "Close"),
    ("guanlan alert false-alarm", "标为误报并关闭", "Mark as a false alarm and close"),
    ("guanlan alert note", "添加备注", "Add a note"),
    ("guanlan alert.id", "预警编号，如 20261124-03", "Number of the alert, e.g. 20261124-03"),
    ("guanlan alert.by", "以哪个岗位的名义，如 值班室", "Post held, e.g. 值班室"),
    ("guanlan alert.url", "回应的网址", "Address of the answer"),
    (
        "guanlan alert.spoken",
        "口头或线下回应，没有网址",
        "Given by word of mouth or on paper: it has no address",
    ),
    (
        "guanlan alert.statement",
        "从找到的官方信息里选第几条；不写序号就列出来",
        "Number of a statement found; without a number they are listed",
    ),
    ("guanlan alert.at", "回应发布的时间（默认现在）", "When it was published (default: now)"),
    ("guanlan alert.reason", "原因", "Reason"),
    ("guanlan alert.for", "静默多久，如 2h（最长 72h）", "How long, e.g. 2h (72h at most)"),
    ("guanlan alert.text", "备注内容", "Text of the note"),
    ("guanlan digest", "生成或补发日报", "Write or send the daily digest"),
    (
        "guanlan digest.date",
        "日报日期，如 2026-11-24（统计到当天的日界）",
        "Date of the digest, e.g. 2026-11-24 (covers up to that day's boundary)",
    ),
    (
        "guanlan digest.send",
        "发给 [digest] 里的收件组（每址每日只发一次）",
        "Mail it to the groups in [digest] (once per address and day)",
    ),
    ("guanlan digest.out", "写成文件：.html、.txt 或 .docx", "Write it to a file: .html, .txt or .docx"),
    (
        "guanlan digest.weekly",
        "周报：到这一天为止的七天",
        "The weekly digest: the seven days up to that date",
    ),
    ("guanlan report", "一项关切的专报：最近七天", "Special report on one concern: the last seven days"),
    ("guanlan report.concern", "关切的名称或编号", "Name or id of the concern"),
    ("guanlan report.date", "统计到哪一天（默认今天）", "Up to which day (default: today)"),
    ("guanlan report.docx", "写成 .docx，公文版式", "Write it as .docx, in the layout of official papers"),
    ("guanlan report.html", "写成 .html", "Write it as .html"),
    ("guanlan init", "生成配置文件", "Write the configuration files"),
    ("guanlan init.dir", "写到哪个目录", "Into which folder"),
    ("guanlan init.org", "单位名称，如 青岚市", "Name of the organisation"),
    (
        "guanlan check",
        "检查配置，指出错在第几行、怎么改",
        "Check the configuration: which line is wrong and how to mend it",
    ),
    (
        "guanlan check.fix",
        "自动改正能改的（全角标点、GBK 编码），原文件留 .bak",
        "Mend what can be mended (full-width punctuation, GBK); keeps a .bak",
    ),
    ("guanlan source", "查看、试采信源", "See and try sources"),
    (
        "guanlan source list",
        "列出信源：状态、上次成功、平时和近一天的帖数、出错原因",
        "List the sources: state, last success, usual and latest volume, errors",
    ),
    ("guanlan source test", "采一次，显示前三条，不保存", "Fetch once, show three items, store nothing"),
    ("guanlan source test.name", "信源的 id 或名称", "Id or name of the source"),
    (
        "guanlan source pause",
        "暂停一个信源：不采集、不告警，统计里算缺口",
        "Let a source rest: not read, not reported, its time counts as a gap",
    ),
    ("guanlan source pause.name", "信源的 id 或名称", "Id or name of the source"),
    (
        "guanlan source pause.duration",
        "暂停多久，如 2h（不写则到恢复为止）",
        "How long, e.g. 2h (without it until it is resumed)",
    ),
    (
        "guanlan source pause.until",
        "暂停到何时，如 2026-11-24T18:00:00+08:00",
        "Until when, e.g. 2026-11-24T18:00:00+08:00",
    ),
    ("guanlan source pause.reason", "原因", "Reason"),
    ("guanlan source resume", "恢复一个暂停的信源", "End a source's rest"),
    ("guanlan source resume.name", "信源的 id 或名称", "Id or name of the source"),
    ("guanlan mail", "试发邮件、登记退信", "Try the mail, note mails that came back"),
    ("guanlan mail test", "逐步检查并发一封测试邮件", "Check step by step and send a test mail"),
    ("guanlan mail test.address", "收件地址", "Recipient"),
    (
        "guanlan mail bounced",
        "登记一封退信：页面和平安报会说明没有送到",
        "Note a mail that came back, for the pages and the heartbeat",
    ),
    (
        "guanlan mail bounced.file",
        "退信原文（.eml）；不写则从标准输入读",
        "The report as it came (.eml); standard input if left out",
    ),
    (
        "guanlan import",
        "导入 JSONL 或 CSV 文件（可压缩），不需要任何配置",
        "Import JSONL or CSV files (compressed too); needs no configuration",
    ),
    ("guanlan import.files", "文件", "Files"),
    ("guanlan import.map", "字段改名，如 --map ts=time", "Rename a field, e.g. --map ts=time"),
    ("guanlan import.source", "文件里没写信源时用这个", "Source id where the file names none"),
    ("guanlan import.group", "信源分组（默认同信源）", "Source group (default: the source)"),
    (
        "guanlan import.publisher",
        "文件里没写发布者时用：individual、media、gov、platform",
        "Publisher where the file names none: individual, media, gov, platform",
    ),
    (
        "guanlan import.heartbeats",
        "何时真正采到过该信源（JSONL），空缺算缺口而不是安静",
        "When the source was really observed (JSONL): holes are gaps, not silence",
    ),
    (
        "guanlan inspect",
        "看程序怎样理解订阅源、网页、日期、网址；不联网，不保存",
        "Show what is understood of a feed, page, date or address; no network, stores nothing",
    ),
    (
        "guanlan inspect.operation",
        "看什么：feed、robots、decode、article、date、url、guard、render（见 docs/inspect.md）",
        "What to look at: feed, robots, decode, article, date, url, guard, render (docs/inspect.md)",
    ),
    (
        "guanlan inspect.request",
        "一个 JSON 请求；不写则从标准输入读",
        "One request in JSON; read from standard input without it",
    ),
    (
        "guanlan inspect.jsonl",
        "每行一个请求，每行一个回答，顺序不变",
        "One request a line in, one answer a line out, in the same order",
    ),
    ("guanlan channel", "试发群机器人和接口", "Try robots in group chats, and webhooks"),
    ("guanlan channel test", "发一条测试消息，说明结果", "Send a test message and say what came of it"),
    (
        "guanlan channel test.channel",
        "guanlan.toml 里 [[channel]] 的 name",
        "Name of the [[channel]] in guanlan.toml",
    ),
    ("guanlan run", "启动采集、分析、邮件和网页", "Start collecting, analysing, mailing and the pages"),
    (
        "guanlan run.clock",
        "演练用的时钟：从何时起、快多少倍，如 2026-11-24T10:00:00+08:00x600",
        "A rehearsal's clock: start and speed, e.g. 2026-11-24T10:00:00+08:00x600",
    ),
    (
        "guanlan backtest",
        "用已有帖文按模拟时间回放，看会怎样预警",
        "Replay stored posts at simulated time and show what would have been alerted",
    ),
    ("guanlan backtest.from", "从哪天起", "First day"),
    ("guanlan backtest.to", "到哪天止（不含）", "Until (exclusive)"),
    ("guanlan backtest.concerns", "用这份关切词表", "Use this concerns file"),
    ("guanlan concern", "关切词表", "Word lists of concerns"),
    (
        "guanlan concern test",
        "看一份词表会对上哪些帖文、会预警几次",
        "What a word list would match, and how often it would have alerted",
    ),
    ("guanlan concern test.name", "关切的名称或 id", "Name or id of the concern"),
    (
        "guanlan concern test.words",
        "改用这份词表：一条一个参数，一条里的几个词用空格隔开",
        "Try this word list instead: one argument for each entry, parts separated by spaces",
    ),
    ("guanlan concern test.not", "排除的词", "Entries that rule a post out"),
    ("guanlan concern test.from", "从哪天起（默认 28 天前）", "First day (default: 28 days ago)"),
    ("guanlan concern test.to", "到哪天止（不含，默认明天）", "Until (exclusive; default: tomorrow)"),
    ("guanlan concern test.samples", "列出几条帖文", "How many posts to show"),
    (
        "guanlan calibrate",
        "重放存下的历史，求出合乎误报数目的阈值",
        "Replay the stored history and find thresholds for the allowed false alarms",
    ),
    ("guanlan calibrate.weeks", "看最近几周", "How many of the last weeks count"),
    (
        "guanlan calibrate.apply",
        "写入数据目录，服务下次启动起生效",
        "Write them to the data folder: in force from the next start of the service",
    ),
    ("guanlan cert", "为网页生成自签名证书", "Make a self-signed certificate for the pages"),
    (
        "guanlan cert.names",
        "打开网页用的域名和地址（默认取自 [web]）",
        "Names and addresses under which the pages are opened (default: from [web])",
    ),
    ("guanlan cert.dir", "写到哪个目录（默认当前目录）", "Into which folder (default: this one)"),
    ("guanlan cert.force", "换掉已有的一对", "Replace the pair that is there"),
    ("guanlan user", "网页账号：按岗位设，不按人", "Accounts of the pages: posts held, never persons"),
    ("guanlan user add", "新建账号", "Add an account"),
    ("guanlan user list", "列出账号", "List the accounts"),
    ("guanlan user remove", "删除账号，它的登录立即失效", "Remove an account; its sessions end at once"),
    (
        "guanlan user password",
        "换密码，原来的登录立即失效",
        "Set another password; sessions with the old one end at once",
    ),
    ("guanlan user role", "调整权限，立即生效", "Give another role, in force at once"),
    ("guanlan user unlock", "多次输错后，让它马上可以再试", "Let it try again at once after wrong passwords"),
    ("guanlan user audit", "操作记录：谁在什么时候做了什么", "Audit log: who did what, and when"),
    ("guanlan user.name", "岗位名称，如 值班室", "Post held, e.g. 值班室"),
    (
        "guanlan user.role",
        "view 查看、duty 值班（处置预警）、admin 管理",
        "view: sees; duty: acts on alerts; admin: changes concerns, reads the audit log",
    ),
    (
        "guanlan user.password_file",
        "从文件读密码（- 是标准输入）；不写就在终端上问",
        "Read the password from a file (- is standard input); asked on the terminal without it",
    ),
    (
        "guanlan user add.no_password",
        "不设密码：由 login = \"header\" 的网关登录",
        "No password: let in by the gateway of login = \"header\"",
    ),
    ("guanlan user token", "给程序新建接口口令，只显示一次", "Make a token for a program; shown once"),
    ("guanlan user token.name", "程序的名称，如 大屏", "What the program is called, e.g. wallboard"),
    (
        "guanlan user token.scope",
        "metrics 只读 /metrics、read 读接口、act 也可处置预警",
        "metrics: /metrics alone; read: the API; act: on alerts, too",
    ),
    ("guanlan user token.days", "多少天后到期", "Ends after so many days"),
    ("guanlan user tokens", "列出接口口令（不含口令本身）", "List the tokens, without themselves"),
    ("guanlan user revoke", "废止一个接口口令，立即生效", "End a token at once"),
    ("guanlan user audit.limit", "最近多少条", "How many of the newest"),
    (
        "guanlan tune",
        "读预警的反馈，提出门槛的改法和预计效果；自己不改任何东西",
        "Read the feedback on alerts and propose thresholds with their expected effect; changes nothing itself",
    ),
    ("guanlan tune.lose", "容许少收几次“有用”的预警", "How many useful alerts may be lost for it"),
    (
        "guanlan backtest.with_topics",
        "连同没有配置过的新话题，与运行时发邮件的相同；只列出的不计入",
        "With topics that nobody configured, as the service mails them; those it only lists are counted apart",
    ),
    (
        "guanlan backtest.posts",
        "不读数据目录，改读这些文件（写法同 guanlan import）",
        "Replay these files (as guanlan import reads them) instead of the data folder",
    ),
    (
        "guanlan backtest.heartbeats",
        "与 --posts 同用：真正去看过信源的时刻，写作 信源=文件",
        "With --posts: when a source was really looked at, as SOURCE=FILE",
    ),
    (
        "guanlan backtest.map",
        "与 --posts 同用：字段换名，如 ts=time",
        "With --posts: read a field under another name, e.g. ts=time",
    ),
    (
        "guanlan backtest.publisher",
        "与 --posts 同用：没有配置的信源是谁在说话",
        "With --posts: who speaks in sources that are not configured",
    ),
    (
        "guanlan backtest.incidents",
        "真实发生过的事件（TOML 或 JSON 行，写法见 docs/detection.md）",
        "What really happened (TOML or JSON lines, see docs/detection.md)",
    ),
    (
        "guanlan backtest.without",
        "不计入的时段，写作 2021-09-23..2021-11-18，可多次",
        "Time that does not count, as 2021-09-23..2021-11-18; may be repeated",
    ),
    (
        "guanlan backtest.rivals",
        "同一计数上再比较常用规则",
        "Compare with the rules people use, on the same counts",
    ),
    ("guanlan backtest.svg", "画成一张图", "Draw one picture"),
    ("guanlan backtest.markdown", "把结果写成 Markdown 表", "Write the outcome as Markdown tables"),
    (
        "guanlan backtest.alerts",
        "把预警逐行写成 JSON（ts、key、titles），供别的程序评分",
        "Write the alerts as JSON lines (ts, key, titles) for other scorers",
    ),
    ("guanlan backtest.out", "把邮件和日报写到这个目录", "Write the mails and digests into this folder"),
    (
        "guanlan backtest.series",
        "不回放帖文，而在这个目录的序列上比较各种方法：按它定阈值（无事件）",
        "Compare methods on the series of this folder instead: thresholds are set on it (no events)",
    ),
    (
        "guanlan backtest.check",
        "另外的无事件序列，可写几个，用逗号隔开：合起来数误报",
        "Other sets without events, several with commas: false alarms are counted on all of them together",
    ),
    (
        "guanlan backtest.events",
        "有事件的序列：量召回和延迟",
        "A set with events: recall and delay are measured on it",
    ),
    (
        "guanlan backtest.budget",
        "每 100 关切·周允许的误报，可写几个，用逗号隔开",
        "False alarms allowed in 100 concern-weeks; several with commas",
    ),
    (
        "guanlan backtest.input",
        "喂什么：raw 到达时的帖数，clean 独立帖数并知道缺口，gated 再加单一来源闸门",
        "What is fed: raw posts by arrival, clean independent posts with known gaps, gated with the gate against single sources",
    ),
    (
        "guanlan backtest.growth",
        "不回放帖文，而用这个文件里真实话题的增长曲线拟合并评估预测（JSON 行，可为 zst）",
        "Fit and judge the forecast on the growth curves of real topics in this file instead (JSON lines, or zst)",
    ),
    (
        "guanlan backtest.train_before",
        "只用这一天之前的话题拟合，其余用来评估",
        "Fit to topics before this day only; judge on the rest",
    ),
    (
        "guanlan backtest.table",
        "把拟合出的增长表写到这个文件",
        "Write the fitted table of growth into this file",
    ),
    (
        "guanlan backtest.life",
        "不回放帖文，而让这个目录里有事件的序列经过检测和预警台，数每个事件发几封邮件",
        "Let the series with events in this folder go through detector and desk instead; count the mails of an event",
    ),
    (
        "guanlan backtest.rarity",
        "不回放帖文，而在这些目录的序列（无事件，用逗号隔开）上数一数多高的得分多少周偶然一次",
        "Count on the series of these folders (no events; several with commas) how seldom chance brings a score instead",
    ),
    (
        "guanlan backtest.others",
        "另外几份无事件的序列：看说的是否属实",
        "Other sets without events: whether what is said holds there",
    ),
    ("guanlan backtest.file", "与 --json 同用：写到这个文件", "With --json: write into this file"),
    (
        "guanlan backtest.stories",
        "用这个目录的真实标题和增长曲线造帖流，比较各种发现新话题的方法",
        "Make streams of posts from the real titles and curves of this folder and compare ways to find new topics",
    ),
    ("guanlan backtest.seed", "帖流的种子，可写几个，用逗号隔开", "Seed of the stream; several with commas"),
    ("guanlan backtest.days", "帖流多少天，前三天只学习", "Days of the stream; three are only learnt"),
    ("guanlan backtest.posts_a_day", "帖流每天多少帖", "Posts a day of the stream"),
    (
        "guanlan backtest.alerts_a_day",
        "每天报几个话题，各方法一样",
        "Topics told a day, the same for every method",
    ),
    (
        "guanlan backtest.memory",
        "本程序的计数用多少内存（MiB）；与 --load 同用可写几个",
        "Memory of our counts, in MiB; several with --load",
    ),
    (
        "guanlan backtest.load",
        "再加每天这么多帖闲谈，量耗时、内存和召回",
        "Put so many posts of chatter a day around it: measures time, memory and recall",
    ),
    (
        "guanlan backtest.words",
        "闲谈每帖几个词，可写几个",
        "Words of each post of chatter; several with commas",
    ),
    ("guanlan topic", "没有人配置过的新话题", "Topics that nobody configured"),
    (
        "guanlan topic list",
        "列出最近一天的新话题，静默的也列",
        "List the topics of the last day, muted ones too",
    ),
    (
        "guanlan topic promote",
        "把一个话题加进关切词表，词表已拟好",
        "Make a concern of a topic, with proposed words",
    ),
    ("guanlan topic promote.id", "话题编号，如 T7K3QM", "Number of the topic, such as T7K3QM"),
    ("guanlan topic promote.print", "只打印，不写文件", "Print it only, write no file"),
    (
        "guanlan topic mute",
        "静默一类话题：照列，不发邮件、不进日报",
        "Mute a class: listed, but neither mailed nor in the digest",
    ),
    ("guanlan topic mute.class", "类别，如 娱乐", "The class, such as entertainment"),
    ("guanlan topic unmute", "恢复一类话题", "End that"),
    ("guanlan topic unmute.class", "类别，如 娱乐", "The class, such as entertainment"),
    (
        "guanlan privacy",
        "列出保存的每一项数据：是什么、为什么、保存多久",
        "Every field that is stored: what, why, for how long",
    ),
    (
        "guanlan doctor",
        "体检：配置、磁盘、时钟、信源、邮件、索引；什么也不改",
        "Examination: configuration, disk, clock, sources, mail, index; changes nothing",
    ),
    ("guanlan reindex", "由帖文库重建搜索索引", "Rebuild the search index from the store of posts"),
];

/// The language to speak before anything is parsed: `--lang`, then the environment, then Chinese.
pub(super) fn spoken(arguments: &[OsString], environment: Option<&str>) -> Language {
    let texts: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let after_flag = texts.iter().position(|text| text == "--lang").and_then(|at| texts.get(at + 1));
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    match after_flag.map(|text| text.as_ref()).or(joined).or(environment) {
        Some("en") => Language::English,
        _ => Language::Chinese,
    }
}

/// What stands before an error.
pub(super) fn error(language: Language) -> &'static str {
    match language {
        Language::Chinese => "错误",
        Language::English => "error",
    }
}

/// Lays the texts of one language over the whole command tree.
pub(super) fn dress(command: Command, language: Language) -> Command {
    dress_one(command, "", language)
}

fn dress_one(command: Command, above: &str, language: Language) -> Command {
    let (template, commands, arguments, options) = match language {
        Language::Chinese => ("{about}\n\n用法：{usage}\n\n{all-args}", "命令", "参数", "选项"),
        Language::English => ("{about}\n\nUsage: {usage}\n\n{all-args}", "Commands", "Arguments", "Options"),
    };
    let path = path(above, command.get_name());
    let about = text(&path, language).unwrap_or_default();
    let command = command.help_template(template).subcommand_help_heading(commands).about(about);
    let command = command.mut_args(|argument| {
        let help = argument_text(&path, argument.get_id().as_str(), language).unwrap_or_default();
        let heading = if argument.is_positional() { arguments } else { options };
        let argument = argument.help_heading(heading);
        let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
        // The parser would list them with English words; the texts name them where they matter.
        let argument = if takes_value { argument.hide_possible_values(true) } else { argument };
        argument.help(help)
    });
    let (help, version) = match language {
        Language::Chinese => ("显示帮助", "显示版本"),
        Language::English => ("Show this help", "Show the version"),
    };
    // The parser's own two options speak English only, so ours take their place.
    let ask = |id: &'static str, short, action, text| {
        Arg::new(id).short(short).long(id).action(action).help(text).help_heading(options)
    };
    let command = command.disable_help_flag(true).arg(ask("help", 'h', ArgAction::Help, help));
    let command = if above.is_empty() {
        command.disable_version_flag(true).arg(ask("version", 'V', ArgAction::Version, version))
    } else {
        command
    };
    let names: Vec<String> = command.get_subcommands().map(|child| child.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |child| dress_one(child, &path, language))
    })
}

fn path(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above} {name}") }
}

/// Options of a family (`alert ack`, `alert mute` …) and global ones are described once, at the top.
fn argument_text(path: &str, id: &str, language: Language) -> Option<&'static str> {
    let mut place = path;
    loop {
        if let Some(found) = text(&format!("{place}.{id}"), language) {
            return Some(found);
        }
        place = place.rsplit_once(' ')?.0;
    }
}

fn text(path: &str, language: Language) -> Option<&'static str> {
    let (_, chinese, english) = TEXTS.iter().find(|(key, _, _)| *key == path)?;
    Some(match language {
        Language::Chinese => chinese,
        Language::English => english,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn missing(command: &Command, above: &str, found: &mut Vec<String>) {
        let path = path(above, command.get_name());
        if text(&path, Language::Chinese).is_none() {
            found.push(path.clone());
        }
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            if argument_text(&path, id, Language::English).is_none() && !["help", "version"].contains(&id) {
                found.push(format!("{path}.{id}"));
            }
        }
        command.get_subcommands().for_each(|child| missing(child, &path, found));
    }

    #[test]
    fn every_command_and_option_has_a_text_in_both_languages() {
        let mut found = Vec::new();
        missing(&super::super::Cli::command(), "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn the_dressed_commands_hold_together_in_both_languages() {
        for language in [Language::Chinese, Language::English] {
            dress(super::super::Cli::command(), language).debug_assert();
        }
    }

    #[test]
    fn the_language_is_known_before_parsing() {
        let arguments = |texts: &[&str]| texts.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(spoken(&arguments(&["guanlan", "--lang", "en", "demo"]), None), Language::English);
        assert_eq!(spoken(&arguments(&["guanlan", "--lang=en"]), None), Language::English);
        assert_eq!(spoken(&arguments(&["guanlan"]), Some("en")), Language::English);
        assert_eq!(spoken(&arguments(&["guanlan", "--lang", "zh"]), Some("en")), Language::Chinese);
    }
}
