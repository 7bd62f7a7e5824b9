/* Python, in a worker of its own so that a loop without end can be stopped: by ending the worker.
   Takes { how: "write" | "define" | "run", code, file, shown }, sends { python }, then { print } and { ended } for each. */
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

const python = load();
// Said aloud, since a worker's failed promise tells the page nothing.
python.catch((error) => postMessage({ broken: String(error) }));

addEventListener("message", async ({ data }) => {
  const { globals } = await python;
  shown = data.shown;
  printed = 0;
  try {
    postMessage({ ended: true, fine: globals.get(data.how)(data.code, data.file) });
  } catch (error) {
    // Not the block's own exception: Python itself has ended.
    postMessage({ broken: String(error) });
  }
});
