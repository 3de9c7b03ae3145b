// Live progress of a run. Without this script the page offers a link to look again.

const card = document.querySelector("[data-run]");
if (card) follow(card);

function follow(card) {
  const [bar, text, count] = ["bar", "text", "count"].map((name) => card.querySelector(`[data-${name}]`));
  card.querySelector("[data-plain]").hidden = true;
  let spoken = Date.now();

  async function look() {
    try {
      const answer = await fetch(card.dataset.run);
      if (!answer.ok) throw new Error(answer.statusText);
      show((await answer.json()).progress);
    } catch {
      setTimeout(look, 10000); // the service is away: try again later
    }
  }

  function show({ queued, running, graded, failed, total }) {
    const done = graded + failed;
    bar.max = total;
    bar.value = done;
    count.textContent = `${done} of ${total}`;
    // A screen reader is told every ten seconds at most, and at the end.
    if (done === total || Date.now() - spoken > 10000) {
      text.textContent = `${running} being graded, ${queued} waiting${failed ? `, ${failed} failed` : ""}`;
      spoken = Date.now();
    }
    if (done === total) location.reload();
    else setTimeout(look, 2000);
  }

  look();
}
