//! Roles: one `[[role]]` for each role of which enough is known, with who may enter it and what it rests on.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Options;
use super::caller;
use super::class;
use super::class::Classes;
use super::evidence;
use super::evidence::Seen;
use super::guard;
use super::material::Material;
use super::material::Name;
use super::material::Role;
use super::parts::LeftOut;
use super::parts::Stanza;
use super::parts::SubjectLine;
use super::repository;
use super::subject;
use crate::expect::ArnPattern;
use crate::expect::RoleClass;
use crate::model::arn;
use crate::model::origin::OriginKind;
use crate::provider::Admits;
use crate::provider::Issuer;
use crate::provider::Subject;
use crate::provider::SubjectForm;
use crate::trust::Principal;
use crate::trust::breadth::Breadth;
use crate::trust::grant::Grant;
use crate::trust::observed::Observed;

/// Tags that configure-aws-credentials gives to every session, of which two say where it came from.
const TAGS_THAT_TELL: [&str; 2] = ["Repository", "RunId"];

/// Drafts a role. `None` when nothing of it is sure enough.
pub(super) fn draft(
    material: &Material<'_>,
    classes: &Classes,
    name: &Name,
    options: Options,
    left_out: &mut Vec<LeftOut>,
) -> Option<Stanza> {
    let role = material.roles.get(name)?;
    if !is_writable(&role.arn) {
        let why = "its ARN would be read as a pattern, or not at all".to_owned();
        left_out.push(LeftOut { role: Some(role.arn.clone()), what: "the role".to_owned(), why });
        return None;
    }
    if role.is_deleted {
        let why = "the logs say that it was deleted".to_owned();
        left_out.push(LeftOut { role: Some(role.arn.clone()), what: "the role".to_owned(), why });
        return None;
    }
    let reaches = classes.reaches_deployment(name);
    let class = classes.of(name);
    let deploys = classes.is(name, RoleClass::Deploy);
    let mut drafting = Subjects {
        material,
        role,
        reaches,
        lines: Vec::new(),
        granted: 0,
        learned: BTreeMap::new(),
        comments: Vec::new(),
        left_out,
    };
    drafting.draft();
    let Subjects { lines: subjects, comments, .. } = drafting;
    let callers = caller::draft(material, role, deploys || reaches, options);
    left_out.extend(callers.left_out);
    // What AWS services do is theirs, and not worth a word unless a policy says so.
    let is_served = role.policy.is_some() || role.served.is_enough();
    let says_something = !subjects.is_empty() || !callers.lines.is_empty() || role.policy.is_some();
    let is_known = says_something || (is_served && class.is_some());
    if !is_known {
        if let Some(fault) = &role.unreadable {
            let why = format!("its trust policy is not used, and no logs say enough: {fault}");
            left_out.push(LeftOut { role: Some(role.arn.clone()), what: "the role".to_owned(), why });
        }
        return None;
    }
    let mut said = vec![match (&role.source, &role.unreadable) {
        (Some(source), _) => format!("trust policy of {source}"),
        (None, Some(fault)) => format!("its trust policy is not used: {fault}; drafted from the logs alone"),
        (None, None) => "drafted from the logs alone: no policy of it is known".to_owned(),
    }];
    let seen = Seen::of(&role.observed);
    let served =
        if role.served.is_none() { String::new() } else { format!("; by AWS services {}", role.served.said()) };
    if material.has_logs() {
        said.push(format!("{}{served}", seen.said()));
    }
    said.push(class.map_or_else(|| class::asks(material, name), |class| format!("class: {}", class.why)));
    said.extend(comments);
    said.extend(callers.comments);
    let tag = |names: [&str; 2]| {
        let tags = &role.details?.tags;
        let found = tags.iter().find(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    let well = role.well(&material.guard);
    let is_of_people = matches!(class.map(|class| class.class), Some(RoleClass::Human | RoleClass::BreakGlass));
    let origin = match class.map(|class| class.class) {
        Some(RoleClass::Deploy) => Some(OriginKind::Oidc),
        _ if is_of_people => people_of(&well),
        _ => None,
    };
    Some(Stanza {
        arn: role.arn.clone(),
        comments: said,
        class: class.map(|class| class.class),
        env: tag(["Environment", "Env"]),
        owner: tag(["Owner", "Team"]),
        repos: if deploys { repository::learned(material, &well) } else { Vec::new() },
        session_tags: if deploys { tags(&well) } else { Vec::new() },
        max_session_seconds: longest(role).or_else(|| duration(&well)),
        learned: !role.is_in_snapshot,
        subjects,
        from: callers.lines,
        origin,
    })
}

/// True for the ARN of a role that the file can hold and that means one role only.
pub(super) fn is_writable(role_arn: &str) -> bool {
    let is_role = arn::resource(role_arn).is_some_and(|resource| resource.starts_with("role/"));
    is_role && ArnPattern::new(role_arn).is_ok_and(|pattern| pattern.is_literal())
}

/// Returns the one kind of origin of people, when there is only one.
fn people_of(well: &[&Observed<'_>]) -> Option<OriginKind> {
    let only = evidence::only(well.iter().map(|one| one.session.origin().kind));
    only.filter(|kind| matches!(kind, OriginKind::Saml | OriginKind::IdentityCenter))
}

/// Returns the session tags that were passed every time.
fn tags(well: &[&Observed<'_>]) -> Vec<String> {
    if !Seen::of(well.iter().copied()).is_enough() {
        return Vec::new();
    }
    let keys = |one: &&Observed<'_>| -> BTreeSet<String> {
        let extra = one.record.extra.as_deref();
        let lineage = one.session.lineage();
        extra.into_iter().flat_map(|extra| &extra.tags).map(|(key, _)| lineage.str(*key).to_owned()).collect()
    };
    let told = well.iter().filter(|one| !one.record.withholds_request);
    let always = told.map(keys).reduce(|all, own| all.intersection(&own).cloned().collect()).unwrap_or_default();
    if TAGS_THAT_TELL.iter().all(|tag| always.contains(*tag)) {
        return TAGS_THAT_TELL.map(str::to_owned).to_vec();
    }
    always.into_iter().filter(|key| !key.is_empty()).collect()
}

/// Returns how long the role's sessions may last, by a snapshot.
fn longest(role: &Role<'_>) -> Option<u64> {
    const MOST: u64 = 43_200;
    role.details.and_then(|details| details.max_session_seconds).filter(|seconds| (1..=MOST).contains(seconds))
}

/// Returns the duration that was asked for every time.
fn duration(well: &[&Observed<'_>]) -> Option<u64> {
    let told = well.iter().filter(|one| !one.record.withholds_request);
    let only = evidence::only(told.map(|one| one.record.duration_seconds));
    only.flatten().map(u64::from).filter(|seconds| *seconds > 0 && Seen::of(well.iter().copied()).is_enough())
}

/// Returns what an entry for one subject is found by: its repository, else its owner, else its text. The entries that
/// admit a subject are found by one of these.
fn places_of(subject: &Subject) -> impl Iterator<Item = String> {
    let names = [&subject.repository, &subject.owner].map(|name| name.as_ref().map(|name| name.to_lowercase()));
    names.into_iter().flatten().chain([subject.raw.clone()])
}

struct Subjects<'d, 'a> {
    material: &'d Material<'a>,
    role: &'d Role<'a>,
    /// The role deploys, or leads to one that does.
    reaches: bool,
    /// Those of the policy first.
    lines: Vec<SubjectLine>,
    granted: usize,
    /// The places of those that were learned from logs, by what only a subject alike has.
    learned: BTreeMap<String, Vec<usize>>,
    comments: Vec<String>,
    left_out: &'d mut Vec<LeftOut>,
}

impl Subjects<'_, '_> {
    fn draft(&mut self) {
        let role = self.role;
        for grant in &role.grants {
            if let Principal::Federated(provider) = &grant.principal
                && !provider.contains(":saml-provider/")
            {
                self.take_grant(grant, self.material.issuer(provider));
            }
        }
        self.granted = self.lines.len();
        self.take_observed();
    }

    fn leave_out(&mut self, what: &str, why: impl Into<String>) {
        let role = Some(self.role.arn.clone());
        self.left_out.push(LeftOut { role, what: format!("subject {what}"), why: why.into() });
    }

    fn take_grant(&mut self, grant: &Grant, issuer: Issuer<'_>) {
        let Some(pattern) = &grant.subject else {
            let what = format!("the policy admits every subject of {}", issuer.host);
            let keys: Vec<&str> = grant.other_keys.iter().map(String::as_str).collect();
            self.comments.push(if keys.is_empty() {
                format!("{what}: only those seen often enough are written here")
            } else {
                let keys = keys.join(", ");
                format!("{what} that passes {keys}, which no log shows: only subjects seen are written here")
            });
            return;
        };
        let text = pattern.text.as_str();
        let breadth = grant.breadth;
        if breadth == Breadth::Nothing {
            return self.leave_out(text, "a * under StringEquals admits nobody");
        }
        // What other claims narrow, no entry of subjects can say.
        let alone = Breadth::of_subjects(issuer, text, pattern.has_wildcards);
        if matches!(alone, Breadth::Callers | Breadth::ManyOwners | Breadth::AnySubject) && alone != breadth {
            return self.leave_out(text, "strangers have such subjects, and only other claims keep them out");
        }
        if matches!(breadth, Breadth::Callers | Breadth::ManyOwners | Breadth::AnySubject) {
            return self.leave_out(text, format!("the policy admits it, and with it strangers ({})", breadth.name()));
        }
        let is_narrow = matches!(breadth, Breadth::Exact | Breadth::OneWorkload | Breadth::ContextWildcard);
        if !is_narrow && self.material.has_logs() {
            self.comments.push(format!(
                "the policy admits {text} ({}): only what was seen of it often enough is written here",
                breadth.name()
            ));
            return;
        }
        let subject = (breadth == Breadth::Exact).then(|| issuer.parse(text));
        if let Some(why) = subject.as_ref().and_then(guard::against_subject).filter(|_| self.reaches) {
            return self.leave_out(text, why);
        }
        let matcher = match &subject {
            // A variable stands for another text in each request.
            _ if text.contains("${") => None,
            Some(subject) => subject::exact(subject),
            None => subject::of_pattern(issuer, text),
        };
        let Some(matcher) = matcher else {
            return self.leave_out(text, "no entry of subjects can say it: write it by hand");
        };
        if self.lines.iter().any(|line| line.matcher == matcher) {
            return;
        }
        let seen = self.seen_of(grant, issuer.host);
        if !self.role.is_in_snapshot && !seen.is_enough() {
            return self
                .leave_out(text, format!("only a change in the logs names it, and it was {}", seen.too_little()));
        }
        let mut comments = vec!["the policy names it".to_owned()];
        if !is_narrow {
            comments = vec![format!("{} of the policy ({}): name what is meant", text, breadth.name())];
        }
        self.lines.push(SubjectLine { matcher, subject, comments });
    }

    /// Returns how often a grant's subjects came in, with nothing against them.
    fn seen_of(&self, grant: &Grant, issuer: &str) -> Seen {
        let fits = |text: &str| grant.subject.as_ref().is_some_and(|pattern| pattern.fits(text));
        let entries = self.role.observed.iter().filter(|one| {
            one.issuer() == Some(issuer)
                && one.token().is_some_and(|token| fits(&token.raw) && self.against(one, token).is_none())
        });
        Seen::of(entries)
    }

    fn take_observed(&mut self) {
        // The two spellings of one subject are one habit, and so are the runs of one workload.
        let mut groups: BTreeMap<(&str, String), Vec<(&Observed<'_>, &Subject)>> = BTreeMap::new();
        let role = self.role;
        for one in &role.observed {
            let Some(subject) = one.token() else { continue };
            let stable = one.every_run().map(|stable| self.material.issuer(&subject.issuer).parse(&stable).stripped());
            let place = (subject.issuer.as_str(), stable.unwrap_or_else(|| subject.stripped()));
            groups.entry(place).or_default().push((one, subject));
        }
        for group in groups.into_values() {
            // Ids tell a stranger's repository of the same name apart: each spelling is told on its own.
            let mut reasons: BTreeMap<(String, String), Seen> = BTreeMap::new();
            let mut well = Vec::new();
            for (one, subject) in group {
                match self.against(one, subject) {
                    Some(reason) => reasons.entry((subject.raw.clone(), reason)).or_default().add(one.time),
                    None => well.push((one, subject)),
                }
            }
            for ((raw, reason), seen) in reasons {
                self.leave_out(&raw, format!("{reason} ({})", seen.said()));
            }
            if !well.is_empty() {
                self.take_group(well);
            }
        }
    }

    fn against(&self, one: &Observed<'_>, subject: &Subject) -> Option<String> {
        // The chains that began here carry what happened further on.
        let by_dispute = self.role.dispute.against(one).map(str::to_owned);
        let by_finding = || self.material.guard.against(one.session);
        by_dispute
            .or_else(by_finding)
            .or_else(|| guard::against_subject(subject).filter(|_| self.reaches).map(str::to_owned))
    }

    fn take_group(&mut self, well: Vec<(&Observed<'_>, &Subject)>) {
        let of_group = Seen::of(well.iter().map(|(one, _)| *one)).is_enough();
        let mut by_text: BTreeMap<(bool, String), (&Subject, Vec<&Observed<'_>>)> = BTreeMap::new();
        for (one, subject) in well {
            // Subjects with ids come first: an entry by name alone would admit them, too, whatever their ids.
            let stable = one.every_run().unwrap_or_else(|| subject.raw.clone());
            let rank = (subject.form != SubjectForm::Immutable, stable);
            by_text.entry(rank).or_insert_with(|| (subject, Vec::new())).1.push(one);
        }
        let with_ids = by_text.keys().filter(|(is_by_name, _)| !is_by_name).count();
        let has_ids = with_ids > 0;
        for ((is_by_name, text), (subject, ones)) in by_text {
            let seen = Seen::of(ones.iter().copied());
            let is_own = |at: &usize| {
                let own = self.lines.get(*at).and_then(|line| line.subject.as_ref());
                own.is_some_and(|own| own.raw == subject.raw)
            };
            let admits = |at: &usize| self.lines.get(*at).is_some_and(|line| line.matcher.matches(subject));
            let mut learned: Vec<usize> =
                places_of(subject).filter_map(|place| self.learned.get(&place)).flatten().copied().collect();
            learned.sort_unstable();
            let all = || (0..self.granted).chain(learned.iter().copied());
            let known = all().find(is_own).or_else(|| all().find(admits));
            if let Some(line) = known.and_then(|at| self.lines.get_mut(at)) {
                line.comments.push(seen.said());
                continue;
            }
            // Of several ids under one name, none makes a habit of another.
            let is_habit = if with_ids > 1 { seen.is_enough() } else { of_group };
            if !is_habit {
                self.leave_out(&text, seen.too_little());
                continue;
            }
            if !self.role.may_still_admit(&ones) {
                self.leave_out(&text, format!("the policy in force does not admit it any more ({})", seen.said()));
                continue;
            }
            let issuer = self.material.issuer(&subject.issuer);
            if issuer.admits(&text) >= Admits::Owners {
                self.leave_out(&text, format!("strangers can have such a subject, too ({})", seen.said()));
                continue;
            }
            let is_run = text != subject.raw;
            let matcher = if is_run { subject::of_pattern(issuer, &text) } else { subject::exact(subject) };
            let Some(matcher) = matcher else {
                self.leave_out(&text, format!("no entry of subjects can say it: write it by hand ({})", seen.said()));
                continue;
            };
            let mut comments = vec![seen.said()];
            if is_run {
                comments.push("what changes with every run is left open".to_owned());
            }
            if is_by_name && has_ids {
                comments.push("by name alone: delete it when only subjects with ids are left".to_owned());
            }
            self.learned.entry(places_of(subject).next().unwrap_or_default()).or_default().push(self.lines.len());
            self.lines.push(SubjectLine { matcher, subject: Some(subject.clone()), comments });
        }
    }
}
