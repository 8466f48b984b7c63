//! The right edges of this node's logs, one for each committee: what the writer needs to go on with them.

use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::log::{Frontier, Leaf, Tree};
use althing_protocol::state::State;
use hashbrown::HashMap;

use crate::home::Home;
use crate::store::log::Logged;
use crate::store::{Batch, Damage, Error, Store};

/// All of them, by the numbers of the committees' roots.
#[derive(Debug, Default)]
pub(super) struct Logs(HashMap<Num, Log>);

#[derive(Debug, Default, Clone)]
pub(super) struct Log {
    pub(super) frontier: Frontier,
    /// The digest of the last leaf, if that is a cut.
    pub(super) cut: Option<Hash>,
}

impl Logs {
    /// As they are stored. What was signed must still be there.
    pub(super) fn load(store: &Store, state: &State) -> Result<Self, Error> {
        let graph = state.graph();
        let mut logs = HashMap::new();
        for committee in state.committees() {
            let root = committee.root();
            let size = store.log_len(root)?;
            let tree = Tree::new(size, |level, index| hash(store, graph, root, level, index));
            let frontier = Frontier::of(&tree).map_err(|missing| store.damaged(Damage::Log(missing)))?;
            let id = graph.id(root);
            if let Some(signed) = store.signed(&id)? {
                let then = signed.frontier().filter(|then| then.size() <= size);
                if then.is_none_or(|then| tree.root_at(then.size()).ok() != Some(then.root())) {
                    return Err(store.damaged(Damage::Unsigned(id)));
                }
            }
            let last = size.checked_sub(1).map(|last| store.leaf(root, last)).transpose()?;
            let cut = match last.flatten() {
                Some(Logged::Cut(digest)) => Some(digest),
                _ => None,
            };
            logs.insert(root, Log { frontier, cut });
        }
        Ok(Self(logs))
    }

    /// An entry joined a record; `first` if it never was in it before. Answers the number of its leaf.
    pub(super) fn joined(&mut self, root: Num, num: Num, first: bool, graph: &Graph, batch: &mut Batch) -> u64 {
        let logged = if first { Logged::Joined(num) } else { Logged::Again(num) };
        self.push(root, &Leaf::Entry(graph.id(num)), logged, batch)
    }

    /// An entry left it.
    pub(super) fn left(&mut self, root: Num, num: Num, graph: &Graph, batch: &mut Batch) {
        self.push(root, &Leaf::Left(graph.id(num)), Logged::Left(num), batch);
    }

    /// The record's digest is this now. Nothing is added if the log says so already.
    pub(super) fn cut(&mut self, root: Num, digest: Hash, batch: &mut Batch) {
        if self.0.get(&root).is_none_or(|log| log.cut != Some(digest)) {
            self.push(root, &Leaf::Cut(digest), Logged::Cut(digest), batch);
        }
    }

    /// A committee's log; none without leaves.
    pub(super) fn get(&self, root: Num) -> Option<&Log> {
        self.0.get(&root)
    }

    fn push(&mut self, root: Num, leaf: &Leaf, logged: Logged, batch: &mut Batch) -> u64 {
        let log = self.0.entry(root).or_default();
        let index = log.frontier.size();
        batch.leaf(root, index, logged);
        log.frontier.push(leaf.hash(), |full| batch.subtree(root, &full));
        log.cut = match logged {
            Logged::Cut(digest) => Some(digest),
            _ => None,
        };
        index
    }
}

/// The generation of this node's logs: a store that is new begins one beyond all that this data folder ever signed under.
pub(super) fn generation(store: &Store, home: &Home) -> Result<u32, Error> {
    if let Some(generation) = store.generation()? {
        return Ok(generation);
    }
    let file = |source| Error::File {
        path: home.dir().to_owned(),
        source,
    };
    let next = home
        .generation()
        .map_err(file)?
        .map_or(0, |last| last.saturating_add(1));
    // First where a lost store does not take it along.
    home.note_generation(next).map_err(file)?;
    let mut batch = store.batch();
    batch.generation(next);
    store.write(batch)?;
    Ok(next)
}

/// A leaf as others see it.
pub(super) fn leaf(logged: Logged, id: impl FnOnce(Num) -> Id) -> Leaf {
    match logged {
        Logged::Joined(num) | Logged::Again(num) => Leaf::Entry(id(num)),
        Logged::Left(num) => Leaf::Left(id(num)),
        Logged::Cut(digest) => Leaf::Cut(digest),
    }
}

/// A kept hash, or that of a leaf; none where it cannot be read.
pub(super) fn hash(store: &Store, graph: &Graph, root: Num, level: u8, index: u64) -> Option<Hash> {
    if level > 0 {
        return store.subtree(root, level, index).ok().flatten();
    }
    let logged = store.leaf(root, index).ok().flatten()?;
    Some(leaf(logged, |num| graph.id(num)).hash())
}
