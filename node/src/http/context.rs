//! What all handlers share.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use althing_protocol::waiting::Source;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{Mutex as AsyncMutex, Semaphore, watch};

use super::Network;
use super::api::import::Sources;
use super::error::Problem;
use super::load::Cache;
use super::looked::Looked;
use super::metrics::Metrics;
use super::query::view::Kinds;
use super::session::Session;
use crate::drafts::Drafts;
use crate::files::{Files, Limits};
use crate::filters::Filters;
use crate::ingest::Ingest;
use crate::limit::http::{ADDRESSES, LISTENERS, POSTS, READERS, THREADS};
use crate::search::{Commands, Search};
use crate::times::Times;

/// Sources of entries that were posted get numbers from here on, peers get those below.
const FIRST_SOURCE: Source = 1 << 48;

#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) ingest: Ingest,
    pub(crate) network: Network,
    pub(crate) url: String,
    pub(crate) session: Session,
    pub(crate) search: Search,
    pub(crate) metrics: Metrics,
    /// Taken by whoever fills the index.
    pub(crate) filling: Mutex<Option<Commands>>,
    pub(crate) cache: Cache,
    pub(crate) kinds: Kinds,
    /// Where the owner last looked.
    pub(crate) looked: Looked,
    pub(crate) drafts: Drafts,
    pub(crate) filters: Filters,
    pub(crate) files: Files,
    /// One import looks and writes at a time, so that no document is added twice.
    pub(crate) importing: AsyncMutex<()>,
    /// Where documents were imported from.
    pub(crate) sources: Sources,
    /// The anchors of committees.
    pub(crate) times: Times,
    /// One anchor is written at a time.
    pub(crate) anchoring: AsyncMutex<()>,
    /// One archive is written at a time.
    pub(crate) archiving: Arc<Semaphore>,
    /// Places for those who listen to events.
    pub(crate) streams: Arc<Semaphore>,
    /// True once the node stops: what would go on for ever ends then.
    pub(crate) closing: watch::Sender<bool>,
    /// The OpenAPI document.
    pub(crate) openapi: OnceLock<String>,
    readers: Arc<Semaphore>,
    /// None where threads cannot be had; then whoever asks computes.
    threads: Option<ThreadPool>,
    buckets: Mutex<HashMap<Option<IpAddr>, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    source: Source,
    left: f64,
    at: Instant,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

impl Context {
    pub(crate) fn new(ingest: Ingest, network: Network, addr: SocketAddr) -> Self {
        let data = ingest.home().dir();
        let alone = || Files::open(ingest.home().files_dir(), ingest.clone(), Limits::default());
        let files = network.files.clone().unwrap_or_else(alone);
        let (search, commands) = Search::new(data.join("search"));
        Self {
            search,
            metrics: Metrics::default(),
            filling: Mutex::new(Some(commands)),
            looked: Looked::open(data),
            drafts: Drafts::new(data),
            filters: Filters::open(data),
            files,
            session: Session::new(ingest.home().token(), addr.port()),
            ingest,
            network,
            url: format!("http://{addr}"),
            cache: Cache::default(),
            kinds: Kinds::default(),
            importing: AsyncMutex::new(()),
            sources: Sources::default(),
            times: Times::default(),
            anchoring: AsyncMutex::new(()),
            archiving: Arc::new(Semaphore::new(1)),
            streams: Arc::new(Semaphore::new(LISTENERS)),
            closing: watch::Sender::new(false),
            openapi: OnceLock::new(),
            readers: Arc::new(Semaphore::new(READERS)),
            threads: ThreadPoolBuilder::new().num_threads(THREADS).build().ok(),
            buckets: Mutex::default(),
        }
    }

    /// A link that lets one browser act in the owner's name. It works once.
    pub(crate) fn link(&self) -> String {
        format!("{}/enter/{}", self.url, self.session.link())
    }

    /// Reads or computes on a thread where that may take a while.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Arc::clone(&self.readers)
            .acquire_owned()
            .await
            .map_err(|_| Problem::Broken)?;
        let context = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            match &context.threads {
                Some(threads) => threads.install(|| work(&context)),
                None => work(&context),
            }
        });
        done.await.map_err(|_| Problem::Broken)?
    }

    /// Places for requests that read or compute.
    pub(crate) fn readers(&self) -> &Semaphore {
        &self.readers
    }

    /// The source number of an address, if it may post one more entry now.
    pub(crate) fn admit(&self, address: IpAddr) -> Result<Source, Problem> {
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES {
            // Full buckets tell nothing.
            buckets.retain(|_, bucket| bucket.filled(now) < POSTS.burst);
        }
        let key = Some(address).filter(|a| buckets.len() < ADDRESSES || buckets.contains_key(&Some(*a)));
        let source = FIRST_SOURCE + Source::try_from(buckets.len()).unwrap_or(0);
        let bucket = buckets.entry(key).or_insert(Bucket {
            source,
            left: POSTS.burst,
            at: now,
        });
        bucket.left = bucket.filled(now);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Problem::Rate);
        }
        bucket.left -= 1.0;
        Ok(bucket.source)
    }
}

impl Bucket {
    fn filled(&self, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left + seconds * POSTS.per_second).min(POSTS.burst)
    }
}
