/* Python, in a worker of its own so that a loop without end can be stopped: by ending the worker.
   Takes { how: "database" | "write" | "define" | "run", code, file, shown }, sends { python }, then { print } and { ended } for each. */
import { loadPyodide } from "./pyodide/pyodide.mjs";

const LIMIT = 100_000; // bytes that one block may print
const decoder = new TextDecoder();
let shown = false;
let printed = 0;

/* Sent at once: who waits for more may wait for a loop without end. */
function write(bytes) {
  if (shown && printed < LIMIT) postMessage({ print: decoder.decode(bytes, { stream: true }) });
  printed += bytes.length;
  if (shown && printed >= LIMIT && printed - bytes.length < LIMIT) postMessage({ print: "\n… and more than can be shown here" });
  return bytes.length;
}

async function load() {
  const loading = loadPyodide({ stdin: () => null });
  const driver = await (await fetch(new URL("run-driver.py", import.meta.url))).text();
  const pyodide = await loading;
  for (const set of [pyodide.setStdout, pyodide.setStderr]) set.call(pyodide, { write });
  pyodide.runPython(driver);
  postMessage({ python: pyodide.globals.get("start")() });
  return pyodide;
}

/* The wheels that pages on databases import, written where the driver looks for them. */
async function takeWheels({ FS }) {
  FS.mkdirTree("/wheels");
  for (const name of ["sqlalchemy.whl", "typing_extensions.whl"]) {
    const answer = await fetch(new URL(`pyodide/${name}`, import.meta.url));
    if (!answer.ok) throw new Error(`${name} is not on this site`);
    FS.writeFile(`/wheels/${name}`, new Uint8Array(await answer.arrayBuffer()));
  }
}

async function perform(pyodide, { how, code, file, shown: show }) {
  if (how === "database") await takeWheels(pyodide);
  shown = show;
  printed = 0;
  postMessage({ ended: true, answer: pyodide.globals.get(how)(code, file) });
}

/* One after the other, each once the one before has ended. What fails here is not a block's own exception: Python has ended. */
let last = load();
last.catch((error) => postMessage({ broken: String(error) }));
addEventListener("message", ({ data }) => {
  last = last.then((pyodide) => perform(pyodide, data).then(() => pyodide));
  last.catch((error) => postMessage({ broken: String(error) }));
});
