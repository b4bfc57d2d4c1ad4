use super::*;

#[test]
fn every_text_message_names_the_brand_and_the_case_and_fits_one_segment() {
    for &template in Template::ALL {
        match Templates::default().render_sms(template, &sample(template)) {
            Ok(text) => {
                assert!(text.starts_with("Support, CW-2025-001: "), "{template}: {text}");
                assert!(text.len() <= 160 && text.is_ascii(), "{template}: {text}");
            }
            Err(refused) => {
                assert!(matches!(
                    refused,
                    RenderError::WrongChannel(
                        Template::CaseAccessCustomer
                            | Template::CaseInvitedParticipant
                            | Template::CaseUpdatedParticipant
                            | Template::CaseCodeParticipant
                            | Template::CaseEvent
                            | Template::EndpointDisabledStaff
                    )
                ));
            }
        }
    }
}

#[test]
fn an_urgent_text_message_includes_the_urgency() {
    let template = Template::CaseUrgentStaff;
    let text = Templates::default().render_sms(template, &sample(template)).unwrap();
    assert_eq!(
        text,
        "Support, CW-2025-001: new high-urgency case from a customer on a business plan"
    );
}

#[test]
fn a_text_message_repeats_nothing_that_a_customer_wrote() {
    for &template in Template::ALL {
        if let Ok(text) = Templates::default().render_sms(template, &sample(template)) {
            for written in ["dashboard", "John", "Acme", "403", "portal"] {
                assert!(!text.contains(written), "{template}: {text}");
            }
        }
    }
}

#[test]
fn a_long_brand_name_is_cut_and_the_message_is_not() {
    for name in ["\u{627}\u{644}\u{62f}\u{639}\u{645} ".repeat(16), "\u{1f600}".repeat(100)] {
        let brand = Brand { name: name.parse().unwrap(), ..Brand::default() };
        let templates = Templates::new(brand);
        for &template in Template::ALL {
            let snapshot = sample(template);
            if let Ok(text) = templates.render_sms(template, &snapshot) {
                let short = Templates::default().render_sms(template, &snapshot).unwrap();
                let message = short.strip_prefix("Support").unwrap();
                assert!(text.ends_with(message), "{template}: {text}");
                assert!(text.encode_utf16().count() <= 134, "{template}: {text}");
            }
        }
    }
}
