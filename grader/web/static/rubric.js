// The rubric's editor: what is typed is marked until it is kept, and items move by keyboard. All of it works without.

const form = document.querySelector("#rubric-form");
if (form) edit(form);
const yaml = document.querySelector("#yaml");
if (yaml) locate(yaml);

function edit(form) {
  const fields = [...form.querySelectorAll("input[type=text]")];
  const said = form.querySelector("[data-said]");
  const quiet = said.textContent;
  let sending = false;

  function changed() {
    const open = fields.filter((field) => field.value !== field.defaultValue);
    for (const field of fields) field.classList.toggle("edited", open.includes(field));
    said.textContent = open.length ? `${open.length} ${open.length === 1 ? "field" : "fields"} changed` : quiet;
    return open.length > 0;
  }

  form.addEventListener("input", changed);
  form.addEventListener("submit", () => { sending = true; });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => {
    if (!sending && changed()) event.preventDefault();
  });

  // Alt and an arrow move the item that the keyboard is in; Escape takes back what was typed into a field.
  form.addEventListener("keydown", (event) => {
    const item = event.target.closest(".rubric-item");
    if (event.key === "Escape" && event.target.matches("input[type=text]")) {
      event.target.value = event.target.defaultValue;
      changed();
    }
    const way = { ArrowUp: "up:", ArrowDown: "down:" }[event.key];
    if (!event.altKey || !way || !item) return;
    const button = item.querySelector(`button[value^="${way}"]:not(:disabled)`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });

  // After a move the page comes back with the item's address: go on from there, once the browser has scrolled to it.
  const place = location.hash.startsWith("#i-") && document.getElementById(location.hash.slice(1));
  const go = () => setTimeout(() => place.querySelector(".rubric-label").focus({ preventScroll: true }));
  if (place) document.readyState === "complete" ? go() : addEventListener("load", go, { once: true });
  changed();
}

// Each problem of a YAML text becomes a button that goes to its line.
function locate(yaml) {
  for (const code of document.querySelectorAll(".problems code")) {
    const line = /^\S+?:(\d+):/.exec(code.textContent)?.[1];
    if (!line) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet";
    button.textContent = `Go to line ${line}`;
    button.addEventListener("click", () => select(yaml, Number(line)));
    code.after(" ", button);
  }
}

function select(yaml, line) {
  const lines = yaml.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  yaml.focus();
  yaml.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  yaml.scrollTop = (line - 4) * (yaml.scrollHeight / lines.length);
}
