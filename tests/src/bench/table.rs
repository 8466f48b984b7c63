//! One table on standard output, printed as the rows come.

/// Prints the heading.
pub fn begin() {
    row("what", "measured", "goal", "limit or note");
    row(&"-".repeat(44), &"-".repeat(22), &"-".repeat(24), &"-".repeat(20));
}

/// Prints one row.
#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
pub fn row(what: &str, measured: &str, goal: &str, note: &str) {
    println!("| {what:<44} | {measured:>22} | {goal:<24} | {note} |");
}

/// A rate, short.
#[must_use]
pub fn per_second(rate: f64) -> String {
    if rate >= 10_000.0 {
        format!("{:.1}k/s", rate / 1000.0)
    } else {
        format!("{rate:.0}/s")
    }
}
