// Edits on their way to the server. Each has the client id and a number of its own; it stays here, and in the
// tab's storage, until the server has said that it is written down. Sending it twice does no harm.

const SHELF = "hybrid-ner-unsaved";
const RESEND_MS = 1000;
// Longer than a run of the page takes on an overloaded server: one that is cut off every time ends never.
const LONGEST_MS = 30000;
const LATE_MS = 1500;

/** When the page was last seen to run, and when a run has ended; Streamlit writes the state of its script there. */
const runs = { going: false, ended: 0 };
new MutationObserver(() => {
  const going = document.querySelector("[data-test-script-state]")?.dataset.testScriptState === "running";
  if (runs.going && !going) runs.ended = Date.now();
  runs.going = going;
}).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-test-script-state"] });

class Outbox {
  /**
   * @param {() => void} onChange Called when the number of waiting or late edits may have changed.
   * @param {string} shelf Where the tab keeps what waits: each component has its own.
   */
  constructor(onChange, shelf = SHELF) {
    this.shelf = shelf;
    this.client = crypto.randomUUID ? crypto.randomUUID() : Array.from(
      crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.sequence = 0;
    this.onChange = onChange;
    this.have = "";
    this.framed = null;
    this.wish = null;
    this.wishes = 0;
    // Sending again starts the script anew: the longer an answer takes, the longer the next one is waited for.
    this.patience = RESEND_MS;
    this.round = 0;
    this.send = null;
    this.waiting = this.restore();
    this.timer = setInterval(() => this.tick(), RESEND_MS);
  }

  restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.shelf) || "[]");
      return kept.map((edit) => ({ edit, since: Date.now(), sent: 0 }));
    } catch {
      return [];
    }
  }

  keep() {
    try {
      // A way to a document is none to be taken once more: it left this page before it was acknowledged here.
      const edits = this.waiting.map((item) => item.edit).filter(({ line = "" }) => !line.startsWith("go "));
      sessionStorage.setItem(this.shelf, JSON.stringify(edits));
    } catch {
      // A full or forbidden storage only costs the edits of a tab that is closed while offline.
    }
  }

  add(edit) {
    this.sequence += 1;
    const whole = { client: this.client, sequence: this.sequence, ...edit };
    this.waiting.push({ edit: whole, since: Date.now(), sent: 0 });
    this.keep();
    this.flush();
    return whole;
  }

  /** Asks for a part of the document, again and again until `granted` is called for it. */
  want({ doc, part }) {
    this.wishes += 1;
    this.wish = { name: `${this.client}:${this.wishes}`, doc, part };
    this.flush();
  }

  granted(doc, part) {
    if (!this.wish || (this.wish.doc === doc && this.wish.part !== part)) return;
    this.wish = null;
    this.patience = RESEND_MS;
  }

  /** Says which span is framed, when that has changed: "this" in a sentence means it. */
  frame(framed) {
    if (JSON.stringify(framed) === JSON.stringify(this.framed)) return;
    this.framed = framed;
    this.flush();
  }

  /** Sends everything that waits, and which document the page already has. */
  flush() {
    if (!this.send) return;
    this.round += 1;
    const now = Date.now();
    for (const item of this.waiting) item.sent = now;
    this.wished = now;
    const edits = this.waiting.map((item) => item.edit);
    this.send({ edits, have: this.have, wish: this.wish, framed: this.framed, round: this.round });
    this.onChange();
  }

  /** @param {Object<string, number>} acknowledged Client id to the last number that is written down. */
  acknowledge(acknowledged) {
    const before = this.waiting.length;
    this.waiting = this.waiting.filter(({ edit }) => edit.sequence > (acknowledged[edit.client] || 0));
    if (this.waiting.length !== before) {
      this.patience = RESEND_MS;
      this.keep();
    }
    if (this.waiting.some((item) => !item.sent)) this.flush();
    this.onChange();
  }

  get late() {
    const limit = Date.now() - LATE_MS;
    return this.waiting.filter((item) => item.since < limit).length;
  }

  tick() {
    if (!this.waiting.length && !this.wish) return;
    // Sending again starts the script anew, and on this page: a link that was followed meanwhile would lead nowhere.
    // So the server is asked again where a run has ended without an answer; one that has not begun will come.
    const now = Date.now();
    const isDue = (sent) => sent < now - (!runs.going && runs.ended > sent ? this.patience : LONGEST_MS);
    if (this.waiting.some((item) => isDue(item.sent)) || (this.wish && isDue(this.wished))) {
      this.patience = Math.min(LONGEST_MS, 2 * this.patience);
      this.flush();
    } else this.onChange();
  }

  stop() {
    clearInterval(this.timer);
  }
}
