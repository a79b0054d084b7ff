//! What a provider says of somebody, and the little that is taken from it: the name of an account, a role.

use std::collections::BTreeMap;

use alerts::account::Role;
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Whatever it says beside what the standard names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Claims {
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl AdditionalClaims for Claims {}

/// Everything it says, by name.
pub(super) fn all(said: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(said) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    }
}

/// Adds what was missing.
pub(super) fn add(all: &mut Map<String, Value>, more: &impl Serialize) {
    for (name, value) in self::all(more) {
        all.entry(name).or_insert(value);
    }
}

/// Whether what is needed is there.
pub(super) fn suffice(all: &Map<String, Value>, settings: &config::Oidc) -> bool {
    let has_groups = settings.groups.is_empty() || found(all, &settings.groups_claim).is_some();
    has_groups && found(all, &settings.claim).is_some()
}

/// What may be the name of the account: a text, or a list such as the groups, of which one is a post.
pub(super) fn names(all: &Map<String, Value>, claim: &str) -> Vec<String> {
    let names = texts(found(all, claim)).into_iter().map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The highest role that a group gives.
pub(super) fn role(all: &Map<String, Value>, settings: &config::Oidc) -> Option<Role> {
    let groups = texts(found(all, &settings.groups_claim));
    groups.into_iter().filter_map(|group| settings.groups.get(group)).max().copied()
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text.as_str()],
        _ => Vec::new(),
    }
}

/// A claim by its name; dots lead into one that is an object.
fn found<'a>(all: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let deeper = || {
        let (first, rest) = path.split_once('.')?;
        found(all.get(first)?.as_object()?, rest)
    };
    all.get(path).or_else(deeper)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> config::Oidc {
        let groups = [("/舆情/值班", Role::Duty), ("信息中心", Role::Admin), ("全体", Role::View)];
        config::Oidc {
            issuer: "https://sso.example.cn".to_owned(),
            client_id: "guanlan".to_owned(),
            client_secret_file: None,
            is_secret_named: false,
            claim: "preferred_username".to_owned(),
            scopes: Vec::new(),
            groups_claim: "realm_access.roles".to_owned(),
            groups: groups.into_iter().map(|(group, role)| (group.to_owned(), role)).collect(),
            ca_file: None,
        }
    }

    fn said(value: Value) -> Map<String, Value> {
        all(&value)
    }

    #[test]
    fn a_name_is_a_text_or_one_of_several_wherever_the_provider_puts_it() {
        let all = said(
            json!({ "preferred_username": " 值班室 ", "office": { "post": "宣传部" }, "a.b": "c", "n": 7 }),
        );
        assert_eq!(names(&all, "preferred_username"), ["值班室"]);
        assert_eq!(names(&all, "office.post"), ["宣传部"]);
        assert_eq!(names(&all, "a.b"), ["c"]);
        assert_eq!(
            names(&said(json!({ "groups": ["全体", 7, " 值班室 ", ""] })), "groups"),
            ["全体", "值班室"]
        );
        for missing in ["sub", "n", "office", "office.x", "office.post.x", "", "."] {
            assert_eq!(names(&all, missing), Vec::<String>::new(), "{missing}");
        }
    }

    #[test]
    fn of_several_groups_the_highest_role_counts_and_none_gives_none() {
        let of = |roles: Value| role(&said(json!({ "realm_access": { "roles": roles } })), &settings());
        assert_eq!(of(json!(["全体", "/舆情/值班", "别的"])), Some(Role::Duty));
        assert_eq!(of(json!("信息中心")), Some(Role::Admin));
        for none in
            [json!([]), json!(["别的", 7, null]), json!(null), json!({ "信息中心": true }), json!("信息")]
        {
            assert_eq!(of(none.clone()), None, "{none}");
        }
        assert_eq!(role(&said(json!({ "groups": ["信息中心"] })), &settings()), None, "another claim");
    }

    #[test]
    fn more_is_asked_for_only_when_something_is_missing_and_changes_nothing() {
        let mut all = said(json!({ "preferred_username": "值班室" }));
        assert!(
            !suffice(&all, &settings())
                && suffice(&all, &config::Oidc { groups: BTreeMap::new(), ..settings() })
        );
        add(&mut all, &json!({ "preferred_username": "别人", "realm_access": { "roles": ["全体"] } }));
        assert!(suffice(&all, &settings()));
        assert_eq!(names(&all, "preferred_username"), ["值班室"]);
    }
}
