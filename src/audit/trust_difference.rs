//! Differences: what a change of a trust policy did.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::trust::Conditions;
use crate::audit::trust::Trust;
use crate::audit::trust::key_said;
use crate::model::globs::Globs;
use crate::trust::Principal;

/// One thing that a change of a trust policy did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// Somebody is let in who was not before.
    Added(Principal),
    /// Somebody is let in no more.
    Removed(Principal),
    /// A condition fell away: some statement lets the principal in without it. Its key, in lower case.
    Unguarded(Principal, String),
    /// A condition came: every statement for the principal now has it.
    Guarded(Principal, String),
    /// A condition admits values that it did not admit before.
    Widened(Principal, String, Vec<String>),
    /// A condition admits fewer values.
    Narrowed(Principal, String),
    /// What is not modeled came or went.
    Unmodelled,
}

impl Difference {
    /// Returns true when the change only takes away.
    pub(super) fn is_narrowing(&self) -> bool {
        matches!(self, Self::Removed(_) | Self::Guarded(..) | Self::Narrowed(..))
    }

    /// Says it in words that follow `the change`.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Added(principal) => format!("lets in {}", principal.said()),
            Self::Removed(principal) => format!("takes out {}", principal.said()),
            Self::Unguarded(principal, key) => {
                format!("drops the condition on {} for {}", key_said(key), principal.said())
            }
            Self::Guarded(principal, key) => {
                format!("adds the condition on {} for {}", key_said(key), principal.said())
            }
            Self::Widened(principal, key, values) => {
                format!("lets the {} of {} also be {}", key_said(key), principal.said(), values.join(" or "))
            }
            Self::Narrowed(principal, key) => format!("narrows the {} of {}", key_said(key), principal.said()),
            Self::Unmodelled => "touches Deny, NotPrincipal or NotAction, which are not modeled".to_owned(),
        }
    }
}

/// Returns what changed from one policy to the next.
pub(super) fn between(before: &Trust, after: &Trust) -> Vec<Difference> {
    let mut found = Vec::new();
    for (principal, conditions) in &after.grants {
        match before.grants.get(principal) {
            None => found.push(Difference::Added(principal.clone())),
            Some(known) => compare(principal, known, conditions, &mut found),
        }
    }
    let removed = before.grants.keys().filter(|principal| !after.grants.contains_key(principal));
    found.extend(removed.cloned().map(Difference::Removed));
    if before.is_partial != after.is_partial {
        found.push(Difference::Unmodelled);
    }
    found
}

fn compare(principal: &Principal, before: &[Conditions], after: &[Conditions], found: &mut Vec<Difference>) {
    let keys: BTreeSet<&String> = before.iter().chain(after).flat_map(BTreeMap::keys).collect();
    for key in keys {
        let (old, new) = (values_of(before, key), values_of(after, key));
        match (old, new) {
            (Some(_), None) => found.push(Difference::Unguarded(principal.clone(), key.clone())),
            (None, Some(_)) => found.push(Difference::Guarded(principal.clone(), key.clone())),
            (Some(old), Some(new)) if old != new => {
                let globs = Globs::new(old.iter().map(|known| known.as_str()));
                // A value that holds a wildcard is itself, whatever else it fits.
                let is_covered = |value: &String| old.contains(value) || globs.fitting(value).next().is_some();
                let wider: Vec<String> =
                    new.iter().filter(|value| !is_covered(value)).map(ToString::to_string).collect();
                found.push(if wider.is_empty() {
                    Difference::Narrowed(principal.clone(), key.clone())
                } else {
                    Difference::Widened(principal.clone(), key.clone(), wider)
                });
            }
            _ => {}
        }
    }
}

/// Returns the values that a key may have, when every statement tests it; one that does not makes the others idle.
fn values_of<'c>(statements: &'c [Conditions], key: &str) -> Option<BTreeSet<&'c String>> {
    let mut values = BTreeSet::new();
    for conditions in statements {
        values.extend(conditions.get(key)?);
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::Difference;
    use super::between;
    use crate::audit::trust::Trust;

    fn said(before: &str, after: &str) -> Vec<String> {
        let read = |statement: &str| Trust::read(&format!(r#"{{"Statement":{statement}}}"#)).expect("a trust policy");
        between(&read(before), &read(after)).iter().map(Difference::said).collect()
    }

    const ACCOUNT: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999988887777"}}"#;
    const GUARDED: &str = r#"{"Effect":"Allow","Action":["sts:AssumeRole"],"Principal":{"AWS":["arn:aws:iam::999988887777:root"]},
        "Condition":{"stringequals":{"sts:externalid":"a"}}}"#;

    #[test]
    fn spelling_changes_nothing() {
        let list = format!("[{ACCOUNT}]");
        assert!(said(ACCOUNT, &list).is_empty());
        let root = ACCOUNT.replace("999988887777", "arn:aws:iam::999988887777:root");
        assert!(said(ACCOUNT, &root).is_empty());
    }

    #[test]
    fn conditions_come_go_and_move() {
        assert_eq!(said(GUARDED, ACCOUNT), ["drops the condition on ExternalId for the whole account 999988887777"]);
        assert_eq!(said(ACCOUNT, GUARDED), ["adds the condition on ExternalId for the whole account 999988887777"]);
        let if_exists = GUARDED.replace("stringequals", "StringEqualsIfExists");
        assert_eq!(said(GUARDED, &if_exists), ["drops the condition on ExternalId for the whole account 999988887777"]);
        let wide = GUARDED.replace(r#""a""#, r#"["a","b"]"#);
        assert_eq!(said(GUARDED, &wide), ["lets the ExternalId of the whole account 999988887777 also be b"]);
        assert_eq!(said(&wide, GUARDED), ["narrows the ExternalId of the whole account 999988887777"]);
    }
}
