//! Who did what, written down in the commit of each act.

mod act;
mod initiator;
mod log;
mod recorder;
mod sealer;
mod verify;

pub use act::{Act, AuditAction};
pub use initiator::Initiator;
pub use log::{AuditLog, FailedLogins};
pub use recorder::AuditRecorder;
pub use sealer::AuditSealer;
pub use verify::{AuditFault, AuditReport};
