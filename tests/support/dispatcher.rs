//! A process that only delivers notifications.

use std::net::SocketAddr;
use std::process::{Child, Stdio};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::{Exchange, Response, Workspace, eventually, listens_at, send};

/// A running `engage dispatch` that is killed on drop.
pub(crate) struct Dispatcher {
    child: Child,
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Dispatcher {
    pub(crate) fn start(workspace: &Workspace) -> Self {
        let mut command = workspace.command(&["dispatch"]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        Self { child: command.spawn().expect("the program starts") }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.response(path, self.request(Method::GET, path).await).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.response(path, self.request(Method::POST, path).await.json(body)).await
    }

    async fn response(&self, path: &str, request: RequestBuilder) -> Response {
        // A dispatcher serves none of the described API.
        let is_served = !path.starts_with("/api/");
        if is_served { Response::to(request).await } else { Exchange::of(request).await.into() }
    }

    /// Returns the text of a response that is not JSON.
    pub(crate) async fn text(&self, path: &str) -> String {
        let response = send(self.request(Method::GET, path).await).await;
        assert_eq!(response.status, 200);
        response.text()
    }

    async fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address: SocketAddr =
            eventually("the program listens", || listens_at(self.child.id())).await;
        let client = Client::builder().no_proxy().build().unwrap();
        client.request(method, format!("http://{address}{path}"))
    }

    /// Asks the process to stop, and returns its exit code.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success());
        let ended = eventually("its end", || self.child.try_wait().unwrap()).await;
        ended.code()
    }
}
