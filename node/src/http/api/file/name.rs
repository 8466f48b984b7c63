//! The name under which a browser saves a file.

use althing_protocol::hash::Hash;

/// Endings by which a system may run a file, or a browser read it as a page.
const ACTIVE: [&str; 34] = [
    "app", "bat", "chm", "cmd", "com", "cpl", "desktop", "dll", "exe", "hta", "htm", "html", "jar", "js", "jse", "lnk",
    "mht", "mhtml", "mjs", "msi", "pif", "ps1", "reg", "scr", "sh", "svg", "url", "vb", "vbe", "vbs", "ws", "wsf",
    "xhtml", "xml",
];

/// How a browser is to save a file, and under which name (RFC 6266).
pub(super) fn disposition(inline: bool, hash: &Hash, name: Option<&str>, looks: &str) -> String {
    let name = safe_name(name, hash, looks);
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let escaped: String = name
        .bytes()
        .map(|b| match b {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    let how = if inline { "inline" } else { "attachment" };
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{escaped}")
}

/// The name under which a file is saved: no folders, nothing hidden, and no ending that makes something else of it.
pub(crate) fn safe_name(name: Option<&str>, hash: &Hash, looks: &str) -> String {
    let last = name
        .and_then(|name| name.rsplit(['/', '\\']).next())
        .unwrap_or_default();
    let steers = |c: &char| {
        c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = last.chars().filter(|c| !steers(c)).take(150).collect();
    let clean = clean.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let usual: &[&str] = match looks {
        "application/pdf" => &["pdf"],
        "application/zip" => &["zip"],
        "image/gif" => &["gif"],
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        _ => &[],
    };
    let ending = clean
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    let clean = if clean.is_empty() {
        hash.short()
    } else {
        clean.to_owned()
    };
    match usual {
        [first, ..] if !usual.contains(&ending.as_str()) => format!("{clean}.{first}"),
        [] if ACTIVE.contains(&ending.as_str()) => format!("{clean}.txt"),
        _ => clean,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn names_are_saved_as_what_they_are() {
        let hash = Hash([0xab; 32]);
        let name = |name: &str, looks: &str| safe_name(Some(name), &hash, looks);
        assert_eq!(name("report.pdf", "application/pdf"), "report.pdf");
        assert_eq!(name("report.exe", "application/pdf"), "report.exe.pdf");
        assert_eq!(name("run.exe", "application/octet-stream"), "run.exe.txt");
        assert_eq!(name("page.HTML", "text/plain"), "page.HTML.txt");
        assert_eq!(name("../../etc/passwd", "text/plain"), "passwd");
        assert_eq!(name(".bashrc", "text/plain"), "bashrc");
        assert_eq!(
            name("data\u{202e}fdp.exe", "application/octet-stream"),
            "datafdp.exe.txt"
        );
        assert_eq!(name("a.parquet", "application/octet-stream"), "a.parquet");
        assert_eq!(name("...", "image/png"), "abababab.png");
        assert_eq!(safe_name(None, &hash, "text/plain"), "abababab");
        let text = disposition(false, &hash, Some("größe \"1\"\r\n.csv"), "text/plain");
        assert_eq!(
            text,
            "attachment; filename=\"gr__e _1_.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.csv"
        );
        assert!(HeaderValue::from_str(&text).is_ok());
    }
}
