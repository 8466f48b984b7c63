//! A form that a browser sent: from the owner, from our own page, of a bounded size.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::Response;

use super::Values;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::pages;
use crate::http::session::{self, Reader};

/// Fields of one form.
pub(crate) const FIELDS: usize = 8192;

/// Bytes of one form as it is sent, where each byte of a body may have become three.
pub(crate) const BYTES: usize = 2 << 20;

/// The name of the field with the form's secret.
pub(crate) const SECRET: &str = "_secret";

/// The name of the buttons.
pub(crate) const DO: &str = "_do";

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
        let mut values: Values = pairs.into_iter().collect();
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
        };
        let foreign = session::is_foreign(request.headers());
        let read = async {
            // Whoever may not write is told so before anything is read from them.
            if !reader.owner {
                return Err(Problem::Stranger);
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
