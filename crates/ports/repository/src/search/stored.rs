//! Extraction of the words that a case is indexed by.

use std::collections::{BTreeSet, HashSet};

use engage_domain::text::Line;
use engage_domain::{Case, CaseNumber, EmailAddress, PhoneNumber, Update};

use super::exact::{address_word, telephone_digits, telephone_words};
use super::words::{Piece, folded_chunk, is_in_run, pieces};
use crate::ChangeSet;

/// Maximum number of distinct words indexed per text. Texts of ordinary words stay below it.
const MOST_WORDS: usize = 5_000;

/// Words that a case is indexed by, grouped by field, each sorted and without duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchWords {
    /// Words of the case number: the number without dashes, and the sequence with and without
    /// leading zeros.
    pub number: Vec<String>,
    /// Words of the subject.
    pub subject: Vec<String>,
    /// Words of the customer's data.
    pub customer: Vec<String>,
    /// Words of the message or of updates.
    pub conversation: Vec<String>,
}

impl SearchWords {
    /// Version of the extraction. Incremented whenever it changes, so that stores rebuild the words
    /// of existing cases ([`crate::SearchIndex`]).
    pub const VERSION: i32 = 2;

    /// Returns the words that a change set adds to its case.
    pub fn of_change(change_set: &ChangeSet) -> Self {
        let updates = &change_set.event.updates;
        match change_set.base_version() {
            None => Self::of_case(&change_set.case, updates, usize::MAX),
            Some(_) => Self::of_updates(updates),
        }
    }

    /// Returns the words of a case and of its updates. Stops adding updates when the conversation
    /// has more than `enough` words.
    pub fn of_case(case: &Case, updates: &[Update], enough: usize) -> Self {
        let facts = case.facts();
        let customer = &facts.customer;
        let known = [
            Some(customer.name.as_str()),
            customer.email.as_ref().map(EmailAddress::as_str),
            customer.organization.as_ref().map(Line::as_str),
            customer.phone.as_ref().map(PhoneNumber::as_str),
            facts.project.as_ref().map(Line::as_str),
        ];
        let mut of_customer = words_of(known.into_iter().flatten());
        of_customer.extend(customer.email.as_ref().map(address_word));
        of_customer.sort_unstable();
        let mut conversation = words_of([facts.message.as_str()]);
        for update in updates {
            if conversation.len() > enough {
                break;
            }
            conversation.extend(words_of([update.message.as_str()]));
            sort(&mut conversation);
        }
        Self {
            number: number_words(&facts.number),
            subject: words_of([facts.subject.as_str()]),
            customer: of_customer,
            conversation,
        }
    }

    /// Returns the words of later updates.
    fn of_updates(updates: &[Update]) -> Self {
        let written = updates.iter().map(|update| update.message.as_str());
        Self { conversation: words_of(written), ..Self::default() }
    }

    /// Returns true if there are no words.
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

/// Returns the words of texts, sorted and without duplicates. Only the first `MOST_WORDS` are
/// returned.
pub(super) fn words_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut words = Vec::new();
    for text in texts {
        let mut last = None;
        for line in text.lines() {
            let mut parts = Vec::new();
            for chunk in line.split_whitespace() {
                last = add_chunk(chunk, last, &mut parts, &mut words);
                if words.len() > 2 * MOST_WORDS && keep_first(&mut words) == MOST_WORDS {
                    sort(&mut words);
                    return words;
                }
            }
            words.extend(telephone_words(&parts));
        }
    }
    if words.len() > MOST_WORDS {
        keep_first(&mut words);
    }
    sort(&mut words);
    words
}

fn sort(words: &mut Vec<String>) {
    words.sort_unstable();
    words.dedup();
}

/// Removes duplicates, truncates the list to `MOST_WORDS` and returns its length.
fn keep_first(words: &mut Vec<String>) -> usize {
    let mut seen = HashSet::with_capacity(words.len());
    words.retain(|word| seen.insert(word.clone()));
    words.truncate(MOST_WORDS);
    words.len()
}

/// Adds the words of a chunk of text between white space.
///
/// `last` is the last character of the previous chunk if its script is written without spaces. It
/// forms one more pair of neighbours, because white space is used inconsistently in these scripts.
/// `parts` are the parts of a possible phone number collected so far. Returns `last` for the next
/// chunk.
fn add_chunk(
    chunk: &str,
    last: Option<char>,
    parts: &mut Vec<String>,
    words: &mut Vec<String>,
) -> Option<char> {
    let chunk = folded_chunk(chunk);
    match telephone_digits(&chunk) {
        Some(digits) if digits.is_empty() => {}
        Some(digits) => parts.push(digits),
        None if parts.is_empty() => {}
        None => words.extend(telephone_words(&std::mem::take(parts))),
    }
    let first = chunk.chars().next().filter(|c| is_in_run(*c));
    if let (Some(last), Some(first)) = (last, first) {
        words.push([last, first].iter().collect());
    }
    for piece in pieces(&chunk) {
        add_piece(piece, words);
    }
    chunk.chars().next_back().filter(|c| is_in_run(*c))
}

fn add_piece(piece: Piece, words: &mut Vec<String>) {
    words.extend(piece.joined());
    match piece {
        Piece::Picture(c) => words.push(c.into()),
        Piece::Words(each) => words.extend(each.into_iter().flatten()),
        Piece::Run(run) => {
            words.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
            words.extend(run.last().map(char::to_string));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_is_indexed_in_all_its_forms() {
        let number = "CW-2026-042".parse().unwrap();
        assert_eq!(number_words(&number), ["042", "42", "cw2026042", "cw202642"]);
        let number = "CW-2026-1042".parse().unwrap();
        assert_eq!(number_words(&number), ["1042", "cw20261042"]);
    }

    #[test]
    fn the_first_5000_distinct_words_of_a_text_are_indexed() {
        for times in [1, 2, 40] {
            let text: Vec<_> = (0..6000).map(|i| format!("word{i} ").repeat(times)).collect();
            let found = words_of([text.concat().as_str()]);
            assert_eq!(found.len(), 5000, "{times}");
            assert!(found.contains(&"word4999".to_owned()));
            assert!(!found.contains(&"word5000".to_owned()));
        }
    }

    #[test]
    fn words_are_sorted_and_distinct() {
        let found = words_of(["Call b-a, A b: 030 1234567", "a"]);
        let number = "\u{e050}765432103";
        assert_eq!(found, ["030", "1234567", "a", "b", "ba", "call", number]);
    }

    #[test]
    fn pairs_of_neighbours_span_white_space() {
        assert_eq!(
            words_of(["결제 오류\n류 x 請"]),
            ["x", "請", "결제", "류", "류류", "오류", "제", "제오"]
        );
    }
}
