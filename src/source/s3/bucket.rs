//! The requests that are made of one bucket. There are two: list a page, get an object.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::RequestPayer;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio::time::timeout;

use super::address::Address;
use super::client;
use super::explain::Kind;
use super::explain::Trouble;
use crate::model::time::Timestamp;
use crate::source::Object;
use crate::source::Place;

/// How often a body is asked for that breaks off: the SDK retries requests, not bodies.
const BODY_ATTEMPTS: u32 = 5;

/// The largest object that is fetched: CloudTrail writes at most 50 MB.
const MAX_OBJECT: u64 = 1 << 30;

/// How much longer than it was listed an object may be. One that was replaced meanwhile is asked for once more, when
/// there is room for it.
pub(super) const SLACK: u64 = 4 << 10;

/// How many pages are asked for at the same time.
const LISTS: usize = 16;

/// The slowest a body may come, in bytes a second, after its first minute.
const SLOWEST: u64 = 64 << 10;

/// What the body of an object is, as it was stored.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The `signature` of the object's metadata: digest files have one.
    pub signature: Option<String>,
    /// The `ETag` of what was fetched, without quotes.
    pub version: Option<String>,
    /// When it was written.
    pub written: Option<Timestamp>,
}

/// One page of a listing.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) objects: Vec<Object>,
    pub(super) folders: Vec<String>,
    /// What asks for the next page.
    pub(super) next: Option<String>,
}

/// What a page shall hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ask<'a> {
    pub(super) prefix: &'a str,
    /// Fold what lies in folders below.
    pub(super) folded: bool,
    /// Begin after this key.
    pub(super) after: Option<&'a str>,
    /// Go on where the page before ended.
    pub(super) token: Option<&'a str>,
    /// Try only a few times: for the very first request, which may show that nothing works.
    pub(super) hastily: bool,
}

/// One bucket, and how it is reached.
#[derive(Clone)]
pub(super) struct Bucket {
    pub(super) address: Address,
    /// Its number among the sources of the run.
    pub(super) number: usize,
    client: Client,
    payer: Option<RequestPayer>,
    lists: Arc<Semaphore>,
}

impl Bucket {
    pub(super) fn new(address: Address, number: usize, client: Client, requester_pays: bool) -> Self {
        let payer = requester_pays.then_some(RequestPayer::Requester);
        Self { address, number, client, payer, lists: Arc::new(Semaphore::new(LISTS)) }
    }

    /// The same bucket, reached in another way.
    pub(super) fn with(self, client: Client) -> Self {
        Self { client, ..self }
    }

    /// Asks for one page of a listing.
    pub(super) async fn page(&self, ask: Ask<'_>) -> Result<Page, Trouble> {
        let _permit = self.lists.acquire().await;
        let request = self
            .client
            .list_objects_v2()
            .bucket(&self.address.bucket)
            .set_prefix((!ask.prefix.is_empty()).then(|| ask.prefix.to_owned()))
            .set_delimiter(ask.folded.then(|| "/".to_owned()))
            .set_start_after(ask.after.filter(|_| ask.token.is_none()).map(str::to_owned))
            .set_continuation_token(ask.token.map(str::to_owned))
            .set_request_payer(self.payer.clone())
            .customize();
        let attempts = if ask.hastily { 3 } else { client::ATTEMPTS };
        let config = aws_sdk_s3::config::Builder::new().retry_config(client::retries(attempts));
        let answer = request.config_override(config).send().await.map_err(|error| Trouble::of(&error))?;
        let next = answer.next_continuation_token().filter(|_| answer.is_truncated() == Some(true)).map(str::to_owned);
        let folders = answer.common_prefixes().iter().filter_map(|folder| folder.prefix().map(str::to_owned)).collect();
        let objects = answer.contents().iter().filter_map(|object| {
            let key = object.key().filter(|key| !key.ends_with('/') && !self.is_hidden(key))?;
            Some(Object {
                name: self.address.name_of(key),
                place: Place::Bucket(self.number),
                size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                version: object.e_tag().map(bare),
            })
        });
        Ok(Page { objects: objects.collect(), folders, next })
    }

    /// Says whether something below the source is hidden: files of such names are passed over on disk, too.
    fn is_hidden(&self, key: &str) -> bool {
        let folder = self.address.prefix.rfind('/').map_or(0, |at| at + 1);
        key.get(folder..).unwrap_or(key).split('/').any(|name| name.starts_with('.'))
    }

    /// Returns the key of an object of this bucket.
    pub(super) fn key_of<'o>(&self, object: &'o Object) -> &'o str {
        // `s3://`, the bucket, and a slash.
        object.name.get(self.address.bucket.len() + 6..).unwrap_or_default()
    }

    /// Fetches one object as a whole.
    pub(super) async fn fetch(&self, object: &Object) -> Result<Fetched, Trouble> {
        if object.size > MAX_OBJECT {
            return Err(too_large(object.size));
        }
        let patience = Duration::from_secs(60 + object.size / SLOWEST);
        let mut attempt = 1;
        loop {
            match self.get(object, patience).await {
                Err(trouble) if trouble.is_in_body && attempt < BODY_ATTEMPTS => {
                    sleep(Duration::from_millis(100 << attempt)).await;
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn get(&self, object: &Object, patience: Duration) -> Result<Fetched, Trouble> {
        let request = self
            .client
            .get_object()
            .bucket(&self.address.bucket)
            .key(self.key_of(object))
            .set_request_payer(self.payer.clone());
        let answer = request.send().await.map_err(|error| Trouble::of(&error))?;
        let signature = answer.metadata().and_then(|metadata| metadata.get("signature")).cloned();
        let version = answer.e_tag().map(bare);
        let written = answer.last_modified().map(|moment| Timestamp(moment.secs()));
        let expected = answer.content_length().and_then(|length| usize::try_from(length).ok());
        let most = object.size.saturating_add(SLACK).min(MAX_OBJECT);
        // No body is held that there is no room for, whatever was listed and whatever the answer promises.
        admit(expected.unwrap_or(0), object.size, most)?;
        let mut body = answer.body;
        let mut bytes = Vec::with_capacity(expected.unwrap_or(0).min(1 << 26));
        let whole = async {
            while let Some(part) = body.try_next().await.map_err(|error| Trouble::of_body(&error))? {
                admit(bytes.len().saturating_add(part.len()), object.size, most)?;
                bytes.extend_from_slice(&part);
            }
            Ok(())
        };
        timeout(patience, whole).await.unwrap_or_else(|_| Err(Trouble::stalled()))?;
        if expected.is_some_and(|expected| expected != bytes.len()) {
            return Err(Trouble::cut(bytes.len()));
        }
        Ok(Fetched { bytes, signature, version, written })
    }
}

/// Refuses a body that is, or has become, longer than there is room for.
fn admit(length: usize, listed: u64, most: u64) -> Result<(), Trouble> {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    if length <= most {
        Ok(())
    } else if length > MAX_OBJECT {
        Err(too_large(length))
    } else {
        Err(Trouble::new(
            Kind::Grown(length),
            format!("it has {length} bytes or more, and {listed} when it was listed"),
        ))
    }
}

fn too_large(length: u64) -> Trouble {
    let says =
        format!("it has {length} bytes or more; what is larger than 1 GiB is not fetched: copy it, and read the copy");
    Trouble::new(Kind::TooLarge, says)
}

/// An `ETag` without the quotes around it.
fn bare(tag: &str) -> String {
    tag.trim_matches('"').to_owned()
}
