//! Ways to a bucket: profiles that take roles, endpoints of services, bundles of certificates, and spellings of addresses.

use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::s3::command;
use super::s3::counts;
use super::s3::many;
use super::s3::report;
use super::s3::run;
use crate::support::s3::Faults;
use crate::support::s3::KEY;
use crate::support::s3::SECRET;
use crate::support::s3::Server;

/// Answers one `AssumeRole`, and returns what was asked.
fn security_token_service() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().unwrap().0);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let before = head.len();
            reader.read_line(&mut head).unwrap();
            if let Some(value) = head[before..].to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials><AccessKeyId>{KEY}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>made-up</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        );
        let status = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close";
        let answer = format!("{status}\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
        reader.into_inner().write_all(answer.as_bytes()).unwrap();
        String::from_utf8(body).unwrap()
    });
    (address, server)
}

/// A run with this configuration and without any endpoint or key in the environment.
fn configured(config: &Path, text: &str, args: &[&str]) -> Command {
    fs::write(config, text).unwrap();
    let mut command = command(None, args);
    command.env("AWS_CONFIG_FILE", config).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    command
}

#[test]
fn a_profile_may_take_a_role() {
    let server = Server::start(many("eu-central-1", 1, 3), Faults::default());
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let text = "[profile base]\naws_access_key_id = AKIAEXAMPLEBASE00000\naws_secret_access_key = made-up\n\n[profile audit]\nregion = eu-central-1\nrole_arn = arn:aws:iam::111111111111:role/audit\nsource_profile = base\n";
    for by_flag in [true, false] {
        let (address, asked) = security_token_service();
        let mut args = vec!["audit", "s3://logs", "--format", "json"];
        if by_flag {
            args.extend(["--profile", "audit"]);
        }
        let mut command = configured(&config, text, &args);
        command.env("AWS_ENDPOINT_URL_S3", server.url()).env("AWS_ENDPOINT_URL_STS", address);
        if by_flag {
            // Who names a profile means the profile.
            command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEOTHER0000").env("AWS_SECRET_ACCESS_KEY", "other");
        } else {
            command.env("AWS_PROFILE", "audit");
        }
        assert_eq!(counts(&report(&run(&mut command, 0).0)), (3, 3, 0));
        assert!(asked.join().unwrap().contains("role%2Faudit"));
    }
}

#[test]
fn an_endpoint_is_found_wherever_it_is_configured() {
    let server = Server::start(many("eu-central-1", 1, 3), Faults::default());
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let keys = format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    let url = server.url();
    let of_service = format!("[default]\n{keys}services = local\n\n[services local]\ns3 =\n  endpoint_url = {url}\n");
    let of_profile = format!("[profile here]\n{keys}endpoint_url = {url}\n");
    let args = ["audit", "s3://logs", "--format", "json"];
    for mut command in [
        configured(&config, &of_service, &args),
        configured(&folder.path().join("other"), &of_profile, &[&args[..], &["--profile", "here"]].concat()),
    ] {
        assert_eq!(counts(&report(&run(&mut command, 0).0)), (3, 3, 0));
    }
    // It can be told to be passed over.
    let mut command = configured(&config, &of_service, &args);
    command.env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true").env("HTTPS_PROXY", "http://127.0.0.1:9");
    run(&mut command, 2);
}

#[test]
fn what_cannot_be_used_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let login = "[profile me]\nlogin_session = arn:aws:iam::111111111111:user/me\n";
    let args = ["audit", "s3://logs", "--profile", "me"];
    let (_, stderr) = run(&mut configured(&config, login, &args), 2);
    assert!(stderr.contains("aws login") && stderr.contains("export-credentials --profile me"), "{stderr}");
    let (_, stderr) = run(&mut configured(&config, &login.replace("profile me", "default"), &args[..2]), 2);
    assert!(stderr.contains("aws configure export-credentials --format env"), "{stderr}");
    let keys = format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    let bundle = format!("[profile me]\n{keys}ca_bundle = {}/none.pem\n", folder.path().display());
    let (_, stderr) = run(&mut configured(&config, &bundle, &args), 2);
    assert!(stderr.contains("none.pem"), "{stderr}");
    let (_, stderr) = run(configured(&config, "", &args[..2]).env("AWS_CA_BUNDLE", &config), 2);
    assert!(stderr.contains("no certificate in it"), "{stderr}");
    for (source, right) in [
        ("arn:aws:s3:::logs/AWSLogs/", "write s3://logs/AWSLogs/"),
        ("https://logs.s3.eu-central-1.amazonaws.com/AWSLogs/", "write s3://logs/AWSLogs/"),
        ("https://s3.console.aws.amazon.com/s3/buckets/logs?prefix=AWSLogs/", "write s3://logs/AWSLogs/"),
        ("s3a://logs", "write s3://logs"),
        ("s3n://logs/x", "write s3://logs/x"),
    ] {
        for name in ["audit", "verify", "chains"] {
            let (_, stderr) = run(&mut command(None, &[name, source]), 2);
            assert!(stderr.contains(right), "{stderr}");
        }
    }
}
