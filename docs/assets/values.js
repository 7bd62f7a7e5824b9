/* Your values: the reader's own names in place of those that CI ran, in the blocks of a page and in what is copied from them.
   What a page's names are, and what may stand for them, the page says (src/opsbook/values.py); what is not allowed there never
   reaches a block, wherever it comes from. Kept in this browser only. A block that destroys is copied with own values alone. */
"use strict";
(() => {
  const KEY = "opsbook.values";
  const BUTTON = "button[data-md-type=copy], button.md-clipboard";
  let memory = "{}"; // where the browser keeps nothing for this site

  function make(tag, facts, ...children) {
    const element = Object.assign(document.createElement(tag), facts);
    element.append(...children);
    return element;
  }

  function read() {
    let text = memory;
    try {
      text = localStorage.getItem(KEY);
    } catch {}
    try {
      return new Map(Object.entries(JSON.parse(text) || {}));
    } catch {
      return new Map();
    }
  }

  function write(all) {
    memory = JSON.stringify(Object.fromEntries(all));
    try {
      localStorage.setItem(KEY, memory);
    } catch {}
  }

  const isAllowed = ({ allowed }, text) => typeof text === "string" && new RegExp(`^(?:${allowed})$`).test(text);

  /* The reader's own values by value; one that is not allowed counts as none. */
  function own(values) {
    const all = read();
    return new Map(values.filter((value) => isAllowed(value, all.get(value.name))).map((value) => [value, all.get(value.name)]));
  }

  /* Why a text is refused, for eyes and ears. */
  function reason({ called, rule, characters }, text) {
    const wrong = [...text].find((character) => !new RegExp(`^[${characters}]$`).test(character));
    const rules = `A ${called} is ${rule}.`;
    if (wrong === undefined) return text.startsWith("-") ? `A leading hyphen would make it an option. ${rules}` : rules;
    if (/[\r\n]/.test(wrong)) return `It has a line break in it. ${rules}`;
    if (wrong === " ") return `It has a blank in it. ${rules}`;
    const code = `U+${wrong.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    return `${/^[!-~]$/.test(wrong) ? `“${wrong}”` : `The character ${code}`} may not be in it. ${rules}`;
  }

  /* What stands in a block for a place where the page has `value`. */
  function replacement(value, text, part) {
    if (value.kind !== "disk" && value.kind !== "device") return text + part;
    const disk = text.slice("/dev/".length);
    if (!part) return disk;
    const joint = disk.startsWith("disk/") ? "-part" : /[0-9]$/.test(disk) ? "p" : "";
    return disk + joint + part;
  }

  /* The places of the page's values in a text, the longer one where two begin alike, none inside another. */
  function findPlaces(values, text) {
    const found = values.flatMap((value) =>
      [...text.matchAll(new RegExp(value.find, "g"))].map((match) => (
        { value, start: match.index, end: match.index + match[0].length, part: match[1] || "" })));
    found.sort((one, other) => one.start - other.start || other.end - one.end);
    let end = 0;
    return found.filter((place) => place.start >= end && (end = place.end));
  }

  /* A block as CI ran it: its text nodes, which highlighting has made many of, and the places of values in it. */
  function readBlock(values, code) {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, text: walker.currentNode.data, start: text.length });
      text += walker.currentNode.data;
    }
    const box = code.closest(".highlight");
    const badge = box.nextElementSibling?.matches("details.proof") ? box.nextElementSibling : null;
    return { box, badge, nodes, places: findPlaces(values, text) };
  }

  /* Put own values into a block, or CI's where there are none; add what was put in to `ranges`; tell whether it differs. */
  function show({ nodes, places }, mine, ranges) {
    const ours = places.filter(({ value }) => mine.has(value));
    for (const { node, text, start } of nodes) {
      const end = start + text.length;
      let out = "";
      let at = start;
      const marks = [];
      for (const place of ours.filter((place) => place.start < end && place.end > start)) {
        out += text.slice(at - start, Math.max(place.start - start, 0));
        if (place.start >= start) {
          const put = replacement(place.value, mine.get(place.value), place.part);
          marks.push([out.length, out.length + put.length]);
          out += put;
        }
        at = Math.min(place.end, end);
      }
      out += text.slice(at - start);
      if (node.data !== out) node.data = out;
      for (const [from, to] of marks) ranges.push(new StaticRange({ startContainer: node, startOffset: from, endContainer: node, endOffset: to }));
    }
    return ours.some(({ value }) => mine.get(value) !== value.name);
  }

  /* Over the old words, which keep their room, so that nothing on the page moves. */
  function tellBadge(badge, differs) {
    if (!badge || (badge.dataset.yours !== undefined) === differs) return;
    badge.querySelector(".yours")?.remove();
    delete badge.dataset.yours;
    if (!differs) return;
    badge.dataset.yours = "";
    const effect = badge.querySelector("summary > .effect");
    const told = make("span", { className: "yours" }, make("b", {}, "≠ with your values: not what was proven"));
    if (effect) told.append(" ", effect.cloneNode(true));
    badge.querySelector("summary").append(told);
  }

  function makeFields(list, values) {
    list.replaceChildren(...values.map((value, place) => {
      const id = `value-${place}`;
      value.field = make("input", { id, type: "text", autocomplete: "off", spellcheck: false, autocapitalize: "none" });
      value.why = make("p", { id: `${id}-why` });
      value.field.setAttribute("aria-describedby", value.why.id);
      const label = make("label", { htmlFor: id }, make("code", {}, value.name), ` ${value.called}`);
      return make("li", {}, label, value.field, value.why);
    }));
  }

  /* Say why a field's text is refused; an empty reason takes that back. */
  function refuse(value, why) {
    value.why.textContent = why;
    value.field.toggleAttribute("aria-invalid", why !== "");
  }

  function start() {
    const box = document.querySelector("div.values");
    const list = box?.querySelector("ul");
    const values = [...(list?.children || [])].map((item) => ({ ...item.dataset }));
    const blocks = [...document.querySelectorAll(".highlight:not(.output) code")].map((code) => readBlock(values, code));
    if (!blocks.length) return;
    const back = make("button", { type: "button", hidden: true }, "Back to CI's values");
    const voice = make("p", { className: "values-voice" });
    voice.setAttribute("role", "status");
    (document.querySelector("main") || document.body).append(voice);
    let armed = null;

    /* Say it to a screen reader, and to eyes if they would not know otherwise. */
    function say(text, seen = false) {
      voice.textContent = text;
      voice.classList.toggle("seen", seen);
    }

    function apply() {
      const mine = own(values);
      const ranges = [];
      for (const block of blocks) tellBadge(block.badge, show(block, mine, ranges));
      back.hidden = mine.size === 0;
      if (self.Highlight) CSS.highlights.set("your-values", new Highlight(...ranges));
    }

    function fill() {
      const mine = own(values);
      for (const value of values) value.field.value = mine.get(value) || "";
    }

    /* Take what a field holds, an empty one as CI's value. */
    function take(value) {
      const text = value.field.value;
      const all = read();
      const good = isAllowed(value, text);
      if (good) all.set(value.name, text);
      else all.delete(value.name);
      write(all);
      refuse(value, good || text === "" ? "" : reason(value, text));
      apply();
      const places = blocks.filter((block) => block.places.some((place) => place.value === value)).length;
      say(value.why.textContent || `${value.name} is ${text || value.name} now, in ${places} ${places === 1 ? "block" : "blocks"}.`);
    }

    function goBack() {
      const all = read();
      for (const value of values) {
        all.delete(value.name);
        refuse(value, "");
      }
      write(all);
      fill();
      apply();
      box.querySelector("summary").focus();
      say("All blocks are what CI ran again.");
    }

    /* A field would drop line breaks without a word. */
    function refuseLines(event) {
      const value = values.find(({ field }) => field === event.target);
      const text = (event.clipboardData || event.dataTransfer).getData("text");
      if (!value || !/[\r\n]/.test(text)) return;
      event.preventDefault();
      refuse(value, reason(value, "\n"));
      say(value.why.textContent);
    }

    /* Tell whether a block that destroys may not be copied yet, and say what to do. */
    function holdsBack(block) {
      const mine = own(values);
      const missing = values.filter((value) => !mine.has(value) && block.places.some((place) => place.value === value));
      if (missing.length) {
        box.querySelector("details").open = true;
        missing[0].field.focus();
        say(`Not copied: this block destroys. Put in your own values first: ${missing.map(({ name }) => name).join(", ")}`, true);
      } else if (!block.places.length && armed !== block) {
        armed = block;
        say("Not copied: this block destroys. If it is what you want, copy it once more.", true);
      } else {
        return false;
      }
      return true;
    }

    const destroying = (element) => blocks.find((block) => block.box === element?.closest?.(".highlight.destroys"));

    /* Before the theme's own listener, which copies. */
    function guardButton(event) {
      voice.classList.remove("seen");
      const block = destroying(event.target.closest?.(BUTTON));
      // The second half of a double click is no second thought.
      if (block && (holdsBack(block) || event.detail > 1)) event.stopImmediatePropagation();
    }

    /* What goes to the clipboard: told aloud, and of a block that destroys never with the newline that would run it. */
    function onCopy(event) {
      if (event.target.matches?.("textarea[readonly]")) {
        const lines = event.target.value.split("\n");
        say(`Copied: ${lines.length > 5 ? `${lines.length} lines, beginning with ${lines[0]}` : event.target.value}`);
        return;
      }
      const text = String(getSelection());
      const block = destroying(event.target);
      if (!block || !/\s/.test(text.trim())) return; // a single word, to be looked up
      event.preventDefault();
      if (!holdsBack(block)) event.clipboardData.setData("text/plain", text.trimEnd());
    }

    document.addEventListener("click", guardButton, true);
    document.addEventListener("copy", onCopy);
    if (!box) return;
    box.querySelector("p").textContent = "The blocks of this page and what you copy from them follow; outputs stay as recorded. " +
      "Kept in this browser, sent nowhere.";
    makeFields(list, values);
    box.append(back);
    back.addEventListener("click", goBack);
    list.addEventListener("change", (event) => take(values.find(({ field }) => field === event.target)));
    list.addEventListener("paste", refuseLines);
    list.addEventListener("drop", refuseLines);
    addEventListener("storage", () => { fill(); apply(); });
    fill();
    apply();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start, { once: true });
  else start();
})();
