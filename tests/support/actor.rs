//! Those who call: users, sessions, services. What an actor does becomes records.

use std::net::IpAddr;
use std::ops::Deref;

use rolechain::model::time::Timestamp;

use super::identity::{SessionIdentity, foreign_account};
use super::json::{Object, array, texts};
use super::organization::{Organization, Role};
use super::record::{API_CALL, Event};
use super::{GLOBAL, HOME};

/// One API call that an actor makes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    source: String,
    name: String,
    read_only: bool,
    region: Option<&'static str>,
    parameters: Option<String>,
    response: Option<String>,
    error: Option<(String, String)>,
}

impl Call {
    /// A call that changes something.
    pub(crate) fn write(service: &str, name: &str) -> Self {
        Self {
            source: format!("{service}.amazonaws.com"),
            name: name.to_owned(),
            read_only: false,
            region: None,
            parameters: None,
            response: None,
            error: None,
        }
    }

    /// A call that changes nothing.
    pub(crate) fn read(service: &str, name: &str) -> Self {
        Self { read_only: true, ..Self::write(service, name) }
    }

    /// Sets the region, where it is not the actor's.
    pub(crate) fn region(self, region: &'static str) -> Self {
        Self { region: Some(region), ..self }
    }

    /// Sets request parameters that are strings.
    pub(crate) fn with(self, fields: &[(&str, &str)]) -> Self {
        self.parameters(&texts(fields))
    }

    /// Sets the request parameters.
    pub(crate) fn parameters(self, parameters: &Object) -> Self {
        Self { parameters: Some(parameters.json()), ..self }
    }

    /// Sets the response.
    pub(crate) fn response(self, response: &Object) -> Self {
        Self { response: Some(response.json()), ..self }
    }

    /// Makes the call fail.
    pub(crate) fn fails(self, code: &str, message: &str) -> Self {
        Self { error: Some((code.to_owned(), message.to_owned())), ..self }
    }
}

/// A caller: an identity, an address, a program.
#[derive(Clone)]
pub(crate) struct Actor {
    /// The logs it leaves records in.
    pub(crate) org: Organization,
    /// The account it belongs to.
    pub(crate) account: String,
    /// `userIdentity.principalId`.
    pub(crate) principal_id: String,
    /// `userIdentity.arn`.
    pub(crate) arn: String,
    /// `userIdentity`, as JSON.
    pub(crate) identity: String,
    /// Its address.
    pub(crate) ip: String,
    /// The program that asks STS.
    pub(crate) agent: String,
    /// The program that does the work.
    pub(crate) tool: String,
    /// Where it calls.
    pub(crate) region: &'static str,
    /// The tags it gives to the sessions it issues.
    pub(crate) tags: Vec<(String, String)>,
    /// True for the console.
    pub(crate) console: bool,
}

/// Which accounts' logs tell of a cross-account call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copies {
    /// Both, as it should be.
    Both,
    /// The target account's only.
    TargetOnly,
}

/// One `AssumeRole`.
#[derive(Clone, Debug)]
pub(crate) struct Assume<'a> {
    /// The role.
    pub(crate) role: &'a Role,
    /// The session's name.
    pub(crate) session: &'a str,
    /// The ExternalId.
    pub(crate) external_id: Option<&'a str>,
    /// `durationSeconds`, when it is asked for.
    pub(crate) duration: Option<i64>,
    /// Which logs have it.
    pub(crate) copies: Copies,
    /// The key to issue, where the story wants a certain one.
    pub(crate) key: Option<&'a str>,
}

impl<'a> Assume<'a> {
    /// Asks for a role under a session name.
    pub(crate) fn role(role: &'a Role, session: &'a str) -> Self {
        Self { role, session, external_id: None, duration: Some(3600), copies: Copies::Both, key: None }
    }
}

impl Actor {
    /// Starts an event by this actor.
    pub(crate) fn event(&self, source: &str, name: &str, time: Timestamp) -> Event {
        let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
        let is_global = matches!(service, "iam" | "organizations" | "cloudfront" | "route53");
        let region = if is_global { GLOBAL } else { self.region };
        let host = if is_global { source.to_owned() } else { format!("{service}.{region}.amazonaws.com") };
        Event {
            identity: self.identity.clone(),
            time,
            source: source.to_owned(),
            name: name.to_owned(),
            region: region.to_owned(),
            ip: self.ip.clone(),
            agent: self.agent.clone(),
            error: None,
            parameters: None,
            response: None,
            additional: None,
            request_id: self.org.uuid(),
            id: self.org.uuid(),
            read_only: true,
            role_resource: None,
            kind: API_CALL,
            recipient: self.account.clone(),
            shared_id: None,
            host: self.ip.parse::<IpAddr>().is_ok().then_some(host),
            from_console: self.console,
        }
    }

    /// Makes a call, which goes to the log of the actor's own account.
    pub(crate) fn call(&self, time: Timestamp, call: Call) {
        let mut event = self.event(&call.source, &call.name, time);
        if call.source != "sts.amazonaws.com" {
            event.agent.clone_from(&self.tool);
        }
        if let Some(region) = call.region {
            event.host = event.host.map(|host| host.replace(&event.region, region));
            region.clone_into(&mut event.region);
        }
        event.read_only = call.read_only;
        event.parameters = call.parameters;
        event.response = if call.error.is_some() { None } else { call.response };
        event.error = call.error;
        self.org.write(&event);
    }

    /// Asks STS who it is, as the action does after each step.
    pub(crate) fn who_am_i(&self, time: Timestamp) {
        self.call(time, Call::read("sts", "GetCallerIdentity"));
    }

    /// Assumes a role. A cross-account call leaves a copy in each account's own log.
    pub(crate) fn assume(&self, time: Timestamp, wish: &Assume<'_>) -> Session {
        let role = wish.role;
        let expires = time.plus(wish.duration.unwrap_or(3600));
        let key = wish.key.map_or_else(|| self.org.temporary_key(role.account), str::to_owned);
        let mut event = self.event("sts.amazonaws.com", "AssumeRole", time);
        event.parameters = Some(self.assume_parameters(wish).json());
        let assumed = assumed_role_user(role, wish.session);
        event.response = Some(
            Object::new()
                .object("credentials", &self.org.credentials(&key, expires))
                .object("assumedRoleUser", &assumed)
                .json(),
        );
        event.additional = Some(request_details(self.region, "regional"));
        event.role_resource = Some((role.account.to_owned(), role.arn()));
        if self.account == role.account {
            self.org.write(&event);
        } else {
            event.shared_id = Some(self.org.uuid());
            if wish.copies == Copies::Both {
                self.org.write(&event);
            }
            event.id = self.org.uuid();
            event.identity = foreign_account(&self.principal_id, &self.account);
            role.account.clone_into(&mut event.recipient);
            event.from_console = false;
            self.org.write(&event);
        }
        self.become_session(role, wish.session, &key, time, None)
    }

    /// Asks for a role and is refused: only the caller's own account logs it, and the role stands in the message.
    pub(crate) fn refused(&self, time: Timestamp, role: &Role) {
        let mut event = self.event("sts.amazonaws.com", "AssumeRole", time);
        let message =
            format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {}", self.arn, role.arn());
        event.error = Some(("AccessDenied".to_owned(), message));
        event.additional = Some(request_details(self.region, "regional"));
        self.org.write(&event);
    }

    /// Becomes the session that it was given.
    pub(crate) fn become_session(
        &self,
        role: &Role,
        name: &str,
        key: &str,
        created: Timestamp,
        provider: Option<&str>,
    ) -> Session {
        let identity =
            SessionIdentity { role, name, key: Some(key), created, provider, invoked_by: None, mfa: self.console };
        let actor = Self {
            account: role.account.to_owned(),
            principal_id: format!("{}:{name}", role.unique_id),
            arn: role.session_arn(name),
            identity: identity.json(),
            ..self.clone()
        };
        Session { actor, role: role.clone(), name: name.to_owned(), created }
    }

    fn assume_parameters(&self, wish: &Assume<'_>) -> Object {
        let mut parameters = Object::new()
            .text("roleArn", &wish.role.arn())
            .text("roleSessionName", wish.session)
            .maybe("externalId", wish.external_id);
        if let Some(seconds) = wish.duration {
            parameters = parameters.number("durationSeconds", seconds);
        }
        if !self.tags.is_empty() {
            let tags: Vec<String> =
                self.tags.iter().map(|(key, value)| texts(&[("key", key), ("value", value)]).json()).collect();
            parameters = parameters.raw("tags", &array(&tags));
        }
        parameters
    }
}

/// A session of a role.
#[derive(Clone)]
pub(crate) struct Session {
    actor: Actor,
    /// The role.
    pub(crate) role: Role,
    /// The session's name.
    pub(crate) name: String,
    /// When it was issued.
    pub(crate) created: Timestamp,
}

impl Deref for Session {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl Session {
    /// Returns the session in other hands: another key, address or program.
    pub(crate) fn with_actor(&self, change: impl FnOnce(&mut Actor)) -> Self {
        let mut other = self.clone();
        change(&mut other.actor);
        other
    }

    /// Returns the session as later records show it when they carry another key than the issued one.
    pub(crate) fn under_another_key(&self, key: &str) -> Self {
        let identity = SessionIdentity {
            role: &self.role,
            name: &self.name,
            key: Some(key),
            created: self.created,
            provider: None,
            invoked_by: None,
            mfa: self.console,
        };
        self.with_actor(|actor| actor.identity = identity.json())
    }

    /// Lets a service call with the session: without a key, or with a key of the service's own.
    pub(crate) fn through_service(&self, host: &str, key: Option<&str>) -> Self {
        let identity = SessionIdentity {
            role: &self.role,
            name: &self.name,
            key,
            created: self.created,
            provider: None,
            invoked_by: Some(host),
            mfa: false,
        };
        self.with_actor(|actor| {
            actor.identity = identity.json();
            host.clone_into(&mut actor.ip);
            host.clone_into(&mut actor.tool);
        })
    }
}

/// Returns `responseElements.assumedRoleUser`.
pub(crate) fn assumed_role_user(role: &Role, session: &str) -> Object {
    Object::new()
        .text("assumedRoleId", &format!("{}:{session}", role.unique_id))
        .text("arn", &role.session_arn(session))
}

/// Returns `additionalEventData` with nothing but where STS answered.
pub(crate) fn request_details(region: &str, endpoint: &str) -> String {
    let details = texts(&[("awsServingRegion", region), ("endpointType", endpoint)]);
    Object::new().object("RequestDetails", &details).json()
}

/// The region where most actors call.
pub(crate) const DEFAULT_REGION: &str = HOME;
