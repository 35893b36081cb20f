//! The shapes of JSON in requests and replies, as data: from them comes the API's description.

/// A JSON object.
pub(crate) struct Shape {
    /// Its name in the description.
    pub(crate) name: &'static str,
    /// Its members.
    pub(crate) members: &'static [Member],
}

/// A member of an object.
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// What it says.
    pub(crate) about: &'static str,
    /// Whether it is always there.
    pub(crate) required: bool,
}

/// What a value is.
pub(crate) enum Kind {
    /// A string.
    Text,
    /// A string: date and time in UTC (RFC 3339).
    Time,
    /// A whole number, not negative.
    Count,
    /// True or false.
    Flag,
    /// An IAM policy document.
    Policy,
    /// An IAM policy document, or a string that holds one.
    PolicyOrText,
    /// A JSON object that is another's to say, or a string that holds one.
    ObjectOrText,
    /// An object.
    Object(&'static Shape),
    /// A list.
    List(&'static Kind),
}

impl Member {
    /// A member that is always there.
    pub(crate) const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, about, required: true }
    }

    /// A member that may be left out.
    pub(crate) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, about, required: false }
    }
}

/// The body of every refusal.
pub(crate) static REFUSAL: Shape = Shape {
    name: "Refusal",
    members: &[Member::new("error", Kind::Object(&ERROR), "What went wrong.")],
};

static ERROR: Shape = Shape {
    name: "Error",
    members: &[
        Member::new("code", Kind::Text, "What went wrong, for programs, e.g. not-found."),
        Member::new("message", Kind::Text, "What went wrong, in a sentence for people."),
    ],
};
