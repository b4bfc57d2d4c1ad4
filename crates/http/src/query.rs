//! Query parameters.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::num::NonZeroU32;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::UnknownValue;

use crate::error::ApiError;
use crate::validation::Validation;

/// The parameters of a request's query. A parameter may come several times; unknown ones are
/// ignored.
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

    /// The last value of a parameter; one that is blank counts as missing.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let last = self.0.get(name)?.last()?.trim();
        (!last.is_empty()).then_some(last)
    }

    /// All values of a parameter, which may be given in a row with commas between them.
    pub(crate) fn many(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.0.get(name).into_iter().flatten();
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
    }

    /// All values of a parameter whose values are words out of a list.
    pub(crate) fn words<T>(&self, name: &'static str, validation: &mut Validation) -> Vec<T>
    where
        T: FromStr<Err = UnknownValue>,
    {
        self.many(name).filter_map(|value| validation.word(name, Some(value))).collect()
    }

    /// A whole number from 1 on.
    pub(crate) fn whole_number(
        &self,
        name: &'static str,
        default: u32,
        largest: u32,
        validation: &mut Validation,
    ) -> Option<NonZeroU32> {
        let given = self.one(name).map_or(Ok(default), str::parse);
        let number = given.ok().and_then(NonZeroU32::new).filter(|number| number.get() <= largest);
        if number.is_none() {
            validation.problem(name, format!("must be a whole number from 1 to {largest}"));
        }
        number
    }

    /// All values of a parameter.
    pub(crate) fn values<T>(&self, name: &'static str, validation: &mut Validation) -> Vec<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        self.many(name).filter_map(|value| validation.parse(name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_may_come_in_a_row_or_several_times() {
        let query = Query::parse("status=OPEN,%20ON_HOLD&status=CLOSED&status=,&x");
        assert_eq!(query.many("status").collect::<Vec<_>>(), ["OPEN", "ON_HOLD", "CLOSED"]);
        assert_eq!(query.one("x"), None);
        assert_eq!(query.one("y"), None);
    }

    #[test]
    fn of_a_parameter_with_one_value_the_last_counts() {
        assert_eq!(Query::parse("page=1&page=2").one("page"), Some("2"));
    }
}
