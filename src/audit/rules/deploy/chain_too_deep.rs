//! `chain-too-deep`: a chain goes through more roles than chains should.

use std::collections::HashSet;

use crate::audit::class;
use crate::audit::grade;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chain::Chain;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::Lineage;
use crate::model::symbols::Sym;
use crate::model::width::place;
use crate::model::width::wide;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "chain-too-deep",
    title: "A chain goes through more roles than chains should",
    theme: Theme::Deploy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `chain_depth` of `[limits]`",
    remediation: "Let the first role assume the last one, and take the roles between out of the way: with each of them it \
                  is harder to say who acted. If the way is wanted, raise chain_depth of [limits] in rolechain.toml.",
    techniques: &["T1550.001"],
    reading: &[(
        "AWS: role chaining",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining",
    )],
    page: include_str!("../../../../docs/rules/chain-too-deep.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let limit = context.expectations.limits.chain_depth();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let ends =
        context.lineage.chains.iter().filter(|chain| place(context.lineage.leaf(chain).session.way.hops) > limit);
    let by_path = gather(ends.filter_map(|chain| {
        path(context.lineage, chain).filter(|path| path.len() > limit).map(|path| (path, context.lineage.leaf(chain)))
    }));
    for (path, sessions) in by_path {
        let mut roles: Vec<&str> = path.roles.iter().map(|role| context.lineage.str(*role)).collect();
        let (Some(first), Some(last)) = (roles.first().copied(), roles.last().copied()) else { continue };
        let middle = format!("{} more", path.omitted);
        if path.omitted > 0 {
            roles.insert(path.after.min(roles.len()), &middle);
        }
        let way = roles.iter().map(|role| phrase::short(role)).collect::<Vec<_>>().join(", then ");
        let depth = phrase::count(wide(path.len()), "role");
        let origins =
            phrase::all_of(sessions.sessions().iter().map(|session| phrase::origin(context, session.origin())));
        let is_written = context.expectations.limits.chain_depth.is_some();
        let says = if is_written {
            format!("The expectations allow {limit}.")
        } else {
            "Two are usual: one to enter and one to work in.".to_owned()
        };
        let confidence = sessions.sessions().iter().map(|session| grade::of_links(RULE.confidence, *session)).max();
        matches.push(Match {
            key: vec![
                ("role_arn", last.to_owned()),
                ("entry_role_arn", first.to_owned()),
                ("path", roles.join(" ")),
            ],
            severity: if is_written { RULE.severity } else { Severity::Low },
            confidence: confidence.unwrap_or(RULE.confidence),
            basis: if is_written { RULE.basis } else { Basis::Heuristic },
            title: format!("A chain came to {} through {depth}", phrase::short(last)),
            message: format!(
                "{}, a chain that began with {origins} went through {way}. {says} \
                 The trust policy of each role sees only the one before it, so with each step it is harder to say, and to \
                 guard, who acts in the end.",
                sessions.when(),
            ),
            remediation: Some(format!(
                "Let {first} assume {last} itself, and take the roles between out of the way. If the way is wanted, as in \
                 designs with a hub account, set chain_depth = {} under [limits] in rolechain.toml.",
                path.len()
            )),
            count: sessions.count(),
            evidence: sessions.chain_evidence(),
            chain_ids: sessions.chain_ids(context),
        });
    }
}

/// The roles that a chain goes through.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Path {
    /// The first one first.
    roles: Vec<Sym>,
    /// How many sessions of a long chain are not looked at, because an earlier chain went the same way.
    omitted: usize,
    /// After how many roles they are.
    after: usize,
}

impl Path {
    fn len(&self) -> usize {
        self.roles.len() + self.omitted
    }
}

/// Returns the roles on the way to the last session; `None` when one of them comes back.
///
/// A role that assumes itself takes no step. One that comes back later is the business of `role-juggling`. What AWS
/// services open for themselves is no step of anybody.
fn path(lineage: &Lineage, chain: &Chain) -> Option<Path> {
    let mut roles: Vec<Sym> = Vec::new();
    let mut seen: HashSet<Sym> = HashSet::new();
    let mut after = 0;
    for (at, id) in chain.path.iter().enumerate() {
        let session = lineage.session(*id);
        let role = session.session.role_arn.filter(|role| !class::is_noise(session) && roles.last() != Some(role));
        if let Some(role) = role {
            if !seen.insert(role) {
                return None;
            }
            roles.push(role);
        }
        if chain.omitted.is_some_and(|omitted| omitted.after == at + 1) {
            after = roles.len();
        }
    }
    Some(Path { roles, omitted: chain.omitted.map_or(0, |omitted| omitted.count), after })
}
