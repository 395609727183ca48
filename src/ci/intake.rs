//! One file of evidence on its way into the facts: what it is called, what it holds, which runs stand in one list.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read;
use std::sync::Arc;

use sha2::Digest as _;
use sha2::Sha256;

use super::answer::Answer;
use super::facts::Attempt;
use super::facts::Defect;
use super::facts::Deployment;
use super::facts::Facts;
use super::facts::File;
use super::facts::Job;
use super::facts::Person;
use super::facts::Place;
use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::item::Item;
use super::item::Text;
use super::item::Thing;
use super::merge;
use super::share;
use super::stream;
use super::stream::Sink;
use super::stream::Total;
use crate::read::inflating;

/// So many faults of a file are kept, and the rest are counted.
const DEFECTS: usize = 1_000;

/// The most bytes that a file is inflated to.
const LARGEST: u64 = 4 << 30;

/// What no source knows.
const OTHER: &str = "values of other kinds";

pub(super) const APPROVALS: &str = "approvals";

/// Reads a value of one source into the facts, and returns what it is; `None` when it is from another source.
pub(super) type Source = fn(&Item<'_>, &mut Intake<'_>) -> Option<&'static str>;

/// A file that is being read.
pub(super) struct Intake<'f> {
    pub(super) facts: &'f mut Facts,
    /// The run that the name of the file names. Approvals of GitHub name none.
    pub(super) named_run: Option<Box<str>>,
    /// What the file answers about commits and reviews.
    pub(super) answer: Answer,
    sources: &'f [Source],
    file: File,
    /// How many values no source knows, and the byte of the first.
    unknown: (u64, u64),
    /// The lists of this file, by how many runs the system counts for each: pages of one list say the same number.
    lists: BTreeMap<Option<u64>, usize>,
    /// The runs of the list that is being read.
    page: Vec<RunKey>,
    /// The jobs of the list that is being read.
    jobs: Vec<(RunKey, u32, Box<str>)>,
    is_list: bool,
    pub(super) is_in_list: bool,
}

/// Reads a file. Nothing that it says can make this fail: what is not understood becomes a defect.
pub(super) fn read(facts: &mut Facts, sources: &[Source], name: &str, source: &mut dyn Read) -> io::Result<()> {
    let file = File { name: name.to_owned(), ..File::default() };
    let named_run = run_of_name(name);
    let (page, jobs, lists) = (Vec::new(), Vec::new(), BTreeMap::new());
    let answer = Answer::of_name(name);
    let mut intake = Intake {
        facts,
        named_run,
        answer,
        sources,
        file,
        unknown: (0, 0),
        page,
        jobs,
        lists,
        is_list: false,
        is_in_list: false,
    };
    let mut bytes = BufReader::new(Hashed { source, digest: Sha256::new() });
    if bytes.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        let (read, has_more) = {
            let mut inflated = inflating(&mut bytes).take(LARGEST);
            (stream::read(&mut inflated, &mut intake), inflated.limit() == 0)
        };
        let message = match read {
            Err(error) => Some(format!("cannot be inflated: {error}")),
            Ok(()) => has_more.then(|| "what lies beyond 4 GiB is not read".to_owned()),
        };
        if let Some(message) = message {
            intake.defect(Defect { at: 0, message });
        }
        // The digest is of the whole file.
        io::copy(&mut bytes, &mut io::sink())?;
    } else {
        stream::read(&mut bytes, &mut intake)?;
    }
    intake.end(bytes.into_inner().digest);
    Ok(())
}

/// Names a file that is not read, and why.
pub(super) fn leave(facts: &mut Facts, name: &str, source: &mut dyn Read, message: &str) -> io::Result<()> {
    let mut hashed = Hashed { source, digest: Sha256::new() };
    io::copy(&mut hashed, &mut io::sink())?;
    let defects = vec![Defect { at: 0, message: message.to_owned() }];
    keep(facts, File { name: name.to_owned(), defects, ..File::default() }, hashed.digest);
    Ok(())
}

/// Keeps what came of a file. They are kept in order, so that a folder of a hundred thousand is not walked through for each.
fn keep(facts: &mut Facts, mut file: File, digest: Sha256) {
    for byte in digest.finalize() {
        // Writing to text cannot fail.
        let _ = write!(file.sha256, "{byte:02x}");
    }
    let key = |file: &File| (file.name.clone(), file.sha256.clone());
    if let Err(at) = facts.files.binary_search_by_key(&key(&file), key) {
        facts.files.insert(at, file);
    }
}

/// Reads bytes, and knows their digest.
struct Hashed<'s> {
    source: &'s mut dyn Read,
    digest: Sha256,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Reads the run that a file of approvals is named after: `approvals-19402503217.json`, `19402503217/approvals.json`.
fn run_of_name(name: &str) -> Option<Box<str>> {
    let mut parts = name.rsplit(['/', '\\']);
    let stem = parts.next()?.split('.').next()?.strip_prefix("approvals")?;
    let id = if stem.is_empty() { parts.next()? } else { stem.strip_prefix(['-', '_'])? };
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.into())
}

impl Intake<'_> {
    /// Adds what a value says of a run.
    pub(super) fn run(&mut self, mut key: RunKey, mut said: Run) {
        let words = &mut self.facts.words;
        key.host = words.of(&key.host);
        share::run(words, &mut said);
        said.head_sha.iter_mut().for_each(|sha| sha.make_ascii_lowercase());
        if said.is_shown && self.is_in_list {
            self.page.push(key.clone());
        }
        merge::run(self.facts.runs.entry(key).or_default(), said);
    }

    /// Adds what a value says of a job, and nothing of its run.
    pub(super) fn job(&mut self, key: RunKey, attempt: u32, id: Box<str>, mut said: Job) {
        share::job(&mut self.facts.words, &mut said);
        if !said.lists.is_empty() && self.is_in_list {
            self.jobs.push((key.clone(), attempt, id.clone()));
        }
        let run = self.facts.runs.entry(key).or_default();
        merge::job(&mut run.disputed, run.attempts.slot(attempt).jobs.slot(id), said);
    }

    /// Adds what a value says of an attempt.
    pub(super) fn attempt(&mut self, key: RunKey, attempt: u32, mut said: Attempt) {
        share::attempt(&mut self.facts.words, &mut said);
        let run = self.facts.runs.entry(key).or_default();
        merge::attempt(&mut run.disputed, run.attempts.slot(attempt), said);
    }

    /// Adds what a value says of a deployment.
    pub(super) fn deployment(&mut self, host: Arc<str>, id: u64, said: Deployment) {
        merge::deployment(self.facts.deployments.entry((host, id)).or_default(), said);
    }

    /// Adds the id of a repository.
    pub(super) fn id(&mut self, place: Place, id: Option<u64>) {
        if let Some(id) = id {
            self.facts.ids.entry(place).or_default().insert(id);
        }
    }

    /// Notes how much of a list was understood that stands beside what was asked. What was not is a defect.
    pub(super) fn understood(&mut self, what: &str, count: usize, of: usize) -> bool {
        if count < of {
            let message = format!("of {of} {what} in one answer, {} cannot be understood", of - count);
            self.defect(Defect { at: 0, message });
        }
        count == of
    }

    /// Counts something that the file holds.
    pub(super) fn count(&mut self, what: &'static str) {
        *self.file.holds.entry(what).or_default() += 1;
    }

    fn end(mut self, digest: Sha256) {
        // An answer that is empty is an answer: the run was asked for its approvals. One that is not understood is none.
        let is_broken = self.file.holds.contains_key(OTHER) || !self.file.defects.is_empty();
        let is_answer = self.is_list || self.file.holds.contains_key(APPROVALS);
        let is_empty = self.file.holds.is_empty();
        if let Some(id) = self.named_run.take().filter(|_| is_answer && (is_broken || is_empty)) {
            self.run(github_run("", id), Run { approvals_asked: true, approvals_unclear: is_broken, ..Run::default() });
            if !is_broken {
                self.file.holds.insert(APPROVALS, 0);
            }
        }
        let answer = std::mem::take(&mut self.answer);
        let about = answer.close(self.facts, &self.file.holds, self.is_list, is_broken);
        about.map(|about| self.file.holds.entry(about).or_default());
        if !self.file.holds.is_empty() && self.file.holds.keys().all(|what| *what == OTHER) {
            let message = "holds nothing that rolechain reads of a CI system; docs/ci.md says what to fetch".to_owned();
            self.defect(Defect { at: 0, message });
        } else if let (count @ 1.., at) = self.unknown {
            let values = if count == 1 { "a value".to_owned() } else { format!("{count} values") };
            self.defect(Defect { at, message: format!("holds {values} that rolechain does not know, here first") });
        }
        keep(self.facts, self.file, digest);
    }

    fn close_list(&mut self, total: Option<u64>) {
        let facts = &mut *self.facts;
        let list = *self.lists.entry(total).or_insert_with(|| {
            facts.lists.push(total);
            facts.lists.len() - 1
        });
        for key in std::mem::take(&mut self.page) {
            facts.runs.entry(key).or_default().lists.insert(list);
        }
    }
}

impl Sink for Intake<'_> {
    fn item(&mut self, item: Item<'_>, at: Option<u64>) {
        match self.sources.iter().find_map(|source| source(&item, self)) {
            Some(what) => self.count(what),
            None => self.unknown(at),
        }
    }

    fn unknown(&mut self, at: Option<u64>) {
        self.count(OTHER);
        if let Some(at) = at {
            let (count, first) = self.unknown;
            self.unknown = (count + 1, if count == 0 { at } else { first });
        }
    }

    fn begin(&mut self) {
        // Objects before a list are none of it: whoever strung them together asked for each by its id.
        self.page.clear();
        self.jobs.clear();
        self.is_in_list = true;
    }

    fn page(&mut self, total: Option<Total>) {
        self.is_list = true;
        self.is_in_list = false;
        match total {
            Some(Total::Runs(total)) => self.close_list(Some(total)),
            Some(Total::Jobs(total)) => {
                for (key, attempt, id) in std::mem::take(&mut self.jobs) {
                    self.job(key, attempt, id, Job { lists: [Some(total)].into(), ..Job::default() });
                }
                self.jobs.clear();
            }
            // GitHub's numbers count up in each workflow: without a count, nothing says which workflows are left out.
            None if self.page.iter().any(|key| key.system == System::GitHub) => {}
            None if self.page.len() > 1 => self.close_list(None),
            None => {}
        }
    }

    fn defect(&mut self, defect: Defect) {
        if self.file.defects.len() < DEFECTS {
            self.file.defects.push(defect);
        } else {
            self.file.more_defects += 1;
        }
    }
}

/// Names a run of GitHub. A host that is not said is found when all files are read.
pub(super) fn github_run(host: &str, id: impl Into<Box<str>>) -> RunKey {
    RunKey { system: System::GitHub, host: host.into(), id: id.into() }
}

/// Names a repository.
pub(super) fn place(system: System, host: &str, name: &str) -> Place {
    Place { system, host: host.into(), name: name.to_ascii_lowercase().into() }
}

/// Keeps a text.
pub(super) fn kept<T: for<'t> From<&'t str>>(text: &Text<'_>) -> Option<T> {
    text.as_deref().map(Into::into)
}

/// Reads a person of GitHub or GitLab: a login, with a number.
pub(super) fn person(thing: Option<&Thing<'_>>) -> Option<Person> {
    let thing = thing?;
    let login = thing.login.as_deref().or(thing.text.as_deref())?;
    let id = thing.id.as_deref().and_then(|id| id.parse().ok());
    Some(Person { login: login.into(), id, is_bot: thing.kind.as_deref() == Some("Bot") || login.ends_with("[bot]") })
}

/// Reads somebody whom the system knows by the name that they show.
pub(super) fn shown(thing: Option<&Thing<'_>>) -> Option<Person> {
    let thing = thing?;
    let name = [&thing.login, &thing.name, &thing.text].into_iter().find_map(Option::as_deref)?;
    Some(Person { login: name.into(), id: None, is_bot: false })
}

/// Takes what a ref begins with off: which of both it names is not kept.
pub(super) fn branch(name: &Text<'_>) -> Option<Arc<str>> {
    let name = name.as_deref()?;
    Some(
        ["refs/heads/", "refs/tags/", "refs/"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name).into(),
    )
}

/// Reads the number of an attempt; 0 when none is said.
pub(super) fn attempt(number: Option<u64>) -> u32 {
    number.and_then(|number| number.try_into().ok()).unwrap_or(0)
}

/// Reads how something ended from a state, where that is one of an end.
pub(super) fn ending<'t>(state: Option<&'t str>, going_on: &[&str]) -> Option<&'t str> {
    state.filter(|state| !going_on.contains(state))
}
