//! A Node.js or Python process that runs code of the documentation, one block after the other.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Map, Value, json};

use super::wait::PATIENCE;

/// Reads a line with code and variables, runs the code, and writes a line with its `result`.
const NODE: &str = r#"
console.log = console.error;
const lines = require("node:readline").createInterface({ input: process.stdin });
const AsyncFunction = (async () => {}).constructor;
(async () => {
  for await (const line of lines) {
    const { code, variables } = JSON.parse(line);
    const end = '\nreturn typeof result === "undefined" ? null : result;';
    let reply;
    try {
      const run = new AsyncFunction(...Object.keys(variables), code + end);
      reply = { result: await run(...Object.values(variables)) };
    } catch (error) {
      reply = { error: `${error.stack} ${error.cause ?? ""}` };
    }
    process.stdout.write(JSON.stringify(reply) + "\n");
  }
})();
"#;

/// The same for Python. Names remain defined for the blocks that follow.
const PYTHON: &str = r#"
import json, sys, traceback
replies, sys.stdout = sys.stdout, sys.stderr
scope = {"__name__": "example"}
for line in sys.stdin:
    request = json.loads(line)
    scope.pop("result", None)
    scope.update(request["variables"])
    try:
        exec(request["code"], scope)
        reply = {"result": scope.get("result")}
    except Exception:
        reply = {"error": traceback.format_exc()}
    print(json.dumps(reply), file=replies, flush=True)
"#;

/// An interpreter that is killed on drop.
pub(crate) struct Interpreter {
    child: Child,
    input: ChildStdin,
    replies: Receiver<String>,
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Interpreter {
    /// Starts the interpreter of a language in a folder, with variables in its environment.
    pub(crate) fn start(language: &str, folder: &Path, environment: &[(&str, String)]) -> Self {
        let mut command = match language {
            "js" | "javascript" => Command::new("node"),
            "python" => Command::new(python()),
            _ => panic!("no interpreter of {language}"),
        };
        match language {
            "python" => command.args(["-c", PYTHON]),
            _ => command.args(["-e", NODE]),
        };
        let mut child = command
            .current_dir(folder)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            // The server is on this machine, whatever proxy the environment names.
            .env("no_proxy", "*")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{language}: {error}"));
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (replies, received) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if replies.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, input, replies: received }
    }

    /// Runs code with variables, and returns its `result`.
    pub(crate) fn run(&mut self, code: &str, variables: &[(&str, String)]) -> Value {
        let variables: Map<String, Value> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let request = json!({ "code": code, "variables": variables });
        writeln!(self.input, "{request}").expect("a running interpreter");
        let reply = self.replies.recv_timeout(PATIENCE);
        let reply = reply.unwrap_or_else(|error| panic!("{error} after\n{code}"));
        let mut reply: Value = serde_json::from_str(&reply).unwrap();
        assert_eq!(reply["error"], Value::Null, "{code}\nfails with {}", reply["error"]);
        reply["result"].take()
    }
}

/// Returns a Python that has the package `requests`: the one of the API testers, or the machine's.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_engage")).ancestors().nth(2).unwrap();
    let testers = target.join("api-tester/bin/python");
    let candidates = [testers, PathBuf::from("python3")];
    let has_requests = |python: &PathBuf| {
        let mut tried = Command::new(python);
        tried.args(["-c", "import requests"]).stderr(Stdio::null());
        tried.status().is_ok_and(|status| status.success())
    };
    let found = candidates.into_iter().find(has_requests);
    found.expect("Python with requests: run scripts/ensure-api-tester.sh")
}
