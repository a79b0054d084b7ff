//! Addresses for rows that carry none: `https://s.example/weibo?q={title}`.

use url::Url;

use crate::words::Words;

/// An address with places for fields of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What stands before the first field, then after each.
    texts: Vec<String>,
    /// The fields in between.
    fields: Vec<Slot>,
}

/// What may be put into an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The row's own name.
    Id,
    /// Its title.
    Title,
}

/// Why an address with fields cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// A field that is not ours.
    Unknown(String),
    /// `{` without `}`.
    Open,
    /// No field at all: every row would have one address.
    NoField,
    /// Not a web address, or its host is to be filled in.
    NoAddress,
}

impl Template {
    /// Reads `https://s.example/weibo?q={title}`.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut texts = Vec::new();
        let mut fields = Vec::new();
        let mut rest = text.trim();
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').ok_or(TemplateError::Open)?;
            fields.push(match name.trim() {
                "id" => Slot::Id,
                "title" => Slot::Title,
                other => return Err(TemplateError::Unknown(other.to_owned())),
            });
            texts.push(before.to_owned());
            rest = after;
        }
        texts.push(rest.to_owned());
        let template = Template { texts, fields };
        template.check()
    }

    /// Whether the row's own name is needed.
    pub fn needs_id(&self) -> bool {
        self.fields.contains(&Slot::Id)
    }

    /// The address of a row; `None` where a field it needs is missing.
    pub(super) fn address(&self, id: Option<&str>, title: &str) -> Option<String> {
        let mut address = self.texts.first()?.clone();
        for (field, text) in self.fields.iter().zip(self.texts.iter().skip(1)) {
            let value = match field {
                Slot::Id => id?,
                Slot::Title => title,
            };
            if value.is_empty() {
                return None;
            }
            percent_encode(value, &mut address);
            address.push_str(text);
        }
        Some(address)
    }

    fn check(self) -> Result<Template, TemplateError> {
        if self.fields.is_empty() {
            return Err(TemplateError::NoField);
        }
        let host = |value: &str| {
            let url = Url::parse(&self.address(Some(value), value)?).ok()?;
            matches!(url.scheme(), "http" | "https").then(|| url.host_str().map(str::to_owned))?
        };
        let (one, other) = (host("a"), host("b"));
        if one.is_none() || one != other { Err(TemplateError::NoAddress) } else { Ok(self) }
    }
}

impl TemplateError {
    /// What is wrong with it.
    pub fn words(&self) -> Words {
        match self {
            TemplateError::Unknown(name) => Words::new(
                format!("花括号里不能写“{name}”，只能写 title 或 id"),
                format!("\"{name}\" cannot stand between braces; title and id can"),
            ),
            TemplateError::Open => Words::new("花括号没有结束", "a brace is not closed"),
            TemplateError::NoField => Words::new(
                "没有 {title} 或 {id}，每条的网址都会一样",
                "it has neither {title} nor {id}: all rows would have one address",
            ),
            TemplateError::NoAddress => Words::new(
                "它不是完整的网址，或者主机名里有花括号",
                "it is no complete web address, or has a brace in its host",
            ),
        }
    }
}

/// Everything but letters, digits and `-._~` as `%XX`: what a row says cannot change the address's shape.
fn percent_encode(value: &str, address: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_cannot_leave_its_place_in_the_address() {
        let template = Template::parse("https://s.example/weibo?q={title}&n={id}#x").unwrap();
        assert!(template.needs_id());
        assert_eq!(
            template.address(Some("a/../b"), "返京 #&=?%").as_deref(),
            Some("https://s.example/weibo?q=%E8%BF%94%E4%BA%AC%20%23%26%3D%3F%25&n=a%2F..%2Fb#x")
        );
        assert_eq!(template.address(None, "返京"), None);
        assert_eq!(template.address(Some(""), "返京"), None);
    }

    #[test]
    fn what_is_no_template_says_why() {
        let cases = [
            ("https://s.example/q", TemplateError::NoField),
            ("https://s.example/{title", TemplateError::Open),
            ("https://s.example/{author}", TemplateError::Unknown("author".to_owned())),
            ("https://{id}.example/", TemplateError::NoAddress),
            ("https://s.example{id}/", TemplateError::NoAddress),
            ("/q={title}", TemplateError::NoAddress),
            ("javascript:{title}", TemplateError::NoAddress),
            ("{title}", TemplateError::NoAddress),
        ];
        for (text, expected) in cases {
            assert_eq!(Template::parse(text), Err(expected), "{text}");
        }
    }
}
