//! Terraform: which permission policies belong to which roles. They name a role without its account.

use std::collections::BTreeMap;

use serde_json::Value;

use super::permission;
use super::snapshot::Role;
use super::snapshot::Snapshot;
use super::terraform_account;
use super::terraform_account::Places;
use crate::model::arn;

/// The policies of a file, until all of it is read.
#[derive(Debug, Default)]
pub(super) struct Attached {
    inline: Vec<Attachment>,
    managed: Vec<Attachment>,
    /// The places of roles in the snapshot, by address.
    roles: BTreeMap<String, usize>,
    /// What each managed policy lets its holder assume, by ARN.
    documents: BTreeMap<String, Vec<String>>,
}

/// A policy of a role.
#[derive(Debug)]
struct Attachment {
    address: String,
    /// The name of the role.
    role: String,
    /// The account, when the file says it: by the provider, or by the policy, which lies in the account of its role.
    account: Option<String>,
    /// The addresses of the roles that it refers to or depends on.
    needs: Vec<String>,
    /// The ARN of a managed policy.
    policy: Option<String>,
    may_assume: Vec<String>,
}

impl Attached {
    /// Takes in a resource, and the place of the role that it is, if it is one. A role that is yet to be made has no id to name it by: its policy is left out.
    pub(super) fn take(&mut self, resource: &Value, role: Option<usize>, places: &Places) {
        let field = |name: &str| resource.get(name).and_then(Value::as_str);
        let values = resource.get("values").unwrap_or(&Value::Null);
        let text = |name: &str| values.get(name).and_then(Value::as_str).map(str::to_owned);
        let document = || values.get("policy").map(permission::assumable).unwrap_or_default();
        let address = field("address").unwrap_or_default();
        self.roles.extend(role.map(|role| (address.to_owned(), role)));
        if field("type") == Some("aws_iam_policy") {
            self.documents.extend(text("arn").map(|policy| (policy, document())));
            return;
        }
        let is_inline = field("type") == Some("aws_iam_role_policy");
        if !is_inline && field("type") != Some("aws_iam_role_policy_attachment") {
            return;
        }
        let Some(role) = text("role") else { return };
        let policy = text("policy_arn");
        let of_policy = policy.as_deref().and_then(arn::account).filter(|account| arn::is_account_id(account));
        let account = places.of(address).map(|place| place.account.clone()).or(of_policy.map(str::to_owned));
        let depends_on = resource.get("depends_on").and_then(Value::as_array);
        let depends_on = depends_on.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let needs = depends_on.chain(places.role_of(address)).collect();
        let may_assume = if is_inline { document() } else { Vec::new() };
        let list = if is_inline { &mut self.inline } else { &mut self.managed };
        list.push(Attachment { address: address.to_owned(), role, account, needs, policy, may_assume });
    }

    /// Gives each role what its policies let it assume. A policy that may be of several roles is given to none of them.
    pub(super) fn settle(self, snapshot: &mut Snapshot) {
        let Self { inline, managed, documents, roles } = self;
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, role) in snapshot.roles.iter().enumerate() {
            by_name.entry(role.name.clone()).or_default().push(at);
        }
        let mut by_address: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (address, at) in &roles {
            by_address.entry(terraform_account::without_indexes(address)).or_default().push(*at);
        }
        for attachment in inline.into_iter().chain(managed) {
            let named = by_name.get(&attachment.role).map(Vec::as_slice).unwrap_or_default();
            let role = |at: &usize| snapshot.roles.get(*at);
            let is_in_account = |role: &Role| {
                attachment.account.is_some()
                    && role.arn.as_deref().and_then(arn::account) == attachment.account.as_deref()
            };
            let in_account: Vec<usize> =
                named.iter().copied().filter(|at| role(at).is_some_and(is_in_account)).collect();
            let needed = attachment.needs.iter().flat_map(|address| by_address.get(address).into_iter().flatten());
            let needed: Vec<usize> = needed.copied().filter(|at| named.contains(at)).collect();
            let holder = match (in_account.as_slice(), needed.as_slice(), named) {
                ([only], _, _) | ([], [only], _) | ([], [], [only]) => *only,
                ([], [], []) => continue,
                _ => {
                    snapshot.notes.push(format!(
                        "{}: several roles are called {}, and nothing says which of them has this policy; it is left out",
                        attachment.address, attachment.role
                    ));
                    continue;
                }
            };
            let by_document = attachment.policy.and_then(|policy| documents.get(&policy).cloned()).unwrap_or_default();
            if let Some(role) = snapshot.roles.get_mut(holder) {
                role.may_assume.extend(attachment.may_assume.into_iter().chain(by_document));
            }
        }
        for role in &mut snapshot.roles {
            role.may_assume.sort();
            role.may_assume.dedup();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::trust::snapshot::Snapshot;

    const GOES: &str = r#"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Resource\":\"arn:aws:iam::333333333333:role/deploy\"}]}"#;

    fn role(address: &str, account: &str) -> String {
        format!(
            r#"{{"address":"{address}","mode":"managed","type":"aws_iam_role",
                "values":{{"name":"ci","arn":"arn:aws:iam::{account}:role/ci","assume_role_policy":"{{}}"}}}}"#
        )
    }

    fn inline(address: &str, more: &str) -> String {
        format!(
            r#"{{"address":"{address}","type":"aws_iam_role_policy"{more},"values":{{"role":"ci","name":"go","policy":"{GOES}"}}}}"#
        )
    }

    /// Returns the accounts of the roles that may go on, and what is noted.
    fn read(resources: &[String], more: &str) -> (Vec<String>, usize) {
        let resources = resources.join(",");
        let text =
            format!(r#"{{"format_version":"1.0","values":{{"root_module":{{"resources":[{resources}]}}}}{more}}}"#);
        let snapshot = Snapshot::read("state.json", &text).expect("a state");
        let may_go = snapshot.roles.iter().filter(|role| !role.may_assume.is_empty());
        let account =
            |arn: &Option<String>| arn.as_deref().and_then(crate::model::arn::account).unwrap_or("?").to_owned();
        (may_go.map(|role| account(&role.arn)).collect(), snapshot.notes.len())
    }

    #[test]
    fn a_policy_belongs_to_the_role_of_its_account() {
        let (one, two) = (role("aws_iam_role.tool", "111111111111"), role("aws_iam_role.dev", "222222222222"));
        let of = |resources: &[&String], more: &str| {
            read(&resources.iter().map(|resource| (*resource).clone()).collect::<Vec<_>>(), more)
        };
        let none = inline("aws_iam_role_policy.go", "");
        assert_eq!(of(&[&one, &none], ""), (vec!["111111111111".to_owned()], 0), "one role of the name");
        assert_eq!(of(&[&one, &two, &none], ""), (Vec::new(), 1), "nothing says which");
        let needs = inline("aws_iam_role_policy.go", r#","depends_on":["aws_iam_role.dev"]"#);
        assert_eq!(of(&[&one, &two, &needs], ""), (vec!["222222222222".to_owned()], 0), "it depends on one");
        let policy = format!(
            r#"{{"address":"aws_iam_policy.go","type":"aws_iam_policy","values":{{"arn":"arn:aws:iam::222222222222:policy/go","policy":"{GOES}"}}}}"#
        );
        let attached = r#"{"address":"aws_iam_role_policy_attachment.go","type":"aws_iam_role_policy_attachment",
            "values":{"role":"ci","policy_arn":"arn:aws:iam::222222222222:policy/go"}}"#
            .to_owned();
        assert_eq!(
            of(&[&one, &two, &policy, &attached], ""),
            (vec!["222222222222".to_owned()], 0),
            "the policy's account"
        );
        let refers = r#","configuration":{"root_module":{"resources":[{"address":"aws_iam_role_policy.go",
            "expressions":{"role":{"references":["aws_iam_role.tool.name","aws_iam_role.tool"]}}}]}}"#;
        assert_eq!(of(&[&one, &two, &none], refers), (vec!["111111111111".to_owned()], 0), "it refers to one");
    }

    #[test]
    fn what_was_there_before_tells_the_account_of_a_provider() {
        let text = r#"{"format_version":"1.2","planned_values":{"root_module":{"resources":[
              {"address":"aws_iam_role.new","type":"aws_iam_role","values":{"name":"new"}},
              {"address":"aws_iam_role.other","type":"aws_iam_role","values":{"name":"other"}}]}},
            "configuration":{"provider_config":{"aws":{"name":"aws"},"aws.prod":{"name":"aws","alias":"prod"}},
              "root_module":{"resources":[
                {"address":"aws_iam_role.new","provider_config_key":"aws.prod"},
                {"address":"aws_iam_role.other","provider_config_key":"aws"},
                {"address":"data.aws_caller_identity.prod","provider_config_key":"aws.prod"},
                {"address":"aws_subnet.shared","provider_config_key":"aws"}]}},
            "prior_state":{"values":{"root_module":{"resources":[
              {"address":"data.aws_caller_identity.prod","mode":"data","type":"aws_caller_identity",
                "values":{"account_id":"222222222222","arn":"arn:aws:sts::222222222222:assumed-role/tf/s"}},
              {"address":"aws_subnet.shared","mode":"managed","type":"aws_subnet",
                "values":{"arn":"arn:aws:ec2:eu-west-1:999999999999:subnet/subnet-1"}}]}}}}"#;
        let snapshot = Snapshot::read("plan.json", text).expect("a plan");
        let arns: Vec<Option<&str>> = snapshot.roles.iter().map(|role| role.arn.as_deref()).collect();
        assert_eq!(arns, [None, Some("arn:aws:iam::222222222222:role/new")], "a shared network is another account's");
    }
}
