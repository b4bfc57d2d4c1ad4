//! The book, as the program serves it. A build without `BOOK_DIR` has none.

use reqwest::Method;

use crate::support::{Response, Server, Workspace};

async fn server() -> Server {
    Server::start_in(&Workspace::new(), &[]).await
}

#[cfg(not(has_book))]
#[tokio::test]
async fn a_build_without_the_book_says_so() {
    let server = server().await;
    for path in ["/book", "/book/", "/book/index.html"] {
        let response = Response::to(server.request(Method::GET, path)).await;
        let error = response.body["error"].as_str().unwrap();
        assert!(error.contains("does not include the book"), "{error}");
        response.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn the_book_can_only_be_read() {
    let server = server().await;
    for path in ["/book", "/book/", "/book/decisions/index.html"] {
        let response = Response::to(server.request(Method::POST, path)).await;
        assert_eq!(response.header("allow"), Some("GET, HEAD"), "{path}");
        response.refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[cfg(has_book)]
mod built {
    use std::collections::{BTreeMap, BTreeSet};

    use reqwest::Url;

    use super::{Method, Response, Server, server};
    use crate::support::send;

    /// A tag of a page: its name and attributes.
    type Tag<'a> = (&'a str, BTreeMap<&'a str, &'a str>);

    /// Returns the opening tags of a page. Text never contains `<`.
    fn tags(html: &str) -> Vec<Tag<'_>> {
        let tags = html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap());
        let tags = tags.filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()));
        tags.map(|tag| {
            let name = tag.split_whitespace().next().unwrap_or(tag);
            let pairs = tag.split('"').collect::<Vec<_>>();
            let attributes = pairs.chunks_exact(2).map(|pair| {
                let (_, attribute) = pair[0].trim_end_matches('=').rsplit_once(' ').unwrap();
                (attribute, pair[1])
            });
            (name, attributes.collect())
        })
        .collect()
    }

    /// What a crawl of the book found.
    #[derive(Default)]
    struct Found {
        /// Anchors of each file.
        anchors: BTreeMap<String, BTreeSet<String>>,
        /// Links with the page that they are on.
        links: Vec<(String, Url)>,
        /// Files that a page loads from another host.
        foreign: Vec<(String, String)>,
    }

    impl Found {
        /// Reads a file, and returns the paths that it leads to.
        fn read(&mut self, url: &Url, html: &str) -> Vec<Url> {
            let (page, mut next, mut anchors) =
                (url.path().to_owned(), Vec::new(), BTreeSet::new());
            for (name, attributes) in tags(html) {
                anchors.extend(attributes.get("id").map(|&id| id.to_owned()));
                for attribute in ["href", "src"] {
                    let Some(link) = attributes.get(attribute) else { continue };
                    let target = url.join(&link.replace("&amp;", "&")).unwrap();
                    if target.origin() == url.origin() {
                        self.links.push((page.clone(), target.clone()));
                        next.push(target);
                    } else if name != "a" {
                        self.foreign.push((page.clone(), target.to_string()));
                    }
                }
            }
            self.anchors.insert(page, anchors);
            next
        }

        /// Returns the links to files or anchors that do not exist.
        fn broken(&self) -> BTreeSet<String> {
            let is_broken = |(_, target): &&(String, Url)| {
                let anchors = self.anchors.get(target.path());
                let anchor = target.fragment().filter(|fragment| !fragment.is_empty());
                anchors.is_none_or(|known| anchor.is_some_and(|anchor| !known.contains(anchor)))
            };
            let broken = self.links.iter().filter(is_broken);
            broken.map(|(page, target)| format!("{page}: {target}")).collect()
        }
    }

    async fn crawl(server: &Server) -> Found {
        let (mut found, mut seen) = (Found::default(), BTreeSet::new());
        let mut next = vec![Url::parse(&format!("http://{}/book/", server.address())).unwrap()];
        while let Some(url) = next.pop() {
            if !seen.insert(url.path().to_owned()) {
                continue;
            }
            let exchange = send(server.request(Method::GET, url.path())).await;
            if exchange.status != 200 {
                continue;
            }
            let is_page = exchange.headers["content-type"] == "text/html; charset=utf-8";
            if is_page {
                next.extend(found.read(&url, &exchange.text()));
            } else {
                found.anchors.insert(url.path().to_owned(), BTreeSet::new());
            }
        }
        found
    }

    #[tokio::test]
    async fn every_link_leads_to_an_existing_file_and_heading_of_this_server() {
        let found = crawl(&server().await).await;
        assert!(found.anchors.len() > 60, "only {} files", found.anchors.len());
        assert!(found.links.len() > 1000, "only {} links", found.links.len());
        assert_eq!(found.broken(), BTreeSet::new());
        assert_eq!(found.foreign, []);
    }

    #[tokio::test]
    async fn every_page_has_a_strict_policy_and_a_version() {
        let server = server().await;
        let page = send(server.request(Method::GET, "/book/decisions/")).await;
        let header = |name: &str| page.headers[name].to_str().unwrap();
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("cache-control"), "no-cache");
        let policy = header("content-security-policy");
        for rule in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        let request = server.request(Method::GET, "/book/decisions/");
        let again = send(request.header("If-None-Match", header("etag"))).await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.headers["content-security-policy"], policy);
    }

    #[tokio::test]
    async fn a_page_is_compressed_if_the_client_accepts_it() {
        let server = server().await;
        let plain = send(server.request(Method::GET, "/book/")).await;
        assert!(!plain.headers.contains_key("content-encoding"));
        let size = plain.body.len();
        assert!(plain.text().contains("This is its documentation"));
        let accepting = |method| {
            server.request(method, "/book/").header("Accept-Encoding", "gzip, deflate, br")
        };
        let compressed = send(accepting(Method::GET)).await;
        assert_eq!(compressed.headers["content-encoding"], "gzip");
        assert!(compressed.body.starts_with(&[0x1f, 0x8b]) && compressed.body.len() < size / 2);
        let head = send(accepting(Method::HEAD)).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.headers["content-length"], compressed.body.len().to_string());
    }

    #[tokio::test]
    async fn the_book_without_a_slash_redirects_and_unknown_pages_are_not_found() {
        let server = server().await;
        let response = send(server.request(Method::GET, "/book")).await;
        assert_eq!(response.status, 308);
        assert_eq!(response.headers["location"], "book/");
        for path in ["/book/missing.html", "/book/..%2fengage.toml", "/book/print.html"] {
            Response::to(server.request(Method::GET, path)).await.refused(404, "NOT_FOUND");
        }
    }
}
