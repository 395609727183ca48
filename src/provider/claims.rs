//! `claim:value:claim:value`, the shape that many providers' subjects share.

/// Reads pairs of claim and value. A value holds no `:`; providers write it `%3A`, which is decoded.
///
/// `None` when the text is not of that shape.
pub(super) fn pairs(text: &str) -> Option<Vec<(&str, String)>> {
    let mut pairs = Vec::new();
    let mut parts = text.split(':');
    while let Some(claim) = parts.next() {
        let value = parts.next()?;
        if !is_claim(claim) {
            return None;
        }
        pairs.push((claim, decode(value)));
    }
    Some(pairs)
}

/// True when `text` is spelled like the name of a claim: `job_workflow_ref`.
pub(super) fn is_claim(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Decodes `%3A`, the one escape that subjects know.
pub(super) fn decode(value: &str) -> String {
    value.replace("%3A", ":").replace("%3a", ":")
}

/// True for a non-empty run of digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// True for `8-4-4-4-12` hexadecimal digits.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
