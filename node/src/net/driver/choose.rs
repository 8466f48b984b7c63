//! Whom to be connected to: peers of different people, so that nobody stands between this node and all others.
//!
//! What the owner named is always tried. Of the rest this node keeps [`limit::KEEP`] connections of its own, and
//! beyond that whatever it takes to reach [`limit::HOLDERS`] different members: whoever has a role in a committee
//! that is followed. Only connections that this node opened count: those that called may all be of one mind, and chose
//! the moment. Peers of an identity to which it opened a connection already come last and go first.

use std::collections::BTreeMap;
use std::time::Instant;

use althing_protocol::hash::Id;
use libp2p::PeerId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};

use super::super::book::Candidate;
use super::super::limit;
use super::super::tier::{self, Tier};
use super::Driver;

/// How much a connection to somebody is worth. In order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// One more of the same.
    Again,
    /// A stranger that says who it is.
    Stranger,
    /// Somebody who says nothing, or whose identity is not here yet.
    Unknown,
    /// Somebody whom a member has listened to.
    Known,
    /// A member, and not one of those to whom there is a connection.
    Holder,
    /// The owner named it.
    Named,
}

/// To whom this node opened a connection, by identity.
#[derive(Debug, Default)]
pub(super) struct Company {
    of: BTreeMap<Id, usize>,
    holders: usize,
}

impl Company {
    pub(super) fn add(&mut self, identity: Id, tier: Tier) {
        let count = self.of.entry(identity).or_insert(0);
        *count += 1;
        if *count == 1 && tier >= Tier::Role && tier < Tier::Own {
            self.holders += 1;
        }
    }

    /// Whether there are as many different members as there should be.
    pub(super) fn suffices(&self) -> bool {
        self.holders >= limit::HOLDERS
    }

    /// What one more connection, to a peer of this identity, would be worth.
    pub(super) fn worth(&self, identity: Option<&Id>, tier: Option<Tier>) -> Worth {
        match (identity, tier) {
            (Some(identity), _) if self.of.contains_key(identity) => Worth::Again,
            (Some(_), Some(tier)) if tier >= Tier::Role => Worth::Holder,
            (Some(_), Some(Tier::Known)) => Worth::Known,
            (Some(_), Some(_)) => Worth::Stranger,
            _ => Worth::Unknown,
        }
    }
}

impl Driver {
    /// Tries whoever is due: the owner's first, then who is worth most, as many as there is room for.
    pub(super) fn dial_due(&mut self, now: Instant) {
        let counters = self.swarm.network_info().connection_counters().clone();
        let pending = usize::try_from(counters.num_pending_outgoing()).unwrap_or(usize::MAX);
        let room = limit::DIALS.saturating_sub(pending);
        if room == 0 {
            return;
        }
        self.dial_nameless(now);
        if self.chosen.is_some_and(|at| now < at + limit::CHOOSE) {
            return;
        }
        self.chosen = Some(now);
        let (peers, bans, own) = (&self.peers, &self.bans, *self.swarm.local_peer_id());
        let skip = |peer: &PeerId| *peer == own || peers.contains_key(peer) || bans.contains_key(peer);
        let due = self.book.due(now, skip);
        if due.is_empty() {
            return;
        }
        let mut company = self.company();
        let mut outbound = self.peers.values().filter(|peer| peer.outbound).count();
        let mut ranked = self.ranked(due, &company);
        ranked.sort_by_key(|(worth, candidate)| std::cmp::Reverse((*worth, candidate.seen)));
        let mut chosen = Vec::new();
        for (worth, candidate) in ranked {
            if chosen.len() >= room {
                break;
            }
            let wanted = match worth {
                Worth::Named => true,
                // One of them may have been chosen a moment ago.
                Worth::Holder => {
                    let again = candidate.identity.is_some_and(|id| company.of.contains_key(&id));
                    !again && (outbound < limit::KEEP || !company.suffices())
                }
                Worth::Again => outbound < limit::KEEP / 2,
                _ => outbound < limit::KEEP,
            };
            if wanted {
                outbound += 1;
                if let (Worth::Holder, Some(identity)) = (worth, candidate.identity) {
                    company.add(identity, Tier::Role);
                }
                chosen.push(candidate.peer);
            }
        }
        for peer in chosen {
            let dial = DialOpts::peer_id(peer)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(self.book.try_now(&peer, now))
                .build();
            if let Err(error) = self.swarm.dial(dial) {
                tracing::debug!(%peer, %error, "cannot dial");
            }
        }
    }

    fn ranked(&self, due: Vec<Candidate>, company: &Company) -> Vec<(Worth, Candidate)> {
        let own = self.node.ingest.home().identity();
        tokio::task::block_in_place(|| {
            self.node.ingest.read(|state| {
                let worth = |candidate: Candidate| {
                    let stands = candidate.card.as_ref().is_some_and(|card| card.stands(state));
                    let identity = candidate.identity.filter(|_| stands);
                    let tier = identity.map(|id| tier::of(&id, &own, state));
                    let worth = match candidate.named {
                        true => Worth::Named,
                        false => company.worth(identity.as_ref(), tier),
                    };
                    (worth, Candidate { identity, ..candidate })
                };
                due.into_iter().map(worth).collect()
            })
        })
    }

    /// To whom this node opened a connection.
    fn company(&self) -> Company {
        let mut company = Company::default();
        for peer in self.peers.values().filter(|peer| peer.outbound) {
            if let Some(identity) = peer.identity() {
                company.add(identity, peer.tier);
            }
        }
        company
    }

    /// Lets go of what it called beyond what it keeps: second peers of one identity first, then strangers. Members and
    /// those whom the owner named stay.
    pub(super) fn let_go(&mut self, now: Instant) {
        let ours = self
            .peers
            .iter()
            .filter(|(id, peer)| peer.outbound && !self.book.is_named(id));
        let ours: Vec<(PeerId, Option<Id>, Tier)> = ours.map(|(id, peer)| (*id, peer.identity(), peer.tier)).collect();
        let surplus = ours.len().saturating_sub(limit::KEEP);
        if surplus == 0 {
            return;
        }
        let mut seen = BTreeMap::new();
        let mut ranked: Vec<((bool, Tier), PeerId)> = Vec::new();
        for (id, identity, tier) in ours {
            let again = identity.is_some_and(|identity| seen.insert(identity, ()).is_some());
            if again || tier < Tier::Role {
                ranked.push(((!again, tier), id));
            }
        }
        ranked.sort_unstable();
        for (_, peer) in ranked.into_iter().take(surplus) {
            tracing::debug!(%peer, "let go for a peer of somebody else");
            self.book.rest(&peer, now + limit::REST);
            if self.swarm.disconnect_peer_id(peer).is_err() {
                tracing::debug!(%peer, "gone by itself");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_members_are_worth_most_and_more_of_the_same_least() {
        let mut company = Company::default();
        let id = |n| Id([n; 32]);
        assert_eq!(company.worth(Some(&id(1)), Some(Tier::Founder)), Worth::Holder);
        for n in 0..30 {
            company.add(id(9), Tier::Stranger);
            assert!(!company.suffices(), "{n} peers of one stranger");
        }
        for _ in 0..9 {
            company.add(id(1), Tier::Founder);
        }
        assert!(!company.suffices(), "nine peers of one founder");
        assert_eq!(company.worth(Some(&id(1)), Some(Tier::Founder)), Worth::Again);
        assert_eq!(company.worth(Some(&id(9)), Some(Tier::Stranger)), Worth::Again);
        assert!(company.worth(None, None) > company.worth(Some(&id(8)), Some(Tier::Stranger)));
        for n in 2..5 {
            company.add(id(n), Tier::Role);
        }
        assert!(company.suffices());
    }
}
