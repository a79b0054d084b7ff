//! How a provider is asked: at the addresses it names, encrypted unless it is this machine, no redirect followed, in
//! limited time and size.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Certificate, Client};
use url::{Host, Url};

/// The longest that one question takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Until the connection stands.
const CONNECTED: Duration = Duration::from_secs(4);
/// Bytes of an answer: keys and claims are far smaller.
const LONGEST: usize = 1 << 20;

/// Asks.
pub(super) struct Wire(Client);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("{0}")]
    Failed(String),
    #[error("{0} is not asked: its addresses have to be https")]
    Plain(String),
    #[error("the answer is longer than {LONGEST} bytes")]
    TooLong,
}

impl Wire {
    pub(super) fn new(authorities: Option<&[u8]>) -> anyhow::Result<Wire> {
        let authorities = authorities.map(Certificate::from_pem_bundle).transpose()?.unwrap_or_default();
        let client = Client::builder()
            .user_agent(concat!("Guanlan/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECTED)
            .timeout(PATIENCE)
            .referer(false)
            .tls_certs_merge(authorities)
            .no_proxy()
            .build()?;
        Ok(Wire(client))
    }

    /// One question.
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        if !is_closed(request.url()) {
            return Err(WireError::Plain(request.url().origin().ascii_serialization()));
        }
        let mut response = self.0.execute(request).await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(WireError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = WireError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WireError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// Whether nobody on the way reads it or answers for it.
fn is_closed(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_local
}

/// Without the address, whose query is nobody's business.
fn failed(error: reqwest::Error) -> WireError {
    WireError::Failed(super::chain(&error.without_url()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_is_asked_in_the_clear_but_this_machine() {
        let is_closed = |url: &str| super::is_closed(&url.parse().unwrap());
        for url in ["https://sso.example.cn/", "http://127.0.0.1:9/x", "http://[::1]/", "http://localhost:9"]
        {
            assert!(is_closed(url), "{url}");
        }
        for url in [
            "http://sso.example.cn/",
            "http://127.0.0.1.example.cn/",
            "ftp://sso.example.cn/",
            "http://10.0.0.2/",
        ] {
            assert!(!is_closed(url), "{url}");
        }
    }
}
