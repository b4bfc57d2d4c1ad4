use engage_domain::EmailAddress;
use engage_repository::BudgetKey;
use sha2::{Digest, Sha256};

/// Returns the key of a budget, from which its parts cannot be read.
pub(crate) fn budget_key(parts: [&str; 4]) -> BudgetKey {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    digest.finalize().into()
}

/// Returns the address in lower case, without the `+tag` that many providers ignore.
pub(crate) fn without_tag(address: &EmailAddress) -> String {
    let address = address.as_str().to_lowercase();
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let local = local.split_once('+').map_or(local, |(name, _)| name);
            format!("{local}@{domain}")
        }
        None => address,
    }
}
