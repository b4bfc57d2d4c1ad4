use engage_domain::NotificationId;

/// An e-mail as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMail {
    /// ID of the notification.
    pub id: NotificationId,
    /// Headers and body in the format of RFC 5322.
    pub message: Vec<u8>,
}
