//! Reading of small bodies whose senders are programs, not people.

use std::time::Duration;

use actix_web::web::{BytesMut, Payload};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::error::ApiError;

/// Time limit for the body.
const PATIENCE: Duration = Duration::from_secs(10);

/// Receives a body of at most `limit` bytes. Fails with `cut_off` if it ends too early.
pub(crate) async fn read_small_body(
    payload: Payload,
    limit: usize,
    cut_off: fn() -> ApiError,
) -> Result<BytesMut, ApiError> {
    let received = timeout(PATIENCE, receive(payload, limit, cut_off)).await;
    received.unwrap_or(Err(ApiError::RequestTimeout))
}

async fn receive(
    mut payload: Payload,
    limit: usize,
    cut_off: fn() -> ApiError,
) -> Result<BytesMut, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| cut_off())?;
        if body.len() + chunk.len() > limit {
            return Err(ApiError::PayloadTooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
