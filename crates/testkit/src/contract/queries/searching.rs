//! Tests of the matches and the ranking of a full-text search.

use engage_domain::contact::ABSENT_EMAIL;
use engage_domain::{Customer, OpenRequest, Status, Visibility};
use engage_repository::{CaseFilter, CaseListing, CaseSort, SortOrder};

use super::{everything, list};
use crate::builders::{
    a_case_number, a_new_case, a_new_case_by_phone, a_new_case_with_everything, a_staff_member,
    an_opened, assigned, by, escalated, in_status, minutes_later, opened, replied, written,
};
use crate::contract::Store;

/// Builds a search with the best matches first.
fn search(text: &str) -> CaseListing {
    let search = Some(text.parse().expect("a search"));
    CaseListing {
        filter: CaseFilter { search, ..CaseFilter::default() },
        sort: CaseSort::Relevance,
        order: SortOrder::Descending,
        ..everything()
    }
}

/// Returns the sequences of the matching cases, and checks them against the total.
async fn found(store: &Store, text: &str) -> Vec<u64> {
    let listed = list(store, &search(text)).await;
    let sequences: Vec<_> = listed.cases.iter().map(|case| case.number.sequence()).collect();
    assert_eq!(listed.total, sequences.len() as u64);
    sequences
}

async fn open_with(store: &Store, sequence: u64, subject: &str, message: &str) {
    let request = OpenRequest {
        subject: subject.parse().unwrap(),
        message: message.parse().unwrap(),
        ..a_new_case()
    };
    store.keep(opened(request, a_case_number(sequence), minutes_later(sequence))).await;
}

pub async fn a_case_is_found_by_a_word_of_any_of_its_texts(store: &Store) {
    let OpenRequest { customer, .. } = a_new_case();
    let request = OpenRequest {
        customer: Customer {
            name: "Grace Hopper".parse().unwrap(),
            email: Some("amazing@navy.example".parse().unwrap()),
            organization: Some("Remington Rand".parse().unwrap()),
            phone: Some("+15551234567".parse().unwrap()),
            ..customer
        },
        project: Some("Univac".parse().unwrap()),
        subject: "Moth in relay".parse().unwrap(),
        message: "Panel F,\ntrapped.".parse().unwrap(),
        ..a_new_case_with_everything()
    };
    store.keep(opened(request, a_case_number(7), minutes_later(1))).await;
    store.keep(an_opened(1234)).await;
    for text in [
        "CW-2025-007",
        "cw-2025-00",
        "007",
        "7",
        "grace",
        "hopper",
        "amazing",
        "navy",
        "amazing@navy.example",
        "remington",
        "rand",
        "+15551234567",
        "+1 (555) 123-4567",
        "555 123 4567",
        "001-555-123-4567",
        "1234567",
        "univac",
        "moth",
        "in",
        "relay",
        "panel",
        "f",
        "trapped",
        "trapped moth grace",
    ] {
        assert_eq!(found(store, text).await, [7], "{text}");
    }
    for text in ["hoppers", "remingtonrand", "moth dashboard", "CW-2024-007", "opper", "f3"] {
        assert_eq!(found(store, text).await, Vec::<u64>::new(), "{text}");
    }
}

pub async fn a_case_is_found_by_later_updates(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    store.keep(an_opened(2)).await;
    let case = store.keep(replied(&case, "It is the proxy.", minutes_later(1))).await;
    let note = written(
        &case,
        "Looks like the firewall.",
        Visibility::Internal,
        by(&agent),
        minutes_later(2),
    );
    let case = store.keep(note).await;
    assert_eq!(found(store, "proxy").await, [1]);
    assert_eq!(found(store, "firewall").await, [1]);
    assert_eq!(found(store, "dashboard proxy firewall morning").await, [1]);
    store.keep(replied(&case, "Proxy replaced.", minutes_later(3))).await;
    assert_eq!(found(store, "proxy replaced").await, [1]);
}

pub async fn a_case_is_found_by_the_reason_of_its_escalation(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let escalation = escalated(&case, by(&agent), minutes_later(1));
    let reason = escalation.event.updates[0].message.to_string();
    let word = reason.split_whitespace().max_by_key(|word| word.len()).unwrap().to_owned();
    assert_eq!(found(store, &word).await, Vec::<u64>::new());
    store.keep(escalation).await;
    assert_eq!(found(store, &word).await, [1]);
}

pub async fn a_change_without_text_does_not_affect_search(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    store.keep(in_status(&case, Status::OnHold, minutes_later(1))).await;
    assert_eq!(found(store, "dashboard").await, [1]);
}

pub async fn words_match_by_prefix_and_short_words_as_a_whole(store: &Store) {
    open_with(store, 1, "Invoices", "Unpaid").await;
    open_with(store, 2, "Inv", "An in-between").await;
    assert_eq!(found(store, "invoices").await, [1]);
    assert_eq!(found(store, "invo").await, [1]);
    assert_eq!(found(store, "inv").await, [2, 1]);
    assert_eq!(found(store, "in").await, [2]);
    assert_eq!(found(store, "un").await, Vec::<u64>::new());
    assert_eq!(found(store, "an").await, [2]);
}

pub async fn words_match_regardless_of_case_accents_and_script(store: &Store) {
    open_with(store, 1, "Ärger mit dem Büro", "Ёлка, Κέρδος").await;
    open_with(store, 2, "請求書の再発行", "हिन्दी में सहायता").await;
    open_with(store, 3, "Reset \u{1f511} now", "\u{ff32}\u{ff25}\u{ff33}\u{ff25}\u{ff34}").await;
    for (text, expected) in [
        ("arger", vec![1]),
        ("ÄRGER büro", vec![1]),
        ("елка κερδος", vec![1]),
        ("請求書", vec![2]),
        ("再発行", vec![2]),
        ("हिन्दी", vec![2]),
        ("सहायता", vec![2]),
        ("reset", vec![3]),
        ("ｒｅｓｅｔ", vec![3]),
    ] {
        assert_eq!(found(store, text).await, expected, "{text}");
    }
}

pub async fn a_search_has_no_query_syntax(store: &Store) {
    open_with(store, 1, "Quotes and operators", "100% sure; DROP TABLE cases").await;
    for text in [
        "quotes\" OR \"x",
        "quotes' | 'x",
        "quotes & !sure",
        "subject:quotes",
        "quotes NOT sure",
        "(quotes",
        "quotes*)",
        "quotes:*A",
        "\\quotes near",
        "quotes^2",
    ] {
        // None of these may fail. A case with all the words is found.
        let words = ["or", "x", "subject", "not", "a", "near", "2"];
        let expected = words.iter().all(|word| {
            !text.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|part| part == *word)
        });
        assert_eq!(!found(store, text).await.is_empty(), expected, "{text}");
    }
}

pub async fn a_search_ranks_number_then_subject_then_customer_then_conversation(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let in_update = store.keep(an_opened(30)).await;
    store
        .keep(written(&in_update, "See 031.", Visibility::Public, by(&agent), minutes_later(1)))
        .await;
    open_with(store, 31, "Something", "else").await;
    let OpenRequest { customer, .. } = a_new_case();
    let organization = Some("Studio 031".parse().unwrap());
    let customer = Customer { organization, ..customer };
    let of_customer = OpenRequest { customer, ..a_new_case() };
    store.keep(opened(of_customer, a_case_number(32), minutes_later(1))).await;
    open_with(store, 33, "Error 031", "When I log in").await;
    open_with(store, 34, "Error", "It says 031").await;
    open_with(store, 35, "Code 031 again", "and again: 031").await;
    assert_eq!(found(store, "031").await, [31, 35, 33, 32, 34, 30]);
    // Terms in one field rank before terms spread over several.
    open_with(store, 36, "Error", "code 031").await;
    assert_eq!(found(store, "code 031").await, [35, 36]);
    assert_eq!(found(store, "error 031").await, [33, 36, 34]);
}

pub async fn a_search_combines_with_filters_and_other_orders(store: &Store) {
    for sequence in 1..=6 {
        open_with(store, sequence, "Invoice", "unpaid").await;
    }
    let case = store.keep(an_opened(7)).await;
    store.keep(in_status(&case, Status::OnHold, minutes_later(9))).await;
    let third = store.case(&a_case_number(3)).await;
    store.keep(in_status(&third, Status::OnHold, minutes_later(9))).await;
    let mut listing = search("invoice");
    listing.filter.status = vec![Status::OnHold];
    let held = list(store, &listing).await;
    assert_eq!((super::numbers(&held), held.total), (vec!["CW-2025-003".to_owned()], 1));
    let listing = CaseListing {
        sort: CaseSort::LastActivity,
        order: SortOrder::Ascending,
        ..search("invoice")
    };
    let sorted = list(store, &listing).await;
    let sequences: Vec<_> = sorted.cases.iter().map(|case| case.number.sequence()).collect();
    assert_eq!(sequences, [1, 2, 4, 5, 6, 3]);
}

pub async fn the_longest_texts_are_searchable(store: &Store) {
    let words: String = (0..2600).map(|i| format!("w{i:06}")).collect::<Vec<_>>().join(" ");
    let message = format!("{} {}", &words[..19_900], "ж".repeat(90));
    open_with(store, 1, &"s".repeat(200), &message).await;
    assert_eq!(found(store, "w000000 w002400").await, [1]);
    assert_eq!(found(store, &"ж".repeat(90)).await, [1]);
    assert_eq!(found(store, &"s".repeat(64)).await, [1]);
}

pub async fn a_case_with_very_many_distinct_words_takes_more_of_them(store: &Store) {
    let mut case = store.keep(an_opened(1)).await;
    for round in 0..8_u32 {
        let words: Vec<_> = (0..2400).map(|i| format!("r{round}w{i:04}")).collect();
        let message = words.join(" ");
        case = store.keep(replied(&case, &message, minutes_later(round.into()))).await;
    }
    assert_eq!(found(store, "dashboard r0w0000 r1w2399").await, [1]);
}

pub async fn references_are_found_as_written(store: &Store) {
    let references = [
        "ORD-2024-0042",
        "CVE-2021-44228",
        "RTX-4090",
        "ISO-9001",
        "PO-1234-56",
        "AB-1234",
        "JIRA-1234",
        "W-2023",
        "KB-5034441",
        "O'Brien",
        "e-mail",
        "CW-2024-001",
    ];
    for (sequence, reference) in (1..).zip(references) {
        open_with(store, sequence, "Something", &format!("It is about ({reference}), again."))
            .await;
    }
    for (sequence, reference) in (1..).zip(references) {
        assert_eq!(found(store, reference).await, [sequence], "{reference}");
        let lower = reference.to_lowercase();
        assert_eq!(found(store, &format!("#{lower}:")).await, [sequence], "{lower}");
        let together = lower.replace(['-', '\''], "");
        assert_eq!(found(store, &together).await, [sequence], "{together}");
    }
    assert_eq!(found(store, "ORD-2024-0043").await, Vec::<u64>::new());
}

pub async fn a_case_number_ranks_its_case_before_mentions_of_it(store: &Store) {
    for sequence in 1..=12 {
        store.keep(an_opened(sequence)).await;
    }
    open_with(store, 20, "Duplicate of CW-2025-001", "and of CW-2025-1").await;
    assert_eq!(found(store, "CW-2025-001").await, [1, 20]);
    assert_eq!(found(store, "cw-2025-1").await, [1, 12, 11, 10, 20]);
    assert_eq!(found(store, "[CW-2025-011]").await, [11]);
    assert_eq!(found(store, "cw2025012").await, [12]);
}

pub async fn a_full_address_ranks_its_customer_first(store: &Store) {
    for (sequence, email) in (1..).zip([
        "rita@firm.example",
        "zed@other.example",
        "ritamarie@firm.example",
        "Rita@Firm.Example",
    ]) {
        let OpenRequest { customer, .. } = a_new_case();
        let customer = Customer { email: Some(email.parse().unwrap()), ..customer };
        let subject = if sequence == 2 { "my firm, example of Rita" } else { "Login" };
        let subject = subject.parse().unwrap();
        let request = OpenRequest { customer, subject, ..a_new_case() };
        store.keep(opened(request, a_case_number(sequence), minutes_later(sequence))).await;
    }
    assert_eq!(found(store, "rita@firm.example").await, [4, 1, 2, 3]);
    assert_eq!(found(store, "<RITA@FIRM.EXAMPLE>").await, [4, 1, 2, 3]);
    assert_eq!(found(store, "@firm.example").await, [2, 4, 3, 1]);
}

pub async fn a_customer_without_an_address_is_found_by_their_other_data(store: &Store) {
    let request = a_new_case_by_phone();
    store.keep(opened(request, a_case_number(1), minutes_later(1))).await;
    store.keep(opened(a_new_case(), a_case_number(2), minutes_later(2))).await;
    assert_eq!(found(store, "+1 555 010 0911").await, [1]);
    assert_eq!(found(store, "John Doe").await, [2, 1]);
    for text in ["absent", "invalid", ABSENT_EMAIL] {
        assert_eq!(found(store, text).await, Vec::<u64>::new(), "{text}");
    }
    for summary in list(store, &everything()).await.cases {
        assert_eq!(summary.customer_email.is_some(), summary.number.sequence() == 2);
    }
}

pub async fn words_of_scripts_without_spaces_are_found_inside_text(store: &Store) {
    let texts = [
        ("ลูกค้าไม่สามารถเข้าสู่ระบบได้", "เข้าสู่ระบบ"),
        ("ລູກຄ້າບໍ່ສາມາດເຂົ້າສູ່ລະບົບ", "ລະບົບ"),
        ("អតិថិជនមិនអាចចូលប្រព័ន្ធ", "ប្រព័ន្ធ"),
        ("ဖောက်သည်ဝင်ရောက်၍မရပါ", "ဝင်ရောက်"),
        ("결제오류가 발생했습니다", "오류"),
        ("請求書の再発行", "再発行"),
    ];
    for (sequence, (text, _)) in (1..).zip(texts) {
        // Also far from the beginning.
        open_with(store, sequence, "Help", &format!("{}{text}", text.repeat(20))).await;
    }
    for (sequence, (text, word)) in (1..).zip(texts) {
        assert_eq!(found(store, word).await, [sequence], "{word}");
        assert_eq!(found(store, text).await, [sequence], "{text}");
    }
    assert_eq!(found(store, "류").await, [5]);
    assert_eq!(found(store, "결오").await, Vec::<u64>::new());
}

pub async fn letters_are_found_as_people_type_them(store: &Store) {
    for (sequence, text, typed) in [
        (1, "Straße", &["STRASSE", "strasse", "STRAẞE"][..]),
        (2, "ΚΕΡΔΟΣ", &["κέρδος", "κερδοσ"]),
        (3, "Łódź Søren Đạt Ærø Yıldız", &["lodz", "soren", "dat", "aero", "YILDIZ"]),
        (4, "שָׁלוֹם מُحَمَّد مُحَمَّد", &["שלום", "محمد"]),
        (5, "pass\u{ad}phrase zero\u{200b}width", &["passphrase", "zerowidth", "zero\u{200b}"]),
        (6, "It works 😀👍🏽", &["😀", "👍"]),
        (7, "٣٤٥٦٧٨ ๒๐๒๖", &["345678", "2026"]),
    ] {
        open_with(store, sequence, "Subject", text).await;
        for typed in typed {
            assert_eq!(found(store, typed).await, [sequence], "{typed}");
        }
    }
}

pub async fn a_case_is_found_by_the_name_of_its_assignee(store: &Store) {
    let (ann, bob) = (a_staff_member("ann"), a_staff_member("bob"));
    for member in [&ann, &bob] {
        store.hire(member).await;
    }
    for (sequence, member) in (1..).zip([Some(&ann), Some(&bob), None, Some(&ann)]) {
        let case = store.keep(an_opened(sequence)).await;
        if member.is_some() {
            store.keep(assigned(&case, member, by(&bob), minutes_later(sequence))).await;
        }
    }
    open_with(store, 5, "Grace", "Hopper").await;
    let ids = [&ann.id, &bob.id];
    for (text, names, expected) in [
        ("hopper", ["Grace Hopper", "Bob"], vec![5, 4, 1]),
        ("dashboard hopper", ["Grace Hopper", "Bob"], vec![4, 1]),
        ("hopper grace", ["Grace Hopper", "Bob"], vec![5, 4, 1]),
        ("hopper bob", ["Grace Hopper", "Bob Hopper"], vec![2]),
        ("hopper", ["Ann", "Bob"], vec![5]),
    ] {
        let mut listing = search(text);
        let wanted = listing.filter.search.take().unwrap();
        listing.filter.search = Some(wanted.with_members(ids.into_iter().zip(names)));
        for sort in [CaseSort::Relevance, CaseSort::CaseNumber, CaseSort::LastActivity] {
            let listed = list(store, &CaseListing { sort, ..listing.clone() }).await;
            let mut sequences: Vec<_> =
                listed.cases.iter().map(|case| case.number.sequence()).collect();
            if sort == CaseSort::LastActivity {
                sequences.sort_unstable_by(|one, other| other.cmp(one));
            }
            assert_eq!(sequences, expected, "{text} {sort:?}");
            assert_eq!(listed.total, sequences.len() as u64);
        }
        listing.filter.status = vec![Status::InProgress];
        let listed = list(store, &listing).await;
        let sequences = listed.cases.iter().map(|case| case.number.sequence());
        let assigned: Vec<_> = expected.into_iter().filter(|sequence| *sequence < 5).collect();
        assert_eq!(sequences.collect::<Vec<_>>(), assigned, "{text} in progress");
    }
}

pub async fn a_new_store_has_no_outdated_search_terms(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    store.keep(replied(&case, "Any news?", minutes_later(1))).await;
    let limit = std::num::NonZeroU32::new(10).unwrap();
    assert_eq!(store.index.renew_words(limit).await.expect("search terms are renewed"), 0);
}
