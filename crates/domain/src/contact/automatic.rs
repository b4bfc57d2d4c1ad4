//! Addresses of programs.

use super::EmailAddress;

/// Local parts that belong to programs, without separators.
const PROGRAMS: &[&str] = &[
    "automated",
    "autoreply",
    "autoresponder",
    "bounce",
    "bounces",
    "mailerdaemon",
    "notification",
    "notifications",
    "postmaster",
];

/// Beginnings and ends of the local parts of addresses that take no replies, without separators.
const NO_REPLY: &[&str] = &["noreply", "donotreply"];

impl EmailAddress {
    /// Checks whether the address belongs to a program that sends mail and reads none, or answers
    /// automatically, as far as its name tells.
    ///
    /// ```
    /// use engage_domain::EmailAddress;
    ///
    /// assert!("No-Reply@example.com".parse::<EmailAddress>()?.is_automatic());
    /// assert!(!"norman@example.com".parse::<EmailAddress>()?.is_automatic());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_automatic(&self) -> bool {
        let address = self.normalized();
        let local = address.rsplit_once('@').map_or(address.as_str(), |(local, _)| local);
        // What follows a plus sign is a note of whoever uses the address, such as a returned message.
        let mailbox = local.split('+').next().unwrap_or_default();
        let letters: String = mailbox.chars().filter(char::is_ascii_alphanumeric).collect();
        let takes_no_reply = |name: &&str| letters.starts_with(*name) || letters.ends_with(*name);
        PROGRAMS.contains(&letters.as_str()) || NO_REPLY.iter().any(takes_no_reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_automatic(text: &str) -> bool {
        text.parse::<EmailAddress>().unwrap().is_automatic()
    }

    #[test]
    fn addresses_of_programs_are_recognized_in_any_spelling() {
        for text in [
            "noreply@example.com",
            "NO-REPLY@example.com",
            "no_reply@example.com",
            "no.reply@example.com",
            "noreply-accounts@example.com",
            "calendar-noreply@example.com",
            "do-not-reply@example.com",
            "mailer-daemon@example.com",
            "Postmaster@example.com",
            "bounces+ann=example.com@lists.example",
            "notifications@example.com",
            "auto-reply@example.com",
        ] {
            assert!(is_automatic(text), "{text}");
        }
    }

    #[test]
    fn addresses_of_people_and_of_teams_are_not() {
        for text in [
            "ann@example.com",
            "reply@example.com",
            "team@noreply.example",
            "ann+noreply@example.com",
            "post@example.com",
        ] {
            assert!(!is_automatic(text), "{text}");
        }
    }
}
