use actix_web::HttpRequest;

use super::columns::ExportedCaseBody;
use super::csv::{self, Style};
use crate::accept::accepted;
use crate::query::Query;
use crate::staff::list::named;
use crate::validation::Validation;

/// As what a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv(Style),
    Ndjson,
}

/// The kinds that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Ndjson,
}

const DELIMITERS: &[(&str, char)] = &[(",", ','), (";", ';'), ("tab", '\t')];

const SWITCH: &[(&str, bool)] = &[("true", true), ("false", false)];

const NAMES: &[(&str, Kind)] = &[("csv", Kind::Csv), ("ndjson", Kind::Ndjson)];

/// What the parameters can be.
pub(crate) const DELIMITER_NAMES: &[&str] = &[DELIMITERS[0].0, DELIMITERS[1].0, DELIMITERS[2].0];
pub(crate) const FORMAT_NAMES: &[&str] = &[NAMES[0].0, NAMES[1].0];

const MEDIA_TYPES: &[(&str, Kind)] = &[
    ("text/csv", Kind::Csv),
    ("application/x-ndjson", Kind::Ndjson),
    ("application/ndjson", Kind::Ndjson),
    ("application/jsonl", Kind::Ndjson),
];

impl Format {
    /// What the parameter `format` names; else the one of ours that the client likes best; else CSV.
    pub(super) fn wanted(query: &Query, request: &HttpRequest, v: &mut Validation) -> Option<Self> {
        let kind = if query.has("format") {
            named("format", NAMES, query, v)?
        } else {
            accepted(request, MEDIA_TYPES).unwrap_or(Kind::Csv)
        };
        let delimiter = named("delimiter", DELIMITERS, query, v);
        let has_bom = named("bom", SWITCH, query, v);
        if kind == Kind::Csv {
            let (delimiter, has_bom) = (delimiter.unwrap_or(','), has_bom.unwrap_or_default());
            return Some(Self::Csv(Style { delimiter, has_bom }));
        }
        for name in ["delimiter", "bom"] {
            if query.has(name) {
                v.problem(name, "is for CSV; leave it out, or set format=csv");
            }
        }
        Some(Self::Ndjson)
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Csv(_) => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    pub(super) fn content_disposition(self) -> &'static str {
        match self {
            Self::Csv(_) => "attachment; filename=\"cases.csv\"",
            Self::Ndjson => "attachment; filename=\"cases.ndjson\"",
        }
    }

    /// What comes before the first case.
    pub(super) fn head(self) -> Vec<u8> {
        match self {
            Self::Csv(style) => csv::head(style),
            Self::Ndjson => Vec::new(),
        }
    }

    /// Adds a case to what is written.
    pub(super) fn write(
        self,
        case: &ExportedCaseBody,
        text: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        match self {
            Self::Csv(style) => csv::write(case, style, text),
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
    use actix_web::FromRequest;
    use actix_web::dev::Payload;
    use actix_web::http::header::ACCEPT;
    use actix_web::test::TestRequest;

    use super::*;

    fn read(query: &str, accept: &[&str]) -> Option<Format> {
        let request = accept
            .iter()
            .fold(TestRequest::with_uri(&format!("/?{query}")), |request, value| {
                request.append_header((ACCEPT, *value))
            })
            .to_http_request();
        let mut v = Validation::default();
        let query = Query::from_request(&request, &mut Payload::None).into_inner().unwrap();
        let format = Format::wanted(&query, &request, &mut v);
        v.finish(format).ok()
    }

    fn wanted(name: Option<&str>, accept: &[&str]) -> Option<Kind> {
        let query = name.map(|name| format!("format={name}")).unwrap_or_default();
        Some(match read(&query, accept)? {
            Format::Csv(_) => Kind::Csv,
            Format::Ndjson => Kind::Ndjson,
        })
    }

    #[test]
    fn csv_comes_with_another_delimiter_and_a_mark_where_they_are_asked_for() {
        let csv = |delimiter, has_bom| Some(Format::Csv(Style { delimiter, has_bom }));
        for (query, expected) in [
            ("", csv(',', false)),
            ("delimiter=;&bom=TRUE", csv(';', true)),
            ("delimiter=%3B&bom=false", csv(';', false)),
            ("delimiter=tab", csv('\t', false)),
            ("delimiter=%7C", None),
            ("bom=yes", None),
            ("format=ndjson&bom=true", None),
            ("format=ndjson&delimiter=;", None),
        ] {
            assert_eq!(read(query, &[]), expected, "{query}");
        }
    }

    #[test]
    fn the_parameter_wins_over_what_is_accepted_and_csv_is_the_default() {
        let (csv, ndjson) = (Some(Kind::Csv), Some(Kind::Ndjson));
        for (name, accept, expected) in [
            (None, &[][..], csv),
            (None, &["*/*"], csv),
            (None, &["text/html, application/xml;q=0.9, */*;q=0.8"], csv),
            (None, &["text/html, Application/X-NDJSON; q=0.5"], ndjson),
            (None, &["text/html", "application/jsonl"], ndjson),
            (None, &["text/csv, application/ndjson"], csv),
            (None, &["text/csv;q=0.2, application/x-ndjson"], ndjson),
            (None, &["text/csv;q=0.2", "application/x-ndjson;q=0.1"], csv),
            (None, &["application/x-ndjson;q=0, */*"], csv),
            (None, &["text/csv;q=0, */*;q=0.1"], ndjson),
            (None, &["text/*;q=0.3, application/*;q=0.4"], ndjson),
            (None, &["no media type"], csv),
            (Some("NDJSON"), &["text/csv"], ndjson),
            (Some("csv"), &["application/ndjson"], csv),
            (Some("xlsx"), &["text/csv"], None),
        ] {
            assert_eq!(wanted(name, accept), expected, "{name:?} {accept:?}");
        }
    }
}
