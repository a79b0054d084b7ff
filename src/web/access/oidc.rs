//! Login at the office's own provider: OpenID Connect, the code flow with PKCE. Discovery, the exchange and every check
//! of a token are the library's; here is whom we ask, how long an answer counts, and what is taken from it: a name, a
//! role. Nothing else that the provider says of a person is kept or logged.

mod claims;
mod door;
mod pending;
mod returns;
mod trouble;
mod wire;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use alerts::account::Role;
use chrono::{DateTime, Utc};
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields,
    IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse as _, UserInfoError,
};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use self::claims::Claims;
pub(super) use self::door::button;
pub(in crate::web) use self::door::{back, begin, left};
use self::pending::Pending;
use self::returns::Returns;
pub(crate) use self::trouble::Trouble;
use self::trouble::{distrust, refused};
use self::wire::Wire;
use super::session;

/// So long what a provider says of itself counts: a login begins seldom, and one that is down shows at once.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// So long a failure counts, so that nobody makes us ask without end.
const FAILED: SignedDuration = SignedDuration::from_secs(5);
/// A token is signed with a key that only the provider has.
const SIGNED_BY: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Claims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type Registered = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type IdToken = openidconnect::IdToken<
    Claims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What a provider is asked by. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Oidc(Arc<Inner>);

struct Inner {
    settings: config::Oidc,
    rules: String,
    secret: Option<ClientSecret>,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    /// Where somebody comes back to after logging out.
    left: PostLogoutRedirectUrl,
    wire: Wire,
    known: Mutex<Option<(Timestamp, Result<Provider, Trouble>)>>,
    asking: Semaphore,
    returns: Returns,
}

type Provider = Arc<ProviderMetadataWithLogout>;

/// Who somebody is, as far as these pages want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    /// One text of the claim, or several of which one may be a post.
    names: Vec<String>,
    /// The role of the groups, where groups give roles.
    role: Option<Role>,
}

impl Oidc {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// Addresses that are none, certificates that cannot be used.
    pub(crate) fn new(
        settings: config::Oidc,
        secret: Option<&config::Secret>,
        authorities: Option<&[u8]>,
        public_url: &str,
    ) -> anyhow::Result<Oidc> {
        Ok(Oidc(Arc::new(Inner {
            secret: secret.map(|secret| ClientSecret::new(secret.expose().to_owned())),
            issuer: IssuerUrl::new(settings.issuer.clone())?,
            redirect: RedirectUrl::new(format!("{public_url}/login/oidc/callback"))?,
            left: PostLogoutRedirectUrl::new(format!("{public_url}/login"))?,
            wire: Wire::new(authorities)?,
            rules: rules(&settings),
            settings,
            known: Mutex::default(),
            asking: Semaphore::new(1),
            returns: Returns::new(),
        })))
    }

    /// What the provider says of itself, its keys included.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) async fn provider(&self, now: Timestamp) -> Result<Provider, Trouble> {
        if let Some(known) = self.known(now) {
            return known;
        }
        let stopping = |_| Trouble::Busy;
        let _one = self.0.asking.acquire().await.map_err(stopping)?;
        // Whoever asked meanwhile has asked for all.
        match self.known(now) {
            Some(known) => known,
            None => self.discover(now).await,
        }
    }

    /// Whether it calls itself so.
    fn is(&self, issuer: &str) -> bool {
        self.0.issuer.as_str() == issuer
    }

    fn known(&self, now: Timestamp) -> Option<Result<Provider, Trouble>> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, known) = known.as_ref()?;
        let lasts = if known.is_ok() { FRESH } else { FAILED };
        let age = now.duration_since(*at);
        (SignedDuration::ZERO <= age && age < lasts).then(|| known.clone())
    }

    async fn discover(&self, now: Timestamp) -> Result<Provider, Trouble> {
        let found = ProviderMetadataWithLogout::discover_async(self.0.issuer.clone(), &self.0.wire).await;
        let found = found.map(Arc::new).map_err(|error| Trouble::Unreachable(chain(&error)));
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((now, found.clone()));
        found
    }

    /// Names what decides here who somebody is and what they may do.
    pub(crate) fn rules(&self) -> &str {
        &self.0.rules
    }

    /// Where a browser goes to log in.
    fn way_out(&self, provider: &Provider, pending: &Pending) -> url::Url {
        let (state, nonce) = (CsrfToken::new(pending.state.clone()), Nonce::new(pending.nonce.clone()));
        let verifier = PkceCodeVerifier::new(pending.verifier.clone());
        let client = self.client(provider);
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut request = client.authorize_url(flow, || state, || nonce);
        for scope in &self.0.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier)).url().0
    }

    /// Who came back with that code, from that address.
    async fn named(
        &self,
        code: String,
        pending: &Pending,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Named, Trouble> {
        // Real time, also where a rehearsal stands still.
        let _place = self.0.returns.place(from, Instant::now())?;
        let all = self.told(code, pending, now).await?;
        self.0.returns.was_right(from);
        let settings = &self.0.settings;
        let names = claims::names(&all, &settings.claim);
        if names.is_empty() {
            return Err(Trouble::Nameless);
        }
        let role = match settings.groups.is_empty() {
            true => None,
            false => Some(claims::role(&all, settings).ok_or(Trouble::Groupless)?),
        };
        Ok(Named { names, role })
    }

    /// What the provider says of whoever has that code.
    async fn told(
        &self,
        code: String,
        pending: &Pending,
        now: Timestamp,
    ) -> Result<Map<String, Value>, Trouble> {
        let provider = self.provider(now).await?;
        let client = self.client(&provider);
        let exchange = client.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.map_err(|error| Trouble::Unreachable(chain(&error)))?;
        let verifier = PkceCodeVerifier::new(pending.verifier.clone());
        let tokens =
            exchange.set_pkce_verifier(verifier).request_async(&self.0.wire).await.map_err(refused)?;
        let token = tokens.id_token().ok_or(Trouble::Untrusted("there is none"))?;
        let nonce = Nonce::new(pending.nonce.clone());
        let told = match verified(&client, token, &nonce, now) {
            // Its keys have changed since it was asked for them.
            Err(error) if is_unknown_key(&error) => {
                let provider = self.discover(now).await?;
                verified(&self.client(&provider), token, &nonce, now)
            }
            told => told,
        };
        let told = told.map_err(|error| Trouble::Untrusted(distrust(&error)))?;
        let mut all = claims::all(&told);
        if !claims::suffice(&all, &self.0.settings)
            && let Ok(request) = client.user_info(tokens.access_token().clone(), Some(told.subject().clone()))
        {
            let more = request.request_async(&self.0.wire).await;
            let more: openidconnect::UserInfoClaims<Claims, CoreGenderClaim> =
                more.map_err(|error| match error {
                    UserInfoError::Request(error) => Trouble::Unreachable(chain(&error)),
                    _ => Trouble::Untrusted("the answer about the user"),
                })?;
            claims::add(&mut all, &more);
        }
        Ok(all)
    }

    /// Where a browser goes to log out there as well, if it can.
    async fn way_off(&self, now: Timestamp) -> Option<url::Url> {
        let provider = self.provider(now).await.ok()?;
        let end = provider.additional_metadata().end_session_endpoint.clone()?;
        let request = LogoutRequest::from(end)
            .set_client_id(ClientId::new(self.0.settings.client_id.clone()))
            .set_post_logout_redirect_uri(self.0.left.clone());
        Some(request.http_get_url())
    }

    fn client(&self, provider: &Provider) -> Registered {
        let id = ClientId::new(self.0.settings.client_id.clone());
        let methods = provider.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        let by = match takes(CoreClientAuthMethod::ClientSecretBasic) {
            true => AuthType::BasicAuth,
            false => AuthType::RequestBody,
        };
        Client::from_provider_metadata(provider.as_ref().clone(), id, self.0.secret.clone())
            .set_redirect_uri(self.0.redirect.clone())
            .set_auth_type(by)
    }
}

impl std::fmt::Debug for Oidc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Oidc({})", self.0.settings.issuer)
    }
}

/// What a token says, once signature, issuer, audience, time and nonce were found right.
fn verified<'a>(
    client: &Registered,
    token: &'a IdToken,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<&'a openidconnect::IdTokenClaims<Claims, CoreGenderClaim>, ClaimsVerificationError> {
    // A moment that chrono cannot hold makes every token one that has ended.
    let moment = DateTime::<Utc>::from_timestamp(now.as_second(), 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let verifier = client.id_token_verifier().set_allowed_algs(SIGNED_BY).set_time_fn(move || moment);
    token.claims(&verifier, nonce)
}

/// Other settings that decide something are other rules.
fn rules(settings: &config::Oidc) -> String {
    let config::Oidc { issuer, client_id, claim, groups_claim, groups, .. } = settings;
    let decisive = serde_json::json!([issuer, client_id, claim, groups_claim, groups]);
    session::hex(&session::hash(&decisive.to_string()))
}

fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    use SignatureVerificationError::{CryptoError, NoMatchingKey};
    matches!(error, ClaimsVerificationError::SignatureVerification(NoMatchingKey | CryptoError(_)))
}

/// What an error says, and what is behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        behind = error.source();
    }
    said
}

/// The provider of the configuration. Its secret is read here, and stays.
///
/// # Errors
/// A file that cannot be read; no address to come back to.
pub(crate) fn of(web: &config::Web, public_url: Option<&str>) -> anyhow::Result<Oidc> {
    use anyhow::Context as _;
    let settings = web.oidc.clone().context("[web.oidc] is missing")?;
    let public_url = public_url.context("[web] public_url is missing")?;
    let named = |key: &'static str| move |path: &PathBuf| format!("[web.oidc] {key} {}", path.display());
    let secret = match &settings.client_secret_file {
        Some(path) if settings.is_secret_named || path.exists() => {
            Some(config::Secret::read(path).with_context(|| named("client_secret_file")(path))?)
        }
        _ => None,
    };
    let authorities = settings.ca_file.as_ref();
    let authorities = authorities.map(|path| std::fs::read(path).with_context(|| named("ca_file")(path)));
    Oidc::new(settings.clone(), secret.as_ref(), authorities.transpose()?.as_deref(), public_url)
}
