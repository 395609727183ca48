//! How chains begin: CI jobs, service accounts, AWS services, people, and long-lived keys.

use rolechain::model::time::Timestamp;

use super::actor::{Actor, DEFAULT_REGION, Session, assumed_role_user, request_details};
use super::identity::{iam_user, saml_user, service, web_identity};
use super::ids::{access_key, number_of, unique_id};
use super::json::{Object, texts};
use super::organization::{Organization, Role, account_number};
use super::record::Event;
use super::{GITHUB, GLOBAL};

/// The program of people at work.
pub(crate) const CLI: &str = "aws-cli/2.31.12 md/awscrt#0.27.6 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64 \
    lang/python#3.13.7 md/pyimpl#CPython m/b,E,Z,N cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24";

/// Someone with a token: a CI job or a service account.
#[derive(Clone)]
pub(crate) struct TokenHolder {
    actor: Actor,
    /// The issuer, without `https://`.
    pub(crate) issuer: String,
    /// `sub`.
    pub(crate) subject: String,
    /// The session's name.
    pub(crate) session: String,
    /// Answered by the global endpoint, and therefore logged in us-east-1.
    pub(crate) global_endpoint: bool,
}

impl Organization {
    /// Starts a GitHub Actions job. The subject is given without `repo:`, as `acme@4242/orders@9001:environment:prod`.
    pub(crate) fn github_job(&self, subject: &str, branch: &str) -> TokenHolder {
        let run = self.next_run().to_string();
        let marker = "configure-aws-credentials-for-github-actions md/action#__aws-actions_configure-aws-credentials";
        let agent = format!(
            "aws-sdk-js/3.1011.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#24.4.1 api/sts#3.1011.0 m/E,N \
             {marker} md/run_id#{run} md/attempt#1"
        );
        let repository = repository_of(subject);
        let event = if subject.ends_with(":pull_request") { "pull_request" } else { "push" };
        let tags = [
            ("GitHub", "Actions"),
            ("Repository", &repository),
            ("Workflow", "deploy"),
            ("Action", "__aws-actions_configure-aws-credentials"),
            ("Actor", "octavia"),
            ("Commit", &self.hex(40)),
            ("Branch", &format!("refs/heads/{branch}")),
            ("EventName", event),
            ("RunId", &run),
            ("Job", "deploy"),
            ("TriggeringActor", "octavia"),
        ];
        let actor = Actor {
            org: self.clone(),
            account: String::new(),
            principal_id: String::new(),
            arn: String::new(),
            identity: String::new(),
            ip: format!("198.51.100.{}", 10 + self.bits() % 240),
            agent,
            tool: CLI.to_owned(),
            region: DEFAULT_REGION,
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            console: false,
        };
        TokenHolder {
            actor,
            issuer: GITHUB.to_owned(),
            subject: format!("repo:{subject}"),
            session: "GitHubActions".to_owned(),
            global_endpoint: false,
        }
    }

    /// Starts a pod with a service account of a cluster.
    pub(crate) fn service_account(&self, cluster: &str, name: &str, ip: &str) -> TokenHolder {
        let mut holder = self.github_job("", "");
        holder.actor.tags.clear();
        ip.clone_into(&mut holder.actor.ip);
        holder.actor.agent =
            "aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.25.3 md/GOOS#linux api/sts#1.38.2".to_owned();
        holder.actor.tool = holder.actor.agent.replace("api/sts#1.38.2", "api/route53#1.58.0");
        holder.issuer = format!("oidc.eks.{DEFAULT_REGION}.amazonaws.com/id/{cluster}");
        holder.subject = format!("system:serviceaccount:{name}");
        holder.session = format!("17626{}", 10_000_000 + self.bits() % 89_999_999);
        holder
    }

    /// Names an IAM user with a long-lived key, by the path with the name: `ci/ci-orders`.
    pub(crate) fn user(&self, account: &str, path_and_name: &str, ip: &str, agent: &str) -> (Actor, String) {
        let arn = format!("arn:aws:iam::{account}:user/{path_and_name}");
        let number = account_number(account);
        let id = unique_id("AIDA", number, number_of(&arn));
        let key = access_key("AKIA", number, number_of(&arn));
        let actor = Actor {
            org: self.clone(),
            account: account.to_owned(),
            principal_id: id.clone(),
            identity: iam_user(&arn, &id, &key, None).json(),
            arn,
            ip: ip.to_owned(),
            agent: agent.to_owned(),
            tool: CLI.to_owned(),
            region: DEFAULT_REGION,
            tags: Vec::new(),
            console: false,
        };
        (actor, key)
    }

    /// Lets an AWS service assume a role: one record, with a shared id and without a partner.
    pub(crate) fn service_session(
        &self,
        time: Timestamp,
        role: &Role,
        host: &str,
        name: &str,
        seconds: i64,
    ) -> Session {
        let (mut actor, _) = self.user(role.account, "nobody", host, host);
        actor.identity = service(host);
        actor.tool = host.to_owned();
        let key = self.temporary_key(role.account);
        let mut event = actor.event("sts.amazonaws.com", "AssumeRole", time);
        event.parameters = Some(texts(&[("roleArn", &role.arn()), ("roleSessionName", name)]).json());
        let mut response = Object::new().object("credentials", &self.credentials(&key, time.plus(seconds)));
        if !matches!(host, "ec2.amazonaws.com" | "lambda.amazonaws.com") {
            response = response.object("assumedRoleUser", &assumed_role_user(role, name));
        }
        event.response = Some(response.json());
        event.role_resource = Some((role.account.to_owned(), role.arn()));
        event.shared_id = Some(self.uuid());
        event.host = None;
        self.write(&event);
        actor.become_session(role, name, &key, time, None)
    }

    /// Signs a person in through Identity Center. The key that later calls carry is not the one that was issued.
    pub(crate) fn person(&self, time: Timestamp, account: &'static str, set: &str, mail: &str, ip: &str) -> Session {
        let suffix = format!("{:016x}", number_of(set));
        let role = Role::new(
            account,
            &format!("aws-reserved/sso.amazonaws.com/{DEFAULT_REGION}/AWSReservedSSO_{set}_{suffix}"),
        );
        let provider = format!("arn:aws:iam::{account}:saml-provider/AWSSSO_{suffix}_DO_NOT_DELETE");
        let qualifier = "5Zk0b8cXyS1QJb7vXw3oD2kq4rA=";
        let (mut actor, _) = self.user(account, "nobody", "AWS Internal", "AWS Internal");
        actor.identity = saml_user(qualifier, mail);
        let key = self.temporary_key(account);
        let mut event = actor.event("sts.amazonaws.com", "AssumeRoleWithSAML", time);
        let request = texts(&[
            ("sAMLAssertionID", &format!("_{}", self.uuid())),
            ("roleSessionName", mail),
            ("roleArn", &role.arn()),
            ("principalArn", &provider),
        ]);
        event.parameters = Some(request.number("durationSeconds", 3600).json());
        event.response = Some(
            Object::new()
                .object("credentials", &self.credentials(&key, time.plus(3600)))
                .object("assumedRoleUser", &assumed_role_user(&role, mail))
                .text("subject", mail)
                .text("subjectType", "persistent")
                .text("issuer", &format!("https://portal.sso.{DEFAULT_REGION}.amazonaws.com/saml/assertion/EXAMPLE"))
                .text("audience", "https://signin.aws.amazon.com/saml")
                .text("nameQualifier", qualifier)
                .json(),
        );
        event.additional = Some(request_details(DEFAULT_REGION, "regional"));
        event.role_resource = Some((account.to_owned(), role.arn()));
        self.write(&event);
        ip.clone_into(&mut actor.ip);
        actor.agent = CLI.replace("linux#6.11.0-1018-azure", "macos#25.1.0");
        actor.tool.clone_from(&actor.agent);
        let issued = actor.become_session(&role, mail, &key, time, None);
        issued.under_another_key(&self.temporary_key(account))
    }
}

impl TokenHolder {
    /// Asks STS from the region's own endpoint, or from the global one.
    pub(crate) fn through_global_endpoint(mut self) -> Self {
        self.global_endpoint = true;
        self
    }

    /// Takes the token to another issuer.
    pub(crate) fn issued_by(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self
    }

    /// Calls from a certain address.
    pub(crate) fn at_address(mut self, ip: &str) -> Self {
        ip.clone_into(&mut self.actor.ip);
        self
    }

    /// Returns the job with something else about it: its program, address or tags.
    pub(crate) fn with_actor(mut self, change: impl FnOnce(&mut Actor)) -> Self {
        change(&mut self.actor);
        self
    }

    /// Returns the tags that the next sessions get.
    pub(crate) fn tags(&self) -> &[(String, String)] {
        &self.actor.tags
    }

    /// Returns the actor behind the token: its address, program and tags.
    pub(crate) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Enters a role with the token.
    pub(crate) fn enter(&self, time: Timestamp, role: &Role) -> Session {
        let org = self.actor.org.clone();
        let key = org.temporary_key(role.account);
        let mut event = self.token_event(time, role);
        event.response = Some(
            Object::new()
                .object("credentials", &org.credentials(&key, time.plus(3600)))
                .text("subjectFromWebIdentityToken", &self.subject)
                .object("assumedRoleUser", &assumed_role_user(role, &self.session))
                .text("provider", &self.provider(role.account))
                .text("audience", "sts.amazonaws.com")
                .json(),
        );
        let endpoint = if self.global_endpoint { "global" } else { "regional" };
        let details = texts(&[("awsServingRegion", self.actor.region), ("endpointType", endpoint)]);
        event.additional = Some(
            Object::new()
                .text("identityProviderConnectionVerificationMethod", "IAMTrustStore")
                .object("RequestDetails", &details)
                .json(),
        );
        org.write(&event);
        self.actor.become_session(role, &self.session, &key, time, Some(&self.provider(role.account)))
    }

    /// Tries to enter a role and is refused. Some records of refusals name the role, others only the subject.
    pub(crate) fn refused(&self, time: Timestamp, role: &Role, names_the_role: bool) {
        let mut event = self.token_event(time, role);
        event.error = Some(("AccessDenied".to_owned(), "An unknown error occurred".to_owned()));
        if !names_the_role {
            event.parameters = None;
            event.role_resource = None;
        }
        self.actor.org.write(&event);
    }

    fn provider(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:oidc-provider/{}", self.issuer)
    }

    fn token_event(&self, time: Timestamp, role: &Role) -> Event {
        let mut event = self.actor.event("sts.amazonaws.com", "AssumeRoleWithWebIdentity", time);
        event.identity = web_identity(&self.provider(role.account), "sts.amazonaws.com", &self.subject);
        role.account.clone_into(&mut event.recipient);
        let request = texts(&[("roleArn", &role.arn()), ("roleSessionName", &self.session)]);
        event.parameters = Some(request.number("durationSeconds", 3600).json());
        event.role_resource = Some((role.account.to_owned(), role.arn()));
        if self.global_endpoint {
            GLOBAL.clone_into(&mut event.region);
            event.host = Some("sts.amazonaws.com".to_owned());
        }
        event
    }
}

/// Returns `acme/orders` for either form of a subject.
fn repository_of(subject: &str) -> String {
    let name = subject.split(':').next().unwrap_or_default();
    name.split('/').map(|part| part.split('@').next().unwrap_or_default()).collect::<Vec<_>>().join("/")
}
