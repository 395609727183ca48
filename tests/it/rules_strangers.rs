//! What is advised about strangers: no finding of any rule proposes to let one in.

use rolechain::audit;
use rolechain::audit::RULES;
use rolechain::expect::Expectations;
use rolechain::model::finding::Finding;
use rolechain::pipeline;

use crate::support::examples;

/// Words that open a way, or write it down as wanted.
const ADMITS: [&str; 10] = [
    "role of its own",
    "pull requests a role",
    "add ",
    "list it",
    "list them",
    "write both",
    "write down",
    "declare it",
    "admit the subject",
    "it passes",
];

/// True for a finding about a token of somebody on github.com.
fn is_of_repository(finding: &Finding) -> bool {
    let of_github = finding.key.get("issuer").is_some_and(|issuer| issuer == "token.actions.githubusercontent.com");
    of_github && ["repository", "owner", "subject"].iter().any(|part| finding.key.contains_key(*part))
}

#[test]
fn no_rule_proposes_to_let_a_stranger_in() {
    let mut wrong = Vec::new();
    let mut rules = std::collections::BTreeSet::new();
    for example in RULES.iter().flat_map(|rule| examples::of(rule)) {
        let outcome = example.judged_among_strangers();
        for finding in outcome.findings.iter().filter(|finding| is_of_repository(finding)) {
            rules.insert(finding.rule);
            let lower = finding.remediation.to_lowercase();
            let said: Vec<&str> = ADMITS.into_iter().filter(|word| lower.contains(word)).collect();
            if !said.is_empty() {
                wrong.push(format!("{}: {} {said:?}: {}", example.name, finding.rule, finding.remediation));
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{} findings\n{}", wrong.len(), wrong.join("\n"));
    assert!(rules.len() > 10, "too few rules spoke of strangers: {rules:?}");
}

/// A deploy role with an owner, behind an entry role that everybody can enter, and one repository that came through.
fn came_through(repository: &str, owners: &str) -> Vec<Finding> {
    let github = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
    let subject = format!("repo:{repository}:ref:refs/heads/main");
    let text = format!(
        r#"[{{"eventTime": "2026-11-05T10:00:00Z", "eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithWebIdentity",
          "userIdentity": {{"type": "WebIdentityUser", "userName": "{subject}", "identityProvider": "{github}"}},
          "requestParameters": {{"roleArn": "arn:aws:iam::111111111111:role/gha-all", "roleSessionName": "r"}},
          "responseElements": {{"credentials": {{"accessKeyId": "ASIAQWERTYUIOPASDF01"}}, "subjectFromWebIdentityToken": "{subject}",
            "assumedRoleUser": {{"assumedRoleId": "AROAQWERTYUIOPASDF01:r", "arn": "arn:aws:sts::111111111111:assumed-role/gha-all/r"}}}},
          "eventID": "w-1", "recipientAccountId": "111111111111"}},
         {{"eventTime": "2026-11-05T10:00:09Z", "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
          "userIdentity": {{"type": "AssumedRole", "principalId": "AROAQWERTYUIOPASDF01:r", "accountId": "111111111111", "accessKeyId": "ASIAQWERTYUIOPASDF01",
            "arn": "arn:aws:sts::111111111111:assumed-role/gha-all/r", "sessionContext": {{"attributes": {{"creationDate": "2026-11-05T10:00:00Z"}}}}}},
          "requestParameters": {{"roleArn": "arn:aws:iam::111111111111:role/ci-deploy-role", "roleSessionName": "r"}},
          "responseElements": {{"credentials": {{"accessKeyId": "ASIAQWERTYUIOPASDF02"}},
            "assumedRoleUser": {{"assumedRoleId": "AROAQWERTYUIOPASDF02:r", "arn": "arn:aws:sts::111111111111:assumed-role/ci-deploy-role/r"}}}},
          "eventID": "c-1", "recipientAccountId": "111111111111"}}]"#
    );
    let file = format!(
        "schema = 1\n[org]\nname = 'acme'\n{owners}\n[[role]]\narn = 'arn:aws:iam::111111111111:role/ci-deploy-role'\n\
         repos = ['acme/orders']\n[[role]]\narn = 'arn:aws:iam::111111111111:role/shop'\nrepos = ['acme/shop']\n\
         [[role]]\narn = 'arn:aws:iam::111111111111:role/tools'\nrepos = ['acme-tools/ci']\n"
    );
    let expectations = Expectations::parse("rolechain.toml", &file, &audit::rule_ids()).unwrap();
    let mut findings = pipeline::audit_text(&text, &expectations).findings;
    findings.retain(|finding| finding.rule == "cross-repo-deploy");
    findings
}

#[test]
fn what_is_advised_depends_on_whose_repository_it_is() {
    let owners = "github_owners = [{ name = 'acme', id = 4242 }]";
    for (repository, owners, begins) in [
        // Its own repository has roles of its own.
        ("acme/shop", owners, "Let acme/shop deploy by the roles that the expectations give to it"),
        ("acme/docs", owners, "Give acme/docs an entry role of its own"),
        ("acme@4242/docs@7", owners, "Give acme/docs an entry role of its own"),
        // An id outlives the name.
        ("acme-shop@4242/docs@7", owners, "Give acme/docs an entry role of its own"),
        (
            "acme@6666/orders2@7",
            owners,
            "Take acme/orders2 out of the trust policy of arn:aws:iam::111111111111:role/gha-all",
        ),
        ("evil/orders", owners, "Take evil/orders out of the trust policy of arn:aws:iam::111111111111:role/gha-all"),
        // Without a list of owners, every role says who is no stranger.
        ("acme-tools/ci", "", "Let acme-tools/ci deploy by the roles that the expectations give to it"),
        ("acme-tools/other", "", "Give acme-tools/other an entry role of its own"),
        // The role's own repositories say whose it is, too.
        ("evil/orders", "", "Take evil/orders out of the trust policy of arn:aws:iam::111111111111:role/gha-all"),
    ] {
        let findings = came_through(repository, owners);
        let [finding] = findings.as_slice() else { panic!("{repository}: {} findings", findings.len()) };
        assert!(finding.remediation.starts_with(begins), "{repository}: {}", finding.remediation);
    }
}
