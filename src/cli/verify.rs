//! `verify`, and what `audit --verify` has of it: keys, and the check of a scan's digest files.

use std::fs;
use std::path::Path;

use super::args::InputArgs;
use super::args::KeyArgs;
use super::args::VerifyArgs;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::perform;
use super::progress::Progressing;
use super::target;
use crate::integrity::Keys;
use crate::model::integrity::Integrity;
use crate::model::time::Timestamp;
use crate::pipeline;
use crate::pipeline::Hooks;
use crate::pipeline::Plan;
use crate::pipeline::Progress as _;
use crate::pipeline::Scanned;
use crate::pipeline::Verification;
use crate::report;
use crate::report::Format;
use crate::report::RunInfo;
use crate::source::public_keys;
use crate::store;

/// Checks the digest files of a scan that was made with [`Hooks::checking`].
pub(super) fn check(
    scanned: &mut Scanned,
    plan: &Plan,
    keys: &KeyArgs,
    lists_all: bool,
    bar: &Progressing,
) -> Result<Integrity, String> {
    let mut known = read(&keys.public_keys)?;
    bar.phase("checking digests");
    let verification = Verification::new(scanned, plan, lists_all);
    if keys.list_public_keys {
        bar.phase("listing public keys");
        for wanted in verification.case.wanted(&known, &verification.scope) {
            let listed = public_keys::list(&wanted.region, wanted.from, plan.s3.profile.as_deref())
                .map_err(|error| error.to_string())?;
            for (at, (der, fingerprint)) in listed.into_iter().enumerate() {
                known
                    .add(&der, fingerprint.as_deref(), at + 1)
                    .map_err(|fault| format!("the public keys that CloudTrail lists in {}: {fault}", wanted.region))?;
            }
        }
    }
    Ok(verification.check(&known))
}

fn read(files: &[String]) -> Result<Keys, String> {
    let mut keys = Keys::default();
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| {
            format!(
                "cannot read the public keys {file}: {error}\n  hint: make the file with `aws cloudtrail list-public-keys \
                 --region REGION --start-time TIME > {file}`"
            )
        })?;
        keys.read(&text).map_err(|fault| {
            format!(
                "cannot use the public keys {file}: {fault}\n  hint: make the file anew with `aws cloudtrail \
                 list-public-keys --region REGION --start-time TIME`, from an account that you trust"
            )
        })?;
    }
    Ok(keys)
}

/// Finds out before the long work what cannot work after it: keys that cannot be read, or not be listed.
pub(super) fn prepare(keys: &KeyArgs, plan: &Plan, now: Timestamp) -> Result<(), String> {
    read(&keys.public_keys)?;
    // With a file of keys, nothing may be left to ask for.
    if !keys.list_public_keys || !keys.public_keys.is_empty() {
        return Ok(());
    }
    let region = plan.filter.regions.first().map(String::as_str);
    public_keys::probe(region, now, plan.s3.profile.as_deref()).map_err(|error| error.to_string())
}

/// Says whether `--strict` may not pass it: something failed, or there are log files and no digest file at all, or none of
/// an account and region that must have had some.
pub(super) fn is_unproved(integrity: &Integrity) -> bool {
    integrity.is_failed() || integrity.is_without_digests() || integrity.lost().next().is_some()
}

/// Refuses stores: they hold what was read, and not the objects that digest files speak of.
fn objects_only(args: &VerifyArgs) -> Result<(), Failure> {
    if let Some(store) = &args.input.store {
        let sources = args.input.sources.join(" ");
        return Err(Failure::new(format!(
            "verify reads the objects themselves, and remembers nothing: --store and --list-since are not for it\n  hint: \
             `rolechain audit {sources} --store {store} --verify` checks what it reads"
        )));
    }
    let store = args.input.sources.iter().find(|source| store::is_observations(Path::new(source)));
    store.map_or(Ok(()), |store| {
        Err(Failure::new(format!(
            "{store} is a store, and has no log files to check\n  hint: `rolechain audit {store} --verify` tells what was checked \
             when it was filled; to check the logs, name them"
        )))
    })
}

/// Verifies, and says so.
pub(super) fn verify(args: &VerifyArgs) -> Result<End, Failure> {
    let started = perform::now();
    let targets = target::targets(&args.output.output, args.format)?;
    target::plain_only(&targets, "verify")?;
    objects_only(args)?;
    // What is expected has no say in whether files are what CloudTrail wrote.
    let typed = InputArgs { expectations: None, no_expectations: true, ..args.input.clone() };
    let input = input::plan(&typed, &args.account, false, started)?;
    prepare(&args.keys, &input.plan, started).map_err(Failure::new)?;
    let bar = Progressing::new(!args.output.no_progress, args.output.quiet);
    let scanned = pipeline::scan(&input.plan, &Hooks::checking(true), &bar).map_err(Failure::new);
    let checked = scanned.and_then(|mut scanned| {
        let lists_all = targets.iter().any(|target| target.format != Format::Table);
        let integrity = check(&mut scanned, &input.plan, &args.keys, lists_all, &bar).map_err(Failure::new)?;
        Ok((integrity, scanned.observations.counts))
    });
    bar.clear();
    let (integrity, counts) = checked?;
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: Some(started),
        finished_at: Some(perform::now()),
        sources: args.input.sources.clone(),
        since: input.plan.filter.since,
        until: input.plan.filter.until,
        ..RunInfo::default()
    };
    let report = report::verify::Report { integrity: &integrity, counts: &counts, run: &info };
    for target in &targets {
        let options = output::options(&args.output, target.path.is_none());
        let path = target.path.as_deref();
        output::write(path, |out| report::verify::render(target.format, &report, &options, out))?;
    }
    let is_incomplete = counts.objects_failed > 0 || report.is_nothing_read();
    Ok(if args.strict && (is_unproved(&integrity) || is_incomplete) { End::Incomplete } else { End::Done })
}
