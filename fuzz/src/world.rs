//! Small made-up worlds: bytes become records that relate to each other.
//!
//! Every sixteen bytes are one happening. The pools are small, so that keys, names, ids and moments collide; equal
//! happenings give equal records, as a second delivery does.

use std::fmt::Write as _;

/// Bytes of one happening.
const WIDTH: usize = 16;

/// More happenings than this add time and nothing else.
const MOST: usize = 48;

/// 2026-11-02T08:00:00Z.
pub const START: i64 = 1_793_606_400;

/// Seconds that lie on and beside every boundary of correlation: 2 s, 60 s, 120 s, the end of a session.
const MOMENTS: [i64; 16] = [0, 1, 2, 3, 59, 60, 61, 119, 120, 121, 122, 600, 3_600, 3_901, 43_200, 90_000];

const ACCOUNTS: [&str; 4] = ["111111111111", "222222222222", "333333333333", "444444444444"];
const ROLES: [&str; 4] = ["ci/entry", "deploy", "entry", "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"];
const NAMES: [&str; 4] = ["ci", "worker", "i-0123456789abcdef0", "ci"];
const SUBJECTS: [&str; 4] = [
    "repo:acme/orders:environment:prod",
    "repo:acme@1/orders@2:ref:refs/heads/main",
    "repo:evil/orders:pull_request",
    "system:serviceaccount:shop:api",
];
const ISSUERS: [&str; 2] = ["token.actions.githubusercontent.com", "oidc.eks.eu-central-1.amazonaws.com/id/AB12"];
const ADDRESSES: [&str; 4] = ["192.0.2.7", "198.51.100.9", "AWS Internal", "ecs.amazonaws.com"];
const AGENTS: [&str; 4] = ["aws-cli/2", "exec-env/GitHubActions", "Boto3/1", "ecs.amazonaws.com"];
const SERVICES: [&str; 4] = ["ec2.amazonaws.com", "ecs.amazonaws.com", "AWS Internal", "pods.eks.amazonaws.com"];
const ACTIONS: [(&str, &str, bool); 8] = [
    ("ec2.amazonaws.com", "DescribeInstances", true),
    ("ecs.amazonaws.com", "UpdateService", false),
    ("s3.amazonaws.com", "PutObject", false),
    ("sts.amazonaws.com", "GetCallerIdentity", true),
    ("iam.amazonaws.com", "UpdateAssumeRolePolicy", false),
    ("iam.amazonaws.com", "CreateAccessKey", false),
    ("cloudtrail.amazonaws.com", "StopLogging", false),
    ("iam.amazonaws.com", "CreateRole", false),
];

/// Writes the records of a world, one JSON text each.
pub fn records(bytes: &[u8]) -> Vec<String> {
    let mut records = Vec::new();
    for happening in bytes.chunks_exact(WIDTH).take(MOST) {
        Happening::new(happening).write(&mut records);
    }
    records
}

/// One happening; every number chooses from a pool.
struct Happening<'b> {
    bytes: &'b [u8],
}

/// What a record says besides who called.
#[derive(Default)]
struct Event {
    source: &'static str,
    name: &'static str,
    copy: u8,
    account: Option<&'static str>,
    request: String,
    response: String,
    resources: String,
    error: Option<(&'static str, String)>,
}

impl<'b> Happening<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    /// Chooses by two bits of a byte.
    fn two(&self, at: usize, shift: u8) -> usize {
        usize::from(self.byte(at) >> shift & 3)
    }

    fn flag(&self, at: usize, bit: u8) -> bool {
        self.byte(at) >> bit & 1 == 1
    }

    fn moment(&self, at: usize) -> i64 {
        let byte = usize::from(self.byte(at));
        START + MOMENTS[byte & 15] + MOMENTS[byte >> 4] / 4
    }

    /// The role of byte `at`: its ARN, its principal id with session name, and its assumed-role ARN.
    fn role(&self, at: usize) -> Role {
        let account = ACCOUNTS[self.two(at, 0)];
        let path = ROLES[self.two(at, 2)];
        let session = NAMES[self.two(at, 4)];
        let name = path.rsplit('/').next().unwrap_or(path);
        let generation = self.two(at, 6) / 2;
        Role {
            account,
            arn: format!("arn:aws:iam::{account}:role/{path}"),
            session,
            // Both roles called `entry` have one name, and a role made anew has another id.
            principal_id: format!("AROA{}{path}{generation}:{session}", &account[..3]),
            session_arn: format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
        }
    }

    fn key(&self, at: usize, shift: u8) -> String {
        format!("ASIA{}EXAMPLE", self.byte(at) >> shift & 7)
    }

    /// Who calls: a role session, a user, a session of a user, a service, …
    fn caller(&self, kind: u8) -> Caller {
        let role = self.role(2);
        let mut caller = Caller { account: Some(role.account), ..Caller::default() };
        match kind {
            0..=7 => {
                caller.kind = Some("AssumedRole");
                caller.principal_id = Some(role.principal_id);
                caller.arn = Some(role.session_arn);
                caller.issuer = Some(role.arn);
                caller.key = Some(self.key(3, 0));
                caller.created = Some(self.moment(4));
                match kind {
                    4 => caller.invoked_by = Some(SERVICES[self.two(5, 0)]),
                    5 => caller.key = None,
                    6 => caller.federated = Some(ISSUERS[self.two(5, 2) & 1]),
                    _ => {}
                }
            }
            8..=10 => {
                caller.kind = Some(if kind == 10 { "Root" } else { "IAMUser" });
                caller.principal_id = Some(format!("AIDA{}", self.two(5, 0)));
                caller.arn = Some(format!("arn:aws:iam::{}:user/u{}", role.account, self.two(5, 0)));
                caller.user_name = Some(format!("u{}", self.two(5, 0)));
                caller.key = Some(if kind == 9 { self.key(3, 0) } else { format!("AKIA{}EXAMPLE", self.two(3, 0)) });
                caller.created = (kind == 9).then(|| self.moment(4));
            }
            11 => {
                caller.kind = Some("AWSService");
                caller.account = None;
                caller.invoked_by = Some(SERVICES[self.two(5, 0)]);
            }
            12 => {
                caller.kind = Some("FederatedUser");
                caller.principal_id = Some(format!("{}:fed", role.account));
                caller.arn = Some(format!("arn:aws:sts::{}:federated-user/fed", role.account));
                caller.key = Some(self.key(3, 0));
                caller.created = Some(self.moment(4));
            }
            _ => {
                caller.kind = Some("AWSAccount");
                caller.principal_id = Some(role.principal_id);
            }
        }
        self.maim(&mut caller);
        caller
    }

    /// Leaves out what real records leave out.
    fn maim(&self, caller: &mut Caller) {
        if self.byte(6) & 0x80 == 0 {
            return;
        }
        for (bit, field) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)] {
            if self.flag(6, bit) {
                match field {
                    0 => caller.kind = None,
                    1 => caller.principal_id = None,
                    2 => caller.created = None,
                    3 => caller.issuer = None,
                    4 => caller.account = None,
                    _ => caller.mfa = true,
                }
            }
        }
    }

    fn write(&self, records: &mut Vec<String>) {
        match self.byte(0) % 16 {
            0..=2 => self.write_assumption(records, self.byte(1) % 16),
            3 => self.write_web_identity(records, false),
            4 => self.write_web_identity(records, true),
            5 | 6 => self.write_denial(records),
            7 => self.write_saml(records),
            8 => self.write_of_user(records),
            9 => self.write_by_other_service(records),
            10 => records.push(
                r#"{"eventVersion":"1.11","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent"}"#.to_owned(),
            ),
            _ => self.write_call(records),
        }
    }

    /// What an issuing call gives back.
    fn issued(&self, role: &Role, more: &str) -> String {
        if self.flag(9, 7) {
            return String::new();
        }
        let key = self.key(7, 3);
        let expiration = if self.flag(9, 6) { "Nov 2, 2026, 9:00:00 AM" } else { "Nov 3, 2026, 8:00:00 PM" };
        let id = if self.flag(9, 5) { "" } else { &role.principal_id };
        format!(
            r#"{{"credentials":{{"accessKeyId":"{key}","sessionToken":"IQoJb3JpZ2luX2Vj","expiration":"{expiration}"}},
            "assumedRoleUser":{{"assumedRoleId":"{id}","arn":"{}"}}{more}}}"#,
            role.session_arn
        )
    }

    fn request(&self, role: &Role) -> String {
        let mut request = format!(r#"{{"roleArn":"{}","roleSessionName":"{}""#, role.arn, role.session);
        if self.flag(9, 0) {
            request.push_str(r#","externalId":"acme-7c1e""#);
        }
        if self.flag(9, 1) {
            request.push_str(r#","durationSeconds":900,"tags":[{"key":"Repository","value":"acme/orders"}]"#);
        }
        if self.flag(9, 2) {
            request.push_str(r#","sourceIdentity":"ada","policy":"{}""#);
        }
        request.push('}');
        request
    }

    fn write_assumption(&self, records: &mut Vec<String>, kind: u8) {
        let role = self.role(8);
        let caller = self.caller(kind);
        let event = |copy, account| Event {
            source: "sts.amazonaws.com",
            name: "AssumeRole",
            copy,
            account: Some(account),
            request: self.request(&role),
            response: self.issued(&role, ""),
            ..Event::default()
        };
        let own = caller.account.unwrap_or(role.account);
        let copies = self.two(9, 3);
        if copies != 1 || own == role.account {
            records.push(self.record(&caller, &event(0, own)));
        }
        if copies != 2 && own != role.account {
            let seen = Caller {
                kind: Some("AWSAccount"),
                principal_id: caller.principal_id.clone(),
                account: caller.account,
                ..Caller::default()
            };
            records.push(self.record(&seen, &event(1, role.account)));
        }
    }

    fn write_web_identity(&self, records: &mut Vec<String>, is_denied: bool) {
        let role = self.role(8);
        let issuer = ISSUERS[self.two(10, 2) & 1];
        let subject = SUBJECTS[self.two(10, 0)];
        let provider = format!("arn:aws:iam::{}:oidc-provider/{issuer}", role.account);
        let caller = Caller {
            kind: Some("WebIdentityUser"),
            principal_id: Some(format!("{provider}:sts.amazonaws.com:{subject}")),
            user_name: Some(subject.to_owned()),
            provider: Some(provider.clone()),
            ..Caller::default()
        };
        let more = format!(
            r#","subjectFromWebIdentityToken":"{subject}","audience":"sts.amazonaws.com","provider":"{provider}""#
        );
        let denial = || ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity".to_owned());
        let event = Event {
            source: "sts.amazonaws.com",
            name: "AssumeRoleWithWebIdentity",
            account: Some(role.account),
            request: if is_denied && self.flag(9, 4) { String::new() } else { self.request(&role) },
            response: if is_denied { String::new() } else { self.issued(&role, &more) },
            error: is_denied.then(denial),
            ..Event::default()
        };
        records.push(self.record(&caller, &event));
    }

    fn write_saml(&self, records: &mut Vec<String>) {
        let role = self.role(8);
        let caller = Caller {
            kind: Some("SAMLUser"),
            principal_id: Some("idp:ada".to_owned()),
            user_name: Some("ada@example.com".to_owned()),
            provider: Some(format!("arn:aws:iam::{}:saml-provider/idp", role.account)),
            ..Caller::default()
        };
        let event = Event {
            source: "sts.amazonaws.com",
            name: "AssumeRoleWithSAML",
            account: Some(role.account),
            request: self.request(&role),
            response: self.issued(&role, ""),
            ..Event::default()
        };
        records.push(self.record(&caller, &event));
    }

    fn write_denial(&self, records: &mut Vec<String>) {
        let role = self.role(8);
        let caller = self.caller(self.byte(1) % 16);
        let action = if self.flag(9, 0) { "sts:TagSession" } else { "sts:AssumeRole" };
        let message = format!("User: x is not authorized to perform: {action} on resource: {}", role.arn);
        let event = Event {
            source: "sts.amazonaws.com",
            name: "AssumeRole",
            account: caller.account,
            error: Some((if self.flag(9, 1) { "AccessDenied" } else { "AccessDeniedException" }, message)),
            ..Event::default()
        };
        records.push(self.record(&caller, &event));
    }

    /// Sessions that users ask for themselves.
    fn write_of_user(&self, records: &mut Vec<String>) {
        let caller = self.caller(8 + self.byte(1) % 3);
        let is_federation = self.flag(9, 3);
        let key = self.key(7, 3);
        let account = caller.account.unwrap_or(ACCOUNTS[0]);
        let federated = format!(
            r#","federatedUser":{{"federatedUserId":"{account}:fed","arn":"arn:aws:sts::{account}:federated-user/fed"}}"#
        );
        let event = Event {
            source: "sts.amazonaws.com",
            name: if is_federation { "GetFederationToken" } else { "GetSessionToken" },
            account: Some(account),
            response: format!(
                r#"{{"credentials":{{"accessKeyId":"{key}","sessionToken":"IQoJb3Jp"}}{}}}"#,
                if is_federation { &federated } else { "" }
            ),
            ..Event::default()
        };
        records.push(self.record(&caller, &event));
    }

    /// Sessions that other services than STS issue.
    fn write_by_other_service(&self, records: &mut Vec<String>) {
        let role = self.role(8);
        let caller = self.caller(self.byte(1) % 16);
        let (source, name) = match self.two(9, 3) {
            0 => ("eks-auth.amazonaws.com", "AssumeRoleForPodIdentity"),
            1 => ("rolesanywhere.amazonaws.com", "CreateSession"),
            _ => ("sts.amazonaws.com", "AssumeRoot"),
        };
        let event = Event {
            source,
            name,
            account: Some(role.account),
            request: self.request(&role),
            response: self.issued(&role, ""),
            resources: format!(r#"[{{"type":"AWS::IAM::Role","ARN":"{}"}}]"#, role.arn),
            ..Event::default()
        };
        records.push(self.record(&caller, &event));
    }

    fn write_call(&self, records: &mut Vec<String>) {
        let caller = self.caller(self.byte(1) % 14);
        let (source, name, _) = ACTIONS[usize::from(self.byte(10) & 7)];
        let role = self.role(8);
        let target = role.arn.rsplit('/').next().unwrap_or_default();
        let event = Event {
            source,
            name,
            account: caller.account.or(self.flag(9, 0).then_some(role.account)),
            request: format!(r#"{{"roleName":"{target}","policyDocument":"{{}}"}}"#),
            error: self.flag(9, 1).then(|| ("AccessDenied", "no".to_owned())),
            ..Event::default()
        };
        records.push(self.record(&caller, &event));
    }

    /// Names the event: by what it says, as AWS does, or by a name that several events share.
    fn event_id(&self, copy: u8) -> Option<String> {
        let names = self.byte(11);
        match names {
            0..200 => {
                let mut hash = 0xcbf2_9ce4_8422_2325_u64;
                for byte in self.bytes.iter().chain([&copy]) {
                    hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
                }
                Some(format!("00000000-0000-4000-{:04x}-{:012x}", hash >> 48, hash & 0xffff_ffff_ffff))
            }
            200..220 => None,
            220..240 => Some(format!("made-up-{}", names & 3)),
            _ => Some(format!("00000000-0000-4000-8000-00000000000{}", names & 3)),
        }
    }

    fn record(&self, caller: &Caller, event: &Event) -> String {
        let mut text = String::from(r#"{"eventVersion":"1.11","userIdentity":"#);
        caller.write(&mut text);
        let mut field = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = write!(text, ",\"{name}\":{value}");
            }
        };
        let quoted = |value: &str| format!("\"{value}\"");
        if self.byte(12) != 0xff {
            field("eventTime", &quoted(&moment(self.moment(12))));
        }
        field("eventSource", &quoted(event.source));
        field("eventName", &quoted(event.name));
        field("awsRegion", if self.flag(13, 7) { "\"eu-central-1\"" } else { "\"us-east-1\"" });
        field("sourceIPAddress", &quoted(ADDRESSES[self.two(13, 0)]));
        field("userAgent", &quoted(AGENTS[self.two(13, 2)]));
        if let Some((code, message)) = &event.error {
            field("errorCode", &quoted(code));
            field("errorMessage", &quoted(message));
        }
        field("requestParameters", &event.request);
        field("responseElements", &event.response);
        field("resources", &event.resources);
        if let Some(id) = self.event_id(event.copy) {
            field("eventID", &quoted(&id));
        }
        match self.two(14, 0) {
            0 => field("sharedEventID", &quoted(&format!("shared-{}", self.two(14, 2)))),
            1 => field("requestID", &quoted(&format!("request-{}", self.two(14, 2)))),
            2 => {
                field("requestID", &quoted(&format!("request-{}", self.two(14, 2))));
                field("sharedEventID", &quoted(&format!("shared-{}", self.two(14, 4))));
            }
            _ => {}
        }
        let read_only = ACTIONS.iter().find(|action| action.1 == event.name).is_none_or(|action| action.2);
        if !self.flag(14, 7) {
            field("readOnly", if read_only { "true" } else { "false" });
        }
        if self.flag(14, 6) {
            field("vpcEndpointId", "\"vpce-1\"");
        }
        if self.byte(15) >= 0xf0 {
            field("sessionCredentialFromConsole", "\"true\"");
        }
        if let Some(account) = event.account {
            field("recipientAccountId", &quoted(account));
        }
        text.push('}');
        text
    }
}

struct Role {
    account: &'static str,
    arn: String,
    session: &'static str,
    principal_id: String,
    session_arn: String,
}

#[derive(Clone, Default)]
struct Caller {
    kind: Option<&'static str>,
    principal_id: Option<String>,
    arn: Option<String>,
    account: Option<&'static str>,
    key: Option<String>,
    user_name: Option<String>,
    provider: Option<String>,
    invoked_by: Option<&'static str>,
    issuer: Option<String>,
    created: Option<i64>,
    federated: Option<&'static str>,
    mfa: bool,
}

impl Caller {
    fn write(&self, text: &mut String) {
        let fields = [
            ("type", self.kind),
            ("principalId", self.principal_id.as_deref()),
            ("arn", self.arn.as_deref()),
            ("accountId", self.account),
            ("accessKeyId", self.key.as_deref()),
            ("userName", self.user_name.as_deref()),
            ("identityProvider", self.provider.as_deref()),
            ("invokedBy", self.invoked_by),
        ];
        text.push('{');
        for (name, value) in fields {
            if let Some(value) = value {
                let _ = write!(text, r#""{name}":"{value}","#);
            }
        }
        text.push_str(r#""sessionContext":{"#);
        if let Some(issuer) = &self.issuer {
            let _ = write!(text, r#""sessionIssuer":{{"type":"Role","arn":"{issuer}"}},"#);
        }
        if let Some(federated) = self.federated {
            let _ = write!(
                text,
                r#""webIdFederationData":{{"federatedProvider":"arn:aws:iam::111111111111:oidc-provider/{federated}"}},"#
            );
        }
        let created = self.created.map(|created| format!(r#""creationDate":"{}","#, moment(created)));
        let _ = write!(
            text,
            r#""attributes":{{{}"mfaAuthenticated":"{}"}}}}}}"#,
            created.unwrap_or_default(),
            if self.mfa { "true" } else { "false" }
        );
    }
}

fn moment(seconds: i64) -> String {
    rolechain::model::time::Timestamp(seconds).to_string()
}
