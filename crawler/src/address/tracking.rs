//! Query parameters that say where a reader came from, not what is read. A wrong merge of two pages is
//! worse than a missed one: what may select a page anywhere stays.

/// Dropped wherever they stand, whatever their value.
const NAMES: &[&str] = &[
    "__twitter_impression",
    "_from",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "_t",
    "_trans_",
    "_wv",
    "_wwv",
    "_zt",
    "adtag",
    "appinstall",
    "at_campaign",
    "at_medium",
    "bd_vid",
    "bdshare",
    "bsh_bid",
    "clickfrom",
    "clicktime",
    "cmpid",
    "dclid",
    "dt_dapp",
    "dt_platform",
    "dt_ref",
    "efid",
    "enterid",
    "exportkey",
    "fbclid",
    "from_source",
    "from_spmid",
    "fromgroupid",
    "ftag",
    "gbraid",
    "gclid",
    "gclsrc",
    "hmci",
    "hmcu",
    "hmkw",
    "hmmd",
    "hmpl",
    "hmsr",
    "igsh",
    "igshid",
    "isappinstalled",
    "is_from_webapp",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "mpshare",
    "msclkid",
    "nsukey",
    "pass_ticket",
    "pgv_ref",
    "qq_aio_chat_type",
    "qz_gdt",
    "refer_flag",
    "referfrom",
    "s_cid",
    "scm",
    "share_from",
    "share_id",
    "share_medium",
    "share_plat",
    "share_session_id",
    "share_source",
    "share_tag",
    "share_times",
    "share_to",
    "share_token",
    "share_uid",
    "sharefrom",
    "sharer_shareid",
    "sharer_shareinfo",
    "sharer_shareinfo_first",
    "sharer_sharetime",
    "sharesource",
    "sharetime",
    "sharetype",
    "sharetoken",
    "spm",
    "spm_id_from",
    "spss",
    "spssid",
    "tdsourcetag",
    "tt_from",
    "ttclid",
    "twclid",
    "u_atoken",
    "u_asig",
    "unique_k",
    "vd_source",
    "vero_id",
    "wbraid",
    "weibo_id",
    "wfr",
    "wickedid",
    "wt_mc",
    "wx_header",
    "wxshare_count",
    "xtor",
    "yclid",
    "ysclid",
];

/// Dropped by their beginning.
const BEGINNINGS: &[&str] = &["utm_", "pk_", "mtm_", "piwik_", "matomo_", "aspsessionid"];

/// Names of sessions; they begin anew with each visitor.
const SESSIONS: &[&str] = &["phpsessid", "jsessionid", "zenid", "oscsid"];

/// Names that elsewhere select a page, with the values that only share one.
const SHARED_FROM: &[&str] = &["from", "source", "src", "ref", "share", "channel"];

const SHARES: &[&str] = &[
    "timeline",
    "singlemessage",
    "groupmessage",
    "message",
    "favorites",
    "sharetimeline",
    "sharesinglemessage",
    "wechat",
    "weixin",
    "wechat_timeline",
    "weixin_timeline",
    "wechatmoments",
    "wxfriend",
    "wxtimeline",
    "qzone",
    "qqfriend",
    "share",
    "appshare",
    "app_share",
    "mobile_share",
    "copylink",
    "share_link",
    "rss",
    "feed",
];

/// Whether this `name=value` tells of the way to the page only.
pub(super) fn is_tracking(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    let (name, value) = lower.split_once('=').unwrap_or((&lower, ""));
    let is_long_hex = value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    NAMES.contains(&name)
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || SESSIONS.contains(&name)
        || (matches!(name, "sid" | "s" | "session_id" | "sessionid") && is_long_hex)
        || (SHARED_FROM.contains(&name) && SHARES.contains(&value))
        || (name == "amp" && matches!(value, "" | "1" | "true"))
        || (name == "outputtype" && value == "amp")
        // What a script appends so that nothing is cached.
        || (name == "_" && value.len() == 13 && value.bytes().all(|byte| byte.is_ascii_digit()))
}
