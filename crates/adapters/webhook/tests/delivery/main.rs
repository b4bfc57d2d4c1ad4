//! Tests of the sender against endpoints on this machine.
#![allow(clippy::unwrap_used)]

mod answers;
mod contract;
mod https;
mod messages;
mod networks;
mod proxy;
mod receiver;
mod setting;
