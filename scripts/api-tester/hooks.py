"""Makes the generated requests of Schemathesis more effective, and keeps it from locking itself out."""

import itertools
import os

import schemathesis

OWN_ID = os.environ["API_TESTER_ID"]
CASES = os.environ["API_TESTER_CASES"].split()

# Case numbers in the examples of the description. Cases of the server have numbers of this year.
EXAMPLE_CASES = ("CW-2025-001", "CW-2025-002")
EXAMPLE_MEMBER = "staff-456"

requests = itertools.count()


@schemathesis.hook
def before_call(context, case, **kwargs):
    number = next(requests)
    path = case.path_parameters
    if isinstance(path, dict):
        keep_access(case, path)
        if path.get("caseNumber") in EXAMPLE_CASES:
            path["caseNumber"] = existing(number)
    if isinstance(case.body, dict):
        case.body = with_existing_cases(case.body, number)


def keep_access(case, path):
    """Redirects requests that would end the tester's own access, whose ID it finds in the list."""
    if str(path.get("staffId", "")).strip().lower() == OWN_ID:
        path["staffId"] = EXAMPLE_MEMBER
    # A former member gets no tokens and no cases, so the member of the examples is not deactivated.
    if case.path.endswith("/deactivate") and path.get("staffId") == EXAMPLE_MEMBER:
        path["staffId"] = "leaver"


def existing(number):
    return CASES[number % len(CASES)]


def with_existing_cases(body, number):
    body = dict(body)
    if body.get("caseNumber") in EXAMPLE_CASES:
        body["caseNumber"] = existing(number)
    many = body.get("caseNumbers")
    if isinstance(many, list):
        body["caseNumbers"] = [
            existing(number + place) if one in EXAMPLE_CASES else one
            for place, one in enumerate(many)
        ]
    return body
