//! Identifiers: one type for each kind of thing.
//!
//! An id is 128 bits that the caller draws (a `UUIDv7` keeps ids in order of time). Where a person
//! sees it, it is written as in the `TypeID` convention: a prefix that names the kind and
//! 26 characters of Crockford's base 32 in lower case, such as `ntf_01jjn8v5m0e0rb7n9s0v1c2d3e`. That
//! spelling sorts like the bits do.

use thiserror::Error;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LENGTH: usize = 26;

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("must be an id of the form {prefix}_ followed by 26 characters")]
pub struct IdError {
    /// The prefix that ids of the wanted kind carry.
    pub prefix: &'static str,
}

fn encode(bits: u128) -> [u8; ENCODED_LENGTH] {
    let mut text = [0; ENCODED_LENGTH];
    let mut rest = bits;
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    text
}

fn decode(text: &str) -> Option<u128> {
    // 26 characters carry 130 bits, so the first one may use only three of its five.
    if text.len() != ENCODED_LENGTH || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes().try_fold(0_u128, |bits, byte| {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        Some(bits << 5 | digit as u128)
    })
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What the written form begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Takes 128 bits as this kind of id.
            pub const fn from_u128(bits: u128) -> Self {
                Self(bits)
            }

            /// The bits of the id.
            pub const fn as_u128(self) -> u128 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                encode(self.0).iter().try_for_each(|letter| {
                    std::fmt::Write::write_char(f, char::from(*letter))
                })
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(IdError { prefix: $prefix })
            }
        }

        crate::wire::serde_as_text!($name);
    };
}

id!(
    /// Identifies a case inside the system; people use its number.
    CaseId, "case"
);
id!(
    /// Identifies one change of one case.
    EventId, "evt"
);
id!(
    /// Identifies one entry in a case's conversation.
    UpdateId, "upd"
);
id!(
    /// Identifies a file that belongs to an update.
    AttachmentId, "att"
);
id!(
    /// Identifies a message to be delivered; constant over all its attempts.
    NotificationId, "ntf"
);
id!(
    /// Identifies an endpoint of another system that wants to hear of events.
    WebhookId, "whk"
);
id!(
    /// Identifies a staff token; not the token itself.
    TokenId, "tok"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_with_its_prefix_and_read_back() {
        let id = NotificationId::from_u128(0x0194_a000_0000_7000_8000_0000_0000_0001);
        let text = id.to_string();
        assert_eq!(text, "ntf_01jjg00000e008000000000001");
        assert_eq!(text.parse(), Ok(id));
    }

    #[test]
    fn the_extremes_are_written_in_26_characters_and_read_back() {
        for bits in [0, 1, u128::MAX] {
            let text = CaseId::from_u128(bits).to_string();
            assert_eq!(text.len(), "case_".len() + 26);
            assert_eq!(text.parse::<CaseId>().map(CaseId::as_u128), Ok(bits));
        }
    }

    #[test]
    fn the_written_form_sorts_like_the_bits() {
        let mut ids: Vec<_> = [7, 1 << 100, 31, 32, u128::MAX, 0].map(EventId::from_u128).to_vec();
        ids.sort();
        let written: Vec<_> = ids.iter().map(ToString::to_string).collect();
        assert!(written.is_sorted());
    }

    #[test]
    fn an_id_of_another_kind_or_a_malformed_one_is_refused() {
        let other = CaseId::from_u128(5).to_string();
        for text in [
            other.as_str(),
            "ntf_",
            "ntf_0",
            "ntf_81jjg00000e008000000000001", // more than 128 bits
            "ntf_01jjg00000e00800000000000l", // l is no letter of the alphabet
            "01jjg00000e008000000000001",
            "ntf_01jjg00000e0080000000000é",
        ] {
            assert_eq!(text.parse::<NotificationId>(), Err(IdError { prefix: "ntf" }), "{text}");
        }
    }
}
