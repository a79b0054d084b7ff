//! The OpenAPI document, and the same as a page that needs nothing else.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Info, License, OpenApi, OpenApiBuilder};

use super::fresh::of_text;
use super::problem::Problem;
use crate::daemon::Running;
use crate::web::access::Visitor;
use crate::web::pages::{Asked, ask, dressed};
use crate::web::view::{ApiField, ApiOperation, ApiProblem, ApiSchema, Chrome, Here, api_page};

/// The sorts of problems.
const PROBLEMS: [ApiProblem; 16] = [
    (
        "malformed",
        "400",
        "Something in the address or the body cannot be understood; of a query with its position.",
    ),
    ("no-token", "401", "No token, or a wrong one."),
    ("forbidden", "403", "The token may not do that."),
    ("paused", "403", "The administrator lets this source rest."),
    ("not-found", "404", "There is no such thing."),
    ("wrong-method", "405", "Another method works here."),
    ("too-slow", "408", "The body did not arrive in time."),
    ("closed", "409", "The alert is closed."),
    ("too-large", "413", "Too much at once."),
    ("wrong-type", "415", "Another type, charset or packing."),
    ("wrong-host", "421", "The header Host names another machine: ask at [web] public_url."),
    ("unacceptable", "422", "Understood, but something is missing or out of range."),
    ("too-many", "429", "Too many requests; Retry-After says when to come back."),
    ("failed", "500", "The program failed; its log says more."),
    ("not-stored", "503", "The disk did not take it; Retry-After says when to send it again."),
    ("stopping", "503", "The program is stopping; Retry-After says when to come back."),
];

/// What stands in front of the operations.
pub(super) fn head() -> OpenApi {
    let mut info = Info::new("Guanlan", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Concerns, series, posts, alerts and what people do about them, digests, sources and official texts. Times \
         are RFC 3339. Errors are problem details (RFC 9457) in Chinese, or in English with `Accept-Language: en`. \
         Answers carry an ETag. Later versions only add fields."
            .to_owned(),
    );
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let mut bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    bearer.description = Some("A token of `guanlan user token`, with the scope that is needed.".to_owned());
    let components = ComponentsBuilder::new().security_scheme("token", SecurityScheme::Http(bearer)).build();
    // Whoever is logged in on the pages reads with that; where login is "none" nothing is asked for.
    let security = [SecurityRequirement::new("token", [""; 0]), SecurityRequirement::default()];
    OpenApiBuilder::new().info(info).components(Some(components)).security(Some(security)).build()
}

/// `/api/openapi.json`
pub(super) async fn json(Extension(document): Extension<Arc<OpenApi>>) -> Response {
    let Ok(text) = document.to_json() else { return Problem::failed().into_response() };
    of_text(&text, ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response())
}

/// `/api`: the document as a page.
pub(super) async fn page(
    visitor: Visitor,
    State(running): State<Running>,
    Extension(document): Extension<Arc<OpenApi>>,
    Query(asked): Query<Asked>,
) -> Response {
    let now = running.clock.now();
    let value = serde_json::to_value(&*document).unwrap_or_default();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let chrome = Chrome::new(site, asked.language(site), now, Here::Elsewhere, "/api").seen_by(&visitor);
        let chrome = dressed(lookout, chrome)?;
        let about = value.pointer("/info/description").and_then(Value::as_str).unwrap_or_default();
        let page = api_page(&chrome, about, &operations(&value), &schemas(&value), &PROBLEMS);
        Ok(Html(page).into_response())
    })
    .await
}

/// The operations, in the order of the document.
fn operations(document: &Value) -> Vec<ApiOperation> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut operations = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            operations.push(operation_of(path, method, operation));
        }
    }
    operations
}

fn operation_of(path: &str, method: &str, operation: &Value) -> ApiOperation {
    let parameter = |parameter: &Value| ApiField {
        name: text(parameter, "name"),
        kind: format!(
            "{} · {}",
            text(parameter, "in"),
            kind(parameter.get("schema").unwrap_or(&Value::Null))
        ),
        about: text(parameter, "description"),
        is_needed: parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
    };
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let body = operation.pointer("/requestBody/content").and_then(Value::as_object);
    let answers = operation.get("responses").and_then(Value::as_object);
    ApiOperation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        about: [text(operation, "summary"), text(operation, "description")]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        parameters: parameters.into_iter().flatten().map(parameter).collect(),
        body: body.into_iter().flatten().map(|(media, content)| content_of(media, content)).collect(),
        answers: answers
            .into_iter()
            .flatten()
            .flat_map(|(status, answer)| {
                let contents = answer.get("content").and_then(Value::as_object);
                contents
                    .into_iter()
                    .flatten()
                    .map(move |(media, content)| (status.clone(), content_of(media, content)))
            })
            .collect(),
    }
}

/// Media type and name of the schema.
fn content_of(media: &str, content: &Value) -> (String, String) {
    (media.to_owned(), kind(content.get("schema").unwrap_or(&Value::Null)))
}

/// The named schemas.
fn schemas(document: &Value) -> Vec<ApiSchema> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas.into_iter().flatten().map(|(name, schema)| schema_of(name, schema)).collect()
}

fn schema_of(name: &str, schema: &Value) -> ApiSchema {
    let needed: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let field = |(name, property): (&String, &Value)| ApiField {
        name: name.clone(),
        kind: kind(property),
        about: text(property, "description"),
        is_needed: needed.contains(&name.as_str()),
    };
    ApiSchema {
        name: name.to_owned(),
        about: text(schema, "description"),
        fields: properties.into_iter().flatten().map(field).collect(),
    }
}

/// A type in a few words: `string (date-time)`, `Alert[]`, `number | null`.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(kinds) = schema.get(several).and_then(Value::as_array) {
            return kinds.iter().map(kind).collect::<Vec<_>>().join(" | ");
        }
    }
    let plain = match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    };
    if let Some(items) = schema.get("items").filter(|_| plain.contains("array")) {
        return plain.replacen("array", &format!("{}[]", kind(items)), 1);
    }
    match schema.get("format").and_then(Value::as_str) {
        Some(format) => format!("{plain} ({format})"),
        None => plain,
    }
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
