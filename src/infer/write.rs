//! Writes the file: comments first, then the stanza that they are about.

use std::fmt::Write as _;

use super::parts::CallerLine;
use super::parts::Issuer;
use super::parts::Org;
use super::parts::Parts;
use super::parts::Stanza;
use super::parts::SubjectLine;
use super::quote;
use super::subject;
use crate::expect::ExternalId;
use crate::expect::ExternalIdExpectation;

/// So much of what was left out is told; the rest is counted.
const MAX_LEFT_OUT: usize = 200;

/// A file in the making. Writing to a string does not fail.
#[derive(Default)]
struct File(String);

impl File {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn comments(&mut self, indent: &str, comments: &[String]) {
        for comment in comments.iter().filter(|comment| !comment.is_empty()) {
            self.0.push_str(&quote::wrapped(&format!("{indent}# "), comment));
        }
    }

    fn key(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.key(key, &quote::string(value));
        }
    }

    fn texts<'t>(&mut self, key: &str, values: impl IntoIterator<Item = &'t String>) {
        let values = list(values);
        if values != "[]" {
            self.key(key, &values);
        }
    }
}

fn list<'t>(values: impl IntoIterator<Item = &'t String>) -> String {
    format!("[{}]", values.into_iter().map(|value| quote::string(value)).collect::<Vec<_>>().join(", "))
}

/// Writes everything.
pub(super) fn file(parts: &Parts) -> String {
    let mut file = File::default();
    file.line("# Drafted by `rolechain infer`: read it, correct it, and keep it under version control.");
    file.line("# `learned = true` caps the findings of a role at medium: delete the line once a person has agreed.");
    file.line("# Made from:");
    for line in &parts.head {
        file.0.push_str(&quote::wrapped("#   ", line));
    }
    file.line("schema = 1");
    org(&mut file, &parts.org);
    for account in &parts.accounts {
        file.line("");
        file.comments("", &account.comments);
        file.line("[[account]]");
        file.text("id", Some(&account.id));
        file.text("name", account.name.as_deref());
        file.text("env", account.env.as_deref());
    }
    strangers(&mut file, parts);
    for issuer in &parts.issuers {
        one_issuer(&mut file, issuer);
    }
    for people in &parts.people {
        file.line("");
        file.line("# the roles that IAM Identity Center makes: people only");
        file.line("[[role]]");
        file.text("arn", Some(people));
        file.text("class", Some("human"));
        file.key("origin", "[\"identity_center\"]");
    }
    for stanza in &parts.roles {
        role(&mut file, stanza);
    }
    left_out(&mut file, parts);
    file.0
}

fn org(file: &mut File, org: &Org) {
    if org.owners.is_empty() && org.iac_roles.is_empty() {
        return;
    }
    file.line("");
    file.line("[org]");
    file.comments("", &org.owners_comments);
    if !org.owners.is_empty() {
        let owner = |(name, id): &(String, Option<String>)| match id {
            Some(id) => format!("{{ name = {}, id = {} }}", quote::string(name), quote::id(id)),
            None => quote::string(name),
        };
        file.key("github_owners", &format!("[{}]", org.owners.iter().map(owner).collect::<Vec<_>>().join(", ")));
    }
    if !org.iac_roles.is_empty() {
        file.line("iac_roles = [");
        for (role, comment) in &org.iac_roles {
            file.line(&format!("  {}, # {}", quote::string(role), quote::comment(comment)));
        }
        file.line("]");
    }
}

fn strangers(file: &mut File, parts: &Parts) {
    if parts.strangers.is_empty() {
        return;
    }
    file.line("");
    file.line("# Accounts that appear here without logs or a snapshot, taken for somebody else's. Declare those that are yours.");
    for stranger in parts.strangers.iter().take(MAX_LEFT_OUT) {
        file.line(&format!("#   {}", quote::comment(&stranger.id)));
        for deed in &stranger.deeds {
            file.0.push_str(&quote::wrapped("#     ", deed));
        }
    }
    if let Some(more) = parts.strangers.len().checked_sub(MAX_LEFT_OUT).filter(|more| *more > 0) {
        file.line(&format!("#   and {more} more"));
    }
}

fn one_issuer(file: &mut File, issuer: &Issuer) {
    file.line("");
    file.comments("", &issuer.comments);
    file.line("[[issuer]]");
    file.text("url", Some(&issuer.url));
    file.text("kind", issuer.kind);
    file.texts("audiences", &issuer.audiences);
    file.texts("accounts", &issuer.accounts);
}

fn role(file: &mut File, stanza: &Stanza) {
    file.line("");
    file.comments("", &stanza.comments);
    file.line("[[role]]");
    file.text("arn", Some(&stanza.arn));
    file.text("class", stanza.class.map(crate::expect::RoleClass::as_str));
    file.text("env", stanza.env.as_deref());
    file.text("owner", stanza.owner.as_deref());
    if !stanza.subjects.is_empty() {
        file.line("subjects = [");
        for line in &stanza.subjects {
            let (entry, comments) = (subject(line), line.comments.join("; "));
            // Short comments stand beside their entry.
            if quote::fits(&comments) {
                file.line(&format!("  {entry}, # {}", quote::comment(&comments)));
            } else {
                file.comments("  ", &line.comments);
                file.line(&format!("  {entry},"));
            }
        }
        file.line("]");
    }
    file.texts("repos", &stanza.repos);
    if let Some(origin) = stanza.origin {
        file.key("origin", &format!("[{}]", quote::string(origin.name())));
    }
    file.texts("session_tags", &stanza.session_tags);
    if let Some(seconds) = stanza.max_session_seconds {
        file.key("max_session_seconds", &seconds.to_string());
    }
    if stanza.learned {
        file.key("learned", "true");
    }
    for line in &stanza.from {
        from(file, line);
    }
}

fn subject(line: &SubjectLine) -> String {
    let mut fields: Vec<String> = subject::fields(&line.matcher)
        .into_iter()
        .map(|(key, value, is_id)| {
            let value = if is_id { quote::id(&value) } else { quote::string(&value) };
            format!("{key} = {value}")
        })
        .collect();
    fields.extend(line.matcher.pull_request.map(|is| format!("pull_request = {is}")));
    format!("{{ {} }}", fields.join(", "))
}

fn from(file: &mut File, line: &CallerLine) {
    file.line("");
    file.comments("  ", &line.comments);
    file.line("  [[role.from]]");
    let expectation = &line.expectation;
    file.text("  principal", expectation.principal.as_ref().map(crate::expect::ArnPattern::as_str));
    file.text("  account", expectation.account.as_deref());
    match &expectation.external_id {
        None => {}
        Some(ExternalIdExpectation::Any) => file.key("  external_id", "\"any\""),
        Some(ExternalIdExpectation::OneOf(ids)) => match &**ids {
            [only] => file.key("  external_id", &external_id(only)),
            several => {
                let ids: Vec<String> = several.iter().map(external_id).collect();
                file.key("  external_id", &format!("[{}]", ids.join(", ")));
            }
        },
    }
}

fn external_id(id: &ExternalId) -> String {
    match id {
        ExternalId::Literal(value) => quote::string(value),
        ExternalId::Sha256(digest) => {
            let mut text = "sha256:".to_owned();
            for byte in digest {
                let _ = write!(text, "{byte:02x}");
            }
            quote::string(&text)
        }
    }
}

fn left_out(file: &mut File, parts: &Parts) {
    if parts.left_out.is_empty() {
        return;
    }
    file.line("");
    file.line("# Left out, and why. What is wanted all the same, a person adds.");
    for left in parts.left_out.iter().take(MAX_LEFT_OUT) {
        let role = left.role.as_ref().map(|role| format!("{role}: ")).unwrap_or_default();
        file.0.push_str(&quote::wrapped("#   ", &format!("{role}{}", left.what)));
        file.0.push_str(&quote::wrapped("#     ", &left.why));
    }
    if let Some(more) = parts.left_out.len().checked_sub(MAX_LEFT_OUT).filter(|more| *more > 0) {
        file.line(&format!("#   and {more} more"));
    }
}
