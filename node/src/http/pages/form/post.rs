//! A form that a browser sent: from the owner, from our own page, of a bounded size.
//!
//! A form may bring files: they go to where files are as they come, and stand in the form as rows of the list that they are
//! for. Read of them is nothing before the form's secret, which stands first in every form of ours.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request};
use axum::response::Response;

use super::Values;
use super::values::ITEM;
use crate::files::Added;
use crate::http::api::file::blocking;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::guard;
use crate::http::pages::{self, capital};
use crate::http::session::{self, Reader};
use crate::limit::files::FORM;

/// Fields of one form.
pub(crate) const FIELDS: usize = 8192;

/// Bytes of one form as it is sent, where each byte of a body may have become three.
pub(crate) const BYTES: usize = 2 << 20;

/// The name of the field with the form's secret.
pub(crate) const SECRET: &str = "_secret";

/// The name of the buttons.
pub(crate) const DO: &str = "_do";

/// Before the name of the list that chosen files are for.
pub(crate) const FILE: &str = "_file:";

/// What is wrong with a file that was chosen.
pub(crate) const UNFILED: &str = "_unfiled";

/// A form sent by the owner.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) reader: Reader,
    /// The button.
    pub(crate) button: Do,
    pub(crate) values: Values,
}

/// What a button asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Do {
    /// Sign it, or do it.
    Write,
    /// Show the form again, with texts as they will look.
    Preview,
    /// Keep what was typed.
    Draft,
    /// Drop what was kept.
    Drop,
    /// One more row of this list.
    Add(String),
    /// One row less: the list, and which one.
    Remove(String, usize),
}

impl Do {
    fn read(text: &str) -> Option<Self> {
        Some(match text.split_once(':') {
            Some(("add", list)) => Self::Add(list.to_owned()),
            Some(("remove", row)) => {
                let (list, n) = row.rsplit_once('.')?;
                Self::Remove(list.to_owned(), n.parse().ok()?)
            }
            Some(_) => return None,
            None => match text {
                "write" => Self::Write,
                "preview" => Self::Preview,
                "draft" => Self::Draft,
                "drop" => Self::Drop,
                _ => return None,
            },
        })
    }
}

impl Posted {
    fn read(context: &Context, reader: Reader, foreign: bool, pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        if !reader.owner {
            return Err(Problem::Stranger);
        }
        if pairs.len() > FIELDS {
            return Err(too_large());
        }
        // Where a script sent a form, names stand for files.
        let pairs = pairs.into_iter().filter(|(name, _)| !name.starts_with(FILE));
        let mut values: Values = pairs.collect();
        let own = values
            .take(SECRET)
            .is_some_and(|secret| context.session.is_own_form(&secret));
        if foreign || !own {
            return Err(Problem::Forged);
        }
        let button = values.take(DO);
        // A form that nobody's button sent: pressing Enter in a field signs nothing.
        let button = button.as_deref().and_then(Do::read).unwrap_or(Do::Preview);
        Ok(Self { reader, button, values })
    }
}

/// A form that brings files.
async fn with_files(
    request: Request,
    context: &Arc<Context>,
    reader: Reader,
    foreign: bool,
) -> Result<Posted, Problem> {
    let not_understood = || Problem::Input("the form is not understood; open its page again".to_owned());
    let mut form = Multipart::from_request(request, context)
        .await
        .map_err(|_| not_understood())?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut files: Vec<(String, Added)> = Vec::new();
    let (mut bytes, mut wrong) = (0_usize, None);
    while let Some(mut field) = form.next_field().await.map_err(|_| not_understood())? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(list) = name.strip_prefix(FILE) {
            let secret = pairs.iter().find(|(name, _)| name == SECRET);
            if foreign || !secret.is_some_and(|(_, secret)| context.session.is_own_form(secret)) {
                return Err(Problem::Forged);
            }
            // A browser sends an empty one where none was chosen.
            let Some(called) = field.file_name().filter(|called| !called.is_empty()).map(str::to_owned) else {
                continue;
            };
            if files.len() >= FORM {
                let most = format!("A form takes {FORM} files at a time; add the others in another one.");
                wrong = wrong.or(Some(most));
                continue;
            }
            match file(context, &called, &mut field).await {
                Ok(added) => files.push((list.to_owned(), added)),
                Err(why) => wrong = wrong.or_else(|| Some(format!("{called}: {}.", capital(&why.say())))),
            }
            continue;
        }
        let mut value = Vec::new();
        while let Some(part) = field.chunk().await.map_err(|_| not_understood())? {
            bytes = bytes.saturating_add(part.len());
            if bytes > BYTES || pairs.len() >= FIELDS {
                return Err(too_large());
            }
            value.extend_from_slice(&part);
        }
        pairs.push((name, String::from_utf8(value).map_err(|_| not_understood())?));
    }
    let mut posted = Posted::read(context, reader, foreign, pairs)?;
    for (list, added) in files {
        let row = format!("{list}.{}", posted.values.rows(&list));
        posted.values.set(format!("{row}.{ITEM}"), "");
        posted.values.set(format!("{row}.hash"), added.hash.to_string());
        posted.values.set(format!("{row}.length"), added.length.to_string());
        posted.values.set(format!("{row}.type"), added.ty);
        posted.values.set(format!("{row}.name"), added.name.unwrap_or_default());
    }
    if let Some(wrong) = wrong {
        posted.values.set(UNFILED, wrong);
        // Nothing is written with it: the form comes back, and says so.
        posted.button = Do::Write;
    }
    Ok(posted)
}

/// Takes in one file. What is refused is read to its end, so that the fields behind it are not lost.
async fn file(
    context: &Context,
    called: &str,
    field: &mut axum::extract::multipart::Field<'_>,
) -> Result<Added, Problem> {
    let (files, name) = (context.files.clone(), called.to_owned());
    let mut adding = blocking(move || files.add(Some(&name))).await.map_err(Some);
    let ended = || Problem::Input("the form ended early".to_owned());
    while let Some(bytes) = field.chunk().await.map_err(|_| ended())? {
        adding = match adding {
            Ok(mut adding) => blocking(move || adding.push(&bytes).map(|()| adding))
                .await
                .map_err(Some),
            refused => refused,
        };
    }
    match adding {
        Ok(adding) => blocking(move || adding.finish()).await,
        Err(why) => Err(why.unwrap_or(Problem::Broken)),
    }
}

fn too_large() -> Problem {
    Problem::FormSize {
        fields: FIELDS,
        bytes: BYTES,
    }
}

impl FromRequest<Arc<Context>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, context: &Arc<Context>) -> Result<Self, Response> {
        let reader = Reader {
            owner: context.session.is_owner(request.headers()),
            copy: None,
        };
        let foreign = session::is_foreign(request.headers());
        let read = async {
            // Whoever may not write is told so before anything is read from them.
            if !reader.owner {
                return Err(Problem::Stranger);
            }
            let kind = request
                .headers()
                .get("content-type")
                .and_then(|value| value.to_str().ok());
            if kind.is_some_and(guard::is_multipart) {
                return with_files(request, context, reader, foreign).await;
            }
            let body = axum::body::to_bytes(request.into_body(), BYTES).await;
            let body = body.map_err(|_| too_large())?;
            let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
            let request = request.body(body.into()).map_err(|_| Problem::Broken)?;
            let form = axum::Form::<Vec<(String, String)>>::from_request(request, context).await;
            let not_understood = |_| Problem::Input("the form is not understood; open its page again".to_owned());
            let axum::Form(pairs) = form.map_err(not_understood)?;
            Self::read(context, reader, foreign, pairs)
        };
        match read.await {
            Ok(posted) => Ok(posted),
            Err(problem) => Err(pages::page(Arc::clone(context), reader, move |_| Err(problem)).await),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons() {
        assert_eq!(Do::read("write"), Some(Do::Write));
        assert_eq!(Do::read("add:goals"), Some(Do::Add("goals".to_owned())));
        assert_eq!(Do::read("remove:goals.3"), Some(Do::Remove("goals".to_owned(), 3)));
        for none in ["", "sign", "remove:goals", "remove:goals.x", "x:y"] {
            assert_eq!(Do::read(none), None, "{none}");
        }
    }
}
