//! Width: how bad the breadth of a grant is, when the other conditions of its statement are counted.

use crate::audit::granted;
use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::model::finding::Severity;
use crate::provider::Issuer;
use crate::trust::Policy;
use crate::trust::breadth::Breadth;
use crate::trust::claims;
use crate::trust::grant::Grant;
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
    /// Something that strangers cannot choose.
    firm: bool,
    /// Something that strangers can choose, and colleagues less easily.
    context: bool,
}

impl Width {
    /// Judges a grant to subjects of an issuer; `None` when it is narrow enough, or when the policy asks for no
    /// subject at all, which is another defect.
    pub(super) fn of(context: &Context<'_>, policy: &Policy, grant: &Grant, issuer: &str) -> Option<Self> {
        let pattern = grant.subject.as_ref().map(|subject| subject.text.as_str());
        if pattern.is_none() && grant.breadth == Breadth::AnySubject {
            return None;
        }
        let issuer = subjects::issuer(context, issuer);
        let pins = pins(policy, grant, issuer);
        let breadth = grant.breadth;
        let is_shared = issuer.is_shared();
        let severity = match breadth {
            Breadth::AnySubject | Breadth::ManyOwners => Severity::High,
            Breadth::WholeOwner | Breadth::RepoPrefix | Breadth::Callers => Severity::Medium,
            Breadth::WholeRepo => Severity::Low,
            _ => return None,
        };
        // Nobody but one's own people get tokens of an issuer of one's own.
        let severity = if is_shared { severity } else { severity.lowered() };
        let is_own = matches!(breadth, Breadth::WholeOwner | Breadth::RepoPrefix | Breadth::WholeRepo);
        let is_pinned = pins.firm || (is_own && (pins.context || pattern.is_some_and(pins_context)));
        match (is_pinned, breadth) {
            (_, Breadth::WholeRepo) if is_pinned || !is_shared => None,
            (false, _) => Some(Self { breadth, severity }),
            (true, _) => Some(Self { breadth, severity: severity.lowered() }),
        }
    }
}

fn pins(policy: &Policy, grant: &Grant, issuer: Issuer<'_>) -> Pins {
    let Some(statement) = policy.statements.get(grant.statement) else { return Pins::default() };
    let mut pins = Pins { firm: claims::narrowed(statement, issuer).is_firm, context: false };
    for condition in granted::guards(statement) {
        let own = request::claim(&condition.key).filter(|(of, _)| of.eq_ignore_ascii_case(issuer.host));
        if let Some((_, claim)) = own {
            let is_open = |value: &String| {
                let said = value.strip_prefix("refs/").unwrap_or(value);
                said.starts_with(['*', '?']) || value.eq_ignore_ascii_case("false")
            };
            let is_context = CONTEXT.contains(&claim.to_ascii_lowercase().as_str());
            pins.context |= is_context && !condition.values.iter().any(is_open);
        } else {
            let is_network = NETWORK.contains(&condition.key.to_ascii_lowercase().as_str());
            pins.firm |= is_network && condition.keeps_strangers_out();
        }
    }
    pins
}

/// True when a pattern names a branch, an environment or the like behind the repository, and not only that it is one.
fn pins_context(pattern: &str) -> bool {
    let behind = pattern.split_once('/').and_then(|(_, tail)| tail.split_once(':'));
    behind.is_some_and(|(_, context)| {
        let value = context.rsplit([':', '/']).next().unwrap_or_default();
        !value.is_empty() && !value.starts_with(['*', '?'])
    })
}
