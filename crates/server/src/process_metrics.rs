//! Metrics of the process itself, named as in Prometheus' own client libraries.
//!
//! They are written separately from those of the recorder, whose counters are integers, since CPU
//! seconds are not.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use metrics::{describe_gauge, gauge};
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// Registers the build information of the program.
pub(crate) fn begin() {
    const BUILD_INFO: &str = "engage_build_info";
    describe_gauge!(BUILD_INFO, "Always 1; the labels identify the running program.");
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1);
}

/// Process information from `/proc/<pid>/stat` (`proc_pid_stat(5)`).
#[derive(Debug, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    threads: u64,
    /// Seconds since the system was booted.
    started_at: f64,
    virtual_bytes: u64,
    resident_bytes: u64,
}

impl Stat {
    fn read(text: &str) -> Option<Self> {
        // The second field is the program's name in parentheses. It may contain any character.
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        // The documentation numbers fields from 1, and the first one here is the third.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let page = u64::try_from(page_size()).ok()?;
        Some(Self {
            cpu_seconds: seconds(field(14)? + field(15)?),
            threads: field(20)?,
            started_at: seconds(field(22)?),
            virtual_bytes: field(23)?,
            resident_bytes: field(24)? * page,
        })
    }
}

/// Converts clock ticks to seconds. Exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / clock_ticks_per_second() as f64
}

/// Renders the metrics of this process. Returns an empty text if the system does not provide them.
pub(crate) fn render() -> String {
    render_from(Path::new("/proc")).unwrap_or_default()
}

fn render_from(proc: &Path) -> Option<String> {
    let own = proc.join("self");
    let stat = Stat::read(&fs::read_to_string(own.join("stat")).ok()?)?;
    let system = fs::read_to_string(proc.join("stat")).ok()?;
    let booted = system.lines().find_map(|line| line.strip_prefix("btime "));
    let booted: f64 = booted?.trim().parse().ok()?;
    // Reading the folder opens one descriptor itself.
    let open_files = fs::read_dir(own.join("fd")).ok()?.count().saturating_sub(1);
    let mut text = String::new();
    let mut write = |kind: &str, name: &str, help: &str, value: f64| {
        // Writing to a String does not fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n\n");
    };
    write(
        "counter",
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
        stat.cpu_seconds,
    );
    write(
        "gauge",
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        booted + stat.started_at,
    );
    write(
        "gauge",
        "process_resident_memory_bytes",
        "Resident memory size in bytes.",
        whole(stat.resident_bytes),
    );
    write(
        "gauge",
        "process_virtual_memory_bytes",
        "Virtual memory size in bytes.",
        whole(stat.virtual_bytes),
    );
    write("gauge", "process_threads", "Number of OS threads in the process.", whole(stat.threads));
    write(
        "gauge",
        "process_open_fds",
        "Number of open file descriptors.",
        whole(u64::try_from(open_files).ok()?),
    );
    // Without a limit, the metric is omitted.
    if let Some(most) = getrlimit(Resource::Nofile).current {
        write("gauge", "process_max_fds", "Maximum number of open file descriptors.", whole(most));
    }
    Some(text)
}

/// Converts a count to a sample. Exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn whole(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat_of(name: &str) -> String {
        // 14 and 15 are the CPU time, 20 the threads, 22 the start, 23 and 24 the memory.
        format!("4711 ({name}) S 1 1 1 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 7 0 1000 8192 3 18")
    }

    #[test]
    fn fields_are_found_after_any_program_name() {
        for name in ["engage", "a b", "a) R 1 2 (b", "))"] {
            let stat = Stat::read(&stat_of(name)).unwrap();
            assert!((stat.cpu_seconds - seconds(300)).abs() < f64::EPSILON, "{name}");
            assert_eq!((stat.threads, stat.virtual_bytes), (7, 8192), "{name}");
            assert_eq!(stat.resident_bytes, 3 * u64::try_from(page_size()).unwrap(), "{name}");
        }
    }

    #[test]
    fn truncated_or_malformed_input_is_ignored() {
        for text in ["", "4711 (engage", "4711 (engage) S 1 2", "1 (x) S a b c d e f g h i j k l m"]
        {
            assert_eq!(Stat::read(text), None, "{text}");
        }
        assert_eq!(render_from(Path::new("/nowhere")), None);
    }
}
