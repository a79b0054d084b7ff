//! What a mail server, or a chat robot's platform, means by its words, and what to do about it.
//!
//! Known are the answers of the providers that offices use (QQ, 163, Exmail, Alibaba Mail, and the robots
//! of WeCom, DingTalk and Feishu); of others the reply code tells the kind.

use crawler::words::Words;

/// Words that stand in a reply, in lower case, and what they mean. The first that fits counts.
type Known = (&'static [&'static str], &'static str, &'static str);

const MAIL: &[Known] = &[
    (
        &["user has no permission", "service is not open", "not enabled"],
        "这个邮箱还没有开启 SMTP 服务：在网页邮箱的设置里开启，再生成授权码",
        "SMTP is not enabled for this mailbox: enable it in the web mail's settings, then create an authorisation code",
    ),
    (
        &["user suspended", "account is locked", "account locked"],
        "发信账号被邮箱服务商停用：登录网页邮箱查看原因",
        "the provider has suspended the sending account: log in to its web mail to see why",
    ),
    (
        &[
            "too much fail",
            "too many fail",
            "frequency limited",
            "frequent",
            "hl:ifc",
            "hl:rep",
            "mi:stc",
            "rp:ccl",
            "rp:drc",
            "mi:dmc",
            "hl:icc",
        ],
        "发得太多或登录太频繁，服务商暂时限制：过一会儿再试；经常如此就减少收件人或换企业邮箱",
        "too many mails or logins: the provider limits for a while; if it happens often, write to fewer people or use a company mailbox",
    ),
    (
        &[
            "dt:rbl",
            "rbl",
            "wm:bli",
            "blacklist",
            "blocked using",
            "ip is denied",
            "domain is denied",
            "connection denied",
        ],
        "发信的 IP 或域名在黑名单里：请网络管理员查明原因并申请解除，或改经单位的邮件服务器发信",
        "the sending address is on a blocklist: have the network's administrator clear it, or send through the office's mail server",
    ),
    (
        &[
            "mail from address must be same",
            "must equal authorized user",
            "doesn't conform with authentication",
            "dt:sum",
            "sender address rejected",
            "not owned by user",
        ],
        "发件人和登录账号不一致：[mail] from 里的地址要和 username 相同",
        "the sender is not the login: the address in [mail] from must equal username",
    ),
    (
        &[
            "login fail",
            "authentication fail",
            "authorization code",
            "authentication unsuccessful",
            "invalid user or password",
            "526 ",
        ],
        "账号或授权码不对：授权码要在网页邮箱里单独生成，不是登录密码",
        "wrong name or authorisation code: the code is created in the web mail and is not the login password",
    ),
    (
        &["dt:spm", "spam", "content denied", "content rejected", "content restricted", "policy reasons"],
        "内容被当作垃圾邮件：请收信方把发件地址加入白名单，并给发信域名配好 SPF 和 DKIM",
        "taken for spam: have the sender put on the receiver's allow-list, and give the domain SPF and DKIM",
    ),
    (
        &["spf", "dkim", "dmarc"],
        "发信域名没有通过验证：请域名管理员配好 SPF，并在 [mail.dkim] 里配置签名",
        "the sender's domain could not be verified: give it an SPF record and a signature ([mail.dkim])",
    ),
    (
        &[
            "mailbox full",
            "over quota",
            "quota exceeded",
            "insufficient storage",
            "mailbox is full",
            "exceeds storage",
        ],
        "对方邮箱已满：请收件人清理",
        "the mailbox is full: ask its owner to make room",
    ),
    (
        &["size exceeds", "message too large", "too big", "message size"],
        "邮件超过服务器的大小限制：请邮箱管理员放宽，或不附 .docx（[digest] docx = false）",
        "the mail is larger than the server allows: have the limit raised, or leave the .docx out ([digest] docx = false)",
    ),
    (
        &["greylist", "graylist", "greylisted"],
        "对方服务器要求稍后再来（灰名单）：会自动重试",
        "the server asks to come back later (greylisting): it is tried again by itself",
    ),
    (
        &["relay", "relaying denied"],
        "服务器不肯把信转给外单位：请邮箱管理员允许，或检查是否已登录",
        "the server will not pass mail on to other domains: ask for permission, and check the login",
    ),
    (
        &[
            "no such user",
            "user unknown",
            "user not found",
            "mailbox not found",
            "does not exist",
            "non-existent",
            "mailbox unavailable",
            "invalid recipient",
            "5.1.1",
            "recipient rejected",
            "invalid mailbox",
        ],
        "收件地址不存在：检查 [people] 里这个地址有没有写错，人员变动后要更新",
        "the address does not exist: check it in [people]; people move on",
    ),
    (
        &["certificate"],
        "证书不可信：先看本机时间，再看 host 是否和证书上的名字一致",
        "the certificate is not trusted: check this machine's clock, and that host is the name in the certificate",
    ),
    (
        &[
            "connection error",
            "connection refused",
            "timed out",
            "no route",
            "unreachable",
            "lookup",
            "name or service",
        ],
        "连不上邮件服务器：检查网络、host 和 port；会自动重试",
        "the mail server cannot be reached: check the network, host and port; it is tried again by itself",
    ),
    (
        &["no space left", "permission denied", "read-only"],
        "邮件写不进文件夹：检查磁盘和文件夹的权限",
        "mails cannot be written into the folder: check the disk and the folder's rights",
    ),
];

const CHANNEL: &[(u32, &str, &str)] = &[
    // WeCom
    (
        45009,
        "企业微信限流：一个机器人一分钟最多 20 条，稍后自动再发",
        "WeCom limits a robot to 20 messages a minute: sent again later by itself",
    ),
    (
        93000,
        "企业微信不认识这个机器人：它可能已被移出群，请重新添加并更新 url_file",
        "WeCom does not know this robot: it may have been removed from the group; add it anew and put its address into url_file",
    ),
    (93004, "企业微信：机器人被停用，请群主恢复", "WeCom: the robot is disabled; ask the group's owner"),
    (93008, "企业微信：机器人不在群里，请重新添加", "WeCom: the robot is not in the group; add it again"),
    (40058, "企业微信：内容不合要求（可能太长）", "WeCom: the content is not accepted (perhaps too long)"),
    (40008, "企业微信：不支持这种消息", "WeCom: this kind of message is not accepted"),
    (44004, "企业微信：内容为空", "WeCom: the content is empty"),
    // DingTalk
    (
        310000,
        "钉钉的安全设置不放行：检查加签密钥（secret_file）、关键词是否包含“观澜”、IP 白名单",
        "DingTalk's security settings refuse it: check the signing secret (secret_file), that the keyword is in the text, and the allowed addresses",
    ),
    (
        130101,
        "钉钉限流：一个机器人一分钟最多 20 条，超过后停 10 分钟，到时自动再发",
        "DingTalk limits a robot to 20 messages a minute and then rests for 10 minutes: sent again after that",
    ),
    (410100, "钉钉限流：发送太快，到时自动再发", "DingTalk: sent too fast; sent again later by itself"),
    (
        300001,
        "钉钉不认识这个机器人：access_token 不对，请更新 url_file",
        "DingTalk does not know this robot: the access_token in url_file is wrong",
    ),
    (40035, "钉钉：消息格式不被接受", "DingTalk: the message's form is not accepted"),
    (460101, "钉钉：消息太长", "DingTalk: the message is too long"),
    (400013, "钉钉：群已解散，请换一个群", "DingTalk: the group has been dissolved; use another"),
    (
        400101,
        "钉钉不认识这个机器人：access_token 不存在，请更新 url_file",
        "DingTalk does not know this robot: no such access_token; put the new address into url_file",
    ),
    (400102, "钉钉：机器人已停用，请群主启用", "DingTalk: the robot is disabled; ask the group's owner"),
    // Feishu
    (
        9499,
        "飞书：消息格式不被接受，或者太长、发得太快",
        "Feishu: the message is not accepted: its form, its length, or sent too fast",
    ),
    (
        19001,
        "飞书不认识这个机器人：地址不对或机器人已被移除，请更新 url_file",
        "Feishu does not know this robot: its address is wrong or it was removed; put the new one into url_file",
    ),
    (
        19021,
        "飞书：签名不对，或本机时间差了一小时以上；检查 secret_file 和时间",
        "Feishu: wrong signature, or this machine's clock is an hour off; check secret_file and the clock",
    ),
    (
        19022,
        "飞书：本机 IP 不在机器人的白名单里",
        "Feishu: this machine's address is not on the robot's allow-list",
    ),
    (
        19024,
        "飞书：内容里没有机器人要求的关键词；把关键词设为“观澜”",
        "Feishu: the text lacks the robot's keyword; make 观澜 the keyword",
    ),
    (
        11232,
        "飞书限流：一分钟最多 100 条、一秒最多 5 条，稍后自动再发",
        "Feishu limits a robot to 100 messages a minute and 5 a second: sent again later by itself",
    ),
    // HTTP
    (
        400,
        "对方说请求不合要求（400）：请接收系统的管理员看日志",
        "the other side says the request is wrong (400): ask who runs it to look at its log",
    ),
    (
        401,
        "对方不认签名或没有授权（401）：检查 secret_file",
        "the other side does not accept the signature (401): check secret_file",
    ),
    (
        403,
        "对方拒绝（403）：检查 secret_file 和对方的白名单",
        "the other side refuses (403): check secret_file and its allow-list",
    ),
    (404, "地址不存在（404）：检查 url", "there is no such address (404): check url"),
    (413, "对方嫌内容太大（413）", "the other side finds it too large (413)"),
    (
        429,
        "对方说发得太快（429）：稍后自动再发",
        "the other side says it is too fast (429): sent again later by itself",
    ),
];

/// What a mail server's words mean, and what to do.
pub fn of_mail_server(said: &str) -> Words {
    let lower = said.to_lowercase();
    if let Some((_, zh, en)) = MAIL.iter().find(|(words, _, _)| words.iter().any(|word| lower.contains(word)))
    {
        return Words::new(*zh, *en);
    }
    match code_in(said) {
        Some(421 | 450..=452) => Words::new(
            "邮件服务器请稍后再试：会自动重试",
            "the mail server asks to come back later: it is tried again by itself",
        ),
        Some(530..=539) => Words::new(
            "邮件服务器不认账号或授权码：运行 guanlan mail test 逐步检查",
            "the mail server does not accept the login: guanlan mail test finds out why",
        ),
        Some(550..=553) => Words::new(
            "邮件服务器拒收：检查收件地址，或请收信方把发件地址加入白名单",
            "the mail server refused it: check the address, or have the sender put on the receiver's allow-list",
        ),
        Some(400..=499) => {
            Words::new("邮件服务器暂时不收：会自动重试", "not taken for now: it is tried again by itself")
        }
        Some(500..=599) => Words::new(
            "邮件服务器拒收：运行 guanlan mail test 逐步检查",
            "the mail server refused it: guanlan mail test finds out why",
        ),
        _ => Words::new(
            "没有送到：运行 guanlan mail test 逐步检查",
            "not delivered: guanlan mail test finds out why",
        ),
    }
}

/// What the other side of a channel means, and what to do.
pub fn of_channel(said: &str) -> Words {
    if said.contains("is not a public address") {
        return Words::new(
            "不是公网地址：确实要发到那里，就在这个 [[channel]] 里写明 allow",
            "no public address: if it is meant, name it in this channel's allow",
        );
    }
    let code = code_in(said);
    if let Some((_, zh, en)) = CHANNEL.iter().find(|(known, _, _)| Some(*known) == code) {
        return Words::new(*zh, *en);
    }
    match code {
        Some(500..=599) => Words::new(
            "对方系统自己出错：会自动重试",
            "the other side has a fault of its own: it is tried again by itself",
        ),
        _ => Words::new(
            "没有送到：检查地址、网络和代理；会自动重试",
            "not delivered: check the address, the network and the proxy; it is tried again by itself",
        ),
    }
}

/// The first number of three to six digits that stands alone: `permanent error (550): …`, `45009: …`.
fn code_in(said: &str) -> Option<u32> {
    let mut numbers = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let code = numbers.find(|word| (3..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit()));
    code?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_providers_refusals_are_told_in_words() {
        let cases = [
            ("permanent error (535): Login Fail. Please enter your authorization code to login.", "授权码"),
            ("permanent error (535): Error: authentication failed", "授权码"),
            ("permanent error (526): Authentication failure[0]", "授权码"),
            ("permanent error (550): User has no permission", "开启 SMTP"),
            ("permanent error (554): DT:SPM 163 smtp10,DsCowAD3", "垃圾邮件"),
            ("permanent error (554): DT:SUM 163 smtp1", "[mail] from"),
            ("permanent error (501): mail from address must be same as authorization user", "[mail] from"),
            ("permanent error (553): Mail from must equal authorized user", "[mail] from"),
            ("transient error (440): mail from account doesn't conform with authentication", "[mail] from"),
            ("permanent error (550): Ip frequency limited", "太频繁"),
            (
                "transient error (451): Requested mail action not taken: too much fail authentication",
                "太频繁",
            ),
            ("permanent error (554): MI:STC 163 smtp8", "太频繁"),
            ("transient error (450): DT:RBL 163 smtp8", "黑名单"),
            ("permanent error (550): Mailbox not found. http://service.mail.qq.com/", "不存在"),
            ("permanent error (550): 5.1.1 no such user", "不存在"),
            ("permanent error (552): Quota exceeded", "已满"),
            ("transient error (451): 4.7.1 Greylisted, come back", "灰名单"),
            ("Connection error: Connection refused (os error 111)", "连不上"),
        ];
        for (said, expected) in cases {
            assert!(of_mail_server(said).zh.contains(expected), "{said}: {}", of_mail_server(said).zh);
        }
        assert!(of_mail_server("permanent error (550): refused").zh.contains("拒收"));
        assert!(of_mail_server("?").zh.contains("guanlan mail test"));
    }

    #[test]
    fn the_platforms_codes_are_told_in_words() {
        let cases = [
            ("45009: api freq out of limit", "20 条"),
            ("310000: sign not match, more: [https://ding-doc.dingtalk.com/doc]", "加签"),
            ("130101: send too fast, exceed 20 times per minute", "10 分钟"),
            ("9499: Bad Request", "格式"),
            ("19021: sign match fail or timestamp is not within one hour from current time", "签名不对"),
            ("HTTP 503", "自己出错"),
            ("HTTP 429", "429"),
            ("no answer in time", "网络"),
            ("127.0.0.1:9499 is not a public address; if it is meant: allow = [\"127.0.0.1:9499\"]", "allow"),
        ];
        for (said, expected) in cases {
            assert!(of_channel(said).zh.contains(expected), "{said}: {}", of_channel(said).zh);
        }
    }

    #[test]
    fn a_number_within_a_word_is_no_code() {
        assert_eq!(code_in("error (550): 5.1.1 x"), Some(550));
        assert_eq!(code_in("smtp10,DsCowAD3 12"), None);
        assert_eq!(code_in("310000: sign"), Some(310_000));
    }
}
