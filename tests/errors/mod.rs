//! Every error, with its status, code, details and headers.

mod authentication;
mod cases;
mod protocol;
mod validation;

use reqwest::Method;

fn method(name: &str) -> Method {
    name.parse().unwrap()
}
