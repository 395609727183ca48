//! Reads the file: from text to [`Expectations`], or to everything that is wrong with it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::exceptions::Exceptions;
use super::file_environment::read_environments;
use super::file_exception::{read_exception, read_severity};
use super::file_role::read_role;
use super::ground::{Account, GithubOwner, Issuer, Keys, Limits, Org};
use super::issuers::Issuers;
use super::keyed::Keyed;
use super::listed::{ArnList, NameList};
use super::network::{Network, NetworkFile, Networks};
use super::problem::ExpectError;
use super::reader::{Reader, Section, Text, Value};
use super::roles::Roles;
use super::{Expectations, schema};
use crate::model::glob::Glob;
use crate::provider;

/// The one version of the file that there is.
const SCHEMA: u64 = 1;

impl Expectations {
    /// Reads an expectations file. `file_name` is for messages only; `rule_ids` are the rules that
    /// `[severity]` and `[[exception]]` may name.
    pub fn parse(file_name: &str, text: &str, rule_ids: &[&str]) -> Result<Self, ExpectError> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut reader = Reader::new(file_name, text);
        for error in &errors {
            let at = error.span().unwrap_or(0..0);
            let message = error.message().replace('\n', " ");
            let hint = message.contains("leading zero").then(|| "an account id is quoted: \"012345678901\"".to_owned());
            reader.note(&at, format!("not TOML: {message}"), hint);
        }
        if !errors.is_empty() {
            return reader.finish(Self::default());
        }
        let at = document.span();
        let document: Value<'_> = Spanned::new(at, DeValue::Table(document.into_inner()));
        let mut reader = Reader::new(file_name, text);
        let expectations = read_file(&document, rule_ids, &mut reader);
        reader.finish(expectations)
    }
}

fn read_file<'t>(document: &'t Value<'t>, rule_ids: &[&str], reader: &mut Reader<'t>) -> Expectations {
    let Some(file) = reader.section(&schema::FILE, document) else { return Expectations::default() };
    if let Some(value) = file.get("schema")
        && let Some(version) = reader.number("schema", value)
        && version != SCHEMA
    {
        reader.note(
            &value.span(),
            format!("schema {version} is not known"),
            Some(format!("this version reads {SCHEMA}")),
        );
    }
    let networks = file.get("networks").map(|value| read_networks(value, reader)).unwrap_or_default();
    Expectations {
        org: one(&file, "org", &schema::ORG, reader).map(|org| read_org(&org, reader)).unwrap_or_default(),
        accounts: read_accounts(&file, reader),
        issuers: read_issuers(&file, &networks, reader),
        roles: read_roles(&file, reader),
        environments: read_environments(&file, reader),
        keys: one(&file, "keys", &schema::KEYS, reader).map(|keys| read_keys(&keys, reader)).unwrap_or_default(),
        limits: one(&file, "limits", &schema::LIMITS, reader).map(|it| read_limits(&it, reader)).unwrap_or_default(),
        severity: file.get("severity").map(|value| read_severity(value, rule_ids, reader)).unwrap_or_default(),
        exceptions: read_exceptions(&file, rule_ids, reader),
        networks,
    }
}

fn read_exceptions<'t>(file: &Section<'t>, rule_ids: &[&str], reader: &mut Reader<'t>) -> Exceptions {
    let sections = file.sections("exception", &schema::EXCEPTION, reader).into_iter();
    Exceptions::new(sections.filter_map(|section| read_exception(&section, rule_ids, reader)).collect())
}

fn one<'t>(
    file: &Section<'t>,
    key: &str,
    kind: &'static schema::Table,
    reader: &mut Reader<'t>,
) -> Option<Section<'t>> {
    reader.section(kind, file.get(key)?)
}

fn read_org<'t>(org: &Section<'t>, reader: &mut Reader<'t>) -> Org {
    let mut github_owners = Vec::new();
    for item in org.list("github_owners", reader) {
        if let Some(name) = item.get_ref().as_str() {
            github_owners.push(GithubOwner { name: name.to_owned(), id: None });
        } else if let Some(owner) = reader.section(&schema::GITHUB_OWNER, item)
            && let Some((name, _)) = owner.required_text("name", reader)
        {
            let id = owner.get("id").and_then(|id| reader.id("id", id));
            github_owners.push(GithubOwner { name: name.to_owned(), id });
        }
    }
    let iac_roles = org.texts("iac_roles", reader);
    Org {
        name: org.text("name", reader),
        github_owner_ids: Keyed::new(
            github_owners.iter().filter(|owner| owner.id.is_some()).cloned().collect(),
            |owner: &GithubOwner| owner.id.clone().unwrap_or_default(),
        ),
        github_owners: Keyed::new(github_owners, |owner| owner.name.to_ascii_lowercase()),
        iac_roles: ArnList::new(iac_roles.into_iter().filter_map(|text| reader.arn(text, &["role/"])).collect()),
    }
}

fn read_accounts<'t>(file: &Section<'t>, reader: &mut Reader<'t>) -> Keyed<Account> {
    let mut seen = BTreeSet::new();
    let mut accounts = Vec::new();
    for section in file.sections("account", &schema::ACCOUNT, reader) {
        let id = section.required("id", reader).and_then(|value| reader.account_id("id", value));
        let account = Account {
            id: id.as_ref().map(|(id, _)| (*id).to_owned()).unwrap_or_default(),
            name: section.text("name", reader),
            kind: section.text("kind", reader),
            env: section.text("env", reader),
        };
        let Some((id, at)) = id else { continue };
        if !seen.insert(id) {
            reader.note(&at, format!("account {id} is declared twice"), None);
        }
        accounts.push(account);
    }
    Keyed::new(accounts, |account| account.id.clone())
}

fn read_issuers<'t>(file: &Section<'t>, networks: &Networks, reader: &mut Reader<'t>) -> Issuers {
    let kinds: Vec<(&str, &str)> = provider::PROVIDERS.iter().map(|provider| (provider.id, provider.id)).collect();
    let network_names: Vec<&str> = networks.names().collect();
    let mut seen = BTreeSet::new();
    let mut issuers = Vec::new();
    for section in file.sections("issuer", &schema::ISSUER, reader) {
        let accounts = section.list("accounts", reader);
        let accounts = accounts.into_iter().filter_map(|item| reader.account_id("accounts", item));
        let accounts = NameList::new(accounts.map(|(id, _)| id.to_owned()).collect());
        let kind = section.get("kind").and_then(|value| reader.word("issuer kind", value, &kinds));
        let used_networks = section.texts("networks", reader);
        for (name, at) in used_networks.iter().filter(|(name, _)| networks.get(name).is_none()) {
            reader.unknown_word(at, "network", name, &network_names);
        }
        let audiences = NameList::new(owned(section.texts("audiences", reader)));
        let Some((url, at)) = section.required_text("url", reader) else { continue };
        // A slash at the end is a part of an issuer, which people leave out: it says nothing here.
        let url = provider::issuer_of(url).trim_end_matches('/');
        if !seen.insert(url) {
            reader.note(&at, format!("issuer {url:?} is declared twice"), None);
        }
        let Some(url) = Glob::new(url) else {
            reader.note(&at, "url names no host", None);
            continue;
        };
        issuers.push(Issuer {
            url,
            kind: kind.map(str::to_owned),
            audiences,
            accounts,
            networks: owned(used_networks),
        });
    }
    Issuers::new(issuers)
}

fn read_roles<'t>(file: &Section<'t>, reader: &mut Reader<'t>) -> Roles {
    let mut seen = BTreeSet::new();
    let mut roles = Vec::new();
    for section in file.sections("role", &schema::ROLE, reader) {
        let Some(role) = read_role(&section, reader) else { continue };
        if let Some(value) = section.get("arn")
            && !seen.insert(role.arn.clone())
        {
            reader.note(&value.span(), format!("role {} is declared twice", role.arn), None);
        }
        roles.push(role);
    }
    Roles::new(roles)
}

fn read_keys<'t>(section: &Section<'t>, reader: &mut Reader<'t>) -> Keys {
    let defaults = Keys::default();
    let allow_users = section.texts("allow_users", reader);
    Keys {
        allow_users: ArnList::new(allow_users.into_iter().filter_map(|text| reader.arn(text, &["user/"])).collect()),
        max_age_days: section.count("max_age_days", reader).unwrap_or(defaults.max_age_days),
        max_idle_days: section.count("max_idle_days", reader).unwrap_or(defaults.max_idle_days),
        ci_markers: match section.get("ci_markers") {
            Some(_) => owned(section.texts("ci_markers", reader)),
            None => defaults.ci_markers,
        },
    }
}

fn read_limits<'t>(section: &Section<'t>, reader: &mut Reader<'t>) -> Limits {
    let defaults = Limits::default();
    Limits {
        chain_depth: section.count("chain_depth", reader),
        session_seconds: section.count("session_seconds", reader),
        subject_fanout: section.count("subject_fanout", reader).unwrap_or(defaults.subject_fanout),
        denial_runs_per_day: section.count("denial_runs_per_day", reader).unwrap_or(defaults.denial_runs_per_day),
        log_gap_minutes: section.count("log_gap_minutes", reader).unwrap_or(defaults.log_gap_minutes),
    }
}

fn read_networks<'t>(value: &'t Value<'t>, reader: &mut Reader<'t>) -> Networks {
    let mut networks = BTreeMap::new();
    for (name, value) in reader.table("networks", value).into_iter().flatten() {
        let Some(section) = reader.section(&schema::NETWORK, value) else { continue };
        let mut network = Network::default();
        for (text, at) in section.texts("cidrs", reader) {
            let range = text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(ipnet::IpNet::from));
            match range {
                Some(range) => network.cidrs.push(range),
                None => reader.note(&at, format!("{text:?} is not an address range such as 203.0.113.0/24"), None),
            }
        }
        let key = section.text("key", reader);
        network.file = section.text("file", reader).map(|path| NetworkFile { path, key: key.clone() });
        match (&network.file, section.get("cidrs"), section.get("key")) {
            (None, _, Some(key)) => reader.note(&key.span(), "key needs the file that it is a key of", None),
            (None, None, None) => {
                let hint = "give cidrs = [\"203.0.113.0/24\"] or file = \"ranges.json\"".to_owned();
                reader.note(&section.at, format!("network {:?} has no ranges", name.get_ref()), Some(hint));
            }
            _ => {}
        }
        networks.insert(name.get_ref().to_string(), network);
    }
    Networks::new(networks)
}

fn owned(texts: Vec<Text<'_>>) -> Vec<String> {
    texts.into_iter().map(|(text, _)| text.to_owned()).collect()
}
