//! An archive, checked by whoever trusts nobody: every signature and rule, the digest, the attachments, and the log of the node
//! that made it, which shows whether that node left something out of what it signed before.
//!
//! Bounds: as [`check`] and [`Log`]; one attachment is read at a time, and kept nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use althing_protocol::archive::check::{Check, Checked};
use althing_protocol::archive::{self, attachment};
use althing_protocol::entry::{Entry, Verified};
use althing_protocol::file::Hasher;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::log::policy::Policy;
use althing_protocol::log::{Leaf, keeper};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use serde_json::{Value, json};

use crate::archive::read::{Archive, Part};
use crate::cli::audit::log::Log;
use crate::cli::failure::Failure;
use crate::cli::import::archive::portion;
use crate::cli::print::Answer;

/// Bytes of log files that are kept in memory.
const LOG: u64 = 1 << 30;

/// Bytes of an attachment that are hashed in one go.
const CHUNK: usize = 64 << 10;

/// What is wrong, and what whoever reads should know.
#[derive(Default)]
struct Found {
    faults: Vec<String>,
    notes: Vec<String>,
}

/// Checks an archive.
pub(super) fn verify(path: &Path, policy: Option<&Policy>) -> Result<Answer, Failure> {
    let archive = Archive::open(path)?;
    let manifest = archive.manifest().clone();
    let mut found = Found::default();
    let mut check = Check::new(manifest.committee);
    archive.each(Part::Entries, |name, length, from| {
        let bytes = portion(path, name, length, from)?;
        take(&mut check, &mut found, name, &bytes);
        Ok::<_, Failure>(())
    })?;
    let log = log(&archive, &check, policy, &mut found)?;
    let checked = check.finish();
    judge(&manifest, &checked, &mut found);
    let files = files(&archive, &checked, &mut found)?;
    let text = say(&manifest, &checked, &log, files, &found);
    let json = json!({
        "valid": found.faults.is_empty(),
        "committee": manifest.committee,
        "digest": checked.digest,
        "record": checked.record,
        "entries": checked.entries,
        "authors": checked.authors,
        "without_body": checked.without_body,
        "anchors": checked.anchors.iter().map(|(entry, fact)| json!({ "entry": entry, "block": fact.block, "time": fact.time })).collect::<Vec<_>>(),
        "log": log.json,
        "files": files,
        "notes": found.notes,
        "faults": found.faults,
    });
    let answer = Answer::new(json, text);
    Ok(match found.faults.len() {
        0 => answer,
        n => answer.bad(Failure::Refused(format!(
            "{} does not hold: {n} {} wrong with it, which standard output names",
            path.display(),
            if n == 1 { "thing is" } else { "things are" }
        ))),
    })
}

/// One file of entries; signatures are checked on all cores.
fn take(check: &mut Check, found: &mut Found, name: &str, bytes: &[u8]) {
    let wires = match archive::split(bytes) {
        Ok(wires) => wires,
        Err(why) => {
            found.faults.push(format!("{name} is damaged: {why}"));
            return;
        }
    };
    let read = |wire: &[u8]| -> Result<Verified, String> {
        let entry = Entry::decode(wire).map_err(|why| why.to_string())?;
        let id = entry.id();
        entry.verify().map_err(|why| format!("entry {id}: {why}"))
    };
    let read: Vec<Result<Verified, String>> = wires.into_par_iter().map(read).collect();
    for (place, entry) in read.into_iter().enumerate() {
        match entry {
            Ok(entry) => check.take(entry),
            Err(why) => found.faults.push(format!("{name}, entry {place}: {why}")),
        }
    }
}

fn judge(manifest: &archive::Manifest, checked: &Checked, found: &mut Found) {
    match checked.digest {
        None => found.faults.push("the committee's own entry is not in it".to_owned()),
        Some(digest) if digest != manifest.digest => found.faults.push(format!(
            "its entries make a record of {} with the digest {digest}, and its manifest says {} and {}",
            checked.record, manifest.record, manifest.digest
        )),
        Some(_) => {}
    }
    if checked.wrong_body > 0 {
        found.faults.push(format!(
            "texts that are not those that were signed: {}",
            checked.wrong_body
        ));
    }
    for (id, why) in &checked.unsound {
        found.faults.push(format!("entry {id}: {why}"));
    }
    if checked.more_unsound > 0 {
        found.faults.push(format!("and {} more entries", checked.more_unsound));
    }
    if checked.entries < manifest.entries {
        found.notes.push(format!(
            "its manifest says {} entries; those that are missing belong to no record, or something else is wrong too",
            manifest.entries
        ));
    }
    if checked.without_body > 0 {
        found.notes.push(format!(
            "entries whose text was erased, or was not on the node: {}. Who signed them and when stands all the same",
            checked.without_body
        ));
    }
}

/// What the log in the archive says.
#[derive(Default)]
struct Logged {
    text: String,
    json: Value,
}

fn log(archive: &Archive, check: &Check, policy: Option<&Policy>, found: &mut Found) -> Result<Logged, Failure> {
    let mut kept: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut bytes = 0;
    archive.each(Part::Log, |name, length, from| {
        bytes = u64::saturating_add(bytes, length);
        if bytes > LOG {
            return Err(Failure::Refused(format!("the archive's log has more than {LOG} bytes")));
        }
        let mut read = Vec::new();
        from.read_to_end(&mut read).map_err(|why| Failure::File {
            doing: "read",
            path: name.into(),
            why,
        })?;
        kept.insert(name.to_owned(), read);
        Ok::<_, Failure>(())
    })?;
    let committee = archive.manifest().committee;
    let log = Log::read(
        |path: &[&str]| Ok(kept.get(&path.join("/")).cloned()),
        &committee.to_string(),
    );
    let log = match log {
        Ok(Some(log)) => log,
        Ok(None) => {
            found.notes.push(
                "it holds no signed log, so it does not show whether the node that made it left something out"
                    .to_owned(),
            );
            return Ok(without(policy, found));
        }
        Err(why) => {
            found.faults.push(format!("its log: {why}"));
            return Ok(without(policy, found));
        }
    };
    let faults = log.faults(&committee.to_string());
    found
        .faults
        .extend(faults.into_iter().map(|why| format!("its log: {why}")));
    let state = check.state();
    let missing: Vec<Id> = log
        .held()
        .into_iter()
        .filter(|id| state.graph().num(id).is_none())
        .collect();
    if let Some(first) = missing.first() {
        found.faults.push(format!(
            "the log that the node signed holds entries that the archive lacks: {} of them, {first} among them",
            missing.len()
        ));
    }
    let keeper = state
        .committee(&committee)
        .and_then(|of| keeper::of(of, &log.checkpoint.origin.node, state));
    let keeper = keeper.map(|keeper| state.graph().id(keeper.identity));
    let cosigners = keeper::cosigners(&log.note, &committee, state);
    if let Some(policy) = policy
        && !policy.satisfied(&cosigners.iter().map(|(key, ..)| *key).collect())
    {
        found
            .faults
            .push("the log's cosignatures do not satisfy the policy".to_owned());
    }
    let ends_with = match log.leaves.last() {
        Some(Leaf::Cut(digest)) => Some(*digest),
        _ => None,
    };
    let whole = ends_with == Some(archive.manifest().digest);
    let whose = keeper.map_or_else(
        || "a node that is nobody's here".to_owned(),
        |id| format!("a node of {}", id.short()),
    );
    let text = format!(
        "The log of {whose}: {} leaves, {} cosignatures{}",
        log.checkpoint.size,
        cosigners.len(),
        if whole { "; it ends with this digest" } else { "" }
    );
    let json = json!({
        "origin": log.checkpoint.origin.to_string(),
        "size": log.checkpoint.size,
        "keeper": keeper,
        "cosigners": cosigners.iter().map(|(key, id, time)| json!({ "key": key, "identity": id, "time": time })).collect::<Vec<_>>(),
        "ends_with_digest": whole,
    });
    Ok(Logged { text, json })
}

fn without(policy: Option<&Policy>, found: &mut Found) -> Logged {
    if policy.is_some() {
        found
            .faults
            .push("the policy asks for cosignatures, and there is no log that has any".to_owned());
    }
    Logged::default()
}

/// Hashes the attachments; answers how many are there.
fn files(archive: &Archive, checked: &Checked, found: &mut Found) -> Result<usize, Failure> {
    let mut held: BTreeSet<Hash> = BTreeSet::new();
    archive.each(Part::Files, |name, _, from| {
        let Some(hash) = attachment(name) else { return Ok(()) };
        let mut hasher = Hasher::default();
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = from.read(&mut chunk).map_err(|why| Failure::File {
                doing: "read",
                path: name.into(),
                why,
            })?;
            match chunk.get(..read) {
                Some(bytes) if read > 0 => hasher.update(bytes),
                _ => break,
            }
        }
        match hasher.finish().hash == hash {
            true => {
                held.insert(hash);
            }
            false => found.faults.push(format!("{name} is not the file that its name says")),
        }
        Ok::<_, Failure>(())
    })?;
    let lacking = checked.files.keys().filter(|hash| !held.contains(hash)).count();
    if lacking > 0 {
        found.notes.push(format!(
            "attachments that were not on the node: {lacking} of {}",
            checked.files.len()
        ));
    }
    let unnamed = held.iter().filter(|hash| !checked.files.contains_key(hash)).count();
    if unnamed > 0 {
        found.notes.push(format!("files that no entry names: {unnamed}"));
    }
    Ok(held.len())
}

fn say(manifest: &archive::Manifest, checked: &Checked, log: &Logged, files: usize, found: &Found) -> String {
    let mut lines = vec![
        format!(
            "Committee {}: {} entries, {} people, {} attachments; all signatures checked",
            manifest.committee, checked.entries, checked.authors, files
        ),
        format!(
            "Record: {} entries, digest {}",
            checked.record,
            checked
                .digest
                .map_or_else(|| "none".to_owned(), |digest| digest.to_string())
        ),
    ];
    lines.extend((!log.text.is_empty()).then(|| log.text.clone()));
    if let (Some((_, first)), Some((_, last))) = (
        checked.anchors.iter().min_by_key(|(_, fact)| fact.time),
        checked.anchors.iter().max_by_key(|(_, fact)| fact.time),
    ) {
        lines.push(format!(
            "Anchored {} times, from block {} to block {} of chain {}. Look the last one up: it must have the hash {}",
            checked.anchors.len(),
            first.block.height,
            last.block.height,
            last.block.chain,
            last.block.hash
        ));
    }
    lines.extend(found.notes.iter().map(|note| format!("  note: {note}")));
    lines.extend(found.faults.iter().map(|fault| format!("  FAULT: {fault}")));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use tar::{Builder, Header};

    use super::*;

    #[test]
    fn lengths_that_nothing_has_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.tar");
        let manifest = archive::Manifest {
            althing_archive: archive::FORMAT,
            committee: Id([1; 32]),
            digest: Hash([2; 32]),
            record: 0,
            entries: 0,
            made: 0,
        };
        let manifest = serde_json::to_vec(&manifest).unwrap();
        let mut tar = Builder::new(File::create(&path).unwrap());
        let mut put = |name: &str, size: u64, bytes: &[u8]| {
            let mut header = Header::new_ustar();
            header.set_path(name).unwrap();
            header.set_size(size);
            header.set_cksum();
            tar.append(&header, bytes).unwrap();
        };
        put(archive::MANIFEST, manifest.len().try_into().unwrap(), &manifest);
        put("log/1/checkpoint", 1, b"x");
        put("log/1/tile/0/000", u64::MAX, b"y");
        tar.finish().unwrap();
        assert!(verify(&path, None).is_err());
    }
}
