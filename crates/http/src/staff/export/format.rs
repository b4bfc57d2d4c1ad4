use std::io;

use actix_web::HttpRequest;

use super::columns::ExportedCaseBody;
use super::csv::{self, Style};
use crate::accept::accepted;
use crate::query::Query;
use crate::staff::list::named;
use crate::validation::Validation;

/// Format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv(Style),
    Ndjson,
}

/// Format as a client names it, without options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Ndjson,
}

const DELIMITERS: &[(&str, u8)] = &[(",", b','), (";", b';'), ("tab", b'\t')];

const SWITCH: &[(&str, bool)] = &[("true", true), ("false", false)];

const NAMES: &[(&str, Kind)] = &[("csv", Kind::Csv), ("ndjson", Kind::Ndjson)];

/// Accepted values of the parameters.
pub(crate) const DELIMITER_NAMES: &[&str] = &[DELIMITERS[0].0, DELIMITERS[1].0, DELIMITERS[2].0];
pub(crate) const FORMAT_NAMES: &[&str] = &[NAMES[0].0, NAMES[1].0];

const MEDIA_TYPES: &[(&str, Kind)] = &[
    ("text/csv", Kind::Csv),
    ("application/x-ndjson", Kind::Ndjson),
    ("application/ndjson", Kind::Ndjson),
    ("application/jsonl", Kind::Ndjson),
];

impl Format {
    /// Returns the format named by the parameter `format`, or else the one that the client prefers.
    /// The default is CSV.
    pub(super) fn wanted(query: &Query, request: &HttpRequest, v: &mut Validation) -> Option<Self> {
        let kind = if query.has("format") {
            named("format", NAMES, query, v)?
        } else {
            accepted(request, MEDIA_TYPES).unwrap_or(Kind::Csv)
        };
        let delimiter = named("delimiter", DELIMITERS, query, v);
        let has_bom = named("bom", SWITCH, query, v);
        if kind == Kind::Csv {
            let (delimiter, has_bom) = (delimiter.unwrap_or(b','), has_bom.unwrap_or_default());
            return Some(Self::Csv(Style { delimiter, has_bom }));
        }
        for name in ["delimiter", "bom"] {
            if query.has(name) {
                v.problem(name, "only applies to CSV; omit it, or set format=csv");
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

    /// Returns the text before the first case.
    pub(super) fn head(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Csv(style) => csv::head(style),
            Self::Ndjson => Ok(Vec::new()),
        }
    }

    /// Formats some cases.
    pub(super) fn lines(
        self,
        cases: impl Iterator<Item = ExportedCaseBody>,
    ) -> io::Result<Vec<u8>> {
        match self {
            Self::Csv(style) => csv::rows(cases, style),
            Self::Ndjson => {
                let mut text = Vec::new();
                for case in cases {
                    serde_json::to_writer(&mut text, &case)?;
                    text.push(b'\n');
                }
                Ok(text)
            }
        }
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
    fn delimiter_and_byte_order_mark_can_be_chosen_for_csv_only() {
        let csv = |delimiter, has_bom| Some(Format::Csv(Style { delimiter, has_bom }));
        for (query, expected) in [
            ("", csv(b',', false)),
            ("delimiter=;&bom=TRUE", csv(b';', true)),
            ("delimiter=%3B&bom=false", csv(b';', false)),
            ("delimiter=tab", csv(b'\t', false)),
            ("delimiter=%7C", None),
            ("bom=yes", None),
            ("format=ndjson&bom=true", None),
            ("format=ndjson&delimiter=;", None),
        ] {
            assert_eq!(read(query, &[]), expected, "{query}");
        }
    }

    #[test]
    fn the_parameter_overrides_the_accept_header_and_csv_is_the_default() {
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
