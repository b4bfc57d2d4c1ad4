//! The lists of all functions of the contract, a file for each of its modules, and the macros that
//! turn them into tests.

mod access;
mod audit;
mod budgets;
mod cases;
mod contacts;
mod contents;
mod credentials;
mod directory;
mod due_cases;
mod erasure;
mod health;
mod history;
mod idempotency;
mod notifications;
mod notifier;
mod numbers;
mod organizations;
mod outbox;
mod person_erasures;
mod queries;
mod request_counts;
mod retention;
mod staff;
mod tags;
mod tokens;
mod uploads;
mod webhooks;

/// Generates one test for every function of the contract, in a module for each port.
///
/// `make_store` is an async function or closure without arguments. It returns a fresh, empty
/// [`Store`](crate::contract::Store) and a guard that is dropped after it. The calling crate needs
/// tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! repository_contract {
    ($make_store:expr) => {
        $crate::cases_contract! { $make_store }
        $crate::access_contract! { $make_store }
        $crate::erasure_contract! { $make_store }
        $crate::retention_contract! { $make_store }
        $crate::history_contract! { $make_store }
        $crate::idempotency_contract! { $make_store }
        $crate::numbers_contract! { $make_store }
        $crate::queries_contract! { $make_store }
        $crate::due_cases_contract! { $make_store }
        $crate::staff_contract! { $make_store }
        $crate::tokens_contract! { $make_store }
        $crate::outbox_contract! { $make_store }
        $crate::budgets_contract! { $make_store }
        $crate::notifications_contract! { $make_store }
        $crate::uploads_contract! { $make_store }
        $crate::directory_contract! { $make_store }
        $crate::webhooks_contract! { $make_store }
        $crate::contacts_contract! { $make_store }
        $crate::organizations_contract! { $make_store }
        $crate::tags_contract! { $make_store }
        $crate::person_erasures_contract! { $make_store }
        $crate::audit_contract! { $make_store }
        $crate::health_contract! { $make_store }

        /// Runs the whole contract at once, for tests that inspect every statement it issues.
        #[allow(dead_code)]
        pub(crate) async fn keep_every_promise() {
            let promises = [
                cases::promises(),
                access::promises(),
                erasure::promises(),
                retention::promises(),
                history::promises(),
                idempotency::promises(),
                numbers::promises(),
                queries::promises(),
                due_cases::promises(),
                staff::promises(),
                tokens::promises(),
                outbox::promises(),
                budgets::promises(),
                notifications::promises(),
                uploads::promises(),
                directory::promises(),
                webhooks::promises(),
                contacts::promises(),
                organizations::promises(),
                tags::promises(),
                person_erasures::promises(),
                audit::promises(),
                health::promises(),
            ];
            $crate::contract::keep(promises.concat()).await;
        }
    };
}

/// Generates a module with a test for each of these functions of a module of the contract.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($port:ident, $make_store:expr; $($promise:ident)+) => {
        mod $port {
            #[allow(unused_imports)]
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $promise() {
                    let (store, guard) = ($make_store)().await;
                    let promise = $crate::contract::$port::$promise(&store);
                    $crate::contract::in_time(promise).await;
                    drop(store);
                    drop(guard);
                }
            )+

            /// Returns the functions, each with a store of its own.
            #[allow(dead_code)]
            pub(super) fn promises() -> Vec<fn() -> $crate::contract::BoxedPromise> {
                vec![$({
                    // Boxed, because all of these futures together would not fit on the stack.
                    fn boxed() -> $crate::contract::BoxedPromise {
                        Box::pin(async {
                            let (store, guard) = ($make_store)().await;
                            $crate::contract::in_time($crate::contract::$port::$promise(&store))
                                .await;
                            drop(store);
                            drop(guard);
                        })
                    }
                    boxed
                }),+]
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Returns the texts of the files in a folder and its subfolders, each with the file.
    fn texts(folder: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(texts(&path));
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
        found
    }

    fn contract() -> Vec<(String, String)> {
        texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract"))
    }

    fn lists() -> Vec<(String, String)> {
        texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract/macros"))
    }

    /// Returns the name of the public function that a line defines, if it does.
    fn promise(line: &str) -> Option<&str> {
        line.strip_prefix("pub async fn ")?.split(['(', '<']).next()
    }

    /// Functions that run the contract and are not part of it.
    const RUNNERS: [&str; 2] = ["in_time", "keep"];

    #[test]
    fn every_promise_is_tested() {
        let lists = lists();
        let tested: Vec<_> =
            lists.iter().flat_map(|(_, text)| text.lines()).map(str::trim).collect();
        let contract = contract();
        let promises = contract.iter().flat_map(|(file, text)| {
            text.lines().filter_map(promise).map(move |name| (name, file))
        });
        let promises: Vec<_> = promises.collect();
        assert!(promises.len() > 400, "only {} promises were found", promises.len());
        let is_missing = |name: &str| !tested.contains(&name) && !RUNNERS.contains(&name);
        let missing: Vec<_> = promises.iter().filter(|(name, _)| is_missing(name)).collect();
        assert!(missing.is_empty(), "missing in the macros: {missing:#?}");
    }

    #[test]
    fn every_list_of_the_repository_contract_is_run_at_once() {
        let text = include_str!("mod.rs");
        let ports: Vec<_> = text
            .lines()
            .filter_map(|line| {
                line.trim().strip_prefix("$crate::")?.strip_suffix("_contract! { $make_store }")
            })
            .collect();
        assert!(ports.len() > 15, "{ports:?}");
        for port in ports {
            assert!(text.contains(&format!("  {port}::promises(),\n")), "{port}");
        }
    }
}
