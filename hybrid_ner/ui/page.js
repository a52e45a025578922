// What the page itself does in the browser, beside its components: it keeps the reviewer's name, closes the menu
// of a phone after a choice, lets Back lead to what was seen before, packs many files before they are uploaded, and
// says in its own words that the program does not answer or has a fault. It sends what a page that was left could not.

const MENU = "[data-testid='stSidebar']";
const AWAY = [
  [/^Connection error$/i, "hybrid_ner does not answer"],
  [
    /^(Streamlit server is not responding|Is Streamlit still running)/,
    "The program behind this page is not running or cannot be reached. Start it again, on the computer where it ran: " +
      "what you have decided is kept there, and this page goes on by itself.",
  ],
  [/^streamlit run yourscript\.py$/, "hybrid-ner app"],
  [
    /^(: )?This app has encountered an error/,
    ": the program has a fault here. What you have decided is kept. Reload the page; should it come again, tell those " +
      "who look after the program: its report stands where it was started.",
  ],
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

// Streamlit draws its whole list anew for every file: fifty take a second, two thousand two minutes, and a browser
// drops some of them. So many are packed here into archives without compression, which the page reads as well.

const UPLOADER = "[data-testid='stFileUploaderDropzone']";
const FEW = 100;
/** Bytes of an archive; the server takes ten million. */
const MOST = 9_000_000;
const LARGEST = 10_000_000;
/** As in importing.py: what is sent in place of a file that the server would not take, so that it is told afterwards. */
const TOO_LARGE = "hybrid_ner: too large to be sent, bytes: ";

const CHECKS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

function checksum(bytes) {
  let sum = -1;
  for (const byte of bytes) sum = CHECKS[(sum ^ byte) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** Numbers of two (H) or four (I) bytes, smallest byte first. */
function numbers(form, ...values) {
  const view = new DataView(new ArrayBuffer(values.reduce((size, _, n) => size + (form[n] === "H" ? 2 : 4), 0)));
  let at = 0;
  values.forEach((value, n) => {
    if (form[n] === "H") view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += form[n] === "H" ? 2 : 4;
  });
  return view.buffer;
}

/** An archive (APPNOTE.TXT of ZIP, version 2.0, "stored") of [name, bytes] pairs, named by their places. */
function archive(entries, first) {
  const parts = [];
  const index = [];
  let at = 0;
  for (const [name, bytes] of entries) {
    const called = new TextEncoder().encode(name);
    // Version, UTF-8 names, no compression, no time, a day of 1980; sum, both sizes, length of the name.
    const told = [20, 0x800, 0, 0, 33, checksum(bytes), bytes.length, bytes.length, called.length, 0];
    parts.push(numbers("IHHHHHIIIHH", 0x04034b50, ...told), called, bytes);
    index.push(numbers("IHHHHHHIIIHHHHHII", 0x02014b50, 20, ...told, 0, 0, 0, 0, at), called);
    at += 30 + called.length + bytes.length;
  }
  const size = index.reduce((sum, part) => sum + part.byteLength, 0);
  const end = numbers("IHHHHIIH", 0x06054b50, 0, 0, entries.length, entries.length, size, at, 0);
  return new File([...parts, ...index, end], `files ${first} to ${first + entries.length - 1}.zip`, { type: "application/zip" });
}

/** Files as a few archives; what is too large for one stays as it is, and what cannot be read is told by its upload. */
async function packed(files, told) {
  const made = [];
  let held = [];
  let size = 0;
  let count = 0;
  const close = () => {
    if (held.length) made.push(archive(held, count - held.length + 1));
    held = [];
    size = 0;
  };
  for (const [n, [name, file]] of files.entries()) {
    if (n % 50 === 0) told(`Packing file ${n + 1} of ${files.length}`);
    const bytes = file.size < MOST && new Uint8Array(await file.arrayBuffer().catch(() => null) ?? 0);
    if (!bytes || bytes.length !== file.size) {
      made.push(file);
      continue;
    }
    if (size + bytes.length > MOST) close();
    held.push([name, bytes]);
    size += bytes.length + 2 * name.length + 100;
    count += 1;
  }
  close();
  return made;
}

/** What systems and programs put into a folder besides its files: ".DS_Store", "~$letter.docx". */
const NOBODYS = /^(\.|~\$|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;

/** The files in what was dropped: [path, file] pairs, folders looked through. */
async function dropped(entries, inside = false) {
  const found = [];
  for (const entry of entries) {
    if (inside && NOBODYS.test(entry.name)) continue;
    if (entry.isFile) found.push([entry.fullPath.slice(1), await new Promise((done, failed) => entry.file(done, failed))]);
    else {
      const reader = entry.createReader();
      // A reader gives a hundred at a time.
      for (let some; (some = await new Promise((done, failed) => reader.readEntries(done, failed))).length; ) found.push(...(await dropped(some, true)));
    }
  }
  return found;
}

/** Gives files to an uploader as if they had been chosen there. */
async function give(zone, files) {
  zone.dataset.packing = "Looking through the files";
  try {
    const pairs = (await files).map(([name, file]) => [name, file.size > LARGEST ? new File([TOO_LARGE + file.size], file.name) : file]);
    // Files of one name are told apart by their folders, which an archive keeps.
    const apart = new Set(pairs.map(([, file]) => file.name)).size === pairs.length;
    const pack = pairs.length > FEW || !apart;
    const few = pack ? await packed(pairs, (said) => (zone.dataset.packing = said)) : pairs.map(([, file]) => file);
    const input = zone.querySelector("input");
    const transfer = new DataTransfer();
    for (const file of few) transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "packed" }));
  } finally {
    delete zone.dataset.packing;
  }
}

/** Takes many files before Streamlit sees them, wherever archives are read. */
function takeMany(event) {
  const zone = event.target.closest?.(UPLOADER);
  if (!zone?.querySelector("input[accept*='.zip']") || event.detail === "packed") return;
  const chosen = [...(event.dataTransfer || event.target).files];
  const entries = [...(event.dataTransfer?.items || [])].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  if (chosen.length <= FEW && !entries.some((entry) => entry.isDirectory) && !chosen.some((file) => file.size > LARGEST)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // Streamlit hears of a drop without files: else it waits for one.
  if (event.type === "drop") zone.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: new DataTransfer() }));
  give(zone, entries.length ? dropped(entries) : chosen.map((file) => [file.webkitRelativePath || file.name, file]));
}

let asking = "";

/** On a page without a document, which takes the keys elsewhere, a question has them: Enter says yes, Escape leaves it. */
function giveKeys() {
  const question = document.querySelector(".st-key-pending");
  const asked = question?.textContent || "";
  if (asked !== asking && !document.querySelector(".st-key-work")) question?.querySelector(".st-key-yes button")?.focus();
  asking = asked;
}

/**
 * Keys are for the document, or for the first difference on Team: a button that the mouse has pressed does not keep
 * Enter and Space, nor a list of labels the digits.
 */
function handBack(event) {
  if (!event.detail) return;
  const button = event.target.closest?.("[data-testid='stMain'] .stButton button");
  if (button && document.querySelector(".st-key-work")) button.blur();
  // The list has the focus again once its choice is made.
  if (event.target.closest?.("[role='option']")) setTimeout(() => document.activeElement?.closest("[class*='st-key-difference-']") && document.activeElement.blur(), 100);
}

let next = "";

/** The digits are for one difference on Team: when it is another one than before, it is brought into sight. */
function showNext() {
  const card = document.querySelector("[class*='st-key-difference-'][class*='-now']");
  if (!card) return; // it is drawn anew
  const name = card.className.match(/st-key-difference-\d+/)[0];
  if (name !== next) card.scrollIntoView({ block: "nearest" });
  next = name;
}

/**
 * What opens over the page and scrolls, and a long list of notes, is scrolled by keys too. What opens has the focus:
 * it stands behind all else, and Tab would come to it last. Escape closes it and leads back.
 */
function letScroll() {
  for (const body of document.querySelectorAll(":is([data-testid='stPopoverBody'], .st-key-note-list):not([tabindex])")) {
    body.tabIndex = 0;
    if (document.activeElement?.matches("[data-testid='stPopoverButton']")) body.focus({ preventScroll: true });
  }
}

/** Milliseconds after which what was taken away has not been drawn anew. */
const GONE = 200;
let focused = [];
let keeping = 0;

/** What has the focus, and what it stands in; of an open list its field. */
function keepPlace({ target }) {
  if (target.closest("[role='listbox']")) return;
  focused = [];
  for (let node = target; node && node !== document.body; node = node.parentElement) focused.push(node);
}

/**
 * What a run takes away or greys out has no focus any more, and Tab would begin at the top of the page: what is drawn
 * under its name has it then, or what it stood in; where a document is shown that, as its keys are those wanted.
 */
function keepFocused() {
  const gone = () => focused.length && (!focused[0].isConnected || focused[0].disabled);
  if (!gone() || keeping) return;
  keeping = setTimeout(() => {
    keeping = 0;
    if (!gone() || document.activeElement !== document.body) return;
    const text = [...document.querySelectorAll(COMPONENT)].map((each) => each.shadowRoot?.querySelector(".annotator .page")).find(Boolean);
    const [had, ...around] = focused;
    const name = CSS.escape(had.getAttribute("aria-label") || "");
    const again = name && [...document.querySelectorAll(`${had.localName}[aria-label=${name}]:enabled`)].find((each) => each.offsetWidth);
    const place = again || text || around.find((node) => node.isConnected) || document.querySelector("[data-testid='stMain']");
    if (place.tabIndex < 0) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }, GONE);
}

function leaveQuestion(event) {
  const question = event.key === "Escape" && document.activeElement?.closest(".st-key-pending");
  if (question) question.querySelector(".st-key-leave button")?.click();
}

const COMPONENT = "[data-testid='stBidiComponentIsolated']";

// What a page that was left could not send any more: its components keep their edits on shelves of this tab.

const SHELVES = { "hybrid-ner-unsaved": ".annotator", "hybrid-ner-unsaved-cards": ".cards", "hybrid-ner-unsaved-turns": ".turns" };
const AGAIN_MS = 30000;
let glued = null;
let given = { edits: "", at: 0 };

/** Sends what is left of this project by components that are not on the page, and forgets what is written down. */
function sendLeft() {
  if (!glued?.data.project) return;
  const { project, acknowledged } = glued.data;
  const here = [...document.querySelectorAll(COMPONENT)];
  const left = [];
  for (const [shelf, component] of Object.entries(SHELVES)) {
    const kept = sessionStorage.getItem(shelf);
    if (!kept || kept === "[]" || here.some((each) => each.shadowRoot?.querySelector(component))) continue;
    const waiting = JSON.parse(kept).filter(({ client, sequence }) => sequence > (acknowledged[client] || 0));
    sessionStorage.setItem(shelf, JSON.stringify(waiting));
    left.push(...waiting.filter((edit) => edit.project === project));
  }
  const edits = JSON.stringify(left);
  if (!left.length || (edits === given.edits && Date.now() < given.at + AGAIN_MS)) return;
  given = { edits, at: Date.now() };
  glued.setStateValue("outbox", { edits: left, at: given.at });
}

// A server that was started again has drawn nothing yet: it would take no button, and the page may show what is past.

const PARTS = "[data-testid='stElementContainer']:not(:has([data-testid^='stBidiComponent']))";
const LONGEST_MS = 60000;
const back = { away: false, asked: false, going: false };

/** Lets nothing be pressed but keys of the document, which are sent until they are written down. */
function hold(held) {
  for (const part of document.querySelectorAll(PARTS)) part.inert = held;
}

/** Has the page drawn anew when the server is there again. */
function comeBack() {
  const now = document.querySelector("[data-test-connection-state]")?.dataset;
  if (!now || !glued) return;
  const connected = now.testConnectionState === "CONNECTED";
  const going = now.testScriptState !== "notRunning";
  if (connected && back.away) {
    Object.assign(back, { asked: true, going: false });
    hold(true);
    setTimeout(hold, LONGEST_MS, false);
    given.at = 0;
    glued.setStateValue("outbox", { edits: [], at: Date.now() });
  } else if (back.asked && back.going && !going) {
    back.asked = false;
    hold(false);
  }
  back.away = !connected;
  back.going = going;
}

// Who signs in leaves the page for the provider and comes back at its plain address; and a tab that stays open
// is connected as who signed in when it was opened, whoever has signed out or in beside it since.

const WANTED = "hybrid-ner-wanted";
const TRYING = "hybrid-ner-trying";
const WHO = "hybrid-ner-who";
const tabs = new BroadcastChannel("hybrid-ner");

/** Puts unsent edits aside as those of one person, or takes that person's out again; says whether there were any. */
function shelve(who, out) {
  let found = false;
  for (const shelf of Object.keys(SHELVES)) {
    const [from, to] = out ? [`${shelf} of ${who}`, shelf] : [shelf, `${shelf} of ${who}`];
    const kept = sessionStorage.getItem(from);
    if (!kept || kept === "[]") continue;
    sessionStorage.setItem(to, JSON.stringify([...JSON.parse(sessionStorage.getItem(to) || "[]"), ...JSON.parse(kept)]));
    sessionStorage.removeItem(from);
    found = true;
  }
  return found;
}

/** @returns {boolean} Whether the page is left for another address. */
function follow({ who, asks }) {
  const before = sessionStorage.getItem(WHO) || "";
  if (before !== who) tabs.postMessage(who);
  if (before && before !== who) shelve(before);
  sessionStorage.setItem(WHO, who);
  if (asks && (location.search || !location.pathname.endsWith("/"))) {
    sessionStorage.setItem(WANTED, location.pathname + location.search);
  }
  if (!who) return false;
  const wanted = sessionStorage.getItem(WANTED);
  for (const done of [WANTED, TRYING]) sessionStorage.removeItem(done);
  const mine = before !== who && shelve(who, true);
  if (wanted) location.replace(wanted);
  else if (mine) location.reload();
  return Boolean(wanted || mine);
}

/** Another tab has another person, or nobody any more. */
tabs.onmessage = ({ data: who }) => {
  const mine = glued?.data.who;
  if (!mine || mine === who) return;
  shelve(mine);
  location.reload();
};

function watch() {
  keepSteps();
  document.addEventListener("click", ({ target }) => target.closest?.(".st-key-sign-in button") && sessionStorage.setItem(TRYING, "yes"), true);
  setInterval(sendLeft, 1000);
  const states = ["data-test-connection-state", "data-test-script-state"];
  new MutationObserver(comeBack).observe(document.body, { subtree: true, attributes: true, attributeFilter: states });
  for (const kind of ["change", "drop"]) window.addEventListener(kind, takeMany, true);
  document.addEventListener("click", closeMenu, true);
  document.addEventListener("click", handBack, true);
  document.addEventListener("keydown", leaveQuestion);
  document.addEventListener("focusin", keepPlace);
  // Who clicks beside it wants it to have no focus.
  document.addEventListener("pointerdown", () => (focused = []), true);
  new MutationObserver(() => {
    document.querySelectorAll("[role='dialog'], [data-testid='stException']").forEach(reword);
    giveKeys();
    showNext();
    letScroll();
    keepFocused();
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
}

export default function ({ data, setStateValue }) {
  if (data.name) keepName(data);
  const refused = data.asks && sessionStorage.getItem(TRYING);
  if ((data.who || data.asks) && follow(data)) return;
  glued = { data, setStateValue };
  if (refused) {
    sessionStorage.removeItem(TRYING);
    setStateValue("outbox", { refused: true });
  }
  if (!window.hybridNerWatches) watch();
  window.hybridNerWatches = true;
  letScroll(); // what was drawn before this script is watched by nobody
}
