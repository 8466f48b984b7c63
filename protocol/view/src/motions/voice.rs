//! Stances by class, and the weight that a register gives each of them (R18, R37).
//!
//! A class has the weights of the newest register that lists it and that the committee can trust: one that a founder or a
//! `registrar` opened. Anybody else may open a register, and would otherwise list themselves. Each holder of a register
//! counts once in a class, whoever linked its address.

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::motions::shared::plain;
use crate::{Act, Doc, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

/// Where somebody can stand.
pub(crate) const POSITIONS: [&str; 3] = ["support", "oppose", "abstain"];

/// The newest trusted register of each class.
pub(crate) struct Rolls {
    pub(crate) by_class: BTreeMap<String, Roll>,
    /// Registers that somebody without that role opened.
    pub(crate) strangers: usize,
}

/// One class as a register lists it.
pub(crate) struct Roll {
    pub(crate) register: Id,
    pub(crate) block: Option<u64>,
    age: (Day, u64, u64, Id),
    weights: Vec<u64>,
    identities: BTreeMap<Id, Vec<usize>>,
    names: BTreeMap<String, Vec<usize>>,
}

/// A stance.
pub(crate) struct Voice<'a> {
    pub(crate) act: Act<'a>,
    /// Its place in [`POSITIONS`].
    pub(crate) position: usize,
    pub(crate) confidence: Option<u64>,
    pub(crate) weight: u64,
}

/// The stances of one class.
pub(crate) struct Class<'a> {
    /// Its name in small letters; none for those who named none.
    pub(crate) name: Option<String>,
    /// By time and entry.
    pub(crate) voices: Vec<Voice<'a>>,
}

impl Rolls {
    pub(crate) fn of(world: &World<'_>) -> Self {
        let mut out = Self {
            by_class: BTreeMap::new(),
            strangers: 0,
        };
        for register in world.of("register") {
            if !trusted(world, register) {
                out.strangers += 1;
                continue;
            }
            let day = register
                .day("day")
                .unwrap_or_else(|| Day::of(register.opened().claimed));
            if day > world.today() {
                continue;
            }
            let age = (
                day,
                register.int("block").unwrap_or(0),
                register.opened().claimed,
                register.id(),
            );
            for (class, roll) in rolls(register, age) {
                let newer = out.by_class.get(&class).is_none_or(|known| known.age < age);
                if newer {
                    out.by_class.insert(class, roll);
                }
            }
        }
        out
    }

    pub(crate) fn of_class(&self, class: Option<&str>) -> Option<&Roll> {
        self.by_class.get(class?)
    }
}

impl Roll {
    /// The sum of all its weights.
    pub(crate) fn total(&self) -> u64 {
        self.weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight))
    }

    /// What each of these people holds, by their identity or an address that they linked. A holder that several of them
    /// claim belongs to the first.
    pub(crate) fn divide(&self, world: &World<'_>, people: impl Iterator<Item = Id>) -> BTreeMap<Id, u64> {
        let mut taken = vec![false; self.weights.len()];
        let mut out = BTreeMap::new();
        for who in people {
            let addresses = world
                .people
                .get(&who)
                .map_or(&[][..], |person| &person.addresses)
                .iter();
            let named = addresses.filter_map(|address| self.names.get(&plain(address)));
            let mine = self.identities.get(&who).into_iter().chain(named).flatten();
            let sum: &mut u64 = out.entry(who).or_insert(0);
            for n in mine {
                if let (Some(taken), Some(weight)) = (taken.get_mut(*n), self.weights.get(*n))
                    && !std::mem::replace(taken, true)
                {
                    *sum = sum.saturating_add(*weight);
                }
            }
        }
        out
    }
}

/// Whether who opened a register was a founder, or held the role for it at that moment.
fn trusted(world: &World<'_>, register: &Doc<'_>) -> bool {
    let (who, at) = (register.by(), register.opened().claimed);
    let here = |t: &crate::Tenure| t.scope.is_none_or(|scope| scope == register.id());
    let held = |t: &crate::Tenure| {
        let role = t.role == "registrar" && t.holder == who && here(t);
        role && t.from <= at && t.until.is_none_or(|until| at < until)
    };
    world.people.get(&who).is_some_and(|person| person.founder) || world.tenures.iter().any(held)
}

fn rolls(register: &Doc<'_>, age: (Day, u64, u64, Id)) -> BTreeMap<String, Roll> {
    let mut out: BTreeMap<String, Roll> = BTreeMap::new();
    for item in register.items("holders") {
        let (Some(class), Some(weight)) = (item.text("class"), item.int("weight")) else {
            continue;
        };
        let roll = out.entry(plain(class)).or_insert_with(|| Roll {
            register: register.id(),
            block: register.int("block"),
            age,
            weights: Vec::new(),
            identities: BTreeMap::new(),
            names: BTreeMap::new(),
        });
        let n = roll.weights.len();
        roll.weights.push(weight);
        match item.value("holder") {
            Some(Value::Id(id)) => roll.identities.entry(*id).or_default().push(n),
            Some(Value::Text(name)) => roll.names.entry(plain(name)).or_default().push(n),
            _ => {}
        }
    }
    out
}

/// A document's stances by class: those without one first, then by name. Where one address was linked by several people
/// who take a stance in a class, its weight goes with what was said last.
pub(crate) fn classes<'a>(world: &World<'_>, rolls: &Rolls, doc: &Doc<'a>) -> Vec<Class<'a>> {
    let mut found: BTreeMap<Option<String>, Vec<Voice<'a>>> = BTreeMap::new();
    for act in doc.acts("stance") {
        let position = act.text("position");
        let Some(position) = POSITIONS.iter().position(|word| Some(*word) == position) else {
            continue;
        };
        let voice = Voice {
            position,
            confidence: act.int("confidence"),
            weight: 0,
            act,
        };
        found.entry(act.text("class").map(plain)).or_default().push(voice);
    }
    let mut out = Vec::with_capacity(found.len());
    for (name, mut voices) in found {
        voices.sort_by_key(|voice| (voice.act.when.claimed, voice.act.id));
        if let Some(roll) = rolls.of_class(name.as_deref()) {
            let weights = roll.divide(world, voices.iter().rev().map(|voice| voice.act.by));
            for voice in &mut voices {
                voice.weight = weights.get(&voice.act.by).copied().unwrap_or(0);
            }
        }
        out.push(Class { name, voices });
    }
    out
}

impl Class<'_> {
    /// How many took a position.
    pub(crate) fn count(&self, position: usize) -> u64 {
        let taken = self.voices.iter().filter(|voice| voice.position == position);
        crate::motions::shared::count(taken.count())
    }

    /// The weight behind a position.
    pub(crate) fn weight(&self, position: usize) -> u64 {
        let taken = self.voices.iter().filter(|voice| voice.position == position);
        taken.fold(0, |sum, voice| sum.saturating_add(voice.weight))
    }

    /// How many of them the register does not list.
    pub(crate) fn unverified(&self) -> u64 {
        crate::motions::shared::count(self.voices.iter().filter(|voice| voice.weight == 0).count())
    }

    /// How sure those are who took a position, on average by weight, in parts per million and rounded down. None where
    /// nobody with a weight says how sure they are.
    pub(crate) fn confidence(&self, position: usize) -> Option<u64> {
        let sure = self.voices.iter().filter(|voice| voice.position == position);
        let sure = sure.filter_map(|voice| Some((u128::from(voice.confidence?), u128::from(voice.weight))));
        let (sum, weights) = sure.fold((0, 0), |(sum, weights), (percent, weight)| {
            (sum + percent * 10_000 * weight, weights + weight)
        });
        u64::try_from(u128::checked_div(sum, weights)?).ok()
    }
}
