//! Texts of errors.

/// Formats an error with its causes in one line. A cause that is already part of the text is
/// skipped.
pub(crate) fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_reported_once() {
        let cause = std::io::Error::other("file is not a database");
        let told = anyhow::Error::from(cause).context("cannot open x.db: file is not a database");
        assert_eq!(in_words(&told), "cannot open x.db: file is not a database");
        let told = anyhow!("connection refused").context("cannot connect").context("cannot serve");
        assert_eq!(in_words(&told), "cannot serve: cannot connect: connection refused");
        assert_eq!(in_words(&anyhow!("alone")), "alone");
    }
}
