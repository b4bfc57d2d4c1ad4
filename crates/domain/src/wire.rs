//! Enumerations whose spelling is part of the public contract.

use thiserror::Error;

/// A word that is none of an enumeration's values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("must be one of {}", allowed.join(", "))]
pub struct UnknownValue {
    /// The spellings that are accepted (in any case).
    pub allowed: &'static [&'static str],
}

/// Defines a fieldless enum together with its spelling on the wire and in storage.
///
/// Values are read in any case and written as given here, so that the API, the database and the
/// logs use one word for one thing.
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $spelling:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_meta])* $variant, )+ }

        impl $name {
            /// Every value, in order of declaration.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];
            /// The spelling of every value, in the same order.
            pub const SPELLINGS: &'static [&'static str] = &[ $( $spelling, )+ ];

            /// The spelling used on the wire and in storage.
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

        $crate::wire::serde_as_text!($name);
    };
}

/// Serializes a type through its `Display` and reads it back as a stored value. With `stored` the
/// type says itself how that is done; else it is read as any new value.
macro_rules! serde_as_text {
    ($name:ident $(<const $max:ident: usize>)?) => {
        impl $(<const $max: usize>)? $crate::stored::FromStored for $name $(<$max>)? {}
        $crate::wire::serde_as_text!(stored $name $(<const $max: usize>)?);
    };
    (stored $name:ident $(<const $max:ident: usize>)?) => {
        #[cfg(feature = "serde")]
        impl $(<const $max: usize>)? serde::Serialize for $name $(<$max>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de $(, const $max: usize)?> serde::Deserialize<'de> for $name $(<$max>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                $crate::stored::FromStored::from_stored(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {serde_as_text, wire_enum};
