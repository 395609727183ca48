//! `rolechain trust`: check, suggest, list.

use std::io;
use std::io::Write as _;

use super::args_trust::CheckArgs;
use super::args_trust::CommonArgs;
use super::args_trust::FormArg;
use super::args_trust::ListArgs;
use super::args_trust::SuggestArgs;
use super::args_trust::TrustArgs;
use super::args_trust::TrustCommand;
use super::args_trust::TrustFormatArg;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::perform;
use super::perform::Run;
use super::perform::Wanted;
use crate::expect;
use crate::model::arn;
use crate::model::glob;
use crate::report;
use crate::report::trust as show;
use crate::trust::Policy;
use crate::trust::breadth::Breadth;
use crate::trust::closes;
use crate::trust::observed;
use crate::trust::observed::Observed;
use crate::trust::replay;
use crate::trust::suggest;
use crate::trust::timeline::Timelines;
use crate::trust::usage;
use crate::trust::usage::Count;
use crate::trust::usage::RoleUse;

/// Does what was asked.
pub(super) fn trust(args: &TrustArgs) -> Result<End, Failure> {
    match &args.command {
        TrustCommand::Check(args) => check(args),
        TrustCommand::Suggest(args) => suggest(args),
        TrustCommand::List(args) => list(args),
    }
}

fn check(args: &CheckArgs) -> Result<End, Failure> {
    let role = role_arn(&args.role)?;
    let text = input::read(&args.policy, "the policy")?;
    let policy = Policy::parse(&text).map_err(|fault| Failure::new(format!("{}: {fault}", args.policy)))?;
    let run = perform(&args.common)?;
    let observed = observed(&run);
    let replayed = replay::replay(&policy, &of_role(&observed, role)?);
    let check = show::Check { role_arn: role, policy: &args.policy, replay: &replayed };
    write(
        &args.common,
        &run,
        |report, out| check.json(report, out),
        |report, options, out| check.table(report, options, out),
    )?;
    let is_failing = args.fail_on_denied && !replayed.denied.is_empty();
    Ok(if is_failing { End::Findings } else { End::Done })
}

fn suggest(args: &SuggestArgs) -> Result<End, Failure> {
    let role = role_arn(&args.role)?;
    let run = perform(&args.common)?;
    let lineage = &run.outcome.lineage;
    let observed = observed(&run);
    let of_role = of_role(&observed, role)?;
    let is_excluded = |one: &Observed<'_>| {
        let who = one.who();
        args.exclude.iter().any(|pattern| glob::matches(pattern, &who))
    };
    let wanted: Vec<&Observed<'_>> = of_role.iter().copied().filter(|one| !is_excluded(one)).collect();
    if wanted.is_empty() {
        return Err(Failure::new(format!("--exclude leaves nothing of {role} to suggest a policy from")));
    }
    let timeline = Timelines::new(lineage, &run.snapshots).of(role);
    let in_force = timeline.latest();
    let suggestion = suggest::suggest(&wanted, in_force.map(|(_, policy)| policy));
    if suggestion.policy.statements.is_empty() {
        let known = suggestion.notes.join("; ");
        return Err(Failure::new(format!("of the callers of {role} too little is recorded to name them: {known}")));
    }
    let closes = in_force.map(|(_, policy)| closes::closes(policy, &suggestion.policy, &wanted)).unwrap_or_default();
    let source = in_force.map(|(step, _)| step.said(lineage));
    let mut total = Count::default();
    for one in &wanted {
        total.add(one);
    }
    // The longest spelling has the path.
    let longest = wanted.iter().map(|one| one.role_arn).chain([role]).max_by_key(|arn| arn.len()).unwrap_or(role);
    let suggest = show::Suggest {
        role_arn: longest,
        observed: &total,
        suggestion: &suggestion,
        in_force: source.as_deref(),
        closes: &closes,
        snapshots: &run.snapshots,
    };
    let Some(form) = args.form else {
        write(
            &args.common,
            &run,
            |report, out| suggest.json(report, out),
            |report, options, out| suggest.table(report, options, out),
        )?;
        return Ok(End::Done);
    };
    let document = match form {
        FormArg::Json => suggest.policy(),
        FormArg::Terraform => suggest.terraform(),
    };
    emit(&args.common, |_, out| out.write_all(document.as_bytes()))?;
    if !args.common.output.quiet {
        for note in suggest.notes() {
            // Best effort: the policy is written.
            let _ = writeln!(io::stderr(), "note: {}", crate::text::lines(&note));
        }
    }
    Ok(End::Done)
}

fn list(args: &ListArgs) -> Result<End, Failure> {
    let run = perform(&args.common)?;
    let observed = observed(&run);
    let mut roles = usage::roles(&observed, &Timelines::new(&run.outcome.lineage, &run.snapshots));
    if let Some(pattern) = &args.role {
        roles.retain(|role| {
            let name = arn::role_name(&role.role_arn).unwrap_or_default();
            [role.role_arn.as_str(), arn::short(&role.role_arn), name].iter().any(|text| glob::matches(pattern, text))
        });
    }
    let all = roles.len();
    if !args.common.output.include_services && args.role.is_none() {
        roles.retain(|role| !is_of_services(role));
    }
    let list = show::List { roles: &roles, snapshots: &run.snapshots, services_left_out: all - roles.len() };
    write(
        &args.common,
        &run,
        |report, out| list.json(report, out),
        |report, options, out| list.table(report, options, out),
    )?;
    Ok(End::Done)
}

/// True for a role that only AWS services assume, and that only they may, as far as is known.
fn is_of_services(role: &RoleUse<'_>) -> bool {
    role.users.keys().all(|user| user.kind == "service")
        && role.breadth().is_none_or(|breadth| breadth == Breadth::Service)
        && (role.breadth().is_some() || !role.users.is_empty())
}

fn perform(args: &CommonArgs) -> Result<Run, Failure> {
    perform::perform(&args.input, &Wanted::default(), &args.output)
}

/// Returns the granted assumptions inside the window: the scan reads further back, to find where sessions began.
fn observed(run: &Run) -> Vec<Observed<'_>> {
    let mut observed = observed::all(&run.outcome.lineage);
    let (since, until) = (run.info.since, run.info.until);
    observed.retain(|one| {
        since.is_none_or(|since| one.time.is_some_and(|time| time >= since))
            && until.is_none_or(|until| one.time.is_some_and(|time| time < until))
    });
    observed
}

fn of_role<'o, 'l>(observed: &'o [Observed<'l>], role: &str) -> Result<Vec<&'o Observed<'l>>, Failure> {
    let found: Vec<&Observed<'_>> = observed.iter().filter(|one| arn::is_same_role(one.role_arn, role)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    // ARNs begin alike: only the names tell how near they are.
    let typed = arn::role_name(role).unwrap_or(role);
    let nearest = expect::nearest(typed, observed.iter().filter_map(|one| arn::role_name(one.role_arn)));
    let of_name = observed.iter().find(|one| arn::role_name(one.role_arn) == nearest && nearest.is_some());
    let nearest = of_name.map(|one| format!("did you mean {}? ", one.role_arn));
    Err(Failure::new(format!(
        "no granted assumption of {role} is in these logs, so there is nothing to go by\n  hint: {}`rolechain trust list` names the roles that were assumed",
        nearest.unwrap_or_default()
    )))
}

fn role_arn(typed: &str) -> Result<&str, Failure> {
    if arn::account(typed).is_some() && arn::role_name(typed).is_some_and(|name| !name.is_empty()) {
        return Ok(typed);
    }
    Err(Failure::new(format!(
        "--role {typed}: this is no role\n  hint: write arn:aws:iam::111111111111:role/path/name"
    )))
}

fn write(
    args: &CommonArgs,
    run: &Run,
    json: impl Fn(&report::Report<'_>, &mut dyn io::Write) -> io::Result<()>,
    table: impl Fn(&report::Report<'_>, &report::Options, &mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let report = run.report();
    emit(args, |options, out| match args.format {
        TrustFormatArg::Json => json(&report, out),
        TrustFormatArg::Table => table(&report, options, out),
    })
}

/// Writes to where the user wants it.
fn emit(
    args: &CommonArgs,
    render: impl Fn(&report::Options, &mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let files: Vec<Option<&str>> =
        args.output.output.iter().map(|file| (file != "-").then_some(file.as_str())).collect();
    for file in if files.is_empty() { vec![None] } else { files } {
        let options = output::options(&args.output, file.is_none());
        output::write(file, |out| render(&options, out))?;
    }
    Ok(())
}
