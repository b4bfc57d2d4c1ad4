use engage_domain::NotificationId;
use thiserror::Error;

/// Final status of a text message, as reported by the SMS service that had accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsReport {
    /// The notification that the message belongs to.
    pub notification: NotificationId,
    /// Outcome of the delivery.
    pub outcome: SmsOutcome,
}

/// Outcome of the delivery of a text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsOutcome {
    /// The message arrived.
    Delivered,
    /// The message did not arrive and will not be retried by the SMS service.
    Failed {
        /// Reason in one line of at most 200 characters, for staff, without the recipient's number.
        reason: String,
        /// True if the recipient has opted out. No further messages may be sent to them.
        is_unwanted: bool,
    },
}

/// Error returned when a report is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SmsReportError {
    /// The report is not signed by the SMS service, or is for another URL. It must have no effect.
    #[error("the report is not signed by the SMS service")]
    Forged,
    /// The report is signed but does not name a notification or a status.
    #[error("the report lacks {missing}")]
    Malformed {
        /// The part that is missing or invalid.
        missing: &'static str,
    },
}

/// Reads the status reports of an SMS service.
///
/// ```
/// use engage_notifier::{MockSmsReports, SmsReportError, SmsReports};
///
/// /// Returns the status of the response to a report.
/// fn respond(reports: &dyn SmsReports, signature: &str) -> u16 {
///     match reports.read("notification=7", signature, b"status=sent") {
///         Ok(_) => 204,
///         Err(SmsReportError::Forged) => 403,
///         Err(SmsReportError::Malformed { .. }) => 400,
///     }
/// }
///
/// let mut reports = MockSmsReports::new();
/// reports.expect_read().returning(|_, signature, _| match signature {
///     "genuine" => Ok(None), // The message is still on its way.
///     _ => Err(SmsReportError::Forged),
/// });
/// assert_eq!((respond(&reports, "genuine"), respond(&reports, "")), (204, 403));
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait SmsReports: Send + Sync {
    /// Reads a report. Returns `None` if the status is not final. The same report may arrive
    /// several times, and reports may arrive in any order.
    ///
    /// `query` is the raw query of the request without the question mark, `signature` is empty if
    /// it is missing, and `body` is the body of the request. MUST return
    /// [`Forged`](SmsReportError::Forged) unless the SMS service signed all of them.
    fn read(
        &self,
        query: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<Option<SmsReport>, SmsReportError>;
}
