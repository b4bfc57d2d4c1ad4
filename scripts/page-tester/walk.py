"""Uses the page at /support as a customer: walk.py URL FOLDER MODE.

FOLDER is the working directory of the server, with its e-mails below. MODE is `customers.access`.
"""

import email
import email.policy
import pathlib
import re
import sys

from browser import Browser, ask, until

DRIVER_PORT = 9977
CODE = r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"

base, folder, mode = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]


def mail_to(address, heading):
    """Waits for an e-mail and returns its text. All e-mails about a case have the same subject."""
    def find():
        for file in sorted((folder / "var/mail").glob("*.eml")):
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            text = mail.get_body(("plain",)).get_content()
            if address in mail["to"] and heading in text:
                return text
        return None
    return until(f"an e-mail to {address}: {heading}", find)


def open_case(address):
    case = {"name": "John Doe", "email": address, "urgency": "HIGH", "subject": "No access",
            "message": "Since today."}
    status, answer = ask("POST", f"{base}/api/support/case", case)
    assert status == 200, answer
    return answer["caseNumber"]


def follow_the_link(browser):
    number = open_case("john@example.com")
    text = mail_to("john@example.com", "We've received your request")
    browser.visit(re.search(r"http\S+#\S+", text).group(0))
    browser.shows(f"Case {number}")
    browser.shows("in our queue")
    browser.shows("Since today.")
    keeps_the_token_to_itself(browser, number)
    return number


def keeps_the_token_to_itself(browser, number):
    address = browser.run("return location.href")
    assert address.endswith(f"#{number}") and "cat_" not in address, address
    browser.run("location.reload()")
    browser.shows(f"Case {number}")
    browser.shows("in our queue")


def reply_with_a_file(browser):
    words = "Any <script>document.title = 'hacked'</script> news?"
    file = folder / "screen shot.txt"
    file.write_text("It says 403.")
    browser.write("#reply-message", words)
    browser.write("#reply-files", str(file))
    browser.click("#reply-form button[type=submit]")
    browser.shows("received your message")
    browser.shows("You")
    browser.shows(words)
    browser.click(".files button")
    saved = folder / "downloads/screen shot.txt"
    until("the file is saved", lambda: saved.exists() and saved.read_text() == "It says 403.")


def escalate_and_cancel(browser):
    browser.click("#escalate summary")
    browser.click("#escalate-form button")
    browser.shows("Please fill this in.")
    browser.write("#escalate-reason", "We cannot work.")
    browser.click("#escalate-form button")
    browser.shows("alerted the team")
    browser.shows("Critical")
    browser.click("#escalate summary")
    browser.write("#escalate-reason", "Still.")
    browser.click("#escalate-form button")
    browser.shows("too many requests")
    browser.click("#cancel summary")
    browser.write("#cancel-reason", "It works again.")
    browser.click("#cancel-form button")
    browser.shows("Your case has been cancelled")
    assert not browser.run("return document.getElementById('reply').checkVisibility()")


def find_without_a_link(browser):
    number = open_case("ann@example.com")
    browser.visit(f"{base}/support")
    browser.shows("Find your case")
    browser.write("#find-number", number.lower())
    if mode != "case-number":
        browser.write("#find-email", "ann@example.com")
    browser.click("#find-submit")
    if mode == "token":
        browser.shows("Enter your code")
        browser.write("#code-code", "AAAA-AAAA")
        browser.click("#code-form button[type=submit]")
        browser.shows("This code is wrong or has expired")
        browser.run("document.getElementById('code-code').value = ''")
        code = re.search(CODE, mail_to("ann@example.com", "Your access code")).group(0)
        browser.write("#code-code", code.lower())
        browser.click("#code-form button[type=submit]")
    browser.shows(f"Case {number}")
    assert "cat_" not in browser.run("return location.href")


def leave_as_a_participant(browser):
    case = {"name": "John Doe", "email": "joe@example.com", "subject": "No access", "message": "Since today."}
    opened = ask("POST", f"{base}/api/support/case", case)[1]
    number = opened["caseNumber"]
    proof = {"caseNumber": number, "accessToken": opened["accessToken"]}
    paths = f"{base}/api/support/case"
    added = ask("POST", f"{paths}/participants", proof | {"participantEmail": "ben@example.com"})
    assert added[0] == 200, added
    claim = {"caseNumber": number, "email": "ben@example.com"}
    ask("POST", f"{paths}/access", claim)
    code = re.search(CODE, mail_to("ben@example.com", "Your access code")).group(0)
    token = ask("POST", f"{paths}/access/redeem", claim | {"code": code})[1]["accessToken"]
    browser.visit(f"{base}/support#{number}/{token}")
    browser.shows(f"Case {number}")
    assert "Since today." not in browser.text(), "it was written before"
    for action in ["escalate", "cancel"]:
        assert not browser.run(f"return document.getElementById('{action}').checkVisibility()")
    browser.click("#leave summary")
    browser.click("#leave-form button")
    browser.shows("You've left this case")
    browser.click("#return-form button")
    browser.shows("Welcome back")
    browser.write("#reply-message", "It fails for me, too.")
    browser.click("#reply-form button[type=submit]")
    browser.shows("received your message")


def a_link_that_is_wrong(browser, number):
    browser.visit(f"{base}/support#{number}/cat_wrong")
    browser.shows("This link has expired")


def the_page_of_the_api(browser):
    browser.visit(f"{base}/docs")
    browser.shows("/api/support/case")


(folder / "downloads").mkdir()
window = Browser(DRIVER_PORT, folder / "downloads")
try:
    case_number = follow_the_link(window)
    reply_with_a_file(window)
    escalate_and_cancel(window)
    find_without_a_link(window)
    leave_as_a_participant(window)
    a_link_that_is_wrong(window, case_number)
    the_page_of_the_api(window)
    assert window.complaints() == [], window.complaints()
finally:
    window.close()
print(f"test-page: passed ({mode})", file=sys.stderr)
