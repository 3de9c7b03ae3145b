// Live progress of a submission. Without this script the page offers a link to look again.

const card = document.querySelector("[data-progress]");
if (card) follow(card);

function follow(card) {
  const bar = card.querySelector("[data-bar]");
  const text = card.querySelector("[data-text]");
  const count = card.querySelector("[data-count]");
  const title = card.querySelector("h2");
  card.querySelector("[data-plain]").hidden = true;

  const source = new EventSource(card.dataset.progress);
  let spoken = 0;

  source.addEventListener("progress", (event) => {
    if (Number(event.lastEventId) <= Number(card.dataset.after)) return;
    const { kind, text: words, done, total } = JSON.parse(event.data);
    title.textContent = kind === "queued" || kind === "retry" ? "Waiting for a worker" : "Grading";
    if (total) {
      bar.max = total;
      bar.value = done ?? 0;
      count.textContent = `${done ?? 0} of ${total}`;
    }
    // A screen reader is told at most every three seconds, and at the end.
    const now = Date.now();
    if (!total || done === total || now - spoken > 3000) {
      text.textContent = words;
      spoken = now;
    }
  });

  source.addEventListener("end", () => {
    source.close();
    text.textContent = "Done. Loading the result.";
    location.reload();
  });
}
