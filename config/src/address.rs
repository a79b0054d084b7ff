//! Addresses as people write them into the files: mail, network, web.

use std::net::SocketAddr;

use crate::problem::{Mistake, Words};
use crate::section::Item;
use crate::value::{half_width, text};

/// A mail address alone: `duty@qinglan.example`.
pub(crate) fn mail_address(item: &Item<'_>) -> Result<String, Mistake> {
    let text = text(item)?;
    if is_mail_address(&text) {
        return Ok(text);
    }
    Err(bad_mail_address(&text))
}

/// A mail address with or without a name before it: `值班室 <duty@qinglan.example>`.
pub(crate) fn mailbox(item: &Item<'_>) -> Result<String, Mistake> {
    let text = text(item)?;
    let has_control = text.chars().any(char::is_control);
    if !has_control && is_mail_address(address_of(&text)) {
        return Ok(text);
    }
    Err(bad_mail_address(&text))
}

/// The bare address of a mailbox.
pub(crate) fn address_of(mailbox: &str) -> &str {
    match (mailbox.rfind('<'), mailbox.strip_suffix('>')) {
        (Some(open), Some(rest)) => rest.get(open + 1..).unwrap_or_default(),
        _ => mailbox,
    }
}

/// An address to listen on: `127.0.0.1:8417`.
pub(crate) fn listen_address(item: &Item<'_>) -> Result<SocketAddr, Mistake> {
    let text = text(item)?;
    let with_localhost = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    with_localhost.as_deref().unwrap_or(&text).parse().map_err(|_| {
        let message = Words::new(
            format!("“{text}”不是“地址:端口”"),
            format!("\"{text}\" is not an address and a port"),
        );
        let label = Words::new("写成 127.0.0.1:8417 的样子", "like 127.0.0.1:8417");
        let mistake = Mistake::new("bad-listen-address", message, label);
        let mended = half_width(&text);
        match mended.parse::<SocketAddr>() {
            Ok(_) => mistake.help(format!("改成 \"{mended}\""), format!("write \"{mended}\"")),
            Err(_) => mistake.help("端口必须写上，中间用英文冒号", "the port must be given, after a colon"),
        }
    })
}

/// A web address with `http` or `https` and a host.
pub(crate) fn web_address(item: &Item<'_>) -> Result<url::Url, Mistake> {
    let text = text(item)?;
    let wrong = |zh: &str, en: &str| {
        let message = Words::new(format!("网址“{text}”{zh}"), format!("the address \"{text}\" {en}"));
        let label = Words::new("写成 https://… 的样子", "like https://…");
        let mistake = Mistake::new("bad-url", message, label);
        let mended = half_width(&text);
        let mended = if mended.contains("://") { mended } else { format!("http://{mended}") };
        match url::Url::parse(&mended) {
            Ok(url) if url.has_host() && mended != text => {
                mistake.help(format!("改成 \"{mended}\""), format!("write \"{mended}\""))
            }
            _ => mistake,
        }
    };
    let is_plain = text.is_ascii() || text.chars().all(|character| !"：／．".contains(character));
    let url = url::Url::parse(&text).map_err(|_| wrong("不完整", "is not complete"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("应以 http:// 或 https:// 开头", "must begin with http:// or https://"));
    }
    if !is_plain || !url.has_host() {
        return Err(wrong("里有中文标点", "has full-width punctuation"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("里不能带账号或密码", "must not hold a name or a password"));
    }
    Ok(url)
}

/// Whether nobody on the way reads what is asked there, or answers for it: by https, or on this machine.
pub fn is_closed(url: &url::Url) -> bool {
    let is_local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_local
}

/// A host and a port that may be fetched although it is a private address: `10.0.0.8:8080`.
pub(crate) fn host_and_port(item: &Item<'_>) -> Result<String, Mistake> {
    let text = text(item)?;
    let is_valid = text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && url::Host::parse(host).is_ok() && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if is_valid {
        return Ok(text);
    }
    let message =
        Words::new(format!("“{text}”不是“主机:端口”"), format!("\"{text}\" is not a host and a port"));
    Err(Mistake::new("bad-host", message, Words::new("写成 10.0.0.8:8080 的样子", "like 10.0.0.8:8080")))
}

fn is_mail_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local =
        |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(character);
    let local_is_valid = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(is_local)
        && local.split('.').all(|part| !part.is_empty());
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    let domain_is_valid = domain == "localhost" || (domain.contains('.') && domain.split('.').all(is_label));
    local_is_valid && domain_is_valid
}

fn bad_mail_address(text: &str) -> Mistake {
    let message = Words::new(format!("“{text}”不是邮箱地址"), format!("\"{text}\" is not a mail address"));
    let label = Words::new("写成 duty@example.cn 的样子", "like duty@example.cn");
    let mistake = Mistake::new("bad-mail-address", message, label);
    let mended: String = half_width(text).chars().filter(|character| !character.is_whitespace()).collect();
    if mended != text && is_mail_address(&mended) {
        return mistake.help(format!("改成 \"{mended}\""), format!("write \"{mended}\""));
    }
    mistake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses() {
        for right in ["duty@qinglan.example", "a.b+c@x-y.cn", "root@localhost", "a@例子.中国"] {
            assert!(is_mail_address(right), "{right}");
        }
        for wrong in [
            "",
            "@",
            "duty",
            "duty@",
            "duty@host",
            "a b@c.cn",
            "a@b..cn",
            "值班@b.cn",
            "a..b@c.cn",
            "a@-b.cn",
        ] {
            assert!(!is_mail_address(wrong), "{wrong}");
        }
        assert_eq!(address_of("青岚 <guanlan@qinglan.example>"), "guanlan@qinglan.example");
        assert_eq!(address_of("<"), "<");
    }

    #[test]
    fn only_https_and_this_machine_are_closed_to_others() {
        let is_closed = |url: &str| super::is_closed(&url.parse().unwrap());
        let local = ["http://127.0.0.1:9/x", "http://[::1]/", "http://localhost:9"];
        for url in ["https://sso.example.cn/"].into_iter().chain(local) {
            assert!(is_closed(url), "{url}");
        }
        let lookalikes = ["http://127.0.0.1.example.cn/", "http://localhost.example.cn/"];
        for url in ["http://sso.example.cn/", "ftp://sso.example.cn/", "http://10.0.0.2/"]
            .into_iter()
            .chain(lookalikes)
        {
            assert!(!is_closed(url), "{url}");
        }
    }
}
