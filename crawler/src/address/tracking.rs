//! Query parameters that say where a reader came from, not what is read. A wrong merge of two pages is
//! worse than a missed one: what may select a page anywhere is dropped on the sites alone that share with it.

/// Dropped wherever they stand, whatever their value: names that one system of tracking has for itself.
const NAMES: &[&str] = &[
    "__twitter_impression",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "at_campaign",
    "at_medium",
    "bd_vid",
    "bsh_bid",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "hmci",
    "hmcu",
    "hmkw",
    "hmmd",
    "hmpl",
    "hmsr",
    "igshid",
    "isappinstalled",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "nsukey",
    "qz_gdt",
    "sharer_shareid",
    "sharer_shareinfo",
    "sharer_shareinfo_first",
    "sharer_sharetime",
    "spm",
    "spm_id_from",
    "tdsourcetag",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "wt_mc",
    "xtor",
    "yclid",
    "ysclid",
    // Sessions; they begin anew with each visitor.
    "phpsessid",
    "jsessionid",
    "zenid",
    "oscsid",
];

/// Dropped by their beginning.
const BEGINNINGS: &[&str] = &["utm_", "aspsessionid"];

/// Matomo's: one of these words in front, one behind. `pk_id` is somebody's primary key.
const MATOMO: (&[&str], &[&str]) = (
    &["pk_", "mtm_", "piwik_", "matomo_"],
    &["campaign", "cid", "content", "group", "keyword", "kwd", "medium", "placement", "source"],
);

/// Sites, under whatever host of theirs, with the names that only share a page there.
const SITES: &[(&str, &[&str])] = &[
    ("163.com", &["clickfrom", "referfrom", "spss", "spssid", "spsw"]),
    ("baidu.com", &["bdshare", "wfr"]),
    (
        "bilibili.com",
        &[
            "from_source",
            "from_spmid",
            "share_from",
            "share_medium",
            "share_plat",
            "share_session_id",
            "share_source",
            "share_tag",
            "share_times",
            "unique_k",
            "vd_source",
        ],
    ),
    ("douban.com", &["dt_dapp", "dt_platform", "dt_ref"]),
    ("douyin.com", &["share_token", "tt_from", "u_code"]),
    ("ifeng.com", &[]),
    ("instagram.com", &["igsh"]),
    (
        "qq.com",
        &[
            "_wv",
            "_wwv",
            "adtag",
            "clicktime",
            "enterid",
            "exportkey",
            "mpshare",
            "pass_ticket",
            "pgv_ref",
            "qq_aio_chat_type",
            "share_from",
            "wx_header",
        ],
    ),
    ("sina.com.cn", &["_from", "sharefrom"]),
    ("sina.cn", &["_from", "sharefrom"]),
    ("sohu.com", &["_trans_", "mpshare", "scm", "wxshare_count"]),
    ("thepaper.cn", &[]),
    ("tiktok.com", &["is_from_webapp"]),
    ("toutiao.com", &["share_token", "share_uid", "tt_from", "wxshare_count"]),
    ("weibo.cn", &["refer_flag", "share_id", "weibo_id"]),
    ("weibo.com", &["refer_flag", "share_id", "weibo_id"]),
    ("xiaohongshu.com", &["author_share", "share_id", "shareredid", "xhsshare", "xsec_source"]),
    ("zhihu.com", &["share_code"]),
];

/// Names that elsewhere select a page, with the values that on those sites only share one.
const SHARED_FROM: &[&str] = &["from", "source", "src", "share"];

const SHARES: &[&str] = &[
    "appshare",
    "app_share",
    "copylink",
    "favorites",
    "message",
    "mobile_share",
    "qqfriend",
    "qzone",
    "rss",
    "share",
    "share_link",
    "wechat",
    "wechatmoments",
    "wechat_timeline",
    "weixin",
    "weixin_timeline",
    "wxfriend",
    "wxtimeline",
];

/// What WeChat puts behind `from=` of any page.
const WECHAT: &[&str] = &["timeline", "singlemessage", "groupmessage"];

/// Whether this `name=value` tells of the way to a page of `host` only.
pub(super) fn is_tracking(part: &str, host: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    let (name, value) = lower.split_once('=').unwrap_or((&lower, ""));
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    NAMES.contains(&name)
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || MATOMO.0.iter().any(|front| name.strip_prefix(front).is_some_and(|word| MATOMO.1.contains(&word)))
        || (name == "from" && WECHAT.contains(&value))
        || is_shared_on(host, name, value)
        || (matches!(name, "session_id" | "sessionid") && is_hash(value))
        || (name == "amp" && matches!(value, "" | "1" | "true"))
        || (name == "outputtype" && value == "amp")
        // What a script appends so that nothing is cached.
        || (matches!(name, "_" | "_t") && value.len() == 13 && is_number)
}

fn is_shared_on(host: &str, name: &str, value: &str) -> bool {
    let is_of =
        |site: &str| host.strip_suffix(site).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    SITES
        .iter()
        .filter(|(site, _)| is_of(site))
        .any(|(_, names)| names.contains(&name) || (SHARED_FROM.contains(&name) && SHARES.contains(&value)))
}

fn is_hash(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}
