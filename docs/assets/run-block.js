/* What Run and Edit do: the blocks of a page, from the top down to the one pressed, in one Python as CI runs them, and what
   it prints held against what CI recorded. Loaded by run.js on the first press. */

let python = null; // the worker at work, with what it has done so far
let version = "";
let packages = "";
let running = null; // the block whose Stop is shown

/* --- the blocks of the page */

const blocks = [...document.querySelectorAll("details[data-run]")].map((badge) => {
  const [, path, file, name] = badge.dataset.proof.match(/ (.*?([^/]*)):(.*)$/);
  const bar = badge.previousElementSibling.matches(".run") ? badge.previousElementSibling : null;
  const code = (bar || badge).previousElementSibling.querySelector("pre");
  const proven = code.querySelector("code").textContent.replace(/\n$/, "");
  return { badge, bar, code, proven, path, file, name, how: badge.dataset.run, recorded: recordedFor(badge), edited: null };
});

function recordedFor(badge) {
  const proof = document.querySelector(`[data-proof="${badge.dataset.proof.replace("regions", "outputs").replace(/\.[^.:]*:(.*)$/, ".$1.out")}"]`);
  const output = proof?.previousElementSibling.querySelector("pre code");
  return output ? { text: tidy(output.textContent), tokens: JSON.parse(proof.dataset.tokens || "{}") } : null;
}

const source = (block) => (block.edited ? block.edited.value.trimEnd() : block.proven);
const isEdited = (block) => source(block) !== block.proven;
function tidy(text) {
  return text.split("\n").map((line) => line.trimEnd()).join("\n").trimEnd();
}

/* A recorded output as a pattern: <pid> is any value of its type. */
function pattern({ text, tokens }) {
  const names = Object.keys(tokens);
  if (!names.length) return null;
  const parts = text.split(new RegExp(`<(${names.join("|")})>`));
  return new RegExp(`^${parts.map((part, place) => (place % 2 ? `(?:${tokens[part]})` : part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"))).join("")}$`);
}

const same = (recorded, seen) => pattern(recorded)?.test(seen) ?? recorded.text === seen;

/* --- Python */

function stepOf(block) {
  if (block.how === "no") return { how: "define", file: block.file, code: source(block) };
  if (block.how.startsWith("~")) return { how: "write", file: block.how, code: source(block) };
  return { how: "run", file: block.file, code: source(block) };
}

const texts = {};

/* The text of a snippet's whole file, as the site has it. */
function textOf(path) {
  texts[path] ??= fetch(new URL(`../snippets/${path}`, import.meta.url)).then((answer) => answer.text());
  return texts[path];
}

/* What is done for a block: all above it on the page, and the block. Where a page says what its program imports here, that too, and
   the lines of the program between its blocks, which say what to do without a server. */
async function stepsTo(block) {
  const above = blocks.slice(0, blocks.indexOf(block) + 1);
  const { beside } = block.badge.dataset;
  if (!beside) return above.map(stepOf);
  const files = beside.split(" ").map(async (path) => [path.replace(/.*\//, ""), await textOf(path)]);
  const steps = [{ how: "database", code: JSON.stringify(Object.fromEntries(await Promise.all(files))) }];
  const left = {};
  for (const each of above.filter(({ how }) => how !== "no")) {
    if (each.how.startsWith("~")) {
      steps.push(stepOf(each));
      continue;
    }
    const [before, after] = (left[each.path] ?? (await textOf(each.path))).split(`# --8<-- [start:${each.name}]\n`);
    left[each.path] = after.slice(after.indexOf(`# --8<-- [end:${each.name}]`));
    if (before.trim()) steps.push({ how: "run", file: each.file, code: before });
    steps.push(stepOf(each));
  }
  return steps;
}

function stop() {
  python?.worker.terminate();
  python = null;
}

/* The Python that has done the first of `steps` and nothing else: the one at work, or a fresh one. */
function pythonFor(steps) {
  const fits = python && python.done.length < steps.length && python.done.every((done, place) => done === JSON.stringify(steps[place]));
  if (fits) return python;
  stop();
  python = { worker: new Worker(new URL("run-worker.js", import.meta.url), { type: "module" }), done: [] };
  return python;
}

/* Do what `steps` leave to do, the last one seen by `tell`; resolves to whether it ended well. */
function perform(steps, tell) {
  const { worker, done } = pythonFor(steps);
  const todo = steps.slice(done.length);
  todo.forEach((step, place) => worker.postMessage({ ...step, shown: place === todo.length - 1 }));
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "its files are not on this site"));
    worker.onmessage = ({ data }) => {
      if (data.python) version = data.python;
      if (data.print) tell(data.print);
      if (data.broken) reject(new Error(data.broken));
      if (data.ended) done.push(JSON.stringify(steps[done.length]));
      if (typeof data.answer === "string") packages = data.answer;
      if (data.ended && done.length === steps.length) resolve(data.answer);
    };
  });
}

/* --- what a reader sees */

export function press(badge, button) {
  const block = blocks.find((each) => each.badge === badge);
  ({ Run: run, Stop: halt, Edit: edit, Reset: reset })[button.textContent](block);
}

function rename(button, text, block) {
  button.textContent = text;
  button.setAttribute("aria-label", `${text} ${block.name}`);
}

function panelOf(block) {
  if (!block.panel) {
    block.panel = document.createElement("div");
    block.panel.className = "ran";
    block.panel.setAttribute("role", "status");
    block.panel.append(document.createElement("p"));
    block.badge.after(block.panel);
  }
  return block.panel;
}

function say(block, text, lines = []) {
  const panel = panelOf(block);
  panel.querySelector("p").textContent = text;
  panel.querySelector("pre")?.remove();
  if (!lines.length) return;
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", `Output of ${block.name}`);
  for (const [kind, line] of lines) {
    const shown = document.createElement("span");
    shown.className = kind;
    shown.textContent = line;
    pre.append(shown);
  }
  panel.append(pre);
}

const plain = (text) => (text ? [["", text]] : []);

async function run(block) {
  if (running) halt(running);
  running = block;
  const mine = {};
  block.turn = mine;
  rename(block.bar.children[0], "Stop", block);
  say(block, version ? "Running …" : `Loading Python from this site, about ${block.badge.dataset.beside ? 20 : 15} MB the first time …`);
  let seen = "";
  let drawn = "";
  const draw = () => {
    if (block.turn !== mine) return;
    if (seen !== drawn) say(block, "Running …", plain(tidy((drawn = seen))));
    requestAnimationFrame(draw);
  };
  try {
    const steps = await stepsTo(block);
    if (block.turn !== mine) return;
    const fine = await perform(steps, (text) => {
      // Drawn once a frame, however often it prints.
      if (!seen) requestAnimationFrame(draw);
      seen += text;
    });
    if (block.turn === mine) tellResult(block, tidy(seen), fine);
  } catch (error) {
    stop();
    if (block.turn === mine) say(block, `Python could not go on: ${error.message}`, plain(tidy(seen)));
  }
  if (block.turn === mine) finish(block);
}

function finish(block) {
  block.turn = null;
  running = null;
  rename(block.bar.children[0], "Run", block);
}

function halt(block) {
  stop();
  finish(block);
  panelOf(block).querySelector("p").textContent = "Stopped.";
}

function tellResult(block, seen, fine) {
  const { recorded } = block;
  // After day and platform, the line of the proof tells the versions.
  const there = block.badge.querySelector("summary").textContent.split(" · ").slice(2).join(", ");
  const both = `Here: Python ${version}${packages}. In CI: ${there}.`;
  const above = blocks.slice(0, blocks.indexOf(block)).some(isEdited);
  const what = isEdited(block) ? "The edited code" : above ? "After the edits above this" : "";
  if (block.how.startsWith("~")) say(block, `Written to ${block.how}, for the blocks below.`);
  else if (!recorded) say(block, `${what || "This"} ${fine ? "ran" : "failed"}${seen ? "." : " and printed nothing."} ${both}`, plain(seen));
  else if (same(recorded, seen)) say(block, `${what ? `${what} prints the same as in CI` : "Same as CI"}. ${both}`, plain(seen));
  else say(block, `${what ? `${what} prints otherwise than in CI` : "Not the same as CI"}${block.how === "differs" && !what ? `, as our test has seen too: ${block.badge.dataset.why}` : ""}. ${both} Lines with − are CI's, with + are yours.`, difference(recorded.text, seen));
}

/* Both texts line by line, what is common once: a longest common subsequence. */
function difference(recorded, seen) {
  const [old, now] = [recorded.split("\n"), seen.split("\n")];
  const longest = Array.from({ length: old.length + 1 }, () => new Array(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      longest[i][j] = old[i] === now[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const lines = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(["", `  ${old[i++]}`]);
      j++;
    } else if (j === now.length || (i < old.length && longest[i + 1][j] >= longest[i][j + 1])) lines.push(["ci", `− ${old[i++]}`]);
    else lines.push(["here", `+ ${now[j++]}`]);
  }
  return lines;
}

/* --- editing */

function edit(block) {
  const field = document.createElement("textarea");
  field.className = "run-code";
  field.value = block.proven;
  field.rows = block.proven.split("\n").length + 1;
  field.wrap = "off";
  field.spellcheck = false;
  field.autocapitalize = "off";
  field.setAttribute("aria-label", `Code of ${block.name}`);
  field.addEventListener("keydown", (event) => typed(block, event));
  block.code.classList.add("run-off");
  block.code.after(field);
  block.edited = field;
  rename(block.bar.children[1], "Reset", block);
  field.focus();
  field.setSelectionRange(0, 0);
}

/* Ctrl-Enter runs; Enter keeps the indent. Tab goes on to the buttons, as everywhere. */
function typed(block, event) {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    run(block);
  } else if (!event.shiftKey && !event.altKey) {
    const { value, selectionStart } = event.target;
    const line = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
    const indent = line.match(/^ */)[0] + (/:\s*(#.*)?$/.test(line) ? "    " : "");
    if (!indent) return;
    event.preventDefault();
    event.target.setRangeText(`\n${indent}`, selectionStart, event.target.selectionEnd, "end");
  }
}

function reset(block) {
  if (running === block) halt(block);
  block.edited.remove();
  block.edited = null;
  block.code.classList.remove("run-off");
  block.panel?.remove();
  block.panel = null;
  rename(block.bar.children[1], "Edit", block);
}
