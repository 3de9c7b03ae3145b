// A group from the keyboard. The form posts by itself; what is not saved is guarded.
import { fault, preview, toggle } from "./desk_form.js";
import { doesSomething, isTyping, itemNumber, nameOf } from "./desk_keys.js";

const form = document.querySelector("[data-group-form]");
const rubric = form.querySelector(".desk-form");
const members = [...form.querySelectorAll("[name=member]")];
let changed = false;

form.addEventListener("input", () => { changed = true; refresh(); });
form.addEventListener("submit", (event) => {
  const wrong = fault(rubric) ?? (ticked() ? null : { said: "No answer is ticked", field: members[0] });
  if (wrong) {
    event.preventDefault();
    say(wrong.said);
    wrong.field?.focus();
  } else {
    changed = false;
  }
});
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
document.addEventListener("keydown", onKey);
refresh();

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") members[0]?.focus();
    return;
  }
  const key = nameOf(event);
  const number = itemNumber(event);
  const actions = { j: () => follow("next"), k: () => follow("previous"), g: () => follow("group"), s: () => form.requestSubmit(),
    Enter: () => form.requestSubmit(), a: () => form.querySelector("[name=points]").focus(), ArrowDown: () => step(1), ArrowUp: () => step(-1),
    u: () => document.querySelector("[data-undo-form]").requestSubmit() };
  if (number) {
    const done = toggle(rubric, number);
    if (done) say(`${done}. Not saved yet`);
  } else if (!actions[key] || event.shiftKey || (key === "Enter" && doesSomething(event.target))) {
    return;
  } else {
    actions[key]();
  }
  event.preventDefault();
}

function follow(where) {
  const link = form.querySelector(`[data-move="${where}"]`);
  if (changed) say("Not saved: s decides the ticked answers");
  else link?.click();
}

function step(by) {
  const here = members.indexOf(document.activeElement);
  members[here < 0 ? 0 : Math.min(Math.max(here + by, 0), members.length - 1)]?.focus();
}

function ticked() {
  return members.filter((box) => box.checked).length;
}

function refresh() {
  preview(rubric);
  const count = ticked();
  form.querySelector("[data-ticked]").textContent = `${count} ${count === 1 ? "answer" : "answers"}`;
}

function say(words) {
  form.querySelector("[data-said]").textContent = words;
}
