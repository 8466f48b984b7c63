//! From valuations to transactions that a real chain carries out, to the unit.

use std::fs;

use althing_tests::chain::Anvil;
use althing_tests::process::{agree, text, wait_for};
use serde_json::{Value, json};

use super::{World, admit, follow, found};

/// A contract that remembers its second argument under its first: `sstore(calldata[4..36], calldata[36..68])` in eight bytes,
/// and the code that puts these into place.
const LEDGER: &str = "0x67602435600435550060005260086018f3";

#[test]
fn payouts_are_carried_out_to_the_unit_and_nobody_is_paid_without_an_address() {
    let (world, chain) = (World::new(), Anvil::start());
    let (ada, ben) = (world.begin("ada"), world.begin("ben"));
    let committee = found(&ada);
    follow(&ben, &committee, &ada);
    admit(&ada, &committee, &ben);
    ada.cli(&["grant", "delegate", ada.identity(), "--committee", &committee]);
    let open = |kind: &str, fields: &[&str]| {
        let mut args = vec!["open", kind, "--committee", &committee];
        fields.iter().for_each(|field| args.extend(["--set", field]));
        ada.write(&args)
    };
    let programme = open(
        "proposal",
        &["title=Ferries", "type=tpp", "start=2026-02-01", "end=2026-03-01"],
    );
    let evaluation = open(
        "evaluation",
        &[
            "title=Were they worth it?",
            &format!("programme={programme}"),
            "reward=1000 DAI",
        ],
    );
    agree(&[&ada, &ben], &committee, 5);
    let research = |node: &althing_tests::process::Node, title: &str| {
        let (title, about) = (format!("title={title}"), format!("evaluation={evaluation}"));
        let args = [
            "research",
            "--committee",
            &committee,
            "--set",
            &title,
            "--set",
            &about,
            "--set",
            "findings=Yes",
        ];
        node.write(&args)
    };
    let (counted, asked) = (research(&ada, "Counted"), research(&ben, "Asked"));
    agree(&[&ada, &ben], &committee, 7);
    let points =
        format!("points=[{{\"research\":\"{counted}\",\"points\":1}},{{\"research\":\"{asked}\",\"points\":2}}]");
    // Nobody weighs their own: Ben's points for Ada's input are those that count for it.
    ada.cli(&["grant", "delegate", ben.identity(), "--committee", &committee]);
    for node in [&ada, &ben] {
        wait_for("the role", || {
            node.try_cli(&["act", "value", &evaluation, "--set", &points, "so it seems"])
                .ok()
        });
    }
    agree(&[&ada, &ben], &committee, 10);
    let out = world.dir().join("batch.json");
    let out = out.to_str().expect("a path of ASCII");
    let accounts = chain.ask("eth_accounts", &json!([]));
    let from = accounts[0].as_str().expect("an account").to_owned();
    let token = chain.ask("eth_sendTransaction", &json!([{ "from": from, "data": LEDGER }]));
    let token = wait_for("the contract", || {
        let receipt = chain.ask("eth_getTransactionReceipt", &json!([token]));
        receipt["contractAddress"].as_str().map(str::to_owned)
    });
    let export = [
        "export",
        "payouts",
        &evaluation,
        "--chain",
        "31337",
        "--token",
        &token,
        "--scale",
        "16",
        "-o",
        out,
    ];
    let why = ada.try_cli(&export).expect_err("nobody has an address");
    assert!(why.contains("proved no address") && why.contains("id link"), "{why}");

    // Their wallets sign that the addresses are theirs.
    let wallets = [
        accounts[1].as_str().expect("one"),
        accounts[2].as_str().expect("another"),
    ];
    for (node, wallet) in [&ada, &ben].into_iter().zip(wallets) {
        let typed = node.cli(&["id", "link", wallet, "--chain", "31337"]);
        let signature = chain.ask("eth_signTypedData_v4", &json!([wallet, typed]));
        let signature = signature.as_str().expect("a signature");
        node.cli(&["id", "link", wallet, "--chain", "31337", "--signature", signature]);
    }
    let exported = wait_for("both addresses", || ada.try_cli(&export).ok());
    assert_eq!(
        text(&exported, "total"),
        format!("1000{}", "0".repeat(16)),
        "the whole reward, and no more"
    );
    assert_eq!(exported.get("transfers"), Some(&json!(2)));

    let batch: Value = serde_json::from_str(&fs::read_to_string(out).expect("a file")).expect("JSON");
    assert_eq!(batch["chainId"], "31337");
    for transfer in batch["transactions"].as_array().expect("a list") {
        let sent = json!([{ "from": from, "to": transfer["to"], "data": transfer["data"] }]);
        let sent = chain.ask("eth_sendTransaction", &sent);
        let receipt = wait_for("the block", || {
            let receipt = chain.ask("eth_getTransactionReceipt", &json!([sent]));
            receipt.is_object().then_some(receipt)
        });
        assert_eq!(receipt["status"], "0x1");
    }
    let view = ada.cli(&["view", "payouts", &evaluation]);
    let rows = view.pointer("/tables/payload").and_then(Value::as_array).expect("rows");
    let mut paid = 0;
    for row in rows {
        let to = text(row, "address");
        let slot = format!("0x{:0>64}", to.trim_start_matches("0x"));
        let held = chain.ask("eth_getStorageAt", &json!([token, slot, "latest"]));
        let held =
            u128::from_str_radix(held.as_str().expect("a number").trim_start_matches("0x"), 16).expect("hexadecimal");
        let amount = row.get("amount").and_then(Value::as_u64).expect("an amount");
        assert_eq!(held, u128::from(amount) * 10_u128.pow(16), "{to}");
        paid += amount;
    }
    assert_eq!((rows.len(), paid), (2, 1000));
}
