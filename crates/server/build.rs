//! Packs the book, which `make book` builds, if the environment variable `BOOK_DIR` names its folder.
//! Otherwise the program has no book, so that plain `cargo build` needs no mdBook.
//!
//! The variable does not begin with `ENGAGE_`, as settings do, because `cargo run` passes it on.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Limit for the compressed files together.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// Content types by extension.
const TYPES: [(&str, &str); 4] = [
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=BOOK_DIR");
    println!("cargo::rustc-check-cfg=cfg(has_book)");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut entries = String::new();
    if let Some(book) = env::var_os("BOOK_DIR").filter(|book| !book.is_empty()).map(PathBuf::from) {
        if !book.is_absolute() {
            return Err(format!("BOOK_DIR must be an absolute path: {}", book.display()).into());
        }
        println!("cargo::rerun-if-changed={}", book.display());
        println!("cargo::rustc-cfg=has_book");
        entries = pack(&book, &out)?;
    }
    let files = format!("const FILES: &[BookFile] = &[\n{entries}];\n");
    Ok(fs::write(out.join("book.rs"), files)?)
}

/// Writes the compressed files of the book to a folder. Returns their entries, sorted by path.
fn pack(book: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    let mut paths = Vec::new();
    collect(book, "", &mut paths)?;
    paths.sort_unstable();
    if paths.is_empty() {
        return Err(format!("{} has no files", book.display()).into());
    }
    let (mut entries, mut size) = (String::new(), 0);
    for (index, path) in paths.iter().enumerate() {
        let content_type = content_type(path)?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(book.join(path))?)?;
        let gzip = encoder.finish()?;
        size += gzip.len();
        fs::write(out.join(format!("book-{index}.gz")), gzip)?;
        writeln!(
            entries,
            "BookFile {{ path: {path:?}, content_type: {content_type:?}, \
             gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/book-{index}.gz\")) }},"
        )?;
    }
    if size > MOST_BYTES {
        return Err(format!("the book has {size} bytes, of at most {MOST_BYTES}").into());
    }
    Ok(entries)
}

/// Collects the paths of all files below a folder, with `/` between their parts.
fn collect(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| "a file name is not UTF-8")?;
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

fn content_type(path: &str) -> Result<&'static str, String> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let known = TYPES.iter().find(|(known, _)| *known == extension);
    known.map(|(_, kind)| *kind).ok_or_else(|| format!("{path} has no known content type"))
}
