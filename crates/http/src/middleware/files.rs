//! Limits on uploaded data.

use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::{HttpRequest, web};
use engage_application::{FileRefusal, count_refused_files};

use super::{Limiter, NetworkSettings};
use crate::error::ApiError;

const KIBIBYTE: u64 = 1024;

/// The amount of data that the sender of a request may upload.
pub(crate) struct FileAllowance {
    /// The limiter and the client address. `None` means no limit.
    counted: Option<(web::Data<Limiter>, IpAddr)>,
    /// Number of bytes that were counted in advance and have not arrived yet.
    reserved: u64,
}

impl FileAllowance {
    /// No limit, for members of staff.
    pub(crate) const UNLIMITED: Self = Self { counted: None, reserved: 0 };

    /// Returns the allowance of an unauthenticated client.
    pub(crate) fn of_client(request: &HttpRequest) -> Self {
        let edge = request.app_data::<web::Data<NetworkSettings>>();
        let client = edge.and_then(|edge| edge.proxies.client(request));
        let limiter = request.app_data::<web::Data<Limiter>>().cloned();
        Self { counted: limiter.zip(client), reserved: 0 }
    }

    /// Counts bytes in advance, so that a request above the limit fails at once.
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

    /// Counts received bytes, unless they were counted in advance.
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
