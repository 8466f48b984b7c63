//! Hostile histories out of bytes: what people, honest or not, may have signed in one committee.
//!
//! Each step is six bytes and always means something, so that a property test can shrink a failing history by leaving
//! steps away. Entries are only signed here; nobody has judged them.

use std::collections::BTreeSet;

use althing_protocol::control::{self, Control};
use althing_protocol::entry::Verified;
use althing_protocol::hash::Id;

use super::{Pen, Person, Sheet, Town};

/// One step: what, who, and four choices.
pub type Step = [u8; 6];

/// What was signed.
#[derive(Debug, Clone)]
pub struct History {
    /// The committee.
    pub town: Town,
    /// Everything that nodes get to see, in the order of writing: parents first as far as they are shown at all.
    pub entries: Vec<Verified>,
}

/// People beside the founders.
const OTHERS: usize = 4;

struct Writing {
    town: Town,
    people: Vec<Person>,
    pens: Vec<Pen>,
    /// Earlier places of pens, from which a log can fork.
    earlier: Vec<Pen>,
    earlier_roots: Vec<(usize, Pen)>,
    entries: Vec<Verified>,
    shown: BTreeSet<Id>,
    /// In the committee's space.
    here: Vec<Id>,
    authority: Vec<Id>,
    acts: Vec<Id>,
    grants: Vec<Id>,
    documents: Vec<Id>,
}

/// Writes the history that these steps mean, with so many founders and this threshold, both 1 to 3.
#[must_use]
pub fn history(name: &str, founders: usize, threshold: u64, steps: &[Step]) -> History {
    let founders = founders.clamp(1, 3);
    let threshold = threshold.clamp(1, founders as u64);
    let town = Town::new(name, founders, threshold);
    let mut people = town.founders.clone();
    people.extend((0..OTHERS).map(|n| Person::new(&format!("{name}/other {n}"))));
    let mut pens = town.pens();
    pens.extend(people[founders..].iter().map(|p| p.pen(town.id)));
    let mut writing = Writing {
        earlier: pens.clone(),
        earlier_roots: people.iter().map(|p| p.root.clone()).enumerate().collect(),
        entries: Vec::new(),
        shown: BTreeSet::new(),
        here: vec![town.id],
        authority: Vec::new(),
        acts: Vec::new(),
        grants: Vec::new(),
        documents: vec![town.id],
        town,
        people,
        pens,
    };
    for person in &writing.people.clone() {
        writing.show_identity(person);
    }
    writing.entries.push(writing.town.root.clone());
    for step in steps {
        writing.step(*step);
    }
    History {
        town: writing.town,
        entries: writing.entries,
    }
}

impl Writing {
    fn step(&mut self, [what, who, a, b, c, d]: Step) {
        let saw = self.saw(b, c, d);
        let to = self.people[usize::from(a) % self.people.len()].identity;
        match what % 32 {
            0..=4 => self.write(who, Kind::Other, |sheet| sheet.text(&format!("{a} {d}")).after(&saw)),
            5 => self.write(who, Kind::Document, |sheet| sheet.doc(None).after(&saw)),
            6 | 7 => {
                let doc = pick(&self.documents, a);
                self.write(who, Kind::Other, |sheet| sheet.doc(doc).after(&saw));
            }
            8..=10 => {
                self.grant(who, if a % 3 == 0 { "voice" } else { "steward" }, to, &saw);
                self.cosigns(b, c, &saw);
            }
            11 | 12 => self.grant(who, "voice", to, &saw),
            13..=15 => {
                let Some(grant) = pick_late(&self.grants, a) else {
                    return;
                };
                let control = Control::Revoke(control::Revoke { grant });
                self.write(who, Kind::Act, |sheet| entry(sheet, "revoke", &control).after(&saw));
                self.cosigns(b, c, &saw);
            }
            16..=19 => {
                let Some(act) = pick_late(&self.acts, a) else { return };
                self.cosign(who, act, &saw);
            }
            20 => {
                let control = Control::SetParameter(control::SetParameter {
                    name: "quorum".into(),
                    value: u64::from(a),
                });
                self.write(who, Kind::Act, |sheet| {
                    entry(sheet, "set_parameter", &control).after(&saw)
                });
            }
            21 => {
                let control = Control::Vouch(control::Vouch { identity: to, quota: 5 });
                self.write(who, Kind::Other, |sheet| entry(sheet, "vouch", &control).after(&saw));
            }
            22 => self.write(who, Kind::Other, |sheet| {
                sheet.set(|h| h.kind = "hologram".into()).after(&saw)
            }),
            23 | 24 => {
                // From now on somebody's log goes two ways.
                let pen = self.earlier[usize::from(a) % self.earlier.len()].clone();
                self.pens.push(pen);
            }
            25 => self.write(who, Kind::Withheld, |sheet| sheet.text("never shown").after(&saw)),
            26 => {
                // No entry of the committee is a document of it: rejected, and all that names it.
                let doc = pick(&self.here, a).filter(|id| !self.documents.contains(id));
                self.write(who, Kind::Wrong, |sheet| match doc {
                    Some(doc) => sheet.doc(Some(doc)).after(&saw),
                    None => sheet.set(|h| h.seq += 7).after(&saw),
                });
            }
            27 => self.write(who, Kind::Other, |sheet| {
                sheet.set(|h| h.kind = "take_up".into()).after(&saw)
            }),
            28 => self.key_act(usize::from(a) % self.people.len(), b),
            29 => {
                let (person, pen) = self.earlier_roots[usize::from(a) % self.earlier_roots.len()].clone();
                self.people[person].root = pen;
            }
            30 => self.write(who, Kind::Other, |sheet| sheet.auth(&saw)),
            _ => {
                let auth: Vec<Id> = self.authority.iter().rev().take(4).copied().collect();
                self.write(who, Kind::Other, |sheet| sheet.auth(&auth).after(&saw));
            }
        }
    }

    fn grant(&mut self, who: u8, role: &str, to: Id, saw: &[Id]) {
        let control = Control::Grant(control::Grant {
            role: role.into(),
            to,
            scope: None,
        });
        self.write(who, Kind::Grant, |sheet| entry(sheet, "grant", &control).after(saw));
    }

    fn cosign(&mut self, who: u8, act: Id, saw: &[Id]) {
        let control = Control::Cosign(control::Cosign { entry: act });
        self.write(who, Kind::Signature, |sheet| {
            entry(sheet, "cosign", &control).after(saw)
        });
    }

    /// Half of the acts are signed at once by some of the first pens: founders' and others'.
    fn cosigns(&mut self, how_many: u8, from: u8, saw: &[Id]) {
        let Some(act) = self.acts.last().copied() else { return };
        for n in 0..how_many % 6 {
            if n < 3 {
                self.cosign(from.wrapping_add(n) % 7, act, saw);
            }
        }
    }

    fn write(&mut self, who: u8, kind: Kind, fill: impl FnOnce(Sheet<'_>) -> Sheet<'_>) {
        let at = usize::from(who) % self.pens.len();
        let pen = &mut self.pens[at];
        let before = pen.clone();
        let signed = fill(pen.entry("post")).sign();
        if matches!(kind, Kind::Withheld | Kind::Wrong) && !who.is_multiple_of(4) {
            // Mostly a branch that leads nowhere, or histories would soon consist of what nobody can admit.
            *pen = before.clone();
        }
        self.earlier.push(before);
        let id = signed.id();
        self.here.push(id);
        match kind {
            Kind::Grant => {
                self.grants.push(id);
                self.acts.push(id);
            }
            Kind::Act => self.acts.push(id),
            Kind::Document => self.documents.push(id),
            Kind::Other | Kind::Signature | Kind::Withheld | Kind::Wrong => {}
        }
        if matches!(kind, Kind::Grant | Kind::Act | Kind::Signature) {
            self.authority.push(id);
        }
        match kind {
            Kind::Withheld => {}
            // Named now and then all the same.
            Kind::Wrong => self.entries.push(signed),
            _ => {
                self.shown.insert(id);
                self.entries.push(signed);
            }
        }
    }

    /// A device more, a device less, or a new root key.
    fn key_act(&mut self, who: usize, how: u8) {
        let space = self.town.id;
        let person = &mut self.people[who];
        self.earlier_roots.push((who, person.root.clone()));
        match how % 6 {
            0..=2 => {
                let device = person.enroll();
                self.pens.push(device.pen(space));
            }
            3 => {
                let device = person.device.clone();
                person.retire(&device, Vec::new());
            }
            4 => {
                person.rotate(vec![person.device.cert]);
            }
            _ => {
                let note = person.root.entry("profile").text("about me").sign();
                person.entries.push(note);
            }
        }
        let person = self.people[who].clone();
        self.show_identity(&person);
    }

    fn show_identity(&mut self, person: &Person) {
        for entry in &person.entries {
            if self.shown.insert(entry.id()) {
                self.entries.push(entry.clone());
            }
        }
    }

    /// What an author has in sight.
    fn saw(&self, how: u8, b: u8, c: u8) -> Vec<Id> {
        match how % 4 {
            0 => Vec::new(),
            1 => self
                .here
                .iter()
                .rev()
                .take(3)
                .filter(|id| self.shown.contains(*id))
                .copied()
                .collect(),
            2 => self.authority.iter().rev().take(8).copied().collect(),
            _ => {
                let any = [pick(&self.here, b), pick_late(&self.here, c)].into_iter().flatten();
                any.filter(|id| self.shown.contains(id) || c.is_multiple_of(8))
                    .collect()
            }
        }
    }
}

/// What is to be remembered of an entry.
enum Kind {
    Grant,
    Act,
    Signature,
    Document,
    Other,
    /// Signed and never shown to anybody.
    Withheld,
    Wrong,
}

fn entry<'a>(sheet: Sheet<'a>, kind: &str, control: &Control) -> Sheet<'a> {
    sheet.set(|h| kind.clone_into(&mut h.kind)).control(control)
}

fn pick(from: &[Id], at: u8) -> Option<Id> {
    (!from.is_empty()).then(|| from[usize::from(at) % from.len()])
}

/// One of the last five.
fn pick_late(from: &[Id], at: u8) -> Option<Id> {
    pick(&from[from.len().saturating_sub(5)..], at)
}
