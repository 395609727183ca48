//! The commands that CI systems read out of what a job prints: foreign text must give none.

use std::borrow::Cow;

/// What makes a line a command when it stands at its beginning: GitHub and Gitea, GitLab, Travis, and Buildkite, whose
/// four end with a space.
const BEGINNINGS: [&str; 9] =
    ["::", "section_start:", "section_end:", "travis_fold:", "travis_time:", "---", "+++", "~~~", "^^^"];

/// How many of [`BEGINNINGS`] are commands whatever follows.
const WHATEVER_FOLLOWS: usize = 5;

/// Returns true when `##vso[`, `##teamcity[`, `##[` or another `##word[` begins here. Runners look for those anywhere in
/// a line.
pub fn is_at(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("##") else { return false };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    rest.trim_start_matches(is_word).starts_with('[')
}

/// Returns true when a runner takes a line for a command because of how it begins, after its margin.
pub fn begins(line: &str) -> bool {
    let after = |beginning: &&str| line.strip_prefix(*beginning);
    let (any, spaced) = BEGINNINGS.split_at(WHATEVER_FOLLOWS);
    any.iter().any(|beginning| after(beginning).is_some())
        || spaced.iter().filter_map(after).any(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Returns a line, already escaped for people, that begins no command: its first character is written as its number.
pub fn broken(line: &str) -> Cow<'_, str> {
    let body = line.trim_start();
    let Some(first) = body.chars().next().filter(|_| begins(body)) else { return Cow::Borrowed(line) };
    let (margin, _) = line.split_at(line.len() - body.len());
    let rest = body.get(first.len_utf8()..).unwrap_or_default();
    Cow::Owned(format!("{margin}{}{rest}", first.escape_unicode()))
}

#[cfg(test)]
mod tests {
    use super::begins;
    use super::broken;
    use super::is_at;

    #[test]
    fn commands_are_known_by_their_form() {
        for command in ["##[error]x", "##vso[task.setvariable]x", "##teamcity[x", "##VSO[x", "##any-other.word_1[x"] {
            assert!(is_at(command), "{command}");
        }
        for words in ["## Coverage [x]", "#[x]", "##", "##vso", "###[x]", "##vso (["] {
            assert!(!is_at(words), "{words}");
        }
    }

    #[test]
    fn a_line_begins_no_command() {
        for (line, safe) in [
            ("  ::set-output name=x::y", "  \\u{3a}:set-output name=x::y"),
            ("--- fold", "\\u{2d}-- fold"),
            ("^^^ +++", "\\u{5e}^^ +++"),
            ("section_start:1:x", "\\u{73}ection_start:1:x"),
            ("----", "----"),
            ("--- x".trim_end_matches(" x"), "\\u{2d}--"),
            ("a ::error::x", "a ::error::x"),
        ] {
            assert_eq!(broken(line), safe);
            assert!(!begins(broken(line).trim_start()), "{line}");
        }
    }
}
