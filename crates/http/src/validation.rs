//! Converts client input to domain values and collects every problem on the way.

use std::fmt::Display;
use std::str::FromStr;

use engage_domain::text::UnknownValue;

use crate::echo::shown;
use crate::error::{ApiError, FieldProblem};
use crate::problems;

/// The problems found in one request so far.
///
/// Every check returns the value, or notes the problem and returns `None`. The request fails after
/// all checks, with all of its problems.
#[derive(Default)]
pub(crate) struct Validation {
    problems: Vec<FieldProblem>,
}

impl Validation {
    pub(crate) fn problem(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(FieldProblem::new(field, message));
    }

    pub(crate) fn add(&mut self, problem: FieldProblem) {
        self.problems.push(problem);
    }

    pub(crate) fn not_one_of(&mut self, field: &'static str, allowed: Vec<&'static str>) {
        let message = format!("must be one of {}", allowed.join(", "));
        self.problems
            .push(FieldProblem { allowed: Some(allowed), ..FieldProblem::new(field, message) });
    }

    /// Reads a required field.
    pub(crate) fn required<T>(&mut self, field: &'static str, given: Option<&str>) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        match given {
            Some(text) => self.parse(field, text),
            None => {
                self.problem(field, "is required");
                None
            }
        }
    }

    /// Reads a required field with the given parser.
    pub(crate) fn required_as<T, E: Display>(
        &mut self,
        field: &'static str,
        given: Option<&str>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some(text) = given else {
            self.problem(field, "is required");
            return None;
        };
        read(text).map_err(|refusal| self.problem(field, refusal.to_string())).ok()
    }

    /// Reads an optional field. Blank text counts as missing.
    pub(crate) fn optional<T>(&mut self, field: &'static str, given: Option<&str>) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        given.filter(|text| !text.trim().is_empty()).and_then(|text| self.parse(field, text))
    }

    /// Reads an optional field with the given parser. Blank text counts as missing.
    pub(crate) fn optional_as<T, E: Display>(
        &mut self,
        field: &'static str,
        given: Option<&str>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        given
            .filter(|text| !text.trim().is_empty())
            .and_then(|text| self.required_as(field, Some(text), read))
    }

    /// Reads a list of at most `most` values with the given parser. Each value that cannot be read is a
    /// problem of its own, which contains it. The names are those of one value and of several.
    pub(crate) fn each<T, E: Display>(
        &mut self,
        field: &'static str,
        given: &[String],
        most: usize,
        [one, several]: [&str; 2],
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        if given.len() > most {
            self.problem(field, format!("must be at most {most} {several}"));
            return None;
        }
        let mut values = Vec::new();
        for text in given {
            match read(text) {
                Ok(value) => values.push(value),
                Err(error) => self.problem(field, format!("{}: the {one} {error}", shown(text))),
            }
        }
        (values.len() == given.len()).then_some(values)
    }

    /// Rejects a blank field, for fields whose absence has a meaning.
    pub(crate) fn refuse_blank(&mut self, field: &'static str, given: Option<&str>) {
        if given.is_some_and(|text| text.trim().is_empty()) {
            self.problem(field, "must not be empty: give a value or omit it");
        }
    }

    /// Requires at least one of several optional fields, since a request without any changes is
    /// probably a mistake.
    pub(crate) fn at_least_one(&mut self, fields: &[(&'static str, bool)]) {
        // If there are problems, something was given.
        if self.problems.is_empty() && !fields.iter().any(|(_, is_given)| *is_given) {
            let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
            self.problem("body", format!("must have at least one of {}", names.join(", ")));
        }
    }

    /// Reads an optional enumeration field. Blank text counts as missing.
    pub(crate) fn word<T>(&mut self, field: &'static str, given: Option<&str>) -> Option<T>
    where
        T: FromStr<Err = UnknownValue>,
    {
        let word = given.map(str::trim).filter(|word| !word.is_empty())?;
        match word.parse() {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.not_one_of(field, refusal.allowed.to_vec());
                None
            }
        }
    }

    /// Reads a required enumeration field.
    pub(crate) fn required_word<T>(&mut self, field: &'static str, given: Option<&str>) -> Option<T>
    where
        T: FromStr<Err = UnknownValue>,
    {
        if given.is_none_or(|word| word.trim().is_empty()) {
            self.problem(field, "is required");
        }
        self.word(field, given)
    }

    /// Parses a text, or notes the problem.
    pub(crate) fn parse<T>(&mut self, field: &'static str, text: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        text.parse().map_err(|refusal: T::Err| self.problem(field, refusal.to_string())).ok()
    }

    /// Returns the error with all problems.
    pub(crate) fn refusal(mut self) -> ApiError {
        self.problems.extend(problems::take());
        ApiError::Validation(self.problems)
    }

    /// Returns the request if there are no problems here or elsewhere. In that case, every part is
    /// present.
    pub(crate) fn finish<T>(mut self, request: Option<T>) -> Result<T, ApiError> {
        self.problems.extend(problems::take());
        match request {
            Some(request) if self.problems.is_empty() => Ok(request),
            _ => Err(ApiError::Validation(self.problems)),
        }
    }

    /// Leaves the problems to be reported together with those of the handler.
    pub(crate) fn note(self) -> Result<(), ApiError> {
        problems::note(self.problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engage_domain::{PersonName, PhoneNumber, Urgency};

    #[test]
    fn all_problems_are_reported_at_once() {
        let mut validation = Validation::default();
        let name: Option<PersonName> = validation.required("name", None);
        let phone: Option<PhoneNumber> = validation.optional("phone", Some("12"));
        let urgency: Option<Urgency> = validation.word("urgency", Some("MILD"));
        assert_eq!((&name, &phone, urgency), (&None, &None, None));
        let Err(ApiError::Validation(problems)) = validation.finish(name) else { panic!() };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
        assert_eq!(fields, ["name", "phone", "urgency"]);
        assert_eq!(problems[2].allowed.as_deref(), Some(Urgency::SPELLINGS));
    }

    #[test]
    fn a_blank_optional_field_is_missing() {
        let mut validation = Validation::default();
        let phone: Option<PhoneNumber> = validation.optional("phone", Some("  "));
        assert_eq!(phone, None);
        assert_eq!(validation.finish(Some(1)).unwrap(), 1);
    }
}
