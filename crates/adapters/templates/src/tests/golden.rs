//! Every message word for word, to be read as a whole. `UPDATE_GOLDEN=1 cargo test` writes the files
//! anew when the words have changed on purpose.

use std::path::PathBuf;
use std::{env, fs};

use super::*;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/golden").join(format!("{name}.txt"))
}

fn assert_golden(name: &str, text: &str) {
    let file = golden(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, expected, "{} says otherwise", file.display());
}

#[test]
fn emails_say_what_was_agreed_word_for_word() {
    for template in for_email() {
        let EmailContent { subject, text, .. } = email(template, &sample(template));
        assert_golden(template.as_str(), &format!("Subject: {subject}\n\n{text}\n"));
    }
}

#[test]
fn text_messages_say_what_was_agreed_word_for_word() {
    let lines: Vec<String> = Template::ALL
        .iter()
        .filter_map(|&template| {
            let text = Templates::default().render_sms(template, &sample(template)).ok()?;
            Some(format!("{template}: {text}\n"))
        })
        .collect();
    assert_golden("text-messages", &lines.concat());
}
