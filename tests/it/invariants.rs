//! Invariants: what must hold for any records, in any order, on any number of workers.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use proptest::prelude::*;
use rolechain::audit;
use rolechain::correlate;
use rolechain::expect::Expectations;
use rolechain::model::lineage::Lineage;
use rolechain::model::observations::Observations;
use rolechain::observe::Filter;
use rolechain::observe::Observer;
use rolechain::observe::Seen;
use rolechain::read;
use rolechain::read::Limits;
use rolechain::report;
use serde_json::Value;

use crate::growth;
use crate::support::cases;
use crate::world;

/// Objects with their names: each of some records.
fn objects(records: &[Value], size: usize) -> Vec<(String, String)> {
    let wrap = |chunk: &[Value]| serde_json::json!({ "Records": chunk }).to_string();
    records.chunks(size).enumerate().map(|(at, chunk)| (format!("object-{at:03}"), wrap(chunk))).collect()
}

/// Reads objects on workers: `assignment` says who reads which, in which order.
fn observe(objects: &[(String, String)], assignment: &[Vec<usize>]) -> Vec<Observations> {
    let seen = Seen::default();
    let filter = Filter::default();
    let worker = |order: &Vec<usize>| {
        let mut observer = Observer::new(&seen, &filter);
        let mut scratch = read::Scratch::default();
        for at in order {
            let (name, text) = &objects[*at];
            observer.begin(name);
            let summary = read::read_object(text.as_bytes(), &mut scratch, &Limits::default(), &mut observer);
            observer.end(summary.kind, 0, summary.inflated_bytes);
        }
        observer.finish()
    };
    assignment.iter().map(worker).collect()
}

fn lineage(observations: Observations) -> Lineage {
    let mut lineage = correlate::correlate(
        observations,
        &correlate::Options { include_services: true, ..correlate::Options::default() },
    );
    Expectations::default().read_tokens(&mut lineage);
    lineage
}

/// The JSON report, to the byte.
fn report(observations: Observations) -> String {
    let lineage = lineage(observations);
    let findings = audit::audit(&lineage, &Expectations::default(), audit::Known::default());
    let run = report::RunInfo::default();
    let report = report::Report {
        lineage: &lineage,
        findings: &findings,
        run: &run,
        account_names: &BTreeMap::new(),
        integrity: None,
        ci: None,
    };
    let options = report::Options { include_services: true, ..report::Options::default() };
    let mut bytes = Vec::new();
    report::render(report::Format::Json, &report, &options, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn merged(parts: Vec<Observations>) -> Observations {
    parts.into_iter().fold(Observations::default(), |mut all, part| {
        all.merge(part);
        all
    })
}

/// Deals objects to three workers and shuffles, by the numbers given.
fn deal(objects: usize, order: &[u16]) -> Vec<Vec<usize>> {
    let rank = |at: usize| order[at % order.len()].wrapping_mul(31).wrapping_add(u16::try_from(at).unwrap_or(0));
    let mut shuffled: Vec<usize> = (0..objects).collect();
    shuffled.sort_by_key(|at| (rank(*at), *at));
    let mut workers = vec![Vec::new(); 3];
    for at in shuffled {
        workers[usize::from(rank(at)) % 3].push(at);
    }
    workers
}

/// Leaves out the event id, or gives one that other events of the moment have, too: logs that were edited or made up
/// hold such.
fn renamed(mut record: Value, name: u8) -> Value {
    let id = match name {
        0 => Value::Null,
        1 => Value::from("made-up"),
        2 => Value::from("00000000-0000-4000-8000-000000000000"),
        _ => return record,
    };
    record["eventID"] = id;
    record["eventTime"] = Value::from("2026-11-02T08:05:00Z");
    record
}

/// Takes out of a report in which objects the records stand. Events without an id are told apart by nothing else, and
/// so which five of them prove a finding depends on the objects, too.
fn regardless_of_objects(report: &str, has_nameless_events: bool) -> Value {
    fn forget(value: &mut Value, has_nameless_events: bool) {
        match value {
            Value::Object(fields) => {
                let is_told = |name: &str| !matches!(name, "object" | "objects");
                fields.retain(|name, _| is_told(name) && (name != "evidence" || !has_nameless_events));
                fields.values_mut().for_each(|value| forget(value, has_nameless_events));
            }
            Value::Array(items) => items.iter_mut().for_each(|value| forget(value, has_nameless_events)),
            _ => {}
        }
    }
    let mut report = serde_json::from_str(report).unwrap();
    forget(&mut report, has_nameless_events);
    report
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn any_order_and_any_split_over_workers_gives_the_same_bytes(
        happenings in world::happenings(),
        size in 1..5usize,
        order in prop::collection::vec(any::<u16>(), 8),
    ) {
        let objects = objects(&world::records(&happenings), size);
        let plain = report(merged(observe(&objects, &[(0..objects.len()).collect()])));
        let dealt = report(merged(observe(&objects, &deal(objects.len(), &order))));
        prop_assert_eq!(plain, dealt);
    }

    #[test]
    fn merging_is_commutative_and_associative(
        happenings in world::happenings(),
        order in prop::collection::vec(any::<u16>(), 8),
    ) {
        let objects = objects(&world::records(&happenings), 2);
        let parts = || observe(&objects, &deal(objects.len(), &order));
        let [a, b, c]: [Observations; 3] = parts().try_into().unwrap();
        let left = merged(vec![merged(vec![a.clone(), b.clone()]), c.clone()]);
        let right = merged(vec![a.clone(), merged(vec![b.clone(), c.clone()])]);
        let backwards = merged(vec![c, b, a]);
        let expected = report(left);
        prop_assert_eq!(&expected, &report(right));
        prop_assert_eq!(&expected, &report(backwards));
    }

    #[test]
    fn duplicates_change_nothing_but_their_count(happenings in world::happenings(), size in 1..5usize) {
        let once = objects(&world::records(&happenings), size);
        let mut twice = once.clone();
        twice.extend(once.iter().map(|(name, text)| (format!("{name}-again"), text.clone())));
        let read = |objects: &[(String, String)]| {
            let mut report: Value =
                serde_json::from_str(&report(merged(observe(objects, &[(0..objects.len()).rev().collect()])))).unwrap();
            let records = report["coverage"]["records"].take();
            report["coverage"]["objects"].take();
            (report, records["unique"].as_u64(), records["read"].as_u64())
        };
        let (plain, unique, count) = read(&once);
        let (doubled, unique_of_doubled, count_of_doubled) = read(&twice);
        prop_assert_eq!(plain, doubled);
        prop_assert_eq!(unique, unique_of_doubled);
        prop_assert_eq!(count.map(|count| 2 * count), count_of_doubled);
    }

    #[test]
    fn where_records_stand_changes_nothing_of_what_they_say(
        happenings in world::happenings(),
        names in prop_oneof![prop::collection::vec(0..5u8, 40), prop::collection::vec(1..5u8, 40)],
    ) {
        let records: Vec<Value> = world::records(&happenings)
            .into_iter()
            .enumerate()
            .map(|(at, record)| renamed(record, names[at % names.len()]))
            .collect();
        let backwards: Vec<Value> = records.iter().rev().cloned().collect();
        let read = |records: &[Value], size: usize| {
            let objects = objects(records, size);
            let report = report(merged(observe(&objects, &[(0..objects.len()).collect()])));
            regardless_of_objects(&report, records.iter().any(|record| record["eventID"].is_null()))
        };
        let plain = read(&records, 40);
        prop_assert_eq!(&plain, &read(&backwards, 40));
        prop_assert_eq!(&plain, &read(&backwards, 3));
    }

    #[test]
    fn every_session_is_in_a_chain_and_every_chain_ends_in_its_own_leaf(happenings in world::happenings()) {
        let objects = objects(&world::records(&happenings), 3);
        let lineage = lineage(merged(observe(&objects, &[(0..objects.len()).collect()])));
        let in_chains: BTreeSet<_> = lineage.chains.iter().flat_map(|chain| chain.path.iter().copied()).collect();
        prop_assert_eq!(in_chains.len(), lineage.sessions.len());
        let leaves: BTreeSet<_> = lineage.chains.iter().filter_map(|chain| chain.path.last().copied()).collect();
        prop_assert_eq!(leaves.len(), lineage.chains.len());
        let ids: BTreeSet<_> = lineage.chains.iter().map(|chain| chain.id).collect();
        prop_assert_eq!(ids.len(), lineage.chains.len());
        for session in lineage.sessions() {
            if let Some(parent) = session.parent() {
                prop_assert!(parent.children().any(|child| child.id == session.id));
                prop_assert!(parent.issued() <= session.issued().map(|issued| issued.plus(2)));
            }
        }
        let by_route: u64 = lineage.routes.iter().map(|route| route.chains).sum();
        prop_assert_eq!(by_route, u64::try_from(lineage.chains.len()).unwrap());
    }

    #[test]
    fn every_call_is_counted_once(happenings in world::happenings()) {
        let objects = objects(&world::records(&happenings), 3);
        let records = merged(observe(&objects, &[(0..objects.len()).collect()]));
        let unique = records.counts.unique;
        prop_assert_eq!(records.counts.records(), unique + records.counts.duplicate);
        let lineage = lineage(records);
        let contacts: u64 = lineage.contacts.rows.iter().map(|(_, tally)| tally.count()).sum();
        let actions: u64 = lineage.actions.rows.iter().map(|(_, tally)| tally.count()).sum();
        let assumptions = u64::try_from(lineage.observations.assumptions.len()).unwrap();
        prop_assert_eq!(contacts, unique);
        prop_assert_eq!(actions + assumptions, unique);
    }
}

#[test]
fn the_worlds_hold_every_kind_of_link() {
    // A property that holds because nothing ever collides would prove nothing.
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..200 {
        let happenings = world::happenings().new_tree(&mut runner).unwrap().current();
        let objects = objects(&world::records(&happenings), 3);
        let lineage = lineage(merged(observe(&objects, &[(0..objects.len()).collect()])));
        for session in &lineage.sessions {
            for link in [Some(&session.link), session.use_link.as_ref()].into_iter().flatten() {
                *kinds.entry(link.kind.name()).or_default() += 1;
            }
        }
        *kinds.entry("denial runs").or_default() += lineage.denied.len();
        *kinds.entry("deep chains").or_default() += lineage.chains.iter().filter(|chain| chain.path.len() > 2).count();
    }
    for kind in ["exact", "strong", "probable", "ambiguous", "missing", "denial runs", "deep chains"] {
        assert!(kinds.get(kind).copied().unwrap_or_default() >= 20, "{kind}: {kinds:?}");
    }
}

/// Two records of one key that agree in the user and not in the account: the order of the records does not say which counts.
#[test]
fn who_came_first_does_not_name_the_account_of_a_key() {
    let user = |account: &str| {
        let mut user = growth::user("deployer", 1);
        user["accountId"] = serde_json::json!(account);
        user
    };
    let mut records: Vec<Value> = ["333333333333", "111111111111", "222222222222"]
        .into_iter()
        .enumerate()
        .map(|(at, account)| {
            let more = serde_json::json!({ "readOnly": false });
            growth::record(&user(account), at, "ecs.amazonaws.com", "UpdateService", "111111111111", more)
        })
        .collect();
    let accounts = |records: &[Value]| -> Vec<Option<String>> {
        let lineage = growth::lineage(records);
        lineage.routes.iter().map(|route| lineage.origin(route.origin).account_id.clone()).collect()
    };
    let first = accounts(&records);
    assert_eq!(first, [Some("111111111111".to_owned())]);
    records.reverse();
    assert_eq!(accounts(&records), first);
}
