//! What machines do all day: the API calls of the workload, as templates.
//!
//! In a template `$a` is the account, `$r` the region, `$h` 17 hexadecimal digits, `$n` a number, `$u` a UUID.

use std::fmt::Write as _;

use crate::ids::Ids;

/// One kind of API call.
pub(crate) struct Kind {
    /// The service: the host name without `.amazonaws.com`.
    pub(crate) service: &'static str,
    /// `eventName`.
    pub(crate) name: &'static str,
    /// `readOnly`.
    pub(crate) read_only: bool,
    parameters: &'static str,
    response: &'static str,
    /// What stands between `eventID` and `readOnly`'s neighbors: `resources`, or nothing.
    resources: &'static str,
}

const NULL: &str = "null";

const fn read(service: &'static str, name: &'static str, parameters: &'static str) -> Kind {
    Kind { service, name, read_only: true, parameters, response: NULL, resources: "" }
}

const fn write(service: &'static str, name: &'static str, parameters: &'static str, response: &'static str) -> Kind {
    Kind { service, name, read_only: false, parameters, response, resources: "" }
}

const KEY_RESOURCE: &str = r#""resources":[{"accountId":"$a","type":"AWS::KMS::Key","ARN":"arn:aws:kms:$r:$a:key/4f6c2d18-90ab-4c3e-8f57-2b1d0e9a7c63"}],"#;

const fn key(name: &'static str, parameters: &'static str) -> Kind {
    Kind { service: "kms", name, read_only: true, parameters, response: NULL, resources: KEY_RESOURCE }
}

/// The calls, the frequent ones first.
pub(crate) const KINDS: [Kind; 36] = [
    key("Decrypt", r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:ebs:id":"vol-$h"}}"#),
    read(
        "ec2",
        "DescribeInstances",
        r#"{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}},{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-$h"}]}}]}}"#,
    ),
    write(
        "ssm",
        "UpdateInstanceInformation",
        r#"{"instanceId":"i-$h","agentVersion":"3.3.3050.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.2.14.71","computerName":"ip-10-2-14-71.$r.compute.internal","agentName":"amazon-ssm-agent","availabilityZone":"$ra","availabilityZoneId":"euc1-az2"}"#,
        NULL,
    ),
    key(
        "GenerateDataKey",
        r#"{"keyId":"arn:aws:kms:$r:$a:alias/aws/s3","keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::acme-$a-data-$r/part-$n.parquet"}}"#,
    ),
    read("s3", "GetBucketAcl", r#"{"bucketName":"acme-$a-logs","Host":"acme-$a-logs.s3.$r.amazonaws.com","acl":""}"#),
    write(
        "logs",
        "CreateLogStream",
        r#"{"logGroupName":"/aws/lambda/orders-worker-$n","logStreamName":"2026/11/09/[$LATEST]$h"}"#,
        NULL,
    ),
    read(
        "ecr",
        "BatchGetImage",
        r#"{"repositoryName":"orders/api","registryId":"$a","imageIds":[{"imageDigest":"sha256:4b1f0c2d$h$h9e7a5d3b1c0f8e6d4a2"}],"acceptedMediaTypes":["application/vnd.oci.image.manifest.v1+json","application/vnd.docker.distribution.manifest.v2+json","application/vnd.docker.distribution.manifest.list.v2+json"]}"#,
    ),
    read(
        "ecr",
        "GetDownloadUrlForLayer",
        r#"{"repositoryName":"orders/api","registryId":"$a","layerDigest":"sha256:90ab4c3e$h$h8f572b1d0e9a7c63f1"}"#,
    ),
    read(
        "elasticloadbalancing",
        "DescribeTargetHealth",
        r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:$r:$a:targetgroup/k8s-orders-api-$n/4f6c2d1890ab4c3e"}"#,
    ),
    read(
        "autoscaling",
        "DescribeAutoScalingGroups",
        r#"{"maxRecords":100,"filters":[{"name":"tag:eks:cluster-name","values":["platform"]}]}"#,
    ),
    read(
        "ec2",
        "DescribeNetworkInterfaces",
        r#"{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"i-$h"}]}}]}}"#,
    ),
    read(
        "ecs",
        "DescribeTasks",
        r#"{"cluster":"arn:aws:ecs:$r:$a:cluster/orders","tasks":["arn:aws:ecs:$r:$a:task/orders/$h","arn:aws:ecs:$r:$a:task/orders/$h"],"include":["TAGS"]}"#,
    ),
    read("ecs", "DescribeServices", r#"{"cluster":"orders","services":["orders-api","orders-worker"]}"#),
    read("dynamodb", "DescribeTable", r#"{"tableName":"orders-$n"}"#),
    read("rds", "DescribeDBInstances", r#"{"dBInstanceIdentifier":"orders-$n"}"#),
    read("lambda", "GetFunction20150331v2", r#"{"functionName":"arn:aws:lambda:$r:$a:function:orders-worker-$n"}"#),
    read(
        "secretsmanager",
        "GetSecretValue",
        r#"{"secretId":"arn:aws:secretsmanager:$r:$a:secret:orders/db-$n","versionStage":"AWSCURRENT"}"#,
    ),
    read(
        "ssm",
        "GetParameters",
        r#"{"names":["/orders/api/url","/orders/api/timeout","/orders/$n"],"withDecryption":true}"#,
    ),
    read("cloudformation", "DescribeStacks", r#"{"stackName":"orders-$n"}"#),
    read("iam", "GetRole", r#"{"roleName":"orders-worker-$n"}"#),
    read("organizations", "ListAccounts", NULL),
    read("monitoring", "DescribeAlarms", r#"{"maxRecords":100,"alarmTypes":["MetricAlarm"],"stateValue":"ALARM"}"#),
    read("tagging", "GetResources", r#"{"resourcesPerPage":100,"tagFilters":[{"key":"team","values":["orders"]}]}"#),
    read("eks", "DescribeCluster", r#"{"name":"platform"}"#),
    write(
        "ec2",
        "CreateNetworkInterface",
        r#"{"networkInterfaceSet":{},"subnetId":"subnet-$h","description":"aws-K8S-i-$h","groupSet":{"items":[{"groupId":"sg-$h"}]},"privateIpAddressesSet":{},"clientToken":"$u"}"#,
        r#"{"requestId":"$u","networkInterface":{"networkInterfaceId":"eni-$h","subnetId":"subnet-$h","vpcId":"vpc-$h","availabilityZone":"$ra","description":"aws-K8S-i-$h","ownerId":"$a","requesterManaged":false,"status":"pending","macAddress":"0a:1b:2c:3d:4e:5f","privateIpAddress":"10.2.14.71","sourceDestCheck":true,"interfaceType":"interface"}}"#,
    ),
    write(
        "ec2",
        "RunInstances",
        r#"{"instancesSet":{"items":[{"minCount":1,"maxCount":1}]},"blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"$u","launchTemplate":{"launchTemplateId":"lt-$h","version":"7"}}"#,
        r#"{"requestId":"$u","reservationId":"r-$h","ownerId":"$a","groupSet":{},"instancesSet":{"items":[{"instanceId":"i-$h","imageId":"ami-$h","currentState":{"code":0,"name":"pending"},"instanceType":"m7g.large","amiLaunchIndex":0,"placement":{"availabilityZone":"$ra","tenancy":"default"},"subnetId":"subnet-$h","vpcId":"vpc-$h","architecture":"arm64"}]}}"#,
    ),
    write(
        "ec2",
        "CreateTags",
        r#"{"resourcesSet":{"items":[{"resourceId":"eni-$h"}]},"tagSet":{"items":[{"key":"node.k8s.amazonaws.com/instance_id","value":"i-$h"},{"key":"team","value":"orders"}]}}"#,
        r#"{"requestId":"$u","_return":true}"#,
    ),
    write(
        "ecs",
        "RegisterTaskDefinition",
        r#"{"family":"orders-api","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"512","memory":"1024","containerDefinitions":[{"name":"api","image":"$a.dkr.ecr.$r.amazonaws.com/orders/api:$n","portMappings":[{"containerPort":8080}],"essential":true}]}"#,
        r#"{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:$r:$a:task-definition/orders-api:$n","family":"orders-api","revision":$n,"status":"ACTIVE"}}"#,
    ),
    write(
        "ecs",
        "UpdateService",
        r#"{"cluster":"orders","service":"orders-api","taskDefinition":"orders-api:$n","forceNewDeployment":false}"#,
        r#"{"service":{"serviceArn":"arn:aws:ecs:$r:$a:service/orders/orders-api","serviceName":"orders-api","clusterArn":"arn:aws:ecs:$r:$a:cluster/orders","status":"ACTIVE","desiredCount":4,"runningCount":4,"pendingCount":0}}"#,
    ),
    write(
        "cloudformation",
        "CreateChangeSet",
        r#"{"stackName":"orders-$n","changeSetName":"release-$n","capabilities":["CAPABILITY_NAMED_IAM"],"changeSetType":"UPDATE"}"#,
        r#"{"id":"arn:aws:cloudformation:$r:$a:changeSet/release/$u","stackId":"arn:aws:cloudformation:$r:$a:stack/orders/$u"}"#,
    ),
    write(
        "ecr",
        "PutImage",
        r#"{"repositoryName":"orders/api","registryId":"$a","imageTag":"$n","imageManifestMediaType":"application/vnd.oci.image.manifest.v1+json"}"#,
        r#"{"image":{"registryId":"$a","repositoryName":"orders/api","imageId":{"imageDigest":"sha256:90ab4c3e$h$h8f572b1d0e9a7c63f1","imageTag":"$n"}}}"#,
    ),
    write(
        "s3",
        "PutBucketTagging",
        r#"{"bucketName":"acme-$a-data-$r","tagging":"","Host":"s3.$r.amazonaws.com"}"#,
        NULL,
    ),
    write(
        "lambda",
        "UpdateFunctionCode20150331v2",
        r#"{"functionName":"orders-worker-$n","s3Bucket":"acme-$a-artifacts","s3Key":"orders/$n.zip","publish":true,"dryRun":false}"#,
        r#"{"functionName":"orders-worker-$n","functionArn":"arn:aws:lambda:$r:$a:function:orders-worker-$n","runtime":"python3.13","role":"arn:aws:iam::$a:role/service-role/orders-worker","handler":"app.handler","codeSize":1048576,"timeout":30,"memorySize":256,"version":"$n"}"#,
    ),
    write(
        "route53",
        "ChangeResourceRecordSets",
        r#"{"hostedZoneId":"Z0EXAMPLE1234567","changeBatch":{"changes":[{"action":"UPSERT","resourceRecordSet":{"name":"api-$n.acme.example","type":"A","tTL":300}}]}}"#,
        r#"{"changeInfo":{"id":"/change/C0EXAMPLE$n","status":"PENDING"}}"#,
    ),
    write(
        "autoscaling",
        "CompleteLifecycleAction",
        r#"{"autoScalingGroupName":"eks-platform-$n","lifecycleActionResult":"CONTINUE","instanceId":"i-$h","lifecycleHookName":"drain"}"#,
        NULL,
    ),
    // The last is nobody's habit.
    read("sts", "GetCallerIdentity", NULL),
];

impl Kind {
    /// Writes `requestParameters` and `responseElements` of one call, a failed one without a response.
    pub(crate) fn write_body(&self, out: &mut String, failed: bool, place: (&str, &str), ids: &mut Ids) {
        out.push_str(r#","requestParameters":"#);
        expand(self.parameters, out, place, ids);
        out.push_str(r#","responseElements":"#);
        expand(if failed { NULL } else { self.response }, out, place, ids);
    }

    /// Writes `resources`, where the call has any.
    pub(crate) fn write_resources(&self, out: &mut String, place: (&str, &str), ids: &mut Ids) {
        expand(self.resources, out, place, ids);
    }
}

fn expand(template: &str, out: &mut String, (account, region): (&str, &str), ids: &mut Ids) {
    let mut parts = template.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (letter, rest) = part.split_at(1);
        match letter {
            "a" => out.push_str(account),
            "r" => out.push_str(region),
            "u" => ids.write_uuid(out),
            // A resource is used again and again: few of the digits differ.
            "h" => write_number(out, format_args!("0a1b2c3d4e5f{:05x}", ids.below(400))),
            "n" => write_number(out, format_args!("{}", ids.below(60))),
            _ => {
                out.push('$');
                out.push_str(letter);
            }
        }
        out.push_str(rest);
    }
}

fn write_number(out: &mut String, digits: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = out.write_fmt(digits);
}
