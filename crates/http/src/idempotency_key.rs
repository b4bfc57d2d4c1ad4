/// Request header that identifies retries of the same request.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";
