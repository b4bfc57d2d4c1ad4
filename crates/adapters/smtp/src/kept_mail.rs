use engage_domain::NotificationId;

/// An e-mail as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMail {
    /// The message's id.
    pub id: NotificationId,
    /// Head and body, as RFC 5322 has them.
    pub message: Vec<u8>,
}
