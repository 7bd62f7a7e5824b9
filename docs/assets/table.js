/* Long tables: a row of fields above them filters, the heads of their columns sort. A page of all topics (links of class
   "part") fetches the tables of the topics once it is asked. What is chosen stands in the address, to be shared. */
"use strict";
(() => {
  const KINDS = {
    ledger: { Kind: ["block", "output", "claim", "page"], State: ["proven", "not proven", "failing", "changed", "unproven", "not run"] },
    claims: { Verdict: ["unsafe", "wrong", "dated", "incomplete", "holds"] },
  };
  const COLUMNS = { Kind: 1, State: 2, Verdict: 1 };

  function make(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  function field(form, name, options) {
    const label = form.appendChild(make("label", name));
    const made = options ? make("select", "") : make("input", "", { type: "search", autocomplete: "off", spellcheck: "false" });
    made.name = name.toLowerCase();
    for (const option of options ? ["all", ...options] : []) made.append(make("option", option, { value: option === "all" ? "" : option }));
    label.append(made);
  }

  /* What a cell says, without the mark before it and the reason after it. */
  const word = (row, name) => row.cells[COLUMNS[name]].textContent.replace(/^[^a-z]+/, "").split(":")[0];

  async function fetchRows(part, kind) {
    const answer = await fetch(part.href);
    if (!answer.ok) throw new Error(`${part.href}: ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const table = page.querySelector(`table[data-kind=${kind}]`);
    for (const link of table.querySelectorAll("a[href]")) link.href = new URL(link.getAttribute("href"), answer.url).href;
    for (const row of table.tBodies[0].rows) {
      row.dataset.topic = part.textContent;
      if (kind === "ledger") row.removeAttribute("id");
    }
    return table;
  }

  function start() {
    const box = document.querySelector(".filterable");
    const place = box && box.querySelector(".filter");
    if (!place || place.firstChild) return;
    const parts = [...box.querySelectorAll("a.part")];
    const shown = box.querySelector("table");
    const kind = shown.dataset.kind === "topics" ? "ledger" : shown.dataset.kind;
    let table = shown.dataset.kind === kind ? shown : null;
    let whole = parts.length === 0;
    const words = new Map();

    const form = place.appendChild(make("form", "", { role: "search", "aria-label": "Filter the table" }));
    if (parts.length) field(form, "Topic", parts.map((part) => part.textContent));
    for (const [name, options] of Object.entries(KINDS[kind])) field(form, name, options);
    field(form, "Text");
    const status = form.appendChild(make("p", "", { role: "status" }));
    const chosen = () => [...new FormData(form)].filter(([, value]) => value.trim());

    function headers() {
      for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
        const button = make("button", head.textContent, { type: "button" });
        head.replaceChildren(button);
        button.addEventListener("click", () => sort(column, head.ariaSort === "ascending" ? "descending" : "ascending"));
      }
    }

    function sort(column, direction) {
      const name = Object.keys(KINDS[kind]).find((each) => COLUMNS[each] === column);
      const key = name
        ? (row) => String(KINDS[kind][name].indexOf(word(row, name)))
        : (row) => row.cells[column].textContent;
      const rows = [...table.tBodies[0].rows].map((row) => [key(row), row]);
      rows.sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }) * (direction === "ascending" ? 1 : -1));
      table.tBodies[0].append(...rows.map(([, row]) => row));
      for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
      table.tHead.rows[0].cells[column].ariaSort = direction;
    }

    /* The first choice on the page of all topics brings in the rows of every topic. */
    async function gather() {
      status.textContent = "Loading the tables of all topics.";
      const tables = await Promise.all(parts.map((part) => fetchRows(part, kind)));
      if (!table) {
        table = tables[0];
        shown.after(table);
        shown.hidden = true;
        headers();
      } else table.tBodies[0].replaceChildren();
      table.tBodies[0].append(...tables.flatMap((each) => [...each.tBodies[0].rows]));
      if (kind === "claims") sort(COLUMNS.Verdict, "ascending");
      whole = true;
    }

    function fits(row, wanted) {
      return wanted.every(([name, value]) => {
        if (name === "topic") return row.dataset.topic === value;
        if (name === "text") {
          if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
          return value.toLowerCase().trim().split(/\s+/).every((each) => words.get(row).includes(each));
        }
        const said = word(row, name[0].toUpperCase() + name.slice(1));
        return value === "not proven" ? said !== "proven" : said === value;
      });
    }

    function filter() {
      const wanted = chosen();
      let found = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !fits(row, wanted);
        if (!row.hidden) found += 1;
      }
      const all = table.tBodies[0].rows.length.toLocaleString("en");
      status.textContent = wanted.length ? `${found.toLocaleString("en")} of ${all} rows` : `${all} rows`;
    }

    async function apply() {
      const wanted = chosen();
      const query = new URLSearchParams(wanted).toString();
      history.replaceState(history.state, "", `${query ? `?${query}` : location.pathname}${location.hash}`);
      if (!whole && !wanted.length) {
        status.textContent = "Choose, and the rows of all topics come.";
        return;
      }
      try {
        if (!whole) await gather();
        filter();
      } catch {
        status.textContent = "The tables of the topics could not be loaded; the links below lead to them.";
      }
    }

    for (const [name, value] of new URLSearchParams(location.search)) if (form.elements[name]) form.elements[name].value = value;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    if (table) headers();
    box.classList.toggle("asked", chosen().length > 0);
    apply();
    // Rows that the address asks for are drawn anew, not moved up past those that may have been seen before them.
    if (table && chosen().length) table.append(table.tBodies[0]);
  }

  document.addEventListener("DOMContentLoaded", start);
  if (document.readyState !== "loading") start();
})();
