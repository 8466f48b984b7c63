//! What acts are called: on the form, in lists of what can be done, on the button that signs.

use althing_protocol::kind::Kind;

use crate::http::pages::capital;

/// The title of a form and what its button says.
pub(super) fn of(kind: &Kind) -> (String, String) {
    let (title, verb) = match kind.name {
        "accept" => ("Accept the nomination", "Sign the acceptance"),
        "agreement" => ("Agree work with somebody", "Sign the agreement"),
        "amend" => ("Amend your own words", "Sign the new text"),
        "answer" => ("Answer a question", "Sign the answer"),
        "audit" => ("Say whether it holds", "Sign the audit"),
        "cite" => ("Cite something", "Sign the citation"),
        "claim" => ("Claim a reward or a forfeit", "Sign the claim"),
        "commit" => ("Commit to a text, reveal it later", "Sign the commitment"),
        "conclude" => ("Say how it ended", "Sign the conclusion"),
        "correct" => ("Correct the account", "Sign the correction"),
        "counter_budget" => ("Put another budget beside it", "Sign the other budget"),
        "credential" => ("Give somebody a credential", "Sign the credential"),
        "decide" => ("Stop, pause, continue or iterate", "Sign the decision"),
        "decline" => ("Decline the nomination", "Sign the refusal"),
        "delegate" => ("Lend your voice to somebody", "Sign the delegation"),
        "disclose" => ("Disclose an interest", "Sign the disclosure"),
        "dispose" => ("Dispose of an objection", "Sign what became of it"),
        "draw" => ("Draw people by lot", "Sign the draw"),
        "endorse" => ("Stand behind it", "Sign the endorsement"),
        "escalate" => ("Take the concern further", "Sign the escalation"),
        "execute" => ("Say what was carried out", "Sign the account"),
        "fork" => ("Carry this on elsewhere", "Sign the fork"),
        "grant" => ("Grant a role", "Sign the grant"),
        "handover" => ("List what passes on", "Sign the handover"),
        "holding" => ("Attest a holding", "Sign the attestation"),
        "incident" => ("Report an incident", "Sign the report"),
        "instruct" => ("Ask a delegate to act", "Sign the instruction"),
        "join" => ("Sign it beside its opener", "Sign it too"),
        "label" => ("Put a label on an entry", "Sign the label"),
        "link" => ("Add another name of yours", "Sign the link"),
        "measure" => ("Report a measured value", "Sign the value"),
        "objection" => ("Object", "Sign the objection"),
        "pledge" => ("Pledge to pay", "Sign the pledge"),
        "poll" => ("Link a vote held elsewhere", "Sign the link"),
        "post" => ("Write a post", "Sign and post"),
        "promise" => ("Promise something", "Sign the promise"),
        "publish" => ("Publish: it is no draft any more", "Sign the publication"),
        "question" => ("Ask a question", "Sign and ask"),
        "recommend" => ("Recommend a course", "Sign the recommendation"),
        "reply_right" => ("Reply, as whom it is about", "Sign the reply"),
        "rerun" => ("Say what a re-run gave", "Sign the re-run"),
        "resolve" => ("Say that it is settled", "Sign that it is settled"),
        "retract" => ("Take your own words back", "Sign the retraction"),
        "reveal" => ("Reveal what you committed to", "Sign and reveal"),
        "revoke" => ("Revoke a grant", "Sign the revocation"),
        "set_parameter" => ("Set a parameter", "Sign the parameter"),
        "sponsor" => ("Sponsor it", "Sign the sponsorship"),
        "stance" => ("Say where you stand", "Sign the stance"),
        "supersede" => ("Put a newer document in its place", "Sign the replacement"),
        "value" => ("Weigh the research", "Sign the points"),
        "vouch" => ("Vouch for a newcomer", "Sign the vouch"),
        "withdraw" => ("Withdraw it", "Sign the withdrawal"),
        other => return (capital(&other.replace('_', " ")), "Sign".to_owned()),
    };
    (title.to_owned(), verb.to_owned())
}

#[cfg(test)]
mod tests {
    use althing_protocol::kind::{self, Shape};

    use super::*;

    #[test]
    fn every_act_that_has_a_form_has_words_of_its_own() {
        let acts = kind::all().iter().filter(|kind| kind.shape == Shape::Act);
        let mut titles: Vec<String> = acts
            .filter(|kind| !super::super::ELSEWHERE.contains(&kind.name))
            .map(|kind| {
                let (title, verb) = of(kind);
                assert_ne!(verb, "Sign", "{}", kind.name);
                title
            })
            .collect();
        titles.sort_unstable();
        let all = titles.len();
        titles.dedup();
        assert_eq!(titles.len(), all, "two acts are called the same");
    }
}
