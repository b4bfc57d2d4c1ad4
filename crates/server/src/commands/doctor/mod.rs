//! Command that checks an installation and tells what to do.

mod checks;
mod finding;

use std::path::Path;

use anyhow::ensure;

use self::finding::{Finding, Outcome};
use super::examine;
use super::output::{ListOptions, print, print_json};

pub(crate) async fn run(config: Option<&Path>, options: &ListOptions) -> anyhow::Result<()> {
    let findings = findings(config).await;
    if options.json {
        print_json(findings.iter().map(Finding::as_json).collect())?;
    } else {
        findings.iter().try_for_each(|finding| print(&finding.line()))?;
    }
    let failed = findings.iter().filter(|finding| finding.outcome == Outcome::Failed).count();
    ensure!(failed == 0, "{failed} of {} checks failed", findings.len());
    Ok(())
}

async fn findings(config: Option<&Path>) -> Vec<Finding> {
    let examined = match examine(config) {
        Ok(examined) => examined,
        Err(error) => return vec![Finding::of("settings", Err(error))],
    };
    if !examined.problems.is_empty() {
        let problems = examined.problems.into_iter();
        return problems.map(|problem| Finding::failed("settings", problem.told)).collect();
    }
    let mut findings = vec![Finding::ok("settings", "valid")];
    findings.extend(checks::all(&examined.settings).await);
    findings
}
