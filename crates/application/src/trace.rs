//! Spans of requests, automatic changes and deliveries.

use std::num::{NonZeroU64, NonZeroU128};

use engage_domain::TraceContext;
use engage_domain::trace::SpanId;

/// Decides which of the traces that start in this program are sampled. A trace that comes from a
/// caller keeps the decision of the caller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceSampler {
    ratio: f64,
}

impl TraceSampler {
    /// Creates a sampler of this share of all traces, from 0 to 1.
    pub fn new(ratio: f64) -> Self {
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
        Self { ratio }
    }

    /// Starts a trace with random ids.
    pub fn start(self) -> TraceContext {
        let (trace, span) = (rand::random::<NonZeroU128>(), random_span());
        TraceContext::new(trace.into(), span, rand::random_bool(self.ratio))
    }
}

impl Default for TraceSampler {
    /// Returns a sampler of all traces.
    fn default() -> Self {
        Self::new(1.0)
    }
}

/// Returns a new span of the trace of another one, with a random id.
pub fn child_span(of: &TraceContext) -> TraceContext {
    of.child(random_span())
}

fn random_span() -> SpanId {
    rand::random::<NonZeroU64>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trace_has_ids_of_its_own() {
        let (one, two) = (TraceSampler::default().start(), TraceSampler::default().start());
        assert_ne!(one.trace_id(), two.trace_id());
        assert_ne!(one.span_id(), two.span_id());
        let child = child_span(&one);
        assert_eq!(child.trace_id(), one.trace_id());
        assert_ne!(child.span_id(), one.span_id());
    }

    #[test]
    fn the_given_share_of_traces_is_sampled() {
        for (ratio, fewest, most) in
            [(0.0, 0, 0), (0.5, 350, 650), (1.0, 1000, 1000), (2.0, 1000, 1000), (f64::NAN, 0, 0)]
        {
            let sampler = TraceSampler::new(ratio);
            let sampled = (0..1000).filter(|_| sampler.start().is_sampled()).count();
            assert!((fewest..=most).contains(&sampled), "{ratio}: {sampled}");
        }
    }
}
