// The desk without waiting: the next answers are fetched ahead and swapped in, saving goes on in the background. What
// could not be saved comes back on the screen. Without this script the form posts and the server sends on.
import { commentField, fault, isChanged, light, preview, relabel, savedWords, send, showTheirs, takeSuggestions, toggle, unchanged } from "./desk_form.js";
import { doesSomething, isTyping, itemNumber, nameOf } from "./desk_keys.js";
import { fetchScreen, forget, prefetch } from "./desk_pages.js";
import { Watch } from "./desk_watch.js";

const PAUSE = 1000; // milliseconds after which somebody who was typing has seen that the screen changed
const MOST = 4; // saves in flight
const csrf = document.querySelector("meta[name=csrf]").content;
const waiting = new Map(); // address → screen with something that is not saved
const watch = new Watch(csrf);
let screen = document.querySelector("[data-desk]");
const done = new Set(); // addresses of what was saved here
const inFlight = new Set(); // saves; each resolves to whether it succeeded
let deaf = 0; // until this moment keys are meant for another answer

history.replaceState({}, "", screen.dataset.here);
open(screen);
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
window.addEventListener("popstate", async () => leave(await go(location.pathname + location.search, { push: false })));
window.addEventListener("beforeunload", (event) => { if (isChanged(form()) || inFlight.size || waiting.size) event.preventDefault(); });
document.querySelector("[data-keys-dialog]").addEventListener("close", () => screen.querySelector("[data-answer]").focus());

const keys = {
  j: () => move("next"), ArrowRight: () => move("next"),
  k: () => move("previous"), ArrowLeft: () => move("previous"),
  z: () => move("after"), g: () => move("group"),
  s: save, Enter: save,
  t: () => say(takeSuggestions(form())),
  u: undo,
  x: discard,
  c: () => commentField(form()).focus(),
  a: () => form().querySelector("[name=points]").focus(),
  "?": showKeys,
};

function form() {
  return screen.querySelector("[data-form]");
}

function onKey(event) {
  if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
  if (performance.now() < deaf) {
    deaf = performance.now() + PAUSE;
    event.preventDefault();
    return;
  }
  if (isTyping(event.target)) {
    if (event.key === "Escape") screen.querySelector("[data-answer]").focus();
    return;
  }
  const key = nameOf(event);
  if (event.ctrlKey || event.metaKey) {
    if (key !== "z" || event.shiftKey) return;
    event.preventDefault();
    undo();
    return;
  }
  const number = itemNumber(event);
  if (number) {
    const done = toggle(form(), number);
    if (done) say(`${done}. Not saved yet`);
  } else if (!keys[key] || (key === "Enter" && doesSomething(event.target)) || (event.shiftKey && key !== "?")) {
    return;
  } else {
    keys[key]();
  }
  event.preventDefault();
}

function onClick(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a[data-move]");
  if (link && link.dataset.move !== "group") {
    event.preventDefault();
    move(link.dataset.move);
  }
  if (event.target.closest("[data-keys]")) showKeys();
  if (event.target.closest("[data-take]")) say(takeSuggestions(form()));
}

function showKeys() {
  document.querySelector("[data-keys-dialog]").showModal();
}

// What a screen needs once it is shown.
function open(opened) {
  screen = opened;
  for (const hidden of screen.querySelectorAll("[data-keys], [data-take]")) hidden.hidden = false;
  const rubric = form();
  if (!rubric.dataset.open) {
    rubric.dataset.open = "yes";
    unchanged(rubric);
    if (screen.querySelector(".theirs")) rubric.dataset.unsaved = "yes";
    rubric.addEventListener("input", () => { preview(rubric); relabel(rubric); say(isChanged(rubric) ? "Not saved yet" : ""); });
    rubric.addEventListener("submit", (event) => { event.preventDefault(); save(); });
    screen.querySelector("[data-undo-form]").addEventListener("submit", (event) => { event.preventDefault(); undo(); });
    for (const kind of ["mouseover", "focusin"]) rubric.addEventListener(kind, (event) => light(screen, event.target.closest("[data-item]")));
    for (const kind of ["mouseleave", "focusout"]) rubric.addEventListener(kind, () => light(screen, null));
  }
  preview(rubric);
  watch.open(screen);
  fetchAhead();
}

// Two answers ahead, one after the other: what is fetched ahead must not slow down what is asked for.
async function fetchAhead() {
  const shown = screen;
  for (const [where, steps] of [["after", 2], ["next", 2], ["previous", 1]]) {
    let address = shown.dataset[where];
    for (let step = 0; step < steps && address && screen === shown; step += 1) {
      const page = await prefetch(address);
      address = page?.screen?.dataset[where];
    }
  }
}

function say(words, tone = "") {
  const said = screen.querySelector("[data-said]");
  said.textContent = words;
  said.className = `desk-said small ${tone}`;
}

async function move(where) {
  const address = screen.dataset[where];
  if (!address) { say(where === "next" ? "This is the last answer" : "This is the first answer"); return; }
  if (isChanged(form())) { say("Not saved: s saves, x discards", "bad"); return; }
  leave(where === "group" ? address : await go(address));
}

// Shows the answer at `address`, at once if it was fetched ahead. The address of any other page is given back.
async function go(address, { push = true, said = "", tone = "" } = {}) {
  if (!push && isChanged(form())) waiting.set(screen.dataset.here, screen);
  const kept = waiting.get(address);
  waiting.delete(address);
  let found = kept ? { screen: kept } : null;
  try {
    found ??= await fetchScreen(address);
  } catch {
    say("The service cannot be reached; nothing is lost. Try again.", "bad");
    return null;
  }
  if (!found.screen) return found.address;
  swap(found.screen, push);
  if (said) say(said, tone);
  else if (kept) say("Not saved yet", "bad");
  return null;
}

async function leave(address) {
  if (address && (await allSaved())) location.assign(address);
}

async function allSaved() {
  return (await Promise.all(inFlight)).every(Boolean);
}

function swap(other, push) {
  watch.close();
  screen.replaceWith(other);
  if (push) history.pushState({}, "", other.dataset.here);
  document.title = document.title.replace(/^.*?(?=,)/, () => other.dataset.who);
  window.scrollTo(0, 0);
  open(other);
  other.querySelector("[data-answer]").focus({ preventScroll: true });
}

async function save() {
  const rubric = form();
  if (rubric.dataset.saving) return;
  const wrong = fault(rubric);
  if (wrong) { say(wrong.said, "bad"); wrong.field.focus(); return; }
  if (inFlight.size >= MOST) {
    say("Saving…");
    await Promise.race(inFlight);
    if (form() !== rubric) return;
  }
  const leaving = screen;
  const sent = send(rubric, csrf, watch.seconds());
  rubric.dataset.saving = "yes";
  let elsewhere = null;
  const saved = (async () => {
    elsewhere = await goOn(leaving, sent);
    return finish(leaving, await sent);
  })();
  inFlight.add(saved);
  const stored = await saved;
  inFlight.delete(saved);
  if (stored && screen === leaving) leave(elsewhere);
}

// The next answer is shown while this one is being saved; what waits to be saved comes first. Gives back the address of
// what follows, if that is no answer.
async function goOn(leaving, sent) {
  unchanged(leaving.querySelector("[data-form]"));
  say("Saving…");
  const address = [...waiting.keys()][0] ?? (await following(leaving, sent));
  const isDesk = new URL(address, location.href).pathname === leaving.dataset.deskUrl;
  return isDesk ? address : go(address, { said: "Saving…" });
}

// What came next when the page was made may be decided by now; then the server is asked, once it knows of this decision.
async function following(leaving, sent) {
  const { after, here } = leaving.dataset;
  if (!done.has(after)) return after;
  await sent;
  const fresh = await fetchScreen(here).catch(() => null);
  return fresh?.screen?.dataset.after ?? after;
}

function finish(left, { status, body }) {
  const rubric = left.querySelector("[data-form]");
  delete rubric.dataset.saving;
  if (status === 200) {
    rubric.querySelector(".theirs")?.remove();
    rubric.querySelector("[name=version]").value = body.version;
    unchanged(rubric);
    for (const address of [left.dataset.here, ...body.with_it.map((it) => addressOf(left, body.question, it))]) {
      done.add(address);
      forget(address);
    }
    say(savedWords(left.dataset.who, body), "good");
    if (screen !== left && inFlight.size <= 1) refresh();
    return true;
  }
  comeBack(left);
  rubric.dataset.unsaved = "yes";
  if (status === 409 && body.current) {
    showTheirs(rubric, body.current, () => say("Theirs is shown; nothing to save", "good"));
    say("Not saved: somebody else changed this meanwhile", "bad");
  } else if (status === 0) {
    say("Not saved: the service cannot be reached. s tries again, x discards", "bad");
  } else {
    say(`Not saved: ${body.detail ?? "something went wrong"} s tries again, x discards`, "bad");
  }
  return false;
}

// The answer that could not be saved is shown again, with all that was chosen; what was begun since then waits.
function comeBack(left) {
  if (screen === left) return;
  if (isChanged(form())) waiting.set(screen.dataset.here, screen);
  if (isTyping(document.activeElement)) deaf = performance.now() + PAUSE;
  swap(left, true);
}

// After a save the numbers above the answer, and where the keys go, are no longer those that were fetched ahead.
async function refresh() {
  const shown = screen;
  const fresh = await fetchScreen(shown.dataset.here).catch(() => ({}));
  if (screen !== shown || !fresh.screen) return;
  const version = (one) => one.querySelector("[name=version]").value;
  if (version(fresh.screen) !== version(shown) && !isChanged(form()) && !isTyping(document.activeElement)) {
    const said = shown.querySelector("[data-said]").textContent;
    swap(fresh.screen, false);
    say(said);
    return;
  }
  for (const name of ["after", "next", "previous"]) shown.dataset[name] = fresh.screen.dataset[name];
  shown.querySelector("[data-frame]").replaceWith(fresh.screen.querySelector("[data-frame]"));
  fetchAhead();
}

async function discard() {
  if (!isChanged(form())) { say("There is nothing to discard"); return; }
  const address = screen.dataset.here;
  forget(address);
  try {
    swap((await fetchScreen(address)).screen, false);
    say("Discarded");
  } catch {
    say("The service cannot be reached; nothing is lost. Try again.", "bad");
  }
}

async function undo() {
  if (isChanged(form())) { say("Not saved: s saves, x discards", "bad"); return; }
  if (!(await allSaved())) return;
  let answer;
  try {
    answer = await fetch(screen.dataset.undo, { method: "POST", headers: { "X-CSRF-Token": csrf } });
  } catch {
    say("The service cannot be reached; nothing was taken back.", "bad");
    return;
  }
  const body = await answer.json();
  if (!answer.ok) { say(body.detail ?? "Nothing was taken back", answer.status === 404 ? "" : "bad"); return; }
  forget();
  done.clear();
  const number = body.restored.length;
  const kept = body.kept.length ? `; ${body.kept.length} stay: ${body.kept[0].by} changed them since` : "";
  const said = `Taken back${number > 1 ? `: ${number} answers` : ""}${kept}`;
  go(addressOf(screen, body.question, body.submission), { said, tone: "good" });
}

function addressOf(one, question, submission) {
  return `${one.dataset.deskUrl}/${question}/${submission}${one.dataset.mode}`;
}
