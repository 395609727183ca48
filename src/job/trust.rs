//! Trust policies held against what was observed: one replayed, one drawn up, and all of them listed.

use std::collections::BTreeSet;

use super::answer::Audited;
use crate::expect;
use crate::model::arn;
use crate::model::glob;
use crate::pipeline::RunError;
use crate::report::trust::Check;
use crate::report::trust::List;
use crate::report::trust::Suggest;
use crate::trust::Policy;
use crate::trust::closes;
use crate::trust::observed::Observed;
use crate::trust::replay;
use crate::trust::suggest;
use crate::trust::timeline::Timelines;
use crate::trust::usage;
use crate::trust::usage::Count;

impl Audited {
    /// Replays every observed assumption of a role against a policy. `name` is how people call the policy.
    pub fn check_trust<'a>(&'a self, role: &'a str, policy: &Policy, name: &'a str) -> Result<Check<'a>, RunError> {
        let observed = self.observed();
        let timeline = Timelines::new(&self.outcome.lineage, &self.snapshots).of(role);
        // What the policy in force asked for held, also where no record says it.
        let mut known = Vec::new();
        for one in of_role(&observed, role)? {
            let mut proved = one.clone();
            proved.request.prove(timeline.proves(one));
            known.push(proved);
        }
        let replay = replay::replay(policy, &known.iter().collect::<Vec<_>>());
        Ok(Check { role_arn: role, policy: name, repeated: BTreeSet::new(), replay })
    }

    /// Draws up the tightest policy that admits what was observed of a role, but for those whose name fits one of the
    /// globs in `exclude`.
    pub fn suggest_trust<'a>(&'a self, role: &'a str, exclude: &[String]) -> Result<Suggest<'a>, RunError> {
        let observed = self.observed();
        let is_excluded = |one: &Observed<'_>| {
            let who = one.who();
            exclude.iter().any(|pattern| glob::matches(pattern, &who))
        };
        let mut wanted = of_role(&observed, role)?;
        wanted.retain(|one| !is_excluded(one));
        if wanted.is_empty() {
            return Err(RunError::refused(format!(
                "--exclude leaves nothing of {role} to suggest a policy from\n  hint: exclude less, such as --exclude '*:pull_request'"
            )));
        }
        let lineage = &self.outcome.lineage;
        let timeline = Timelines::new(lineage, &self.snapshots).of(role);
        let in_force = timeline.latest();
        let suggestion = suggest::suggest(&wanted, in_force.map(|(_, policy)| policy));
        if suggestion.policy.statements.is_empty() {
            let known = suggestion.notes.join("; ");
            return Err(RunError::refused(format!(
                "of the callers of {role} too little is recorded to name them: {known}"
            )));
        }
        let closes = in_force.map(|(_, policy)| closes::closes(policy, &suggestion.policy, &wanted, &lineage.kinds));
        let mut total = Count::default();
        for one in &wanted {
            total.add(one);
        }
        // The longest spelling has the path.
        let longest = wanted.iter().map(|one| one.role_arn).chain([role]).max_by_key(|arn| arn.len());
        Ok(Suggest {
            role_arn: longest.unwrap_or(role),
            observed: total,
            suggestion,
            in_force: in_force.map(|(step, _)| step.said(lineage)),
            closes: closes.unwrap_or_default(),
            snapshots: &self.snapshots,
        })
    }

    /// Lists roles: what their policies grant, and what of it was used. `role` is a glob over ARNs, or over names with or
    /// without path.
    pub fn list_trust(&self, role: Option<&str>, include_services: bool) -> List<'_> {
        let mut roles = usage::roles(&self.observed(), &Timelines::new(&self.outcome.lineage, &self.snapshots));
        if let Some(pattern) = role {
            roles.retain(|role| {
                let name = arn::role_name(&role.role_arn).unwrap_or_default();
                let names = [role.role_arn.as_str(), arn::short(&role.role_arn), name];
                names.iter().any(|text| glob::matches(pattern, text))
            });
        }
        let all = roles.len();
        if !include_services && role.is_none() {
            roles.retain(|role| !role.is_of_services());
        }
        List { services_left_out: all - roles.len(), roles, snapshots: &self.snapshots }
    }
}

/// Returns what was observed of a role: at least one thing.
fn of_role<'o, 'l>(observed: &'o [Observed<'l>], role: &str) -> Result<Vec<&'o Observed<'l>>, RunError> {
    let found: Vec<&Observed<'_>> = observed.iter().filter(|one| arn::is_same_role(one.role_arn, role)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    // ARNs begin alike: only the names tell how near they are.
    let typed = arn::role_name(role).unwrap_or(role);
    let nearest = expect::nearest(typed, observed.iter().filter_map(|one| arn::role_name(one.role_arn)));
    let of_name = observed.iter().find(|one| arn::role_name(one.role_arn) == nearest && nearest.is_some());
    let nearest = of_name.map(|one| format!("did you mean {}? ", one.role_arn)).unwrap_or_default();
    Err(RunError::refused(format!(
        "no granted assumption of {role} is in these logs, so there is nothing to go by\n  hint: {nearest}`rolechain trust list` names the roles that were assumed"
    )))
}
