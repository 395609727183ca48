//! From what was typed to a job.

use super::args_shared::AcceptArgs;
use super::args_shared::BucketArgs;
use super::args_shared::InputArgs;
use super::exit::Failure;
use super::moment;
use crate::job::Job;
use crate::model::time::Timestamp;
use crate::source::s3;

/// Begins the job, with what the owners expect.
pub(super) fn job(args: &InputArgs, accounts: &[String]) -> Result<Job, Failure> {
    let job = bare(args)?;
    let mut job = match &args.expectations {
        Some(file) => job.expectations(file)?,
        None if args.no_expectations => job,
        None => job.expectations_at_hand()?,
    };
    job.selection.accounts = job.account_ids(accounts)?;
    job.selection.regions.clone_from(&args.region);
    Ok(job)
}

/// Begins a job that expects nothing.
pub(super) fn bare(args: &InputArgs) -> Result<Job, Failure> {
    let now = moment::now();
    let read = |typed: &Option<String>, parse: fn(&str, Timestamp) -> Result<Timestamp, String>| {
        typed.as_deref().map(|typed| parse(typed, now)).transpose().map_err(Failure::new)
    };
    let (since, until) = (read(&args.since, moment::parse)?, read(&args.until, moment::parse_end)?);
    let mut job = Job::over(&args.sources).clock(moment::now).window(since, until)?;
    if let Some(directory) = &args.store {
        job = job.store(directory)?;
    }
    job = job.iam(&args.iam)?.ci(&args.ci)?;
    let plan = &mut job.plan;
    plan.list_since = read(&args.list_since, moment::parse)?;
    plan.threads = args.threads.map_or(0, usize::from);
    plan.s3 = bucket(&args.bucket);
    Ok(job)
}

/// Adds what is accepted: a baseline, or nothing at all.
pub(super) fn accepting(job: Job, args: &AcceptArgs) -> Result<Job, Failure> {
    let job = if args.no_exceptions { job.without_exceptions() } else { job };
    Ok(match &args.baseline {
        Some(file) => job.baseline(file)?,
        None => job,
    })
}

/// How to reach buckets.
fn bucket(args: &BucketArgs) -> s3::Options {
    s3::Options {
        profile: args.profile.clone(),
        region: args.region_of_bucket.clone(),
        endpoint_url: args.endpoint_url.clone(),
        request_payer: args.request_payer,
        no_sign_request: args.no_sign_request,
        concurrency: usize::from(args.concurrency),
    }
}
