//! `userIdentity`, in the shapes that real records have.

use rolechain::model::time::Timestamp;

use super::json::Object;
use super::organization::Role;

/// A session of a role, as later records describe it.
pub(crate) struct SessionIdentity<'a> {
    /// The role.
    pub(crate) role: &'a Role,
    /// The session's name.
    pub(crate) name: &'a str,
    /// The key id; `None` for calls that a service makes with the session.
    pub(crate) key: Option<&'a str>,
    /// When the session was issued.
    pub(crate) created: Timestamp,
    /// The OIDC provider, for sessions born from a web identity.
    pub(crate) provider: Option<&'a str>,
    /// The service that made the call on the session's behalf.
    pub(crate) invoked_by: Option<&'a str>,
    /// True for a session of the console.
    pub(crate) mfa: bool,
}

impl SessionIdentity<'_> {
    /// Returns the identity as JSON.
    pub(crate) fn json(&self) -> String {
        let issuer = Object::new()
            .text("type", "Role")
            .text("principalId", &self.role.unique_id)
            .text("arn", &self.role.arn())
            .text("accountId", self.role.account)
            .text("userName", &self.role.name);
        let mut context = Object::new().object("sessionIssuer", &issuer);
        if let Some(provider) = self.provider {
            let federation = Object::new().text("federatedProvider", provider).raw("attributes", "{}");
            context = context.object("webIdFederationData", &federation);
        }
        Object::new()
            .text("type", "AssumedRole")
            .text("principalId", &format!("{}:{}", self.role.unique_id, self.name))
            .text("arn", &self.role.session_arn(self.name))
            .text("accountId", self.role.account)
            .maybe("accessKeyId", self.key)
            .object("sessionContext", &context.object("attributes", &attributes(self.created, self.mfa)))
            .maybe("invokedBy", self.invoked_by)
            .json()
    }
}

/// Returns an IAM user: with a long-lived key, or with a console session's temporary key.
pub(crate) fn iam_user(arn: &str, unique_id: &str, key: &str, console: Option<Timestamp>) -> Object {
    let user = Object::new()
        .text("type", "IAMUser")
        .text("principalId", unique_id)
        .text("arn", arn)
        .text("accountId", account_of(arn))
        .text("accessKeyId", key)
        .text("userName", arn.rsplit('/').next().unwrap_or(arn));
    match console {
        Some(created) => {
            let context = Object::new().raw("sessionIssuer", "{}").raw("webIdFederationData", "{}");
            user.object("sessionContext", &context.object("attributes", &attributes(created, true)))
        }
        None => user,
    }
}

/// Returns the root user of an account.
pub(crate) fn root(account: &str, key: &str, created: Timestamp, assumed: bool) -> String {
    let mut context = Object::new().object("attributes", &attributes(created, !assumed));
    if assumed {
        context = context.text("assumedRoot", "true");
    }
    Object::new()
        .text("type", "Root")
        .text("principalId", account)
        .text("arn", &format!("arn:aws:iam::{account}:root"))
        .text("accountId", account)
        .text("accessKeyId", key)
        .object("sessionContext", &context)
        .json()
}

/// Returns an AWS service.
pub(crate) fn service(host: &str) -> String {
    Object::new().text("type", "AWSService").text("invokedBy", host).json()
}

/// Returns what some services write of themselves: no type at all.
pub(crate) fn untyped(account: &str, host: &str) -> String {
    Object::new().text("accountId", account).text("invokedBy", host).json()
}

/// Returns a caller of another account, as the target account's copy describes it: without a key.
pub(crate) fn foreign_account(principal_id: &str, account: &str) -> String {
    Object::new().text("type", "AWSAccount").text("principalId", principal_id).text("accountId", account).json()
}

/// Returns the holder of a web identity token.
pub(crate) fn web_identity(provider: &str, audience: &str, subject: &str) -> String {
    Object::new()
        .text("type", "WebIdentityUser")
        .text("principalId", &format!("{provider}:{audience}:{subject}"))
        .text("userName", subject)
        .text("identityProvider", provider)
        .json()
}

/// Returns the holder of a SAML assertion.
pub(crate) fn saml_user(qualifier: &str, subject: &str) -> String {
    Object::new()
        .text("type", "SAMLUser")
        .text("principalId", &format!("{qualifier}:{subject}"))
        .text("userName", subject)
        .text("identityProvider", qualifier)
        .json()
}

fn attributes(created: Timestamp, mfa: bool) -> Object {
    Object::new()
        .text("creationDate", &created.to_string())
        .text("mfaAuthenticated", if mfa { "true" } else { "false" })
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
