"""Walks through the life of a case with a client that openapi-python-client generates.

It tests both that mypy accepts the code without a cast and that it runs.
"""

import os
import uuid
from io import BytesIO
from typing import TypeVar

from engage_client import AuthenticatedClient, Client
from engage_client.api.cases import (
    assign_case,
    change_cases,
    get_case,
    list_cases,
    update_case,
)
from engage_client.api.customer_cases import (
    cancel_case,
    escalate_case,
    look_up_case,
    open_case,
)
from engage_client.api.events import list_events
from engage_client.api.files import (
    download_attachment,
    download_case_attachment,
    upload_attachments,
)
from engage_client.models.assign_case_response import AssignCaseResponse
from engage_client.models.assign_case_request import AssignCaseRequest
from engage_client.models.attachment_request import AttachmentRequest
from engage_client.models.bulk_action import BulkAction
from engage_client.models.bulk_response import BulkResponse
from engage_client.models.bulk_failure import BulkFailure
from engage_client.models.bulk_request import BulkRequest
from engage_client.models.cancel_case_request import CancelCaseRequest
from engage_client.models.case_details_response import CaseDetailsResponse
from engage_client.models.case_sort import CaseSort
from engage_client.models.case_status import CaseStatus
from engage_client.models.case_status_response import CaseStatusResponse
from engage_client.models.case_status_request import CaseStatusRequest
from engage_client.models.changed_field import ChangedField
from engage_client.models.escalate_case_response import EscalateCaseResponse
from engage_client.models.escalate_case_request import EscalateCaseRequest
from engage_client.models.error_code import ErrorCode
from engage_client.models.event_type import EventType
from engage_client.models.events_response import EventsResponse
from engage_client.models.invalid_transition_error import InvalidTransitionError
from engage_client.models.list_cases_response import ListCasesResponse
from engage_client.models.open_case_response import OpenCaseResponse
from engage_client.models.open_case_request import OpenCaseRequest
from engage_client.models.precondition_failed_error import PreconditionFailedError
from engage_client.models.rate_limited_error import RateLimitedError
from engage_client.models.sort_order import SortOrder
from engage_client.models.update_case_response import UpdateCaseResponse
from engage_client.models.update_case_request import UpdateCaseRequest
from engage_client.models.upload_response import UploadResponse
from engage_client.models.upload_form import UploadForm
from engage_client.models.uploaded_file import UploadedFile
from engage_client.models.urgency import Urgency
from engage_client.models.validation_error import ValidationError
from engage_client.types import UNSET, File, Response

T = TypeVar("T")
R = TypeVar("R")


def of(kind: type[T], response: Response[R]) -> T:
    """Returns the response, which must be of this kind."""
    parsed = response.parsed
    assert isinstance(parsed, kind), f"{response.status_code}: {response.content!r}"
    return parsed


URL = os.environ["ENGAGE_URL"]
anybody = Client(base_url=URL)
staff = AuthenticatedClient(base_url=URL, token=os.environ["ENGAGE_TOKEN"])

# A mark that identifies the cases of this walk.
MARK = f"walk-{uuid.uuid4()}"


def request(subject: str) -> OpenCaseRequest:
    return OpenCaseRequest(
        name="John Doe",
        email="john@example.com",
        subject=subject,
        message=MARK,
        urgency=Urgency.LOW,
    )


def open_another(subject: str) -> str:
    opened = open_case.sync_detailed(client=anybody, body=request(subject))
    return of(OpenCaseResponse, opened).case_number


# Open a case, and repeat the request with the same key.
key = str(uuid.uuid4())
first = open_case.sync_detailed(client=anybody, body=request("No access"), idempotency_key=key)
replay = open_case.sync_detailed(client=anybody, body=request("No access"), idempotency_key=key)
number = of(OpenCaseResponse, first).case_number
assert of(OpenCaseResponse, replay).case_number == number
assert replay.headers["Idempotent-Replayed"] == "true"

# From here on the customer proves that the case is theirs.
customer = AuthenticatedClient(base_url=URL, token=of(OpenCaseResponse, first).access_token)

# The errors of a request are reported field by field.
nobody = OpenCaseRequest(name="", email="nobody", subject="s", message="m")
wrong = of(ValidationError, open_case.sync_detailed(client=anybody, body=nobody))
assert sorted(problem.field for problem in wrong.details.fields) == ["email", "name"]

looked_up = look_up_case.sync_detailed(client=customer, body=CaseStatusRequest(case_number=number))
status = of(CaseStatusResponse, looked_up)
assert (status.case.status, status.case.urgency) == (CaseStatus.OPEN, Urgency.LOW)

# Assign the case if it was not changed in the meantime.
details = get_case.sync_detailed(number, client=staff)
assert of(CaseDetailsResponse, details).case.case_details.status == CaseStatus.OPEN
tag = details.headers["ETag"]


def assign(kind: type[T]) -> T:
    body = AssignCaseRequest(staff_id="staff-456")
    answer = assign_case.sync_detailed(number, client=staff, body=body, if_match=tag)
    return of(kind, answer)


assigned = assign(AssignCaseResponse)
assert assigned.assignment.assigned_to == "staff-456"
assert assign(PreconditionFailedError).details.current_version == assigned.version

# Upload a file, and attach it to an update that waits for the customer.
CONTENT = b"403 Forbidden\n"
form = UploadForm(file=[File(payload=BytesIO(CONTENT), file_name="error.txt", mime_type="text/plain")])
uploaded = of(UploadResponse, upload_attachments.sync_detailed(client=staff, body=form))
(file,) = uploaded.attachments
assert file.size == len(CONTENT)


def update(body: UpdateCaseRequest) -> UpdateCaseResponse:
    return of(UpdateCaseResponse, update_case.sync_detailed(number, client=staff, body=body))


waiting = update(
    UpdateCaseRequest(
        message="Please look at this.",
        status_change=CaseStatus.WAITING_ON_CUSTOMER,
        attachments=[UploadedFile(id=file.id)],
    )
)
assert waiting.status == CaseStatus.WAITING_ON_CUSTOMER

of_staff = of(File, download_attachment.sync_detailed(file.id, client=staff))
assert of_staff.payload.read() == CONTENT
wanted = AttachmentRequest(case_number=number, attachment_id=file.id)
of_customer = of(File, download_case_attachment.sync_detailed(client=customer, body=wanted))
assert of_customer.payload.read() == CONTENT

# Escalate the case. A second time is too soon.
urgent = EscalateCaseRequest(case_number=number, reason="It is urgent.")
escalated = of(EscalateCaseResponse, escalate_case.sync_detailed(client=customer, body=urgent))
assert escalated.new_urgency == Urgency.MEDIUM
again = of(RateLimitedError, escalate_case.sync_detailed(client=customer, body=urgent))
assert again.details.retry_after_seconds > 0

# Resolve the case. A resolved case cannot be cancelled.
assert update(UpdateCaseRequest(message="Done.", status_change=CaseStatus.RESOLVED)).version > 1
over = CancelCaseRequest(case_number=number, reason="It is over.")
late = of(InvalidTransitionError, cancel_case.sync_detailed(client=customer, body=over))
assert late.details.from_ == CaseStatus.RESOLVED and CaseStatus.CLOSED in late.details.allowed

# Close it together with an unknown one.
both = BulkRequest(action=BulkAction.CLOSE, case_numbers=[number, "CW-1999-001"])
bulk = of(BulkResponse, change_cases.sync_detailed(client=staff, body=both))
outcomes = [
    result.code if isinstance(result, BulkFailure) else result.status for result in bulk.results
]
assert outcomes == [CaseStatus.CLOSED, ErrorCode.CASE_NOT_FOUND], outcomes

# Page through the cases of this walk with cursors.
numbers = [number, open_another("Second"), open_another("Third")]
listed: list[str] = []
cursor: str | None = None
while True:
    answer = list_cases.sync_detailed(
        client=staff,
        q=MARK,
        status=[CaseStatus.OPEN, CaseStatus.CLOSED],
        sort_by=CaseSort.CREATEDAT,
        sort_order=SortOrder.ASC,
        limit=2,
        cursor=UNSET if cursor is None else cursor,
    )
    page = of(ListCasesResponse, answer)
    listed += [case.case_number for case in page.cases]
    cursor = page.pagination.next_cursor
    if cursor is None:
        break
assert listed == numbers, (listed, numbers)

# Read the feed from its beginning.
types: set[EventType] = set()
changed: set[ChangedField] = set()
after: str | None = None
while True:
    answer_of_feed = list_events.sync_detailed(
        client=staff, limit=100, cursor=UNSET if after is None else after
    )
    part = of(EventsResponse, answer_of_feed)
    for event in part.events:
        if event.data.case.case_number == number:
            types.add(event.type_)
            changed |= {change.field for change in event.data.event.changes}
    after = part.pagination.next_cursor
    if not part.pagination.has_more:
        break
assert types >= {EventType.CASE_CREATED, EventType.CASE_ASSIGNED, EventType.CASE_ESCALATED}, types
assert changed >= {ChangedField.ASSIGNEDTO, ChangedField.STATUS}, changed

print("walk.py: done")
