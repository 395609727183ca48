//! The organization of all stories: its accounts' logs, its roles, and the hands that write records.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rolechain::model::time::Timestamp;

use super::delivery::{Delivery, Trail, objects};
use super::ids::{Ids, number_of, unique_id};
use super::json::Object;
use super::record::{Event, display};

/// A role: the same in every story.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// The account that owns it.
    pub(crate) account: &'static str,
    /// The IAM path, from `/` to `/`.
    pub(crate) path: String,
    /// The name.
    pub(crate) name: String,
    /// The unique id: `AROA…`.
    pub(crate) unique_id: String,
}

impl Role {
    /// Names a role by its account and its path with the name: `ci/ci-deploy-role`.
    pub(crate) fn new(account: &'static str, path_and_name: &str) -> Self {
        let (path, name) = match path_and_name.rsplit_once('/') {
            Some((path, name)) => (format!("/{path}/"), name),
            None => ("/".to_owned(), path_and_name),
        };
        let number = number_of(&format!("{account}/{path_and_name}"));
        let unique_id = unique_id("AROA", account_number(account), number);
        Self { account, path, name: name.to_owned(), unique_id }
    }

    /// Returns the role's ARN, with the path.
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role{}{}", self.account, self.path, self.name)
    }

    /// Returns the ARN of a session, which drops the path.
    pub(crate) fn session_arn(&self, session: &str) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{session}", self.account, self.name)
    }
}

/// Returns an account id as a number.
pub(crate) fn account_number(account: &str) -> u64 {
    account.parse().unwrap_or_default()
}

/// The organization, as one story sees it. Clones share the same logs.
#[derive(Clone)]
pub(crate) struct Organization(Rc<RefCell<Logs>>);

struct Logs {
    ids: Ids,
    runs: u64,
    records: Vec<Delivery>,
}

impl Organization {
    /// Opens the logs of a story. The story's name is the seed of all its identifiers.
    pub(crate) fn new(story: &str) -> Self {
        let ids = Ids::new(number_of(story));
        let runs = 19_400_000_000 + number_of(story) % 1_000 * 100_000;
        Self(Rc::new(RefCell::new(Logs { ids, runs, records: Vec::new() })))
    }

    /// Returns a new UUID.
    pub(crate) fn uuid(&self) -> String {
        self.0.borrow_mut().ids.uuid()
    }

    /// Returns new bits.
    pub(crate) fn bits(&self) -> u64 {
        self.0.borrow_mut().ids.bits()
    }

    /// Returns new hexadecimal digits.
    pub(crate) fn hex(&self, length: usize) -> String {
        self.0.borrow_mut().ids.hex(length)
    }

    /// Returns the number of the next CI run.
    pub(crate) fn next_run(&self) -> u64 {
        let mut logs = self.0.borrow_mut();
        logs.runs += 1 + logs.ids.below(977);
        logs.runs
    }

    /// Returns a new temporary key of an account.
    pub(crate) fn temporary_key(&self, account: &str) -> String {
        super::ids::access_key("ASIA", account_number(account), self.bits())
    }

    /// Writes an event into the log of the account that it names as its recipient.
    pub(crate) fn write(&self, event: &Event) {
        let record = Delivery {
            account: event.recipient.clone(),
            region: event.region.clone(),
            time: event.time,
            delay: 0,
            json: event.json(),
        };
        self.0.borrow_mut().records.push(record);
    }

    /// Writes a record that no account would, as text.
    pub(crate) fn write_text(&self, account: &str, region: &str, time: Timestamp, json: &str) {
        let (account, region, json) = (account.to_owned(), region.to_owned(), json.to_owned());
        self.0.borrow_mut().records.push(Delivery { account, region, time, delay: 0, json });
    }

    /// Returns every record, in the order of writing.
    pub(crate) fn records(&self) -> Vec<Delivery> {
        self.0.borrow().records.clone()
    }

    /// Delivers every `nth` record once more, one object later.
    pub(crate) fn deliver_some_twice(&self, nth: usize) {
        let again =
            self.records().into_iter().step_by(nth).map(|record| Delivery { delay: record.delay + 1, ..record });
        self.0.borrow_mut().records.extend(again);
    }

    /// Returns the objects of the organization's trail.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let mut logs = self.0.borrow_mut();
        let Logs { ids, records, .. } = &mut *logs;
        objects(Trail::ORGANIZATION, records, ids)
    }

    /// Returns the objects that a second trail over one account and one day delivers.
    pub(crate) fn account_trail(&self, account: &str, day: &str) -> BTreeMap<String, Vec<u8>> {
        let mut logs = self.0.borrow_mut();
        let Logs { ids, records, .. } = &mut *logs;
        let chosen: Vec<Delivery> = records
            .iter()
            .filter(|record| record.account == account && record.time.to_string().starts_with(day))
            .cloned()
            .collect();
        objects(Trail::ACCOUNT, &chosen, ids)
    }

    /// Returns `responseElements.credentials`, with a token that no output may show.
    pub(crate) fn credentials(&self, key: &str, expires: Timestamp) -> Object {
        let token = format!("IQoJb3JpZ2luX2Vj{}SESSIONTOKENOFASAMPLE", self.0.borrow_mut().ids.alnum(24));
        Object::new().text("accessKeyId", key).text("sessionToken", &token).text("expiration", &display(expires))
    }
}
