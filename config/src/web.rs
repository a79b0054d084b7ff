//! Reads `[web]`: where the pages are, and who is let in. Whatever would leave them open to others is refused.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::address::listen_address;
use crate::oidc;
use crate::problem::{Mistake, Words};
use crate::section::{Found, Item, Section};
use crate::settings::{Login, Web};
use crate::value::{choice, text};

pub(crate) fn web(section: Section<'_, '_>, public_url: Option<Found<'_, url::Url>>) -> Web {
    let default = Web::default();
    let listen = section.found("listen", listen_address);
    let logins = [
        ("password", Login::Password),
        ("header", Login::Header),
        ("oidc", Login::Oidc),
        ("none", Login::None),
    ];
    let login = section.value("login", |item| choice(item, &logins)).unwrap_or(default.login);
    let gateways = section.list("gateways", ip_address).unwrap_or_default();
    let header = section.found("header", header_name);
    let is_open = listen.as_ref().filter(|listen| !listen.value.ip().is_loopback());
    if let (Login::None, Some(listen)) = (login, is_open) {
        let message = Words::new(
            format!("网页要在 {} 上对外提供，却不用登录", listen.value),
            format!("the pages would be open to others on {}, without a login", listen.value),
        );
        let label = Words::new("改成 127.0.0.1，或改 login", "use 127.0.0.1, or another login");
        let mistake = Mistake::new("open-pages", message, label).help(
            "给同事看：login = \"password\"，再用 guanlan user add 建账号",
            "for colleagues: login = \"password\", and accounts by guanlan user add",
        );
        section.notes().error(&listen.at, mistake);
    }
    if login == Login::Header && gateways.is_empty() {
        let message = Words::new(
            "login = \"header\" 要写明信任哪个网关",
            "login = \"header\" needs the gateway that is trusted",
        );
        let label = Words::new("加一行 gateways = [\"10.0.0.2\"]", "add a line gateways = [\"10.0.0.2\"]");
        section.notes().error(&section.at(), Mistake::new("missing", message, label));
    }
    let oidc = oidc::oidc(section.section("oidc"), login == Login::Oidc, public_url.as_ref());
    let web = Web {
        listen: listen.map_or(default.listen, |listen| listen.value),
        public_url: public_url.map(|url| url.value.as_str().trim_end_matches('/').to_owned()),
        login,
        gateways: gateways.into_iter().map(|gateway| gateway.value).collect(),
        header: header.map_or(default.header, |header| header.value),
        certificate: certificate(&section),
        oidc,
    };
    section.finish();
    web
}

/// Certificate and key, which go together.
fn certificate(section: &Section<'_, '_>) -> Option<(PathBuf, PathBuf)> {
    let file = |key| section.found(key, text).map(|found| PathBuf::from(found.value));
    match (file("cert"), file("key")) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        (cert, _) => {
            let missing = if cert.is_some() { "key" } else { "cert" };
            let message = Words::new(
                format!("cert 和 key 要一起写，缺 {missing}"),
                format!("cert and key go together: {missing} is missing"),
            );
            let label = Words::new("guanlan cert 可以生成一对", "guanlan cert makes both");
            section.notes().error(&section.at(), Mistake::new("missing", message, label));
            None
        }
    }
}

/// An address of a machine: `10.0.0.2`.
fn ip_address(item: &Item<'_>) -> Result<IpAddr, Mistake> {
    let text = text(item)?;
    let address = text.parse::<IpAddr>().map_err(|_| {
        let message = Words::new(format!("“{text}”不是 IP 地址"), format!("\"{text}\" is no IP address"));
        Mistake::new("bad-address", message, Words::new("写成 10.0.0.2 的样子", "like 10.0.0.2"))
    })?;
    Ok(address.to_canonical())
}

/// The name of a header, in lower case.
fn header_name(item: &Item<'_>) -> Result<String, Mistake> {
    let text = text(item)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !text.is_empty() && text.len() <= 100 && text.bytes().all(is_name) {
        return Ok(text.to_ascii_lowercase());
    }
    let message =
        Words::new(format!("“{text}”不是请求头的名称"), format!("\"{text}\" is no name of a header"));
    Err(Mistake::new("bad-header", message, Words::new("写成 X-Remote-User 的样子", "like X-Remote-User")))
}
