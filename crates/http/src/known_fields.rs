//! Deserializes values and reports unknown keys.
//!
//! The known keys come from the derived `Deserialize` of the type, so there is no second list.

use std::cell::RefCell;
use std::fmt;

use engage_domain::text::nearest_name;
use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess,
    SeqAccess, Visitor,
};

use crate::echo::shown;
use crate::error::{ApiError, FieldProblem};
use crate::problems;

/// Maximum number of unknown names that are reported for one body or query.
pub(crate) const MOST_TOLD: usize = 20;

/// Deserializes a value, and notes unknown keys as problems of the request.
pub(crate) fn read<'de, T, D>(deserializer: D) -> Result<Result<T, ApiError>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let found = RefCell::default();
    let value =
        T::deserialize(Reader { inner: deserializer, place: FieldLocation::Root, found: &found })?;
    Ok(problems::note(found.into_inner()).map(|()| value))
}

/// Builds the problem for an unknown name.
pub(crate) fn unknown<'a>(
    place: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> FieldProblem {
    let message = match nearest_name(name, known) {
        Some(meant) => format!("is not known; did you mean {meant}?"),
        None => "is not known".to_owned(),
    };
    let name = if name.trim().is_empty() { "\"\"".to_owned() } else { shown(name) };
    let field = if place.is_empty() { name } else { format!("{place}.{name}") };
    FieldProblem::new(field, message)
}

/// Position of a value in the body.
#[derive(Clone, Copy)]
enum FieldLocation<'a> {
    Root,
    Field(&'a FieldLocation<'a>, &'a str),
    Item(&'a FieldLocation<'a>, usize),
}

impl fmt::Display for FieldLocation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(&shown(name)),
            Self::Field(parent, name) => write!(f, "{parent}.{}", shown(name)),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

type Found = RefCell<Vec<FieldProblem>>;

/// A `serde` deserializer, visitor or seed at a position in the body.
struct Reader<'a, T> {
    inner: T,
    place: FieldLocation<'a>,
    found: &'a Found,
}

/// Forwards the values that cannot contain keys.
macro_rules! plain {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(visitor)
        })*
    };
}

/// Forwards the values that may contain others, at the same position.
macro_rules! around {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(
            self, $($argument: $type,)* visitor: V,
        ) -> Result<V::Value, D::Error> {
            let Self { inner, place, found } = self;
            inner.$method($($argument,)* Within { visitor, known: None, place, found })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Reader<'_, D> {
    type Error = D::Error;

    plain! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier
        deserialize_ignored_any
    }

    around! {
        deserialize_option()
        deserialize_seq()
        deserialize_map()
        deserialize_tuple(length: usize)
        deserialize_newtype_struct(name: &'static str)
        deserialize_unit_struct(name: &'static str)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let Self { inner, place, found } = self;
        inner.deserialize_struct(
            name,
            fields,
            Within { visitor, known: Some(fields), place, found },
        )
    }
}

/// Visits the contents of a value. Structs must be objects. `serde` would also accept a list of the
/// field values.
struct Within<'a, V> {
    visitor: V,
    /// Known keys of an object, or `None` if any key is allowed.
    known: Option<&'static [&'static str]>,
    place: FieldLocation<'a>,
    found: &'a Found,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Within<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Reader { inner, place: self.place, found: self.found })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Reader { inner, place: self.place, found: self.found })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        if self.known.is_some() {
            return Err(Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let Self { visitor, place, found, .. } = self;
        visitor.visit_seq(Items { inner, next: 0, place, found })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self { visitor, known, place, found } = self;
        visitor.visit_map(Keys { inner, key: String::new(), known, place, found })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(inner)
    }
}

struct Items<'a, A> {
    inner: A,
    next: usize,
    place: FieldLocation<'a>,
    found: &'a Found,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        inner: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let place = FieldLocation::Item(&self.place, self.next);
        self.next += 1;
        self.inner.next_element_seed(Reader { inner, place, found: self.found })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

struct Keys<'a, A> {
    inner: A,
    key: String,
    known: Option<&'static [&'static str]>,
    place: FieldLocation<'a>,
    found: &'a Found,
}

impl<A> Keys<'_, A> {
    fn check(&self) {
        let Some(known) = self.known.filter(|known| !known.contains(&self.key.as_str())) else {
            return;
        };
        let mut found = self.found.borrow_mut();
        if found.len() < MOST_TOLD {
            let place = self.place.to_string();
            let problem = unknown(&place, &self.key, known.iter().copied());
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Keys<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(key) = self.inner.next_key()? else { return Ok(None) };
        self.key = key;
        self.check();
        let key: StrDeserializer<'_, A::Error> = self.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<S::Value, A::Error> {
        let place = FieldLocation::Field(&self.place, &self.key);
        self.inner.next_value_seed(Reader { inner, place, found: self.found })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Reader<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Reader { inner, place: self.place, found: self.found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::noting;

    #[allow(clippy::option_option)] // Missing, null and given are three things.
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        is_internal: Option<bool>,
        #[serde(default, deserialize_with = "crate::body::present")]
        staff_id: Option<Option<String>>,
        #[serde(default)]
        files: Vec<Inner>,
        one: Option<Inner>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Inner {
        content_type: Option<String>,
    }

    /// Parses a text, and returns the result and the noted problems.
    async fn read_text(text: &str) -> (serde_json::Result<Outer>, Vec<String>) {
        noting(async {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            let value = read(&mut deserializer).map(|value| value.unwrap());
            let reported = |problem: FieldProblem| format!("{} {}", problem.field, problem.message);
            (value, problems::take().into_iter().map(reported).collect())
        })
        .await
    }

    #[tokio::test]
    async fn known_fields_are_deserialized() {
        let text = r#"{"isInternal": true, "staffId": null, "files": [{"contentType": "a/b"}],
            "one": {}}"#;
        let (value, reported) = read_text(text).await;
        let file =
            |content_type: Option<&str>| Inner { content_type: content_type.map(str::to_owned) };
        assert_eq!(reported, [""; 0]);
        assert_eq!(
            value.unwrap(),
            Outer {
                is_internal: Some(true),
                staff_id: Some(None),
                files: vec![file(Some("a/b"))],
                one: Some(file(None)),
            }
        );
    }

    #[tokio::test]
    async fn every_unknown_key_is_reported_with_its_path_and_a_suggestion() {
        let text = r#"{"is_internal": true, "one": {"contentTpye": {"x": 1}, "y": 2},
            "files": [{}, {"content-type": "a/b", "": 3}], "colour\n": [{"files": []}]}"#;
        let (value, reported) = read_text(text).await;
        assert_eq!(value.unwrap().is_internal, None);
        assert_eq!(
            reported,
            [
                "is_internal is not known; did you mean isInternal?",
                "one.contentTpye is not known; did you mean contentType?",
                "one.y is not known",
                "files[1].content-type is not known; did you mean contentType?",
                "files[1].\"\" is not known",
                "colour is not known",
            ]
        );
    }

    #[tokio::test]
    async fn a_repeated_key_is_reported_once_and_the_number_of_problems_is_limited() {
        let (_, reported) = read_text(r#"{"x": 1, "x": 2}"#).await;
        assert_eq!(reported.len(), 1);
        let many: Vec<_> = (0..10_000).map(|number| format!("\"k{number}\": 0")).collect();
        let (_, reported) = read_text(&format!("{{{}}}", many.join(","))).await;
        assert_eq!(reported.len(), MOST_TOLD);
    }

    #[tokio::test]
    async fn a_value_of_the_wrong_type_is_an_error() {
        for text in [
            "[true]",
            "null",
            r#"{"isInternal": 1}"#,
            r#"{"files": [["a/b"]]}"#,
            r#"{"files": {}}"#,
            r#"{"one": "x"}"#,
            r#"{"isInternal": true, "isInternal": true}"#,
        ] {
            assert!(read_text(text).await.0.is_err(), "{text}");
        }
    }
}
