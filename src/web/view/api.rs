//! The API's page: what the OpenAPI document says, for people.

use askama::Template;

use super::{Chrome, set};

/// One address and method.
pub(crate) struct ApiOperation {
    /// `GET`.
    pub(crate) method: String,
    /// With its parameters in braces.
    pub(crate) path: String,
    /// What it does.
    pub(crate) about: String,
    /// In the path, behind the question mark, or a header.
    pub(crate) parameters: Vec<ApiField>,
    /// What may be sent: media type and schema.
    pub(crate) body: Vec<(String, String)>,
    /// What comes back: status, then media type and schema.
    pub(crate) answers: Vec<(String, (String, String))>,
}

/// A parameter, or a field of a schema.
pub(crate) struct ApiField {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) about: String,
    pub(crate) is_needed: bool,
}

/// A named shape.
pub(crate) struct ApiSchema {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) fields: Vec<ApiField>,
}

/// A sort of problem: its name, status and meaning.
pub(crate) type ApiProblem = (&'static str, &'static str, &'static str);

#[derive(Template)]
#[template(path = "api.html")]
struct ApiHtml<'a> {
    chrome: &'a Chrome,
    about: &'a str,
    operations: &'a [ApiOperation],
    schemas: &'a [ApiSchema],
    problems: &'a [ApiProblem],
}

/// Sets the page.
pub(crate) fn api_page(
    chrome: &Chrome,
    about: &str,
    operations: &[ApiOperation],
    schemas: &[ApiSchema],
    problems: &[ApiProblem],
) -> String {
    set(ApiHtml { chrome, about, operations, schemas, problems })
}
