//! Forms with files, as browsers send them.

use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;

/// A builder of a `multipart/form-data` body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(Vec<u8>);

const BOUNDARY: &str = "----a boundary of 36 characters-----";

impl Form {
    pub(crate) fn content_type() -> String {
        format!("multipart/form-data; boundary=\"{BOUNDARY}\"")
    }

    pub(crate) fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), "", value.as_bytes())
    }

    pub(crate) fn file(self, filename: &str, content_type: &str, bytes: &[u8]) -> Self {
        let about = format!("name=\"attachments\"; filename=\"{filename}\"");
        self.part(&about, &format!("Content-Type: {content_type}\r\n"), bytes)
    }

    /// Adds a part with these parameters and additional header lines.
    pub(crate) fn part(mut self, about: &str, head: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {about}\r\n{head}\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// Returns the body so far, as if the client had disconnected.
    pub(crate) fn unfinished(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn finished(self) -> Vec<u8> {
        let mut body = self.0;
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        body
    }

    /// Returns the request with this form as its body.
    pub(crate) fn of(self, request: RequestBuilder) -> RequestBuilder {
        request.header(CONTENT_TYPE, Self::content_type()).body(self.finished())
    }
}
