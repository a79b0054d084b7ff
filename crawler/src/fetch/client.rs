//! The HTTP clients: one for each set of rules under which connections are made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client};

use super::Limits;
use super::proxy::Proxy;
use crate::guard::Guard;

/// The clients made so far. A connection is used again only under the rules it was made under.
pub(super) struct Clients {
    limits: Arc<Limits>,
    authorities: Vec<Certificate>,
    made: Mutex<HashMap<Rules, Client>>,
}

/// Under which rules a client connects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Rules {
    /// To sites that the guard lets pass.
    Direct(Guard),
    /// To this proxy and nowhere else; where the proxy goes is judged before it is asked.
    Through(Proxy),
}

impl Clients {
    pub(super) fn new(limits: Arc<Limits>, authorities: Vec<Certificate>) -> Clients {
        Clients { limits, authorities, made: Mutex::default() }
    }

    /// The client for these rules, made when it is first needed.
    pub(super) fn get(&self, rules: Rules) -> Result<Client, reqwest::Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&rules) {
            return Ok(client.clone());
        }
        let client = self.make(&rules)?;
        made.insert(rules, client.clone());
        Ok(client)
    }

    fn make(&self, rules: &Rules) -> Result<Client, reqwest::Error> {
        let header_bytes = u32::try_from(self.limits.header_bytes).unwrap_or(u32::MAX);
        let client = Client::builder()
            .connect_timeout(self.limits.connect)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http2_max_header_list_size(header_bytes)
            .tls_certs_merge(self.authorities.iter().cloned())
            // The environment is the caller's business: what it names comes in as an argument.
            .no_proxy();
        match rules {
            Rules::Direct(guard) => client.dns_resolver(Arc::new(guard.clone())).build(),
            Rules::Through(proxy) => {
                let resolver = ProxyOnly { host: proxy.host().to_owned() };
                let proxy = reqwest::Proxy::all(proxy.url().as_str())?;
                client.dns_resolver(Arc::new(resolver)).proxy(proxy).build()
            }
        }
    }
}

/// Looks up the proxy, which may lie in the own network, and nothing else.
struct ProxyOnly {
    host: String,
}

impl Resolve for ProxyOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = name.as_str().eq_ignore_ascii_case(&self.host);
        Box::pin(async move {
            if !is_proxy {
                return Err(format!("{} is not the proxy", name.as_str()).into());
            }
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
