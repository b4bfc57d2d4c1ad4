//! Finds paths in the tokens of macros and attributes.

use proc_macro2::{Literal, TokenStream, TokenTree};

use crate::module::Names;

/// Returns the paths in the tokens of a macro call or a macro definition.
pub(crate) fn paths_in(tokens: TokenStream) -> Vec<Names> {
    let mut scan = Scan { found: Vec::new(), in_literal: formatted };
    scan.tokens(tokens);
    scan.found
}

/// Returns the paths in the tokens of an attribute, including those in string literals, as in
/// `serialize_with = "text::write"`.
pub(crate) fn paths_in_attribute(tokens: TokenStream) -> Vec<Names> {
    let mut scan = Scan { found: Vec::new(), in_literal: quoted };
    scan.tokens(tokens);
    scan.found
}

struct Scan {
    found: Vec<Names>,
    in_literal: fn(&Literal) -> Vec<Names>,
}

impl Scan {
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => self.found.extend((self.in_literal)(literal)),
                TokenTree::Ident(_) => {
                    let path = path_at(&tokens, at);
                    let end = at + 3 * path.len() - 2;
                    if begins_path(&tokens, at, &path) && !is_label(&tokens, end) {
                        self.found.push(path);
                    }
                    at = end;
                    continue;
                }
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }
}

/// Returns the names from this position on that are joined by `::`.
fn path_at(tokens: &[TokenTree], mut at: usize) -> Names {
    let mut names = Vec::new();
    while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
        names.push(ident.to_string());
        if !is_colon(tokens, at + 1) || !is_colon(tokens, at + 2) {
            break;
        }
        at += 3;
    }
    names
}

/// Checks whether a name begins a path: it is not the name of a field, method, lifetime or macro
/// variable, and does not follow `::`.
fn begins_path(tokens: &[TokenTree], at: usize, path: &Names) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| punctuation(tokens, at));
    match before(1) {
        Some('\'') => false,
        Some('$') => path[0] == "crate",
        // A path can begin after `..`.
        Some('.') => before(2) == Some('.'),
        Some(':') => before(2) != Some(':'),
        _ => true,
    }
}

/// Checks whether the tokens before `end` are followed by a single colon, like the name of a field.
fn is_label(tokens: &[TokenTree], end: usize) -> bool {
    is_colon(tokens, end) && !is_colon(tokens, end + 1)
}

fn is_colon(tokens: &[TokenTree], at: usize) -> bool {
    punctuation(tokens, at) == Some(':')
}

fn punctuation(tokens: &[TokenTree], at: usize) -> Option<char> {
    match tokens.get(at) {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    }
}

/// Returns the names in braces, as in `"{MAX} at most"`.
fn formatted(literal: &Literal) -> Vec<Names> {
    let text = literal.to_string();
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let names = text.split('{').skip(1);
    let names = names.map(|rest| rest.split(|letter| !is_part(letter)).next().unwrap_or_default());
    names.filter(|name| !name.is_empty()).map(|name| vec![name.to_owned()]).collect()
}

/// Returns the path in a string literal, if the literal is nothing but a path.
fn quoted(literal: &Literal) -> Vec<Names> {
    let text: Result<syn::LitStr, _> = syn::parse_str(&literal.to_string());
    let path = text.and_then(|text| text.parse::<syn::Path>());
    path.map(|path| names_of(&path)).into_iter().collect()
}

/// Returns the names of a path, without generic arguments.
pub(crate) fn names_of(path: &syn::Path) -> Names {
    let start = path.leading_colon.as_ref().map(|_| String::new());
    start.into_iter().chain(path.segments.iter().map(|part| part.ident.to_string())).collect()
}
