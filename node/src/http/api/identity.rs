//! The keys of an identity: how its devices stand, and what a root key is to sign.
//!
//! Invariant: no root key comes here. The node composes the header, because it knows the place in the log; the command
//! that has the key looks at what it signs, signs, and posts the entry like anybody's.

use std::collections::BTreeSet;
use std::sync::Arc;

use althing_protocol::admit;
use althing_protocol::author::{self, Draft};
use althing_protocol::control::{self, Control, Use};
use althing_protocol::entry::{Body, Entry, Verified};
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::{Hash, Id, Key};
use althing_protocol::identity::{Fallen, Root};
use althing_protocol::link::{self, Address};
use althing_protocol::state::State as Node;
use althing_protocol::{kind, limit};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::shape;
use crate::clock;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input::{self, OfId, Params};
use crate::http::{ids, load};

/// Entries of an identity that are handed out at once: its key acts and what they build on.
const ENTRIES: usize = 4096;

/// Largest body that goes with them, in bytes.
const INLINE: usize = 4096;

/// Last entries that one `retire` can name within [`limit::CONTROL`].
const LAST: usize = 40;

/// One's own keys
#[utoipa::path(get, path = "/identity/devices", tag = "identities", responses((status = 200, body = shape::Devices)))]
pub(crate) async fn own_devices(State(context): State<Arc<Context>>) -> Result<Json<Value>, Problem> {
    let own = context.ingest.home().identity();
    Ok(Json(context.blocking(move |context| list(context, own)).await?))
}

/// The keys of an identity
#[utoipa::path(get, path = "/identities/{id}/devices", tag = "identities", params(OfId), responses((status = 200, body = shape::Devices)))]
pub(crate) async fn devices(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::num(state, &id, "identity"))?;
        list(context, id)
    });
    Ok(Json(out.await?))
}

pub(crate) fn list(context: &Context, identity: Id) -> Result<Value, Problem> {
    let loaded = context.cache.load(&context.ingest, identity)?;
    let note = |enroll: Id| {
        let outcome = loaded.document.outcome(enroll)?;
        outcome.fields()?.get("note")?.as_text().map(str::to_owned)
    };
    let home = context.ingest.home();
    let here = |key: &Key| match key.0 {
        bytes if bytes == home.device().verifying_key().to_bytes() => "device",
        bytes if bytes == home.node_key().verifying_key().to_bytes() => "node",
        _ => "",
    };
    context.ingest.read(|state| {
        let graph = state.graph();
        let devices = known(state, identity)?;
        let id = |num: &Num| graph.id(*num);
        let items = devices.devices.iter().map(|device| {
            let (enroll, key) = (&device.enroll, &device.key);
            let header = loaded.header(&id(enroll));
            let by: Vec<Id> = match &device.fallen {
                Some(Fallen::Retired { by } | Fallen::Dead { by }) => by.iter().map(id).collect(),
                Some(Fallen::Dropped { by }) => vec![id(by)],
                None => Vec::new(),
            };
            json!({
                "id": id(enroll),
                "kind": "enroll",
                "title": note(id(enroll)),
                "key": key,
                "use": header.and_then(usage).map(|usage| json!(usage)),
                "status": device.status(),
                "by": by,
                "time": header.map(|header| header.time),
                "here": here(key),
                "entries": graph.spaces_of(key).iter().filter_map(|s| graph.log(key, *s)).map(|l| l.len()).sum::<usize>(),
            })
        });
        let (root, next, dead) = match &devices.root {
            Root::Living { key, next } => (Some(*key), Some(*next), Vec::new()),
            Root::Dead { rotations } => (None, None, rotations.iter().map(id).collect()),
        };
        Ok(json!({
            "identity": identity,
            "name": loaded.text("name"),
            "root": root,
            "next": next,
            "rotations": devices.rotations.len(),
            "dead": dead,
            "enrolled": identity != home.identity() || home.device_cert().is_some(),
            "items": items.collect::<Vec<_>>(),
        }))
    })
}

fn known(state: &Node, identity: Id) -> Result<althing_protocol::identity::Devices, Problem> {
    let graph = state.graph();
    let num = graph.num(&identity).ok_or(Problem::NotHere {
        what: "identity",
        id: identity,
    })?;
    state
        .identities()
        .devices_of(num, graph)
        .ok_or_else(|| Problem::WrongSort {
            id: identity,
            found: "something else".to_owned(),
            wanted: "an identity",
        })
}

fn usage(header: &althing_protocol::entry::Header) -> Option<Use> {
    match admit::read(header) {
        Ok((_, Control::Enroll(enroll))) => Some(enroll.usage),
        _ => None,
    }
}

/// One's own key acts and what they build on, parents first
///
/// the identity's key acts and what they build on, parents first, small bodies included.
#[utoipa::path(get, path = "/identity/entries", tag = "identities", responses((status = 200, body = shape::OwnEntries)))]
pub(crate) async fn entries(State(context): State<Arc<Context>>) -> Result<Json<Value>, Problem> {
    let out = context.blocking(|context| {
        let home = context.ingest.home();
        let own = home.identity();
        let name = context.cache.name(&context.ingest, own);
        context.ingest.read(|state| {
            let graph = state.graph();
            let root = graph.num(&own).ok_or(Problem::NotHere {
                what: "identity",
                id: own,
            })?;
            let mut all = BTreeSet::from([root]);
            let mut open: Vec<Num> = state.identities().controls(root).to_vec();
            while let Some(num) = open.pop() {
                if graph.node(num).space == root && all.insert(num) {
                    open.extend(graph.names(num));
                }
            }
            if all.len() > ENTRIES {
                return Err(Problem::Input(format!("the identity has more than {ENTRIES} entries")));
            }
            let mut all: Vec<Num> = all.into_iter().collect();
            all.sort_unstable_by_key(|num| graph.rank(*num));
            let items = all.into_iter().map(|num| {
                let id = graph.id(num);
                let wire = match context.ingest.store().wire(num, &id, INLINE) {
                    Ok(Some(wire)) => wire,
                    // A damaged body: the entry goes without it.
                    _ => load::wire(&context.ingest, num, id)?,
                };
                Ok(json!({ "id": id, "wire": data_encoding::HEXLOWER.encode(&wire) }))
            });
            Ok(json!({
                "identity": own,
                "name": name.unwrap_or_else(|| home.name().to_owned()),
                "items": items.collect::<Result<Vec<_>, Problem>>()?,
                "next": null,
            }))
        })
    });
    Ok(Json(out.await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compose {
    /// The root key that will sign.
    by: Key,
    #[serde(flatten)]
    act: Act,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Enroll(Enroll),
    Retire(Retire),
    Rotate(Rotate),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enroll {
    key: Key,
    #[serde(rename = "use")]
    usage: Use,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retire {
    key: Key,
    /// The last entries that count; by default the last ones of the key here, in every space.
    last: Option<Vec<String>>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    /// Commitment to the root key after the one that signs.
    next: Hash,
    /// Enrolments that live on; by default all that live now, and those that were retired, with what they signed before.
    keep: Option<Vec<String>>,
    note: Option<String>,
}

/// What a root key is to sign
///
/// `{ "by", "enroll" | "retire" | "rotate": {…} }` → `{ "header", "body", "last" }`, hex.
#[utoipa::path(post, path = "/identity/drafts", tag = "identities", request_body = shape::ToDraft, responses((status = 200, body = shape::Drafted)))]
pub(crate) async fn draft(
    State(context): State<Arc<Context>>,
    input::Json(given): input::Json<Value>,
) -> Result<Json<Value>, Problem> {
    let compose: Compose =
        serde_json::from_value(given).map_err(|why| Problem::Input(format!("the draft is not understood: {why}")))?;
    let out = context.blocking(move |context| {
        let (mut out, last) = context.ingest.read(|state| compose_in(context, state, compose))?;
        // Names are computed, which takes the state again.
        let named = last.into_iter().map(|(id, space)| {
            let loaded = space.and_then(|space| context.cache.load(&context.ingest, space).ok());
            let name = loaded.as_ref().and_then(|loaded| loaded.text("name"));
            json!({ "id": id, "space": space, "name": name })
        });
        let named: Value = named.collect();
        if let Some(map) = out.as_object_mut() {
            map.insert("last".to_owned(), named);
        }
        Ok(out)
    });
    Ok(Json(out.await?))
}

/// An entry that a retirement names, and the space in which it stands here.
type Last = (Id, Option<Id>);

fn compose_in(context: &Context, state: &Node, compose: Compose) -> Result<(Value, Vec<Last>), Problem> {
    let own = context.ingest.home().identity();
    let graph = state.graph();
    let root = graph.num(&own).ok_or(Problem::NotHere {
        what: "identity",
        id: own,
    })?;
    let (kind, control, note) = control(state, own, compose.act)?;
    let body = note.map(|note| salted(kind, &note)).transpose()?;
    let space = |id: &Id| graph.num(id).map(|num| graph.id(graph.node(num).space));
    let last = match &control {
        Control::Retire(retire) => retire.last.iter().map(|id| (*id, space(id))).collect(),
        _ => Vec::new(),
    };
    let heads = state.identities().heads(root, limit::AFTER);
    let draft = Draft {
        doc: Some(own),
        kind: kind.to_owned(),
        control: control.value(),
        after: heads.into_iter().map(|num| graph.id(num)).collect(),
        time: clock::now_ms(),
        ..Draft::default()
    };
    let header = author::compose(state, own, compose.by, None, draft, body.as_ref())
        .map_err(|why| Problem::Unwritten(why.into()))?;
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let out = json!({
        "header": hex(&header.encode()),
        "body": body.map(|body| json!({ "salt": hex(&body.salt), "bytes": hex(&body.bytes) })),
    });
    Ok((out, last))
}

fn control(state: &Node, own: Id, act: Act) -> Result<(&'static str, Control, Option<String>), Problem> {
    let graph = state.graph();
    let ids = |texts: &[String]| {
        texts
            .iter()
            .map(|text| ids::id(state, text))
            .collect::<Result<Vec<Id>, _>>()
    };
    let sorted = |mut ids: Vec<Id>| {
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    Ok(match act {
        Act::Enroll(Enroll { key, usage, note }) => ("enroll", Control::Enroll(control::Enroll { key, usage }), note),
        Act::Retire(Retire { key, last, note }) => {
            let last = sorted(match last {
                Some(texts) => ids(&texts)?,
                None => last_entries(graph, &key).into_iter().map(|num| graph.id(num)).collect(),
            });
            if last.len() > LAST {
                return Err(Problem::Input(format!(
                    "a retirement names at most {LAST} last entries, here are {}; say with `last` which ones matter",
                    last.len()
                )));
            }
            ("retire", Control::Retire(control::Retire { key, last }), note)
        }
        Act::Rotate(Rotate { next, keep, note }) => {
            let keep = match keep {
                Some(texts) => ids(&texts)?,
                None => {
                    let devices = known(state, own)?.devices.into_iter();
                    let kept = devices.filter(|d| matches!(d.fallen, None | Some(Fallen::Retired { .. })));
                    kept.map(|device| graph.id(device.enroll)).collect()
                }
            };
            let keep = sorted(keep);
            ("rotate", Control::Rotate(control::Rotate { next, keep }), note)
        }
    })
}

/// The last entries of a key, in every space and on every branch: those that no other entry of it follows.
fn last_entries(graph: &Graph, key: &Key) -> Vec<Num> {
    let mut last = Vec::new();
    for space in graph.spaces_of(key) {
        let Some(log) = graph.log(key, *space) else { continue };
        let followed: BTreeSet<Num> = log
            .iter()
            .flat_map(|num| {
                let seq = graph.node(num).seq;
                let before = move |name: &&Num| graph.node(**name).seq.checked_add(1) == Some(seq);
                graph.names(num).iter().filter(before)
            })
            .copied()
            .collect();
        last.extend(log.iter().filter(|num| !followed.contains(num)));
    }
    last
}

fn salted(kind: &str, note: &str) -> Result<Body, Problem> {
    let kind = kind::find(kind).ok_or(Problem::Broken)?;
    Ok(Body {
        salt: clock::random(),
        bytes: kind::json::body(kind, &json!({ "note": note }))?,
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Adoption {
    #[schema(value_type = crate::http::query::Hex)]
    device: Id,
    #[schema(value_type = crate::http::query::Hex)]
    node: Id,
}

/// A recovered machine whose keys were enrolled begins to write
///
/// a recovered machine whose keys were enrolled begins to write.
#[utoipa::path(post, path = "/identity/adoption", tag = "identities", request_body = Adoption, responses((status = 200, body = shape::Adopted)))]
pub(crate) async fn adopt(
    State(context): State<Arc<Context>>,
    input::Json(given): input::Json<Adoption>,
) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let home = context.ingest.home();
        let enrols = |id: Id, key: [u8; 32]| -> Result<Verified, Problem> {
            let wire = context.ingest.read(|state| {
                let (num, _) = ids::num(state, &id.to_string(), "enrolment")?;
                let graph = state.graph();
                let fits = graph.id(graph.node(num).space) == home.identity()
                    && state.identities().enrolled(num) == Some(Key(key));
                if !fits {
                    return Err(Problem::WrongSort {
                        id,
                        found: "something else".to_owned(),
                        wanted: "an enrolment of this machine's key",
                    });
                }
                load::wire(&context.ingest, num, id)
            })?;
            let entry = Entry::decode(&wire).map_err(|_| Problem::Broken)?;
            entry.verify().map_err(|_| Problem::Broken)
        };
        let device = enrols(given.device, home.device().verifying_key().to_bytes())?;
        let node = enrols(given.node, home.node_key().verifying_key().to_bytes())?;
        let adopted = home.adopt(&device, &node);
        adopted.map_err(|why| Problem::Unwritten(why.into()))?;
        Ok(json!({ "identity": home.identity(), "device": device.id(), "node": node.id() }))
    });
    Ok(Json(out.await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Link {
    address: String,
    chain: Option<u64>,
}

/// The typed data that a wallet signs
///
/// what a wallet signs so that `POST /documents/{identity}/acts` can link its address.
#[utoipa::path(get, path = "/identity/link", tag = "identities", params(Link), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn link(
    State(context): State<Arc<Context>>,
    Params(given): Params<Link>,
) -> Result<Json<Value>, Problem> {
    let address = Address::parse_typed(&given.address).ok_or_else(|| {
        Problem::Input(format!(
            "{:?} is no Ethereum address",
            given.address.chars().take(80).collect::<String>()
        ))
    })?;
    let chain = given.chain.unwrap_or(1).min(limit::INT);
    Ok(Json(link::typed_data(context.ingest.home().identity(), chain, address)))
}
