//! Full text: by which words a case is found, and what is looked for.
//!
//! Both are made here, once, so that every store gives the same answers.

mod words;

use std::collections::BTreeSet;
use std::str::FromStr;

use engage_domain::{Case, CaseNumber, CaseNumberPrefix, Line, PhoneNumber, Update};
use thiserror::Error;

use words::words;

use crate::ChangeSet;

/// The longest search there is, in Unicode scalar values.
const LONGEST: usize = 200;

/// From how many characters on a word finds those that begin with it. Shorter ones would find
/// nearly everything.
const SHORTEST_PREFIX: usize = 3;

/// How many different words of one text are found; a text of ordinary words has fewer.
const MOST_WORDS: usize = 5_000;

/// A word that a case must have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchTerm {
    /// The word: lower-case letters, digits and marks.
    pub word: String,
    /// Whether longer words that begin with it will do.
    pub is_prefix: bool,
}

/// What is looked for: cases that have every term, in whichever of their texts.
///
/// Words of three characters or more also find longer ones that begin with them. A case number, or
/// the beginning of one down to the year, is one term.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchQuery(Vec<SearchTerm>);

/// Why a text cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidSearch {
    /// It is longer than 200 characters.
    #[error("must have at most 200 characters")]
    TooLong,
    /// It has no word.
    #[error("must have a letter or a digit")]
    NoWord,
}

impl SearchQuery {
    /// The terms, at least one.
    pub fn terms(&self) -> &[SearchTerm] {
        &self.0
    }
}

impl FromStr for SearchQuery {
    type Err = InvalidSearch;

    fn from_str(text: &str) -> Result<Self, InvalidSearch> {
        if text.chars().count() > LONGEST {
            return Err(InvalidSearch::TooLong);
        }
        let mut terms: Vec<SearchTerm> = Vec::new();
        for chunk in text.split_whitespace() {
            for term in number_term(chunk).map_or_else(|| word_terms(chunk), |term| vec![term]) {
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        if terms.is_empty() { Err(InvalidSearch::NoWord) } else { Ok(Self(terms)) }
    }
}

fn word_terms(chunk: &str) -> Vec<SearchTerm> {
    let is_prefix = |word: &str| word.chars().count() >= SHORTEST_PREFIX;
    words(chunk).into_iter().map(|word| SearchTerm { is_prefix: is_prefix(&word), word }).collect()
}

/// A case number, or the beginning of one that has at least its year, as the one word it is found
/// by.
fn number_term(chunk: &str) -> Option<SearchTerm> {
    let mut parts = chunk.splitn(3, '-');
    let prefix: CaseNumberPrefix = parts.next()?.parse().ok()?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let year = parts.next().filter(|year| year.len() == 4 && is_number(year))?;
    let sequence = parts.next().unwrap_or_default();
    let word = format!("{prefix}{year}{sequence}").to_ascii_lowercase();
    (is_number(sequence) && word.len() <= 64).then_some(SearchTerm { word, is_prefix: true })
}

/// Where a word was found, from the place that says least to the one that says most. A search ranks
/// a case by the best place that has every term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchPlace {
    /// In the conversation, or some terms in one place and some in another.
    Conversation,
    /// In the customer's name, address, organisation, phone number or project.
    Customer,
    /// In the subject.
    Subject,
    /// In the case number.
    Number,
}

impl SearchPlace {
    /// Every value, in order of declaration.
    pub const ALL: &'static [Self] =
        &[Self::Conversation, Self::Customer, Self::Subject, Self::Number];

    /// The place that is so many above the one that says least; what a store answers with.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|place| *place as i32 == number)
    }
}

/// The words by which a case is found, by place, each once and in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchWords {
    /// Of the case number: the number without its dashes, and the sequence, with and without
    /// leading zeros.
    pub number: Vec<String>,
    /// Of the subject.
    pub subject: Vec<String>,
    /// Of what is known of the customer.
    pub customer: Vec<String>,
    /// Of the message, or of updates.
    pub conversation: Vec<String>,
}

impl SearchWords {
    /// The words that a change set adds to those of its case.
    pub fn of_change(change_set: &ChangeSet) -> Self {
        let updates = &change_set.event.updates;
        match change_set.base_version() {
            None => Self::of_case(&change_set.case, updates),
            Some(_) => Self::of_updates(updates),
        }
    }

    /// The words of a new case, with those of the updates that came with it.
    pub fn of_case(case: &Case, updates: &[Update]) -> Self {
        let facts = case.facts();
        let customer = &facts.customer;
        let known = [
            Some(customer.name.as_str()),
            Some(customer.email.as_str()),
            customer.organization.as_ref().map(Line::as_str),
            customer.phone.as_ref().map(PhoneNumber::as_str),
            facts.project.as_ref().map(Line::as_str),
        ];
        let written = updates.iter().map(|update| update.message.as_str());
        Self {
            number: number_words(&facts.number),
            subject: distinct([facts.subject.as_str()]),
            customer: distinct(known.into_iter().flatten()),
            conversation: distinct([facts.message.as_str()].into_iter().chain(written)),
        }
    }

    /// The words of what was written later.
    fn of_updates(updates: &[Update]) -> Self {
        let written = updates.iter().map(|update| update.message.as_str());
        Self { conversation: distinct(written), ..Self::default() }
    }

    /// Whether there is no word at all.
    pub fn is_empty(&self) -> bool {
        let places = [&self.number, &self.subject, &self.customer, &self.conversation];
        places.into_iter().all(Vec::is_empty)
    }
}

fn number_words(number: &CaseNumber) -> Vec<String> {
    let (prefix, year, sequence) = (number.prefix(), number.year(), number.sequence());
    let spellings = [
        format!("{prefix}{year}{sequence:03}"),
        format!("{prefix}{year}{sequence}"),
        format!("{sequence:03}"),
        sequence.to_string(),
    ];
    let spellings: BTreeSet<_> = spellings.into_iter().map(|s| s.to_ascii_lowercase()).collect();
    spellings.into_iter().collect()
}

fn distinct<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    for word in texts.into_iter().flat_map(words) {
        if seen.len() == MOST_WORDS {
            break;
        }
        seen.insert(word);
    }
    seen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<(String, bool)> {
        let query: SearchQuery = text.parse().unwrap();
        query.terms().iter().map(|term| (term.word.clone(), term.is_prefix)).collect()
    }

    fn term(word: &str, is_prefix: bool) -> (String, bool) {
        (word.to_owned(), is_prefix)
    }

    #[test]
    fn words_of_three_characters_or_more_find_what_begins_with_them() {
        assert_eq!(
            terms("Re: Login  LOGIN"),
            [term("re", false), term("login", true)],
            "each term counts once"
        );
    }

    #[test]
    fn a_case_number_is_one_term_down_to_its_year() {
        assert_eq!(terms("CW-2026-042"), [term("cw2026042", true)]);
        assert_eq!(
            terms("cw-2026-04 cw-2026- CW-2026"),
            [term("cw202604", true), term("cw2026", true)]
        );
        assert_eq!(terms("cw-20"), [term("cw", false), term("20", false)]);
        assert_eq!(terms("x-ray-2026"), [term("x", false), term("ray", true), term("2026", true)]);
    }

    #[test]
    fn a_search_has_a_word_and_at_most_200_characters() {
        assert_eq!(" -- ".parse::<SearchQuery>(), Err(InvalidSearch::NoWord));
        assert_eq!("ä".repeat(201).parse::<SearchQuery>(), Err(InvalidSearch::TooLong));
        assert!("ä".repeat(200).parse::<SearchQuery>().is_ok());
    }

    #[test]
    fn a_place_is_read_back_from_its_number() {
        for &place in SearchPlace::ALL {
            assert_eq!(SearchPlace::from_number(place as i32), Some(place));
        }
        assert_eq!(SearchPlace::ALL.last(), SearchPlace::ALL.iter().max());
        assert_eq!((SearchPlace::from_number(-1), SearchPlace::from_number(4)), (None, None));
    }

    #[test]
    fn a_number_is_found_by_its_spellings() {
        let number = "CW-2026-042".parse().unwrap();
        assert_eq!(number_words(&number), ["042", "42", "cw2026042", "cw202642"]);
        let number = "CW-2026-1042".parse().unwrap();
        assert_eq!(number_words(&number), ["1042", "cw20261042"]);
    }

    #[test]
    fn a_text_is_found_by_its_first_5000_different_words() {
        let text = (0..6000).map(|i| format!("word{i} word{i}")).collect::<Vec<_>>().join(" ");
        let found = distinct([text.as_str()]);
        assert_eq!(found.len(), 5000);
        assert!(found.contains(&"word4999".to_owned()) && !found.contains(&"word5000".to_owned()));
    }
}
