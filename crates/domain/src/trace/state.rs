use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Maximum length that is passed on. The Recommendation asks for at least this.
const LONGEST: usize = 512;

/// Length above which an entry is removed first from a state that is too long.
const LONG_ENTRY: usize = 128;

/// Maximum number of entries.
const MOST_ENTRIES: usize = 32;

/// State of the tracing systems that took part in a trace, as in the header `tracestate`.
///
/// It is passed on and never interpreted. A state of more than 512 characters loses whole entries:
/// first those of more than 128 characters, then the last ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TraceState(String);

/// Error returned when a text is not a valid `tracestate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a tracestate of at most 32 entries, such as rojo=1,congo=2")]
pub struct TraceStateError;

impl TraceState {
    /// Returns the value of the header. Empty if there is no state.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns true if there is no state to pass on.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for TraceState {
    type Err = TraceStateError;

    fn from_str(text: &str) -> Result<Self, TraceStateError> {
        let mut entries: Vec<&str> = Vec::new();
        let mut keys: Vec<&str> = Vec::new();
        let members = text.split(',').map(|member| member.trim_matches([' ', '\t']));
        for member in members.filter(|member| !member.is_empty()) {
            let (key, value) = member.split_once('=').ok_or(TraceStateError)?;
            if entries.len() == MOST_ENTRIES
                || !is_key(key)
                || !is_value(value)
                || keys.contains(&key)
            {
                return Err(TraceStateError);
            }
            entries.push(member);
            keys.push(key);
        }
        shorten(&mut entries);
        Ok(Self(entries.join(",")))
    }
}

fn is_key(key: &str) -> bool {
    let is_part = |part: &str, may_start_with_digit: bool, longest: usize| {
        let starts =
            |byte: u8| byte.is_ascii_lowercase() || may_start_with_digit && byte.is_ascii_digit();
        let continues = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte)
        };
        (1..=longest).contains(&part.len())
            && starts(part.as_bytes()[0])
            && part.bytes().all(continues)
    };
    match key.split_once('@') {
        Some((tenant, system)) => is_part(tenant, true, 241) && is_part(system, false, 14),
        None => is_part(key, false, 256),
    }
}

fn is_value(value: &str) -> bool {
    let is_allowed = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'=';
    // Blanks at the end are not part of the value and were removed.
    (1..=256).contains(&value.len()) && value.bytes().all(is_allowed)
}

/// Removes entries until the rest is short enough.
fn shorten(entries: &mut Vec<&str>) {
    let length = |entries: &[&str]| {
        entries.iter().map(|entry| entry.len() + 1).sum::<usize>().saturating_sub(1)
    };
    while length(entries) > LONGEST {
        let long = entries.iter().rposition(|entry| entry.len() > LONG_ENTRY);
        match long {
            Some(index) => drop(entries.remove(index)),
            None => drop(entries.pop()),
        }
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(TraceState);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<TraceState>().ok().map(|state| state.to_string())
    }

    #[test]
    fn entries_are_kept_in_their_order() {
        for (text, expected) in [
            ("", ""),
            (" , ,", ""),
            ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
            ("a=1 ,\tb=2", "a=1,b=2"),
            ("fw529a3039@dt=FfAlFDUlAAAA", "fw529a3039@dt=FfAlFDUlAAAA"),
            ("0tenant@s=1", "0tenant@s=1"),
            ("a_-*/0= x y", "a_-*/0= x y"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_state_with_an_invalid_entry_is_rejected() {
        for text in [
            "a".to_owned(),
            "=1".to_owned(),
            "a=".to_owned(),
            "A=1".to_owned(),
            "0a=1".to_owned(),
            "a=1=2".to_owned(),
            "a=é".to_owned(),
            "a=1\n".to_owned(),
            "a=1,a=2".to_owned(),
            "a@=1".to_owned(),
            "@a=1".to_owned(),
            "a@0=1".to_owned(),
            "a@b@c=1".to_owned(),
            format!("{}=1", "a".repeat(257)),
            format!("{}@a=1", "a".repeat(242)),
            format!("a@{}=1", "a".repeat(15)),
            format!("a={}", "1".repeat(257)),
            (0..33).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join(","),
        ] {
            assert_eq!(read(&text), None, "{text}");
        }
    }

    #[test]
    fn a_long_state_loses_long_entries_first_and_then_the_last() {
        let long = format!("long={}", "x".repeat(200));
        let short = |name: &str| format!("{name}={}", "y".repeat(100));
        let all = [short("a"), long, short("b"), short("c"), short("d")].join(",");
        let expected = [short("a"), short("b"), short("c"), short("d")].join(",");
        assert_eq!(read(&all), Some(expected));

        let many: Vec<_> = (0..32).map(|n| format!("k{n}={}", "z".repeat(60))).collect();
        let kept = read(&many.join(",")).unwrap();
        assert!(kept.len() <= LONGEST && many.join(",").starts_with(&kept), "{kept}");
        assert_eq!(kept.split(',').count(), 8);
    }
}
