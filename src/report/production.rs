//! Changes: each session, or long-term key used directly, that changed something, with the run, the person, the commit and the
//! approval behind it, and what of these is missing. Of production they are the list that auditors draw their samples from; the
//! page shows all of them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::judged::Judged;
use super::judged::Judgment;
use super::run_words;
use super::who_line::writes;
use super::wire::Rows;
use super::wire::Text;
use super::wire::Time;
use super::wire::ci::CiRun;
use super::wire::run_link::Ci;
use crate::model::chain::Activity;
use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::lineage::SessionView;
use crate::model::long_term_key::LongTermKey;
use crate::model::principal::PrincipalId;
use crate::model::subject::Subject;
use crate::model::width::place;

/// Who changed something.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// A session, with the first chain through it.
    Session(SessionView<'a>, &'a Chain),
    /// A long-term key that was used directly.
    Key(&'a LongTermKey),
}

/// What somebody changed.
#[derive(Default)]
pub(crate) struct Change<'a> {
    /// The session that did it, and the first chain through it; `None` for a key.
    pub(crate) session: Option<(SessionView<'a>, &'a Chain)>,
    /// What `rolechain trace` takes: the chain's id, or the key's.
    id: String,
    pub(crate) activity: Activity,
    pub(crate) account_id: Option<Text<'a>>,
    pub(crate) role_arn: Option<Text<'a>>,
    /// True when a person signed in: the origin is them.
    is_person: bool,
    /// Where it began: the subject, the key, the person.
    pub(crate) origin: String,
    /// The writes by name, the most telling first.
    pub(crate) actions: Vec<String>,
    /// The environment that the token names.
    environment: Option<String>,
    /// The run that the records name.
    pub(crate) named_run: Option<CiRun>,
    /// What the CI system says.
    pub(crate) ci: Option<Ci>,
    pub(crate) judgment: Judgment<'a>,
    /// The actor and the commit that session tags name.
    tags: [Option<Text<'a>>; 2],
}

/// Returns who changed something, in order of time.
pub(super) fn changed<'a>(rows: &Rows<'a>) -> Vec<By<'a>> {
    let lineage = rows.lineage();
    let shown = lineage.chains.iter().filter(|chain| rows.is_shown(chain.is_listed));
    let chains: BTreeMap<ChainId, &Chain> = shown.map(|chain| (chain.id, chain)).collect();
    let first = |session: &SessionView<'a>| {
        let (start, end) = session.session.way.chains;
        lineage.by_descent.get(place(start)..place(end))?.iter().find_map(|id| chains.get(id).copied())
    };
    let keys = || lineage.long_term_keys.iter().filter(|key| key.activity.writes > 0);
    // What services did in the name of a key's user is the key's.
    let of_keys: BTreeSet<PrincipalId> = keys().flat_map(|key| key.principals.iter().copied()).collect();
    let is_of_key = |session: &SessionView<'_>| session.principals().iter().all(|id| of_keys.contains(id));
    let wrote = lineage.sessions().filter(|session| session.activity().writes > 0 && !is_of_key(session));
    let sessions = wrote.filter_map(|session| Some(By::Session(session, first(&session)?)));
    let mut all: Vec<By<'a>> = sessions.chain(keys().map(By::Key)).collect();
    all.sort_by_key(|by| {
        let (chain, key) = match by {
            By::Session(_, chain) => (Some(chain.id), ""),
            By::Key(key) => (None, lineage.str(key.access_key)),
        };
        (by.activity().first_event, chain, key, by.activity().last_event)
    });
    all
}

/// Returns every change to production, in order of time.
pub(crate) fn changes<'a>(rows: &Rows<'a>) -> impl Iterator<Item = Change<'a>> + use<'a> {
    let (rows, run, judged) = (*rows, rows.report.run, Judged::of(rows));
    let is_of_production = move |by: &By<'a>| match by {
        By::Session(session, _) => run.production.contains(&session.id),
        By::Key(key) => run.production_keys.contains(rows.lineage().str(key.access_key)),
    };
    changed(&rows).into_iter().filter(is_of_production).map(move |by| Change::of(&rows, &judged, by))
}

impl By<'_> {
    pub(super) fn activity(&self) -> Activity {
        match self {
            Self::Session(session, _) => session.activity(),
            Self::Key(key) => key.activity,
        }
    }
}

impl<'a> Change<'a> {
    pub(super) fn of(rows: &Rows<'a>, judged: &Judged<'a>, by: By<'a>) -> Self {
        let (lineage, activity) = (rows.lineage(), by.activity());
        match by {
            By::Session(session, chain) => Self {
                session: Some((session, chain)),
                id: chain.id.to_string(),
                account_id: rows.text(session.session.account),
                role_arn: rows.text(session.session.role_arn),
                origin: rows.shade.text(&session.origin().label()).into_owned(),
                is_person: session.origin().kind.is_person(),
                actions: writes(session.actions(), rows),
                environment: signed_environment(rows, chain),
                named_run: rows.ci_run(chain),
                ci: rows.ci(chain),
                judgment: judged.session(session),
                tags: ["Actor", "Commit"].map(|tag| {
                    let tagged = chain.path.iter().find_map(|id| lineage.session(*id).tag(tag));
                    tagged.map(|text| rows.shade.text(text))
                }),
                activity,
            },
            By::Key(key) => {
                let row = rows.long_term_key(key);
                Self {
                    id: row.access_key_id.into_owned(),
                    account_id: row.account_id,
                    origin: row.principal_arn.as_deref().unwrap_or_default().to_owned(),
                    actions: writes(lineage.actions_of(&key.principals), rows),
                    judgment: judged.key(key),
                    activity,
                    ..Self::default()
                }
            }
        }
    }

    /// Returns the first chain through the session that did it.
    pub(crate) fn chain_id(&self) -> Option<&str> {
        self.session.and(Some(&self.id))
    }

    /// Returns the key that was used directly.
    pub(crate) fn access_key_id(&self) -> Option<&str> {
        self.session.is_none().then_some(&self.id)
    }

    /// Returns what the CI system says, where it is certain of which run.
    pub(crate) fn sure(&self) -> Option<&Ci> {
        self.ci.as_ref().filter(|ci| matches!(ci.link, "exact" | "strong"))
    }

    /// Returns who started the run. Nobody starts what a schedule starts, but somebody may start it again.
    pub(crate) fn person(&self) -> Option<&str> {
        let started = self.sure().and_then(|ci| match &ci.started_by {
            Some(by) if by.how == "scheduled" => ci.restarted_by.as_ref(),
            by => by.as_ref(),
        });
        started.map(|by| by.login.as_str()).or(self.is_person.then_some(&self.origin))
    }

    /// Returns the environment that the job deployed to: signed by the token, else as the CI system says.
    pub(crate) fn environment(&self) -> Option<&str> {
        let of_job = || self.sure()?.job.as_ref()?.environment.as_deref();
        self.environment.as_deref().or_else(of_job)
    }

    /// Returns the commit, and for a pull request its head: by the CI system, else by a session tag.
    pub(super) fn commit(&self) -> Option<&str> {
        self.sure().and_then(|ci| ci.run.as_ref()?.commit.as_deref()).or(self.tags[1].as_deref())
    }

    /// Says who caused it and who approved it, or what speaks against its run, by the CI system; else who it is by session tags.
    pub(super) fn people(&self) -> Option<String> {
        let said = self.tags.iter().flatten().map(|tag| run_words::short(tag)).collect::<Vec<_>>().join(" ");
        let beside = self.activity.last_event.map(Time);
        self.ci.as_ref().and_then(|ci| run_words::said(ci, beside)).or(Some(said).filter(|said| !said.is_empty()))
    }

    /// Says what is missing for an answer to who changed it, why, and with whose approval; `None` when nothing is.
    pub(crate) fn gap(&self) -> Option<&'static str> {
        if self.session.is_none() {
            return Some("long-lived key");
        }
        if self.is_person {
            return Some("no CI run: a person signed in");
        }
        let Some(ci) = &self.ci else {
            return Some(if self.named_run.is_some() { "no CI evidence" } else { "no CI run" });
        };
        match ci.link {
            "contradicted" => return Some("the CI system contradicts the run"),
            "unknown" | "not_covered" => return Some("run not in the CI evidence"),
            "missing" => return Some("no CI run fits"),
            "ambiguous" | "probable" => return Some("CI run not certain"),
            _ => {}
        }
        if ci.contradictions.iter().any(|contradiction| contradiction.kind == "deleted") {
            return Some("the run was deleted");
        }
        let person = self.person();
        match () {
            () if ci.seconds_after_job.is_some() && ci.signed => Some("used after the job had ended"),
            () if !ci.signed => Some("no token proves the run"),
            () if ci.started_by.is_none() => Some("person not known"),
            () if ci.reviewed == Some(false) => Some("nobody else reviewed the commit"),
            // Another approval may be among what was not understood.
            () if !ci.approvals_known && ci.approved_by.iter().all(|by| Some(by.login.as_str()) == person) => {
                Some("approvals not known")
            }
            () if ci.approved_by.is_empty() => Some("nobody approved it"),
            () if ci.approved_by.iter().all(|by| Some(by.login.as_str()) == person) => {
                Some("approved by whoever started it")
            }
            () => None,
        }
    }
}

/// Returns the environment that the token names which began a chain.
fn signed_environment(rows: &Rows<'_>, chain: &Chain) -> Option<String> {
    let first = rows.lineage().session(*chain.path.first()?);
    let environment = first.origin().token.as_ref().and_then(Subject::environment)?;
    Some(rows.shade.text(environment).into_owned())
}
