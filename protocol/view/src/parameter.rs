//! Durations, caps and thresholds that views rest on: data of the committee (`set_parameter`), with what holds until
//! it sets its own.

/// Every parameter that a view reads: name, what holds until the committee sets one, what it is for. A word after a name,
/// such as `options_max_offboard`, sets it for that word alone.
pub const PARAMETERS: &[(&str, u64, &str)] = &[
    (
        "nomination_term_days",
        14,
        "days in which a nominee accepts or declines",
    ),
    (
        "notice_working_days",
        10,
        "working days of notice before a motion against somebody goes on",
    ),
    (
        "options_max",
        2,
        "options that a motion may have; set for one form as `options_max_offboard`",
    ),
    ("redundancy_min", 2, "providers that each function should have"),
    (
        "report_days",
        90,
        "days in which a report is due, for domains that set none",
    ),
    ("load_max_weekly", 5, "decisions that a voter is asked for in a week"),
    (
        "term_reminder_days",
        30,
        "days before the end of a term when its holder is reminded",
    ),
    ("objection_days", 14, "days in which an objection is disposed of"),
    ("question_days", 7, "days in which a question is answered"),
    (
        "sponsors_min",
        1,
        "sponsors that a proposal needs before its vote; set for one type as `sponsors_min_tpp`",
    ),
    (
        "sponsor_weight_min",
        0,
        "weight that has to stand behind a proposal before its vote",
    ),
    (
        "evaluation_days",
        14,
        "days in which an evaluation is open after its programme's end",
    ),
    (
        "decision_gap_days",
        0,
        "days between two decisions that are asked of the same voters",
    ),
    (
        "status_gap_days",
        35,
        "days between two status reports before there is a gap",
    ),
    (
        "inflation_max_ppm",
        0,
        "the most that may be minted in a year, in parts per million of `supply`; 0 is no bound",
    ),
    (
        "supply",
        0,
        "the supply from which shares are counted, in minor units; 0 is unknown",
    ),
    (
        "sunset_days",
        365,
        "days after which a working group without a sunset is asked for one",
    ),
];

/// What holds until the committee sets its own.
#[must_use]
pub fn default(name: &str) -> u64 {
    let known = PARAMETERS.iter().find(|(known, ..)| *known == name);
    known.map_or(0, |(_, value, _)| *value)
}
