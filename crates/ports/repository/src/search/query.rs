//! How a search is read.

use std::str::FromStr;

use engage_domain::StaffId;
use thiserror::Error;

use super::SearchField;
use super::exact::{address_in, address_word, may_be_telephone, telephone_digits, telephone_terms};
use super::stored::words_of;
use super::term::SearchTerm;
use super::words::{Piece, folded_chunk, pieces};

/// The longest search there is, in Unicode scalar values.
const LONGEST: usize = 200;

/// From how many characters on a word finds those that begin with it. Shorter ones would find
/// nearly everything.
const SHORTEST_PREFIX: usize = 3;

/// The digits of a year: a reference that has fewer after its letters would find nearly everything
/// that begins with it.
const DIGITS_OF_YEAR: usize = 4;

/// What a case must have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SearchExpression {
    /// A word.
    Term(SearchTerm),
    /// Each of these, of which there is at least one.
    All(Vec<Self>),
    /// One of these, of which there is at least one.
    Any(Vec<Self>),
}

impl SearchExpression {
    /// Whether these words are enough.
    pub fn is_met_by(&self, words: &[String]) -> bool {
        match self {
            Self::Term(SearchTerm { word, is_prefix }) => words
                .iter()
                .any(|one| one == word || (*is_prefix && one.starts_with(word.as_str()))),
            Self::All(parts) => parts.iter().all(|part| part.is_met_by(words)),
            Self::Any(ways) => ways.iter().any(|way| way.is_met_by(words)),
        }
    }

    fn all(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 { parts.remove(0) } else { Self::All(parts) }
    }

    fn any(mut ways: Vec<Self>) -> Self {
        if ways.len() == 1 { ways.remove(0) } else { Self::Any(ways) }
    }
}

/// Cases that members of staff work on whose names are a part of the search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssignedSearch {
    /// The members.
    pub members: Vec<StaffId>,
    /// What is looked for beside their names, where there is anything.
    pub rest: Option<SearchExpression>,
}

/// What is looked for: cases that have every part of it, in whichever of their texts.
///
/// Words of three characters or more also find longer ones that begin with them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchQuery {
    expression: SearchExpression,
    /// What has to be met each for itself.
    parts: Vec<SearchExpression>,
    whole: Option<(SearchField, SearchTerm)>,
    assigned: Vec<AssignedSearch>,
}

/// Why a text cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidSearch {
    /// It is longer than 200 characters.
    #[error("must have at most 200 characters")]
    TooLong,
    /// It has no word.
    #[error("must have a letter, a digit or an emoji")]
    NoWord,
}

impl SearchQuery {
    /// What a case must have.
    pub fn expression(&self) -> &SearchExpression {
        &self.expression
    }

    /// The word of a place that a case has when it is the very one that is looked for: its whole
    /// number, or its customer's whole address.
    pub fn whole(&self) -> Option<&(SearchField, SearchTerm)> {
        self.whole.as_ref()
    }

    /// Cases that are wanted, too, for who works on them.
    pub fn assigned(&self) -> &[AssignedSearch] {
        &self.assigned
    }

    /// The same search, which also finds cases by the names of the members of staff who work on
    /// them.
    #[must_use]
    pub fn with_members<'a>(
        mut self,
        members: impl IntoIterator<Item = (&'a StaffId, &'a str)>,
    ) -> Self {
        let mut found: Vec<(Vec<bool>, Vec<StaffId>)> = Vec::new();
        for (id, name) in members {
            let words = words_of([name]);
            let is_named: Vec<_> = self.parts.iter().map(|part| part.is_met_by(&words)).collect();
            if !is_named.contains(&true) {
                continue;
            }
            match found.iter_mut().find(|(named, _)| *named == is_named) {
                Some((_, ids)) => ids.push(id.clone()),
                None => found.push((is_named, vec![id.clone()])),
            }
        }
        let assigned = found.into_iter().map(|(is_named, members)| {
            let rest = self.parts.iter().zip(is_named).filter(|(_, is_named)| !is_named);
            let rest: Vec<_> = rest.map(|(part, _)| part.clone()).collect();
            let rest = (!rest.is_empty()).then(|| SearchExpression::all(rest));
            AssignedSearch { members, rest }
        });
        self.assigned = assigned.collect();
        self
    }
}

impl FromStr for SearchQuery {
    type Err = InvalidSearch;

    fn from_str(text: &str) -> Result<Self, InvalidSearch> {
        if text.chars().count() > LONGEST {
            return Err(InvalidSearch::TooLong);
        }
        let chunks: Vec<_> = text.split_whitespace().map(Chunk::new).collect();
        let mut parts: Vec<SearchExpression> = Vec::new();
        for row in chunks.chunk_by(|one, next| one.digits.is_some() && next.digits.is_some()) {
            if let Some(part) = row_part(row)
                && !parts.contains(&part)
            {
                parts.push(part);
            }
        }
        if parts.is_empty() {
            return Err(InvalidSearch::NoWord);
        }
        let whole = match &chunks[..] {
            [chunk] => chunk.whole(),
            _ => None,
        };
        let expression = SearchExpression::all(parts.clone());
        Ok(Self { expression, parts, whole, assigned: Vec::new() })
    }
}

/// What stands between white space in a search.
struct Chunk {
    pieces: Vec<Piece>,
    address: Option<String>,
    /// Where it may be a part of a telephone number.
    digits: Option<String>,
}

impl Chunk {
    fn new(text: &str) -> Self {
        let folded = folded_chunk(text);
        Self {
            pieces: pieces(&folded),
            address: address_in(text).as_ref().map(address_word),
            digits: telephone_digits(&folded),
        }
    }

    /// What a case must have to be found by it; nothing where it has no word.
    fn expression(&self) -> Option<SearchExpression> {
        let words: Vec<_> = self.pieces.iter().map(piece_expression).collect();
        if words.is_empty() {
            return None;
        }
        let mut ways = vec![SearchExpression::all(words)];
        if let Some(address) = &self.address {
            ways.push(exactly(address.clone()));
        }
        Some(SearchExpression::any(ways))
    }

    fn whole(&self) -> Option<(SearchField, SearchTerm)> {
        if let Some(word) = self.address.clone() {
            return Some((SearchField::Customer, SearchTerm { word, is_prefix: false }));
        }
        let [piece @ Piece::Words(words)] = &self.pieces[..] else { return None };
        let word = piece.joined().unwrap_or_else(|| words.concat().concat());
        Some((SearchField::Number, SearchTerm { word, is_prefix: false }))
    }
}

/// One chunk, or several in a row that may be parts of a telephone number.
fn row_part(row: &[Chunk]) -> Option<SearchExpression> {
    let each: Vec<_> = row
        .iter()
        .filter_map(|chunk| {
            let words = chunk.expression()?;
            let digits = chunk.digits.as_slice();
            Some(if row.len() > 1 { or_telephone(words, digits) } else { words })
        })
        .collect();
    let digits = row.iter().filter_map(|chunk| chunk.digits.clone());
    let digits: Vec<_> = digits.filter(|digits| !digits.is_empty()).collect();
    (!each.is_empty()).then(|| or_telephone(SearchExpression::all(each), &digits))
}

fn or_telephone(words: SearchExpression, digits: &[String]) -> SearchExpression {
    if !may_be_telephone(digits) {
        return words;
    }
    let numbers = telephone_terms(&digits.concat()).into_iter().map(SearchExpression::Term);
    SearchExpression::Any(std::iter::once(words).chain(numbers).collect())
}

fn piece_expression(piece: &Piece) -> SearchExpression {
    match piece {
        Piece::Picture(c) => exactly(c.to_string()),
        Piece::Run(run) => run_expression(run),
        Piece::Words(words) => {
            let each = words.iter().map(|parts| word_expression(parts)).collect();
            let mut ways = vec![SearchExpression::all(each)];
            if let Some(word) = piece.joined() {
                let is_prefix = is_prefix(&word) && !is_cut_reference(&word);
                ways.push(SearchExpression::Term(SearchTerm { word, is_prefix }));
            }
            SearchExpression::any(ways)
        }
    }
}

/// The beginning of a reference such as a case number that has no whole year.
fn is_cut_reference(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    digits.len() < DIGITS_OF_YEAR
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.is_empty()
}

/// A word in its pieces, of which all but the last are as long as can be.
fn word_expression(parts: &[String]) -> SearchExpression {
    let terms = parts.iter().enumerate().map(|(place, part)| {
        let is_last = place + 1 == parts.len();
        let is_prefix = is_last && (place > 0 || is_prefix(part));
        SearchExpression::Term(SearchTerm { word: part.clone(), is_prefix })
    });
    SearchExpression::all(terms.collect())
}

fn is_prefix(word: &str) -> bool {
    word.chars().count() >= SHORTEST_PREFIX
}

/// Each two neighbours; one alone begins two neighbours, or ends a text.
fn run_expression(run: &[char]) -> SearchExpression {
    let pairs: Vec<_> = run.windows(2).map(|pair| exactly(pair.iter().collect())).collect();
    match run {
        [c] => SearchExpression::Term(SearchTerm { word: c.to_string(), is_prefix: true }),
        _ => SearchExpression::all(pairs),
    }
}

fn exactly(word: String) -> SearchExpression {
    SearchExpression::Term(SearchTerm { word, is_prefix: false })
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
