//! Fields as people give them: `--set field=value`, or a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use althing_protocol::kind;
use clap::Args;
use serde_json::{Map, Value};

use super::failure::Failure;

/// Largest file of fields or text: above what a body may hold, so that the node can say what is too long.
const LARGEST: u64 = 1 << 20;

/// Fields of content or of an act.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Fields {
    /// A field and its value; lists and amounts may be JSON, a list's field may be given several times.
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Fields as a JSON object (.json), or the main text (any other file, - for standard input).
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Fields {
    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.file.is_none()
    }

    /// Whether a field is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.set.iter().any(|(field, _)| field == name)
    }

    /// The fields as JSON. `text` is the field that a plain text goes into.
    pub(super) fn read(&self, text: Option<&str>) -> Result<Value, Failure> {
        let mut out = match &self.file {
            Some(path) if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) => object(path)?,
            Some(path) => {
                let what = "holds text, but there is no main text here; give a .json file or --set";
                let bad = || Failure::BadFile {
                    path: path.clone(),
                    what: what.to_owned(),
                };
                let field = text.ok_or_else(bad)?;
                Map::from_iter([(field.to_owned(), Value::String(read_text(path)?))])
            }
            None => Map::new(),
        };
        let form = !out.is_empty() && out.keys().all(|key| kind::read::FORM.contains(&key.as_str()));
        if form && !self.set.is_empty() {
            let what = "a file in the form {set, add, …} says everything; leave --set out, or write the fields flat";
            return Err(Failure::Input(what.to_owned()));
        }
        for (field, value) in &self.set {
            let value = amount(value).unwrap_or_else(|| Value::String(value.clone()));
            let again = self.set.iter().filter(|(other, _)| other == field).count() > 1;
            match (out.get_mut(field), again) {
                (Some(Value::Array(all)), true) => all.push(value),
                (_, true) => drop(out.insert(field.clone(), Value::Array(vec![value]))),
                _ => drop(out.insert(field.clone(), value)),
            }
        }
        Ok(Value::Object(out))
    }
}

/// An amount of money written as JSON. Any other text stays what it is, whatever it looks like.
fn amount(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    let parts = value.as_object()?;
    (parts.len() == 2 && parts.contains_key("amount") && parts.contains_key("currency")).then_some(value)
}

/// The text of a file, or of standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read(path, LARGEST)?;
    String::from_utf8(bytes).map_err(|_| Failure::BadFile {
        path: path.to_owned(),
        what: "is not UTF-8 text".to_owned(),
    })
}

/// The bytes of a file up to a limit.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |why| Failure::File {
        doing: "read",
        path: path.to_owned(),
        why,
    };
    let mut bytes = Vec::new();
    let source: &mut dyn Read = if path == Path::new("-") {
        &mut io::stdin().lock()
    } else {
        &mut File::open(path).map_err(failed)?
    };
    source.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > limit) {
        return Err(Failure::LargeFile {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

fn object(path: &Path) -> Result<Map<String, Value>, Failure> {
    let bytes = read(path, LARGEST)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Failure::BadFile {
            path: path.to_owned(),
            what: "holds no JSON object of fields".to_owned(),
        }),
        Err(why) => Err(Failure::BadFile {
            path: path.to_owned(),
            what: format!("holds no JSON: {why}"),
        }),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => Ok((field.trim().to_owned(), value.to_owned())),
        _ => Err("give it as field=value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(set: &[&str], file: Option<PathBuf>) -> Fields {
        Fields {
            set: set.iter().map(|text| pair(text).unwrap()).collect(),
            file,
        }
    }

    #[test]
    fn set_keeps_what_follows_the_first_sign() {
        assert_eq!(
            fields(&["a=b=c", "b="], None).read(None).unwrap(),
            json!({ "a": "b=c", "b": "" })
        );
        assert!(pair("nothing").is_err() && pair("=x").is_err());
    }

    #[test]
    fn a_field_given_twice_is_a_list() {
        assert_eq!(
            fields(&["a=1", "b=x", "a=2"], None).read(None).unwrap(),
            json!({ "a": ["1", "2"], "b": "x" })
        );
    }

    #[test]
    fn files_hold_fields_or_the_main_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        let flat = path("a.json", r#"{"title": "t", "n": 1}"#);
        assert_eq!(
            fields(&["title=u"], flat).read(None).unwrap(),
            json!({ "title": "u", "n": 1 })
        );
        let text = path("a.md", "# words");
        assert_eq!(
            fields(&["title=u"], text.clone()).read(Some("text")).unwrap(),
            json!({ "text": "# words", "title": "u" })
        );
        assert!(matches!(fields(&[], text).read(None), Err(Failure::BadFile { .. })));
        assert!(matches!(
            fields(&[], path("b.json", "[]")).read(None),
            Err(Failure::BadFile { .. })
        ));
        let form = path("c.json", r#"{"set": {"title": "t"}}"#);
        assert!(matches!(fields(&["a=b"], form).read(None), Err(Failure::Input(_))));
        let large = path("d.md", &"x".repeat(1 + (1 << 20)));
        assert!(matches!(
            fields(&[], large).read(Some("text")),
            Err(Failure::LargeFile { .. })
        ));
    }
}
