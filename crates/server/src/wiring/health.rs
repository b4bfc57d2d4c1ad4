use std::sync::Arc;

use engage_application::DispatcherStatus;
use engage_http::HealthChecks;

use super::channels::Channels;
use super::dispatcher::tracking;
use crate::storage::Storage;
use crate::system::SystemClock;

pub(crate) fn health(
    storage: &Storage,
    channels: &Channels,
    dispatcher: DispatcherStatus,
) -> HealthChecks {
    HealthChecks {
        store: storage.store(),
        renderer: Arc::clone(&channels.renderer),
        dispatcher,
        notifications: tracking(storage),
        clock: Arc::new(SystemClock),
    }
}
