//! What is computed anew of each honest node at the end.

use althing_protocol::admit;
use althing_protocol::hash::Id;
use althing_protocol::record::scratch;

use super::node::Node;
use super::shared::Shared;

/// Checks that what waits lacks something that is not in the record; and on every tenth node that the record, made acts
/// and members are those of their definitions.
pub(super) fn node(node: &Node, shared: &Shared, committee: Id) {
    let (state, graph) = (&node.state, node.state.graph());
    for id in state.waiting().ids() {
        let names = admit::names(state.waiting().entry(&id).expect("listed").header());
        assert!(names.iter().any(|n| graph.num(n).is_none()), "{id} waits for nothing");
    }
    if state.graph().len() % 10 != 0 {
        return;
    }
    let committee = state.committee(&committee).expect("it is followed");
    let control = |num| {
        let entry = shared.entry(&graph.id(num)).expect("whatever is here was sent");
        admit::read(entry.header()).expect("an admitted header").1
    };
    let scratch = scratch::compute(committee.root(), graph, &control);
    let members = committee.members().collect();
    assert_eq!(scratch.members, members, "members");
    let authority = committee.authority();
    let effective = authority
        .acts()
        .map(|(num, _)| num)
        .filter(|n| authority.is_effective(*n, graph))
        .collect();
    assert_eq!(scratch.effective, effective, "effective grants");
    let here = graph
        .iter()
        .filter(|n| committee.record().contains(*n, graph))
        .collect();
    assert_eq!(scratch.record, here, "the record is its definition's");
}
