// The hand-in form, made more comfortable: drop files, choose a folder, see what is sent. The plain form works alone.

const form = document.querySelector("[data-upload]");
if (form) enhance(form);

function enhance(form) {
  const input = form.querySelector("#files");
  const drop = form.querySelector("[data-drop]");
  const chosen = form.querySelector("[data-chosen]");
  const send = form.querySelector("[data-send]");
  const sending = form.querySelector("[data-sending]");
  const limit = Number(form.dataset.limit);
  let wholeFolder = false;

  form.querySelector("[data-enhanced]").hidden = false;
  form.querySelector("[data-folder]").addEventListener("click", () => {
    input.webkitdirectory = true;
    wholeFolder = true;
    input.click();
  });
  input.addEventListener("click", () => {
    if (!wholeFolder) input.webkitdirectory = false;
    wholeFolder = false;
  });
  input.addEventListener("change", show);

  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
    }
  });

  form.addEventListener("submit", (event) => {
    if (total() > limit) {
      event.preventDefault();
      input.focus();
      return;
    }
    send.disabled = true;
    sending.textContent = "Sending…";
  });
  window.addEventListener("pageshow", () => { send.disabled = false; });

  function total() {
    return [...input.files].reduce((sum, file) => sum + file.size, 0);
  }

  function show() {
    chosen.replaceChildren();
    const files = [...input.files];
    if (!files.length) return;
    const head = document.createElement("p");
    const large = total() > limit;
    head.className = large ? "too-large" : "";
    head.textContent = `${files.length} ${files.length === 1 ? "file" : "files"}, ${size(total())}` +
      (large ? `: more than the ${size(limit)} that may be handed in. Leave out data sets and models.` : "");
    const list = document.createElement("ul");
    for (const file of files.slice(0, 12)) {
      const line = document.createElement("li");
      line.textContent = file.webkitRelativePath || file.name;
      list.append(line);
    }
    if (files.length > 12) {
      const line = document.createElement("li");
      line.textContent = `and ${files.length - 12} more`;
      list.append(line);
    }
    chosen.append(head, list);
  }
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 2 ** 20) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
