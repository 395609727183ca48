//! Tokens that GitHub itself holds, to deliver logs: known senders, and no pipelines.

use rolechain::audit;
use rolechain::expect::Expectations;
use rolechain::model::finding::Severity;
use rolechain::pipeline;

/// A token that opened a role, and one object that was written with it.
fn log(issuer: &str, subject: &str) -> String {
    let provider = format!("arn:aws:iam::333333333333:oidc-provider/{issuer}");
    let role = "arn:aws:sts::333333333333:assumed-role/github-audit-log/GitHub";
    format!(
        r#"[{{"eventTime": "2026-11-05T10:00:00Z", "eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithWebIdentity",
          "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7", "userAgent": "aws-sdk-go/1.44",
          "userIdentity": {{"type": "WebIdentityUser", "principalId": "{provider}:sts.amazonaws.com:{subject}", "userName": "{subject}", "identityProvider": "{provider}"}},
          "requestParameters": {{"roleArn": "arn:aws:iam::333333333333:role/github-audit-log", "roleSessionName": "GitHub"}},
          "responseElements": {{"credentials": {{"accessKeyId": "ASIAQWERTYUIOPASDF01"}}, "subjectFromWebIdentityToken": "{subject}", "audience": "sts.amazonaws.com",
            "provider": "{provider}", "assumedRoleUser": {{"assumedRoleId": "AROAQWERTYUIOPASDF01:GitHub", "arn": "{role}"}}}},
          "readOnly": true, "eventID": "w-1", "recipientAccountId": "333333333333"}},
         {{"eventTime": "2026-11-05T10:00:09Z", "eventSource": "s3.amazonaws.com", "eventName": "PutObject",
          "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7", "userAgent": "aws-sdk-go/1.44",
          "userIdentity": {{"type": "AssumedRole", "principalId": "AROAQWERTYUIOPASDF01:GitHub", "accountId": "333333333333", "accessKeyId": "ASIAQWERTYUIOPASDF01",
            "arn": "{role}", "sessionContext": {{"attributes": {{"creationDate": "2026-11-05T10:00:00Z"}}}}}},
          "requestParameters": {{"bucketName": "acme-audit-log", "key": "2026/11/05/10.json.gz"}}, "responseElements": null,
          "readOnly": false, "eventID": "p-1", "recipientAccountId": "333333333333"}}]"#
    )
}

#[test]
fn nobody_is_accused_for_the_logs_that_github_delivers() {
    let declared = "schema = 1\n[org]\nname = 'acme'\ngithub_owners = [{ name = 'acme', id = 4242 }]\n[[account]]\n\
        id = '333333333333'\nname = 'logs'\nenv = 'prod'\n[[issuer]]\nurl = 'token.actions.githubusercontent.com'\n";
    let declared = Expectations::parse("rolechain.toml", declared, &audit::rule_ids()).unwrap();
    for (issuer, subject) in [
        ("oidc-configuration.audit-log.githubusercontent.com", "https://github.com/acme-inc"),
        ("token.actions.githubusercontent.com", "actions-data-stream:organization/4242"),
    ] {
        for expectations in [&declared, &Expectations::default()] {
            let findings = pipeline::audit_text(&log(issuer, subject), expectations).findings;
            let told: Vec<&str> = findings
                .iter()
                .filter(|finding| finding.severity > Severity::Info)
                .map(|finding| finding.title.as_str())
                .filter(|title| title.contains(issuer) || title.contains(subject) || title.contains("github-audit-log"))
                .collect();
            assert_eq!(told, [""; 0], "{subject}");
        }
    }
}
