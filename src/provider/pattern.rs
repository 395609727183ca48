//! Patterns of subjects: whose tokens does one admit?

use super::claims::is_number;

/// Whose tokens a pattern of subjects admits, the fewest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Admits {
    /// Those of one workload; parts that change with every run may be open.
    OneWorkload,
    /// Those of some branches, tags or environments of one project.
    SomeContexts,
    /// Those that no grammar reads.
    NotRead,
    /// Those of one project (repository, pipeline), whatever it does.
    Project,
    /// Those of whoever may run what the pattern names, such as a reusable workflow: in a public repository, anybody.
    Callers,
    /// Those of projects whose names begin so, whoever makes them for that owner.
    Projects,
    /// Those of every project of one owner.
    Owner,
    /// Those of every owner whose name begins so.
    Owners,
    /// Those of anybody who gets tokens of the issuer.
    Anybody,
}

/// What a pattern says of one part of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing.
    #[default]
    Unsaid,
    /// The whole value.
    Whole,
    /// How it begins.
    Beginning,
    /// Anything.
    Open,
}

impl Part {
    pub(super) fn of(value: &str) -> Self {
        match value.find(['*', '?']) {
            None => Self::Whole,
            Some(0) => Self::Open,
            Some(_) => Self::Beginning,
        }
    }

    /// Takes in what the pattern says once more: what it says most exactly counts.
    fn narrow(&mut self, other: Self) {
        let rank = |part: Self| match part {
            Self::Unsaid => 0,
            Self::Open => 1,
            Self::Beginning => 2,
            Self::Whole => 3,
        };
        if rank(other) > rank(*self) {
            *self = other;
        }
    }
}

/// What a claim of a subject tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The owner, by name or id.
    Owner,
    /// What holds owners.
    Enterprise,
    /// The project, by an id or by a name that is only its owner's.
    Project,
    /// Owner and project, with a slash between them.
    OwnerAndProject,
    /// Which of the project's workloads it is.
    Context,
    /// A file of a project: owner, project and path, with slashes between them.
    FileOfProject,
    /// A project by a name that also tells its workloads apart.
    ProjectAndContext,
    /// The run: another one each time.
    Run,
    /// What strangers cannot choose, although it names neither owner nor project.
    Firm,
}

/// What a pattern pins, read so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Pins {
    owner: Part,
    /// Its name, when the whole of it is said.
    owner_name: Option<String>,
    project: Part,
    /// Whose tokens it admits where it names no owner: it may name a file elsewhere, such as a reusable workflow, or something
    /// else that strangers cannot choose.
    without_owner: Option<Admits>,
    /// Something of the context is said.
    has_context: bool,
    /// Something of the context is open.
    is_context_open: bool,
}

impl Pins {
    /// Begins where the issuer itself is one owner's.
    pub(super) fn of_owner() -> Self {
        Self { owner: Part::Whole, ..Self::default() }
    }

    /// Says that the issuer itself is one owner's, whatever the pattern says.
    pub(super) fn of_one_owner(self) -> Self {
        Self { owner: Part::Whole, ..self }
    }

    /// Takes in the value of one claim.
    pub(super) fn take(&mut self, claim: Claim, value: &str) {
        match claim {
            Claim::Owner => self.take_owner(Part::of(value), value),
            Claim::Enterprise => self.owner.narrow(Part::of(value)),
            Claim::Project => self.project.narrow(Part::of(value)),
            Claim::OwnerAndProject => {
                let (owner, project) = match value.split_once('/') {
                    Some((owner, project)) => (Part::of(name(owner)), Part::of(name(project))),
                    None => (Part::of(name(value)), Part::Unsaid),
                };
                // A name that ends where the pattern goes on is no whole one.
                let is_cut = !value.contains(['/', '@']) && owner == Part::Whole;
                let owner = if is_cut { Part::Beginning } else { owner };
                self.take_owner(owner, name(value.split('/').next().unwrap_or_default()));
                self.project.narrow(project);
            }
            Claim::Context => self.take_context(value),
            Claim::ProjectAndContext => {
                self.project.narrow(Part::of(value));
                self.take_context(value);
            }
            Claim::FileOfProject => {
                let (owner, project) = in_file(value);
                self.take_owner(owner, value.split('/').next().unwrap_or_default());
                self.project.narrow(project);
            }
            Claim::Firm => {
                // Of a file, such as a workflow, it is the project that strangers cannot choose.
                let is_file = matches!(in_file(value), (Part::Whole, Part::Whole));
                let is_firm = !value.contains('/') && Part::of(value) == Part::Whole;
                let admitted = is_firm.then_some(Admits::NotRead).or(is_file.then_some(Admits::Callers));
                self.without_owner = [self.without_owner, admitted].into_iter().flatten().min();
            }
            Claim::Run => {}
        }
    }

    fn take_owner(&mut self, owner: Part, name: &str) {
        self.owner.narrow(owner);
        // An id is no name.
        if owner == Part::Whole && !is_number(name) {
            self.owner_name.get_or_insert_with(|| name.to_owned());
        }
    }

    /// Takes in a word or a value of the context.
    pub(super) fn take_context(&mut self, value: &str) {
        // `refs/` begins every ref, and any branch is any that somebody pushes. Tags are what releases go by.
        let said = value.strip_prefix("refs/").unwrap_or(value);
        let said = said.strip_prefix("heads/").unwrap_or(said);
        self.has_context |= said.contains(|letter| !matches!(letter, '*' | '?'));
        self.is_context_open |= value.contains(['*', '?']);
    }

    /// Takes in that the pattern leaves open what comes behind.
    pub(super) fn open_end(&mut self) {
        self.is_context_open = true;
    }

    /// Says whose tokens the pattern admits.
    pub(super) fn admits(self) -> Admits {
        match (self.owner, self.project) {
            (Part::Open, _) => Admits::Anybody,
            (Part::Beginning, _) => Admits::Owners,
            (_, Part::Whole) => match (self.has_context, self.is_context_open) {
                (true, true) => Admits::SomeContexts,
                (true, false) => Admits::OneWorkload,
                (false, _) => Admits::Project,
            },
            (Part::Whole, Part::Unsaid | Part::Open) => Admits::Owner,
            (Part::Whole, Part::Beginning) => Admits::Projects,
            (Part::Unsaid, _) => self.without_owner.unwrap_or(Admits::Anybody),
        }
    }
}

/// What a provider reads in a pattern.
#[derive(Clone, Debug)]
pub(super) enum Admitted {
    /// What it pins.
    Pins(Pins),
    /// Whose tokens it admits, known without reading parts.
    Known(Admits),
}

impl From<Pins> for Admitted {
    fn from(pins: Pins) -> Self {
        Self::Pins(pins)
    }
}

impl Admitted {
    pub(super) fn admits(self) -> Admits {
        match self {
            Self::Pins(pins) => pins.admits(),
            Self::Known(admits) => admits,
        }
    }

    /// Returns the owner whose tokens alone are admitted.
    pub(super) fn owner(self) -> Option<String> {
        match self {
            Self::Pins(pins) => pins.owner_name.filter(|_| pins.owner == Part::Whole),
            Self::Known(_) => None,
        }
    }
}

/// Returns what the path of a file, `owner/project/…`, says of owner and project.
fn in_file(path: &str) -> (Part, Part) {
    let mut parts = path.splitn(3, '/');
    let owner = parts.next().map_or(Part::Unsaid, Part::of);
    let project = parts.next().map_or(Part::Unsaid, Part::of);
    // Without a path behind it, a name may go on.
    let is_cut = parts.next().is_none() && project == Part::Whole;
    (owner, if is_cut { Part::Beginning } else { project })
}

/// Returns a name without the id that may follow it: `acme@42`.
fn name(text: &str) -> &str {
    text.split('@').next().unwrap_or_default()
}

/// Reads a pattern of the shape `claim:value:claim:value`. `tells` says what a claim tells.
pub(super) fn of_claims(pattern: &str, tells: impl Fn(&str) -> Claim) -> Pins {
    let mut pins = Pins::default();
    let mut parts = pattern.split(':');
    while let Some(claim) = parts.next() {
        // Behind a wildcard among the claims, any may follow.
        let Some(value) = parts.next().filter(|_| Part::of(claim) == Part::Whole) else {
            if Part::of(claim) == Part::Whole {
                pins.take_context(claim);
            } else {
                pins.open_end();
            }
            continue;
        };
        pins.take(tells(claim), value);
    }
    pins
}

/// Says whose tokens a pattern admits that no grammar reads: only one that pins nothing is known for what it is.
pub(super) fn not_read(pattern: &str) -> Admits {
    match Part::of(pattern) {
        Part::Whole => Admits::OneWorkload,
        Part::Open => Admits::Anybody,
        Part::Beginning | Part::Unsaid => Admits::NotRead,
    }
}
