//! Spans of requests, automatic changes and deliveries.

use std::num::{NonZeroU64, NonZeroU128};

use engage_domain::trace::SpanId;
use engage_domain::{CaseNumber, Channel, TraceContext};
use engage_notifier::Notification;
use tracing::Span;
use tracing::field::Empty;

/// Target of the spans that are exported. Logs leave them out.
///
/// They name their place in a trace by the fields `trace_id`, `span_id`, `parent_id` and
/// `trace_state`. Those without belong to the enclosing one.
pub const TRACE_TARGET: &str = "engage::trace";

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

/// Begins the span of a delivery attempt, in the trace of a change. Returns none if the trace is not
/// recorded.
pub(crate) fn delivery_span(
    notification: &Notification,
    parent: Option<&TraceContext>,
    attempt: u32,
) -> Span {
    let sampled = notification.trace.as_ref().filter(|trace| trace.is_sampled());
    let Some(trace) = sampled else { return Span::none() };
    let channel = notification.address.channel().as_str();
    tracing::info_span!(
        target: TRACE_TARGET,
        "deliver",
        otel.name = format!("deliver {channel}"),
        otel.kind = "client",
        otel.status_code = Empty,
        trace_id = %trace.trace_id(),
        span_id = %trace.span_id(),
        parent_id = parent.map(|parent| tracing::field::display(parent.span_id())),
        trace_state = trace.state().as_str(),
        engage.channel = channel,
        engage.notification = %notification.id,
        engage.case = %notification.case_number,
        engage.attempt = attempt,
        engage.outcome = Empty,
        trace.ended = Empty,
    )
}

/// Begins the span of an automatic change, with which its trace starts. Returns none if the trace is
/// not sampled.
pub(crate) fn automatic_span(trace: &TraceContext, case: &CaseNumber) -> Span {
    if !trace.is_sampled() {
        return Span::none();
    }
    tracing::info_span!(
        target: TRACE_TARGET,
        "process due case",
        otel.status_code = Empty,
        trace_id = %trace.trace_id(),
        span_id = %trace.span_id(),
        engage.case = %case,
        trace.discarded = Empty,
    )
}

/// Begins the span of a claim, which is a trace of its own. Returns none if it is not sampled.
pub(crate) fn claim_span(sampler: TraceSampler, channel: Channel) -> Span {
    let trace = sampler.start();
    if !trace.is_sampled() {
        return Span::none();
    }
    tracing::info_span!(
        target: TRACE_TARGET,
        "claim",
        otel.name = format!("claim {channel}"),
        otel.status_code = Empty,
        trace_id = %trace.trace_id(),
        span_id = %trace.span_id(),
        engage.channel = channel.as_str(),
        engage.claimed = Empty,
        trace.discarded = Empty,
    )
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
            let count = (0..1000).filter(|_| sampler.start().is_sampled()).count();
            assert!((fewest..=most).contains(&count), "{ratio}: {count}");
        }
    }
}
