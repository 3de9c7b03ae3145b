// The rubric beside an answer: what is chosen, what it gives, what somebody else stored.

const PATIENCE = 20_000; // milliseconds that a save may take

export const show = (number) => String(Math.round(number * 100) / 100).replace("-", "−");

const boxes = (form) => [...form.querySelectorAll("[name=item]")];
const field = (form, name) => form.querySelector(`[name="${CSS.escape(name)}"]`);
const words = (box) => box.closest(".desk-item").querySelector(".item-label").textContent.trim();

export function adjustment(form) {
  const text = field(form, "points").value.trim().replace(",", ".").replace("−", "-");
  return text === "" ? null : Number(text);
}

function decision(form) {
  const points = adjustment(form);
  const comment = field(form, "comment").value.trim();
  return {
    version: field(form, "version").value,
    items: boxes(form).map((box) => ({ id: box.value, applied: box.checked, comment: field(form, `comment:${box.value}`).value })),
    adjustment: points === null && !comment ? null : { points: points ?? 0, comment },
  };
}

// What is wrong with the form, as a sentence, and the field to correct; null when it can be saved.
export function fault(form) {
  const points = adjustment(form);
  if (Number.isNaN(points)) return { said: "The adjustment is not a number", field: field(form, "points") };
  const comment = field(form, "comment");
  if (points !== null && !comment.value.trim()) return { said: "An adjustment needs a comment", field: comment };
  return null;
}

export function preview(rubric) {
  const max = Number(rubric.dataset.max);
  let sum = rubric.dataset.scoring === "deduct" ? max : 0;
  for (const box of boxes(rubric)) if (box.checked) sum += Number(box.dataset.points);
  sum += adjustment(rubric) || 0;
  rubric.querySelector("[data-preview]").textContent = show(Math.min(Math.max(sum, 0), max));
}

// "Confirm (all clear)" holds only as long as nothing is chosen.
export function relabel(form) {
  const label = form.querySelector("[data-label]");
  label.dataset.first ??= label.textContent;
  label.textContent = isChanged(form) ? "Save, next" : label.dataset.first;
}

// Apply or clear an item by its number; what was done, in words.
export function toggle(form, number) {
  const box = boxes(form)[number - 1];
  if (!box) return "";
  box.checked = !box.checked;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.closest(".desk-item").scrollIntoView({ block: "nearest" });
  form.dataset.last = box.value;
  return `${box.checked ? "Applied" : "Cleared"}: ${words(box)}`;
}

export function takeSuggestions(form) {
  const wanted = boxes(form).filter((box) => box.dataset.suggested === "deduct");
  for (const box of wanted) box.checked = true;
  if (!wanted.length) return "No deduction is suggested";
  wanted[0].dispatchEvent(new Event("input", { bubbles: true }));
  return `Taken: ${wanted.map(words).join(", ")}. Not saved yet`;
}

// Of the item that was touched last, else of the first that applies, else of the whole answer.
export function commentField(form) {
  const applied = boxes(form).filter((box) => box.checked);
  const box = applied.find((one) => one.value === form.dataset.last) ?? applied[0];
  return box ? field(form, `comment:${box.value}`) : field(form, "comment");
}

export function unchanged(form) {
  form.dataset.initial = JSON.stringify({ ...decision(form), version: "" });
  delete form.dataset.unsaved;
}

export function isChanged(form) {
  if (form.dataset.unsaved) return true;
  return form.dataset.initial !== undefined && form.dataset.initial !== JSON.stringify({ ...decision(form), version: "" });
}

// { status, body } of the answer; status 0 when there was none.
export async function send(form, csrf, seconds) {
  try {
    const answer = await fetch(form.dataset.form, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ ...decision(form), via: "desk", seconds }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0, body: {} };
  }
}

export function savedWords(who, saved) {
  const more = saved.duplicates ? `, with ${saved.duplicates} in the same words` : "";
  return `Saved: ${who}, ${show(saved.score)} of ${show(saved.max_score)}${more}`;
}

// What is stored now, above what one wanted to save; saving again stores one's own.
export function showTheirs(form, current, onTaken) {
  field(form, "version").value = current.version;
  form.querySelector(".theirs")?.remove();
  const box = element("div", "theirs");
  const head = element("p");
  head.append(element("strong", "", current.decided_by ? `Stored now, by ${current.decided_by}:` : "Stored now, by somebody else:"));
  const list = element("ul");
  for (const item of current.items.filter((one) => one.applied)) list.append(line(`${show(item.points)} ${item.label}`));
  if (current.adjustment) list.append(line(`${show(current.adjustment.points)} ${current.adjustment.comment}`));
  if (!list.children.length) list.append(line("no item applied"));
  const tail = element("p");
  const take = element("button", "button", "Take theirs");
  take.type = "button";
  take.addEventListener("click", () => { takeOver(form, current); box.remove(); onTaken(); });
  tail.append(take, " or save again to store yours.");
  box.append(head, list, tail);
  form.prepend(box);
  form.scrollTop = 0;
}

function takeOver(form, current) {
  for (const item of current.items) {
    form.querySelector(`[name=item][value="${CSS.escape(item.id)}"]`).checked = item.applied;
    field(form, `comment:${item.id}`).value = item.comment;
  }
  field(form, "points").value = current.adjustment ? current.adjustment.points : "";
  field(form, "comment").value = current.adjustment ? current.adjustment.comment : "";
  preview(form);
  unchanged(form);
}

function line(text) {
  const made = element("li", "quoted", text);
  made.dir = "auto";
  return made;
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// Marks the quotes behind an item; null: none.
export function light(screen, item) {
  for (const mark of screen.querySelectorAll("mark[data-items]")) {
    mark.classList.toggle("lit", item !== null && mark.dataset.items.split(" ").includes(item.dataset.item));
  }
}
