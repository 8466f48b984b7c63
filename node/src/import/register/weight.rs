//! Decimal numbers scaled to whole ones, exactly.

use althing_protocol::limit;

/// `12.5` with two decimals is 1250. What has more digits than that is refused, never rounded.
pub(super) fn scaled(text: &str, decimals: u8) -> Result<u64, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err(format!(
            "{:?} is no weight; write it in digits, with a point before decimals and without separators",
            cut(text)
        ));
    }
    let places = usize::from(decimals);
    let significant = fraction.trim_end_matches('0');
    if significant.len() > places {
        let most = format!(
            "it has {} digits after the point, and --decimals says {decimals}",
            significant.len()
        );
        return Err(format!("{:?} would be rounded: {most}", cut(text)));
    }
    let scaled = format!("{whole}{significant:0<places$}");
    let trimmed = scaled.trim_start_matches('0');
    let value: u64 = if trimmed.is_empty() {
        0
    } else {
        trimmed.parse().unwrap_or(u64::MAX)
    };
    if value > limit::INT {
        let most = limit::INT;
        return Err(format!(
            "{:?} is too large: at most {most} with {decimals} decimals; keep fewer decimals",
            cut(text)
        ));
    }
    Ok(value)
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}
