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

/** An element with its text, which is never read as markup. */
function element(name, className = "", text = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}
