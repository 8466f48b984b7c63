//! Request bodies and queries, refused in our own words.

use std::sync::Arc;

use axum::extract::rejection::{BytesRejection, FailedToBufferBody, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::context::Context;
use super::error::Problem;
use super::guard;

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

/// Parameters behind the `?`.
pub(crate) struct Params<T>(pub(crate) T);

/// Bytes.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl<T: DeserializeOwned> FromRequest<Arc<Context>> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Arc<Context>) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::BytesRejection(why)) => Err(unread(&why)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::Input(
                "the request must have the content type application/json".to_owned(),
            )),
            Err(why) => Err(Problem::Input(format!(
                "the request's JSON is not understood: {}",
                why.body_text()
            ))),
        }
    }
}

impl<T: DeserializeOwned> FromRequestParts<Arc<Context>> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Context>) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(why) => Err(Problem::Input(format!(
                "the parameters are not understood: {}",
                why.body_text()
            ))),
        }
    }
}

impl FromRequest<Arc<Context>> for Bytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Arc<Context>) -> Result<Self, Problem> {
        match axum::body::Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes.to_vec())),
            Err(why) => Err(unread(&why)),
        }
    }
}

/// An id in a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes what handlers take as text")]
pub(crate) struct OfId {
    /// An id, or its first 8 or more digits.
    #[param(pattern = "^[0-9a-f]{8,64}$", max_length = 64)]
    id: String,
}

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Items on a page.
    #[param(minimum = 1, maximum = 1000)]
    pub(crate) limit: Option<usize>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    /// Where the next page begins; null on the last one.
    pub(crate) next: Option<String>,
}

/// Items on a page, unless asked for fewer or more.
const ITEMS: usize = 100;
const ITEMS_MOST: usize = 1000;

impl Page {
    /// How many items come before this page, and how many may be on it.
    pub(crate) fn window(&self) -> Result<(usize, usize), Problem> {
        Ok((cursor(self.cursor.as_deref())?, self.most()))
    }

    /// How many items may be on it.
    pub(crate) fn most(&self) -> usize {
        self.limit.unwrap_or(ITEMS).clamp(1, ITEMS_MOST)
    }

    /// This page of a list that is short enough to be made whole.
    pub(crate) fn cut<T>(&self, all: Vec<T>) -> Result<List<T>, Problem> {
        let (from, most) = self.window()?;
        let to = from.saturating_add(most);
        let next = (to < all.len()).then(|| to.to_string());
        Ok(List {
            items: all.into_iter().skip(from).take(most).collect(),
            next,
        })
    }
}

/// Where a page begins: what the page before it gave as `next`.
pub(crate) fn cursor(text: Option<&str>) -> Result<usize, Problem> {
    let parse = |text: &str| {
        let no_cursor = |_| Problem::Input(format!("{text:?} is no cursor: take the `next` of the page before"));
        text.parse::<u32>().map_err(no_cursor)
    };
    let from = text.map(parse).transpose()?.unwrap_or(0);
    Ok(usize::try_from(from).unwrap_or(usize::MAX))
}

fn unread(why: &BytesRejection) -> Problem {
    match why {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::TooLarge { max: guard::BODY }
        }
        _ => Problem::Input("the request's body ended early".to_owned()),
    }
}
