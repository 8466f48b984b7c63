//! JSON-RPC over HTTP, one question at a time.
//!
//! Invariant: every question ends within [`TIMEOUT`], every answer is at most [`LONGEST`], and a failing node is asked
//! [`TRIES`] times. alloy's own transport reads answers of any length and its provider keeps nonces; both are wrong here.
//!
//! Addresses of RPC nodes hold keys of their owners' accounts: no error names more than the host.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// How long one question may take, from the first byte to the last.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// Longest answer: all receipts of a full block are some MiB.
pub const LONGEST: u64 = 48 << 20;

/// How often a node that does not answer is asked.
pub const TRIES: u32 = 4;

const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Characters of another's words that an error repeats.
const WORDS: usize = 300;

/// A node of a chain.
#[derive(Debug, Clone)]
pub struct Rpc {
    agent: Agent,
    url: Uri,
    host: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RpcError {
    /// The address is none.
    #[error("the RPC node's address has to begin with http:// or https:// and name a host")]
    Address,
    /// Nothing was heard, or no JSON-RPC.
    #[error("{host} gave no answer to {method}: {why}")]
    Silent {
        /// Who was asked.
        host: String,
        /// What was asked.
        method: &'static str,
        /// What the network said.
        why: String,
    },
    /// It refused.
    #[error("{host} refused {method}: {message} ({code})")]
    Refused {
        /// Who was asked.
        host: String,
        /// What was asked.
        method: &'static str,
        /// JSON-RPC's number for it.
        code: i64,
        /// Its words.
        message: String,
    },
    /// It answered something else than what was asked.
    #[error("{host} answered {method} with something else: {why}")]
    Strange {
        /// Who was asked.
        host: String,
        /// What was asked.
        method: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Deserialize)]
struct Answer {
    // Its absence is `null`, which is an answer too: a receipt that is not there yet.
    #[serde(default)]
    result: Value,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: i64,
    message: String,
}

impl Rpc {
    /// A node at this address. Nothing is asked yet.
    ///
    /// # Errors
    /// [`RpcError::Address`].
    pub fn new(url: &str) -> Result<Self, RpcError> {
        let url: Uri = url.parse().map_err(|_| RpcError::Address)?;
        let host = url.host().ok_or(RpcError::Address)?.to_owned();
        if !matches!(url.scheme_str(), Some("http" | "https")) {
            return Err(RpcError::Address);
        }
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(tls);
        // What is on this machine is not reached through another.
        if matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: config.build().new_agent(),
            url,
            host,
        })
    }

    /// Its host, the part of its address that may be shown.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Asks; again, after a pause, when nothing is heard. All questions of this crate may be asked twice: sending the same
    /// signed bytes again changes nothing.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn ask<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T, RpcError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.once(method, &params).await {
                Err(RpcError::Silent { .. }) => sleep(pause).await,
                answer => return self.read(method, answer?),
            }
            pause = pause.saturating_mul(2);
        }
        let answer = self.once(method, &params).await?;
        self.read(method, answer)
    }

    async fn once(&self, method: &'static str, params: &Value) -> Result<Value, RpcError> {
        let silent = |why: String| RpcError::Silent {
            host: self.host.clone(),
            method,
            why: cut(&why),
        };
        let question = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (agent, url) = (self.agent.clone(), self.url.clone());
        let asked = spawn_blocking(move || -> Result<Answer, ureq::Error> {
            let mut response = agent.post(url).send_json(question)?;
            let status = response.status();
            let read = response.body_mut().with_config().limit(LONGEST).read_json();
            // An answer with a bad status may still say in JSON what is wrong.
            read.map_err(|error| {
                if status.is_success() {
                    error
                } else {
                    ureq::Error::StatusCode(status.as_u16())
                }
            })
        });
        // The agent keeps its own time; this is for a name server that does not.
        let answer = timeout(TIMEOUT.saturating_mul(2), asked)
            .await
            .map_err(|_| silent("too late".to_owned()))?
            .map_err(|stopped| silent(stopped.to_string()))?
            .map_err(|error| silent(error.to_string()))?;
        match answer.error {
            None => Ok(answer.result),
            // "Limit exceeded" of EIP-1474 and what providers say instead: come back later.
            Some(Fault {
                code: -32005 | 429,
                message,
            }) => Err(silent(message)),
            Some(Fault { code, message }) => Err(RpcError::Refused {
                host: self.host.clone(),
                method,
                code,
                message: cut(&message),
            }),
        }
    }

    fn read<T: DeserializeOwned>(&self, method: &'static str, value: Value) -> Result<T, RpcError> {
        serde_json::from_value(value).map_err(|error| self.strange(method, &error.to_string()))
    }

    /// The error for an answer that cannot be.
    #[must_use]
    pub fn strange(&self, method: &'static str, why: &str) -> RpcError {
        RpcError::Strange {
            host: self.host.clone(),
            method,
            why: cut(why),
        }
    }
}

fn cut(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}
