//! The erasure of a person from all cases and contacts.

mod contacts;
mod pass;
mod people_of_case;
mod ports;
mod request;
mod runner;
mod runner_settings;

pub use ports::PersonErasurePorts;
pub use request::{
    ErasePerson, ErasePersonError, ErasureRequestKey, PersonToErase, RequestedErasure,
};
pub use runner::PersonErasureRunner;
pub use runner_settings::PersonErasureSettings;
