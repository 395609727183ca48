//! Judging: whether a trust policy lets a request in, and if not, what was in the way.

use std::collections::BTreeSet;

use super::policy::Condition;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::Statement;
use super::policy::Who;
use super::request::Lookup;
use super::request::Request;
use super::truth::Lack;
use super::truth::Truth;

/// What a trust policy says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It lets it in.
    Allows,
    /// It keeps it out.
    Denies(Refusal),
    /// It cannot be said without these.
    Unknown(BTreeSet<Lack>),
}

impl Verdict {
    /// Returns the word for it in tables and JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Allows => "allows",
            Self::Denies(_) => "denies",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Why a request is kept out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The action that is not allowed.
    pub action: String,
    /// The statement that denies, or that comes nearest to allowing.
    pub statement: Option<String>,
    /// True when a `Deny` statement says so, and not only the lack of an `Allow`.
    pub is_explicit: bool,
    /// What is in the way, in words.
    pub reasons: Vec<String>,
}

impl Refusal {
    /// Says it in one sentence.
    pub fn said(&self) -> String {
        match (&self.statement, self.is_explicit) {
            (Some(statement), true) => format!("{statement} denies {}", self.action),
            (Some(statement), false) => format!("{statement}: {}", self.reasons.join("; ")),
            (None, _) => self.reasons.join("; "),
        }
    }
}

impl Statement {
    /// Says whether the statement is about a request for an action.
    pub fn applies(&self, action: &str, request: &Request, has_variables: bool) -> Truth {
        let is_about = Truth::of(self.actions.cover(action));
        let conditions = || Truth::all(self.conditions.iter().map(|condition| condition.holds(request, has_variables)));
        is_about.and(self.names_caller(request)).and(conditions())
    }

    /// Says whether the statement names the caller.
    fn names_caller(&self, request: &Request) -> Truth {
        match &self.who {
            Who::These(principals) => Truth::any(principals.iter().map(|principal| principal.is(&request.caller))),
            Who::NotThese => Truth::lacks(Lack::Unmodelled("NotPrincipal".to_owned())),
        }
    }
}

impl Policy {
    /// Judges a request: every action that it needs must be allowed.
    pub fn judge(&self, request: &Request) -> Verdict {
        let mut lacks = BTreeSet::new();
        for action in &request.actions {
            match self.judge_action(action, request) {
                Verdict::Allows => {}
                Verdict::Unknown(more) => lacks.extend(more),
                denies @ Verdict::Denies(_) => return denies,
            }
        }
        if lacks.is_empty() { Verdict::Allows } else { Verdict::Unknown(lacks) }
    }

    fn judge_action(&self, action: &str, request: &Request) -> Verdict {
        let mut denied = Truth::No;
        for (at, statement) in self.denying() {
            let applies = statement.applies(action, request, self.has_variables);
            if applies.is_yes() {
                return Verdict::Denies(Refusal {
                    action: action.to_owned(),
                    statement: Some(self.statement_name(at)),
                    is_explicit: true,
                    reasons: Vec::new(),
                });
            }
            denied = denied.or(applies);
        }
        let allowing = self.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        let allowed = Truth::any(allowing.map(|statement| statement.applies(action, request, self.has_variables)));
        match allowed.clone().and(denied.negated()) {
            _ if allowed.is_no() => Verdict::Denies(self.nearest(action, request)),
            Truth::Yes => Verdict::Allows,
            Truth::No => Verdict::Denies(self.nearest(action, request)),
            Truth::Unknown(lacks) => Verdict::Unknown(lacks),
        }
    }

    /// Returns what keeps the request out of the statement that comes nearest to letting it in.
    fn nearest(&self, action: &str, request: &Request) -> Refusal {
        let mut nearest: Option<(usize, usize, Vec<String>)> = None;
        for (at, statement) in self.statements.iter().enumerate() {
            if statement.effect != Effect::Allow || !statement.actions.cover(action) {
                continue;
            }
            let mut reasons = Vec::new();
            let mut distance = 0;
            if statement.names_caller(request).is_no() {
                // Somebody else's statement is further away than any condition.
                distance += 100;
                reasons.push("it names another principal".to_owned());
            }
            for condition in &statement.conditions {
                if condition.holds(request, self.has_variables).is_no() {
                    distance += 1;
                    reasons.push(unmet(condition, request));
                }
            }
            if nearest.as_ref().is_none_or(|(known, ..)| distance < *known) {
                nearest = Some((distance, at, reasons));
            }
        }
        let action = action.to_owned();
        match nearest {
            Some((distance, at, reasons)) if distance < 100 => {
                Refusal { action, statement: Some(self.statement_name(at)), is_explicit: false, reasons }
            }
            Some(_) => Refusal {
                reasons: vec!["no statement names this principal".to_owned()],
                action,
                statement: None,
                is_explicit: false,
            },
            None => Refusal {
                reasons: vec![format!("no statement allows {action}")],
                action,
                statement: None,
                is_explicit: false,
            },
        }
    }
}

/// Says how a condition is not met.
fn unmet(condition: &Condition, request: &Request) -> String {
    let key = &condition.key;
    let operator = &condition.operator.written;
    match request.lookup(key) {
        Lookup::Values(own) => {
            format!("{key} is {}, and {operator} asks for {}", listed(own), listed(&condition.values))
        }
        Lookup::Absent | Lookup::Unknown => {
            format!("the call has no {key}, and {operator} asks for {}", listed(&condition.values))
        }
    }
}

/// Lists a few values.
fn listed(values: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = values.iter().take(SHOWN).map(|value| format!("`{value}`")).collect();
    let more = values.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" or {more} more") } else { String::new() };
    format!("{}{more}", shown.join(" or "))
}
