//! Access key ids with only their last four characters left.

use std::borrow::Cow;

/// What stands for the characters that are not shown: as many for every key, so that its length tells nothing.
const MASK: &str = "****************";

/// How access key ids begin, by the user guide of IAM: long-term and temporary keys, bearer tokens, and keys of a context.
const PREFIXES: [&[u8]; 4] = [b"AKIA", b"ASIA", b"ABIA", b"ACCA"];

/// The least length of an access key id, by the API reference of IAM.
const MIN_KEY_CHARS: usize = 16;

/// How text is shown: as it is, or with its access key ids masked.
#[derive(Clone, Copy, Debug)]
pub struct Shade {
    redact: bool,
}

impl Shade {
    /// Makes a shade.
    pub fn new(redact: bool) -> Self {
        Self { redact }
    }

    /// Shows an access key id.
    pub fn key(self, access_key_id: &str) -> Cow<'_, str> {
        if self.redact { Cow::Owned(masked(access_key_id)) } else { Cow::Borrowed(access_key_id) }
    }

    /// Shows text that may hold access key ids.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        if self.redact { masked_within(text) } else { Cow::Borrowed(text) }
    }
}

fn masked(key: &str) -> String {
    let chars = key.chars().count();
    let shown = if chars > 4 { key.chars().skip(chars - 4).collect() } else { String::new() };
    format!("{MASK}{shown}")
}

/// Masks every `AKIA…`, `ASIA…` and the like of sixteen and more capitals and digits, wherever it stands.
fn masked_within(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((at, end)) = find_key(rest) {
        shown.push_str(rest.get(..at).unwrap_or_default());
        shown.push_str(&masked(rest.get(at..end).unwrap_or_default()));
        rest = rest.get(end..).unwrap_or_default();
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

fn find_key(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    bytes.windows(4).enumerate().filter(|(_, four)| PREFIXES.contains(four)).find_map(|(at, _)| {
        let tail = bytes.get(at..)?;
        let length = tail.iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count();
        (length >= MIN_KEY_CHARS).then_some((at, at + length))
    })
}

#[cfg(test)]
mod tests {
    use super::Shade;

    #[test]
    fn four_characters_of_a_key_are_left() {
        let shade = Shade::new(true);
        assert_eq!(shade.key("AKIAIOSFODNN7EXAMPLE"), "****************MPLE");
        assert_eq!(shade.key("AKIA"), "****************");
        assert_eq!(shade.text("/logs/ABIAIOSFODNN7EXAMPLE.json"), "/logs/****************MPLE.json");
        assert_eq!(
            shade.text("xASIAIOSFODNN7EXAMPLE, then AKIAI44QH8DHBEXAMPLE in ASIAPACIFIC"),
            "x****************MPLE, then ****************MPLE in ASIAPACIFIC"
        );
        assert_eq!(Shade::new(false).text("AKIAIOSFODNN7EXAMPLE"), "AKIAIOSFODNN7EXAMPLE");
    }
}
