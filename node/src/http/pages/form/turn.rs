//! One round of a form: what was typed, what the pressed button did to it, what is kept of it.

use althing_protocol::author::Refused;
use althing_protocol::kind::{Field, Type};
use axum::http::StatusCode;
use maud::{Markup, html};

use super::values::IDS;
use super::{Do, Fault, Items, People, Sheet, Show, Values};
use crate::clock;
use crate::drafts::Draft;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::pages::View;
use crate::ingest::Unwritten;

/// The name of the field by which somebody agrees to take many entries into the record.
pub(crate) const CONSENT: &str = "_consent";

/// A form as it is shown next.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) values: Values,
    pub(crate) faults: Vec<Fault>,
    pub(crate) status: StatusCode,
    preview: bool,
    kept: bool,
    added: Option<String>,
    draft: Option<Draft>,
    /// Entries of newcomers that writing this would take into the record.
    takes: Option<usize>,
    /// Items of documents that its fields may name.
    pub(crate) items: Items,
}

impl Turn {
    fn new(values: Values) -> Self {
        Self {
            values,
            faults: Vec::new(),
            status: StatusCode::OK,
            preview: false,
            kept: false,
            added: None,
            draft: None,
            takes: None,
            items: Items::default(),
        }
    }

    /// A form with what is given and no draft.
    pub(crate) fn given(values: Values) -> Self {
        Self::new(values)
    }

    /// A form that is opened: with the draft that is kept for it, if there is one, else with what is given.
    pub(crate) fn opened(context: &Context, form: &str, mut given: Values) -> Self {
        let draft = context.drafts.find(form);
        if let Some(draft) = &draft {
            // Of what is given only our own fields stay: what the draft left empty, its author emptied.
            given = given.own();
            for (name, value) in &draft.fields {
                given.set(name, value);
            }
        }
        Self {
            draft,
            ..Self::new(given)
        }
    }

    /// A form on which another button than the one that writes was pressed.
    pub(crate) fn pressed(
        context: &Context,
        form: &str,
        fields: &[&'static Field],
        button: Do,
        mut values: Values,
    ) -> Result<Self, Problem> {
        let mut added = None;
        let mut kept = false;
        match &button {
            Do::Add(list) => {
                if let Some(most) = most(fields, list) {
                    values.add(list, most);
                    added = Some(list.clone());
                }
            }
            Do::Remove(list, n) => values.remove(list, *n),
            Do::Draft => {
                keep(context, form, &values)?;
                kept = true;
            }
            Do::Drop => {
                context.drafts.drop(form)?;
                return Ok(Self::new(Values::default()));
            }
            Do::Preview | Do::Write => {}
        }
        Ok(Self {
            preview: button == Do::Preview,
            kept,
            added,
            draft: context.drafts.find(form),
            ..Self::new(values)
        })
    }

    /// A form that could not be written.
    pub(crate) fn wrong(context: &Context, form: &str, values: Values, faults: Vec<Fault>) -> Self {
        Self {
            faults,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            draft: context.drafts.find(form),
            ..Self::new(values)
        }
    }

    /// A form that the node did not write.
    pub(crate) fn refused(context: &Context, form: &str, values: Values, problem: &Problem) -> Self {
        let takes = match problem {
            Problem::Unwritten(Unwritten::Refused(Refused::TakesUp { count })) => Some(*count),
            _ => None,
        };
        let fault = match takes {
            Some(count) => Fault::new(
                "",
                format!(
                    "This would make {count} entries of newcomers part of the record for ever. Say below if you mean it."
                ),
            ),
            None => Fault::whole(problem),
        };
        Self {
            status: problem.status().0,
            takes,
            ..Self::wrong(context, form, values, vec![fault])
        }
    }

    /// How its fields are shown.
    pub(crate) fn show(&self) -> Show<'_> {
        Show {
            values: &self.values,
            faults: &self.faults,
            preview: self.preview,
            added: self.added.as_deref(),
            items: &self.items,
        }
    }

    /// The form around its fields.
    pub(crate) fn sheet(&self, view: &View<'_>, action: &str, people: &People, verb: &str, fields: Markup) -> Markup {
        let fields = html! {
            (fields)
            @if let Some(count) = self.takes {
                div.field.flag {
                    label { input type="checkbox" name=(CONSENT) value="yes"; " Yes, take all " (count) " entries into the record, for ever" }
                }
            }
        };
        let sheet = Sheet {
            action,
            faults: &self.faults,
            fields,
            verb,
            text: true,
            // One address has a form for each conflict, so none has a draft of its own.
            drafts: !action.ends_with("/merge"),
            kept: self.kept,
            draft: self.draft.as_ref(),
            people,
        };
        sheet.render(view)
    }
}

/// Keeps what was typed.
pub(crate) fn keep(context: &Context, form: &str, values: &Values) -> Result<(), Problem> {
    let mut values = values.clone();
    values.take(CONSENT);
    if values.is_blank() {
        return Ok(context.drafts.drop(form)?);
    }
    let draft = Draft {
        form: form.to_owned(),
        time: clock::now_ms(),
        fields: values.pairs(),
    };
    Ok(context.drafts.keep(&draft)?)
}

/// The rows that a list may have.
fn most(fields: &[&'static Field], list: &str) -> Option<usize> {
    match fields.iter().find(|field| field.name == list)?.ty {
        Type::List { max, .. } => Some(max),
        Type::Ids { max } if max <= IDS => Some(max),
        _ => None,
    }
}
