//! `completeness`: what a nominee's platform still lacks, by which template (R3).

use crate::calendar::Day;
use crate::seats::ballot::nominee;
use crate::seats::lookup::{domain_of, within};
use crate::seats::seat::standing;
use crate::{Cell, Doc, Item, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Type, Value};

pub(crate) static VIEW: View = View {
    name: "completeness",
    title: "Completeness",
    about: "What does each platform still lack, and by which version of the template?",
    on: On::Committee,
    reads: &["nomination", "domain"],
    requirements: &[3],
    compute,
};

/// What is asked for where a domain has no template of its own.
const BUILT_IN: &[&str] = &["perspective", "goals", "goals.measure", "budget", "budget.amount"];

/// What a template asks for.
struct Template {
    fields: Vec<String>,
    version: Option<u64>,
    /// The entry that set the fields and when; none for the built-in one.
    set: Option<(Id, Day)>,
}

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "nominations",
        "Nominations",
        &[
            ("nomination", "Nomination"),
            ("nominee", "Nominee"),
            ("standing", "Standing"),
            ("template", "Template"),
            ("version", "Its version"),
            ("set_by", "Set by"),
            ("set_on", "Set on"),
            ("missing", "Missing"),
            ("complete", "Complete"),
        ],
        "Nobody has been nominated yet. Anyone with a key can open a nomination.",
    );
    let mut fields = Table::new(
        "fields",
        "Field by field",
        &[("nomination", "Nomination"), ("field", "Field"), ("state", "State")],
        "No template asks for anything.",
    );
    let mut goals = Table::new(
        "goals",
        "Goals",
        &[
            ("nomination", "Nomination"),
            ("goal", "Item"),
            ("text", "Goal"),
            ("measure", "Measured by"),
            ("measurable", "Measurable"),
            ("due", "By"),
        ],
        "No nominee has stated a goal yet.",
    );
    let mut complete = 0;
    for doc in world.of("nomination").filter(|doc| within(world, doc, narrow)) {
        let template = template(domain_of(world, doc));
        let states: Vec<_> = template.fields.iter().map(|field| (field, state(doc, field))).collect();
        let missing: Vec<Cell> = states
            .iter()
            .filter(|(_, state)| *state == "missing")
            .map(|(field, _)| Cell::Text((*field).clone()))
            .collect();
        let whole = states
            .iter()
            .all(|(_, state)| matches!(*state, "given" | "no such field"));
        complete += usize::from(whole);
        table.row(vec![
            Cell::Doc(doc.id()),
            nominee(world, doc),
            Cell::Word(standing(world, doc)),
            Cell::Word(if template.set.is_some() {
                "of the domain"
            } else {
                "built in"
            }),
            Cell::of(template.version, Cell::Int),
            Cell::of(template.set, |(entry, _)| Cell::Entry(entry)),
            Cell::of(template.set, |(_, day)| Cell::Day(day)),
            Cell::List(missing),
            Cell::Flag(whole),
        ]);
        for (field, state) in states {
            fields.row(vec![Cell::Doc(doc.id()), Cell::Text(field.clone()), Cell::Word(state)]);
        }
        for goal in doc.items("goals") {
            goals.row(vec![
                Cell::Doc(doc.id()),
                Cell::Text(goal.id.to_string()),
                Cell::text(goal.text("text")),
                Cell::text(goal.text("measure")),
                Cell::Word(measurable(&goal)),
                Cell::of(goal.day("due"), Cell::Day),
            ]);
        }
    }
    let all = table.rows.len();
    let unmarked = goals
        .rows
        .iter()
        .filter(|row| row.contains(&Cell::Word("not said")))
        .count();
    let mut sheet = Sheet::new("Completeness").say(format!("{complete} of {all} platforms are complete."));
    if unmarked > 0 {
        sheet = sheet.say(format!(
            "{unmarked} goals neither name a measure nor are marked as not measurable."
        ));
    }
    sheet.table(table).table(fields).table(goals)
}

/// The domain's template as it is now; the built-in one where it lists no field.
fn template(domain: Option<&Doc<'_>>) -> Template {
    let own = domain.and_then(|domain| {
        let register = domain.document.content().fields.get("template_fields")?;
        let first = register.values.first()?;
        let Value::Lines(lines) = &*first.value else {
            return None;
        };
        let fields: Vec<String> = lines
            .iter()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        let set = (first.entry, Day::of(domain.when(first.entry).claimed));
        (!fields.is_empty()).then_some(Template {
            fields,
            version: domain.int("template"),
            set: Some(set),
        })
    });
    own.unwrap_or_else(|| Template {
        fields: BUILT_IN.iter().map(|field| (*field).to_owned()).collect(),
        version: None,
        set: None,
    })
}

/// `field` asks for a value or an item; `list.field` asks for that field in every item of the list, and for an item.
fn state(doc: &Doc<'_>, asked: &str) -> &'static str {
    let (name, of_item) = match asked.split_once('.') {
        Some((name, of_item)) => (name, Some(of_item)),
        None => (asked, None),
    };
    let field = kind::find("nomination").and_then(|kind| kind.field(name));
    let item_fields = field.map(|field| match field.ty {
        Type::List { item, .. } => item,
        _ => &[],
    });
    let known = match (item_fields, of_item) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(fields), Some(of_item)) => fields.iter().any(|field| field.name == of_item),
    };
    let content = doc.document.content();
    let unsure = content.fields.get(name).is_some_and(|register| register.incomplete)
        || content.lists.get(name).is_some_and(|list| list.incomplete);
    let is_list = field.is_some_and(kind::Field::is_list);
    let given = match (is_list, of_item) {
        (true, of_item) => {
            let items = doc.items(name);
            !items.is_empty() && of_item.is_none_or(|field| items.iter().all(|item| says(item, field)))
        }
        (false, _) => doc.value(name).is_some_and(|value| !empty(value)),
    };
    match (known, given, unsure) {
        (false, ..) => "no such field",
        (_, _, true) => "not known",
        (_, true, _) => "given",
        _ => "missing",
    }
}

/// Whether an item fills a field. A goal that is marked as not measurable needs no measure.
fn says(item: &Item<'_>, field: &str) -> bool {
    let marked = field == "measure" && item.value("unmeasured") == Some(&Value::Flag(true));
    marked || item.value(field).is_some_and(|value| !empty(value))
}

fn empty(value: &Value) -> bool {
    value.as_text().is_some_and(|text| text.trim().is_empty())
}

/// R3: each goal is measurable, or marked as not, or the nominee has said neither, or both.
pub(crate) fn measurable(goal: &Item<'_>) -> &'static str {
    let marked = goal.value("unmeasured") == Some(&Value::Flag(true));
    match (goal.text("measure").is_some(), marked) {
        (true, false) => "yes",
        (false, true) => "no",
        (true, true) => "both said",
        (false, false) => "not said",
    }
}
