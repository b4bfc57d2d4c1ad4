//! Counters of spans.

use metrics::{counter, describe_counter};

const SPANS: &str = "engage_trace_spans_total";

/// Describes the counters and initializes them with zero. Called with each batch, since the program may
/// install its recorder after the export has started.
pub(crate) fn begin() {
    describe_counter!(SPANS, "Spans of traces, by outcome.");
    count_exported(0);
    count_dropped(0);
}

/// Counts spans that the collector accepted.
pub(crate) fn count_exported(spans: usize) {
    count("exported", spans);
}

/// Counts spans that were dropped, because the queue was full or the collector refused them.
pub(crate) fn count_dropped(spans: usize) {
    count("dropped", spans);
}

fn count(outcome: &'static str, spans: usize) {
    counter!(SPANS, "outcome" => outcome).increment(spans as u64);
}
