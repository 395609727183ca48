//! The text of the workload's records: identities, heads and tails, in CloudTrail's order.

use std::fmt::Write as _;

use rolechain::model::time::Timestamp;

use crate::ids::{Ids, number_of, unique_id};

/// A role, written out.
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) account: &'static str,
    pub(crate) name: String,
    pub(crate) id: String,
}

impl Role {
    pub(crate) fn new(account: &'static str, path: &str, name: String) -> Self {
        let arn = format!("arn:aws:iam::{account}:role{path}{name}");
        let id = unique_id("AROA", number(account), number_of(&arn));
        Self { arn, account, name, id }
    }

    pub(crate) fn session(&self, session: &str) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{session}", self.account, self.name)
    }
}

/// Everything of a record but its bodies.
pub(crate) struct Head<'a> {
    pub(crate) identity: &'a str,
    pub(crate) time: i64,
    pub(crate) service: &'a str,
    pub(crate) name: &'a str,
    pub(crate) region: &'a str,
    pub(crate) ip: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) failed: bool,
}

/// What is asked of STS, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct Issue<'a> {
    pub(crate) role: &'a Role,
    pub(crate) name: &'a str,
    pub(crate) identity: &'a str,
    pub(crate) ip: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) event: &'a str,
    pub(crate) extra: &'a str,
    pub(crate) response: &'a str,
    pub(crate) seconds: i64,
}

impl<'a> Issue<'a> {
    pub(crate) fn plain(role: &'a Role, name: &'a str) -> Self {
        Self {
            role,
            name,
            identity: "",
            ip: "",
            agent: "",
            event: "AssumeRole",
            extra: "",
            response: "",
            seconds: 3_600,
        }
    }
}

/// Writes the bodies of an issuing call: parameters, response, where STS answered, and the role.
pub(crate) fn write_issue(out: &mut String, wish: &Issue<'_>, copy: &Copy<'_>, (event, time): (&str, i64)) {
    let (role, name) = (wish.role, wish.name);
    put(
        out,
        format_args!(
            r#","requestParameters":{{"roleArn":"{}","roleSessionName":"{name}"{}}},"responseElements":{{"credentials":{{"accessKeyId":"{}","sessionToken":"IQoJb3JpZ2luX2Vj{}","expiration":"{}"}}{},"assumedRoleUser":{{"assumedRoleId":"{}:{name}","arn":"{}"}}}}"#,
            role.arn,
            wish.extra,
            copy.key,
            copy.token,
            display(time + wish.seconds),
            wish.response,
            role.id,
            role.session(name),
        ),
    );
    put(
        out,
        format_args!(
            r#","additionalEventData":{{"RequestDetails":{{"awsServingRegion":"eu-central-1","endpointType":"regional"}}}},"requestID":"{}","eventID":"{event}","readOnly":true,"resources":[{{"accountId":"{}","type":"AWS::IAM::Role","ARN":"{}"}}],"#,
            copy.request, role.account, role.arn,
        ),
    );
}

/// Returns the display string of `expiration`, for the one month in which the workload happens.
fn display(moment: i64) -> String {
    let iso = Timestamp(moment).to_string();
    let hour = iso[11..13].parse::<u32>().unwrap_or(0);
    let (half, clock) = (if hour < 12 { "AM" } else { "PM" }, (hour + 11) % 12 + 1);
    format!("Nov {}, {}, {clock}:{} {half}", iso[8..10].trim_start_matches('0'), &iso[0..4], &iso[14..19])
}

/// What both copies of a call have in common.
pub(crate) struct Copy<'a> {
    pub(crate) key: &'a str,
    pub(crate) token: &'a str,
    pub(crate) request: &'a str,
    pub(crate) shared: Option<&'a str>,
}

pub(crate) fn session_identity(role: &Role, name: &str, key: &str, created: i64, provider: Option<&str>) -> String {
    let federation = provider.map_or_else(String::new, |provider| {
        format!(r#""webIdFederationData":{{"federatedProvider":"{provider}","attributes":{{}}}},"#)
    });
    format!(
        r#"{{"type":"AssumedRole","principalId":"{id}:{name}","arn":"{session}","accountId":"{account}","accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{id}","arn":"{arn}","accountId":"{account}","userName":"{role}"}},{federation}"attributes":{{"creationDate":"{created}","mfaAuthenticated":"false"}}}}}}"#,
        id = role.id,
        session = role.session(name),
        account = role.account,
        arn = role.arn,
        role = role.name,
        created = Timestamp(created),
    )
}

pub(crate) fn write_head(out: &mut String, head: &Head<'_>) {
    put(
        out,
        format_args!(
            r#"{{"eventVersion":"1.11","userIdentity":{},"eventTime":"{}","eventSource":"{}.amazonaws.com","eventName":"{}","awsRegion":"{}","sourceIPAddress":"{}","userAgent":"{}""#,
            head.identity,
            Timestamp(head.time),
            head.service,
            head.name,
            head.region,
            head.ip,
            head.agent,
        ),
    );
    if head.failed {
        put(
            out,
            format_args!(
                r#","errorCode":"AccessDenied","errorMessage":"User is not authorized to perform: {}:{}""#,
                head.service, head.name,
            ),
        );
    }
}

pub(crate) fn write_tail(out: &mut String, account: &str, shared: Option<&str>, host: &str) {
    put(out, format_args!(r#""eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{account}","#));
    if let Some(shared) = shared {
        put(out, format_args!(r#""sharedEventID":"{shared}","#));
    }
    put(
        out,
        format_args!(
            r#""eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{host}"}}}}"#
        ),
    );
}

pub(crate) fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = out.write_fmt(text);
}

pub(crate) fn address(ids: &mut Ids) -> String {
    let network = ["198.51.100", "203.0.113", "10.2.14", "10.2.15", "10.7.3"];
    let index = usize::try_from(ids.below(network.len() as u64)).unwrap_or(0);
    format!("{}.{}", network[index], 1 + ids.below(250))
}

pub(crate) fn number(account: &str) -> u64 {
    account.parse().unwrap_or_default()
}
