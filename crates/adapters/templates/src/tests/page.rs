//! Parses an HTML part as a mail client does.

use html5gum::{Token, Tokenizer};

/// Contents of a parsed page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// All tags with their attributes, and all comments, in order.
    pub(super) skeleton: Vec<String>,
    /// All text, including hidden text, with a line feed for each `<br>`.
    pub(super) text: String,
    /// The visible text below the header: the same text without the title, the preheader and the
    /// banner.
    pub(super) body: String,
    /// Targets of the links.
    pub(super) links: Vec<String>,
}

fn string(bytes: &[u8]) -> String {
    str::from_utf8(bytes).unwrap().to_owned()
}

fn is_void(name: &str) -> bool {
    matches!(name, "meta" | "br")
}

fn is_inline(name: &str) -> bool {
    matches!(name, "a" | "span" | "br")
}

impl Page {
    /// Panics if the page is not well-formed HTML: on a parse error, or if an element is not closed
    /// or closes another one.
    pub(super) fn parse(html: &str) -> Self {
        let mut page = Self {
            skeleton: Vec::new(),
            text: String::new(),
            body: String::new(),
            links: Vec::new(),
        };
        let mut open: Vec<(String, bool)> = Vec::new();
        for token in Tokenizer::new(html) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let name = string(&tag.name);
                    page.space(&name);
                    let mut skeleton = format!("<{name}");
                    let mut shows = true;
                    for (key, value) in &tag.attributes {
                        let (key, value) = (string(key), string(value));
                        skeleton.extend([" ", &key, "=", &value]);
                        shows &= !value.contains("display:none") && value != "banner";
                        if key == "href" {
                            page.links.push(value);
                        }
                    }
                    page.skeleton.push(skeleton);
                    if name == "br" {
                        page.text.push('\n');
                        page.body.push('\n');
                    }
                    if !is_void(&name) {
                        let hidden = open.last().is_some_and(|(_, hidden)| *hidden);
                        open.push((name.clone(), hidden || !shows || name == "title"));
                    }
                }
                Token::EndTag(tag) => {
                    let name = string(&tag.name);
                    page.space(&name);
                    let (opened, _) = open.pop().expect("an open element");
                    assert_eq!(opened, name, "{html}");
                    page.skeleton.push(format!("</{name}"));
                }
                Token::String(text) => {
                    let text = string(&text);
                    page.text += &text;
                    if !open.last().is_some_and(|(_, hidden)| *hidden) {
                        page.body += &text;
                    }
                }
                Token::Comment(comment) => {
                    page.skeleton.push(format!("<!--{}", string(&comment)));
                }
                Token::Doctype(_) => {}
                Token::Error(error) => panic!("{}: {html}", *error),
            }
        }
        assert!(open.is_empty(), "{open:?}: {html}");
        page
    }

    fn space(&mut self, name: &str) {
        if !is_inline(name) {
            self.text.push(' ');
            self.body.push(' ');
        }
    }
}

/// Returns the words of a text without what only plain text has: rules, and colons after labels.
pub(super) fn words(text: &str) -> Vec<&str> {
    let words = text.split_whitespace().map(|word| word.trim_end_matches(':'));
    words.filter(|word| word.chars().any(|c| c != '-')).collect()
}
