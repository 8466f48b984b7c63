//! The running node, as the bot sees it.

use std::sync::Arc;

use althing_anchor::node::{self, Body, NodeError, Offer};
use althing_protocol::hash::Id;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::call::Node;
use crate::cli::failure::Failure;

/// The node that the command line found.
#[derive(Clone)]
pub(super) struct Client(Arc<Node>);

#[derive(Deserialize)]
struct Batch {
    items: Vec<Offer>,
    #[serde(default)]
    held: Vec<Held>,
}

/// A committee that the node does not let be anchored now.
#[derive(Deserialize)]
struct Held {
    committee: Id,
    why: String,
}

#[derive(Deserialize)]
struct Recorded {
    ids: Vec<Id>,
}

impl Client {
    pub(super) fn new(node: Node) -> Self {
        Self(Arc::new(node))
    }

    /// Asks on a thread that may wait.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Node) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let node = Arc::clone(&self.0);
        let asked = tokio::task::spawn_blocking(move || ask(&node)).await;
        asked.unwrap_or_else(|why| Err(Failure::Refused(why.to_string())))
    }

    async fn post(&self, path: Vec<String>, body: Value) -> Result<Value, NodeError> {
        let posted = self.ask(move |node| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            node.post(&path, &body)
        });
        posted.await.map_err(|why| match why {
            Failure::Refused(why) => NodeError::Refused(why),
            other => NodeError::Away(other.to_string()),
        })
    }
}

fn strange(why: &serde_json::Error) -> NodeError {
    NodeError::Away(format!("it answers what this release does not read: {why}"))
}

impl node::Node for Client {
    async fn batch(&self) -> Result<Vec<Offer>, NodeError> {
        let answer = self
            .post(vec!["anchors".to_owned(), "batch".to_owned()], json!({}))
            .await;
        // It may be able to, later: nothing was handed to it.
        let answer = answer.map_err(|why| NodeError::Away(why.to_string()))?;
        let batch: Batch = serde_json::from_value(answer).map_err(|why| strange(&why))?;
        for Held { committee, why } in &batch.held {
            super::say(&format!("committee {committee} is not anchored: {why}"));
        }
        Ok(batch.items)
    }

    async fn record(&self, committee: &Id, body: &Body) -> Result<Vec<Id>, NodeError> {
        let path = vec!["committees".to_owned(), committee.to_string(), "anchors".to_owned()];
        let body = serde_json::to_value(body).map_err(|why| strange(&why))?;
        let recorded: Recorded = serde_json::from_value(self.post(path, body).await?).map_err(|why| strange(&why))?;
        Ok(recorded.ids)
    }
}
