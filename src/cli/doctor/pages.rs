//! Whether the pages are closed to strangers: accounts, encryption, the certificate's time.

use alerts::format;
use alerts::journal::Journal;
use config::{Config, Login};
use jiff::{SignedDuration, Timestamp};

use super::{Findings, Mark};
use crate::web::access::oidc;

/// A certificate that ends sooner is a warning.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
const PART: (&str, &str) = ("登录", "login");

pub(super) fn pages(findings: &mut Findings<'_>, config: &Config, now: Timestamp) {
    accounts(findings, config);
    if config.web.login == Login::Oidc {
        provider(findings, config, now);
    }
    match &config.web.certificate {
        Some((cert, _)) => certificate(findings, config, cert, now),
        None => encryption(findings, config),
    }
}

fn accounts(findings: &mut Findings<'_>, config: &Config) {
    if config.web.login == Login::None {
        let text = findings.words("不用登录，只开在本机", "none, on this machine only");
        return findings.say(Mark::Well, PART, &text);
    }
    let there = config.site.data_dir.join("alerts.db").exists();
    let read = || Journal::open_to_read(&config.site.data_dir)?.accounts();
    let accounts = if there { read() } else { Ok(Vec::new()) };
    match accounts {
        Ok(accounts) if accounts.is_empty() => {
            let text = findings.words(
                "还没有账号，谁也打不开网页：guanlan user add 值班室 --role admin",
                "no account, so nobody opens the pages: guanlan user add 值班室 --role admin",
            );
            findings.say(Mark::Look, PART, &text);
        }
        Ok(accounts) => {
            let text = findings.words("个账号", "accounts");
            findings.say(Mark::Well, PART, &format!("{} {text}", accounts.len()));
        }
        Err(error) => findings.say(Mark::Wrong, PART, &error.to_string()),
    }
}

/// Whether the provider of logins answers, and is the one that the file names.
fn provider(findings: &mut Findings<'_>, config: &Config, now: Timestamp) {
    const PART: (&str, &str) = ("统一登录", "single sign-on");
    crate::orders::provide_tls();
    let asked = oidc::of(&config.web, config.web.public_url.as_deref()).and_then(|oidc| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(oidc.provider(now)))
    });
    let issuer = config.web.oidc.as_ref().map(|oidc| oidc.issuer.as_str()).unwrap_or_default();
    let (is_of_certificate, why) = match &asked {
        Ok(Ok(_)) => {
            let text = findings.words("能打开", "answers");
            return findings.say(Mark::Well, PART, &format!("{issuer} {text}"));
        }
        Ok(Err(trouble)) => (trouble.is_of_certificate(), trouble.cause().unwrap_or_default().to_owned()),
        Err(error) => (false, format!("{error:#}")),
    };
    let text = match is_of_certificate {
        true => findings.words(
            "的证书不被认可（签发机构、名称或期限不对），谁也登录不了：单位自己的签发机构写进 [web.oidc] ca_file",
            "has a certificate that is not believed (authority, name or time), so nobody can log in: an authority of your own goes into [web.oidc] ca_file",
        ),
        false => findings.words(
            "打不开，谁也登录不了：检查 [web.oidc] issuer、网络和证书",
            "does not answer, so nobody can log in: check [web.oidc] issuer, the network and its certificate",
        ),
    };
    findings.say(Mark::Wrong, PART, &format!("{issuer} {text} ({})", format::one_line(&why, 200)));
}

fn encryption(findings: &mut Findings<'_>, config: &Config) {
    const PART: (&str, &str) = ("加密", "encryption");
    let is_public = config.web.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if is_public {
        let text =
            findings.words("由网关加密（public_url 是 https）", "by the gateway (public_url is https)");
        return findings.say(Mark::Well, PART, &text);
    }
    if config.web.listen.ip().is_loopback() {
        let text = findings.words("只开在本机，不经过网络", "on this machine only: nothing travels");
        return findings.say(Mark::Well, PART, &text);
    }
    let text = findings.words(
        "网页没有加密，密码和内容在网络上可被看到：guanlan cert 生成证书，写进 [web] cert 和 key",
        "the pages are not encrypted: passwords and pages can be read on the way; guanlan cert makes a certificate for [web] cert and key",
    );
    findings.say(Mark::Look, PART, &text);
}

fn certificate(findings: &mut Findings<'_>, config: &Config, cert: &std::path::Path, now: Timestamp) {
    const PART: (&str, &str) = ("证书", "certificate");
    let (from, to) = match crate::web::validity(cert) {
        Ok(dates) => dates,
        Err(why) => {
            let text = findings.context.words(&why).to_owned();
            return findings.say(Mark::Wrong, PART, &text);
        }
    };
    let until = format::full_date_time(to, &config.site.zone, findings.context.language);
    let (mark, text) = if now < from {
        (Mark::Wrong, findings.words("还没有生效，到期", "not good yet; until"))
    } else if to <= now {
        (
            Mark::Wrong,
            findings.words(
                "已过期，浏览器打不开：换一张（guanlan cert --force）",
                "has ended, browsers refuse it: make another (guanlan cert --force); ended",
            ),
        )
    } else if to.duration_since(now) < SOON {
        (
            Mark::Look,
            findings.words(
                "快到期了，换一张（guanlan cert --force）；到期",
                "ends soon: make another (guanlan cert --force); until",
            ),
        )
    } else {
        (Mark::Well, findings.words("有效，到期", "good until"))
    };
    findings.say(mark, PART, &format!("{} {text} {until}", cert.display()));
}
