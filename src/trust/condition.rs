//! Conditions: whether a request meets one.

use super::operator::Operator;
use super::operator::Quantifier;
use super::operator::Test;
use super::policy::Condition;
use super::request::Lookup;
use super::request::Request;
use super::scalar;
use super::truth::Lack;
use super::truth::Truth;
use super::variable;
use crate::model::glob;
use crate::model::glob::Token;

impl Condition {
    /// Says whether a request meets the condition. `has_variables` says that `${…}` is a variable in this policy.
    pub fn holds(&self, request: &Request, has_variables: bool) -> Truth {
        match self.holds_by_record(request, has_variables) {
            Truth::Unknown(_) if request.has_proved(self) => Truth::Yes,
            known => known,
        }
    }

    /// Says the same by what the record holds alone.
    fn holds_by_record(&self, request: &Request, has_variables: bool) -> Truth {
        let operator = &self.operator;
        let found = request.lookup(&self.key);
        if operator.test == Test::Null {
            let wants_absent = |value: &String| value.eq_ignore_ascii_case("true");
            return match found {
                Lookup::Unknown => Truth::lacks(Lack::Key(self.key.clone())),
                Lookup::Absent => Truth::of(self.values.iter().any(wants_absent)),
                Lookup::Values(_) => Truth::of(self.values.iter().any(|value| !wants_absent(value))),
            };
        }
        let own = match found {
            Lookup::Unknown => return Truth::lacks(Lack::Key(self.key.clone())),
            Lookup::Absent => return Truth::of(operator.passes_when_absent()),
            Lookup::Values(own) => own,
        };
        let fits = |own: &String| {
            let any = Truth::any(self.values.iter().map(|asked| compare(operator, own, asked, request, has_variables)));
            if operator.is_negated { any.negated() } else { any }
        };
        match operator.quantifier {
            Quantifier::All => Truth::all(own.iter().map(fits)),
            // Of a key that has several values a plain operator asks as people read it: is one of them so, and is
            // none of them so?
            Quantifier::One if operator.is_negated => Truth::all(own.iter().map(fits)),
            Quantifier::One | Quantifier::Any => Truth::any(own.iter().map(fits)),
        }
    }
}

/// Says whether one value of the request fits one of the policy, negation left aside.
fn compare(operator: &Operator, own: &str, asked: &str, request: &Request, has_variables: bool) -> Truth {
    match operator.test {
        // Nearly every value is plain text: no pattern has to be made of it.
        Test::Equals if !(has_variables && asked.contains('$')) => Truth::of(own == asked),
        Test::Equals | Test::EqualsIgnoreCase | Test::Like => {
            let has_wildcards = operator.test == Test::Like;
            match variable::pattern(asked, has_variables, has_wildcards, request) {
                Ok(pattern) => Truth::of(glob::fits(pattern.into_iter(), own, operator.test == Test::EqualsIgnoreCase)),
                Err(lack) => Truth::lacks(lack),
            }
        }
        Test::Arn => match variable::pattern(asked, has_variables, true, request) {
            Ok(pattern) => fits_arn(&pattern, own),
            Err(lack) => Truth::lacks(lack),
        },
        Test::Bool => Truth::of(own.eq_ignore_ascii_case(asked)),
        Test::Numeric(order) => Truth::of(scalar::compare_numbers(own, asked).is_some_and(|found| order.holds(found))),
        Test::Date(order) => Truth::of(scalar::compare_dates(own, asked).is_some_and(|found| order.holds(found))),
        Test::Ip => Truth::of(scalar::is_in_network(own, asked).unwrap_or(false)),
        // Has been answered.
        Test::Null => Truth::No,
    }
}

/// Compares ARNs part by part: a wildcard does not cross a colon before the resource.
fn fits_arn(pattern: &[Token], own: &str) -> Truth {
    let parts: Vec<&[Token]> = pattern.splitn(6, |token| *token == Token::Literal(':')).collect();
    if parts.len() < 6 {
        return Truth::lacks(Lack::Unmodelled("ARN patterns of fewer than six parts".to_owned()));
    }
    let own: Vec<&str> = own.splitn(6, ':').collect();
    Truth::of(own.len() == 6 && parts.iter().zip(own).all(|(part, own)| glob::fits(part.iter().copied(), own, false)))
}
