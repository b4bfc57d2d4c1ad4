use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use engage::MetricsEndpoint;
use engage::application::DELIVERY_BUCKETS;
use engage::http::{MetricsAccess, MetricsToken, REQUEST_BUCKETS};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::exposure::is_exposed;
use crate::process_metrics;
use crate::settings::Settings;

/// Interval at which samples of histograms are aggregated into buckets.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Installs the metrics recorder, and decides who may read the metrics at an address.
pub(super) fn metrics(settings: &Settings, address: SocketAddr) -> anyhow::Result<MetricsEndpoint> {
    let mut builder = PrometheusBuilder::new();
    for (histogram, buckets) in [DELIVERY_BUCKETS, REQUEST_BUCKETS] {
        let histogram = Matcher::Full(histogram.to_owned());
        builder = builder
            .set_buckets_for_metric(histogram, buckets)
            .context("a histogram has no buckets")?;
    }
    let recorder = builder.install_recorder().context("cannot install the metrics recorder")?;
    tokio::spawn(keep_up(recorder.clone()));
    process_metrics::begin();
    let access = match &settings.metrics.token {
        Some(token) => MetricsAccess::Token(MetricsToken::new(token.expose())),
        None if is_exposed(settings, address) => MetricsAccess::Closed,
        None => MetricsAccess::Open,
    };
    let render = Arc::new(move || recorder.render() + &process_metrics::render());
    Ok(MetricsEndpoint { access, render })
}

/// Aggregates the samples of histograms, which would accumulate while the metrics are not read.
async fn keep_up(recorder: PrometheusHandle) {
    loop {
        tokio::time::sleep(METRICS_UPKEEP).await;
        recorder.run_upkeep();
    }
}
