//! Renders every template with sample data for review.

use engage_domain::Template;
use engage_notifier::{EmailContent, MessageRenderer as _, RenderError};

use crate::{Templates, samples};

/// A template rendered for each channel that supports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The template.
    pub template: Template,
    /// The e-mail, if the template can be sent by e-mail.
    pub email: Option<EmailContent>,
    /// The text message, if the template can be sent by SMS.
    pub sms: Option<String>,
}

/// A file of the preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFile {
    /// File name in lower-case letters, hyphens and dots, such as `case-received-customer.html`.
    pub name: String,
    /// Contents in UTF-8.
    pub contents: String,
}

impl Templates {
    /// Renders every template for each channel it supports, with sample data of a matching event.
    ///
    /// Fails if a template cannot be rendered, which is a bug in that template.
    pub fn previews(&self) -> Result<Vec<Preview>, RenderError> {
        Template::ALL.iter().map(|&template| self.preview(template)).collect()
    }

    fn preview(&self, template: Template) -> Result<Preview, RenderError> {
        let sample = samples::sample(template);
        Ok(Preview {
            template,
            email: where_it_is_for(self.render_email(
                template,
                &sample,
                &samples::access(template, self.brand.public_url.as_ref()),
            ))?,
            sms: where_it_is_for(self.render_sms(template, &sample))?,
        })
    }

    /// Renders the previews as files for a folder. `<template>.html` is the HTML part of an e-mail,
    /// `<template>.txt` its subject and plain text, `<template>.sms.txt` the text message.
    /// `index.html` links to all of them.
    ///
    /// Fails if a template cannot be rendered, which is a bug in that template.
    pub fn preview_files(&self) -> Result<Vec<PreviewFile>, RenderError> {
        let mut files = Vec::new();
        let mut add = |name, contents| files.push(PreviewFile { name, contents });
        let previews = self.previews()?;
        let index = index(&previews);
        for Preview { template, email, sms } in previews {
            if let Some(EmailContent { subject, text, html, .. }) = email {
                add(format!("{template}.html"), html);
                add(format!("{template}.txt"), format!("Subject: {subject}\n\n{text}\n"));
            }
            if let Some(text) = sms {
                add(format!("{template}.sms.txt"), format!("{text}\n"));
            }
        }
        files.insert(0, PreviewFile { name: "index.html".to_owned(), contents: index });
        Ok(files)
    }
}

fn where_it_is_for<T>(rendered: Result<T, RenderError>) -> Result<Option<T>, RenderError> {
    match rendered {
        Ok(content) => Ok(Some(content)),
        Err(RenderError::WrongChannel(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Builds a page that lists the templates with their subjects and files.
fn index(previews: &[Preview]) -> String {
    let rows: String = previews.iter().map(row).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Messages</title>\n</head>\n<body style=\"font-family:sans-serif\">\n\
         <h1>Messages</h1>\n<table cellpadding=\"6\">\n<tr align=\"left\"><th>Template</th>\
         <th>Subject or text</th><th>Files</th></tr>\n{rows}</table>\n</body>\n</html>\n"
    )
}

fn row(preview: &Preview) -> String {
    let Preview { template, email, sms } = preview;
    let says = email.as_ref().map(|email| &email.subject).or(sms.as_ref());
    let says = says.map_or_else(String::new, |text| escaped(text));
    // File names are built from template names, so nothing in them needs escaping.
    let link = |ending: &str, label: &str| format!("<a href=\"{template}.{ending}\">{label}</a> ");
    let mut links = String::new();
    if email.is_some() {
        links += &link("html", "HTML");
        links += &link("txt", "plain text");
    }
    if sms.is_some() {
        links += &link("sms.txt", "text message");
    }
    format!("<tr><td>{template}</td><td>{says}</td><td>{}</td></tr>\n", links.trim_end())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
