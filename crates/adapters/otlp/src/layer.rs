use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::sync::mpsc;
use tracing::Subscriber;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::counters::count_dropped;
use crate::draft::SpanDraft;

/// Layer that collects spans and passes them to the [`Exporter`](crate::Exporter).
pub struct SpanLayer {
    queue: mpsc::Sender<Span>,
}

impl SpanLayer {
    pub(crate) fn new(queue: mpsc::Sender<Span>) -> Self {
        Self { queue }
    }
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut draft = SpanDraft::new(attributes.metadata().name());
        attributes.record(&mut draft);
        if !draft.has_ids() {
            let Some(parent) = span.parent() else { return };
            let ids = parent.extensions().get::<SpanDraft>().map(SpanDraft::ids);
            let Some(ids) = ids else { return };
            draft.follow(ids);
        }
        span.extensions_mut().insert(draft);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(draft) = span.extensions_mut().get_mut::<SpanDraft>() {
            values.record(draft);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let draft = span.extensions_mut().remove::<SpanDraft>();
        if let Some(finished) = draft.and_then(SpanDraft::finish)
            && self.queue.try_send(finished).is_err()
        {
            count_dropped(1);
        }
    }
}
