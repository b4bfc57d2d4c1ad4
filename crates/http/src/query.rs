//! Query parameters.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::num::NonZeroU32;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::text::UnknownValue;

use crate::error::ApiError;
use crate::validation::Validation;

const EMPTY: &str = "must not be empty: give a value or omit it";

/// Maximum number of values of a free-text parameter.
pub(crate) const MOST_TEXTS: usize = 50;

/// Parameters of a request's query string. Unknown parameters are rejected before this is built.
#[derive(Default)]
pub(crate) struct Query(HashMap<String, Vec<String>>);

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::parse(request.query_string())))
    }
}

impl Query {
    fn parse(text: &str) -> Self {
        let mut parameters: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            parameters.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Self(parameters)
    }

    /// Returns true if a parameter is given, even without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns the value of a parameter that takes a single value.
    pub(crate) fn one(&self, name: &'static str, validation: &mut Validation) -> Option<&str> {
        let values = self.0.get(name)?;
        if values.len() > 1 {
            validation.problem(name, "must be given only once");
        }
        let value = values.first()?.trim();
        if value.is_empty() {
            validation.problem(name, EMPTY);
            return None;
        }
        Some(value)
    }

    /// Returns all given parameters by name.
    pub(crate) fn given(&self) -> Vec<(&str, Vec<String>)> {
        let mut given: Vec<_> =
            self.0.iter().map(|(name, values)| (name.as_str(), values.clone())).collect();
        given.sort_unstable();
        given
    }

    /// Returns all values of a parameter that may be repeated or given as a comma-separated list.
    pub(crate) fn many(&self, name: &'static str, validation: &mut Validation) -> Vec<&str> {
        let values = self.0.get(name).into_iter().flatten();
        let values = values.flat_map(|value| value.split(',')).map(str::trim);
        let (values, empty): (Vec<_>, Vec<_>) = values.partition(|value| !value.is_empty());
        if !empty.is_empty() {
            validation.problem(name, EMPTY);
        }
        values
    }

    /// Returns the values of a repeatable parameter whose values may contain commas, at most
    /// [`MOST_TEXTS`].
    pub(crate) fn each<T>(&self, name: &'static str, validation: &mut Validation) -> Vec<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let values = self.0.get(name).into_iter().flatten();
        let (values, empty): (Vec<_>, Vec<_>) =
            values.map(|value| value.trim()).partition(|value| !value.is_empty());
        if !empty.is_empty() {
            validation.problem(name, EMPTY);
        }
        if values.len() > MOST_TEXTS {
            validation.problem(name, format!("must be at most {MOST_TEXTS} values"));
        }
        values.into_iter().filter_map(|value| validation.parse(name, value)).collect()
    }

    /// Returns all values of an enumeration parameter.
    pub(crate) fn words<T>(&self, name: &'static str, validation: &mut Validation) -> Vec<T>
    where
        T: FromStr<Err = UnknownValue>,
    {
        let values = self.many(name, validation);
        values.into_iter().filter_map(|value| validation.word(name, Some(value))).collect()
    }

    /// Returns whether a parameter is true, if it is given.
    pub(crate) fn truth(&self, name: &'static str, validation: &mut Validation) -> Option<bool> {
        let truth = self.one(name, validation)?.to_ascii_lowercase().parse().ok();
        if truth.is_none() {
            validation.not_one_of(name, vec!["true", "false"]);
        }
        truth
    }

    /// Returns a whole number of at least 1.
    pub(crate) fn whole_number(
        &self,
        name: &'static str,
        default: u32,
        largest: u32,
        validation: &mut Validation,
    ) -> Option<NonZeroU32> {
        let given = self.one(name, validation).map_or(Ok(default), str::parse);
        let number = given.ok().and_then(NonZeroU32::new).filter(|number| number.get() <= largest);
        if number.is_none() {
            validation.problem(name, format!("must be a whole number from 1 to {largest}"));
        }
        number
    }

    /// Returns all values of a parameter, parsed.
    pub(crate) fn values<T>(&self, name: &'static str, validation: &mut Validation) -> Vec<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let values = self.many(name, validation);
        values.into_iter().filter_map(|value| validation.parse(name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the problems with the parameters, and the value that was read.
    fn problems_of<T>(
        text: &str,
        read: impl FnOnce(&Query, &mut Validation) -> T,
    ) -> (Vec<String>, T)
    where
        T: Default,
    {
        let (query, mut v) = (Query::parse(text), Validation::default());
        let value = read(&query, &mut v);
        let Err(ApiError::Validation(problems)) = v.finish(None::<()>) else { panic!() };
        (problems.into_iter().map(|one| format!("{} {}", one.field, one.message)).collect(), value)
    }

    #[test]
    fn a_parameter_may_come_in_a_row_or_several_times() {
        let text = "status=OPEN,%20ON_HOLD&status=CLOSED&x=1";
        let read = |query: &Query, v: &mut Validation| {
            query.many("status", v).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let (problems, values) = problems_of(text, read);
        assert_eq!(problems, [""; 0]);
        assert_eq!(values, ["OPEN", "ON_HOLD", "CLOSED"]);
    }

    #[test]
    fn a_parameter_that_is_given_has_a_value() {
        for text in ["a", "a=", "a=%20", "a=&b=1"] {
            let (problems, ()) = problems_of(text, |query, v| assert_eq!(query.one("a", v), None));
            assert_eq!(problems, [format!("a {EMPTY}")], "{text}");
        }
        for text in ["a=", "a=,", "a=x,,y", "a=x&a="] {
            let (problems, ()) =
                problems_of(text, |query, v| assert!(query.many("a", v).len() < 3));
            assert_eq!(problems, [format!("a {EMPTY}")], "{text}");
        }
        let (problems, ()) = problems_of("b=", |query, v| assert_eq!(query.one("a", v), None));
        assert_eq!(problems, [""; 0]);
    }

    #[test]
    fn a_parameter_with_one_value_comes_once() {
        let read =
            |query: &Query, v: &mut Validation| query.whole_number("page", 1, 9, v).is_some();
        let (problems, _) = problems_of("page=1&page=2", read);
        assert_eq!(problems, ["page must be given only once"]);
    }
}
