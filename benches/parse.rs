//! How fast records are read, beside the floor: inflating them and nothing else. Compare ratios only.
#![allow(clippy::as_conversions, clippy::indexing_slicing, clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use rolechain::model::coverage::DefectKind;
use rolechain::model::record::{Record, RecordIndex, RecordSink};
use rolechain::read::{Limits, Scratch, read_object};

/// Counts, and looks at a few fields so that they are not optimized away.
#[derive(Default)]
struct Count {
    records: u64,
    defects: u64,
    bytes: usize,
}

impl RecordSink for Count {
    fn record(&mut self, _: RecordIndex, record: &Record<'_>) {
        self.records += 1;
        self.bytes += record.event_name.as_deref().map_or(0, str::len) + record.user_identity.map_or(0, str::len);
    }

    fn defect(&mut self, _: Option<RecordIndex>, _: DefectKind, _: &str) {
        self.defects += 1;
    }
}

/// A small generator: the corpus is the same on every run.
struct Lcg(u64);

impl Lcg {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[usize::try_from(self.next(16)).unwrap()])).collect()
    }

    fn uuid(&mut self) -> String {
        format!("{}-{}-4{}-a{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12))
    }
}

const CALLS: [(&str, &str, &str, &str); 6] = [
    (
        "ec2.amazonaws.com",
        "DescribeInstances",
        "true",
        r#"{"maxResults":100,"instancesSet":{},"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"web-*"}]}}]}}"#,
    ),
    (
        "s3.amazonaws.com",
        "PutObject",
        "false",
        r#"{"bucketName":"acme-orders-artifacts","Host":"acme-orders-artifacts.s3.eu-central-1.amazonaws.com","key":"builds/2026/11/21/orders-1.2.3.tar.gz","x-amz-acl":"bucket-owner-full-control"}"#,
    ),
    (
        "ecs.amazonaws.com",
        "UpdateService",
        "false",
        r#"{"cluster":"prod","service":"orders","desiredCount":4,"deploymentConfiguration":{"maximumPercent":200,"minimumHealthyPercent":100},"taskDefinition":"orders:311"}"#,
    ),
    (
        "iam.amazonaws.com",
        "PutRolePolicy",
        "false",
        r#"{"roleName":"orders","policyName":"inline","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#,
    ),
    (
        "logs.amazonaws.com",
        "CreateLogStream",
        "false",
        r#"{"logGroupName":"/aws/lambda/orders","logStreamName":"2026/11/21/[$LATEST]0123456789abcdef"}"#,
    ),
    (
        "kms.amazonaws.com",
        "Decrypt",
        "true",
        r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::acme-orders-artifacts"}}"#,
    ),
];

fn record(random: &mut Lcg) -> String {
    let (source, name, read_only, parameters) = CALLS[usize::try_from(random.next(6)).unwrap()];
    let role = ["gha-orders", "ci-deploy-role", "orders-task", "AWSReservedSSO_Admin_0123456789abcdef"]
        [usize::try_from(random.next(4)).unwrap()];
    let (session, id) = (random.hex(12), random.hex(16).to_uppercase());
    let (hour, minute, second) = (random.next(24), random.next(60), random.next(60));
    let error = if random.next(20) == 0 {
        format!(
            r#""errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::123456789012:assumed-role/{role}/{session} is not authorized to perform: {name} because no identity-based policy allows the action","#
        )
    } else {
        String::new()
    };
    let response = if read_only == "true" {
        "null".to_owned()
    } else {
        format!(r#"{{"requestId":"{}","_return":true}}"#, random.uuid())
    };
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"AssumedRole","principalId":"AROA{id}:{session}","arn":"arn:aws:sts::123456789012:assumed-role/{role}/{session}","accountId":"123456789012","accessKeyId":"ASIA{id}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{id}","arn":"arn:aws:iam::123456789012:role/{role}","accountId":"123456789012","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"2026-11-21T{hour:02}:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"2026-11-21T{hour:02}:{minute:02}:{second:02}Z","eventSource":"{source}","eventName":"{name}","awsRegion":"eu-central-1","sourceIPAddress":"10.{}.{}.7","userAgent":"aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/{source}#1.40.1",{error}"requestParameters":{parameters},"responseElements":{response},"requestID":"{}","eventID":"{}","readOnly":{read_only},"resources":[{{"accountId":"123456789012","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::acme-orders-artifacts"}}],"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{source}"}}}}"#,
        random.next(256),
        random.next(256),
        random.uuid(),
        random.uuid(),
    )
}

fn objects(count: usize, records: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut random = Lcg(7);
    (0..count)
        .map(|_| {
            let body: Vec<String> = (0..records).map(|_| record(&mut random)).collect();
            let text = format!("{{\"Records\":[{}]}}", body.join(",")).into_bytes();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&text).unwrap();
            (encoder.finish().unwrap(), text)
        })
        .collect()
}

/// Runs `work` several times and prints the best speed over `bytes`.
fn measure(name: &str, bytes: usize, mut work: impl FnMut()) {
    // With an argument, only what it names: for a profiler.
    if std::env::args().nth(1).is_some_and(|only| !only.starts_with('-') && only != name) {
        return;
    }
    let mut best = f64::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    #[allow(clippy::cast_precision_loss)]
    let speed = bytes as f64 / best / 1e6;
    println!("{name:32} {speed:8.0} MB/s");
}

fn main() {
    let corpus = objects(300, 130);
    let bytes: usize = corpus.iter().map(|(_, text)| text.len()).sum();
    let packed: usize = corpus.iter().map(|(packed, _)| packed.len()).sum();
    println!(
        "{} objects, {} B a record, {} MB, {} MB packed",
        corpus.len(),
        bytes / 300 / 130,
        bytes >> 20,
        packed >> 20
    );

    let mut inflater = libdeflater::Decompressor::new();
    let mut buffer = vec![0; corpus.iter().map(|(_, text)| text.len()).max().unwrap_or(0)];
    measure("inflate", bytes, || {
        for (packed, _) in &corpus {
            black_box(inflater.gzip_decompress(packed, &mut buffer).unwrap());
        }
    });
    measure("inflate + UTF-8", bytes, || {
        for (packed, _) in &corpus {
            let length = inflater.gzip_decompress(packed, &mut buffer).unwrap();
            black_box(simdutf8::basic::from_utf8(&buffer[..length]).unwrap());
        }
    });
    let limits = Limits::default();
    let mut scratch = Scratch::default();
    let mut count = Count::default();
    measure("inflate + UTF-8 + records", bytes, || {
        count = Count::default();
        for (packed, _) in &corpus {
            read_object(packed, &mut scratch, &limits, &mut count);
        }
    });
    measure("UTF-8 + records", bytes, || {
        count = Count::default();
        for (_, text) in &corpus {
            read_object(text, &mut scratch, &limits, &mut count);
        }
    });
    // The same small object again and again: what parsing costs when memory does not matter.
    measure("UTF-8 + records, in the cache", bytes, || {
        count = Count::default();
        for _ in &corpus {
            read_object(&corpus[0].1, &mut scratch, &limits, &mut count);
        }
    });
    println!("{} records, {} defects, {}", count.records, count.defects, count.bytes);
}
