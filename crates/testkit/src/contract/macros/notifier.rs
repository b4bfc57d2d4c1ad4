/// Generates one test for every function of [`notifier`](crate::contract::notifier). `make_subject`
/// returns a [`Subject`](crate::contract::notifier::Subject) and a guard that is dropped after it.
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
