//! Width: how bad the breadth of a grant is, when the other conditions of its statement are counted.

use crate::audit::granted;
use crate::audit::subjects;
use crate::model::finding::Severity;
use crate::provider;
use crate::provider::Claim;
use crate::trust::Policy;
use crate::trust::breadth::Breadth;
use crate::trust::grant::Grant;
use crate::trust::policy::Condition;
use crate::trust::request;

/// Claims that whoever owns a repository chooses: they narrow only what is one's own.
const CONTEXT: [&str; 6] =
    ["environment", "environment_id", "environment_protected", "ref", "ref_protected", "ref_type"];

/// AWS's own keys that bind a caller to a network.
const NETWORK: [&str; 4] = ["aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"];

/// How much a grant admits after all conditions, and how bad that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    /// How much is admitted.
    pub(super) breadth: Breadth,
    /// How bad that is outside production.
    pub(super) severity: Severity,
}

/// What the other conditions of a statement pin.
#[derive(Clone, Copy, Debug, Default)]
struct Pins {
    /// What the pattern is narrowed to, whatever it admits itself.
    cap: Option<Breadth>,
    /// Something that strangers cannot choose.
    firm: bool,
    /// Something that strangers can choose, and colleagues less easily.
    context: bool,
}

impl Width {
    /// Judges a grant to subjects of an issuer; `None` when it is narrow enough, or when the policy asks for no
    /// subject at all, which is another defect.
    pub(super) fn of(policy: &Policy, grant: &Grant, issuer: &str) -> Option<Self> {
        let pattern = &grant.subject.as_ref()?.text;
        let pins = pins(policy, grant, issuer);
        let breadth = pins.cap.map_or(grant.breadth, |cap| grant.breadth.min(cap));
        let is_shared = subjects::is_shared(issuer);
        let severity = match breadth {
            Breadth::AnySubject | Breadth::ManyOwners | Breadth::RepoPrefix => Severity::High,
            Breadth::WholeOwner | Breadth::Callers => Severity::Medium,
            Breadth::WholeRepo => Severity::Low,
            _ => return None,
        };
        // Nobody but one's own people get tokens of an issuer of one's own.
        let severity = if is_shared { severity } else { severity.lowered() };
        let is_own = matches!(breadth, Breadth::WholeOwner | Breadth::WholeRepo);
        let is_pinned = pins.firm || (is_own && (pins.context || pins_context(pattern)));
        match (is_pinned, breadth) {
            (_, Breadth::WholeRepo) if is_pinned || !is_shared => None,
            (false, _) => Some(Self { breadth, severity }),
            (true, _) => Some(Self { breadth, severity: severity.lowered() }),
        }
    }
}

impl Pins {
    fn cap_at(&mut self, breadth: Breadth) {
        self.cap = Some(self.cap.map_or(breadth, |cap| cap.min(breadth)));
    }
}

fn pins(policy: &Policy, grant: &Grant, issuer: &str) -> Pins {
    let mut pins = Pins::default();
    let Some(statement) = policy.statements.get(grant.statement) else { return pins };
    for condition in granted::guards(statement) {
        let Some((_, claim)) = request::claim(&condition.key).filter(|(of, _)| of.eq_ignore_ascii_case(issuer)) else {
            let is_network = NETWORK.contains(&condition.key.to_ascii_lowercase().as_str());
            pins.firm |= is_network && condition.keeps_strangers_out();
            continue;
        };
        let claim = claim.to_ascii_lowercase();
        let is_literal = !condition.values.iter().any(|value| value.contains(['*', '?']));
        match provider::claim(issuer, &claim) {
            Claim::Owner if is_literal => pins.cap_at(Breadth::WholeOwner),
            Claim::Project | Claim::ProjectAndContext | Claim::OwnerAndProject | Claim::FileOfProject => {
                if is_literal || names_repository(condition) {
                    pins.cap_at(Breadth::WholeRepo);
                } else if names_owner(condition) {
                    pins.cap_at(Breadth::WholeOwner);
                }
            }
            Claim::Firm => pins.firm |= is_literal || names_owner(condition),
            _ if CONTEXT.contains(&claim.as_str()) => pins.context = true,
            Claim::Owner | Claim::Context | Claim::Run => {}
        }
    }
    pins
}

/// True when every value names an owner before its first slash.
fn names_owner(condition: &Condition) -> bool {
    condition.values.iter().all(|value| value.split_once('/').is_some_and(|(owner, _)| !owner.contains(['*', '?'])))
}

/// True when every value names an owner and a repository, and has something after them: `acme/orders/.github/…`.
fn names_repository(condition: &Condition) -> bool {
    condition.values.iter().all(|value| {
        let mut parts = value.splitn(3, '/');
        let is_plain = |part: Option<&str>| part.is_some_and(|part| !part.contains(['*', '?']));
        is_plain(parts.next()) && is_plain(parts.next()) && parts.next().is_some()
    })
}

/// True when a pattern names a branch, an environment or the like behind the repository.
fn pins_context(pattern: &str) -> bool {
    let behind = pattern.split_once('/').and_then(|(_, tail)| tail.split_once(':'));
    behind.is_some_and(|(_, context)| !context.is_empty() && !context.starts_with(['*', '?']))
}
