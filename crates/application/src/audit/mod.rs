//! Audit log. Each entry is written in the same commit as the action it describes.

mod act;
mod failed_logins;
mod initiator;
mod log;
mod recorder;
mod sealer;
mod verify;

pub use act::{Act, AuditAction};
pub use failed_logins::FailedLogins;
pub use initiator::Initiator;
pub use log::AuditLog;
pub use recorder::AuditRecorder;
pub use sealer::AuditSealer;
pub use verify::{AuditFault, AuditReport};
