// Who has an answer on the screen, and for how long it was looked at.

const AGAIN = 40_000; // milliseconds between two claims; the server keeps one for 90 seconds
const SETTLE = 400; // an answer that is only passed by is not claimed

export class Watch {
  #csrf;
  #screen = null;
  #looked = 0; // milliseconds
  #since = null;
  #timer = 0;
  #claimed = false;

  constructor(csrf) {
    this.#csrf = csrf;
    for (const kind of ["visibilitychange", "focus", "blur"]) window.addEventListener(kind, () => this.#count(), true);
    document.addEventListener("visibilitychange", () => this.#count());
    window.addEventListener("pagehide", () => this.close());
  }

  open(screen) {
    if (screen === this.#screen) return;
    this.#screen = screen;
    this.#looked = 0;
    this.#since = null;
    this.#claimed = false;
    this.#count();
    this.#timer = setTimeout(() => this.#claim(), SETTLE);
  }

  close() {
    clearTimeout(this.#timer);
    if (this.#claimed && this.#screen) this.#ask("DELETE");
    this.#screen = null;
  }

  // Visible, with the window in front.
  seconds() {
    this.#count();
    return Math.round(this.#looked / 100) / 10;
  }

  #count() {
    const now = performance.now();
    if (this.#since !== null) this.#looked += now - this.#since;
    this.#since = document.visibilityState === "visible" && document.hasFocus() ? now : null;
  }

  async #claim() {
    const screen = this.#screen;
    if (!screen) return;
    this.#timer = setTimeout(() => this.#claim(), AGAIN);
    if (document.visibilityState !== "visible") return;
    this.#claimed = true;
    const claim = await this.#ask("PUT");
    if (!claim || screen !== this.#screen) return;
    const presence = screen.querySelector("[data-presence]");
    presence.hidden = claim.mine;
    if (!claim.mine) presence.querySelector("[data-holder]").textContent = claim.by;
  }

  async #ask(method) {
    try {
      const answer = await fetch(this.#screen.dataset.claim, { method, headers: { "X-CSRF-Token": this.#csrf }, keepalive: true });
      return answer.ok && method === "PUT" ? await answer.json() : null;
    } catch {
      return null; // presence is a courtesy: nothing depends on it
    }
  }
}
