//! JSON objects whose fields keep the order in which they were written, as CloudTrail's do.

use serde_json::Value;

/// A JSON object under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object(String);

impl Object {
    /// Starts an empty object.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a string.
    pub(crate) fn text(self, key: &str, value: &str) -> Self {
        let value = quoted(value);
        self.raw(key, &value)
    }

    /// Adds a string, when there is one.
    pub(crate) fn maybe(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// Adds a boolean.
    pub(crate) fn flag(self, key: &str, value: bool) -> Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    /// Adds a number.
    pub(crate) fn number(self, key: &str, value: i64) -> Self {
        self.raw(key, &value.to_string())
    }

    /// Adds an object.
    pub(crate) fn object(self, key: &str, value: &Self) -> Self {
        self.raw(key, &value.json())
    }

    /// Adds JSON text as it is.
    pub(crate) fn raw(mut self, key: &str, json: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0.push_str(&quoted(key));
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    /// Returns the object as JSON text.
    pub(crate) fn json(&self) -> String {
        format!("{{{}}}", self.0)
    }
}

/// Returns an object of strings.
pub(crate) fn texts(fields: &[(&str, &str)]) -> Object {
    fields.iter().fold(Object::new(), |object, (key, value)| object.text(key, value))
}

/// Returns JSON text as a value; text that is not JSON is a mistake of the story, and stops the test.
pub(crate) fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("not JSON: {error}: {json}"))
}

/// Returns a JSON array of JSON texts.
pub(crate) fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
