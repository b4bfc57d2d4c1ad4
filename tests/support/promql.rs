//! Reads the names in expressions of Prometheus: metrics, and labels with their values.

use std::collections::BTreeSet;

/// Words that are neither a metric nor followed by a list.
const KEYWORDS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];

/// Words in front of a list of labels.
const GROUPINGS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// The names in an expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) selectors: Vec<Selector>,
    /// Labels by which the expression groups.
    pub(crate) groups: BTreeSet<String>,
}

/// A metric with the conditions on its labels.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    pub(crate) metric: String,
    pub(crate) matchers: Vec<Matcher>,
}

/// A condition on a label.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Matcher {
    pub(crate) label: String,
    /// The value that the label must have. `None` for every other comparison.
    pub(crate) value: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Symbol(char),
}

impl Token {
    fn is_name_among(&self, names: &[&str]) -> bool {
        matches!(self, Self::Name(name) if names.contains(&name.as_str()))
    }
}

impl Query {
    pub(crate) fn read(expression: &str) -> Self {
        let tokens = tokens(expression);
        let mut query = Self::default();
        let mut rest = tokens.as_slice();
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            let Token::Name(name) = token else { continue };
            if token.is_name_among(&KEYWORDS) {
                continue;
            }
            match after.first() {
                Some(Token::Symbol('(')) if token.is_name_among(&GROUPINGS) => {
                    let (list, after) = split_at_symbol(after, ')');
                    query.groups.extend(list.iter().filter_map(as_name));
                    rest = after;
                }
                // A function, or an aggregation with or without a grouping.
                Some(Token::Symbol('(')) => {}
                Some(next) if next.is_name_among(&GROUPINGS) => {}
                Some(Token::Symbol('{')) => {
                    let (list, after) = split_at_symbol(after, '}');
                    query
                        .selectors
                        .push(Selector { metric: name.clone(), matchers: matchers(list) });
                    rest = after;
                }
                _ => query.selectors.push(Selector { metric: name.clone(), matchers: Vec::new() }),
            }
        }
        query
    }
}

fn as_name(token: &Token) -> Option<String> {
    match token {
        Token::Name(name) => Some(name.clone()),
        _ => None,
    }
}

/// Returns the tokens between the first one and the symbol that ends the list, and those after it.
fn split_at_symbol(tokens: &[Token], end: char) -> (&[Token], &[Token]) {
    let at = tokens.iter().position(|token| *token == Token::Symbol(end)).expect("an end");
    (&tokens[1..at], &tokens[at + 1..])
}

fn matchers(list: &[Token]) -> Vec<Matcher> {
    let parts = list.split(|token| *token == Token::Symbol(','));
    parts
        .map(|part| {
            let [Token::Name(label), operator @ .., Token::Text(value)] = part else {
                panic!("a condition on a label: {part:?}")
            };
            let is_equality = *operator == [Token::Symbol('=')];
            Matcher { label: label.clone(), value: is_equality.then(|| value.clone()) }
        })
        .collect()
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => {
                let (text, after) = rest[1..].split_once('"').expect("the end of a text");
                assert!(!text.contains('\\'), "escapes are not understood: {text}");
                tokens.push(Token::Text(text.to_owned()));
                after
            }
            // A range, such as `[5m]`.
            '[' => rest.split_once(']').expect("the end of a range").1,
            _ if first.is_ascii_digit() => rest.trim_start_matches(is_part_of_name),
            _ if is_part_of_name(first) => {
                let after = rest.trim_start_matches(is_part_of_name);
                tokens.push(Token::Name(rest[..rest.len() - after.len()].to_owned()));
                after
            }
            _ => {
                if !first.is_whitespace() {
                    tokens.push(Token::Symbol(first));
                }
                &rest[first.len_utf8()..]
            }
        };
    }
    tokens
}

fn is_part_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_:".contains(character)
}

#[test]
fn metrics_labels_and_groups_are_told_from_functions_and_keywords() {
    let query = Query::read(
        r#"histogram_quantile(0.95, sum by (le, route) (rate(a_bucket{b="c",d!~"e|f"}[5m]))) > 1e3
            and on (job) max(g) without (h) offset 5m or vector(0) == bool time()"#,
    );
    let metrics: Vec<&str> = query.selectors.iter().map(|selector| &*selector.metric).collect();
    assert_eq!(metrics, ["a_bucket", "g"]);
    let matcher = |label: &str, value: Option<&str>| Matcher {
        label: label.to_owned(),
        value: value.map(str::to_owned),
    };
    assert_eq!(query.selectors[0].matchers, [matcher("b", Some("c")), matcher("d", None)]);
    assert_eq!(query.groups, BTreeSet::from(["h", "job", "le", "route"].map(str::to_owned)));
}
