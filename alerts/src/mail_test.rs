//! Tries the way to an inbox stage by stage, and says what to do where it fails.

use std::net::TcpStream;

use jiff::Timestamp;
use lettre::transport::smtp::client::SmtpConnection;

use crate::mail::{Mailer, Outcome};
use crate::message::{Language, Message};
use crate::mime;
use crate::outbox::Outgoing;
use crate::smtp::{Security, SmtpServer, Stage, Trouble, hand_over, hello};

/// A trial mail.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Sender, as configured.
    pub from: String,
    /// Host name in Message-ID.
    pub host: String,
    /// Where the mail should arrive.
    pub address: String,
    /// Language of the mail and of the advice.
    pub language: Language,
    /// Its Date.
    pub now: Timestamp,
}

/// One stage tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which part of the way.
    pub stage: Stage,
    /// Why it failed, and what to do.
    pub result: Result<(), Failure>,
}

/// A stage that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the server, or the system, said.
    pub trouble: Trouble,
    /// What to do next.
    pub advice: String,
}

/// Sends a trial mail: the stages up to the first that failed, or all of them.
pub fn mail_test(mailer: &Mailer, trial: &Trial) -> Vec<Tried> {
    match mailer {
        Mailer::Smtp(server) => test_server(server, trial),
        Mailer::Folder(_) | Mailer::Memory(_) => {
            let outcome = mailer.courier(&trial.from, &trial.host).send(&outgoing(trial));
            let result = match outcome {
                Outcome::Sent => Ok(()),
                Outcome::Refused { reply: said, .. }
                | Outcome::Later { reply: said }
                | Outcome::Throttled { problem: said }
                | Outcome::Unreachable { problem: said } => Err(Failure {
                    advice: say(
                        trial.language,
                        "检查文件夹是否可写、磁盘是否已满。",
                        "Check that the folder can be written and the disk is not full.",
                    ),
                    trouble: Trouble { stage: Stage::Content, code: None, said },
                }),
            };
            vec![Tried { stage: Stage::Content, result }]
        }
    }
}

/// Looks whether the mail server's name is known, its port answers, the connection is safe and the login right; sends
/// no mail.
pub fn reach(server: &SmtpServer, trial: &Trial) -> Vec<Tried> {
    let mut tried = Vec::new();
    if let Err(trouble) = connect(server, trial, &mut |stage| tried.push(Tried { stage, result: Ok(()) })) {
        let advice = advice(server, &trouble, trial);
        tried.push(Tried { stage: trouble.stage, result: Err(Failure { trouble, advice }) });
    }
    tried
}

fn connect(server: &SmtpServer, trial: &Trial, passed: &mut dyn FnMut(Stage)) -> Result<(), Trouble> {
    let sealed = mime::seal(&outgoing(trial), &trial.from, &trial.host)
        .map_err(|problem| Trouble::local(Stage::Sender, &problem))?;
    let mut connection = log_in(server, hello(&sealed.envelope), passed)?;
    let _ = connection.quit();
    Ok(())
}

/// The way up to the login, stage by stage.
fn log_in(
    server: &SmtpServer,
    hello: &str,
    passed: &mut dyn FnMut(Stage),
) -> Result<SmtpConnection, Trouble> {
    let addresses = server.resolve()?;
    passed(Stage::Resolve);
    let mut reached = Err(Trouble::local(Stage::Connect, &"no address"));
    for address in &addresses {
        let connected = TcpStream::connect_timeout(address, server.timeout);
        reached = connected.map(drop).map_err(|error| Trouble::local(Stage::Connect, &error));
        if reached.is_ok() {
            break;
        }
    }
    reached?;
    let opened = server.open(hello);
    if !matches!(&opened, Err(trouble) if trouble.stage == Stage::Connect) {
        passed(Stage::Connect);
    }
    let is_login = matches!(&opened, Err(trouble) if trouble.stage == Stage::Login);
    if (opened.is_ok() || is_login) && server.security != Security::Plain {
        passed(Stage::Secure);
    }
    let connection = opened?;
    if server.login.is_some() {
        passed(Stage::Login);
    }
    Ok(connection)
}

fn test_server(server: &SmtpServer, trial: &Trial) -> Vec<Tried> {
    let mut tried = Vec::new();
    let failed_at = match walk(server, trial, &mut tried) {
        Ok(()) => return tried,
        Err(trouble) => trouble,
    };
    let advice = advice(server, &failed_at, trial);
    tried.push(Tried { stage: failed_at.stage, result: Err(Failure { trouble: failed_at, advice }) });
    tried
}

fn walk(server: &SmtpServer, trial: &Trial, tried: &mut Vec<Tried>) -> Result<(), Trouble> {
    let mut passed = |stage| tried.push(Tried { stage, result: Ok(()) });
    let sealed = mime::seal(&outgoing(trial), &trial.from, &trial.host)
        .map_err(|problem| Trouble::local(Stage::Sender, &problem))?;
    let sealed = server.signed(sealed, trial.now);
    let mut connection = log_in(server, hello(&sealed.envelope), &mut passed)?;
    hand_over(&mut connection, &sealed, server.timeout)?;
    let _ = connection.quit();
    [Stage::Sender, Stage::Recipient, Stage::Content].into_iter().for_each(passed);
    Ok(())
}

fn outgoing(trial: &Trial) -> Outgoing {
    let second = trial.now.as_second();
    let subject = say(trial.language, "观澜试发邮件", "Guanlan test mail");
    let text = say(
        trial.language,
        "这是一封试发邮件。能看到它，说明预警邮件可以送达这个地址。\n",
        "This is a test mail. Seeing it means that alert mails can reach this address.\n",
    );
    let html = format!("<p>{}</p>", text.trim_end());
    Outgoing {
        number: 0,
        message_id: format!("<test-{second}@{}>", trial.host),
        thread: format!("test-{second}"),
        alert: None,
        file: "mail-test".to_owned(),
        recipient: trial.address.clone(),
        queued: trial.now,
        message: Message { subject, text, html, ..Message::default() },
    }
}

fn advice(server: &SmtpServer, trouble: &Trouble, trial: &Trial) -> String {
    let (zh, en) = match trouble.stage {
        Stage::Resolve => (
            "服务器名字解析不了：检查 host 有没有写错；内网机器请管理员确认能解析外网域名。",
            "The server's name cannot be resolved: check `host`, and whether this machine resolves names of that network.",
        ),
        Stage::Connect => connect_advice(server),
        Stage::Secure => secure_advice(server, trouble),
        Stage::Login => login_advice(server, trouble),
        Stage::Sender => SENDER_ADVICE,
        Stage::Recipient => recipient_advice(trouble),
        Stage::Content => content_advice(trouble),
    };
    say(trial.language, zh, en)
}

const SENDER_ADVICE: (&str, &str) = (
    "服务器不接受这个发件人：[mail] from 里的地址一般必须和登录账号 username 相同。",
    "The server does not take this sender: the address in [mail] from usually must equal the login name.",
);

/// QQ and 163 compare sender and login when they have the whole mail.
fn says_sender(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["must be same", "must equal", "dt:sum", "conform with authentication"]
        .iter()
        .any(|word| said.contains(word))
}

fn connect_advice(server: &SmtpServer) -> (&'static str, &'static str) {
    if server.port == 25 {
        return (
            "25 端口连不上：云主机和不少单位的防火墙封了 25，改用 port = 465、security = \"tls\"。",
            "Port 25 does not answer: many networks block it; use port = 465 with security = \"tls\".",
        );
    }
    (
        "连不上：检查 host 和 port；请管理员在防火墙放行到这个端口的连接。",
        "No connection: check `host` and `port`, and whether the firewall lets this machine reach that port.",
    )
}

fn secure_advice(server: &SmtpServer, trouble: &Trouble) -> (&'static str, &'static str) {
    if server.security == Security::Plain {
        return (
            "不加密只允许发给本机的邮件服务器：改用 security = \"tls\"（465）或 \"starttls\"（587）。",
            "Without encryption mail goes to this machine only: use security = \"tls\" (465) or \"starttls\" (587).",
        );
    }
    if trouble.said.contains("STARTTLS is not supported") {
        return (
            "服务器没有提供 STARTTLS：改用 port = 465、security = \"tls\"。没有发送密码。",
            "The server offers no STARTTLS: use port = 465 with security = \"tls\". No password was sent.",
        );
    }
    if trouble.said.contains("certificate") {
        return (
            "证书不可信：先看本机时间对不对、host 是否和证书上的名字一致；单位自建的服务器，请把它的根证书加为信任。",
            "The certificate is not trusted: check this machine's clock and that `host` is the name in the certificate; for a server of your own, trust its authority.",
        );
    }
    (
        "加密没有谈成：465 端口用 security = \"tls\"，587 端口用 \"starttls\"，两者不要混用。",
        "No encrypted connection: port 465 wants security = \"tls\", port 587 \"starttls\".",
    )
}

fn login_advice(server: &SmtpServer, trouble: &Trouble) -> (&'static str, &'static str) {
    let said = trouble.said.to_ascii_lowercase();
    if said.contains("no permission") {
        return (
            "这个邮箱还没有开启 SMTP 服务：在网页邮箱的设置里开启，生成授权码，写进密码文件。",
            "SMTP is not enabled for this mailbox: enable it in the web mail's settings and create an authorisation code for the password file.",
        );
    }
    if matches!(trouble.code, Some(421 | 450 | 451 | 454)) || said.contains("frequen") {
        return (
            "登录太频繁，服务器暂时拒绝：等十几分钟再试。",
            "Too many logins: the server refuses for a while; try again in a quarter of an hour.",
        );
    }
    if trouble.code.is_none() {
        return (
            "登录时服务器没有回答或断开了：过十几分钟再试；一直这样，请邮箱管理员看服务器的日志。",
            "The server broke off, or did not answer, at the login: try again in a quarter of an hour; if it goes on, ask for the server's log.",
        );
    }
    match server.host.as_str() {
        "smtp.qq.com" => (
            "多半填成了 QQ 密码。在网页版 QQ 邮箱“设置 → 账号”里开启 SMTP 服务、生成授权码，写进密码文件。",
            "Probably the QQ password: in QQ Mail, Settings → Account, enable SMTP and create an authorisation code (授权码) for the password file.",
        ),
        "smtp.163.com" | "smtp.126.com" => (
            "多半填成了登录密码。在网页版“设置 → POP3/SMTP/IMAP”里开启服务、新增授权密码（授权码），写进密码文件。",
            "Probably the login password: in the web mail, Settings → POP3/SMTP/IMAP, enable the service and create an authorisation code (授权码) for the password file.",
        ),
        "smtp.exmail.qq.com" => (
            "多半填成了登录密码。在企业邮箱“设置 → 客户端专用密码”里生成一个，写进密码文件。",
            "Probably the login password: in Exmail, Settings → client passwords (客户端专用密码), create one for the password file.",
        ),
        host if host.ends_with(".aliyun.com") => (
            "多半填成了登录密码。在阿里邮箱“账户与安全”里生成“三方客户端安全密码”，写进密码文件。",
            "Probably the login password: in Alibaba Mail, Account and security, create a client password (三方客户端安全密码) for the password file.",
        ),
        _ => (
            "账号或密码不对：username 一般是完整邮箱地址；不少邮箱要用单独生成的授权码，不能用登录密码。",
            "Wrong name or password: the name usually is the whole address, and many providers want an authorisation code instead of the login password.",
        ),
    }
}

fn recipient_advice(trouble: &Trouble) -> (&'static str, &'static str) {
    match trouble.code {
        Some(400..=499) => (
            "服务器请稍后再试（灰名单或限流）：正式邮件会自动重试，过几分钟再试一次。",
            "The server asks to come back later (greylisting or a limit): real mails are tried again by themselves.",
        ),
        Some(530..=539) => (
            "服务器要求先登录：在 [mail.smtp] 里写 username 和 password_file。",
            "The server wants a login: set `username` and `password_file` in [mail.smtp].",
        ),
        Some(551 | 554) => (
            "服务器不肯把信转给这个地址：确认已登录、这个服务器允许向外单位发信。",
            "The server will not pass mail on to this address: log in, and check that it may send outside.",
        ),
        _ => (
            "收件地址不存在或被拒收：检查 [people] 里这个地址有没有写错。",
            "The address does not exist or refuses mail: check it in [people].",
        ),
    }
}

fn content_advice(trouble: &Trouble) -> (&'static str, &'static str) {
    match trouble.code {
        Some(552) => (
            "邮件超过服务器的大小限制：请邮箱管理员放宽，或用 detail = \"brief\"。",
            "The mail is larger than the server allows: have the limit raised, or use detail = \"brief\".",
        ),
        Some(500..) if says_sender(&trouble.said) => SENDER_ADVICE,
        Some(500..) => (
            "内容被当作垃圾邮件拒收：请邮箱管理员把发件地址加入白名单，检查域名的 SPF 记录，并配置签名 [mail.dkim]。",
            "The text was refused as spam: have the sender put on the allow-list, check the domain's SPF record, and sign ([mail.dkim]).",
        ),
        _ => (
            "信没有收完，服务器中断了或请稍后再试：正式邮件会自动重试。",
            "The server broke off or asks to come back later: real mails are tried again by themselves.",
        ),
    }
}

fn say(language: Language, zh: &str, en: &str) -> String {
    match language {
        Language::Chinese => zh.to_owned(),
        Language::English => en.to_owned(),
    }
}
