//! Export of traces.

#[cfg(feature = "otlp")]
use std::time::Duration;

#[cfg(feature = "otlp")]
use anyhow::Context;
use tracing_subscriber::{Layer, Registry};

use crate::settings::Settings;

/// Time for which the last traces are sent at the end. Requests and deliveries have ended by then,
/// which takes at most 27 of the 30 s after which a process that was asked to stop is killed.
#[cfg(feature = "otlp")]
const LAST_TRACES: Duration = Duration::from_secs(2);

/// A layer that collects the spans to export.
pub(crate) type SpanLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// The export of traces, if the settings name a collector.
pub(crate) struct Traces {
    #[cfg(feature = "otlp")]
    exporter: Option<engage_otlp::Exporter>,
}

impl Traces {
    /// Starts the export, and returns the layer that collects the spans.
    #[cfg(feature = "otlp")]
    pub(crate) fn start(settings: &Settings) -> anyhow::Result<(Option<SpanLayer>, Self)> {
        use engage::application::TRACE_TARGET;
        use engage_otlp::OtlpSettings;
        use tracing_subscriber::filter::{LevelFilter, filter_fn};

        let resolver = settings.network.resolver.clone();
        let settings = &settings.tracing;
        let Some(url) = &settings.endpoint else { return Ok((None, Self { exporter: None })) };
        let headers = settings.headers.iter();
        let headers = headers.map(|header| (header.name.clone(), header.value.expose().into()));
        let (layer, exporter) = engage_otlp::start(&OtlpSettings {
            url: url.expose().to_owned(),
            headers: headers.collect(),
            service_name: settings.service_name.clone(),
            service_version: env!("CARGO_PKG_VERSION").to_owned(),
            resolver,
        })
        .context("cannot export traces (tracing)")?;
        let of_traces = filter_fn(|metadata| metadata.target() == TRACE_TARGET)
            .with_max_level_hint(LevelFilter::INFO);
        let layer = Layer::<Registry>::with_filter(layer, of_traces);
        let layer: SpanLayer = Box::new(layer);
        Ok((Some(layer), Self { exporter: Some(exporter) }))
    }

    /// Does nothing, since this program cannot export.
    #[cfg(not(feature = "otlp"))]
    pub(crate) fn start(_: &Settings) -> anyhow::Result<(Option<SpanLayer>, Self)> {
        Ok((None, Self {}))
    }

    /// Sends the traces that are left.
    pub(crate) async fn stop(self) {
        #[cfg(feature = "otlp")]
        if let Some(exporter) = self.exporter {
            exporter.stop(LAST_TRACES).await;
        }
    }
}
