//! The first requests: whether a source can be listed at all, where its bucket is, and what its prefix means.

use std::sync::Arc;

use super::address::Address;
use super::bucket::Ask;
use super::bucket::Bucket;
use super::bucket::Page;
use super::client::Account;
use super::discover;
use super::explain;
use super::explain::Kind;
use super::explain::Trouble;
use super::layout::Bounds;
use super::list::Lister;
use super::list::Stretch;
use super::options::Options;
use crate::source::Object;
use crate::source::SourceError;

/// What a source's prefix names.
pub(super) enum Meaning {
    /// A folder, with its slash; or the whole bucket.
    Folder(String),
    /// One object.
    Object(Object),
    /// All keys that begin so.
    Beginning(String),
}

/// A source that can be listed.
pub(super) struct Opened {
    pub(super) bucket: Bucket,
    pub(super) meaning: Meaning,
}

impl Opened {
    /// Asks for the first page of a source.
    pub(super) async fn open(
        address: &Address,
        number: usize,
        account: &Account,
        options: &Options,
    ) -> Result<Self, SourceError> {
        let region = account.region();
        let client = account.client(&region);
        let mut bucket = Bucket::new(address.clone(), number, client, options.request_payer);
        let prefix = address.prefix.clone();
        let mut page = first_page(&bucket, &prefix).await;
        if let Err(Trouble { region: Some(right), .. }) = &page
            && *right != region
        {
            bucket = bucket.with(account.client(right));
            page = first_page(&bucket, &prefix).await;
        }
        let page = page.map_err(|trouble| refuse(address, &trouble, options, account))?;
        let meaning = meaning(&bucket, &prefix, page).ok_or_else(|| nothing(address))?;
        Ok(Self { bucket, meaning })
    }

    /// Lists the source.
    pub(super) async fn list(lister: Arc<Lister>, meaning: Meaning) {
        match meaning {
            Meaning::Folder(folder) => discover::folder(lister, folder).await,
            Meaning::Object(object) => lister.send([object]).await,
            Meaning::Beginning(prefix) => {
                lister.straight(Stretch { prefix, bounds: Bounds::default() }).await;
            }
        }
    }
}

async fn first_page(bucket: &Bucket, prefix: &str) -> Result<Page, Trouble> {
    let ask = Ask { prefix, folded: true, hastily: true, ..Ask::default() };
    match bucket.page(ask).await {
        // Nothing may be wrong but the moment: then there is time.
        Err(trouble) if matches!(trouble.kind, Kind::Throttled | Kind::Server) => {
            bucket.page(Ask { hastily: false, ..ask }).await
        }
        page => page,
    }
}

fn meaning(bucket: &Bucket, prefix: &str, page: Page) -> Option<Meaning> {
    if page.objects.is_empty() && page.folders.is_empty() {
        return None;
    }
    if prefix.is_empty() || prefix.ends_with('/') {
        return Some(Meaning::Folder(prefix.to_owned()));
    }
    let folder = format!("{prefix}/");
    if page.folders.contains(&folder) {
        return Some(Meaning::Folder(folder));
    }
    let object = page.objects.into_iter().find(|object| bucket.key_of(object) == prefix);
    Some(object.map_or_else(|| Meaning::Beginning(prefix.to_owned()), Meaning::Object))
}

fn nothing(address: &Address) -> SourceError {
    let Address { bucket, prefix } = address;
    SourceError::Bucket {
        name: address.name_of(prefix),
        reason: "nothing is there".to_owned(),
        hint: format!("see what the bucket holds: aws s3 ls s3://{bucket}/"),
    }
}

/// Says why a source cannot be read, and what to do.
fn refuse(address: &Address, trouble: &Trouble, options: &Options, account: &Account) -> SourceError {
    let region = account.region();
    let Address { bucket, prefix } = address;
    let says = &trouble.says;
    let profile = options.profile.as_deref().map(|name| format!(" --profile {name}")).unwrap_or_default();
    let (reason, hint) = match trouble.kind {
        Kind::NoCredentials => (
            format!("no AWS credentials: {says}"),
            format!(
                "name a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, renew with `aws sso login{profile}`, or pass --no-sign-request for a public bucket"
            ),
        ),
        Kind::Login => {
            (format!("the profile signs in by `aws login`: {says}"), explain::hand_over(options.profile.as_deref()))
        }
        Kind::Expired => (
            format!("the credentials have expired ({says})"),
            format!("renew them, for example with `aws sso login{profile}`"),
        ),
        Kind::BadCredentials => (
            format!("S3 does not accept the credentials ({says})"),
            "check which ones are used: `aws sts get-caller-identity`; environment variables go before profiles"
                .to_owned(),
        ),
        Kind::Clock => {
            (format!("the clock of this machine is wrong ({says})"), "set the clock, and run again".to_owned())
        }
        Kind::Denied if options.no_sign_request => (
            format!("S3 denies it to anonymous requests ({says})"),
            "the bucket is not public: leave --no-sign-request out".to_owned(),
        ),
        Kind::Denied | Kind::DeniedByKms => (
            format!("S3 denies listing ({says})"),
            format!(
                "allow s3:ListBucket on the bucket {bucket}{}, in the identity's policy and, if the bucket belongs to another account, in the bucket's policy",
                if prefix.is_empty() {
                    " as a whole, or name a prefix that may be listed (s3://bucket/AWSLogs/)".to_owned()
                } else {
                    format!(" for the prefix `{prefix}`")
                }
            ),
        ),
        Kind::NoBucket | Kind::NoKey => {
            (format!("there is no such bucket ({says})"), "check its name: aws s3 ls".to_owned())
        }
        Kind::Elsewhere => (
            format!("the bucket is not in the region {region} ({says})"),
            "name its region with --region-of-bucket; `aws s3api get-bucket-location` tells it".to_owned(),
        ),
        Kind::Connection => {
            let hint = match account.endpoint() {
                Some(url) => format!("check that {url} is the right endpoint, and that it can be reached"),
                None => "check the network, the proxy, and AWS_ENDPOINT_URL if it is set".to_owned(),
            };
            (format!("S3 cannot be reached: {says}"), hint)
        }
        Kind::Throttled | Kind::Server => (format!("S3 keeps failing: {says}"), "run again later".to_owned()),
        Kind::NoTrust | Kind::Archived | Kind::TooLarge | Kind::Grown(_) | Kind::Lost | Kind::Other => {
            (format!("S3 refuses it: {says}"), "check the bucket, the prefix and the flags".to_owned())
        }
    };
    SourceError::Bucket { name: address.name_of(prefix), reason, hint }
}
