//! Reads `[[role]]`, its `subjects` and its `[[role.from]]`.

use super::caller::{CallerExpectation, ExternalId, ExternalIdExpectation};
use super::callers::Callers;
use super::listed::GlobList;
use super::reader::{Reader, Section, Value};
use super::role::{RoleClass, RoleExpectation, SessionName};
use super::schema;
use super::subject::SubjectMatcher;
use super::subjects::Subjects;
use crate::model::glob::Glob;
use crate::model::origin::OriginKind;

/// What a text must be, in words, and whether it is.
pub(super) type Shape = (&'static str, fn(&str) -> bool);

const ACTION: Shape = ("an action, such as sts:AssumeRole", |text| text == "*" || text.contains(':'));
pub(super) const REPOSITORY: Shape = ("owner/name", |text| text.contains('/') || text.contains('*'));
const GIT_REF: Shape = ("a full git ref, such as refs/heads/main or refs/tags/v*", |text| {
    text.starts_with("refs/") || text.starts_with(['*', '?'])
});

/// Reads one `[[role]]`; without a good ARN there is none.
pub(super) fn read_role<'t>(section: &Section<'t>, reader: &mut Reader<'t>) -> Option<RoleExpectation> {
    let role_arn = section.required_text("arn", reader).and_then(|text| reader.arn(text, &["role/"]));
    let subjects = section.sections("subjects", &schema::SUBJECT, reader);
    let subjects = Subjects::new(subjects.iter().map(|subject| read_subject(subject, reader)).collect());
    let from = section.sections("from", &schema::FROM, reader);
    let from = Callers::new(from.iter().map(|from| read_caller(from, reader)).collect());
    let origin = section.list("origin", reader);
    let known = OriginKind::ALL.into_iter().filter(|kind| *kind != OriginKind::Unknown);
    let words: Vec<_> = known.map(|kind| (kind.name(), kind)).chain(OriginKind::SHORT).collect();
    let origin = origin.into_iter().filter_map(|item| reader.word("origin", item, &words)).collect();
    let session_tags = section.texts("session_tags", reader);
    let role = RoleExpectation {
        class: section.get("class").and_then(|value| reader.word("class", value, RoleClass::WORDS)),
        env: section.text("env", reader),
        owner: section.text("owner", reader),
        subjects,
        session_name: section.get("session_name").and_then(|value| read_session_name(value, reader)),
        max_session_seconds: section.count("max_session_seconds", reader),
        may: globs(section, "may", ACTION, reader),
        manages_iam: section.flag("manages_iam", reader).unwrap_or(false),
        repos: globs(section, "repos", REPOSITORY, reader),
        origin,
        needs_run: section.get("runs").and_then(|value| reader.word("runs", value, &[("required", true)])).is_some(),
        session_tags: session_tags.into_iter().map(|(tag, _)| tag.to_owned()).collect(),
        from,
        learned: section.flag("learned", reader).unwrap_or(false),
        line: reader.line(&section.at),
        arn: role_arn?,
    };
    Some(role)
}

fn read_session_name<'t>(value: &'t Value<'t>, reader: &mut Reader<'t>) -> Option<SessionName> {
    let (text, at) = reader.text("session_name", value)?;
    match SessionName::new(text) {
        Ok(expression) => Some(expression),
        Err(error) => {
            let hint = "single quotes keep backslashes as they are".to_owned();
            reader.note(&at, format!("session_name is not a regular expression: {error}"), Some(hint));
            None
        }
    }
}

fn read_subject<'t>(section: &Section<'t>, reader: &mut Reader<'t>) -> SubjectMatcher {
    let raw = section.text("raw", reader).and_then(|text| Glob::new(&text));
    let id = |key: &str, reader: &mut Reader<'t>| section.get(key).and_then(|value| reader.id(key, value));
    let matcher = SubjectMatcher {
        issuer: glob(section, "issuer", ("an issuer", |_| true), reader),
        raw,
        owner: glob(section, "owner", ("an owner without its repositories", |text| !text.contains('/')), reader),
        repo: glob(section, "repo", REPOSITORY, reader),
        owner_id: id("owner_id", reader),
        repo_id: id("repo_id", reader),
        git_ref: glob(section, "ref", GIT_REF, reader),
        environment: glob(section, "environment", ("an environment", |_| true), reader),
        pull_request: section.flag("pull_request", reader),
        project: glob(section, "project", ("a project", |_| true), reader),
        workspace: glob(section, "workspace", ("a workspace", |_| true), reader),
        run_phase: glob(section, "run_phase", ("plan or apply", |_| true), reader),
        namespace: glob(section, "namespace", ("a namespace", |_| true), reader),
        service_account: glob(section, "service_account", ("a service account", |_| true), reader),
    };
    if section.is_empty() {
        let hint = "give at least one key, such as repo = \"acme/orders\"".to_owned();
        reader.note(&section.at, "this entry of subjects admits every token", Some(hint));
    }
    matcher
}

fn read_caller<'t>(section: &Section<'t>, reader: &mut Reader<'t>) -> CallerExpectation {
    let principal = section.get("principal").and_then(|value| reader.text("principal", value));
    let account = section.get("account").and_then(|value| reader.account_id("account", value));
    if section.get("principal").is_none() && section.get("account").is_none() {
        reader.note(&section.at, "[[role.from]] names neither a principal nor an account", None);
    }
    CallerExpectation {
        principal: principal.and_then(|text| reader.arn(text, &["role/", "user/"])),
        account: account.map(|(id, _)| id.to_owned()),
        external_id: section.get("external_id").and_then(|value| read_external_id(value, reader)),
    }
}

fn read_external_id<'t>(value: &'t Value<'t>, reader: &mut Reader<'t>) -> Option<ExternalIdExpectation> {
    if value.get_ref().as_str() == Some("any") {
        return Some(ExternalIdExpectation::Any);
    }
    let items: Vec<&Value<'t>> = match value.get_ref().as_array() {
        Some(items) => items.iter().collect(),
        None => vec![value],
    };
    if items.is_empty() {
        reader.note(&value.span(), "external_id lists no value", Some("write \"any\" to admit every value".to_owned()));
    }
    let ids: Vec<ExternalId> = items.iter().filter_map(|item| read_one_external_id(item, reader)).collect();
    (ids.len() == items.len()).then(|| ExternalIdExpectation::OneOf(ids.into_iter().collect()))
}

fn read_one_external_id<'t>(value: &'t Value<'t>, reader: &mut Reader<'t>) -> Option<ExternalId> {
    let (text, at) = reader.text("external_id", value)?;
    if text == "any" {
        reader.note(&at, "\"any\" stands alone: it admits every value", None);
        return None;
    }
    let Some(digits) = text.strip_prefix("sha256:") else { return Some(ExternalId::Literal(text.to_owned())) };
    let digest = read_digest(digits);
    if digest.is_none() {
        let message = format!("a sha256 has 64 hexadecimal digits, and this has {} characters", digits.chars().count());
        reader.note(&at, message, Some("printf %s VALUE | sha256sum".to_owned()));
    }
    digest.map(ExternalId::Sha256)
}

fn read_digest(digits: &str) -> Option<[u8; 32]> {
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut digest = [0; 32];
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(digest)
}

/// Reads one glob that must have a shape.
pub(super) fn glob<'t>(section: &Section<'t>, key: &str, shape: Shape, reader: &mut Reader<'t>) -> Option<Glob> {
    read_glob(section.get(key)?, key, shape, reader)
}

pub(super) fn globs<'t>(section: &Section<'t>, key: &str, shape: Shape, reader: &mut Reader<'t>) -> GlobList {
    let items = section.list(key, reader).into_iter();
    GlobList::new(items.filter_map(|item| read_glob(item, key, shape, reader)).collect())
}

fn read_glob<'t>(value: &'t Value<'t>, key: &str, shape: Shape, reader: &mut Reader<'t>) -> Option<Glob> {
    let (text, at) = reader.text(key, value)?;
    let (said, is_good) = shape;
    // Shell classes and braces mean nothing to IAM: as plain characters they would silently never match.
    if text.contains(['[', ']', '{', '}']) {
        let hint = "* is any run of characters and ? is one; write several entries instead".to_owned();
        reader.note(&at, format!("{key} {text:?} is not a good glob"), Some(hint));
        return None;
    }
    if !is_good(text) {
        let hint = (key == "ref").then(|| format!("did you mean \"refs/heads/{text}\"?"));
        reader.note(&at, format!("{key} {text:?} is not {said}"), hint);
        return None;
    }
    Glob::new(text)
}
