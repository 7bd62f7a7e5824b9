/* Adds the bytecode of what is imported at each start to the standard library and SQLAlchemy in a folder with Pyodide, beside the
   sources, which tracebacks show: Python starts with a third of the work. Takes the folder and the driver. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const pyodide = await loadPyodide();
const { FS } = pyodide;
FS.mkdirTree("/wheels");
const names = ["sqlalchemy.whl", "typing_extensions.whl"];
for (const name of names) FS.writeFile(`/wheels/${name}`, readFileSync(`${folder}/${name}`));
FS.writeFile("/driver.py", readFileSync(process.argv[3]));
pyodide.runPython(`
import runpy, sys, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from pathlib import Path

wheels = sorted(map(str, Path("/wheels").glob("*.whl")))
sys.path += wheels
runpy.run_path("/driver.py")
import sqlalchemy.orm
sqlalchemy.create_engine("sqlite://").connect().close()

[stdlib] = [path for path in sys.path if path.endswith(".zip")]
loaded = {str(getattr(module, "__file__", "")) for module in sys.modules.values()}
for archive in [stdlib, *wheels]:
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(f"/{Path(archive).name}", "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            source, path = old.read(entry), f"{archive}/{entry.filename}"
            if path in loaded:
                # Never held against the source: both are in one file. The same bytes each time: no date of today.
                code = _code_to_hash_pyc(compile(source, path, "exec", dont_inherit=True), bytes(8), False)
                new.writestr(zipfile.ZipInfo(f"{entry.filename}c"), code, zipfile.ZIP_DEFLATED)
            new.writestr(entry, source, zipfile.ZIP_DEFLATED)
`);
writeFileSync(`${folder}/python_stdlib.zip`, FS.readFile("/python314.zip"));
for (const name of names) writeFileSync(`${folder}/${name}`, FS.readFile(`/${name}`));
