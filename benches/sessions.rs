//! The callers of the workload: sessions that are issued, work for a while, and end.

use crate::calls::KINDS;
use crate::ids::{Ids, access_key, number_of, unique_id};
use crate::record::{
    Copy, Head, Issue, Role, address, number, put, session_identity, write_head, write_issue, write_tail,
};

/// What kind of organization the logs are of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// How many accounts it has.
    pub(crate) accounts: usize,
    /// How many callers are at work in one account and region at once.
    live: usize,
    /// How many times fewer calls each session makes.
    haste: u64,
    /// How many times more roles, hosts, people and repositories there are.
    names: u64,
}

/// The organizations that there are: one with sessions that last, and one with many accounts, roles and callers, whose
/// sessions make a few calls each, so that there are ten times as many.
pub(crate) const SHAPES: [Shape; 2] = [
    Shape { name: "mixed", accounts: 12, live: 24, haste: 1, names: 1 },
    Shape { name: "sessions", accounts: 150, live: 120, haste: 12, names: 25 },
];

/// Returns the accounts. GitHub enters the first.
pub(crate) fn accounts(count: usize) -> Vec<&'static str> {
    // They live as long as the program.
    let made = (0..).map(|nth: u64| &*Box::leak(format!("{}", 200_000_000_007 + nth * 104_729).into_boxed_str()));
    ACCOUNTS.into_iter().chain(made).take(count).collect()
}

const ACCOUNTS: [&str; 12] = [
    "111111111111",
    "222222222222",
    "333333333333",
    "444444444444",
    "555555555555",
    "666666666666",
    "777777777777",
    "888888888888",
    "999999999999",
    "101010101010",
    "121212121212",
    "131313131313",
];
/// The regions, the busiest first.
pub(crate) const REGIONS: [&str; 4] = ["eu-central-1", "us-east-1", "eu-west-1", "us-west-2"];

const SERVICES: [&str; 6] = ["ec2", "lambda", "ecs-tasks", "config", "eks-nodegroup", "ssm"];
const CLIENTS: [&str; 8] = [
    "aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.25.3 md/GOOS#linux md/GOARCH#amd64",
    "Boto3/1.42.1 md/Botocore#1.42.1 ua/2.1 os/linux md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython exec-env/AWS_Lambda_python3.13",
    "aws-sdk-java/2.36.2 md/io#sync md/http#Apache ua/2.1 os/Linux lang/java#21.0.8 md/OpenJDK_64-Bit_Server_VM",
    "aws-sdk-js/3.1011.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#24.4.1",
    "amazon-ssm-agent/3.3.3050.0 aws-sdk-go/1.55.8 (go1.24.9; linux; arm64)",
    "karpenter.sh-1.8.2 aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.25.1",
    "APN/1.0 HashiCorp/1.0 Terraform/1.14.0 (+https://www.terraform.io) terraform-provider-aws/6.21.0 aws-sdk-go-v2/1.39.6",
    "aws-cli/2.31.12 md/awscrt#0.27.6 ua/2.1 os/linux#6.11 md/arch#x86_64 lang/python#3.13.7 md/installer#exe",
];
const ACTION: &str = "aws-sdk-js/3.1011.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#24.4.1 api/sts#3.1011.0 \
    configure-aws-credentials-for-github-actions md/action#__aws-actions_configure-aws-credentials";
const REPOSITORIES: [&str; 8] =
    ["orders@9001", "billing@9002", "search@9003", "web@9004", "data@9005", "platform@9006", "mail@9007", "docs@9008"];

/// One account's log of one region: what waits for the next object, and who is at work.
pub(crate) struct Log {
    /// The account.
    pub(crate) account: &'static str,
    /// The region.
    pub(crate) region: &'static str,
    text: String,
    bursts: Vec<(usize, usize)>,
    records: u64,
    live: Vec<Caller>,
}

/// A caller at work.
struct Caller {
    identity: String,
    ip: String,
    agent: String,
    created: i64,
    ends: i64,
    calls: u64,
    favorite: u64,
}

impl Log {
    /// Opens a log, with a user who has a long-lived key.
    pub(crate) fn new(account: &'static str, region: &'static str, ids: &mut Ids) -> Self {
        let arn = format!("arn:aws:iam::{account}:user/machines/backup");
        let id = unique_id("AIDA", number(account), number_of(&arn));
        let key = access_key("AKIA", number(account), number_of(&arn));
        let identity = format!(
            r#"{{"type":"IAMUser","principalId":"{id}","arn":"{arn}","accountId":"{account}","accessKeyId":"{key}","userName":"backup"}}"#
        );
        let user = Caller {
            identity,
            ip: address(ids),
            agent: CLIENTS[7].to_owned(),
            created: 0,
            ends: i64::MAX,
            calls: u64::MAX,
            favorite: 0,
        };
        Self { account, region, text: String::new(), bursts: Vec::new(), records: 0, live: vec![user] }
    }

    /// Returns true when nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Takes what waits, as the text of an object, with the bursts in no particular order.
    pub(crate) fn take(&mut self, ids: &mut Ids) -> (String, u64) {
        for last in (1..self.bursts.len()).rev() {
            let other = usize::try_from(ids.below(last as u64 + 1)).unwrap_or(0);
            self.bursts.swap(last, other);
        }
        let mut json = String::with_capacity(self.text.len() + 32);
        json.push_str(r#"{"Records":["#);
        for (index, (from, to)) in self.bursts.drain(..).enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&self.text[from..to]);
        }
        json.push_str("]}");
        // A large object must not leave a large buffer behind in every log.
        self.text = String::new();
        (json, std::mem::take(&mut self.records))
    }

    /// Writes one burst: `write` appends records that are separated by commas, and says how many.
    fn burst(&mut self, write: impl FnOnce(&mut String) -> u64) {
        let from = self.text.len();
        self.records += write(&mut self.text);
        self.bursts.push((from, self.text.len()));
    }
}

/// Writes records until none are left to write.
pub(crate) struct Writer {
    /// Where identifiers come from.
    pub(crate) ids: Ids,
    /// How many records are still to be written.
    pub(crate) budget: u64,
    shape: Shape,
}

impl Writer {
    /// Starts with a budget.
    pub(crate) fn new(ids: Ids, budget: u64, shape: Shape) -> Self {
        Self { ids, budget, shape }
    }

    /// Lets the callers of a log work until its next object has `size` records. A chain also writes to other logs.
    pub(crate) fn fill(&mut self, logs: &mut [Log], place: usize, from: i64, size: u64) {
        let size = size.min(self.budget + logs[place].records);
        let begun = logs[place].records;
        while logs[place].records < size && self.budget > 0 {
            let done = logs[place].records - begun;
            let time = from + i64::try_from(done * 280 / size.max(1)).unwrap_or(0);
            if logs[place].live.len() < self.shape.live && self.budget > 8 {
                self.issue(logs, place, time);
            } else {
                self.work(&mut logs[place], time, size);
            }
        }
    }

    /// One caller makes some calls.
    fn work(&mut self, log: &mut Log, time: i64, size: u64) {
        let index = usize::try_from(self.ids.below(log.live.len() as u64)).unwrap_or(0);
        if log.live.len() > 1 && (log.live[index].calls == 0 || log.live[index].ends <= time) && self.budget > 8 {
            log.live.swap_remove(index);
            return;
        }
        let caller = &mut log.live[index];
        let burst = (1 + self.ids.below(14)).min(size - log.records).min(self.budget).min(caller.calls.max(1));
        caller.calls = caller.calls.saturating_sub(burst);
        self.budget -= burst;
        let (account, region) = (log.account, log.region);
        let from = log.text.len();
        for step in 0..burst {
            if step > 0 {
                log.text.push(',');
            }
            let time = time.max(caller.created) + i64::try_from(step / 3).unwrap_or(0);
            self.call(&mut log.text, caller, time, (account, region));
        }
        log.records += burst;
        log.bursts.push((from, log.text.len()));
    }

    /// One ordinary call. A caller mostly does what it always does.
    fn call(&mut self, out: &mut String, caller: &Caller, time: i64, place: (&str, &str)) {
        let kinds = KINDS.len() as u64;
        let draw = if self.ids.below(4) > 0 { caller.favorite + self.ids.below(3) } else { self.ids.below(kinds) };
        let kind = &KINDS[usize::try_from(draw % kinds).unwrap_or(0)];
        let failed = self.ids.below(60) == 0;
        let head = Head {
            identity: &caller.identity,
            time,
            service: kind.service,
            name: kind.name,
            region: place.1,
            ip: &caller.ip,
            agent: &caller.agent,
            failed,
        };
        write_head(out, &head);
        kind.write_body(out, failed, place, &mut self.ids);
        let (request, event) = (self.ids.uuid(), self.ids.uuid());
        put(out, format_args!(r#","requestID":"{request}","eventID":"{event}","readOnly":{},"#, kind.read_only));
        kind.write_resources(out, place, &mut self.ids);
        write_tail(out, place.0, None, &format!("{}.{}.amazonaws.com", kind.service, place.1));
    }

    /// A new session begins in a log.
    fn issue(&mut self, logs: &mut [Log], place: usize, time: i64) {
        let (account, region) = (logs[place].account, logs[place].region);
        match self.ids.below(100) {
            0..78 => {
                let service = SERVICES[usize::try_from(self.ids.below(6)).unwrap_or(0)];
                let role = Role::new(
                    account,
                    "/service-role/platform/",
                    format!("{service}-orders-worker-nodes-{:02}", self.ids.below(12 * self.shape.names)),
                );
                let host = format!("{service}.amazonaws.com");
                let identity = format!(r#"{{"type":"AWSService","invokedBy":"{host}"}}"#);
                let name = format!("i-0a1b2c3d4e5f{:05x}", self.ids.below(4_000 * self.shape.names));
                // Not every session of a service makes a call that is logged.
                let calls = if self.ids.below(3) > 0 { self.stamina() } else { 0 };
                let wish = Issue {
                    identity: &identity,
                    ip: &host,
                    agent: &host,
                    seconds: 21_600,
                    ..Issue::plain(&role, &name)
                };
                let shared = self.ids.uuid();
                let key = self.issued(&mut logs[place], time, &wish, Some(&shared));
                self.admit(&mut logs[place], (&role, &name, &key), (time, 21_600, calls), None);
            }
            78..91 => {
                let role = Role::new(
                    account,
                    "/eks/platform/",
                    format!("platform-orders-pod-{:02}", self.ids.below(20 * self.shape.names)),
                );
                let issuer = format!("oidc.eks.{region}.amazonaws.com/id/5E1D0C7A92B34F68A0D3C4E5F6071829");
                let subject = format!("system:serviceaccount:team-{}:{}", self.ids.below(6), role.name);
                let provider = format!("arn:aws:iam::{account}:oidc-provider/{issuer}");
                let name = format!("17{:08}", self.ids.below(99_999_999));
                let ip = address(&mut self.ids);
                let key = self.web(&mut logs[place], time, &role, (&provider, &subject, &name), (&ip, CLIENTS[0]));
                let calls = self.stamina();
                self.admit(&mut logs[place], (&role, &name, &key), (time, 3_600, calls), Some(&provider));
            }
            91..97 => self.pipeline(logs, place, time),
            _ => self.person(&mut logs[place], time),
        }
    }

    /// A pipeline: a token becomes a role in the first account, which becomes a role here. Both copies are written.
    fn pipeline(&mut self, logs: &mut [Log], place: usize, time: i64) {
        let (account, region) = (logs[place].account, logs[place].region);
        let tooling = place % REGIONS.len();
        let repository = REPOSITORIES[usize::try_from(self.ids.below(8)).unwrap_or(0)];
        let short = repository.split('@').next().unwrap_or_default();
        let (short, repository) = match self.shape.names {
            1 => (short.to_owned(), repository.to_owned()),
            names => {
                let nth = self.ids.below(names);
                (format!("{short}-{nth}"), format!("{short}-{nth}@{}", 10_000 + nth))
            }
        };
        let entry = Role::new(ACCOUNTS[0], "/ci/", format!("gha-{short}"));
        let deploy = Role::new(account, "/ci/", format!("ci-deploy-{short}"));
        let provider = format!("arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com", ACCOUNTS[0]);
        let subject = format!("repo:acme@4242/{repository}:environment:prod");
        let run = 19_400_000_000 + self.ids.below(100_000_000);
        let agent = format!("{ACTION} md/run_id#{run} md/attempt#1");
        let ip = address(&mut self.ids);
        let name = "GitHubActions";
        let first = self.web(&mut logs[tooling], time, &entry, (&provider, &subject, name), (&ip, &agent));
        let caller = session_identity(&entry, name, &first, time, Some(&provider));
        let extra = format!(
            r#","externalId":"7f1d0c2e-{short}","durationSeconds":3600,"tags":[{{"key":"GitHub","value":"Actions"}},{{"key":"Repository","value":"acme/{short}"}},{{"key":"RunId","value":"{run}"}}]"#
        );
        let wish = Issue { identity: &caller, ip: &ip, agent: &agent, extra: &extra, ..Issue::plain(&deploy, name) };
        let later = time + 3;
        let key = if place == tooling {
            self.issued(&mut logs[place], later, &wish, None)
        } else {
            let (shared, request) = (self.ids.uuid(), self.ids.uuid());
            let key = access_key("ASIA", number(account), self.ids.bits());
            let token = self.ids.alnum(60);
            let foreign =
                format!(r#"{{"type":"AWSAccount","principalId":"{}:{name}","accountId":"{}"}}"#, entry.id, ACCOUNTS[0]);
            for (log, identity) in [(tooling, &caller), (place, &foreign)] {
                let wish = Issue { identity, ..wish };
                self.copy(
                    &mut logs[log],
                    later,
                    &wish,
                    &Copy { key: &key, token: &token, request: &request, shared: Some(&shared) },
                );
            }
            key
        };
        debug_assert_eq!(logs[place].region, region);
        let calls = (4 + self.ids.below(30)).div_ceil(self.shape.haste);
        self.admit(&mut logs[place], (&deploy, name, &key), (later, 3_600, calls), None);
    }

    /// A person signs in through Identity Center, and works under a key that was never issued.
    fn person(&mut self, log: &mut Log, time: i64) {
        let account = log.account;
        let path = "/aws-reserved/sso.amazonaws.com/eu-central-1/";
        let role = Role::new(account, path, "AWSReservedSSO_Developer_4f6c2d1890ab4c3e".to_owned());
        let name = format!("person{}@acme.example", self.ids.below(80 * self.shape.names));
        let identity = format!(
            r#"{{"type":"SAMLUser","principalId":"5Zk0b8cXyS1QJb7vXw3oD2kq4rA=:{name}","userName":"{name}","identityProvider":"5Zk0b8cXyS1QJb7vXw3oD2kq4rA="}}"#
        );
        let wish = Issue {
            identity: &identity,
            ip: "AWS Internal",
            agent: "AWS Internal",
            event: "AssumeRoleWithSAML",
            ..Issue::plain(&role, &name)
        };
        self.issued(log, time, &wish, None);
        let key = access_key("ASIA", number(account), self.ids.bits());
        let calls = (5 + self.ids.below(80)).div_ceil(self.shape.haste);
        self.admit(log, (&role, &name, &key), (time, 3_600, calls), None);
    }

    /// Writes a successful `AssumeRoleWithWebIdentity`.
    fn web(
        &mut self,
        log: &mut Log,
        time: i64,
        role: &Role,
        token: (&str, &str, &str),
        client: (&str, &str),
    ) -> String {
        let (provider, subject, name) = token;
        let identity = format!(
            r#"{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}"}}"#
        );
        let response = format!(
            r#","subjectFromWebIdentityToken":"{subject}","provider":"{provider}","audience":"sts.amazonaws.com""#
        );
        let wish = Issue {
            identity: &identity,
            ip: client.0,
            agent: client.1,
            event: "AssumeRoleWithWebIdentity",
            response: &response,
            ..Issue::plain(role, name)
        };
        self.issued(log, time, &wish, None)
    }

    /// Writes one issuing record with a new key, and returns the key.
    fn issued(&mut self, log: &mut Log, time: i64, wish: &Issue<'_>, shared: Option<&str>) -> String {
        let key = access_key("ASIA", number(wish.role.account), self.ids.bits());
        let (token, request) = (self.ids.alnum(60), self.ids.uuid());
        let copy = Copy { key: &key, token: &token, request: &request, shared };
        self.copy(log, time, wish, &copy);
        key
    }

    fn copy(&mut self, log: &mut Log, time: i64, wish: &Issue<'_>, copy: &Copy<'_>) {
        let event = self.ids.uuid();
        let (account, region) = (log.account, log.region);
        let head = Head {
            identity: wish.identity,
            time,
            service: "sts",
            name: wish.event,
            region,
            ip: wish.ip,
            agent: wish.agent,
            failed: false,
        };
        self.budget = self.budget.saturating_sub(1);
        log.burst(|out| {
            write_head(out, &head);
            write_issue(out, wish, copy, (&event, time));
            write_tail(out, account, copy.shared, &format!("sts.{region}.amazonaws.com"));
            1
        });
    }

    /// Lets a session start to work.
    fn admit(
        &mut self,
        log: &mut Log,
        session: (&Role, &str, &str),
        (created, seconds, calls): (i64, i64, u64),
        provider: Option<&str>,
    ) {
        if calls == 0 {
            return;
        }
        let client = usize::try_from(self.ids.below(CLIENTS.len() as u64)).unwrap_or(0);
        log.live.push(Caller {
            identity: session_identity(session.0, session.1, session.2, created, provider),
            ip: address(&mut self.ids),
            agent: CLIENTS[client].to_owned(),
            created,
            ends: created + seconds,
            calls,
            favorite: self.ids.below(KINDS.len() as u64 - 3),
        });
    }

    /// How many calls a session makes before it is done.
    fn stamina(&mut self) -> u64 {
        let calls = match self.ids.below(100) {
            0..50 => 8 + self.ids.below(24),
            50..90 => 20 + self.ids.below(80),
            _ => 100 + self.ids.below(400),
        };
        calls.div_ceil(self.shape.haste)
    }
}
