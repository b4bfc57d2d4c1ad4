//! How much anybody may send of files.

use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::{HttpRequest, web};
use engage_application::{FileRefusal, count_refused_files};

use super::{Limiter, NetworkSettings};
use crate::error::ApiError;

const KIBIBYTE: u64 = 1024;

/// What the sender of a request may send of files.
pub(crate) struct FileAllowance {
    /// Who counts it, and for whom; `None` if nobody does.
    counted: Option<(web::Data<Limiter>, IpAddr)>,
    /// How many bytes were counted that did not come yet.
    reserved: u64,
}

impl FileAllowance {
    /// Members of staff may send what they like.
    pub(crate) const UNLIMITED: Self = Self { counted: None, reserved: 0 };

    /// What a client may send without login, if there are limits.
    pub(crate) fn of_client(request: &HttpRequest) -> Self {
        let edge = request.app_data::<web::Data<NetworkSettings>>();
        let client = edge.and_then(|edge| edge.proxies.client(request));
        let limiter = request.app_data::<web::Data<Limiter>>().cloned();
        Self { counted: limiter.zip(client), reserved: 0 }
    }

    /// Counts bytes that are to come, so that who may not send them hears it at once.
    pub(crate) fn reserve(&mut self, bytes: u64) -> Result<(), ApiError> {
        let Some((limiter, client)) = &self.counted else { return Ok(()) };
        let kibibytes = u32::try_from(bytes.div_ceil(KIBIBYTE)).unwrap_or(u32::MAX);
        let Some(kibibytes) = NonZeroU32::new(kibibytes) else { return Ok(()) };
        limiter.take_files(*client, kibibytes).map_err(|retry_after_seconds| {
            count_refused_files(FileRefusal::Address);
            ApiError::FilesTooSoon { retry_after_seconds }
        })?;
        self.reserved += u64::from(kibibytes.get()) * KIBIBYTE;
        Ok(())
    }

    /// Counts bytes that came, unless they were counted before.
    pub(crate) fn spend(&mut self, bytes: u64) -> Result<(), ApiError> {
        if self.counted.is_none() {
            return Ok(());
        }
        if let Some(missing) = bytes.checked_sub(self.reserved) {
            self.reserve(missing)?;
        }
        self.reserved = self.reserved.saturating_sub(bytes);
        Ok(())
    }
}
