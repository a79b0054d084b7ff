//! Reads `[web.oidc]`: the provider at which people log in, and what its claims mean here. Every sign-on goes through
//! these lines, so an address that others could read or answer for is refused.

use std::collections::BTreeMap;
use std::path::PathBuf;

use alerts::account::Role;
use url::Url;

use crate::address::{is_closed, web_address};
use crate::channels::key_file;
use crate::notes::KeyFile;
use crate::problem::{Mistake, Words};
use crate::section::{Found, Section};
use crate::settings::Oidc;
use crate::sources::missing;
use crate::value::text;

/// What service managers hand the secret over as.
const CREDENTIAL: &str = "oidc.secret";

/// The whole section; `is_used`: it is how people log in.
pub(crate) fn oidc(
    section: Section<'_, '_>,
    is_used: bool,
    public_url: Option<&Found<'_, Url>>,
) -> Option<Oidc> {
    let written = section.value("issuer", text);
    let issuer = section.found("issuer", web_address);
    let client_id = section.value("client_id", text);
    let secret_file = key_file(&section, "client_secret_file", KeyFile::Client);
    let scopes = section.list("scopes", text);
    let oidc = Oidc {
        issuer: written.unwrap_or_default(),
        client_id: client_id.unwrap_or_default(),
        is_secret_named: secret_file.is_some(),
        client_secret_file: secret_file.or(credential(&section)),
        claim: section.value("claim", text).unwrap_or_else(|| "preferred_username".to_owned()),
        scopes: scopes.map_or(vec!["profile".to_owned()], values),
        groups_claim: section.value("groups_claim", text).unwrap_or_else(|| "groups".to_owned()),
        groups: groups(&section),
        ca_file: key_file(&section, "ca_file", KeyFile::Authorities),
    };
    if let Some(issuer) = &issuer {
        check_issuer(&section, issuer);
    }
    if is_used {
        check_complete(&section, issuer.is_some() || section.item("issuer").is_some(), &oidc, public_url);
    }
    section.finish();
    (is_used && issuer.is_some() && !oidc.client_id.is_empty()).then_some(oidc)
}

/// Where the service manager puts it, when nobody named a file.
fn credential(section: &Section<'_, '_>) -> Option<PathBuf> {
    section.notes().environment.credentials.as_deref().map(|folder| folder.join(CREDENTIAL))
}

/// Which groups have which role; one that stands in two lists has the higher.
fn groups(section: &Section<'_, '_>) -> BTreeMap<String, Role> {
    let mut groups = BTreeMap::new();
    for role in Role::ALL {
        let named = section.list(role.word(), text).map(values).unwrap_or_default();
        groups.extend(named.into_iter().map(|group| (group, role)));
    }
    groups
}

fn values(found: Vec<Found<'_, String>>) -> Vec<String> {
    found.into_iter().map(|found| found.value).collect()
}

/// What the provider answers is believed: nobody on the way may change it.
fn check_issuer(section: &Section<'_, '_>, issuer: &Found<'_, Url>) {
    if !is_closed(&issuer.value) {
        let message = Words::new(
            "统一登录没有加密，路上的人可以冒充任何岗位",
            "the provider is asked in the clear: whoever is in between may pose as any post",
        );
        let label = Words::new("改成 https://…", "use https://…");
        section.notes().error(&issuer.at, Mistake::new("plain-issuer", message, label));
    }
    if issuer.value.query().is_some() || issuer.value.fragment().is_some() {
        let message = Words::new("issuer 里不能有 ? 或 #", "an issuer has no ? and no #");
        let label = Words::new("只写到路径为止", "end it with the path");
        section.notes().error(&issuer.at, Mistake::new("bad-issuer", message, label));
    }
}

fn check_complete(
    section: &Section<'_, '_>,
    has_issuer: bool,
    oidc: &Oidc,
    public_url: Option<&Found<'_, Url>>,
) {
    if !has_issuer {
        let (zh, en) =
            ("统一登录的地址，和它公布的一字不差", "the provider's address, exactly as it gives it");
        missing(section, "issuer", zh, en);
    }
    if oidc.client_id.is_empty() {
        let (zh, en) = ("在统一登录登记的名称", "what these pages are registered as there");
        missing(section, "client_id", zh, en);
    }
    if public_url.is_none() {
        let message = Words::new(
            "login = \"oidc\" 要有 [web] public_url：登录后要回到这里",
            "login = \"oidc\" needs [web] public_url: that is where a login comes back to",
        );
        let label = Words::new("在 [web] 里写 public_url", "give public_url in [web]");
        section.notes().error(&section.at(), Mistake::new("missing", message, label));
    }
}
