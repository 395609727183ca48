//! Story 01: an organization that does everything right, with the noise that every organization makes.

use rolechain::model::time::Timestamp;

use super::Story;
use super::cast::{
    ORDERS_PROD, background, entry_prod, entry_staging, reach_prod, reach_staging, release, update_service,
};
use crate::support::actor::Call;
use crate::support::identity::untyped;
use crate::support::organization::{Organization, Role};
use crate::support::{GLOBAL, PROD, STAGING, at};

const CLUSTER: &str = "5E1D0C7A92B34F68A0D3C4E5F6071829";

/// A fortnight of releases. On 5 November the repository moves to immutable subjects.
pub(super) fn story() -> Story {
    let org = Organization::new("01-healthy");
    for day in [2, 3, 5, 9, 10, 12] {
        let morning = at(&format!("2026-11-{day:02}T08:41:00Z"));
        let subject = if day < 5 { "acme/orders:environment:prod" } else { ORDERS_PROD };
        let job = org.github_job(subject, "main");
        let deploy = reach_prod(&job, &entry_prod(), morning);
        if matches!(day, 3 | 9) {
            release(&deploy, morning);
            let stack = deploy.through_service("cloudformation.amazonaws.com", Some(&org.temporary_key(PROD)));
            stack.call(morning.plus(52), Call::write("ecs", "CreateService").with(&[("cluster", "orders")]));
            let secret = deploy.through_service("AWS Internal", Some(&org.temporary_key(PROD)));
            secret.call(
                morning.plus(53),
                Call::read("kms", "Decrypt").with(&[("encryptionAlgorithm", "SYMMETRIC_DEFAULT")]),
            );
        } else {
            update_service(&deploy, morning.plus(20));
        }
        if matches!(day, 3 | 5 | 9) {
            staging(&org, morning.plus(-1_020), day);
        }
        if matches!(day, 2 | 10) {
            background(&org, morning.plus(3_600));
        }
        if day == 10 {
            machines(&org, morning.plus(3_900));
            rotation(&org, morning.plus(3_930));
        }
    }
    reader(&org, at("2026-11-04T13:05:00Z"));
    org.deliver_some_twice(29);
    let mut story = Story::new("01-healthy", "A healthy organization", org);
    story.objects.extend(story.org.account_trail(PROD, "2026-11-10"));
    story.told(
        "For a fortnight GitHub Actions runs of `acme/orders` enter the tooling account, go on to the deploy role of production\n\
         or staging with an ExternalId and session tags, and release. On 5 November the repository switches to immutable\n\
         subjects (`repo:acme@4242/orders@9001:…`). Around that: service roles of EC2, Lambda and Config, a service account of\n\
         an EKS cluster, calls that AWS services make on behalf of a session, a person reading through Identity Center (whose\n\
         calls carry another key than the one issued). Some records are delivered twice, and one day of production once more\n\
         by a second trail (`account-trail/`).",
        "for each form of the subject one route through `gha-orders-prod` to production's `ci-deploy-role` and\n\
         one through `gha-orders-staging` to staging's, every link exact, duplicates counted once, and no finding at all.",
    )
}

fn staging(org: &Organization, at: Timestamp, day: i32) {
    let subject = if day < 5 { "acme/orders:ref:refs/heads/main" } else { "acme@4242/orders@9001:ref:refs/heads/main" };
    let mut job = org.github_job(subject, "main");
    if day == 9 {
        job = job.through_global_endpoint();
    }
    let deploy = reach_staging(&job, &entry_staging(), at);
    update_service(&deploy, at.plus(25));
}

/// Roles of machines: an instance, a function, a pod.
fn machines(org: &Organization, at: Timestamp) {
    let role = Role::new(PROD, "orders-bastion");
    let instance = org.service_session(at, &role, "ec2.amazonaws.com", "i-0a1b2c3d4e5f60718", 21_600);
    let agent = "aws-sdk-go/1.55.8 (go1.24.9; linux; amd64) amazon-ssm-agent/3.3.3050.0";
    let instance = instance.with_actor(|actor| {
        "203.0.113.30".clone_into(&mut actor.ip);
        agent.clone_into(&mut actor.tool);
    });
    for minutes in 1..4 {
        let call = Call::write("ssm", "UpdateInstanceInformation").with(&[("instanceId", "i-0a1b2c3d4e5f60718")]);
        instance.call(at.plus(minutes * 60), call);
    }

    let role = Role::new(STAGING, "service-role/orders-worker-role");
    let worker = org.service_session(at.plus(5), &role, "lambda.amazonaws.com", "orders-worker", 43_200);
    let delivered = worker.through_service("lambda.amazonaws.com", None);
    delivered.call(at.plus(6), Call::read("kms", "Decrypt"));
    let code = worker.with_actor(|actor| {
        "203.0.113.31".clone_into(&mut actor.ip);
        "Boto3/1.42.1 md/Botocore#1.42.1 ua/2.1 os/linux lang/python#3.13.9 exec-env/AWS_Lambda_python3.13"
            .clone_into(&mut actor.tool);
    });
    code.call(
        at.plus(7),
        Call::write("logs", "CreateLogStream").with(&[("logGroupName", "/aws/lambda/orders-worker")]),
    );

    let role = Role::new(PROD, "eks/external-dns");
    let pod = org.service_account(CLUSTER, "kube-system:external-dns", "203.0.113.32").enter(at.plus(9), &role);
    pod.call(at.plus(10), Call::read("route53", "ListHostedZones").region(GLOBAL));
    let zone = [("hostedZoneId", "Z0EXAMPLE1234567")];
    pod.call(at.plus(12), Call::write("route53", "ChangeResourceRecordSets").with(&zone).region(GLOBAL));
}

/// KMS turns a key over, and says so as a service without a type.
fn rotation(org: &Organization, at: Timestamp) {
    let host = "kms.amazonaws.com";
    let (mut service, _) = org.user(PROD, "nobody", host, host);
    service.identity = untyped(PROD, host);
    let mut event = service.event(host, "RotateKey", at);
    event.kind = "AwsServiceEvent";
    event.read_only = false;
    org.write(&event);
}

/// A person who looks, through Identity Center.
fn reader(org: &Organization, at: Timestamp) {
    let person = org.person(at, PROD, "ReadOnly", "alice@acme.example", "203.0.113.7");
    person.call(at.plus(20), Call::read("ecs", "DescribeServices").with(&[("cluster", "orders")]));
    person.call(at.plus(65), Call::read("cloudformation", "DescribeStacks").with(&[("stackName", "orders")]));
    person.call(at.plus(90), Call::read("logs", "DescribeLogGroups"));
}
