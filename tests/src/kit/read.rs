//! Documents as a node computes them from what it holds.

use althing_protocol::document::{Body, Document, Effect, Entry};
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::kind;
use althing_protocol::ruling::Rulings;

use super::Replica;

impl Replica {
    /// A document by its root; none if that is not here.
    #[must_use]
    pub fn document(&self, doc: Id) -> Option<Document> {
        let graph = self.state.graph();
        let root = graph.num(&doc)?;
        let rulings = Rulings::new(&self.state);
        let entries: Vec<Entry<'_>> = graph
            .document(root)
            .iter()
            .map(|num| self.read(*num, &rulings))
            .collect();
        Some(Document::build(&self.read(root, &rulings), &entries))
    }

    /// What an entry of a document counts for.
    #[must_use]
    pub fn effect(&self, doc: Id, entry: Id) -> Option<Effect> {
        self.document(doc)?.outcome(entry).map(|o| o.effect)
    }

    fn read(&self, num: Num, rulings: &Rulings<'_>) -> Entry<'_> {
        let graph = self.state.graph();
        let id = graph.id(num);
        let header = self.entries[&id].header();
        let committee = self.state.committee(&graph.id(graph.node(num).space));
        Entry {
            id,
            header,
            author: graph.id(graph.author(num)),
            body: match self.bodies.get(&id) {
                _ if header.len == 0 => Body::None,
                Some(body) => Body::Here(&body.bytes),
                None if self.erased.contains(&id) => Body::Erased,
                None => Body::Absent,
            },
            in_record: committee.is_none_or(|c| c.record().contains(num, graph)),
            forked_from: committee.and_then(|c| self.state.fork(c, num)).map(u64::from),
            ruling: Some(rulings.of(num, kind::find(&header.kind))),
        }
    }
}
