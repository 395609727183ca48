//! `session-moved`: one session was used from two networks.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::audit::client;
use crate::audit::client::Client;
use crate::audit::network;
use crate::audit::network::Block;
use crate::audit::network::Ci;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::origin::OriginKind;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "session-moved",
    title: "One session was used from two networks",
    theme: Theme::Sessions,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs; `[networks]` for high",
    remediation: "Ask the owner of the run whether the second address is theirs. If not, revoke the role's sessions \
                  (deny on aws:TokenIssueTime), rotate what the session could read, and search the run's log and \
                  artifacts for leaked environment variables.",
    techniques: &["T1528", "T1550.001", "T1078.004"],
    reading: &[(
        "IAM User Guide: revoking role sessions",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html",
    )],
    page: include_str!("../../../../docs/rules/session-moved.md"),
    check,
};

/// Two clients so close in time are not one that was carried elsewhere.
const SOON: i64 = 30 * 60;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let ci = Ci::of(context.expectations);
    let homes = homes(context);
    for session in context.lineage.sessions().filter(|session| !session.is_machinery()) {
        let places = places(context, session);
        if places.len() < 2 {
            continue;
        }
        let home = |block: Block| session.session.role_arn.is_some_and(|role| homes.contains_key(&(role, block)));
        let Some(start) = places.values().find(|place| place.is_issuance).or_else(|| earliest(places.values())) else {
            continue;
        };
        let moves = places.values().filter_map(|place| {
            let severity = judge(session, start, place, &ci, home(place.block))?;
            Some((severity, place))
        });
        // The worst move speaks for the session; of equal ones the one to the first block.
        let worst = moves.reduce(|worst, next| if worst.0 < next.0 { next } else { worst });
        if let Some((severity, place)) = worst {
            matches.extend(matched(context, session, severity, start, place));
        }
    }
}

/// One block of addresses from which a session was issued or used.
struct Place<'a> {
    block: Block,
    ip: IpAddr,
    label: Option<&'a str>,
    is_issuance: bool,
    clients: BTreeSet<Client>,
    /// First and last use, if there is any.
    span: Option<(Timestamp, Timestamp)>,
    evidence: Vec<Evidence>,
}

fn earliest<'p, 'a>(places: impl Iterator<Item = &'p Place<'a>>) -> Option<&'p Place<'a>> {
    places.min_by_key(|place| (place.span, place.block))
}

/// Returns the blocks from which sessions of each role are asked for: a NAT pool shows up as several of them.
fn homes(context: &Context<'_>) -> Map<(Sym, Block), ()> {
    let mut homes = Map::default();
    for session in context.lineage.sessions() {
        if let Some((role, ip)) = session.session.role_arn.zip(issuing_ip(session)) {
            homes.insert((role, Block::of(ip)), ());
        }
    }
    homes
}

/// Returns from where the session was asked for, when the asker stood there itself.
fn issuing_ip(session: SessionView<'_>) -> Option<IpAddr> {
    let record = session.issuing_record()?;
    let is_direct = session.caller()?.invoked_by.is_none();
    session.lineage().opt(record.source_ip).filter(|_| is_direct).and_then(network::real)
}

fn places<'a>(context: &Context<'a>, session: SessionView<'a>) -> BTreeMap<Block, Place<'a>> {
    let lineage = context.lineage;
    let new = |ip: IpAddr| Place {
        block: Block::of(ip),
        ip,
        label: context.expectations.networks.label(&ip.to_string()),
        is_issuance: false,
        clients: BTreeSet::new(),
        span: None,
        evidence: Vec::new(),
    };
    let mut places: BTreeMap<Block, Place<'a>> = BTreeMap::new();
    if let Some(ip) = issuing_ip(session) {
        let place = places.entry(Block::of(ip)).or_insert_with(|| new(ip));
        place.is_issuance = true;
        place.evidence = session.issuing_evidence();
    }
    for (principal, contact, tally) in session.contacts() {
        let agent = lineage.opt(contact.user_agent).unwrap_or_default();
        if contact.via_vpc_endpoint || principal.invoked_by.is_some() || client::is_presigned(agent) {
            continue;
        }
        let Some(ip) = lineage.opt(contact.source_ip).and_then(network::real) else { continue };
        let Some((first, last)) = tally.first.time().zip(tally.last.time()) else { continue };
        let place = places.entry(Block::of(ip)).or_insert_with(|| new(ip));
        place.ip = place.ip.min(ip);
        place.clients.insert(Client::read(agent));
        place.span = Some(place.span.map_or((first, last), |(from, to)| (from.min(first), to.max(last))));
        place.evidence.extend([tally.first, tally.last].iter().map(|mark| lineage.evidence(mark)));
    }
    places
}

/// Says how bad it is that a session went from `start` to `place`; `None` when it is nothing.
fn judge(
    session: SessionView<'_>,
    start: &Place<'_>,
    place: &Place<'_>,
    ci: &Ci<'_>,
    is_home: bool,
) -> Option<Severity> {
    let is_same_network = start.label.is_some() && start.label == place.label;
    if start.block == place.block || !start.block.is_comparable(place.block) || is_same_network {
        return None;
    }
    let span = place.span?;
    let overlaps = start.span.is_some_and(|(from, to)| from <= span.1 && span.0 <= to);
    let are_named = start.label.is_some() && place.label.is_some();
    match session.origin().kind {
        // People carry their laptops from office to home; what they cannot do is to be in both.
        OriginKind::Console | OriginKind::IdentityCenter | OriginKind::Saml => {
            return overlaps.then_some(if are_named { Severity::Medium } else { Severity::Low });
        }
        // A third party may issue in one place and work in another; its networks are not ours to know.
        OriginKind::ExternalAccount => return (!is_home).then_some(Severity::Low),
        _ => {}
    }
    match (ci.is(start.label), ci.is(place.label)) {
        (true, false) => return Some(Severity::High),
        // A broker outside that fetches credentials for a pipeline never uses them itself.
        (false, true) => return start.span.map(|_| Severity::High),
        _ => {}
    }
    if are_named && overlaps {
        return Some(Severity::High);
    }
    if is_home {
        return None;
    }
    let is_soon = start.span.is_some_and(|(from, to)| span.0.0 - to.0 <= SOON && from.0 - span.1.0 <= SOON);
    Some(if is_soon && are_strangers(start, place) { Severity::Medium } else { Severity::Low })
}

/// True when no program, or no system, was seen in both places.
fn are_strangers(a: &Place<'_>, b: &Place<'_>) -> bool {
    let families =
        |place: &Place<'_>| place.clients.iter().map(|client| client.family.clone()).collect::<BTreeSet<_>>();
    let systems = |place: &Place<'_>| place.clients.iter().filter_map(|client| client.system).collect::<BTreeSet<_>>();
    let (here, there) = (systems(a), systems(b));
    let are_other_systems = !here.is_empty() && !there.is_empty() && here.is_disjoint(&there);
    are_other_systems || families(a).is_disjoint(&families(b))
}

/// Says why it is not known whether both places belong to one pool of addresses.
fn caveat(context: &Context<'_>, start: &Place<'_>, place: &Place<'_>) -> String {
    if context.expectations.networks.is_empty() {
        return " Without [networks] in the expectations nobody can say whether both belong to one pool.".to_owned();
    }
    let unnamed = [start, place].into_iter().filter(|place| place.label.is_none()).map(|place| place.ip.to_string());
    match unnamed.collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!(" {one} is in none of the networks that the expectations name."),
        all => format!(
            " {} are in none of the networks that the expectations name, so nobody can say whether both belong to one pool.",
            all.join(" and ")
        ),
    }
}

fn matched(
    context: &Context<'_>,
    session: SessionView<'_>,
    severity: Severity,
    start: &Place<'_>,
    place: &Place<'_>,
) -> Option<Match> {
    let who = session.role_arn().or_else(|| {
        context.lineage.opt(session.principals().first().and_then(|id| context.lineage.principal(*id).arn))
    })?;
    let role = session.role_arn().map_or_else(|| who.to_owned(), |role| phrase::role(context, role));
    let name = |place: &Place<'_>| match place.label {
        Some(label) => format!("{} ({label})", place.ip),
        None => place.ip.to_string(),
    };
    let programs = |place: &Place<'_>| {
        let families = place.clients.iter().map(|client| client.family.as_str()).filter(|family| !family.is_empty());
        let named = phrase::all_of(families);
        if named.is_empty() { "an unnamed client".to_owned() } else { named }
    };
    let key = session.access_key().map(|key| format!(" (key {key})")).unwrap_or_default();
    let begun = match (start.is_issuance, start.span) {
        (true, None) => format!("was issued to {}", name(start)),
        (true, Some(_)) => format!("was issued to {} and used there with {}", name(start), programs(start)),
        _ => format!("was used from {} with {}", name(start), programs(start)),
    };
    let moved = place.span.map(|(first, _)| first.to_string()).unwrap_or_default();
    let confidence = match severity {
        Severity::High | Severity::Critical => Confidence::High,
        Severity::Medium => Confidence::Medium,
        Severity::Low | Severity::Info => Confidence::Low,
    };
    let caveat = if severity <= Severity::Medium { caveat(context, start, place) } else { String::new() };
    Some(Match {
        key: vec![(if session.role_arn().is_some() { "role_arn" } else { "principal_arn" }, who.to_owned())],
        severity,
        confidence,
        basis: Basis::Heuristic,
        title: format!("A session of {} was used from a second network, {}", arn::short(who), name(place)),
        message: format!(
            "A session of {role}{key}, begun by {}, {begun}. From {moved} on it was also used from {} with {}.{caveat}",
            session.origin().label(),
            name(place),
            programs(place)
        ),
        remediation: None,
        count: 1,
        evidence: start.evidence.iter().chain(&place.evidence).cloned().collect(),
        chain_ids: context.chain_ids(session.id),
    })
}
