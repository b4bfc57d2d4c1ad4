use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::super::callback_url::status_url;
use super::*;

const TOKEN: &str = "12345";
const PUBLIC_URL: &str = "https://desk.example/engage";

fn callbacks() -> StatusCallbacks {
    StatusCallbacks::new(TOKEN.parse().unwrap(), PUBLIC_URL.parse().unwrap())
}

fn query() -> String {
    format!("notification={}", NotificationId::from_u128(7))
}

/// Signs like Twilio. The parameters must be in order.
fn signature(query: &str, parameters: &[(&str, &str)]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(format!("{PUBLIC_URL}/api/webhooks/sms/status?{query}").as_bytes());
    for (name, value) in parameters {
        mac.update(format!("{name}{value}").as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

fn form(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn read(query: &str, parameters: &[(&str, &str)]) -> Result<Option<SmsReport>, SmsReportError> {
    let signature = signature(query, parameters);
    callbacks().read(query, &signature, form(parameters).as_bytes())
}

/// Returns the outcome of a report with this status and the parameters that Twilio adds.
fn report(status: &str, code: Option<&str>, message: Option<&str>) -> Option<SmsOutcome> {
    let mut parameters = vec![("AccountSid", "AC5ef8"), ("ApiVersion", "2010-04-01")];
    parameters.extend(code.map(|code| ("ErrorCode", code)));
    parameters.extend(message.map(|message| ("ErrorMessage", message)));
    parameters.extend([
        ("From", "+15005550006"),
        ("MessageSid", "SM1"),
        ("MessageStatus", status),
        ("SmsStatus", status),
        ("To", "+15005550001"),
    ]);
    let report = read(&query(), &parameters).unwrap()?;
    assert_eq!(report.notification, NotificationId::from_u128(7));
    Some(report.outcome)
}

fn failed(reason: &str, is_unwanted: bool) -> SmsOutcome {
    SmsOutcome::Failed { reason: reason.to_owned(), is_unwanted }
}

#[test]
fn a_message_that_arrived_or_was_read_is_delivered() {
    for status in ["delivered", "read"] {
        assert_eq!(report(status, None, None), Some(SmsOutcome::Delivered));
    }
}

#[test]
fn a_message_in_transit_or_in_an_unknown_state_has_no_outcome() {
    for status in ["accepted", "scheduled", "queued", "sending", "sent", "teleported", ""] {
        assert_eq!(report(status, None, None), None, "{status}");
    }
}

#[test]
fn a_failed_message_has_a_reason() {
    for (status, code, message, reason) in [
        (
            "undelivered",
            Some("30003"),
            None,
            "Twilio's error 30003: the telephone cannot be reached",
        ),
        ("failed", Some("30003"), Some("Switched\noff"), "Twilio's error 30003: Switched off"),
        ("failed", Some("99999"), Some(" "), "Twilio's error 99999: failed"),
        ("failed", None, None, "Twilio reports the message as failed"),
        ("undelivered", Some("0"), None, "Twilio reports the message as undelivered"),
        ("undelivered", Some("none"), None, "Twilio reports the message as undelivered"),
        ("canceled", None, None, "Twilio reports the message as canceled"),
    ] {
        assert_eq!(report(status, code, message), Some(failed(reason, false)));
    }
}

#[test]
fn a_failure_does_not_repeat_the_recipients_number() {
    let outcome = report("failed", Some("30005"), Some("+15005550001 is unknown"));
    assert_eq!(outcome, Some(failed("Twilio's error 30005: +*********** is unknown", false)));
}

#[test]
fn a_recipient_who_opted_out_in_the_meantime_is_marked() {
    let reason = "Twilio's error 21610: the recipient has opted out";
    assert_eq!(report("failed", Some("21610"), None), Some(failed(reason, true)));
}

#[test]
fn unknown_parameters_are_signed_and_ignored() {
    let parameters = [("MessageStatus", "delivered"), ("New", "caf\u{e9} &=+%"), ("New", "x")];
    assert!(matches!(read(&query(), &parameters), Ok(Some(_))));
}

#[test]
fn an_unsigned_or_modified_report_is_refused() {
    let parameters = [("MessageStatus", "delivered")];
    let (query, body) = (query(), form(&parameters));
    let genuine = signature(&query, &parameters);
    let read = |query: &str, signature: &str, body: &str| {
        callbacks().read(query, signature, body.as_bytes())
    };
    assert!(read(&query, &genuine, &body).is_ok());
    let other = format!("notification={}", NotificationId::from_u128(8));
    for refused in [
        read(&query, "", &body),
        read(&query, "\u{0}", &body),
        read(&other, &genuine, &body),
        read("", &genuine, &body),
        read(&query, &genuine, "MessageStatus=failed"),
        read(&query, &genuine, "MessageStatus=delivered&To=x"),
        read(&query, &genuine, ""),
    ] {
        assert_eq!(refused, Err(SmsReportError::Forged));
    }
}

#[test]
fn a_signed_report_without_a_message_or_a_status_is_malformed() {
    for query in ["", "a=b", "notification=", "notification=case_00000000000000000000000007"] {
        let outcome = read(query, &[("MessageStatus", "delivered")]);
        assert_eq!(outcome, Err(SmsReportError::Malformed { missing: "the message" }), "{query}");
    }
    let outcome = read(&query(), &[("SmsStatus", "delivered")]);
    assert_eq!(outcome, Err(SmsReportError::Malformed { missing: "its status" }));
}

#[test]
fn the_url_given_to_twilio_is_the_one_that_is_verified() {
    let url = status_url(&PUBLIC_URL.parse().unwrap(), NotificationId::from_u128(7));
    assert_eq!(
        url,
        "https://desk.example/engage/api/webhooks/sms/status?notification=\
         ntf_00000000000000000000000007"
    );
    assert!(url.ends_with(&query()));
}

#[test]
fn the_token_is_never_shown() {
    let callbacks = StatusCallbacks::new("f00dfeed".parse().unwrap(), PUBLIC_URL.parse().unwrap());
    assert!(!format!("{callbacks:?}").contains("f00d"));
}
