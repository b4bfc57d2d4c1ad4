// Walks through the life of a case with a client that openapi-typescript generates. It tests both
// that the code type-checks without a cast and that it runs.

import createClient from "openapi-fetch";

import type { components, paths, webhooks } from "./api.js";

declare const process: { env: Record<string, string | undefined> };

type Schemas = components["schemas"];

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Returns the response of a successful request. */
function done<Data>(result: { data?: Data; error?: unknown; response: Response }): Data {
  if (result.data === undefined) {
    throw new Error(`${result.response.url}: ${JSON.stringify(result.error)}`);
  }
  return result.data;
}

/** Returns the error of a refused request. */
function refused<Failure>(result: { error?: Failure; response: Response }): Failure {
  if (result.error === undefined) throw new Error(`${result.response.url} was not refused`);
  return result.error;
}

function header(response: Response, name: string): string {
  const value = response.headers.get(name);
  assert(value !== null, `${response.url} has no ${name}`);
  return value;
}

const baseUrl = setting("ENGAGE_URL");
const querySerializer = { array: { style: "form", explode: false } } as const;
const customer = createClient<paths>({ baseUrl, querySerializer });
const staff = createClient<paths>({
  baseUrl,
  querySerializer,
  headers: { Authorization: `Bearer ${setting("ENGAGE_TOKEN")}` },
});

// A mark that identifies the cases of this walk.
const mark = `walk-${crypto.randomUUID()}`;
const urgency: Schemas["Urgency"] = "LOW";

async function open(subject: string): Promise<string> {
  const body = { name: "John Doe", email: "john@example.com", subject, message: mark, urgency };
  return done(await customer.POST("/api/support/case", { body })).caseNumber;
}

// Open a case, and repeat the request with the same key.
const opening = {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: {
    name: "John Doe",
    email: "john@example.com",
    subject: "No access",
    message: mark,
    urgency,
    customerType: "BUSINESS",
  },
} as const;
const opened = done(await customer.POST("/api/support/case", opening));
const { caseNumber } = opened;
const replay = await customer.POST("/api/support/case", opening);
assert(done(replay).caseNumber === caseNumber, "the response is not the first one");
assert(header(replay.response, "Idempotent-Replayed") === "true", "the response is not a replay");

// The errors of a request are reported field by field.
const wrong = refused(
  await customer.POST("/api/support/case", {
    body: { name: "", email: "nobody", subject: "s", message: "m" },
  }),
);
assert(wrong.code === "VALIDATION_ERROR", wrong.error);
const fields = wrong.details.fields.map(({ field, message }) => `${field}: ${message}`);
assert(fields.length === 2 && fields.join().includes("email"), fields.join());

const status = done(await customer.POST("/api/support/case/status", { body: { caseNumber } }));
assert(status.case.status === "OPEN" && status.case.urgency === "LOW", "the case is not open");

// Assign the case if it was not changed in the meantime.
const path = { caseNumber };
const details = await staff.GET("/api/internal/support/case/{caseNumber}", { params: { path } });
assert(done(details).case.caseDetails.status === "OPEN", "the case is not open for staff");
const seen = { path, header: { "If-Match": header(details.response, "ETag") } };
const body = { staffId: "staff-456" };
const assign = () =>
  staff.PUT("/api/internal/support/case/{caseNumber}/assign", { params: seen, body });
const assigned = done(await assign());
assert(assigned.assignment.assignedTo === "staff-456", "the case is not assigned");
const stale = refused(await assign());
assert(stale.code === "PRECONDITION_FAILED", stale.error);
const current: number = stale.details.currentVersion;
assert(current === assigned.version, `the case is at version ${current}`);

// Upload a file, and attach it to an update that waits for the customer.
const bytes = new TextEncoder().encode("403 Forbidden\n");
const uploaded = done(
  await staff.POST("/api/internal/support/attachments", {
    body: { file: ["error.txt"] },
    bodySerializer: ({ file }) => {
      const form = new FormData();
      for (const name of file) form.append("file", new Blob([bytes], { type: "text/plain" }), name);
      return form;
    },
  }),
);
const file = uploaded.attachments[0];
assert(file !== undefined && file.size === bytes.length, "the file is not complete");
const updated = done(
  await staff.POST("/api/internal/support/case/{caseNumber}/update", {
    params: { path },
    body: {
      message: "Please look at this.",
      statusChange: "WAITING_ON_CUSTOMER",
      attachments: [{ id: file.id }],
    },
  }),
);
assert(updated.status === "WAITING_ON_CUSTOMER", "the case does not wait");
assert(updated.update?.author.kind === "STAFF", "the update is not of staff");

async function assertWhole(content: ArrayBuffer): Promise<void> {
  assert(new TextDecoder().decode(content) === "403 Forbidden\n", "the download is not the file");
}
await assertWhole(
  done(
    await staff.GET("/api/internal/support/attachments/{attachmentId}", {
      params: { path: { attachmentId: file.id } },
      parseAs: "arrayBuffer",
    }),
  ),
);
await assertWhole(
  done(
    await customer.POST("/api/support/case/attachment", {
      body: { caseNumber, attachmentId: file.id },
      parseAs: "arrayBuffer",
    }),
  ),
);

// Escalate the case. A second time is too soon.
const escalate = () =>
  customer.POST("/api/support/case/escalate", { body: { caseNumber, reason: "It is urgent." } });
assert(done(await escalate()).newUrgency === "MEDIUM", "the case is not more urgent");
const again = refused(await escalate());
assert(again.code === "RATE_LIMITED", again.error);
assert(again.details.retryAfterSeconds > 0, "there is no time to wait");

// Resolve the case. A resolved case cannot be cancelled.
const resolved = done(
  await staff.POST("/api/internal/support/case/{caseNumber}/update", {
    params: { path },
    body: { message: "Done.", statusChange: "RESOLVED" },
  }),
);
assert(resolved.status === "RESOLVED", "the case is not resolved");
const cancelling = { body: { caseNumber, reason: "It is over." } };
const late = refused(await customer.POST("/api/support/case/cancel", cancelling));
assert(late.code === "INVALID_TRANSITION", late.error);
const { from, allowed } = late.details;
const next: Schemas["CaseStatus"][] = allowed;
assert(from === "RESOLVED" && next.includes("CLOSED"), `${from} may become ${next.join()}`);

// Close it together with an unknown one.
const bulk = done(
  await staff.POST("/api/internal/support/cases/bulk", {
    body: { action: "close", caseNumbers: [caseNumber, "CW-1999-001"] },
  }),
);
const outcomes = bulk.results.map((result) => (result.success ? result.status : result.code));
assert(outcomes.join() === "CLOSED,CASE_NOT_FOUND", outcomes.join());

// Page through the cases of this walk with cursors.
const numbers = [caseNumber, await open("Second"), await open("Third")];
const listed: string[] = [];
let cursor: string | null = null;
do {
  const page: Schemas["ListCasesResponse"] = done(
    await staff.GET("/api/internal/support/cases", {
      params: {
        query: {
          q: mark,
          status: ["OPEN", "CLOSED"],
          sortBy: "createdAt",
          sortOrder: "asc",
          limit: 2,
          ...(cursor === null ? {} : { cursor }),
        },
      },
    }),
  );
  listed.push(...page.cases.map((one) => one.caseNumber));
  cursor = page.pagination.nextCursor;
} while (cursor !== null);
assert(listed.join() === numbers.join(), `${listed.join()} for ${numbers.join()}`);

// Read the feed from its beginning.
const types = new Set<Schemas["EventType"]>();
const changed = new Set<Schemas["ChangedField"]>();
let more = true;
for (let after: string | undefined; more; ) {
  // The other form of the feed is text.
  const part: Schemas["EventsResponse"] | string = done(
    await staff.GET("/api/internal/support/events", {
      params: { query: { limit: 100, ...(after === undefined ? {} : { cursor: after }) } },
    }),
  );
  assert(typeof part === "object", "the feed is a stream");
  for (const event of part.events) {
    if (event.data.case.caseNumber === caseNumber) {
      types.add(event.type);
      for (const change of event.data.event.changes) changed.add(change.field);
    }
  }
  after = part.pagination.nextCursor;
  more = part.pagination.hasMore;
}
for (const type of ["case.created", "case.assigned", "case.updated", "case.escalated"] as const) {
  assert(types.has(type), `the feed has no ${type}`);
}
assert(changed.has("assignedTo") && changed.has("status"), "the feed has no changes");

/** Webhooks have types too. */
type Delivered = webhooks["case.updated"]["post"]["requestBody"]["content"]["application/json"];
export function summary({ type, data }: Delivered): string {
  return `${type} ${data.case.caseNumber}: ${data.event.changes.map((one) => one.field).join()}`;
}

console.log("walk.ts: done");
