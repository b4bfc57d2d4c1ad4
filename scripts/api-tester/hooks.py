"""What Schemathesis must not do: end its own access, and with it the test."""

import os

import schemathesis

OWN_ID = os.environ["API_TESTER_ID"]


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Turns from itself to another member of staff, whom it finds in the list like itself."""
    parameters = case.path_parameters
    if parameters and str(parameters.get("staffId", "")).strip().lower() == OWN_ID:
        parameters["staffId"] = "staff-456"
