//! Condition operators: how a value of the request is compared with those of the policy.

/// Over which values of the request a condition speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// No prefix: the key has one value.
    One,
    /// `ForAnyValue:`: one value that passes is enough; an absent key fails.
    Any,
    /// `ForAllValues:`: every value must pass; an absent key passes.
    All,
}

/// How two numbers or dates must stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Equal.
    Equal,
    /// The request's is less.
    Less,
    /// The request's is less or equal.
    LessEqual,
    /// The request's is greater.
    Greater,
    /// The request's is greater or equal.
    GreaterEqual,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `StringEquals`, `BinaryEquals`: the same text; `*` and `?` are themselves.
    Equals,
    /// `StringEqualsIgnoreCase`.
    EqualsIgnoreCase,
    /// `StringLike`.
    Like,
    /// `ArnEquals` and `ArnLike`, which are one: wildcards in each of the six parts.
    Arn,
    /// `Bool`.
    Bool,
    /// `Null`: is the key absent?
    Null,
    /// `Numeric…`.
    Numeric(Order),
    /// `Date…`.
    Date(Order),
    /// `IpAddress`.
    Ip,
}

/// A condition operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// As the policy spells it.
    pub written: String,
    /// `ForAnyValue:`, `ForAllValues:` or neither.
    pub quantifier: Quantifier,
    /// What is compared.
    pub test: Test,
    /// True for `…Not…`: none of the policy's values may fit.
    pub is_negated: bool,
    /// True for `…IfExists`: an absent key passes.
    pub if_exists: bool,
}

/// Every operator without prefix and suffix, whether it is negated, and its test.
const OPERATORS: &[(&str, bool, Test)] = &[
    ("StringEquals", false, Test::Equals),
    ("StringNotEquals", true, Test::Equals),
    ("StringEqualsIgnoreCase", false, Test::EqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", true, Test::EqualsIgnoreCase),
    ("StringLike", false, Test::Like),
    ("StringNotLike", true, Test::Like),
    ("ArnEquals", false, Test::Arn),
    ("ArnLike", false, Test::Arn),
    ("ArnNotEquals", true, Test::Arn),
    ("ArnNotLike", true, Test::Arn),
    ("BinaryEquals", false, Test::Equals),
    ("Bool", false, Test::Bool),
    ("Null", false, Test::Null),
    ("NumericEquals", false, Test::Numeric(Order::Equal)),
    ("NumericNotEquals", true, Test::Numeric(Order::Equal)),
    ("NumericLessThan", false, Test::Numeric(Order::Less)),
    ("NumericLessThanEquals", false, Test::Numeric(Order::LessEqual)),
    ("NumericGreaterThan", false, Test::Numeric(Order::Greater)),
    ("NumericGreaterThanEquals", false, Test::Numeric(Order::GreaterEqual)),
    ("DateEquals", false, Test::Date(Order::Equal)),
    ("DateNotEquals", true, Test::Date(Order::Equal)),
    ("DateLessThan", false, Test::Date(Order::Less)),
    ("DateLessThanEquals", false, Test::Date(Order::LessEqual)),
    ("DateGreaterThan", false, Test::Date(Order::Greater)),
    ("DateGreaterThanEquals", false, Test::Date(Order::GreaterEqual)),
    ("IpAddress", false, Test::Ip),
    ("NotIpAddress", true, Test::Ip),
];

impl Operator {
    /// Reads an operator; `None` when there is no such one. Case is free, as IAM's own reading is.
    pub fn read(written: &str) -> Option<Self> {
        let lower = written.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Quantifier::Any, rest)
        } else if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Quantifier::All, rest)
        } else {
            (Quantifier::One, lower.as_str())
        };
        let (name, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |name| (name, true));
        let (_, is_negated, test) = OPERATORS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        // `Null` asks whether the key exists: the suffix would contradict it, and IAM refuses it.
        if *test == Test::Null && if_exists {
            return None;
        }
        Some(Self { written: written.to_owned(), quantifier, test: *test, is_negated: *is_negated, if_exists })
    }

    /// Returns the name of every operator, without prefix and suffix.
    pub fn names() -> impl Iterator<Item = &'static str> {
        OPERATORS.iter().map(|(name, ..)| *name)
    }

    /// Returns the operator that is spelled most like this.
    pub(super) fn nearest(written: &str) -> Option<&'static str> {
        let names = Self::names().map(|name| (strsim::jaro_winkler(name, written), name));
        names.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
    }

    /// True when a request without the key passes: such a condition keeps nobody out who leaves the key away.
    pub fn passes_when_absent(&self) -> bool {
        self.if_exists
            || match self.quantifier {
                Quantifier::All => true,
                Quantifier::Any => false,
                Quantifier::One => self.is_negated,
            }
    }

    /// True when the condition lists what may be: it fails without the key, and passes only for its values.
    pub fn is_guard(&self) -> bool {
        !self.is_negated && self.test != Test::Null && !self.passes_when_absent()
    }
}

impl Order {
    /// True when two values so compared stand as asked.
    pub(super) fn holds(self, found: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Less => found.is_lt(),
            Self::LessEqual => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::GreaterEqual => found.is_ge(),
        }
    }
}
