//! Logging to standard error, one line per record.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anyhow::Context;
use engage::application::TRACE_TARGET;
use tracing_subscriber::filter::{FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::settings::{LogFormat, LogSettings};
use crate::traces::SpanLayer;

/// Starts to log, and to collect spans if a layer is given.
pub(crate) fn start(settings: &LogSettings, spans: Option<SpanLayer>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter)
        .with_context(|| format!("log.filter is not a valid filter: {}", settings.filter))?;
    let is_record = filter_fn(|metadata| metadata.target() != TRACE_TARGET);
    let filter = filter.and(is_record.with_max_level_hint(LevelFilter::TRACE));
    let records = fmt::layer::<Registry>();
    let records: SpanLayer = match settings.format {
        LogFormat::Text => {
            let is_coloured = io::stderr().is_terminal();
            let lines = move || Records { lines: io::stderr(), is_coloured };
            let records = records.with_ansi(is_coloured).with_target(false).with_writer(lines);
            records.with_filter(filter).boxed()
        }
        LogFormat::Json => {
            let records = records.with_writer(io::stderr).json().flatten_event(true);
            records.with_span_list(false).with_filter(filter).boxed()
        }
    };
    let mut layers = vec![records];
    layers.extend(spans);
    tracing_subscriber::registry().with(layers).init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let said = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, said, "panic");
    }));
    Ok(())
}

/// A writer that turns each write, which is one record, into one line. Texts from elsewhere, such
/// as a database or a mail server, may contain line breaks.
struct Records<W> {
    lines: W,
    is_coloured: bool,
}

impl<W: Write> Write for Records<W> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.lines.write_all(&one_line(record, self.is_coloured))?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.flush()
    }
}

/// Escapes line breaks and terminal control characters. Colours are preserved on a coloured
/// terminal.
fn one_line(record: &[u8], is_coloured: bool) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(record);
    let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
    let is_escaped = |c: char| match c {
        '\t' => false,
        '\u{1b}' => !is_coloured,
        // Some readers treat line and paragraph separators as line ends.
        c => c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
    };
    if !line.contains(is_escaped) {
        return Cow::Borrowed(record);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in line.chars() {
        if is_escaped(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned((escaped + end).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(record: &str, is_coloured: bool) -> String {
        let mut records = Records { lines: Vec::new(), is_coloured };
        records.write_all(record.as_bytes()).unwrap();
        records.flush().unwrap();
        String::from_utf8(records.lines).unwrap()
    }

    #[test]
    fn a_record_of_several_lines_becomes_one() {
        for (record, line) in [
            ("INFO served status=200\n", "INFO served status=200\n"),
            ("WARN cause=first\nDETAIL: second\r\n\n", "WARN cause=first\\nDETAIL: second\\r\\n\n"),
            ("a\u{2028}b\u{85}c\u{7}d\te\n", "a\\u{2028}b\\u{85}c\\u{7}d\te\n"),
            ("\u{1b}[2J\u{9b}31m forged\n", "\\u{1b}[2J\\u{9b}31m forged\n"),
            ("Größe 😀\n", "Größe 😀\n"),
            ("", ""),
        ] {
            assert_eq!(written(record, false), line);
        }
    }

    #[test]
    fn colours_stay_on_a_terminal() {
        assert_eq!(
            written("\u{1b}[32mINFO\u{1b}[0m a\nb\n", true),
            "\u{1b}[32mINFO\u{1b}[0m a\\nb\n"
        );
    }
}
