// Marking from the keyboard. Saves through the API, so that nothing typed elsewhere on the page is lost; without this
// script each question's form posts by itself.

const forms = [...document.querySelectorAll("[data-mark]")];
const questions = [...document.querySelectorAll(".question")];
const csrf = document.querySelector("meta[name=csrf]").content;
const dirty = new Set();

for (const form of forms) {
  form.addEventListener("input", () => { dirty.add(form); preview(form); say(form, "Not saved yet"); });
  form.addEventListener("submit", (event) => { event.preventDefault(); save(form); });
  for (const kind of ["mouseover", "focusin"]) form.addEventListener(kind, (event) => light(form, event.target.closest("[data-item]")));
  for (const kind of ["mouseleave", "focusout"]) form.addEventListener(kind, () => light(form, null));
  preview(form);
}
window.addEventListener("beforeunload", (event) => { if (dirty.size) event.preventDefault(); });
document.addEventListener("keydown", onKey);

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = event.target.closest("input[type=text], input[type=search], textarea, select");
  if (field) {
    if (event.key === "Escape") (field.closest(".question") ?? document.querySelector("main")).focus();
    return;
  }
  const link = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  const action = { j: () => step(1), k: () => step(-1), s: saveHere, c: commentHere }[event.key];
  if (link) link.click();
  else if (/^[1-9]$/.test(event.key)) toggle(Number(event.key));
  else if (action) action();
  else return;
  event.preventDefault();
}

function here() {
  return document.activeElement.closest(".question");
}

function step(by, from = here()) {
  const next = from ? questions[questions.indexOf(from) + by] : questions[by > 0 ? 0 : questions.length - 1];
  if (!next) return;
  if (next.tagName === "DETAILS") next.open = true;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function toggle(number) {
  const question = here() ?? questions[0];
  const box = question?.querySelectorAll("[name=item]")[number - 1];
  if (!box) return;
  if (!here()) question.focus();
  box.click();
  say(box.form, `${box.checked ? "Applied" : "Cleared"}: ${box.closest("label").querySelector(".item-label").textContent.trim()}`);
}

function saveHere() {
  here()?.querySelector("[data-mark]")?.requestSubmit();
}

function commentHere() {
  const form = here()?.querySelector("[data-mark]");
  if (!form) return;
  const folded = form.closest("details");
  if (folded) folded.open = true;
  form.elements.points.focus();
}

// Marks the quotes behind an item.
function light(form, item) {
  for (const mark of form.closest(".question").querySelectorAll("mark[data-items]")) {
    mark.classList.toggle("lit", item !== null && mark.dataset.items.split(" ").includes(item.dataset.item));
  }
}

function points(form) {
  const text = form.elements.points.value.trim().replace(",", ".").replace("−", "-");
  return text === "" ? null : Number(text);
}

function preview(form) {
  const output = form.querySelector("[data-preview]");
  if (!output) return;
  const max = Number(form.dataset.max);
  let sum = form.dataset.scoring === "deduct" ? max : 0;
  for (const box of form.querySelectorAll("[name=item]:checked")) sum += Number(box.dataset.points);
  sum += points(form) || 0;
  output.textContent = `${show(Math.min(Math.max(sum, 0), max))} of ${show(max)}`;
}

function decision(form) {
  const adjust = points(form);
  const comment = form.elements.comment.value.trim();
  const items = [...form.querySelectorAll("[name=item]")].map((box) => ({
    id: box.value,
    applied: box.checked,
    comment: form.elements[`comment:${box.value}`].value,
  }));
  return {
    via: "page",
    version: form.elements.version.value,
    items,
    adjustment: adjust === null && !comment ? null : { points: adjust ?? 0, comment },
  };
}

async function save(form) {
  if (Number.isNaN(points(form))) {
    say(form, "The adjustment is not a number", "bad");
    form.elements.points.focus();
    return;
  }
  const sent = decision(form);
  if (sent.adjustment && !sent.adjustment.comment) {
    say(form, "An adjustment needs a comment", "bad");
    form.elements.comment.focus();
    return;
  }
  say(form, "Saving…");
  try {
    const answer = await fetch(form.dataset.mark, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify(sent),
    });
    const body = await answer.json();
    if (answer.ok) saved(form, body, sent);
    else if (answer.status === 409 && body.current) conflict(form, body.current);
    else say(form, body.detail ?? "Not saved", "bad");
  } catch {
    say(form, "Not saved: the service cannot be reached. Try again.", "bad");
  }
}

function saved(form, review, sent) {
  form.elements.version.value = review.version;
  form.querySelector(".theirs")?.remove();
  const now = decision(form);
  if (JSON.stringify({ ...now, version: "" }) === JSON.stringify({ ...sent, version: "" })) dirty.delete(form);
  const question = form.closest(".question");
  question.querySelector("[data-score]").replaceChildren(score(review.score, review.max_score));
  const state = question.querySelector("[data-state] .pill");
  if (review.status === "graded" && review.items.length) {
    state.className = "pill pill-good";
    state.lastChild.textContent = " Reviewed";
  }
  say(form, "Saved", "good");
  question.dataset.done = "yes";
  refresh();
  if (question.contains(document.activeElement)) step(1, question);
}

// The totals come from the server, which alone adds them up.
async function refresh() {
  const answer = await fetch(location.pathname);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const selector of [".total", "[data-reviewed]"]) {
    const fresh = page.querySelector(selector);
    const old = document.querySelector(selector);
    if (fresh && old) old.replaceChildren(...fresh.childNodes);
  }
}

function conflict(form, current) {
  form.elements.version.value = current.version;
  form.querySelector(".theirs")?.remove();
  const box = document.createElement("div");
  box.className = "theirs";
  box.setAttribute("role", "alert");
  const head = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = `Not saved: ${current.decided_by ?? "somebody else"} changed this meanwhile. Stored now:`;
  head.append(strong);
  const list = document.createElement("ul");
  for (const item of current.items.filter((item) => item.applied)) list.append(line(`${show(item.points)} ${item.label}`));
  if (current.adjustment) list.append(line(`${show(current.adjustment.points)} ${current.adjustment.comment}`));
  if (!list.children.length) list.append(line("no item applied"));
  const tail = document.createElement("p");
  const take = document.createElement("button");
  take.type = "button";
  take.className = "button";
  take.textContent = "Take theirs";
  take.addEventListener("click", () => { take_over(form, current); box.remove(); });
  tail.append(take, "or save again to store yours.");
  box.append(head, list, tail);
  form.prepend(box);
  say(form, "Not saved", "bad");
}

function take_over(form, current) {
  for (const item of current.items) {
    form.querySelector(`[name=item][value="${CSS.escape(item.id)}"]`).checked = item.applied;
    form.elements[`comment:${item.id}`].value = item.comment;
  }
  form.elements.points.value = current.adjustment ? current.adjustment.points : "";
  form.elements.comment.value = current.adjustment ? current.adjustment.comment : "";
  dirty.delete(form);
  preview(form);
  say(form, "Theirs is shown; nothing to save", "good");
  form.closest(".question").focus();
}

function line(text) {
  const element = document.createElement("li");
  element.className = "quoted";
  element.dir = "auto";
  element.textContent = text;
  return element;
}

function score(got, most) {
  const span = document.createElement("span");
  span.className = "points";
  const strong = document.createElement("strong");
  strong.textContent = show(got);
  const of = document.createElement("span");
  of.className = "of";
  of.textContent = ` / ${show(most)}`;
  span.append(strong, of);
  return span;
}

function say(form, words, tone = "") {
  const said = form.querySelector("[data-said]");
  said.textContent = words;
  said.className = `small ${tone}`;
}

function show(number) {
  return String(Math.round(number * 100) / 100).replace("-", "−");
}
