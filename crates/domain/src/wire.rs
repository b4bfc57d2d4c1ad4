//! Enumerations whose spelling is part of the public API.

use thiserror::Error;

/// Error returned when a text is not a value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("must be one of {}", allowed.join(", "))]
pub struct UnknownValue {
    /// Accepted spellings. Case is ignored.
    pub allowed: &'static [&'static str],
}

/// Defines a fieldless enum together with its spelling in the API and in storage.
///
/// Parsing ignores case. Values are written exactly as given here, so the API, the database and the
/// logs use the same names.
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $spelling:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_meta])* $variant, )+ }

        impl $name {
            /// All values, in order of declaration.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];
            /// Spellings of all values, in the same order.
            pub const SPELLINGS: &'static [&'static str] = &[ $( $spelling, )+ ];

            /// Returns the spelling used in the API and in storage.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $spelling, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::wire::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.as_str().eq_ignore_ascii_case(text))
                    .ok_or($crate::wire::UnknownValue { allowed: Self::SPELLINGS })
            }
        }

        $crate::wire::try_from_text!($name);
        $crate::wire::serde_as_text!($name);
    };
}

/// Converts text to a type through `FromStr`, for callers that are generic over `TryFrom`.
macro_rules! try_from_text {
    ($name:ident) => {
        impl TryFrom<&str> for $name {
            type Error = <Self as std::str::FromStr>::Err;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = <Self as std::str::FromStr>::Err;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    };
}

/// Serializes a type through `Display` and deserializes it as a stored value. With `stored`, the
/// type provides its own `FromStored` implementation. Otherwise stored values are parsed like new
/// ones.
macro_rules! serde_as_text {
    ($name:ident) => {
        impl $crate::stored::FromStored for $name {}
        $crate::wire::serde_as_text!(stored $name);
    };
    (stored $name:ident $(<const $max:ident: usize, $kind:ident>)?) => {
        #[cfg(feature = "serde")]
        impl $(<const $max: usize, $kind>)? serde::Serialize for $name $(<$max, $kind>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de $(, const $max: usize, $kind)?> serde::Deserialize<'de> for $name $(<$max, $kind>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                $crate::stored::FromStored::from_stored(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {serde_as_text, try_from_text, wire_enum};
