//! How declarations are written: each step returns the kind or field with one thing more.

use super::schema::Proof;
use super::state::{Scene, State};
use super::{Field, Kind, Needs, On, Part, Shape, Type, Undo, Who};

impl Field {
    /// An optional field of the whole document.
    #[must_use]
    pub const fn new(name: &'static str, ty: Type, about: &'static str) -> Self {
        Self {
            name,
            ty,
            required: false,
            part: None,
            about,
            elsewhere: false,
            local: false,
        }
    }

    /// The same field, for what comes from elsewhere alone.
    #[must_use]
    pub const fn elsewhere(mut self) -> Self {
        self.elsewhere = true;
        self
    }

    /// The same field, shown on the document's own page alone.
    #[must_use]
    pub const fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// The same field, without which a body is void.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same field in a part.
    #[must_use]
    pub const fn part(mut self, part: &'static str) -> Self {
        self.part = Some(part);
        self
    }

    /// Whether it is a list whose items are edited one by one.
    #[must_use]
    pub const fn is_list(&self) -> bool {
        matches!(self.ty, Type::List { .. })
    }
}

impl Kind {
    const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self {
            name,
            shape,
            about,
            parts: &[],
            fields: &[],
            title: &[],
            text: None,
            on: On::All,
            by: &[],
            latest: None,
            target: None,
            undo: Undo::No,
            hands: &[],
            needs: None,
            ruled: false,
            proof: None,
            state: None,
        }
    }

    /// A space.
    #[must_use]
    pub const fn space(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Shape::Space, about)
    }

    /// A document of a committee.
    #[must_use]
    pub const fn document(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Shape::Document, about)
    }

    /// The edit.
    #[must_use]
    pub const fn edit(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Shape::Edit, about)
    }

    /// An act that may stand in any document.
    #[must_use]
    pub const fn act(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Shape::Act, about)
    }

    /// An act that says what it says in its header; its body may hold a note.
    #[must_use]
    pub const fn control(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Shape::Act, about).fields(NOTE).text("note")
    }

    /// With these parts.
    #[must_use]
    pub const fn parts(mut self, parts: &'static [Part]) -> Self {
        self.parts = parts;
        self
    }

    /// With these fields.
    #[must_use]
    pub const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.fields = fields;
        self
    }

    /// With a title from the first of these fields that is set.
    #[must_use]
    pub const fn title(mut self, fields: &'static [&'static str]) -> Self {
        self.title = fields;
        self
    }

    /// A plain text argument means this field.
    #[must_use]
    pub const fn text(mut self, field: &'static str) -> Self {
        self.text = Some(field);
        self
    }

    /// Only in documents of these kinds.
    #[must_use]
    pub const fn on(mut self, documents: &'static [&'static str]) -> Self {
        self.on = On::Documents(documents);
        self
    }

    /// Counts only from any of these.
    #[must_use]
    pub const fn by(mut self, who: &'static [Who]) -> Self {
        self.by = who;
        self
    }

    /// The latest of these counts, for each identity.
    #[must_use]
    pub const fn latest(mut self, group: &'static str) -> Self {
        self.latest = Some(group);
        self
    }

    /// Is about the entry that this field names.
    #[must_use]
    pub const fn target(mut self, field: &'static str) -> Self {
        self.target = Some(field);
        self
    }

    /// May be undone.
    #[must_use]
    pub const fn undo(mut self, undo: Undo) -> Self {
        self.undo = undo;
        self
    }

    /// Makes the identity named in a field the owner of a part.
    #[must_use]
    pub const fn hands(mut self, hands: &'static [(&'static str, &'static str)]) -> Self {
        self.hands = hands;
        self
    }

    /// Counts only from somebody who is this in the committee.
    #[must_use]
    pub const fn needs(mut self, needs: Needs) -> Self {
        self.needs = Some(needs);
        self
    }

    /// Counts only by the committee's authority.
    #[must_use]
    pub const fn ruled(mut self) -> Self {
        self.ruled = true;
        self
    }

    /// Void unless this holds.
    #[must_use]
    pub const fn proof(mut self, proof: Proof) -> Self {
        self.proof = Some(proof);
        self
    }

    /// With a state.
    #[must_use]
    pub const fn state(mut self, reducer: fn(&Scene<'_>) -> State) -> Self {
        self.state = Some(reducer);
        self
    }
}

const NOTE: &[Field] = &[Field::new("note", Type::Text { max: 4096 }, "Why, for people.")];
