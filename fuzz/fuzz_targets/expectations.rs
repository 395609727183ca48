//! An expectations file is read or refused with places inside it; what is read answers anything. Globs match as told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolechain::expect::Expectations;
use rolechain::model::glob;
use rolechain::provider::Subject;

const RULES: [&str; 3] = ["unexpected-subject", "missing-external-id", "long-lived-key-in-ci"];

fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    if selector & 1 == 0 {
        check_file(&text);
    } else {
        let (pattern, text) = text.split_once('\n').unwrap_or((&text, ""));
        check_glob(pattern, text);
    }
});

fn check_file(text: &str) {
    match Expectations::parse("rolechain.toml", text, &RULES) {
        Ok(expectations) => ask(&expectations, text),
        Err(error) => {
            assert!(!error.problems.is_empty(), "refused without a reason");
            let lines: Vec<&str> = text.split('\n').collect();
            for problem in &error.problems {
                let line = problem.line.checked_sub(1).and_then(|line| lines.get(line));
                let line = line.unwrap_or_else(|| panic!("line {} of {}", problem.line, lines.len()));
                let width = line.chars().count();
                assert!((1..=width + 1).contains(&problem.column), "column {} of {width}", problem.column);
            }
            assert!(error.to_string().contains("rolechain.toml"));
        }
    }
}

/// Asks about every word of the file, and about words that are in none.
fn ask(expectations: &Expectations, text: &str) {
    let quoted = text.split('"').take(64);
    for word in ["", "*", "arn:aws:iam::111111111111:role/ci/deploy", "arn:::::"].into_iter().chain(quoted) {
        let _ = expectations.account(word);
        let _ = expectations.is_own_account(word);
        let _ = expectations.github_owner(word);
        let _ = expectations.issuer(word);
        let _ = expectations.env_of_role(word);
        let _ = expectations.is_iac_role(word);
        let _ = expectations.keys.allows_user(word);
        let _ = expectations.networks.label(word);
        let subject: Subject = expectations.parse_subject(word, "repo:acme/orders:environment:prod");
        let Some(role) = expectations.role(word) else { continue };
        let _ = role.subject_refusal(&subject);
        let _ = role.may_call(word);
        let _ = role.admits_repository(word);
        let _ = role.admits_origin(word);
        let _ = role.session_name.as_ref().map(|name| name.matches(word));
        let _ = role.caller(Some(word), None);
        if let Some(caller) = role.caller(None, Some("111111111111"))
            && let Some(external_id) = &caller.external_id
        {
            let _ = external_id.admits(Some(word));
        }
    }
}

fn check_glob(pattern: &str, text: &str) {
    if pattern.len() * text.len() > 4_096 {
        return;
    }
    let expected = reference(pattern, text, |a, b| a == b);
    assert_eq!(glob::matches(pattern, text), expected, "{pattern:?} {text:?}");
    let expected = reference(pattern, text, |a, b| a.eq_ignore_ascii_case(&b));
    assert_eq!(glob::matches_ignore_case(pattern, text), expected, "{pattern:?} {text:?}, whatever the case");
}

/// Says by the definition whether the whole text fits: row by row, which beginnings of the text each pattern fits.
fn reference(pattern: &str, text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for wanted in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = if wanted == '*' {
                fits[end] || (end > 0 && next[end - 1])
            } else {
                end > 0 && fits[end - 1] && (wanted == '?' || same(wanted, text[end - 1]))
            };
        }
        fits = next;
    }
    fits[text.len()]
}
