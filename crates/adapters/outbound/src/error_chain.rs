use std::error::Error;

/// Describes an error and all of its sources, from the outermost to the innermost.
pub fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Describes the innermost source of an error, such as an error of the operating system, the
/// resolver or TLS. If there is none, describes the error itself.
pub fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use std::io;

    use thiserror::Error;

    use super::*;

    #[derive(Debug, Error)]
    #[error("cannot connect")]
    struct Outer(#[source] io::Error);

    #[test]
    fn an_error_is_described_with_its_sources_or_by_the_innermost() {
        let error = Outer(io::Error::other("refused"));
        assert_eq!(error_chain(&error), "cannot connect: refused");
        assert_eq!(root_cause(&error), "refused");
    }

    #[test]
    fn an_error_without_a_source_is_described_by_its_text() {
        let error = io::Error::other("refused");
        assert_eq!(error_chain(&error), "refused");
        assert_eq!(root_cause(&error), "refused");
    }
}
