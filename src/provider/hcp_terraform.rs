//! HCP Terraform: `organization:O:project:P:workspace:W:run_phase:plan`.

use super::claims::pairs;
use super::pattern::{self, Admitted, Claim};
use super::{Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "hcp-terraform",
    name: "HCP Terraform",
    recognizes: |issuer| (issuer == "app.terraform.io").then_some(Tenancy::Shared),
    parse: Some(parse),
    project: "workspace",
    reads,
    ..Provider::USUAL
};

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(text)?;
    // Before projects existed, the subject went from the organization straight to the workspace.
    let (owner, project, workspace, run_phase) = match claims.as_slice() {
        [("organization", owner), ("project", project), ("workspace", workspace), ("run_phase", phase)] => {
            (owner, Some(project), workspace, phase)
        }
        [("organization", owner), ("workspace", workspace), ("run_phase", phase)] => (owner, None, workspace, phase),
        _ => return None,
    };
    Some(Subject {
        form: SubjectForm::Mutable,
        owner: Some(owner.clone()),
        context: Context::Workspace {
            project: project.cloned(),
            workspace: workspace.clone(),
            run_phase: run_phase.clone(),
        },
        ..Subject::default()
    })
}

/// Names of workspaces are unique in an organization: a workspace is known without its project.
fn reads(pattern: &str) -> Admitted {
    let tells = |claim: &str| match claim {
        "organization" => Claim::Owner,
        "project" => Claim::Project,
        "workspace" => Claim::ProjectAndContext,
        _ => Claim::Context,
    };
    pattern::of_claims(pattern, tells).into()
}
