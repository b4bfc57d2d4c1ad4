//! Trace contexts of events as columns.

use engage_domain::TraceContext;

/// Returns a trace context as the columns `traceparent` and `tracestate`.
pub(crate) fn trace_columns(trace: Option<&TraceContext>) -> (Option<String>, Option<String>) {
    let state = trace.map(TraceContext::state).filter(|state| !state.is_empty());
    (trace.map(ToString::to_string), state.map(ToString::to_string))
}

/// Reads a trace context from its columns. What cannot be read is left out, since nothing but the
/// correlation of logs and traces depends on it.
pub fn trace_context(traceparent: Option<&str>, tracestate: Option<&str>) -> Option<TraceContext> {
    let trace: TraceContext = traceparent?.parse().ok()?;
    let state = tracestate.and_then(|text| text.parse().ok()).unwrap_or_default();
    Some(trace.with_state(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(trace_context(None, Some("a=1")), None);
        assert_eq!(trace_context(Some("damaged"), None), None);
        let damaged = trace_context(Some(PARENT), Some("damaged")).unwrap();
        assert_eq!(trace_columns(Some(&damaged)), (Some(PARENT.to_owned()), None));
    }
}
