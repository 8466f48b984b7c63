//! What a checked bundle says, in the words of `docs/spec/proof.md` and as facts for programs. Three programs print the
//! same, so a change here is a change of the specification.

use std::fmt;

use serde_json::{Value, json};

use super::verify::{Content, Verified};
use crate::entry::Block;

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry {}, signed by a key of identity {}, ", self.id, self.identity)?;
        match &self.anchor {
            Some((anchoring, _)) => write!(
                f,
                "existed no later than {}, made at {}, if that is a block of that chain. ",
                block(&anchoring.block),
                moment(anchoring.time),
            )?,
            None => write!(f, "existed when this log had it; nothing here says when that was. ")?,
        }
        if let Some(after) = &self.header.not_before {
            let after = block(after);
            write!(
                f,
                "It was signed no earlier than {after}, if that is a block of that chain. "
            )?;
        }
        let nodes = match self.cosigners.len() {
            1 => "1 other node".to_owned(),
            n => format!("{n} other nodes"),
        };
        write!(
            f,
            "It is leaf {} of a log of node {} (identity {}), whose checkpoint of {} leaves {nodes} cosigned. \
             This says that it existed: not that it counts, nor that what it says is true.",
            self.index, self.checkpoint.origin.node, self.keeper, self.checkpoint.size,
        )
    }
}

impl Verified {
    /// The same for programs, and what the sentences leave out.
    #[must_use]
    pub fn facts(&self) -> Value {
        let header = &self.header;
        let facts = json!({
            "entry": self.id,
            "kind": header.kind,
            "key": header.by,
            "identity": self.identity,
            "claimed": header.time,
            "body": match self.body {
                Content::Bodiless => "none",
                Content::Absent => "absent",
                Content::Here(_) => "here",
            },
            "committee": self.checkpoint.origin.committee,
            "node": self.checkpoint.origin.node,
            "keeper": self.keeper,
            "generation": self.checkpoint.origin.generation,
            "index": self.index,
            "size": self.checkpoint.size,
            "root": self.checkpoint.root,
            "cosigners": self.cosigners.iter().map(|one| {
                json!({ "key": one.key, "identity": one.identity, "time": one.time })
            }).collect::<Vec<_>>(),
        });
        let anchor = self.anchor.as_ref().map(|(anchoring, contract)| {
            json!({
                "chain": anchoring.block.chain,
                "height": anchoring.block.height,
                "hash": anchoring.block.hash,
                "time": anchoring.time,
                "contract": contract.to_string(),
                "anchorer": anchoring.anchorer.to_string(),
                "digest": anchoring.digest,
            })
        });
        let after = header.not_before.map(|block| json!(block));
        let more = [("anchor", anchor), ("not_before", after)];
        let more = more
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        match facts {
            Value::Object(mut facts) => {
                facts.extend(more);
                Value::Object(facts)
            }
            other => other,
        }
    }
}

fn block(block: &Block) -> String {
    format!("block {} (0x{}) of chain {}", block.height, block.hash, block.chain)
}

/// The end of the last year of four digits, in seconds since 1970.
const LAST: u64 = 253_402_300_799;

/// A moment in UTC; as it stands where a year would need five digits.
fn moment(seconds: u64) -> String {
    if seconds > LAST {
        return format!("{seconds} seconds after 1970");
    }
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // The civil calendar, counted from the 1st of March of the year 0: leap days come last.
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + later;
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_795_299_010, "2026-11-21 22:10:10 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (LAST, "9999-12-31 23:59:59 UTC"),
            (LAST + 1, "253402300800 seconds after 1970"),
        ] {
            assert_eq!(moment(seconds), text);
        }
    }
}
