//! Words for what the protocol names: kinds, fields, positions, roles.

/// A name of the protocol as people write it: `source_hash` becomes `Source hash`.
pub(crate) fn human(name: &str) -> String {
    match name {
        "okr" => "OKR".to_owned(),
        _ => crate::http::pages::capital(&super::text::visible(&name.replace('_', " "))),
    }
}

/// What somebody did by an act of this kind.
pub(crate) fn did(kind: &str) -> String {
    let known = match kind {
        "accept" => "accepted",
        "agreement" => "agreed work with somebody",
        "amend" => "put another text beside an earlier one",
        "answer" => "answered",
        "cosign" => "signed too",
        "decline" => "declined",
        "disclose" => "disclosed",
        "edit" => "edited the document",
        "enroll" => "enrolled a device",
        "grant" => "grants a role",
        "label" => "put a label on an entry",
        "link" => "linked an address",
        "post" => "wrote",
        "question" => "asked",
        "retire" => "retired a device",
        "retract" => "took back an earlier entry",
        "revoke" => "revokes a grant",
        "rotate" => "changed their root key",
        "set_parameter" => "sets a parameter",
        "stance" => "took a stance",
        "take_up" => "took entries up",
        "vouch" => "vouched for somebody",
        "anchor" => "anchored logs in a block",
        "fraud" => "proved that a node changed its log",
        "audit" => "audited it",
        "cite" => "cited something",
        "claim" => "made a claim",
        "commit" => "committed to a text that is revealed later",
        "conclude" => "said how it ended",
        "correct" => "corrected the account",
        "counter_budget" => "put another budget beside it",
        "credential" => "gave a credential",
        "decide" => "decided how it goes on",
        "delegate" => "changed who speaks for them",
        "dispose" => "disposed of an objection",
        "draw" => "drew people by lot",
        "endorse" => "stands behind it",
        "escalate" => "took it further",
        "execute" => "carried it out",
        "fork" => "carries it on elsewhere",
        "handover" => "listed what passes on",
        "holding" => "attested a holding",
        "incident" => "reported an incident",
        "instruct" => "instructed a delegate",
        "join" => "signed it too",
        "measure" => "reported a value",
        "objection" => "objected",
        "pledge" => "pledged",
        "poll" => "linked a vote",
        "promise" => "promised",
        "publish" => "published it",
        "recommend" => "recommended",
        "reply_right" => "replied, as whom it is about",
        "rerun" => "ran it again",
        "resolve" => "said how it was settled",
        "reveal" => "revealed what they had committed to",
        "sponsor" => "sponsors it",
        "supersede" => "put a newer document in its place",
        "value" => "weighed the inputs",
        "withdraw" => "withdrew",
        _ => return format!("did: {}", human(kind)),
    };
    known.to_owned()
}

/// One of a kind: `a motion`, `an evaluation`.
pub(crate) fn a(kind: &str) -> String {
    let word = human(kind).to_lowercase();
    match kind {
        "research" => "a piece of research".to_owned(),
        _ if word.starts_with(['a', 'e', 'i', 'o']) => format!("an {word}"),
        _ => format!("a {word}"),
    }
}

/// Many of a kind, as counted: `2 posts`.
pub(crate) fn counted(n: usize, kind: &str) -> String {
    let one = human(kind).to_lowercase();
    let many = match kind {
        "research" => "pieces of research".to_owned(),
        "reply" => "replies".to_owned(),
        _ => format!("{one}s"),
    };
    let one = if kind == "research" {
        "piece of research".to_owned()
    } else {
        one
    };
    super::text::count(n, &one, &many)
}

/// A heading over several of a kind.
pub(crate) fn heading(kind: &str) -> String {
    match kind {
        "research" => "Research".to_owned(),
        _ => format!("{}s", human(kind)),
    }
}

/// What the position of a stance is called.
pub(crate) fn position(position: &str) -> &'static str {
    match position {
        "support" => "supports it",
        "oppose" => "opposes it",
        _ => "abstains",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_words_of_its_own() {
        let acts = althing_protocol::kind::all().iter().filter(|kind| !kind.is_document());
        for kind in acts {
            assert!(!did(kind.name).starts_with("did: "), "{}", kind.name);
        }
        assert_eq!(
            (human("set_parameter"), human("okr")),
            ("Set parameter".to_owned(), "OKR".to_owned())
        );
        assert_eq!(
            (counted(2, "post"), counted(1, "research")),
            ("2 posts".to_owned(), "1 piece of research".to_owned())
        );
    }
}
