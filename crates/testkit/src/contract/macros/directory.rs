/// Generates one test for every function of [`directory`](crate::contract::directory). Calls the ports
/// `cases`, `staff`, `tokens`, `outbox`, `webhooks`, `directory`.
#[macro_export]
macro_rules! directory_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { directory, $make_store;
            the_version_changes_with_everything_that_affects_recipients_or_permissions
            the_version_stays_if_nothing_relevant_changes
            a_change_planned_with_an_old_version_is_outdated_and_stores_nothing
            a_change_planned_with_the_current_version_is_stored
            committing_a_stored_event_again_ignores_the_directory_version
            only_changes_planned_with_an_old_version_are_outdated_in_a_burst
        }
    };
}

/// Generates one test for every function that takes two handles on one store.
///
/// `make_stores` is an async function or closure without arguments. It returns two
/// [`Store`](crate::contract::Store)s on a fresh, empty database, and a guard that is dropped after
/// them.
#[macro_export]
macro_rules! shared_store_contract {
    ($make_stores:expr) => {
        $crate::shared_store_contract! { @tests $make_stores;
            a_change_by_another_handle_outdates_earlier_plans
            no_commit_with_an_old_version_starts_after_a_change_returns
        }
    };
    (@tests $make_stores:expr; $($promise:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $promise() {
                let ([store, other], guard) = ($make_stores)().await;
                let promise = $crate::contract::directory::$promise(&store, &other);
                $crate::contract::in_time(promise).await;
                drop((store, other));
                drop(guard);
            }
        )+
    };
}
