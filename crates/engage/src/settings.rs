use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AccessMode, AccessTokens, Idempotency, NewParticipants, RefusedParticipants, Retention,
    SpaceFloor,
};
use engage_domain::case::CaseNumberPrefix;
use engage_domain::{Contacts, NotificationMatrix, Policies};
use engage_http::{MemberLimits, MetricsAccess, NetworkSettings};

/// Rules of the cases, and who is notified of them.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Policies of the domain, such as service targets.
    pub policies: Policies,
    /// Recipients of each event. Channels that were not added are left out.
    pub matrix: NotificationMatrix,
    /// Addresses of the team.
    pub contacts: Contacts,
    /// Start of case numbers. The default is `CW`.
    pub number_prefix: CaseNumberPrefix,
}

/// Access of customers to their cases.
#[derive(Debug, Clone)]
pub struct CustomerSettings {
    /// Proof that customers have to provide. The default is the case number alone.
    pub access: AccessMode,
    /// Lifetime of access tokens and of the links in e-mails. The default is 90 days.
    pub token_lifetime: Duration,
    /// Addresses that customers cannot add to their cases. By default, there are none.
    pub refused_participants: RefusedParticipants,
    /// Maximum number of new addresses that a customer adds to their cases within 24 hours. The
    /// default is 50.
    pub new_participants: u32,
}

impl Default for CustomerSettings {
    fn default() -> Self {
        Self {
            access: AccessMode::default(),
            token_lifetime: AccessTokens::DEFAULT_LIFETIME,
            refused_participants: RefusedParticipants::default(),
            new_participants: NewParticipants::DEFAULT_MOST,
        }
    }
}

/// Storage of files.
#[derive(Debug, Clone, Copy)]
pub struct FileSettings {
    /// Time after which an upload that was not attached is deleted. The default is 24 hours.
    pub lifetime: Duration,
    /// Free space below which uploads are refused.
    pub floor: SpaceFloor,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self { lifetime: Duration::from_hours(24), floor: SpaceFloor::default() }
    }
}

/// Retention of data that is not part of a case.
#[derive(Debug, Clone, Copy)]
pub struct RetentionSettings {
    /// Retention of responses to requests with an idempotency key. The default is 24 hours.
    pub idempotency: Duration,
    /// Retention of notifications and of the audit log.
    pub records: Retention,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self { idempotency: Idempotency::DEFAULT_RETENTION, records: Retention::default() }
    }
}

/// The HTTP server.
#[derive(Clone)]
pub struct HttpSettings {
    /// Trusted proxies, allowed origins and rate limits. By default, there are none of them.
    pub network: NetworkSettings,
    /// Limits on the concurrent requests of one member of staff. The default is 8 event streams and
    /// 4 searches.
    pub member_limits: MemberLimits,
    /// Metrics endpoint. Without one, `/metrics` responds with 404.
    pub metrics: Option<MetricsEndpoint>,
    /// Number of threads. The default is the number of cores.
    pub workers: usize,
}

impl Default for HttpSettings {
    fn default() -> Self {
        let [streams, searches] =
            [const { NonZeroU32::new(8).unwrap() }, const { NonZeroU32::new(4).unwrap() }];
        Self {
            network: NetworkSettings::default(),
            member_limits: MemberLimits { streams, searches },
            metrics: None,
            workers: std::thread::available_parallelism().map_or(2, NonZeroUsize::get),
        }
    }
}

/// The metrics endpoint. The recorder of the `metrics` crate is the caller's.
#[derive(Clone)]
pub struct MetricsEndpoint {
    /// Readers of the metrics.
    pub access: MetricsAccess,
    /// Renders all metrics in Prometheus' text format.
    pub render: Arc<dyn Fn() -> String + Send + Sync>,
}
