//! Parsing of search queries.

use std::str::FromStr;

use engage_domain::StaffId;
use thiserror::Error;

use super::SearchField;
use super::exact::{address_in, address_word, may_be_telephone, telephone_digits, telephone_terms};
use super::prefix_search::{matches_longer_references, matches_longer_words};
use super::stored::words_of;
use super::term::SearchTerm;
use super::words::{Piece, folded_chunk, pieces};

/// Maximum length of a query in Unicode scalar values.
const LONGEST: usize = 200;

/// Condition on the words of a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SearchExpression {
    /// The case has this word.
    Term(SearchTerm),
    /// All of these conditions hold. Never empty.
    All(Vec<Self>),
    /// At least one of these conditions holds. Never empty.
    Any(Vec<Self>),
}

impl SearchExpression {
    /// Checks whether a set of words meets the condition.
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

/// Match of a query through the name of the assignee.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssignedSearch {
    /// Staff members whose names match the same parts of the query.
    pub members: Vec<StaffId>,
    /// Condition for the remaining parts of the query, if there are any.
    pub rest: Option<SearchExpression>,
}

/// A search query. A case matches if its texts together contain every part of the query.
///
/// Words of at least three characters also match longer words that start with them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchQuery {
    expression: SearchExpression,
    /// Parts of the query, each of which has to match.
    parts: Vec<SearchExpression>,
    whole: Option<(SearchField, SearchTerm)>,
    assigned: Vec<AssignedSearch>,
}

/// Error returned when a text is not a valid search query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidSearch {
    /// The text is longer than 200 characters.
    #[error("must have at most 200 characters")]
    TooLong,
    /// The text contains no word.
    #[error("must contain a letter, a digit or an emoji")]
    NoWord,
}

impl SearchQuery {
    /// Returns the condition that a case has to meet.
    pub fn expression(&self) -> &SearchExpression {
        &self.expression
    }

    /// Returns the field and the word that identify a case exactly, either by its complete number
    /// or by the customer's complete e-mail address.
    pub fn whole(&self) -> Option<&(SearchField, SearchTerm)> {
        self.whole.as_ref()
    }

    /// Returns the alternative matches through the name of the assignee.
    pub fn assigned(&self) -> &[AssignedSearch] {
        &self.assigned
    }

    /// Extends the query so that it also matches cases by the names of their assignees.
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

/// Part of a query between white space.
struct Chunk {
    pieces: Vec<Piece>,
    address: Option<String>,
    /// Digits of the chunk if it may be part of a phone number.
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

    /// Returns the condition for this chunk, or `None` if it contains no word.
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

/// Returns the condition for one chunk, or for several consecutive ones that may form a phone
/// number.
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
                let is_prefix = matches_longer_references(&word);
                ways.push(SearchExpression::Term(SearchTerm { word, is_prefix }));
            }
            SearchExpression::any(ways)
        }
    }
}

/// Returns the condition for a word in its pieces. All pieces but the last have the maximum length.
fn word_expression(parts: &[String]) -> SearchExpression {
    let terms = parts.iter().enumerate().map(|(place, part)| {
        let is_last = place + 1 == parts.len();
        let is_prefix = is_last && (place > 0 || matches_longer_words(part));
        SearchExpression::Term(SearchTerm { word: part.clone(), is_prefix })
    });
    SearchExpression::all(terms.collect())
}

/// Matches each pair of neighbours. A single character matches the start of a pair or the end of a
/// text.
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
mod tests;
