/* On the page of all errors: a field for the line that you have; the most alike messages come first.
   Does in the browser what `opsbook find` does (src/opsbook/messages.py); a test compares the two. */
"use strict";
(() => {
  const WORD = /[a-z][a-z_]*[a-z]|[0-9]{2,5}/g;
  const VARIABLE = /'[^']*'|"[^"]*"|<[^>]*>|\S*[/@]\S*|\S+\.[a-z]{2,}\b/g;
  const VARIABLE_WEIGHT = 0.2;
  const LEAST = 0.3;
  const WHOLE = 2;
  const TOPIC = 1.2;
  const words = (text) => text.toLowerCase().match(WORD) || [];

  const even = (text) => text.toLowerCase().replaceAll("`", "").trim().split(/\s+/).join(" ").replace(/\.+$/, "");

  function weighed(text) {
    const weights = new Map(words(text).map((word) => [word, VARIABLE_WEIGHT]));
    for (const word of words(text.toLowerCase().replace(VARIABLE, " "))) weights.set(word, 1);
    return weights;
  }

  function makeForm(label) {
    const form = document.createElement("form");
    form.className = "find";
    form.setAttribute("role", "search");
    form.innerHTML =
      '<label for="find-error"></label>' +
      '<input id="find-error" name="line" type="search" autocomplete="off" spellcheck="false">';
    form.querySelector("label").textContent = label;
    return form;
  }

  /* A link to the page of all errors becomes a field that leads there. */
  function openDoor() {
    const link = document.querySelector("a.find-door");
    if (!link || document.getElementById("find-error")) return;
    const form = makeForm("An error message? Paste it");
    form.action = link.href;
    form.insertAdjacentHTML("beforeend", '<button type="submit">Find</button>');
    link.closest("p").before(form);
  }

  function start() {
    openDoor();
    const table = document.querySelector("table[data-kind=errors]");
    if (!table || document.getElementById("find-error")) return;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => {
      const text = row.cells[0].textContent;
      return { row, weights: weighed(text), text: even(text) };
    });
    const counts = new Map();
    for (const { weights } of rows) for (const word of weights.keys()) counts.set(word, (counts.get(word) || 0) + 1);

    const form = makeForm("Paste your error line");
    form.addEventListener("submit", (event) => event.preventDefault());
    (table.closest(".md-typeset__scrollwrap") || table).before(form);
    const field = form.querySelector("input");
    const status = document.createElement("p");
    status.setAttribute("role", "status");
    form.append(status);

    function rank() {
      const seen = new Set(words(field.value));
      const said = even(field.value);
      const scored = rows.map(({ row, weights, text }, place) => {
        let all = 0;
        let matched = 0;
        for (const [word, weight] of weights) {
          const worth = weight * Math.log(1 + rows.length / counts.get(word));
          all += worth;
          if (seen.has(word)) matched += worth;
        }
        const covered = matched / (all || 1);
        let score = covered >= LEAST ? matched * covered : 0;
        if (weights.size > 1 && said.includes(text)) score *= WHOLE;
        if (seen.has(row.dataset.topic)) score *= TOPIC;
        return { row, place, score };
      });
      scored.sort((one, other) => other.score - one.score || one.place - other.place);
      const asked = field.value.trim() !== "";
      for (const { row, score } of scored) {
        row.hidden = asked && score === 0;
        body.append(row);
      }
      const found = scored.filter(({ score }) => score > 0).length;
      status.textContent = !asked ? "" : found ? `${found} messages are like it, the most alike first.` : "No page has a message like that.";
    }

    field.addEventListener("input", rank);
    field.value = new URLSearchParams(location.search).get("line") || "";
    rank();
  }

  document.addEventListener("DOMContentLoaded", start);
  if (document.readyState !== "loading") start();
})();
