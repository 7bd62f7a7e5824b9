#!/usr/bin/env bash
# A private index: upload, install, keep the public one from winning, yanked and pre-releases.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:project]
mkdir ~/billing && cd ~/billing
cat >acme_billing.py <<'END'
"""Bills customers."""

owner = "Acme"
END
cat >pyproject.toml <<'END'
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"

[project]
name = "acme-billing"
version = "1.0"
description = "Bills customers"
dependencies = ["mdurl"]
END
uv build --quiet
uv venv --quiet --seed ~/.venv
# --8<-- [end:project]

# effect: changes
# --8<-- [start:upload]
export TWINE_USERNAME=alice TWINE_PASSWORD=not-a-real-secret
twine --no-color upload --disable-progress-bar \
    --repository-url http://localhost:8082/ dist/*
# --8<-- [end:upload]

# effect: changes
# --8<-- [start:install]
~/.venv/bin/pip install --index-url http://localhost:8082/simple/ acme-billing
~/.venv/bin/python -c 'import acme_billing; print(acme_billing.owner)'
# --8<-- [end:install]

# effect: changes
# --8<-- [start:mallory]
mkdir ~/mallory && cd ~/mallory
sed 's/1.0/99.0/' ~/billing/pyproject.toml >pyproject.toml
sed 's/Acme/Mallory/' ~/billing/acme_billing.py >acme_billing.py
uv build --quiet --wheel
twine --no-color upload --disable-progress-bar \
    --repository-url http://localhost:8081/ dist/*
cd ~
# --8<-- [end:mallory]

# effect: changes
# --8<-- [start:confused]
uv venv --quiet --seed --clear ~/.venv
private=http://localhost:8082/simple/
~/.venv/bin/pip install --quiet --extra-index-url $private acme-billing
~/.venv/bin/python -c 'import acme_billing; print(acme_billing.owner)'
# --8<-- [end:confused]

# effect: changes
# --8<-- [start:one-index]
uv venv --quiet --seed --clear ~/.venv
~/.venv/bin/pip install --quiet acme-billing
~/.venv/bin/pip list --format=freeze | grep -e acme -e mdurl
~/.venv/bin/python -c 'import acme_billing; print(acme_billing.owner)'
# --8<-- [end:one-index]

# effect: changes
# --8<-- [start:uv]
uv venv --quiet --clear ~/.venv
uv pip install --quiet --python ~/.venv --index $private acme-billing
uv pip freeze --quiet --python ~/.venv
# --8<-- [end:uv]

# effect: changes
# --8<-- [start:uv-sources]
mkdir ~/shop && cd ~/shop
cat >pyproject.toml <<'END'
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["acme-billing"]

[[tool.uv.index]]
name = "acme"
url = "http://localhost:8082/simple/"
explicit = true

[tool.uv.sources]
acme-billing = { index = "acme" }
END
uv lock --quiet && grep -A 2 '^name = "[am]' uv.lock
cd ~
# --8<-- [end:uv-sources]

# effect: changes
# --8<-- [start:pre]
cd ~/billing && rm -r dist && sed -i 's/"1.0"/"2.0rc1"/' pyproject.toml
uv build --quiet --wheel
twine --no-color upload --disable-progress-bar \
    --repository-url http://localhost:8082/ dist/*
uv venv --quiet --seed --clear ~/.venv
# --8<-- [end:pre]

# effect: reads
# --8<-- [start:pre-look]
~/.venv/bin/pip install --dry-run --no-deps acme-billing | tail -n 1
~/.venv/bin/pip install --dry-run --no-deps --pre acme-billing | tail -n 1
~/.venv/bin/pip install --dry-run --no-deps 'acme-billing>=2.0rc1' | tail -n 1
# --8<-- [end:pre-look]

# effect: changes
# --8<-- [start:yank]
mkdir -p ~/static/acme-billing && cd ~/static/acme-billing
~/.venv/bin/pip download --quiet --no-deps acme-billing
cp ~/billing/dist/*.whl .
cat >index.html <<'END'
<!DOCTYPE html>
<a href="acme_billing-1.0-py2.py3-none-any.whl"
   >acme_billing-1.0-py2.py3-none-any.whl</a>
<a href="acme_billing-2.0rc1-py2.py3-none-any.whl" data-yanked="wrong totals"
   >acme_billing-2.0rc1-py2.py3-none-any.whl</a>
END
cd ~
# --8<-- [end:yank]

# effect: reads
# --8<-- [start:yank-look]
files=(--no-deps --dry-run --index-url file:///home/alice/static/)
~/.venv/bin/pip install "${files[@]}" --pre acme-billing | tail -n 1
~/.venv/bin/pip install "${files[@]}" acme-billing==2.0rc1
# --8<-- [end:yank-look]

# effect: reads
# exit: 1
# --8<-- [start:exists-red]
cd ~/billing
twine --no-color upload --disable-progress-bar \
    --repository-url http://localhost:8082/ dist/*
# --8<-- [end:exists-red]

# effect: changes
# --8<-- [start:exists-cure]
rm -r dist && sed -i 's/2.0rc1/2.0rc2/' pyproject.toml
uv build --quiet --wheel
twine --no-color upload --disable-progress-bar \
    --repository-url http://localhost:8082/ dist/*
# --8<-- [end:exists-cure]
