//! A bucket over HTTP on the loopback interface: lists and gets as S3 does, checks signatures, and fails on demand.
#![allow(dead_code, reason = "the bench uses some of it, and the tests the rest")]
#![allow(clippy::unwrap_used, reason = "the bench compiles it outside of tests")]
#![allow(clippy::struct_excessive_bools, reason = "each fault is one")]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::Builder;
use s3s::S3;
use s3s::S3Error;
use s3s::S3ErrorCode;
use s3s::S3Request;
use s3s::S3Response;
use s3s::S3Result;
use s3s::access::S3Access;
use s3s::access::S3AccessContext;
use s3s::auth::SimpleAuth;
use s3s::dto::CommonPrefix;
use s3s::dto::ETag;
use s3s::dto::GetObjectInput;
use s3s::dto::GetObjectOutput;
use s3s::dto::ListObjectsV2Input;
use s3s::dto::ListObjectsV2Output;
use s3s::dto::Object;
use s3s::dto::StreamingBlob;
use s3s::s3_error;
use s3s::service::S3ServiceBuilder;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// The one bucket that there is.
pub(crate) const BUCKET: &str = "logs";
/// The one access key id that is known.
pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// What signs.
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// What goes wrong, by plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// So many of a hundred answers are `SlowDown`.
    pub(crate) slow_down: u64,
    /// The first so many requests for keys with this in them fail with `InternalError`.
    pub(crate) broken: Option<(&'static str, usize)>,
    /// Prefixes with this in them may not be listed.
    pub(crate) denied_lists: Option<&'static str>,
    /// Keys with this in them may not be read.
    pub(crate) denied_gets: Option<&'static str>,
    /// Keys with this in them may not be decrypted.
    pub(crate) denied_keys: Option<&'static str>,
    /// Keys with this in them are listed and then gone.
    pub(crate) vanished: Option<&'static str>,
    /// Keys with this in them are listed as if they had one byte.
    pub(crate) understated: Option<&'static str>,
    /// The bucket is here: requests signed for elsewhere are redirected.
    pub(crate) region: Option<&'static str>,
    /// Answers to the first so many requests for keys with this in them end in mid-body.
    pub(crate) cut: Option<(&'static str, usize)>,
    /// They end with a reset rather than in order.
    pub(crate) reset: bool,
    /// Unsigned requests are answered.
    pub(crate) public: bool,
    /// Only those are answered who agree to pay.
    pub(crate) requester_pays: bool,
    /// All credentials have expired.
    pub(crate) expired: bool,
    /// How long an answer takes.
    pub(crate) latency: Duration,
}

/// One request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// `list` or `get`.
    pub(crate) what: &'static str,
    /// The prefix or the key.
    pub(crate) name: String,
    /// Where the listing begins.
    pub(crate) after: Option<String>,
    /// How many keys the answer names.
    pub(crate) keys: usize,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Bytes>,
    signatures: BTreeMap<String, String>,
    faults: Faults,
    log: Mutex<Vec<Asked>>,
    tries: Mutex<BTreeMap<String, usize>>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

/// A running server.
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    _runtime: Runtime,
}

impl Server {
    pub(crate) fn start(objects: BTreeMap<String, Vec<u8>>, faults: Faults) -> Self {
        Self::start_with(objects, BTreeMap::new(), faults)
    }

    /// Starts a server; `signatures` is metadata by key.
    pub(crate) fn start_with(
        objects: BTreeMap<String, Vec<u8>>,
        signatures: BTreeMap<String, String>,
        faults: Faults,
    ) -> Self {
        let objects = objects.into_iter().map(|(key, bytes)| (key, Bytes::from(bytes))).collect();
        let state = Arc::new(State { objects, signatures, faults, ..State::default() });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut service = S3ServiceBuilder::new(Handle(Arc::clone(&state)));
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        service.set_access(Handle(Arc::clone(&state)));
        let service = service.build();
        let address = runtime.block_on(async {
            let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = inner.local_addr().unwrap();
            tokio::spawn(async move {
                while let Ok((stream, _)) = inner.accept().await {
                    let service = service.clone();
                    tokio::spawn(async move {
                        let server = Builder::new(TokioExecutor::new());
                        let _ = server.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
            });
            if state.faults.cut.is_none() {
                return address;
            }
            let outer = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let shown = outer.local_addr().unwrap();
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                while let Ok((stream, _)) = outer.accept().await {
                    tokio::spawn(relay(stream, address, Arc::clone(&state)));
                }
            });
            shown
        });
        Self { address, state, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the last of the keys.
    pub(crate) fn last_key(&self) -> Option<&str> {
        self.state.objects.keys().next_back().map(String::as_str)
    }

    /// Returns every request so far, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.log.lock().unwrap().clone()
    }

    /// Returns how many requests were in work at the same time at most.
    pub(crate) fn peak(&self) -> usize {
        self.state.peak.load(Ordering::SeqCst)
    }
}

/// Passes bytes on in both directions, and stops in the middle of answers by plan.
async fn relay(client: TcpStream, server: SocketAddr, state: Arc<State>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    let allowance = Arc::clone(&left);
    let plan = Arc::clone(&state);
    let requests = tokio::spawn(async move {
        let mut buffer = vec![0; 16_384];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..read]);
            let line = text.lines().next().unwrap_or_default();
            if let Some((part, times)) = plan.faults.cut
                && line.starts_with("GET /logs/")
                && line.contains(part)
                && plan.tried(&format!("cut {line}")) < times
            {
                // The head of an answer is shorter than this, and its body longer.
                allowance.store(700, Ordering::SeqCst);
            }
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    });
    let mut buffer = vec![0; 16_384];
    while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
        let allowed = left.load(Ordering::SeqCst);
        let part = &buffer[..read.min(allowed)];
        if to_client.write_all(part).await.is_err() {
            break;
        }
        if allowed != usize::MAX {
            left.store(allowed - part.len(), Ordering::SeqCst);
            if allowed <= read {
                if state.faults.reset {
                    #[allow(deprecated, reason = "the socket is gone right after")]
                    let _ = to_client.as_ref().set_linger(Some(Duration::ZERO));
                }
                break;
            }
        }
    }
    requests.abort();
}

impl State {
    /// Returns how often this was tried before.
    fn tried(&self, what: &str) -> usize {
        let mut tries = self.tries.lock().unwrap();
        let count = tries.entry(what.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    /// What may go wrong with any request.
    async fn begin<T>(&self, what: &'static str, name: &str, request: &S3Request<T>, pays: bool) -> S3Result<()> {
        if !self.faults.latency.is_zero() {
            tokio::time::sleep(self.faults.latency).await;
        }
        let tried = self.tried(&format!("{what} {name}"));
        if self.faults.expired {
            return Err(S3Error::with_message(S3ErrorCode::ExpiredToken, "The provided token has expired."));
        }
        if self.faults.requester_pays && !pays {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        if let (Some(here), Some(there)) = (self.faults.region, &request.region)
            && there.as_str() != here
        {
            let mut error = s3_error!(PermanentRedirect, "The bucket must be addressed at another endpoint.");
            let mut headers = request.headers.clone();
            headers.clear();
            headers.insert("x-amz-bucket-region", here.parse().unwrap());
            error.set_headers(headers);
            return Err(error);
        }
        if chance(name, tried) < self.faults.slow_down {
            return Err(s3_error!(SlowDown, "Please reduce your request rate."));
        }
        let has = |part: Option<&str>| part.is_some_and(|part| name.contains(part));
        match self.faults.broken {
            Some((part, times)) if has(Some(part)) && tried < times => return Err(s3_error!(InternalError)),
            _ => {}
        }
        if what == "list" && has(self.faults.denied_lists) || what == "get" && has(self.faults.denied_gets) {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        if what == "get" && has(self.faults.denied_keys) {
            let message = "User: arn:aws:sts::111111111111:assumed-role/audit/x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-central-1:444444444444:key/1234";
            return Err(S3Error::with_message(S3ErrorCode::AccessDenied, message));
        }
        if what == "get" && has(self.faults.vanished) {
            return Err(s3_error!(NoSuchKey));
        }
        Ok(())
    }

    fn enter(self: &Arc<Self>) -> InWork {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        InWork(Arc::clone(self))
    }

    fn note(&self, what: &'static str, name: &str, after: Option<&String>, keys: usize) {
        let asked = Asked { what, name: name.to_owned(), after: after.cloned(), keys };
        self.log.lock().unwrap().push(asked);
    }
}

/// A number from 0 to 99 that depends on what is asked and how often it was asked before.
fn chance(name: &str, tried: usize) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ (tried as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash >> 33) % 100
}

/// A request in work.
struct InWork(Arc<State>);

impl Drop for InWork {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Handle(Arc<State>);

#[async_trait::async_trait]
impl S3Access for Handle {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() && !self.0.faults.public {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        Ok(())
    }
}

pub(crate) fn etag(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[async_trait::async_trait]
impl S3 for Handle {
    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let _in_work = self.0.enter();
        let input = &request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let pays = input.request_payer.is_some();
        self.0.begin("list", &prefix, &request, pays).await?;
        if input.bucket != BUCKET {
            return Err(s3_error!(NoSuchBucket));
        }
        let delimiter = input.delimiter.as_deref().unwrap_or_default();
        let after = input.continuation_token.as_ref().or(input.start_after.as_ref());
        let understated = |key: &str| self.0.faults.understated.is_some_and(|part| key.contains(part));
        let most = usize::try_from(input.max_keys.unwrap_or(1_000).clamp(0, 1_000)).unwrap();
        let (mut contents, mut folders) = (Vec::new(), BTreeSet::new());
        let mut last = None;
        let mut is_truncated = false;
        for (key, bytes) in self.0.objects.range(prefix.clone()..) {
            let Some(rest) = key.strip_prefix(&prefix) else { break };
            let folder = rest.split_once('/').filter(|_| !delimiter.is_empty());
            let entry = folder.map_or_else(|| key.clone(), |(name, _)| format!("{prefix}{name}/"));
            // A folder that was told on the page before is told no more.
            let is_behind =
                after.is_some_and(|after| key <= after || after.ends_with('/') && key.starts_with(after.as_str()));
            if is_behind || folders.contains(&entry) {
                continue;
            }
            if contents.len() + folders.len() == most {
                is_truncated = true;
                break;
            }
            last = Some(entry.clone());
            if folder.is_some() {
                folders.insert(entry);
            } else {
                contents.push(Object {
                    e_tag: Some(ETag::Strong(etag(bytes))),
                    key: Some(key.clone()),
                    size: Some(if understated(key) { 1 } else { i64::try_from(bytes.len()).unwrap() }),
                    ..Object::default()
                });
            }
        }
        let keys = contents.len() + folders.len();
        self.0.note("list", &prefix, input.start_after.as_ref(), keys);
        let prefixes = folders.into_iter().map(|prefix| CommonPrefix { prefix: Some(prefix) }).collect();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(BUCKET.to_owned()),
            prefix: Some(prefix),
            key_count: Some(i32::try_from(keys).unwrap()),
            is_truncated: Some(is_truncated),
            next_continuation_token: last.filter(|_| is_truncated),
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            ..ListObjectsV2Output::default()
        }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let _in_work = self.0.enter();
        let key = request.input.key.clone();
        self.0.begin("get", &key, &request, request.input.request_payer.is_some()).await?;
        let bytes = self.0.objects.get(&key).ok_or_else(|| s3_error!(NoSuchKey))?.clone();
        self.0.note("get", &key, None, 0);
        let metadata = self.0.signatures.get(&key).map(|text| [("signature".to_owned(), text.clone())].into());
        Ok(S3Response::new(GetObjectOutput {
            content_length: Some(i64::try_from(bytes.len()).unwrap()),
            e_tag: Some(ETag::Strong(etag(&bytes))),
            metadata,
            body: Some(StreamingBlob::from(s3s::Body::from(bytes))),
            ..GetObjectOutput::default()
        }))
    }
}
