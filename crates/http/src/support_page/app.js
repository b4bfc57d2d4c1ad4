// The customers' page. It shows a case and lets its customer or a participant act on it.
//
// The query of a link from an e-mail has a mark, which shows that the e-mail was read and opens nothing.
// The fragment of the page's URL has the case number and the access token (#CW-2026-001/cat_…, or cap_… of a participant).
// Browsers never send it to a server. URLs are visible and end up in the history, so the page removes
// the token at once and stores it in the tab until that is closed. Everything from the API is set as
// text, never as HTML.
"use strict";

const byId = (id) => document.getElementById(id);
const SECTIONS = ["loading", "again", "find", "code", "left", "case"];

// Label and explanation of each status, in the same words as in the e-mails.
const STATUSES = {
  OPEN: ["Open", "It's in our queue, and someone will pick it up soon."],
  IN_PROGRESS: ["In progress", "We're working on it."],
  WAITING_ON_CUSTOMER: ["Waiting for your reply", "We need your reply before we can continue."],
  ON_HOLD: ["On hold", "We're waiting for something we need to continue."],
  RESOLVED: ["Resolved", "We believe it's solved. If it isn't, please let us know below."],
  CLOSED: ["Closed", "If you need help again, please open a new case."],
  CANCELLED: ["Cancelled", "If you need help again, please open a new case."],
};
const URGENCIES = { LOW: "Low", MEDIUM: "Medium", HIGH: "High", CRITICAL: "Critical" };
const ACTIVE = ["OPEN", "IN_PROGRESS", "WAITING_ON_CUSTOMER", "ON_HOLD"];
const CLOCK_RUNS = ["OPEN", "IN_PROGRESS"];

// Proof that customers have to provide, and the instructions for those who come without a link.
const access = document.body.dataset.access;
// Proof that the wanted case requires. Cases that staff opened ask for more than others.
let required = access;
const FIND = {
  "case-number": "Enter your case number. You'll find it in our e-mails to you.",
  email: "Enter your case number and the e-mail address you gave us.",
  token: "Enter your case number and the e-mail address you gave us. We'll send a code to that address so that you can see your case.",
};

// The case to show, and the proof for it.
let wanted = { number: "", token: "", mark: "", email: "" };
// Incremented with every view, so that a response for an earlier one is ignored.
let turn = 0;
// Action that the button "Try again" repeats.
let again = null;
// Cursor of the messages before those that are shown, if there are any.
let earlier = null;

// ---- API

class Refusal extends Error {
  constructor(status, body) {
    super(body.error || "");
    this.status = status;
    this.code = body.code || "";
    this.details = body.details || {};
  }
}

// Generates an idempotency key, so that a request takes effect only once even if it is sent again.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(path, body, key) {
  const isForm = body instanceof FormData;
  let response;
  try {
    response = await fetch("api/support/case/" + path, {
      method: "POST",
      headers: {
        ...(isForm ? {} : { "Content-Type": "application/json" }),
        ...(key ? { "Idempotency-Key": key } : {}),
        ...(wanted.mark ? { "Engage-Link-Mark": wanted.mark } : {}),
      },
      body: isForm ? body : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new Refusal(0, {});
  }
  if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => ({})));
  return response;
}

// Returns the fields of every request: the case number and the proof.
function proof() {
  const fields = { caseNumber: wanted.number };
  if (wanted.token) fields.accessToken = wanted.token;
  if (wanted.email) fields.email = wanted.email;
  return fields;
}

// ---- Display

function show(name) {
  for (const section of SECTIONS) byId(section).hidden = section !== name;
}

function say(id, text) {
  const place = byId(id);
  place.textContent = text;
  place.hidden = !text;
}

function hush() {
  say("notice", "");
  say("alert", "");
}

function focusTitle(id) {
  byId(id).focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

// Describes an error and what the customer can do about it.
function explain(refusal) {
  const { status, code, details } = refusal;
  if (status === 0) return "We couldn't connect. Please check your internet connection and try again.";
  if (code === "RATE_LIMITED") return "That was too many requests in a short time. Please try again in " + wait(details.retryAfterSeconds) + ".";
  if (code === "CUSTOMER_ONLY") return "Only the person who opened this case can do that.";
  if (code === "INVALID_TRANSITION") return "Your case has changed in the meantime, so this is no longer possible.";
  if (code === "PAYLOAD_TOO_LARGE") return "Your message is too large. Please shorten it, or attach fewer or smaller files.";
  if (code === "VALIDATION_ERROR") return "Please check the fields marked below.";
  if (status >= 500) return "Something went wrong on our side. Please try again in a moment.";
  return refusal.message || "That didn't work. Please try again.";
}

function wait(seconds) {
  if (!(seconds > 0)) return "a moment";
  if (seconds < 90) return seconds + " seconds";
  return Math.ceil(seconds / 60) + " minutes";
}

const instants = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function instant(text) {
  const made = element("time", instants.format(new Date(text)));
  made.dateTime = text;
  return made;
}

function size(octets) {
  if (octets < 1000) return octets + " bytes";
  if (octets < 1e6) return Math.ceil(octets / 1e3) + " kB";
  return Math.ceil(octets / 1e6) + " MB";
}

function fact(label, value) {
  const description = element("dd");
  description.append(value);
  byId("case-facts").append(element("dt", label), description);
}

// Shows a case with its newest page of messages.
function showCase({ case: found, updates, pagination }) {
  wanted.number = found.caseNumber;
  byId("case-title").textContent = "Case " + found.caseNumber;
  byId("case-subject").textContent = found.subject;
  const [label, meaning] = STATUSES[found.status] || [found.status, ""];
  byId("case-status").textContent = label + (meaning ? "." : "");
  byId("case-meaning").textContent = meaning;

  byId("case-facts").replaceChildren();
  fact("Urgency", URGENCIES[found.urgency] || found.urgency);
  fact("Opened", instant(found.createdAt));
  fact("Last update", instant(found.lastUpdated));
  if (CLOCK_RUNS.includes(found.status)) fact("Expected resolution", instant(found.estimatedResolution));

  byId("updates").replaceChildren();
  showEarlier({ case: found, updates, pagination });

  const isActive = ACTIVE.includes(found.status);
  byId("reply").hidden = !(isActive || found.status === "RESOLVED");
  byId("escalate").hidden = !isActive || isParticipant();
  byId("cancel").hidden = !isActive || isParticipant();
  byId("leave").hidden = !isParticipant();
  document.title = found.caseNumber + " – " + deskName();
  show("case");
}

// Returns true if the page was opened with the token of a participant.
function isParticipant() {
  return wanted.token.startsWith("cap_");
}

// Adds an earlier page of messages. The very first message is the one that opened the case, unless
// it is from before the time from which a participant may read.
function showEarlier({ case: found, updates, pagination }) {
  earlier = pagination.nextCursor;
  const items = updates.map(updateItem);
  if (!earlier && found.message !== undefined) {
    const isByStaff = found.messageBy === "STAFF";
    const opening = {
      timestamp: found.createdAt,
      isMine: !isByStaff && !isParticipant(),
      author: isByStaff ? { kind: "SYSTEM" } : { kind: "CUSTOMER", name: "Customer" },
      message: found.message,
    };
    items.unshift(updateItem(opening));
  }
  byId("updates").prepend(...items);
  byId("earlier-row").hidden = !earlier;
}

function deskName() {
  return document.querySelector("header").textContent.trim();
}

function author(update) {
  if (update.isMine) return "You";
  return update.author.kind === "SYSTEM" ? deskName() : update.author.name;
}

// Returns the nodes of a text, in which web addresses become links.
function textWithLinks(text) {
  const parts = text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]}])/);
  return parts.map((part, place) => {
    if (place % 2 === 0) return part;
    const link = element("a", part);
    link.href = part;
    link.rel = "noopener noreferrer nofollow";
    link.target = "_blank";
    return link;
  });
}

function updateItem(update) {
  const item = element("li", undefined, update.isMine ? "mine" : "theirs");
  const writer = element("strong", author(update), "author");
  writer.dir = "auto";
  const message = element("p", undefined, "message");
  message.append(...textWithLinks(update.message));
  message.dir = "auto";
  item.append(writer, instant(update.timestamp), message);
  const files = update.attachments || [];
  if (files.length > 0) {
    const list = element("ul", undefined, "files");
    for (const file of files) {
      const button = element("button", file.filename + " (" + size(file.size) + ")", "link");
      button.type = "button";
      button.addEventListener("click", () => download(file, button));
      const entry = element("li");
      entry.append(button);
      list.append(entry);
    }
    item.append(list);
  }
  return item;
}

async function download(file, button) {
  hush();
  button.disabled = true;
  try {
    const response = await post("attachment", { ...proof(), attachmentId: file.id });
    const address = URL.createObjectURL(await response.blob());
    const link = element("a");
    link.href = address;
    link.download = file.filename;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  } catch (refusal) {
    say("alert", explain(refusal));
  }
  button.disabled = false;
}

// ---- Finding a case

function showFind(alert) {
  turn += 1;
  byId("find-intro").textContent = FIND[required];
  byId("find-number").value = wanted.number;
  byId("find-email-field").hidden = required === "case-number";
  byId("find-submit").textContent = required === "token" ? "Send me a code" : "Show my case";
  clearProblems(byId("find-form"));
  say("alert", alert || "");
  show("find");
  focusTitle("find-title");
}

function keepAddress() {
  keepToken(wanted.number, wanted.token, wanted.mark);
  history.replaceState(null, "", location.pathname + "#" + wanted.number);
}

// If the browser permits no storage, the customer needs the link again after a reload.
function keepToken(number, token, mark) {
  try {
    for (const [name, value] of [["token ", token], ["mark ", mark]]) {
      if (value) sessionStorage.setItem(name + number, value);
      else sessionStorage.removeItem(name + number);
    }
  } catch {
    // No storage.
  }
}

function kept(name, number) {
  try {
    return sessionStorage.getItem(name + " " + number) || "";
  } catch {
    return "";
  }
}

async function load(focus) {
  const mine = (turn += 1);
  if (byId("case").hidden) show("loading");
  again = () => load(focus);
  try {
    const response = await (await post("status", proof())).json();
    if (mine !== turn) return;
    say("alert", "");
    keepAddress();
    showCase(response);
    if (focus) focusTitle("case-title");
  } catch (refusal) {
    if (mine === turn) notLoaded(refusal);
  }
}

function notLoaded(refusal) {
  if (refusal.code === "PROOF_REQUIRED") {
    if (!(refusal.details.accepts || []).includes("email")) required = "token";
    showFind("");
  } else if (refusal.code === "CASE_NOT_FOUND" && wanted.token) {
    wanted.token = wanted.mark = "";
    keepToken(wanted.number, "", "");
    showFind("This link has expired or is incomplete.");
  } else if (refusal.code === "CASE_NOT_FOUND") {
    const what = access === "case-number" ? "this number" : "this number and e-mail address";
    showFind("We couldn't find a case with " + what + ". Please check what you entered.");
  } else if (refusal.status === 400) {
    showFind(explain(refusal));
    showProblems(byId("find-form"), refusal);
  } else {
    say("alert", explain(refusal));
    if (byId("case").hidden) show("again");
  }
}

function readAddress() {
  let fragment = location.hash.slice(1);
  try {
    fragment = decodeURIComponent(fragment);
  } catch {
    // Not valid percent-encoding: used unchanged.
  }
  const slash = fragment.indexOf("/");
  const number = slash < 0 ? fragment : fragment.slice(0, slash);
  const token = slash < 0 ? "" : fragment.slice(slash + 1).trim();
  const mark = token ? new URLSearchParams(location.search).get("mark") || "" : "";
  return { number: number.trim(), token, mark, email: "" };
}

function start() {
  hush();
  required = access;
  wanted = readAddress();
  if (!wanted.token) {
    wanted.token = kept("token", wanted.number);
    wanted.mark = kept("mark", wanted.number);
  }
  if (!wanted.number) {
    showFind("");
  } else if (!wanted.token && access !== "case-number") {
    showFind("");
  } else {
    byId("case").hidden = true;
    load(true);
  }
}

// ---- Forms

function clearProblems(form) {
  for (const problem of form.querySelectorAll(".problem")) problem.remove();
  for (const field of form.elements) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

function mark(field, text) {
  const problem = element("p", text, "problem");
  problem.id = field.id + "-problem";
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", problem.id);
  field.after(problem);
}

// Marks the fields that the API rejected.
function showProblems(form, refusal) {
  let first = null;
  for (const { field, message } of refusal.details.fields || []) {
    const place = form.elements.namedItem(field);
    if (!place) continue;
    mark(place, "This " + message + ".");
    first = first || place;
  }
  if (first) first.focus();
}

// Checks whether all visible required fields are valid, and marks those that are not.
function isComplete(form) {
  clearProblems(form);
  let first = null;
  for (const field of form.elements) {
    if (!field.required || field.closest("[hidden]")) continue;
    if (!field.value.trim()) mark(field, "Please fill this in.");
    else if (!field.validity.valid) mark(field, "Please check this.");
    else continue;
    first = first || field;
  }
  if (first) first.focus();
  return !first;
}

// Handles the submission of a form. Only one runs at a time.
function onSubmit(id, act) {
  const form = byId(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("button")];
    if (buttons.some((button) => button.disabled)) return;
    hush();
    if (!isComplete(form)) return;
    for (const button of buttons) button.disabled = true;
    try {
      await act(form);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      say("alert", explain(refusal));
      byId("alert").scrollIntoView({ block: "nearest" });
      showProblems(form, refusal);
      if (refusal.code === "INVALID_TRANSITION") await load(false);
      if (refusal.code === "CASE_NOT_FOUND" || refusal.code === "PROOF_REQUIRED") notLoaded(refusal);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
}

const value = (form, name) => form.elements.namedItem(name).value.trim();

onSubmit("find-form", async (form) => {
  wanted = { number: value(form, "caseNumber"), token: "", mark: "", email: "" };
  if (!byId("find-email-field").hidden) wanted.email = value(form, "email");
  if (required !== "token") return load(true);
  await post("access", { caseNumber: wanted.number, email: wanted.email });
  byId("code-form").reset();
  clearProblems(byId("code-form"));
  show("code");
  focusTitle("code-title");
});

onSubmit("code-form", async (form) => {
  const { number, email } = wanted;
  const fields = { caseNumber: number, email, code: value(form, "code") };
  const response = await (await post("access/redeem", fields)).json();
  wanted = { number, token: response.accessToken, mark: "", email: "" };
  await load(true);
});

// Handles a form that changes the case, and then shows the changed case.
function onChange(id, path, confirmation, body) {
  // The response may get lost. The key stays the same until one arrives or the text is edited.
  let key = "";
  byId(id).addEventListener("input", () => (key = ""));
  onSubmit(id, async (form) => {
    key = key || newKey();
    await post(path, body(form), key);
    key = "";
    form.reset();
    const details = form.closest("details");
    if (details) details.open = false;
    await load(true);
    say("notice", confirmation);
  });
}

onChange("reply-form", "reply", "Thank you. We've received your message.", (form) => {
  const files = [...form.elements.namedItem("attachments").files];
  const fields = { ...proof(), message: form.elements.namedItem("message").value };
  if (files.length === 0) return fields;
  const body = new FormData();
  for (const [name, text] of Object.entries(fields)) body.append(name, text);
  for (const file of files) body.append("attachments", file, file.name);
  return body;
});
onChange("escalate-form", "escalate", "Thank you. We've alerted the team.", (form) => ({
  ...proof(), reason: form.elements.namedItem("reason").value,
}));
onChange("cancel-form", "cancel", "Your case has been cancelled.", (form) => ({
  ...proof(), reason: form.elements.namedItem("reason").value,
}));

// Participants leave with a button, since programs that check mail open the links in it.
onSubmit("leave-form", async () => {
  await post("participants/leave", proof());
  byId("leave").open = false;
  turn += 1;
  show("left");
  focusTitle("left-title");
});
onSubmit("return-form", async () => {
  await post("participants/return", proof());
  await load(true);
  say("notice", "Welcome back. You'll see what is written from now on.");
});

byId("retry").addEventListener("click", () => again && again());
byId("refresh").addEventListener("click", async () => {
  hush();
  await load(false);
  if (byId("alert").hidden && !byId("case").hidden) say("notice", "You're up to date.");
});
byId("earlier").addEventListener("click", async () => {
  hush();
  const mine = turn;
  const button = byId("earlier");
  button.disabled = true;
  try {
    const response = await (await post("status", { ...proof(), cursor: earlier })).json();
    if (mine === turn) showEarlier(response);
  } catch (refusal) {
    say("alert", explain(refusal));
  }
  button.disabled = false;
});
byId("other-case").addEventListener("click", () => {
  keepToken(wanted.number, "", "");
  wanted = { number: "", token: "", mark: "", email: "" };
  history.replaceState(null, "", location.pathname);
  hush();
  showFind("");
});
byId("another-code").addEventListener("click", () => {
  hush();
  showFind("");
});
byId("skip").addEventListener("click", (event) => {
  // Following the link would replace the fragment, which identifies the case.
  event.preventDefault();
  byId("main").focus();
});
window.addEventListener("hashchange", start);
start();
