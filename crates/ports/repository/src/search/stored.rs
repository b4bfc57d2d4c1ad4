//! By which words a case is found.

use std::collections::{BTreeSet, HashSet};

use engage_domain::{Case, CaseNumber, Line, PhoneNumber, Update};

use super::exact::{address_word, telephone_digits, telephone_words};
use super::words::{Piece, folded_chunk, is_in_run, pieces};
use crate::ChangeSet;

/// How many different words of one text are found; a text of ordinary words has fewer.
const MOST_WORDS: usize = 5_000;

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
    /// Counts up where texts get other words than before, so that stores make those of the cases
    /// anew that they have ([`crate::SearchIndex`]).
    pub const VERSION: i32 = 2;

    /// The words that a change set adds to those of its case.
    pub fn of_change(change_set: &ChangeSet) -> Self {
        let updates = &change_set.event.updates;
        match change_set.base_version() {
            None => Self::of_case(&change_set.case, updates, usize::MAX),
            Some(_) => Self::of_updates(updates),
        }
    }

    /// The words of a case, with those of updates: of each until there are more words than `enough`.
    pub fn of_case(case: &Case, updates: &[Update], enough: usize) -> Self {
        let facts = case.facts();
        let customer = &facts.customer;
        let known = [
            Some(customer.name.as_str()),
            Some(customer.email.as_str()),
            customer.organization.as_ref().map(Line::as_str),
            customer.phone.as_ref().map(PhoneNumber::as_str),
            facts.project.as_ref().map(Line::as_str),
        ];
        let mut of_customer = words_of(known.into_iter().flatten());
        of_customer.push(address_word(&customer.email));
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

    /// The words of what was written later.
    fn of_updates(updates: &[Update]) -> Self {
        let written = updates.iter().map(|update| update.message.as_str());
        Self { conversation: words_of(written), ..Self::default() }
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

/// The words of texts, each once and in alphabetical order; the first ones where there are too many.
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

/// Keeps each word once, as many as are found of a text. Returns how many those are.
fn keep_first(words: &mut Vec<String>) -> usize {
    let mut seen = HashSet::with_capacity(words.len());
    words.retain(|word| seen.insert(word.clone()));
    words.truncate(MOST_WORDS);
    words.len()
}

/// Adds the words of a chunk of text between white space.
///
/// `last` is the character before, where that is of a script without spaces; it is one more
/// neighbour, since there white space is put now here, now there. `parts` are the parts of a
/// telephone number so far. Returns what is `last` for the next chunk.
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
    fn a_number_is_found_by_its_spellings() {
        let number = "CW-2026-042".parse().unwrap();
        assert_eq!(number_words(&number), ["042", "42", "cw2026042", "cw202642"]);
        let number = "CW-2026-1042".parse().unwrap();
        assert_eq!(number_words(&number), ["1042", "cw20261042"]);
    }

    #[test]
    fn a_text_is_found_by_its_first_5000_different_words() {
        for times in [1, 2, 40] {
            let text: Vec<_> = (0..6000).map(|i| format!("word{i} ").repeat(times)).collect();
            let found = words_of([text.concat().as_str()]);
            assert_eq!(found.len(), 5000, "{times}");
            assert!(found.contains(&"word4999".to_owned()));
            assert!(!found.contains(&"word5000".to_owned()));
        }
    }

    #[test]
    fn each_word_is_there_once_and_in_order() {
        let found = words_of(["Call b-a, A b: 030 1234567", "a"]);
        let number = "\u{e050}765432103";
        assert_eq!(found, ["030", "1234567", "a", "b", "ba", "call", number]);
    }

    #[test]
    fn neighbours_are_found_across_white_space() {
        assert_eq!(
            words_of(["결제 오류\n류 x 請"]),
            ["x", "請", "결제", "류", "류류", "오류", "제", "제오"]
        );
    }
}
