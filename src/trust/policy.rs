//! Trust policies: statements, whom they name, and under which conditions.

use super::operator::Operator;
use super::principal::Principal;
use crate::model::glob;

/// A trust policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// True for version 2012-10-17, the only one in which `${…}` is a variable.
    pub has_variables: bool,
    /// The statements, in the order of the document.
    pub statements: Vec<Statement>,
}

/// Whether a statement lets in or keeps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Lets in.
    Allow,
    /// Keeps out, whatever else lets in.
    Deny,
}

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// `Principal`.
    These(Vec<Principal>),
    /// `NotPrincipal`, which is not modeled.
    NotThese,
}

/// Which calls a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions {
    /// Patterns, as written. Case is free.
    pub patterns: Vec<String>,
    /// True for `NotAction`.
    pub is_negated: bool,
}

/// One condition: an operator, a key, and values of which one must fit (of a negated operator: none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How it compares.
    pub operator: Operator,
    /// The key, as the policy spells it.
    pub key: String,
    /// The values; numbers and truth values as their text.
    pub values: Vec<String>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// Whom it is about.
    pub who: Who,
    /// Which calls it is about.
    pub actions: Actions,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
}

impl Actions {
    /// True when the statement is about this call, such as `sts:AssumeRole`.
    pub fn cover(&self, action: &str) -> bool {
        self.patterns.iter().any(|pattern| glob::matches_ignore_case(pattern, action)) != self.is_negated
    }
}

impl Statement {
    /// Returns the principals that it names.
    pub fn principals(&self) -> &[Principal] {
        match &self.who {
            Who::These(principals) => principals,
            Who::NotThese => &[],
        }
    }

    /// True when it is about a call that issues a session of the role.
    pub fn is_about_assuming(&self) -> bool {
        ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"]
            .into_iter()
            .any(|call| self.actions.cover(call))
    }
}

impl Policy {
    /// Returns the name of a statement for people: its `Sid`, or its place.
    pub fn statement_name(&self, at: usize) -> String {
        let sid = self.statements.get(at).and_then(|statement| statement.sid.as_deref()).filter(|sid| !sid.is_empty());
        sid.map_or_else(|| format!("statement {}", at + 1), |sid| format!("statement `{sid}`"))
    }

    /// Returns the statements that let somebody assume the role, with their places.
    pub fn allowing(&self) -> impl Iterator<Item = (usize, &Statement)> {
        let statements = self.statements.iter().enumerate();
        statements.filter(|(_, statement)| statement.effect == Effect::Allow && statement.is_about_assuming())
    }

    /// Returns the statements that keep somebody out.
    pub fn denying(&self) -> impl Iterator<Item = (usize, &Statement)> {
        self.statements.iter().enumerate().filter(|(_, statement)| statement.effect == Effect::Deny)
    }
}
