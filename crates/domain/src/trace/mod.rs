//! Position of a request or delivery in a distributed trace, according to
//! [W3C Trace Context](https://www.w3.org/TR/trace-context/).
//!
//! ```
//! use std::num::NonZeroU64;
//!
//! use engage_domain::trace::{SpanId, TraceContext};
//!
//! let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
//! let caller: TraceContext = header.parse()?;
//! assert!(caller.is_sampled());
//!
//! let own = caller.child(SpanId::from(NonZeroU64::MIN));
//! assert_eq!(own.trace_id(), caller.trace_id());
//! assert_eq!(own.to_string(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01");
//! # Ok::<(), engage_domain::trace::TraceContextError>(())
//! ```

mod state;

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};
use std::str::FromStr;

use thiserror::Error;

pub use state::{TraceState, TraceStateError};

/// Length of a `traceparent` of version 00. Later versions start with the same fields.
const LENGTH: usize = 55;

/// The flag that marks a sampled trace. The Recommendation defines no other.
const SAMPLED: u8 = 1;

/// Id of a trace, shared by all of its spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(NonZeroU128);

impl TraceId {
    /// Returns the bits of the id.
    pub const fn get(self) -> NonZeroU128 {
        self.0
    }
}

impl From<NonZeroU128> for TraceId {
    fn from(bits: NonZeroU128) -> Self {
        Self(bits)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Id of a span, which is one operation of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    /// Returns the bits of the id.
    pub const fn get(self) -> NonZeroU64 {
        self.0
    }
}

impl From<NonZeroU64> for SpanId {
    fn from(bits: NonZeroU64) -> Self {
        Self(bits)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A span with its trace and the state of the tracing systems that took part.
///
/// [`FromStr`] and [`Display`](fmt::Display) read and write the header `traceparent`, which does not
/// contain the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: TraceId,
    span_id: SpanId,
    is_sampled: bool,
    state: TraceState,
}

impl TraceContext {
    /// Starts a trace with its first span.
    pub fn new(trace_id: TraceId, span_id: SpanId, is_sampled: bool) -> Self {
        Self { trace_id, span_id, is_sampled, state: TraceState::default() }
    }

    /// Replaces the state.
    #[must_use]
    pub fn with_state(self, state: TraceState) -> Self {
        Self { state, ..self }
    }

    /// Returns another span of the same trace, which keeps the sampled flag and the state.
    #[must_use]
    pub fn child(&self, span_id: SpanId) -> Self {
        Self { span_id, ..self.clone() }
    }

    /// Returns the id of the trace.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Returns the id of the span.
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Returns true if the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.is_sampled
    }

    /// Returns the state, which the header `tracestate` carries.
    pub fn state(&self) -> &TraceState {
        &self.state
    }
}

/// Error returned when a text is not a valid `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a traceparent, such as 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
pub struct TraceContextError;

impl FromStr for TraceContext {
    type Err = TraceContextError;

    fn from_str(text: &str) -> Result<Self, TraceContextError> {
        read(text).ok_or(TraceContextError)
    }
}

fn read(text: &str) -> Option<TraceContext> {
    let (own, rest) = text.split_at_checked(LENGTH)?;
    let mut parts = own.split('-');
    let mut hex = |length: usize| {
        let part = parts.next()?;
        let is_hex = part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (part.len() == length && is_hex).then_some(part)
    };
    let (version, trace, span, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
    let is_known = match version {
        "00" => rest.is_empty(),
        "ff" => false,
        // A later version may add fields after these.
        _ => rest.is_empty() || rest.starts_with('-'),
    };
    let trace_id = NonZeroU128::new(u128::from_str_radix(trace, 16).ok()?)?;
    let span_id = NonZeroU64::new(u64::from_str_radix(span, 16).ok()?)?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    is_known.then(|| TraceContext::new(trace_id.into(), span_id.into(), flags & SAMPLED == SAMPLED))
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = if self.is_sampled { SAMPLED } else { 0 };
        write!(f, "00-{}-{}-{flags:02x}", self.trace_id, self.span_id)
    }
}

crate::wire::try_from_text!(TraceContext);

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_traceparent_is_read_and_written_unchanged() {
        for flags in ["00", "01"] {
            let text = format!("00-{TRACE}-{SPAN}-{flags}");
            let context: TraceContext = text.parse().unwrap();
            assert_eq!(context.to_string(), text);
            assert_eq!(context.trace_id().to_string(), TRACE);
            assert_eq!(context.span_id().to_string(), SPAN);
            assert_eq!(context.is_sampled(), flags == "01");
        }
    }

    #[test]
    fn a_later_version_is_read_and_continued_as_the_known_one() {
        for text in [
            format!("cc-{TRACE}-{SPAN}-01"),
            format!("cc-{TRACE}-{SPAN}-01-what-comes-later"),
            format!("01-{TRACE}-{SPAN}-ff-"),
        ] {
            let context: TraceContext = text.parse().unwrap();
            assert_eq!(context.to_string(), format!("00-{TRACE}-{SPAN}-01"), "{text}");
        }
    }

    #[test]
    fn only_the_sampled_flag_is_kept() {
        for (flags, expected) in [("02", "00"), ("03", "01"), ("fe", "00"), ("ff", "01")] {
            let context: TraceContext = format!("00-{TRACE}-{SPAN}-{flags}").parse().unwrap();
            assert_eq!(context.to_string(), format!("00-{TRACE}-{SPAN}-{expected}"));
        }
    }

    #[test]
    fn an_invalid_traceparent_is_rejected() {
        for text in [
            String::new(),
            TRACE.to_owned(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("cc-{TRACE}-{SPAN}-01more"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00_{TRACE}_{SPAN}_01"),
            format!("0-0{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{}é-{SPAN}-01", &TRACE[..30]),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}-{SPAN}-0\n"),
            format!("00-{TRACE}-{SPAN}-0g"),
            format!(" 00-{TRACE}-{SPAN}-01"),
        ] {
            assert_eq!(text.parse::<TraceContext>(), Err(TraceContextError), "{text}");
        }
    }

    #[test]
    fn a_child_keeps_all_but_the_span() {
        let state: TraceState = "rojo=1,congo=2".parse().unwrap();
        let parent: TraceContext = format!("00-{TRACE}-{SPAN}-00").parse().unwrap();
        let parent = parent.with_state(state.clone());
        let child = parent.child(NonZeroU64::MIN.into());
        assert_eq!(child.to_string(), format!("00-{TRACE}-0000000000000001-00"));
        assert_eq!(child.state(), &state);
    }
}
