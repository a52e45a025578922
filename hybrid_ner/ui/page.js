// What the page itself does in the browser, beside its components: it keeps the reviewer's name, closes the menu
// of a phone after a choice, lets Back lead to what was seen before, and says in its own words that the program
// does not answer.

const MENU = "[data-testid='stSidebar']";
const AWAY = [
  [/^Connection error$/i, "hybrid_ner does not answer"],
  [
    /^(Streamlit server is not responding|Is Streamlit still running)/,
    "The program behind this page is not running or cannot be reached. Start it again, on the computer where it ran: " +
      "what you have decided is kept there, and this page goes on by itself.",
  ],
  [/^streamlit run yourscript\.py$/, "hybrid-ner app"],
];

function keepName({ cookie, name }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const year = 365 * 24 * 3600;
  document.cookie = `${cookie}=${encodeURIComponent(name)}; Path=/; Max-Age=${year}; SameSite=Strict${secure}`;
}

/** On a narrow screen the menu lies over the page: a choice closes it. */
function closeMenu(event) {
  const menu = event.target.closest?.(MENU);
  if (!menu || window.innerWidth > 768 || !event.target.closest("a")) return;
  setTimeout(() => menu.querySelector("[data-testid='stSidebarCollapseButton'] button")?.click(), 50);
}

/** Streamlit asks whether one is connected to the internet, which a page on one's own machine does not need. */
function reword(dialog) {
  const walker = document.createTreeWalker(dialog, NodeFilter.SHOW_TEXT);
  for (let leaf = walker.nextNode(); leaf; leaf = walker.nextNode()) {
    const found = AWAY.find(([theirs]) => theirs.test(leaf.data.trim()));
    // In place: the node stays the one that Streamlit knows.
    if (found) leaf.data = found[1];
  }
}

/** Whether an address of the same page says all that another one says. */
function holds(address, other) {
  const has = new URLSearchParams(address.search);
  return address.pathname === other.pathname && [...new URLSearchParams(other.search)].every(([name, value]) => has.get(name) === value);
}

/**
 * Streamlit makes every change of the address a step of Back. One that only says more ("/queue", then
 * "/queue?project=notes") would lead back here, and one that says less is on its way to another page.
 */
function keepSteps() {
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const next = new URL(address || "", location.href);
    if (!address) push(state, title, address);
    else if (holds(next, location)) history.replaceState(state, title, address);
    else if (!holds(location, next)) push(state, title, address);
  };
}

/** A browser drops some of two thousand uploads at a time: a few run, the others wait for them. */
const UPLOADS = 6;

function queueUploads() {
  const { open, send } = XMLHttpRequest.prototype;
  const uploads = new WeakSet();
  const waiting = [];
  let running = 0;
  const next = () => {
    for (; running < UPLOADS && waiting.length; running += 1) waiting.shift()();
  };
  XMLHttpRequest.prototype.open = function (method, address, ...more) {
    if (String(address).includes("/_stcore/upload_file/")) uploads.add(this);
    return open.call(this, method, address, ...more);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (!uploads.has(this)) return send.call(this, body);
    this.addEventListener("loadend", () => {
      running -= 1;
      next();
    });
    waiting.push(() => send.call(this, body));
    next();
  };
}

let asking = "";

/** On a page without a document, which takes the keys elsewhere, a question has them: Enter says yes, Escape leaves it. */
function giveKeys() {
  const question = document.querySelector(".st-key-pending");
  const asked = question?.textContent || "";
  if (asked !== asking && !document.querySelector(".st-key-work")) question?.querySelector(".st-key-yes button")?.focus();
  asking = asked;
}

function leaveQuestion(event) {
  const question = event.key === "Escape" && document.activeElement?.closest(".st-key-pending");
  if (question) question.querySelector(".st-key-leave button")?.click();
}

function watch() {
  keepSteps();
  queueUploads();
  document.addEventListener("click", closeMenu, true);
  document.addEventListener("keydown", leaveQuestion);
  new MutationObserver(() => {
    document.querySelectorAll("[role='dialog']").forEach(reword);
    giveKeys();
  }).observe(document.body, { childList: true, subtree: true });
}

export default function ({ data }) {
  if (data.name) keepName(data);
  if (!window.hybridNerWatches) watch();
  window.hybridNerWatches = true;
}
