"""A browser that is driven by the WebDriver protocol, using only Python's standard library."""

import json
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = 20
OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=900,1400",
]


def ask(method, url, body=None):
    """Sends JSON and returns the status and the JSON of the response."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, method=method, data=data, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or "null")


def until(what, look):
    """Polls until there is a result."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"never: {what}")


class Browser:
    """A browser window that saves downloads in a folder."""

    def __init__(self, port, downloads):
        self._profile = tempfile.TemporaryDirectory()
        self._driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        options = OPTIONS + [f"--user-data-dir={self._profile.name}"]
        wanted = {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "args": options,
                "prefs": {"download.default_directory": str(downloads)},
            },
        }
        base = f"http://127.0.0.1:{port}"
        until("the driver responds", lambda: self._is_up(base))
        status, answer = ask("POST", f"{base}/session", {"capabilities": {"alwaysMatch": wanted}})
        assert status == 200, answer
        self._session = f"{base}/session/{answer['value']['sessionId']}"

    @staticmethod
    def _is_up(base):
        try:
            return ask("GET", f"{base}/status")[0] == 200
        except OSError:
            return False

    def close(self):
        ask("DELETE", self._session)
        self._driver.kill()
        self._driver.wait()
        self._profile.cleanup()

    def _do(self, method, path, body=None):
        status, answer = ask(method, self._session + path, body)
        assert status == 200, (path, body, answer)
        return answer["value"]

    def visit(self, url):
        # A URL that differs only in its fragment would load nothing.
        self._do("POST", "/url", {"url": "about:blank"})
        self._do("POST", "/url", {"url": url})

    def run(self, script):
        return self._do("POST", "/execute/sync", {"script": script, "args": []})

    def run_until_done(self, script, *arguments):
        """Returns what the script passes to the function that is its last argument."""
        return self._do("POST", "/execute/async", {"script": script, "args": arguments})

    def text(self):
        return self.run("return document.body.innerText")

    def shows(self, text):
        try:
            until(f"the page shows {text!r}", lambda: text in self.text())
        except AssertionError as never:
            raise AssertionError(f"{never}: {self.text()}") from None

    def _element(self, css):
        found = self._do("POST", "/element", {"using": "css selector", "value": css})
        return next(iter(found.values()))

    def click(self, css):
        self._do("POST", f"/element/{self._element(css)}/click", {})

    def write(self, css, text):
        self._do("POST", f"/element/{self._element(css)}/value", {"text": text})

    def command(self, name, **parameters):
        """Sends a command of the Chrome DevTools Protocol, such as `Emulation.setEmulatedMedia`."""
        return self._do("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def console(self):
        """Returns the errors and warnings in the page's console since the last call."""
        log = self._do("POST", "/se/log", {"type": "browser"})
        return [line["message"] for line in log]

    def complaints(self):
        """Returns the lines of the console, except for refused requests, which are expected."""
        return [line for line in self.console() if "Failed to load resource" not in line]
