//! Gossip: one topic per committee, entries as they stand on the wire, forwarded only after they were judged.
//!
//! For speed, never for completeness: whatever gossip drops, sync finds. Messages carry no author and no signature
//! of libp2p's own: the entry in them is signed, and who relayed it is nobody's business.

use althing_protocol::entry;
use althing_protocol::hash::Id;
use libp2p::gossipsub::{
    self, CallbackSubscriptionFilter, ConfigBuilder, IdentTopic, IdentityTransform, MaxCountSubscriptionFilter,
    Message, MessageAuthenticity, MessageId, PeerScoreParams, PeerScoreThresholds, TopicHash, TopicScoreParams,
    ValidationMode,
};

use super::limit;

const PREFIX: &str = "althing/1/";

/// Gossipsub that hears of topics of ours only, and of not too many.
pub(super) type Gossipsub = gossipsub::Behaviour<IdentityTransform, MaxCountSubscriptionFilter<OurTopics>>;

/// Filters topics by their name.
pub(super) type OurTopics = CallbackSubscriptionFilter<fn(&TopicHash) -> bool>;

/// The topic of a committee.
pub(super) fn topic(committee: &Id) -> IdentTopic {
    IdentTopic::new(format!("{PREFIX}{committee}"))
}

/// The committee of a topic, if it is a topic of ours.
pub(super) fn committee(topic: &TopicHash) -> Option<Id> {
    topic.as_str().strip_prefix(PREFIX)?.parse().ok()
}

/// The name under which gossip knows a message: the hash of its bytes, not the entry's id. Junk under a genuine
/// header has another name, so it can keep nobody from hearing the genuine bytes.
pub(super) fn name(wire: &[u8]) -> MessageId {
    MessageId::new(entry::wire_hash(wire).as_bytes())
}

/// The protocol with our settings.
///
/// # Errors
/// Says which setting libp2p refuses.
pub(super) fn gossipsub() -> Result<Gossipsub, String> {
    let config = ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(|message: &Message| name(&message.data))
        .max_transmit_size(limit::GOSSIP)
        // Each node gets an entry from at most as many as it has in its mesh, less one: three copies. Fewer than the usual
        // six lose more when many fail at once, which sync makes up for.
        .mesh_n(4)
        .mesh_n_low(3)
        .mesh_n_high(4)
        .mesh_outbound_min(1)
        // One's own entries go to the mesh like others': telling everybody at once cost as many copies as all else
        // together, because those who are told then tell each other.
        .flood_publish(false)
        .connection_handler_queue_len(limit::HANDLER_QUEUE)
        .max_control_messages_sent(512)
        .max_publish_messages(512)
        .build()
        .map_err(|e| e.to_string())?;
    let ours: fn(&TopicHash) -> bool = |topic| committee(topic).is_some();
    let filter = MaxCountSubscriptionFilter {
        filter: CallbackSubscriptionFilter(ours),
        max_subscribed_topics: limit::TOPICS,
        max_subscriptions_per_request: limit::TOPICS,
    };
    let mut gossip = Gossipsub::new_with_subscription_filter(MessageAuthenticity::Anonymous, config, filter)?;
    gossip.with_peer_score(score(), thresholds())?;
    Ok(gossip)
}

/// How gossipsub judges peers within a topic: it counts what we rejected. Silence costs nothing, because committees
/// are silent for days.
pub(super) fn topic_score() -> TopicScoreParams {
    TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.0,
        first_message_deliveries_weight: 0.5,
        first_message_deliveries_cap: 20.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        // Counts squared. Slowly: the ban at a hundred points has to come before the graylist, behind which a peer
        // could go on unpunished because nobody looks at what it sends.
        invalid_message_deliveries_weight: -0.5,
        invalid_message_deliveries_decay: 0.9,
        ..TopicScoreParams::default()
    }
}

fn score() -> PeerScoreParams {
    PeerScoreParams {
        topic_score_cap: 50.0,
        // What the rest of the node holds against a peer counts here as it stands, see `penalty`.
        app_specific_weight: 1.0,
        // Many honest nodes may share an address; connection limits and budgets bound them.
        ip_colocation_factor_weight: 0.0,
        ..PeerScoreParams::default()
    }
}

fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -40.0,
        publish_threshold: -60.0,
        graylist_threshold: -150.0,
        ..PeerScoreThresholds::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_name_committees() {
        let id = Id([0xab; 32]);
        let hash = topic(&id).hash();
        assert_eq!(hash.as_str(), format!("althing/1/{}", "ab".repeat(32)));
        assert_eq!(committee(&hash), Some(id));
        for other in ["althing/1/", "althing/1/AB", "althing/2/00", ""] {
            assert_eq!(committee(&TopicHash::from_raw(other)), None, "{other}");
        }
        assert!(gossipsub().is_ok());
    }
}
