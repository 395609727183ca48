//! Tags: what a session carries, and whether anything names the CI run that it belongs to.

use crate::model::lineage::SessionView;

/// The tag that a run id in the user agent stands for: the action drops it when its tags are too long.
const RUN: &str = "RunId";

/// True when the session was given the tag, or inherited it, or names its run otherwise.
pub(super) fn carries(session: SessionView<'_>, key: &str) -> bool {
    tag_keys(session).any(|carried| carried.eq_ignore_ascii_case(key)) || (key == RUN && session.session.way.names_run)
}

/// True when a tag or a user agent names the run that the session belongs to.
pub(super) fn names_run(session: SessionView<'_>) -> bool {
    carries(session, RUN)
}

/// Returns the keys of the tags that the session was given and of those that it inherited.
pub(super) fn tag_keys(session: SessionView<'_>) -> impl Iterator<Item = &str> {
    let lineage = session.lineage();
    let extra = session.issuing_record().and_then(|record| record.extra.as_deref());
    let tags = extra.into_iter().flat_map(|extra| extra.tags.iter().chain(&extra.incoming_tags));
    tags.map(|(key, _)| lineage.str(*key))
}

/// True when a tag is what the action makes of the text, letter by letter.
pub(super) fn is_written_as(tagged: &str, text: &str) -> bool {
    fits(tagged, text, |a, b| a == b)
}

/// A value of a tag may have this many UTF-16 units; what sets the tags cuts off the rest.
const MAX_VALUE: usize = 256;

/// True when the tag is what the action makes of the text: characters that tags may not hold become `_`, and what is
/// too long is cut off.
pub(super) fn fits(tagged: &str, text: &str, is_same: fn(char, char) -> bool) -> bool {
    let mut left = MAX_VALUE;
    let cut: Vec<char> = text
        .chars()
        .take_while(|character| {
            let units = character.len_utf16();
            let has_room = units <= left;
            left = left.saturating_sub(units);
            has_room
        })
        .collect();
    let tagged: Vec<char> = tagged.chars().collect();
    tagged.len() == cut.len()
        && tagged
            .iter()
            .zip(&cut)
            .all(|(tagged, text)| is_same(*tagged, *text) || (*tagged == '_' && !is_allowed(*text)))
}

/// True for ASCII characters that the value of a tag may hold. Which others it may is not compared.
fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, ' ' | '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@')
}
