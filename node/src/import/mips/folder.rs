//! Proposals of one folder put together: one `domain` for each core unit, and what proposals say of each other.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::hash::{Hash, Id, sha256};
use serde_json::{Map, json};

use super::Proposal;
use super::unit::Unit;
use crate::import::Document;

/// What is kept of a proposal while the others are read: a few words each, never its text.
#[derive(Debug, Default)]
pub struct Folder {
    units: Vec<Unit>,
    /// Codes that mandates name: each is a unit by itself.
    mandates: BTreeSet<String>,
    numbers: BTreeMap<String, usize>,
}

/// The folder's units, once all of it was read.
#[derive(Debug)]
pub struct Units {
    /// How many proposals name a code.
    named: BTreeMap<String, usize>,
    /// Other spellings of a unit's code: codes without a mandate that a proposal names beside a more common one.
    spellings: BTreeMap<String, String>,
    /// The codes that proposals are linked to, and no others.
    chosen: BTreeSet<String>,
    names: BTreeMap<String, String>,
    /// Numbers of nominations that two files claim.
    numbers: BTreeMap<String, usize>,
}

/// Documents that proposals refer to, once they have ids.
#[derive(Debug, Default)]
pub struct Links {
    /// Domains by the code of their unit.
    pub domains: BTreeMap<String, Id>,
    /// Nominations by their number, such as `MIP41c4-SP41`.
    pub nominations: BTreeMap<String, Id>,
}

impl Folder {
    /// Takes note of a proposal.
    pub fn note(&mut self, proposal: &Proposal) {
        self.units.push(proposal.unit.clone());
        if proposal
            .document
            .content
            .get("form")
            .is_some_and(|form| form == "mandate")
        {
            self.mandates.extend(proposal.unit.code().map(str::to_owned));
        }
        *self.numbers.entry(proposal.number.clone()).or_default() += 1;
    }

    /// The units that the folder's proposals name.
    #[must_use]
    pub fn units(self) -> Units {
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        for code in self.units.iter().flat_map(|unit| &unit.codes) {
            *named.entry(code.clone()).or_default() += 1;
        }
        let mut units = Units {
            named,
            spellings: BTreeMap::new(),
            chosen: BTreeSet::new(),
            names: BTreeMap::new(),
            numbers: self.numbers,
        };
        for unit in &self.units {
            let Some(common) = units.common(unit) else { continue };
            let others = unit
                .codes
                .iter()
                .filter(|code| *code != common && !self.mandates.contains(*code));
            let others: Vec<(String, String)> = others.map(|code| (code.clone(), common.clone())).collect();
            units.spellings.extend(others);
        }
        let mut said: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        let mut chosen = BTreeSet::new();
        for unit in &self.units {
            if let Some(code) = units.code(unit) {
                chosen.insert(code.clone());
                if let Some(name) = &unit.name {
                    *said.entry(code).or_default().entry(name.clone()).or_default() += 1;
                }
            }
        }
        for (code, names) in said {
            // The name that most of them use; of equally common ones the first by its letters.
            let common = names.into_iter().rev().max_by_key(|(_, count)| *count);
            units.names.extend(common.map(|(name, _)| (code, name)));
        }
        units.chosen = chosen;
        units
    }
}

impl Units {
    /// The unit of a proposal: of the codes that its places name, the one that most of the folder's proposals name.
    #[must_use]
    pub fn code(&self, unit: &Unit) -> Option<String> {
        let Some(code) = self.common(unit) else {
            return self.code_of_stem(unit.stem.as_deref()?);
        };
        Some(self.spellings.get(code).unwrap_or(code).clone())
    }

    fn common<'a>(&self, unit: &'a Unit) -> Option<&'a String> {
        let places = unit.codes.iter().rev();
        places.max_by_key(|code| self.named.get(*code).copied().unwrap_or(0))
    }

    /// `SES-001` for `SES`, where no other unit's code begins so.
    fn code_of_stem(&self, stem: &str) -> Option<String> {
        let begins = |code: &&String| code.rsplit_once('-').is_some_and(|(name, _)| name == stem);
        super::people::one(self.named.keys().filter(begins).cloned().collect())
    }

    /// One `domain` for each unit. Its key is its code, so a later import of more or fewer files finds it again.
    #[must_use]
    pub fn domains(&self) -> Vec<(String, Document)> {
        let domain = |code: &String| {
            let name = self.names.get(code).unwrap_or(code);
            let source = format!("unit {code}");
            let fields = json!({ "name": name, "code": code, "form": "unit" });
            let document = Document {
                source_hash: Hash(sha256(&[source.as_bytes()])),
                source,
                kind: "domain".to_owned(),
                content: fields.as_object().cloned().unwrap_or_default(),
                more: false,
            };
            (code.clone(), document)
        };
        self.chosen.iter().map(domain).collect()
    }

    /// The proposal's document, with ids in place of what has one.
    #[must_use]
    pub fn linked(&self, proposal: Proposal, links: &Links) -> Document {
        let mut document = proposal.document;
        if let Some(code) = self.code(&proposal.unit) {
            let domain = links.domains.get(&code).map_or(json!(code), |id| json!(id));
            document.content.insert("domain".to_owned(), domain);
        }
        self.replace(&mut document.content, links);
        document
    }

    fn replace(&self, content: &mut Map<String, serde_json::Value>, links: &Links) {
        let Some(number) = content.get("replacement").and_then(|found| found.as_str()) else {
            return;
        };
        let once = self.numbers.get(number) == Some(&1);
        if let Some(id) = links.nominations.get(number).filter(|_| once) {
            content.insert("replacement".to_owned(), json!(id));
        }
    }
}
