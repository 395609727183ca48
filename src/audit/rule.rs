//! What a rule is, and what it may look at.

use crate::audit::in_force::InForce;
use crate::audit::settled::Settled;
use crate::audit::theme::Theme;
use crate::expect::Expectations;
use crate::join::Joined;
use crate::model::baseline::Baseline;
use crate::model::chain::SessionId;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::History;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::trust::snapshot::Snapshot;
use std::borrow::Cow;

/// One rule: what it is called, how it is explained, and the question that it asks.
#[derive(Debug)]
pub struct Rule {
    /// The rule's id in kebab case, named by the bad thing: the stem of its file and of its page.
    pub id: &'static str,
    /// What it finds, in one line.
    pub title: &'static str,
    /// What it is about.
    pub theme: Theme,
    /// The usual severity; a match may carry another one.
    pub severity: Severity,
    /// The usual confidence.
    pub confidence: Confidence,
    /// The usual basis.
    pub basis: Basis,
    /// Whom it is for.
    pub persona: Persona,
    /// What it needs to find anything, in Markdown: logs, options and stanzas of the expectations.
    pub needs: &'static str,
    /// What to do, in one to three sentences.
    pub remediation: &'static str,
    /// The numbers of ATT&CK techniques.
    pub techniques: &'static [&'static str],
    /// What to read, by title and address.
    pub reading: &'static [(&'static str, &'static str)],
    /// The rule's page, `docs/rules/<id>.md`: a head that a test writes from the fields above, and prose.
    pub page: &'static str,
    /// The question.
    pub check: fn(&Context<'_>, &mut Vec<Match>),
}

/// Ends the head of a page.
const END_OF_HEAD: &str = "<!-- end of the head -->";

impl Rule {
    /// Returns where to read more: techniques, then addresses.
    pub fn references(&self) -> impl Iterator<Item = &'static str> {
        self.techniques.iter().copied().chain(self.reading.iter().map(|(_, address)| *address))
    }

    /// Returns what the page says beyond the fields of the rule.
    pub fn prose(&self) -> &'static str {
        self.page.split_once(END_OF_HEAD).map_or(self.page, |(_, prose)| prose.trim())
    }

    /// Returns the sentence that says what it finds: that of the page where it is longer than the title.
    pub fn description(&self) -> Cow<'static, str> {
        match self.prose().split("\n\n").next() {
            Some(lead) if !lead.starts_with('#') => Cow::Borrowed(lead.trim()),
            _ => Cow::Owned(format!("{}.", self.title)),
        }
    }

    /// True when it needs an option, or is better with it.
    pub fn needs_option(&self, option: &str) -> bool {
        self.needs.contains(option)
    }

    /// True when a run that was given this had everything that the rule needs, or is better with: only then does its
    /// silence mean that what it found earlier is gone.
    pub fn is_asked(&self, given: Given) -> bool {
        // Behind the semicolon stands what makes it better: it finds something without, too.
        let needs = self.needs.split_once(';').map_or(self.needs, |(needs, _)| needs);
        let words = needs.split('`').skip(1).step_by(2);
        let mut of_file = words.filter(|word| !word.starts_with("--") && !word.starts_with("audit "));
        let needs_file = of_file.next().is_some() || needs.contains("expectations");
        (given.digests || !self.needs_option("--verify"))
            && (given.snapshots || !self.needs_option("--iam"))
            && (given.learned || !self.needs_option("--store"))
            && (given.ci || !self.needs_option("--ci"))
            && (given.expectations || !needs_file)
    }

    /// True when it judges what was accepted of what the other rules found. Nothing accepts what it finds.
    pub fn is_about_acceptance(&self) -> bool {
        self.theme == Theme::Review
    }
}

/// What a run was given besides the logs.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "five things, given or not, independent of each other")]
pub struct Given {
    /// Digest files were checked.
    pub digests: bool,
    /// There are snapshots of IAM.
    pub snapshots: bool,
    /// The owners say something.
    pub expectations: bool,
    /// A store covers enough days to know what is new.
    pub learned: bool,
    /// There are files of CI systems.
    pub ci: bool,
}

/// What is known besides the logs and the expectations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What the digest files prove, when they were checked.
    pub integrity: Option<&'a Integrity>,
    /// What is known of earlier days.
    pub history: Option<&'a History>,
    /// Trust policies, as other tools print them.
    pub snapshots: &'a [Snapshot],
    /// The findings that were known on a day, and are accepted for a time.
    pub baseline: Option<&'a Baseline>,
    /// What CI systems say, and of which chains.
    pub ci: Option<&'a Joined>,
}

/// What a rule may look at.
#[derive(Debug)]
pub struct Context<'a> {
    /// Every session, chain, key and denial.
    pub lineage: &'a Lineage,
    /// What the owners say should happen. Empty when there is no file.
    pub expectations: &'a Expectations,
    /// What a store knows of earlier days; `None` without one.
    pub history: Option<&'a History>,
    /// What the digest files prove, when they were checked.
    pub integrity: Option<&'a Integrity>,
    /// What CI systems say, and of which chains; `None` when no file of them was given.
    pub ci: Option<&'a Joined>,
    /// What the trust policies say, by the logs and by snapshots.
    pub in_force: InForce<'a>,
    /// Every rule that is asked.
    pub rules: &'static [&'static Rule],
    /// What was accepted of what the other rules found. Empty until they have been asked.
    pub settled: Settled<'a>,
}

impl<'a> Context<'a> {
    /// What these rules may look at, before anything is accepted.
    pub fn new(
        lineage: &'a Lineage,
        expectations: &'a Expectations,
        known: Known<'a>,
        rules: &'static [&'static Rule],
    ) -> Self {
        Self {
            lineage,
            expectations,
            history: known.history,
            integrity: known.integrity,
            ci: known.ci,
            in_force: InForce::new(lineage, known.snapshots),
            rules,
            settled: Settled::default(),
        }
    }

    /// Asks other rules what they say, so that a rule says nothing twice.
    pub fn matches_of(&self, ids: &[&str]) -> Vec<Match> {
        let mut matches = Vec::new();
        for rule in self.rules.iter().filter(|rule| ids.contains(&rule.id)) {
            (rule.check)(self, &mut matches);
        }
        matches
    }

    /// Returns the chains through a session.
    pub fn chain_ids(&self, session: SessionId) -> Chains {
        std::iter::once(self.lineage.session(session).session.way.chains).collect()
    }
}
