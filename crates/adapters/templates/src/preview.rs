//! Every message from sample data, to be looked at.

use engage_domain::Template;
use engage_notifier::{EmailContent, MessageRenderer as _, RenderError};

use crate::{Templates, samples};

/// What one template says by each channel it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The template.
    pub template: Template,
    /// The e-mail, where the template is for that.
    pub email: Option<EmailContent>,
    /// The text message, where the template is for that.
    pub sms: Option<String>,
}

/// A file of the preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFile {
    /// Its name in the folder, of lower-case letters, hyphens and dots, such as
    /// `case-received-customer.html`.
    pub name: String,
    /// What is in it, in UTF-8.
    pub contents: String,
}

impl Templates {
    /// Words every template by every channel it is for, each from sample data of an event that it
    /// is meant for.
    ///
    /// Fails where a template cannot be worded, which is a defect of it.
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
                &samples::access(template),
            ))?,
            sms: where_it_is_for(self.render_sms(template, &sample))?,
        })
    }

    /// The previews as files for a folder: `<template>.html` is the HTML part of an e-mail,
    /// `<template>.txt` its subject and its plain text, `<template>.sms.txt` the text message, and
    /// `index.html` links them all.
    ///
    /// Fails where a template cannot be worded, which is a defect of it.
    pub fn preview_files(&self) -> Result<Vec<PreviewFile>, RenderError> {
        let mut files = Vec::new();
        let mut add = |name, contents| files.push(PreviewFile { name, contents });
        for Preview { template, email, sms } in self.previews()? {
            if let Some(EmailContent { subject, text, html }) = email {
                add(format!("{template}.html"), html);
                add(format!("{template}.txt"), format!("Subject: {subject}\n\n{text}\n"));
            }
            if let Some(text) = sms {
                add(format!("{template}.sms.txt"), format!("{text}\n"));
            }
        }
        let index = index(&files);
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

/// A page of links. The names of files are made of templates' names, so nothing has to be escaped.
fn index(files: &[PreviewFile]) -> String {
    let link = |file: &PreviewFile| format!("<li><a href=\"{0}\">{0}</a></li>\n", file.name);
    let links: String = files.iter().map(link).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Messages</title>\n</head>\n<body>\n<h1>Messages</h1>\n<ul>\n{links}</ul>\n\
         </body>\n</html>\n"
    )
}
