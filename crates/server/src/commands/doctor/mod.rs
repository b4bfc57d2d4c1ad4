//! Command that checks an installation and tells what to do.

mod checks;
mod finding;
mod mail_dns;

use std::path::Path;

use anyhow::ensure;
use engage_domain::EmailAddress;

use self::finding::{Finding, Outcome};
use self::mail_dns::Selector;
use super::examine;
use super::output::{ListOptions, print, print_json};

#[derive(clap::Args)]
pub(crate) struct DoctorOptions {
    #[command(flatten)]
    output: ListOptions,
    /// Send a test message to this address.
    #[arg(long, value_name = "ADDRESS")]
    mail_to: Option<EmailAddress>,
    /// Also check the DKIM key of this selector (the value of s= in the DKIM-Signature of an
    /// e-mail). May be repeated.
    #[arg(long = "dkim-selector", value_name = "SELECTOR")]
    dkim_selectors: Vec<Selector>,
}

pub(crate) async fn run(config: Option<&Path>, options: &DoctorOptions) -> anyhow::Result<()> {
    let findings = findings(config, options).await;
    if options.output.json {
        print_json(findings.iter().map(Finding::as_json).collect())?;
    } else {
        findings.iter().try_for_each(|finding| print(&finding.line()))?;
    }
    let failed = findings.iter().filter(|finding| finding.outcome == Outcome::Failed).count();
    ensure!(failed == 0, "{failed} of {} checks failed", findings.len());
    Ok(())
}

async fn findings(config: Option<&Path>, options: &DoctorOptions) -> Vec<Finding> {
    let examined = match examine(config) {
        Ok(examined) => examined,
        Err(error) => return vec![Finding::of("settings", Err(error))],
    };
    if !examined.problems.is_empty() {
        let problems = examined.problems.into_iter();
        return problems.map(|problem| Finding::failed("settings", problem.told)).collect();
    }
    let mut findings = vec![Finding::ok("settings", "valid")];
    findings.extend(checks::all(&examined.settings, options.mail_to.as_ref()).await);
    findings.extend(mail_dns::check(&examined.settings, &options.dkim_selectors).await);
    findings
}
