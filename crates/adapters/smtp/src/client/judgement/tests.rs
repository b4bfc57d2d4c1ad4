use super::*;

fn reply(text: &str) -> Reply {
    Reply::parse(format!("{text}\r\n").as_bytes()).unwrap().unwrap().0
}

fn verdict(step: Step, text: &str) -> Verdict {
    judge(step, &reply(text))
}

const DESK: Verdict = Verdict::Ambiguous(Presumption::Sender);
const RECIPIENT: Verdict = Verdict::Ambiguous(Presumption::Recipient);
const UNKNOWN: Verdict = Verdict::Ambiguous(Presumption::Unknown);
const EARLY: [Step; 5] = [Step::Greeting, Step::Ehlo, Step::StartTls, Step::Auth, Step::Connect];
const LATE: [Step; 3] = [Step::Recipient, Step::Data, Step::End];

#[test]
fn replies_before_a_message_concern_the_channel() {
    for step in EARLY {
        for text in ["421 Too many connections", "454 4.7.0 Not now", "450"] {
            assert_eq!(verdict(step, text), Verdict::Busy, "{text} at {step:?}");
        }
        for text in ["554 5.7.1 No service", "550 5.1.1 x", "535 5.7.8 x", "552 5.3.4 x", "354 Go"]
        {
            assert_eq!(verdict(step, text), Verdict::StopChannel, "{text} at {step:?}");
        }
    }
}

#[test]
fn temporary_refusals_are_retried_from_mail_on() {
    for step in [Step::Mail, Step::Recipient, Step::Data, Step::End] {
        for text in ["421 4.3.2 x", "450 4.2.0 x", "451 4.7.1 Greylisted", "452 4.5.3 x", "432 x"] {
            assert_eq!(verdict(step, text), Verdict::TryAgain, "{text} at {step:?}");
        }
    }
    assert_eq!(verdict(Step::Mail, "354 Go"), Verdict::TryAgain);
    assert_eq!(verdict(Step::Data, "250 Ok"), Verdict::TryAgain);
}

#[test]
fn an_enhanced_code_of_the_recipient_or_the_message_only_gives_up_that_message() {
    for step in LATE {
        for text in [
            "550 5.1.1 No such user",
            "550 5.1.2 No such host",
            "553 5.1.3 Bad syntax",
            "551 5.1.6 Moved",
            "556 5.1.10 Null MX",
            "550 5.2.1 Disabled, try again later",
            "552 5.2.2 Full",
            "554 5.3.4 Too big",
            "554 5.6.0 Will not have it",
            "550 5.6.7 Needs SMTPUTF8",
            "550 #5.1.1 No such user",
            "552 Too big",
            "552 5.7.0 This attachment is not allowed",
        ] {
            assert_eq!(verdict(step, text), Verdict::GiveUp, "{text} at {step:?}");
        }
    }
}

#[test]
fn refusals_about_our_sender_are_recognized_at_every_command() {
    for step in LATE {
        for text in [
            "530 5.7.1 Authentication required",
            "535 5.7.3 Session expired",
            "504 5.5.2 <desk>: Helo command rejected",
            "504 Helo rejected",
            "550 5.1.8 Sender domain not found",
            "553 5.1.7 Sender address syntax",
            "550 5.4.5 Daily user sending limit exceeded",
            "554 5.2.252 SendAsDenied",
            "554 5.5.0 Protocol error",
            "503 5.5.1 Bad sequence",
        ] {
            assert_eq!(verdict(step, text), DESK, "{text} at {step:?}");
        }
    }
    for text in [
        "550 5.7.60 SMTP; Client does not have permissions",
        "554 5.7.0 Try again later",
        "550 Quota, please Try Again Later",
    ] {
        assert_eq!(verdict(Step::End, text), DESK, "{text}");
        assert_eq!(
            verdict(Step::Recipient, text),
            UNKNOWN,
            "{text}: may come from the recipient's server"
        );
    }
}

#[test]
fn every_permanent_refusal_of_mail_is_about_our_sender() {
    for text in ["550 no", "550 5.1.0 no", "550 5.1.1 no", "553 5.7.1 Not owned", "501 5.5.4 no"] {
        assert!(matches!(verdict(Step::Mail, text), Verdict::StopChannel | DESK), "{text}");
    }
    assert_eq!(verdict(Step::Mail, "552 5.3.4 Too big"), Verdict::GiveUp);
}

#[test]
fn a_policy_at_rcpt_may_be_that_of_the_recipients_server() {
    for text in [
        "554 5.7.1 <a@b.example>: Relay access denied",
        "554 5.7.1 Service unavailable; Client host blocked using a list",
        "550 5.7.26 Unauthenticated mail",
        "571 5.7.1 Not for you",
    ] {
        assert_eq!(verdict(Step::Recipient, text), UNKNOWN, "{text}");
        assert_eq!(kind(Step::Recipient, &reply(text), "a@b.example"), "RCPT: X.7");
        assert_eq!(verdict(Step::End, text), DESK, "{text}");
    }
}

#[test]
fn refusals_without_a_decisive_code_are_ambiguous() {
    for text in [
        "550",
        "550 no such user",
        "551 x",
        "553 x",
        "550 5.0.0 x",
        "550 5.1.0 x",
        "550 5.4.1 x",
        "550 5.9.9 x",
    ] {
        assert_eq!(verdict(Step::Recipient, text), RECIPIENT, "{text}");
        assert_eq!(verdict(Step::End, text), UNKNOWN, "{text}");
    }
    for text in [
        "554 x",
        "554 Client host rejected",
        "554 5.0.0 x",
        "554 5.3.0 x",
        "500 x",
        "521 x",
        "599 x",
    ] {
        for step in LATE {
            assert_eq!(verdict(step, text), UNKNOWN, "{text} at {step:?}");
        }
    }
}

#[test]
fn a_kind_names_the_step_and_not_the_recipient() {
    let kind_of = |step, text: &str, to| kind(step, &reply(text), to);
    let one = kind_of(Step::Recipient, "554 <a@x.example>: Client host rejected", "a@x.example");
    let other = kind_of(Step::Recipient, "554 <b@y.example>: Client host rejected", "b@y.example");
    assert_eq!(one, "RCPT: 554 Client host rejected");
    assert_eq!(one, other);
    assert_ne!(one, kind_of(Step::End, "554 <a@x.example>: Client host rejected", "a@x.example"));
}
