//! What went wrong, in words: what it is, and what to do.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::error::SdkError;

/// The header in which S3 says where a bucket is.
const REGION: &str = "x-amz-bucket-region";

/// How much of a foreign message is shown.
const SHOWN: usize = 300;

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Kind {
    /// There are no credentials, or they could not be had.
    NoCredentials,
    /// The profile signs in by `aws login`, which the SDK was built without.
    Login,
    /// The bundle of certificates cannot be used.
    NoTrust,
    /// The credentials have expired.
    Expired,
    /// The credentials are not known, or the signature does not fit them.
    BadCredentials,
    /// The clock of this machine is wrong.
    Clock,
    /// S3 says no.
    Denied,
    /// KMS says no.
    DeniedByKms,
    /// The object is gone.
    NoKey,
    /// The bucket does not exist.
    NoBucket,
    /// The bucket is elsewhere.
    Elsewhere,
    /// The object is in an archive.
    Archived,
    /// Too many requests.
    Throttled,
    /// The server failed.
    Server,
    /// No connection, or one that broke.
    Connection,
    /// Too large to be held.
    TooLarge,
    /// Longer than it was listed: of so many bytes.
    Grown(u64),
    /// What asked for it broke.
    Lost,
    /// Anything else.
    Other,
}

/// One thing that went wrong.
#[derive(Clone, Debug)]
pub(in crate::source) struct Trouble {
    pub(in crate::source) kind: Kind,
    /// What S3 or the system says.
    pub(in crate::source) says: String,
    /// Where the bucket is, when S3 said so.
    pub(super) region: Option<String>,
    /// The answer had begun: the SDK does not try again then.
    pub(super) is_in_body: bool,
}

impl Trouble {
    pub(in crate::source) fn new(kind: Kind, says: impl Into<String>) -> Self {
        Self { kind, says: says.into(), region: None, is_in_body: false }
    }

    /// Makes sense of an error of the SDK.
    pub(in crate::source) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let region = error.raw_response().and_then(|response| response.headers().get(REGION)).map(str::to_owned);
        let status = error.raw_response().map_or(0, |response| response.status().as_u16());
        let trouble = match error {
            SdkError::ServiceError(context) => {
                let error = context.err();
                let (code, says) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
                Self::new(kind(code, says, status), told(code, says, status))
            }
            SdkError::TimeoutError(_) => Self::new(Kind::Connection, "no answer in time"),
            SdkError::ResponseError(_) if status >= 500 => Self::new(Kind::Server, format!("HTTP status {status}")),
            other => {
                let causes = causes(other);
                let is_about_credentials = causes.iter().any(|cause| cause.contains("credential"));
                let is_connection =
                    matches!(other, SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout());
                let kind = if causes.iter().any(|cause| cause.contains("credentials-login")) {
                    Kind::Login
                } else if is_connection {
                    Kind::Connection
                } else if is_about_credentials {
                    Kind::NoCredentials
                } else if matches!(other, SdkError::DispatchFailure(_) | SdkError::ResponseError(_)) {
                    Kind::Connection
                } else {
                    Kind::Other
                };
                let says = causes.last().map_or("", String::as_str);
                let says = match kind {
                    Kind::NoCredentials => credentials_told(says),
                    Kind::Login => "its session can be read by the AWS CLI alone".to_owned(),
                    _ => shown(says),
                };
                Self::new(kind, says)
            }
        };
        Self { region, ..trouble }
    }

    /// Makes sense of an error in mid-body.
    pub(super) fn of_body(error: &(dyn Error + 'static)) -> Self {
        let cause = causes(error).pop().unwrap_or_default();
        let says =
            if cause.contains("before message length") { "it ended too early".to_owned() } else { shown(&cause) };
        Self::in_body(format!("the connection broke in mid-body: {says}"))
    }

    /// A body that ended too early.
    pub(super) fn cut(bytes: usize) -> Self {
        Self::in_body(format!("the connection broke in mid-body, after {bytes} bytes"))
    }

    /// A body that did not come.
    pub(super) fn stalled() -> Self {
        Self::in_body("the connection stalled in mid-body".to_owned())
    }

    fn in_body(says: String) -> Self {
        Self { is_in_body: true, ..Self::new(Kind::Connection, says) }
    }

    /// Says whether the same request may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Server | Kind::Connection | Kind::Grown(_))
    }

    /// Says in one line why an object could not be fetched, and what to do.
    pub(super) fn of_object(&self) -> String {
        match self.kind {
            Kind::Denied => format!(
                "S3 denies access ({}): allow s3:GetObject on it, in the identity's policy and, if the bucket belongs to another account, in the bucket's policy",
                self.says
            ),
            Kind::NoKey => {
                "it was listed and then gone (NoSuchKey): deleted meanwhile, perhaps by a lifecycle rule; run again"
                    .to_owned()
            }
            _ => self.of_either(),
        }
    }

    /// Says in one line why a folder could not be listed, and what to do.
    pub(super) fn of_folder(&self) -> String {
        match self.kind {
            Kind::Denied => format!(
                "S3 denies listing ({}): allow s3:ListBucket on the bucket for this prefix, in the identity's policy and, if the bucket belongs to another account, in the bucket's policy",
                self.says
            ),
            _ => self.of_either(),
        }
    }

    fn of_either(&self) -> String {
        let says = &self.says;
        match self.kind {
            Kind::DeniedByKms => format!(
                "KMS denies decrypting ({says}): allow kms:Decrypt on the key, in the identity's policy and in the key's policy"
            ),
            Kind::Throttled => format!(
                "S3 kept throttling ({says}) through all attempts and a second pass: run again with a lower --concurrency"
            ),
            Kind::Server => format!("S3 kept failing ({says}) through all attempts and a second pass: run again later"),
            Kind::Connection => format!("{says}; all further attempts ended so, too: check the network, and run again"),
            Kind::Archived => format!("it is archived ({says}): restore it first, with s3:RestoreObject"),
            Kind::Expired => format!("the credentials expired during the run ({says}): renew them, and run again"),
            Kind::TooLarge => says.clone(),
            Kind::Grown(_) => format!("{says}: it is being replaced; run again"),
            Kind::Lost => format!("{says}: run again, and report it as a defect of rolechain if it stays"),
            _ => format!("S3 refuses it: {says}"),
        }
    }
}

fn kind(code: &str, says: &str, status: u16) -> Kind {
    match code {
        "AccessDenied" | "Forbidden" | "AllAccessDisabled" if says.contains("kms:") => Kind::DeniedByKms,
        "AccessDenied" | "AccessDeniedException" | "Forbidden" | "AllAccessDisabled" | "AccountProblem" => Kind::Denied,
        "NoSuchKey" | "NotFound" => Kind::NoKey,
        "NoSuchBucket" => Kind::NoBucket,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Kind::Expired,
        // CloudTrail has one code for a wrong key and for a wrong clock.
        "InvalidSignatureException" if says.starts_with("Signature expired") => Kind::Clock,
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidToken"
        | "InvalidSecurity"
        | "NotSignedUp"
        | "UnrecognizedClientException"
        | "InvalidSignatureException" => Kind::BadCredentials,
        "RequestTimeTooSkewed" => Kind::Clock,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => Kind::Elsewhere,
        "InvalidObjectState" => Kind::Archived,
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "SlowDownRead" => Kind::Throttled,
        "RequestTimeout" => Kind::Connection,
        code if code.starts_with("KMS.") => Kind::DeniedByKms,
        _ if says.contains("kms:") => Kind::DeniedByKms,
        _ => match status {
            301 | 307 => Kind::Elsewhere,
            403 => Kind::Denied,
            429 => Kind::Throttled,
            500.. => Kind::Server,
            _ => Kind::Other,
        },
    }
}

/// What the service says: its code, and its message where that helps.
fn told(code: &str, says: &str, status: u16) -> String {
    let code = if code.is_empty() { format!("HTTP status {status}") } else { code.to_owned() };
    let helps = says.contains("not authorized to perform") || kind(&code, says, status) == Kind::Other;
    if helps && !says.is_empty() { shown(&format!("{code}: {says}")) } else { shown(&code) }
}

/// What the SDK says of credentials, for people.
fn credentials_told(says: &str) -> String {
    if says.starts_with("no credentials found in chain") {
        "not in the environment, nor of a profile, a web identity, a container or an instance".to_owned()
    } else if says == "the credential provider was not enabled" {
        "the profile has none, or there is no such profile".to_owned()
    } else if says.contains("IMDS") {
        // The last place that is asked, after all others had none.
        "not in the environment, nor of a profile, a web identity or a container, and the instance's metadata service gives none"
            .to_owned()
    } else {
        shown(says)
    }
}

/// Says how the credentials of `aws login` come to this program.
pub(in crate::source) fn hand_over(profile: Option<&str>) -> String {
    let profile = profile.map(|name| format!(" --profile {name}")).unwrap_or_default();
    format!(
        "hand its credentials over, and leave --profile out: eval \"$(aws configure export-credentials{profile} --format \
         env)\""
    )
}

/// One line of not too many characters.
fn shown(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    line.trim().to_owned()
}

/// The messages of an error and of what caused it, the deepest last.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use super::Trouble;
    use super::kind;
    use super::told;

    #[test]
    fn each_answer_of_s3_has_its_kind() {
        for (code, says, status, expected) in [
            ("AccessDenied", "Access Denied", 403, Kind::Denied),
            ("AccessDenied", "User: x is not authorized to perform: kms:Decrypt on y", 403, Kind::DeniedByKms),
            ("KMS.DisabledException", "", 400, Kind::DeniedByKms),
            ("SlowDown", "", 503, Kind::Throttled),
            ("InternalError", "", 500, Kind::Server),
            ("", "", 503, Kind::Server),
            ("", "", 403, Kind::Denied),
            ("", "", 301, Kind::Elsewhere),
            ("InvalidObjectState", "", 403, Kind::Archived),
            ("MalformedXML", "", 400, Kind::Other),
            ("AccessDeniedException", "no", 400, Kind::Denied),
            (
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
                400,
                Kind::BadCredentials,
            ),
            ("InvalidSignatureException", "Signature expired: 20261105T000000Z is now earlier than", 400, Kind::Clock),
        ] {
            assert_eq!(kind(code, says, status), expected, "{code} {status}");
        }
        assert_eq!(told("AccessDenied", "Access Denied", 403), "AccessDenied");
        assert_eq!(told("Odd", "Some\nthing", 400), "Odd: Some thing");
    }

    #[test]
    fn what_the_sdk_says_is_said_in_words_that_people_know() {
        let forbidden =
            super::credentials_told("request forbidden: IMDS is disabled or the caller has insufficient permissions.");
        assert!(forbidden.ends_with("and the instance's metadata service gives none"), "{forbidden}");
        let error = std::io::Error::other("end of file before message length reached");
        assert_eq!(Trouble::of_body(&error).says, "the connection broke in mid-body: it ended too early");
    }

    #[test]
    fn a_denied_object_and_a_denied_folder_name_the_missing_action() {
        let trouble = |kind| Trouble::new(kind, "AccessDenied");
        assert!(trouble(Kind::Denied).of_object().contains("s3:GetObject"));
        assert!(trouble(Kind::Denied).of_folder().contains("s3:ListBucket"));
        assert!(trouble(Kind::DeniedByKms).of_object().contains("kms:Decrypt"));
    }
}
