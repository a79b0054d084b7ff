//! How a provider is asked: at the addresses it names, encrypted unless it is this machine, no redirect followed, in
//! limited time and size.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Certificate, Client};

/// The longest that one question takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Until the connection stands.
const CONNECTED: Duration = Duration::from_secs(4);
/// Bytes of an answer: keys and claims are far smaller.
const LONGEST: usize = 1 << 20;

/// How rustls begins to say what is wrong with a certificate.
pub(super) const DISTRUSTED: &str = "invalid peer certificate";

/// Asks.
pub(super) struct Wire(Client);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("{0}")]
    Failed(String),
    #[error("{0}; an authority of the office's own goes into [web.oidc] ca_file")]
    Distrusted(String),
    #[error("{0} is not asked: its addresses have to be https")]
    Plain(String),
    #[error("the answer is longer than {LONGEST} bytes")]
    TooLong,
}

impl Wire {
    pub(super) fn new(authorities: Option<&[u8]>) -> anyhow::Result<Wire> {
        let authorities = authorities.map(read).transpose()?.unwrap_or_default();
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
        if !config::is_closed(request.url()) {
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

fn read(pem: &[u8]) -> anyhow::Result<Vec<Certificate>> {
    // What the library says of a broken one helps nobody.
    let authorities = Certificate::from_pem_bundle(pem).unwrap_or_default();
    anyhow::ensure!(!authorities.is_empty(), "it holds no certificate (PEM) that can be read");
    Ok(authorities)
}

/// Without the address, whose query is nobody's business.
fn failed(error: reqwest::Error) -> WireError {
    let said = super::chain(&error.without_url());
    if said.contains(DISTRUSTED) { WireError::Distrusted(said) } else { WireError::Failed(said) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_asked_in_the_clear_but_this_machine() {
        crate::orders::provide_tls();
        let asked = async |url: &str| {
            let request = axum::http::Request::get(url).body(Vec::new()).unwrap();
            Wire::new(None).unwrap().ask(request).await.unwrap_err()
        };
        let plain = asked("http://sso.example.cn/x?code=secret").await;
        assert_eq!(plain.to_string(), "http://sso.example.cn is not asked: its addresses have to be https");
        // Nobody listens there: it was asked.
        assert!(matches!(asked("http://127.0.0.1:1/").await, WireError::Failed(_)));
    }

    #[test]
    fn a_file_of_authorities_without_one_is_no_answer_to_whom_to_trust() {
        crate::orders::provide_tls();
        for wrong in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA"] {
            let why = Wire::new(Some(wrong.as_bytes())).err().unwrap();
            assert_eq!(why.to_string(), "it holds no certificate (PEM) that can be read", "{wrong}");
        }
    }
}
