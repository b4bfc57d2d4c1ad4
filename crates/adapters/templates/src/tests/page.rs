//! An HTML part as a mail program reads it.

use html5gum::{Token, Tokenizer};

/// What is left of a page once it is parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// Every tag with its attributes, and every comment, in order.
    pub(super) skeleton: Vec<String>,
    /// Every text, the one that is hidden too; a line feed for `<br>`.
    pub(super) text: String,
    /// What is seen below the head of the page: the same without the title, the preheader and the
    /// banner.
    pub(super) body: String,
    /// Where its links go.
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
    /// Panics where the page is no well-formed HTML: a parse error, an element that is not closed
    /// or closes another.
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

/// The words of a text without what only plain text has: rules, and colons after labels.
pub(super) fn words(text: &str) -> Vec<&str> {
    let words = text.split_whitespace().map(|word| word.trim_end_matches(':'));
    words.filter(|word| word.chars().any(|c| c != '-')).collect()
}
