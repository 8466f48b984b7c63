//! How this node stands with its peers.

use althing_protocol::hash::Id;
use maud::{Markup, html};

use crate::http::pages::View;

/// One line: how many peers, and how many of them hold the same record.
pub(crate) fn line(view: &View<'_>, committee: Option<Id>) -> Markup {
    let peers = (view.context.network.peers)();
    let own = committee.and_then(|id| {
        let ingest = &view.context.ingest;
        ingest.read(|state| Some((id, state.committee(&id)?.record().tree().root())))
    });
    let same = own.map(|(id, root)| {
        let holds = |peer: &&crate::http::Peer| peer.committees.contains(&(id, Some(root)));
        peers.iter().filter(holds).count()
    });
    html! {
        span.sync data-peers=(peers.len()) {
            @match (peers.len(), same) {
                (0, _) => "No peers",
                (1, None) => "1 peer",
                (n, None) => { (n) " peers" },
                (1, Some(1)) => "1 peer, same record",
                (1, Some(_)) => "1 peer, not the same record",
                (n, Some(same)) if n == same => { (n) " peers, same record" },
                (n, Some(same)) => { (n) " peers, " (same) " with the same record" },
            }
        }
    }
}
