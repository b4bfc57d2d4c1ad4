/// By which a client tells that two requests are one.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";
