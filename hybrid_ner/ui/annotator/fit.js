/** Lets a scrolling part end where the chat box begins, whatever stands above it. */
function fitHeight(part, least, below) {
  if (window.innerWidth <= 760) {
    part.style.height = "";
    return;
  }
  const scrolled = document.querySelector("[data-testid='stMain']")?.scrollTop || 0;
  const bottom = document.querySelector("[data-testid='stBottom']")?.offsetHeight || 0;
  const room = window.innerHeight - part.getBoundingClientRect().top - scrolled - bottom - below;
  part.style.height = `${Math.max(least, room)}px`;
}

/** Fits again whenever the window, or what stands above on the page, changes; what ends that. */
function keepFitted(fit) {
  const watch = new ResizeObserver(fit);
  const above = document.querySelector("[data-testid='stMainBlockContainer'] > [data-testid='stVerticalBlock']") || document.querySelector("[data-testid='stMain']");
  if (above) watch.observe(above);
  window.addEventListener("resize", fit);
  return () => {
    watch.disconnect();
    window.removeEventListener("resize", fit);
  };
}

/** The field of the chat, below the page. */
const CHAT = "[data-testid='stChatInputTextArea']";

/**
 * Draws a part anew. What had the focus in it has it afterwards, or the button or tick of that name, else what `home`
 * gives: whoever uses the keyboard would begin at the top of the page, as nothing had it any more.
 */
function keepFocus(part, draw, home) {
  const place = part.getRootNode();
  const had = place.activeElement;
  if (!part.contains(had)) return draw();
  const called = (node) => node.getAttribute("aria-label") || (node.labels?.[0] || node).textContent;
  // Only these are looked for: a long text has thousands of spans.
  const name = had.matches("button, input") ? called(had) : "";
  const alike = () => (name ? [...part.querySelectorAll(had.localName)].filter((each) => called(each) === name) : []);
  const nth = alike().indexOf(had);
  draw();
  if (place.activeElement === had && !had.disabled) return;
  const now = [had, alike()[nth]].find((each) => each?.isConnected && !each.disabled) || home();
  now.focus({ preventScroll: true });
}

/** An element with its text, which is never read as markup. */
function element(name, className = "", text = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}
