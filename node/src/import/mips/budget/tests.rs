use super::*;

fn lines_of(text: &str) -> Vec<(String, u64, String)> {
    let file = format!("# A\n```\nMIP40c3-SP#: 1\n```\n## Breakdown\n\n{text}\n");
    let markdown = Markdown::read(&file).unwrap();
    let word = |item: &Json, at: &str| item.pointer(at).and_then(Json::as_str).unwrap().to_owned();
    let line = |item: &Json| {
        assert_eq!(word(item, "/group"), "Breakdown");
        (
            word(item, "/text"),
            item.pointer("/amount/amount").unwrap().as_u64().unwrap(),
            word(item, "/amount/currency"),
        )
    };
    lines(&markdown).iter().map(line).collect()
}

fn expected(lines: &[(&str, u64, &str)]) -> Vec<(String, u64, String)> {
    lines
        .iter()
        .map(|(text, amount, currency)| ((*text).to_owned(), *amount, (*currency).to_owned()))
        .collect()
}

#[test]
fn a_plain_table_is_read_and_its_total_left_out() {
    let table = "| Item | Amount |\n| :--- | ---: |\n|[Facilitator](x) | 17,500 DAI |\n| - Swag | DAI 80000.00 |\n|Nothing | - |\n|**Total** | 97,500 DAI |";
    assert_eq!(
        lines_of(table),
        expected(&[("Facilitator", 17_500, "DAI"), ("Swag", 80_000, "DAI")])
    );
}

#[test]
fn dollars_are_cents_and_the_head_may_name_the_currency() {
    assert_eq!(
        lines_of("| a | Monthly |\n|-|-|\n| Pay | $ 23,333.33 |\n| Gas | $1 |"),
        expected(&[("Pay", 2_333_333, "USD"), ("Gas", 100, "USD")])
    );
    assert_eq!(
        lines_of("| a | b | Amount (DAI) |\n|-|-|-|\n| Pay | each month | 100,000 |"),
        expected(&[("Pay", 100_000, "DAI")])
    );
}

#[test]
fn rows_in_bold_that_sum_up_others_are_told_apart_by_the_total() {
    let table =
        |total: &str| format!("|a|Amount|\n|-|-|\n|**Team**|**DAI 30**|\n|- Ada|DAI 10|\n|- Eve|DAI 20|\n{total}");
    assert_eq!(
        lines_of(&table("|**Total**|**DAI 30**|")),
        expected(&[("Ada", 10, "DAI"), ("Eve", 20, "DAI")])
    );
    assert_eq!(
        lines_of(&table("|**Total**|**DAI 60**|")),
        expected(&[("Team", 30, "DAI"), ("Ada", 10, "DAI"), ("Eve", 20, "DAI")])
    );
    assert_eq!(lines_of(&table("")), [], "nobody says which rows are lines");
}

#[test]
fn what_leaves_a_choice_stays_text() {
    for table in [
        // Two columns of money.
        "|a|Monthly|Quarterly|\n|-|-|-|\n|x|$10|$30|",
        "|a|Old|New|\n|-|-|-|\n|x|$10|about $30|",
        // Cells that are no amounts.
        "|a|Amount|\n|-|-|\n|x|10|",
        "|a|Amount|\n|-|-|\n|x|10 DAI|\n|y|some DAI|",
        "|a|Amount|\n|-|-|\n|x|10 DAI|\n|y|(5) DAI|",
        "|a|Amount|\n|-|-|\n|x|1,00 DAI|",
        "|a|Amount|\n|-|-|\n|x|10k DAI|",
        // A fraction of a currency whose smallest unit nobody names.
        "|a|Amount|\n|-|-|\n|x|110.16 MKR|",
        "|a|Amount|\n|-|-|\n|x|$1.234|",
        // Two currencies for one number.
        "|a|DAI|\n|-|-|\n|x|$37,910|",
        // Sums that do not come out.
        "|a|Amount|\n|-|-|\n|x|10 DAI|\n|Total|11 DAI|",
        "|a|Amount|\n|-|-|\n|x|10 DAI|\n|Total|10 DAI|\n|Grand total|20 DAI|",
        // No label, no rows, code.
        "|Amount|a|\n|-|-|\n|10 DAI|x|",
        "|a|Amount|\n|-|-|\n||10 DAI|",
        "|a|Amount|\n|-|-|",
        "```\n|a|Amount|\n|-|-|\n|x|10 DAI|\n```",
    ] {
        assert_eq!(lines_of(table), [], "{table}");
    }
}

#[test]
fn a_table_that_sums_up_others_is_left_out() {
    let text = "|a|Amount|\n|-|-|\n|x|10 DAI|\n|y|20 DAI|\n\nand\n\n|a|Amount|\n|-|-|\n|z|5 DAI|\n\nso\n\n\
                |all|Amount|\n|-|-|\n|First|30 DAI|\n|Second|5 DAI|\n|Total|35 DAI|";
    assert_eq!(
        lines_of(text),
        expected(&[("x", 10, "DAI"), ("y", 20, "DAI"), ("z", 5, "DAI")])
    );
}

#[test]
fn numbers_are_read_exactly_or_not_at_all() {
    for (text, cents, expected) in [
        ("1,234,567", false, Some(1_234_567)),
        ("1234567.00", false, Some(1_234_567)),
        ("0.05", true, Some(5)),
        ("9007199254740991", false, Some(9_007_199_254_740_991)),
        ("9007199254740992", false, None),
        ("99999999999999999999", false, None),
        ("1.5", true, None),
        ("1,23", false, None),
        ("1234,567", false, None),
        ("", false, None),
        (".50", true, None),
        ("-5", false, None),
        ("1 000", false, None),
    ] {
        assert_eq!(minor(text, cents), expected, "{text}");
    }
}
