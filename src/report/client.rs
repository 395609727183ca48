//! User agents in short: the program and its version.

use std::borrow::Cow;

/// What stands before the name of a program and says nothing of it.
const EMPTY: [&str; 2] = ["APN/", "HashiCorp/"];

/// Browsers name those that they are like: the first of these that is named is the one.
const BROWSERS: [&str; 5] = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/"];

/// Returns the program and its version; what is written otherwise, whole.
pub(super) fn short<'t>(user_agent: &Cow<'t, str>) -> Cow<'t, str> {
    program(user_agent).map_or_else(|| user_agent.clone(), |program| Cow::Owned(program.to_owned()))
}

fn program(user_agent: &str) -> Option<&str> {
    let inner = user_agent.trim_start_matches('[').trim_end_matches(']');
    let mut words = inner.split(|c: char| c.is_whitespace() || c == ',');
    if inner.starts_with("Mozilla/") {
        return BROWSERS.iter().find_map(|browser| words.clone().find(|word| word.starts_with(browser)));
    }
    words.find(|word| !EMPTY.iter().any(|empty| word.starts_with(empty))).filter(|word| word.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_program_is_named_with_its_version() {
        for (agent, program) in [
            ("aws-cli/2.31.12 md/awscrt#0.27.6 ua/2.1 os/linux#6.11.0", "aws-cli/2.31.12"),
            ("APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) aws-sdk-go-v2/1.30", "Terraform/1.9.8"),
            ("Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML) Chrome/142.0 Safari/537.36", "Chrome/142.0"),
            ("Mozilla/5.0 (Macintosh) Version/18.1 Safari/605.1.15", "Safari/605.1.15"),
            ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12]", "S3Console/0.4"),
            ("[python-requests/2.31]", "python-requests/2.31"),
            ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com"),
            ("AWS Internal", "AWS Internal"),
            ("", ""),
        ] {
            assert_eq!(short(&agent.into()), program, "{agent}");
        }
    }
}
