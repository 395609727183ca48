//! Artifacts: what a change leaves behind that works without the session that made it.

use crate::audit::changes;
use crate::audit::granted;
use crate::audit::rule::Context;
use crate::audit::trust::Trust;
use crate::model::change::Change;
use crate::model::finding::Confidence;
use crate::trust::Policy;
use crate::trust::Principal;

/// What was left behind.
pub(super) struct Artifact {
    /// In words that follow `made`.
    pub(super) what: String,
    /// What it lets somebody do, as a sentence.
    pub(super) meaning: &'static str,
    /// True for what a person or program can sign in with.
    pub(super) is_credential: bool,
    /// How sure it is that it opens a door to somebody else.
    pub(super) confidence: Confidence,
}

/// Returns what the change left behind, if it was made and left anything. `covered` are the accounts with records.
pub(super) fn of(context: &Context<'_>, change: &Change, covered: &[&str]) -> Option<Artifact> {
    let lineage = context.lineage;
    if change.error_code.is_some() {
        return None;
    }
    let target = lineage.opt(change.target);
    let credential = |what: &str, meaning| {
        let user = target.map_or_else(|| "an unnamed user".to_owned(), |user| format!("the user {user}"));
        Some(Artifact { what: format!("{what} {user}"), meaning, is_credential: true, confidence: Confidence::High })
    };
    let thing = |what: String, meaning, confidence| Some(Artifact { what, meaning, is_credential: false, confidence });
    let named = |kind: &str| target.map_or_else(|| kind.to_owned(), |target| format!("{kind} {target}"));
    match (lineage.str(change.source), lineage.str(change.name)) {
        ("iam.amazonaws.com", name) => match name {
            "CreateAccessKey" => credential(
                "a long-lived access key for",
                "Whoever has the key can use the user's rights until somebody deactivates it.",
            ),
            "CreateLoginProfile" => {
                credential("a console password for", "Whoever has the password can sign in to the console as the user.")
            }
            "CreateServiceSpecificCredential" => credential(
                "a service-specific credential for",
                "It is a user name and password that works until somebody deletes it.",
            ),
            "UploadSSHPublicKey" => {
                credential("an SSH key for", "Whoever has the private key can push to CodeCommit as the user.")
            }
            "CreateUser" => thing(
                named("the user"),
                "A user has no end date, and keys and passwords can be made for it.",
                Confidence::High,
            ),
            "CreateOpenIDConnectProvider" | "CreateSAMLProvider" => thing(
                named("the identity provider"),
                "Whoever holds its signing key can enter every role that trusts it.",
                Confidence::High,
            ),
            "CreateRole" | "UpdateAssumeRolePolicy" => open_role(context, change, covered),
            _ => None,
        },
        ("rolesanywhere.amazonaws.com", "CreateTrustAnchor") => thing(
            named("the trust anchor"),
            "Whoever holds a certificate of its authority can enter the roles that trust Roles Anywhere.",
            Confidence::High,
        ),
        ("lambda.amazonaws.com", name) => open_function(context, change, name),
        _ => None,
    }
}

/// A role that lets in everybody, strangers' tokens or an account that is not one's own.
fn open_role(context: &Context<'_>, change: &Change, covered: &[&str]) -> Option<Artifact> {
    let lineage = context.lineage;
    let document = lineage.opt(change.document)?;
    let trust = Trust::read(document)?;
    let policy = Policy::parse(document).ok()?;
    // A statement that keeps strangers out, or asks a third party for its ExternalId, opens no door.
    let is_guarded = |principal: &Principal| {
        let mut naming = policy.allowing().map(|(_, it)| it).filter(|it| it.principals().contains(principal));
        naming.all(|statement| {
            policy.keeps_strangers_out_of(statement, "sts:AssumeRole")
                || (*principal != Principal::Anybody
                    && granted::guards(statement).any(|guard| guard.key.eq_ignore_ascii_case("sts:ExternalId")))
        })
    };
    let outsider = |principal: &Principal| {
        let sure = match principal {
            Principal::Anybody => Confidence::High,
            Principal::Account(_) | Principal::Aws(_) => {
                let account = principal.account()?;
                if lineage.opt(change.account) == Some(account) {
                    return None;
                }
                match context.expectations.is_own_account(account) {
                    Some(true) => return None,
                    Some(false) => Confidence::High,
                    // Without expectations, the accounts whose logs are here are one's own.
                    None if covered.binary_search(&account).is_ok() => return None,
                    None => Confidence::Medium,
                }
            }
            Principal::Federated(_) | Principal::Service(_) | Principal::Other(_) => return None,
        };
        Some((sure, principal.said()))
    };
    let outsiders = trust.principals().filter(|principal| !is_guarded(principal)).filter_map(outsider);
    let strangers = trust.admits_strangers().then(|| (Confidence::High, "tokens of any owner".to_owned()));
    let (confidence, whom) = outsiders.chain(strangers).max()?;
    let role = lineage.opt(change.target).unwrap_or("without a name");
    Some(Artifact {
        what: format!("the role {role} open to {whom}"),
        meaning: "Whoever it trusts can come back at any time, without the pipeline.",
        is_credential: false,
        confidence,
    })
}

/// A function that everybody may call.
fn open_function(context: &Context<'_>, change: &Change, name: &str) -> Option<Artifact> {
    let text = |name: &str| changes::parameter(context, change, name);
    let is_open = match name {
        "AddPermission20150331v2" => {
            let is_narrowed = ["sourceArn", "sourceAccount", "principalOrgID"].iter().any(|key| text(key).is_some());
            text("principal").as_deref() == Some("*") && !is_narrowed
        }
        "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig" => text("authType").as_deref() == Some("NONE"),
        _ => false,
    };
    let function = context.lineage.opt(change.target).unwrap_or("without a name");
    is_open.then(|| Artifact {
        what: format!("the function {function} callable by everybody"),
        meaning: "Whoever knows its address can run it with the rights of its role.",
        is_credential: false,
        confidence: Confidence::High,
    })
}
