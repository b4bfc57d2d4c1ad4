/// Generates one test for every function of [`notifier`](crate::contract::notifier). `make_subject`
/// returns a [`Subject`](crate::contract::notifier::Subject) and a guard that is dropped after it.
///
/// ```
/// # use std::sync::Arc;
/// # use engage_domain::{Address, NotificationId, Template};
/// # use engage_notifier::{
/// #     ChannelProfile, CustomerAccess, Notification, Notifier, NotifyError, RetrySchedule,
/// #     async_trait, concurrent,
/// # };
/// use engage_testkit::contract::notifier::Subject;
///
/// # /// Accepts everything.
/// # struct MyChannel;
/// #
/// # #[async_trait]
/// # impl Notifier for MyChannel {
/// #     async fn deliver(&self, _: &Notification) -> Result<(), NotifyError> {
/// #         Ok(())
/// #     }
/// #
/// #     fn profile(&self) -> ChannelProfile {
/// #         ChannelProfile {
/// #             deadline: std::time::Duration::from_secs(5),
/// #             retries: RetrySchedule::new(&[]),
/// #             slots: concurrent(4),
/// #             most_per_address: None,
/// #         }
/// #     }
/// # }
/// #
/// # fn a_notification() -> Notification {
/// #     Notification {
/// #         id: NotificationId::from_u128(1),
/// #         case_number: "CW-2025-001".parse().unwrap(),
/// #         template: Template::CaseReceivedCustomer,
/// #         address: Address::Email("john@example.com".parse().unwrap()),
/// #         snapshot: String::new(),
/// #         access: CustomerAccess::default(),
/// #         gathered: Vec::new(),
/// #         trace: None,
/// #     }
/// # }
/// async fn make_subject() -> (Subject, ()) {
///     (Subject { notifier: Arc::new(MyChannel), notification: a_notification() }, ())
/// }
///
/// engage_testkit::notifier_contract! { make_subject }
/// # fn main() {
/// #     let runtime = tokio::runtime::Runtime::new().unwrap();
/// #     runtime.block_on(engage_testkit::contract::keep(notifier::promises()));
/// #     assert_eq!(notifier::promises().len(), 5);
/// # }
/// ```
#[macro_export]
macro_rules! notifier_contract {
    ($make_subject:expr) => {
        $crate::contract_tests! { notifier, $make_subject;
            the_profile_is_the_same_on_every_call
            a_delivery_ends_within_the_time_limit_of_the_channel
            a_second_delivery_of_the_same_id_is_accepted
            concurrent_deliveries_are_all_accepted
            a_channel_can_be_closed_after_a_delivery
        }
    };
}
