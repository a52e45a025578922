// What may be meant, while a command is typed into the chat box. Tab takes the first suggestion.

const MOST = 6;

/** The commands that fit what was typed: by their beginning, then by any of their words. */
function fitting(commands, typed) {
  const said = typed.trimStart().toLowerCase();
  if (!said) return [];
  const first = said.split(/\s+/)[0];
  const begins = commands.filter(({ usage }) => usage.toLowerCase().startsWith(said));
  const sameWord = commands.filter(({ usage }) => usage.toLowerCase().split(/\s+/)[0] === first);
  const about = first.length > 2 ? commands.filter(({ usage, does }) => `${usage} ${does}`.toLowerCase().includes(said)) : [];
  return [...new Set([...begins, ...sameWord, ...about])].slice(0, MOST);
}

/** The part of a usage that stays when it is taken: up to its first quoted or numbered example. */
function takeable(usage) {
  const fixed = /^[^"\d=]*/.exec(usage)[0];
  return usage.includes('"') ? `${fixed}"` : fixed;
}

/** Writes into the chat box, as if it was typed. */
function fillChat(area, line) {
  // React keeps the value of the field itself; only the native setter and an event reach it.
  const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  set.call(area, line);
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

class Hints {
  constructor(root) {
    this.list = root.querySelector(".hints");
    this.commands = [];
    this.stops = new AbortController();
    const options = { signal: this.stops.signal, capture: true };
    document.addEventListener("input", (event) => this.onInput(event), options);
    document.addEventListener("keydown", (event) => this.onKey(event), options);
    document.addEventListener("focusout", (event) => event.target.matches?.(CHAT) && this.show([]), options);
  }

  stop() {
    this.stops.abort();
  }

  onInput(event) {
    if (!event.target.matches?.(CHAT)) return;
    this.area = event.target;
    this.show(fitting(this.commands, this.area.value));
  }

  onKey(event) {
    if (!event.target.matches?.(CHAT)) return;
    if (event.key === "Escape" || event.key === "Enter") {
      this.show([]);
    } else if (event.key === "Tab" && !event.shiftKey && this.shown?.length) {
      event.preventDefault();
      event.stopPropagation();
      this.take(this.shown[0].usage);
    }
  }

  take(usage) {
    fillChat(this.area, takeable(usage));
  }

  show(found) {
    this.shown = found;
    this.list.hidden = !found.length;
    this.list.replaceChildren(...found.map(({ usage, does }, index) => {
      const row = element("div", "hint");
      const said = drawText(element("span"), does, (part) => element("code", "", part));
      row.append(element("code", "", usage), " ", said, index ? "" : element("kbd", "", "Tab"));
      return row;
    }));
    if (!found.length) return;
    const box = this.area.closest("[data-testid='stChatInput']").getBoundingClientRect();
    this.list.style.left = `${box.left}px`;
    this.list.style.width = `${box.width}px`;
    this.list.style.bottom = `${window.innerHeight - box.top + 4}px`;
  }
}
