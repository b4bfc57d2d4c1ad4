use actix_web::http::header::HeaderMap;

use super::csv;
use crate::accept::accepted;
use crate::staff::list::CaseSummaryBody;
use crate::validation::Validation;

/// As what a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Ndjson,
}

const NAMES: &[(&str, Format)] = &[("csv", Format::Csv), ("ndjson", Format::Ndjson)];

/// What the parameter can be.
pub(crate) const FORMAT_NAMES: &[&str] = &[NAMES[0].0, NAMES[1].0];

const MEDIA_TYPES: &[(&str, Format)] = &[
    ("text/csv", Format::Csv),
    ("application/x-ndjson", Format::Ndjson),
    ("application/ndjson", Format::Ndjson),
    ("application/jsonl", Format::Ndjson),
];

impl Format {
    /// What the parameter names; else the first of ours that the client accepts; else CSV.
    pub(super) fn wanted(
        name: Option<&str>,
        headers: &HeaderMap,
        v: &mut Validation,
    ) -> Option<Self> {
        let Some(name) = name else {
            return Some(accepted(headers, MEDIA_TYPES).unwrap_or(Self::Csv));
        };
        let found = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        if found.is_none() {
            v.not_one_of("format", NAMES.iter().map(|(known, _)| *known).collect());
        }
        found.map(|(_, format)| *format)
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    pub(super) fn content_disposition(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"cases.csv\"",
            Self::Ndjson => "attachment; filename=\"cases.ndjson\"",
        }
    }

    /// What comes before the first case.
    pub(super) fn head(self) -> Vec<u8> {
        match self {
            Self::Csv => csv::head(),
            Self::Ndjson => Vec::new(),
        }
    }

    /// Adds a case to what is written.
    pub(super) fn write(
        self,
        case: &CaseSummaryBody,
        text: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        match self {
            Self::Csv => csv::write(case, text),
            Self::Ndjson => {
                serde_json::to_writer(&mut *text, case)?;
                text.push(b'\n');
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::ACCEPT;
    use actix_web::test::TestRequest;

    use super::*;

    fn wanted(name: Option<&str>, accept: &[&str]) -> Option<Format> {
        let request = accept
            .iter()
            .fold(TestRequest::default(), |request, value| request.append_header((ACCEPT, *value)));
        let mut v = Validation::default();
        let format = Format::wanted(name, request.to_http_request().headers(), &mut v);
        assert_eq!(v.finish(Some(())).is_ok(), format.is_some());
        format
    }

    #[test]
    fn the_parameter_wins_over_what_is_accepted_and_csv_is_the_default() {
        let (csv, ndjson) = (Some(Format::Csv), Some(Format::Ndjson));
        for (name, accept, expected) in [
            (None, &[][..], csv),
            (None, &["*/*"], csv),
            (None, &["text/html, application/xml;q=0.9, */*;q=0.8"], csv),
            (None, &["text/html, Application/X-NDJSON; q=0.5"], ndjson),
            (None, &["text/html", "application/jsonl"], ndjson),
            (None, &["text/csv, application/ndjson"], csv),
            (Some("NDJSON"), &["text/csv"], ndjson),
            (Some("csv"), &["application/ndjson"], csv),
            (Some("xlsx"), &["text/csv"], None),
        ] {
            assert_eq!(wanted(name, accept), expected, "{name:?} {accept:?}");
        }
    }
}
