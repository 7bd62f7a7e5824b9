#!/usr/bin/env bash
# Imports: which file Python takes, where it looks, packages, relative imports, namespace packages.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:tree]
export PYTHONDONTWRITEBYTECODE=1 # no __pycache__ in the way
mkdir -p ~/work/shop/admin && cd ~/work
echo 'print("shop/__init__.py runs")' >shop/__init__.py
echo 'total = 42' >shop/orders.py
echo 'from .orders import total' >shop/report.py
touch shop/admin/__init__.py
printf '%s\n' 'from ..orders import total' 'print("total", total)' >shop/admin/audit.py
# --8<-- [end:tree]

# effect: reads
# --8<-- [start:which]
python3 -c 'import shop.orders; print(shop.orders.__file__)'
python3 -c 'import sys; print(*map(repr, sys.path), sep="\n")'
# --8<-- [end:which]

# effect: reads
# --8<-- [start:pythonpath]
PYTHONPATH=~/first:~/second python3 -c 'import sys; print(sys.path[:4])'
# --8<-- [end:pythonpath]

# effect: changes
# --8<-- [start:shadow]
mkdir ~/first && echo 'print("this is not the real random")' >~/first/random.py
PYTHONPATH=~/first python3 -c 'import random; print(random.__file__)'
# --8<-- [end:shadow]

# effect: reads
# --8<-- [start:builtin]
python3 -c '
import sys
sys.path.clear()
import time
print(time)
try:
    import statistics
except ModuleNotFoundError as error:
    print(error)'
# --8<-- [end:builtin]

# effect: reads
# --8<-- [start:append]
cd / && python3 -c '
import sys
sys.path.append("/home/alice/work")
import shop.orders
print(shop.orders.total, sys.path.index("/home/alice/work") == len(sys.path) - 1)'
cd ~/work
# --8<-- [end:append]

# effect: reads
# --8<-- [start:kinds]
python3 -c '
import urllib.request
print(type(urllib), type(urllib.request))
print(hasattr(urllib, "__path__"), hasattr(urllib.request, "__path__"))'
# --8<-- [end:kinds]

# effect: reads
# --8<-- [start:forms]
python3 -c '
import shop.orders                # then say shop.orders.total
from shop import orders           # then say orders.total
from shop.orders import total     # then say total
print(shop.orders.total, orders.total, total)'
# --8<-- [end:forms]

# effect: reads
# --8<-- [start:relative]
python3 -m shop.admin.audit
# --8<-- [end:relative]

# effect: changes
# --8<-- [start:all]
mkdir kit
echo '__all__ = ["a", "sub"]; a = 1; b = 2' >kit/__init__.py
touch kit/sub.py
python3 -c '
from kit import *
print(sorted(name for name in globals() if not name.startswith("__")))
from kit import b
print(b)'
# --8<-- [end:all]

# effect: changes
# --8<-- [start:namespace]
mkdir -p ~/one/acme ~/two/acme
echo 'where = __file__' | tee ~/one/acme/billing.py >~/two/acme/stock.py
export PYTHONPATH=~/one:~/two
python3 -c '
import acme.billing, acme.stock
print(acme.billing.where, acme.stock.where, sep="\n")
print(list(acme.__path__), acme.__file__)'
# --8<-- [end:namespace]

# effect: changes
# exit: 1
# --8<-- [start:hidden-red]
touch ~/two/acme/__init__.py
python3 -c 'import acme.stock; print("stock is there")'
python3 -c 'import acme.billing'
# --8<-- [end:hidden-red]

# effect: destroys
# --8<-- [start:hidden-cure]
rm ~/two/acme/__init__.py
python3 -c 'import acme.stock, acme.billing; print("both are there")'
unset PYTHONPATH
# --8<-- [end:hidden-cure]

# effect: reads
# exit: 1
# --8<-- [start:none-red]
cd ~ && python3 -c 'import shop'
# --8<-- [end:none-red]

# effect: reads
# --8<-- [start:none-cure]
cd ~/work && python3 -c 'import shop'
cd ~ && PYTHONPATH=~/work python3 -c 'import shop'
cd ~/work
# --8<-- [end:none-cure]

# effect: reads
# exit: 1
# --8<-- [start:parent-red]
python3 shop/report.py
# --8<-- [end:parent-red]

# effect: reads
# --8<-- [start:parent-cure]
python3 -m shop.report
# --8<-- [end:parent-cure]

# effect: reads
# exit: 1
# --8<-- [start:beyond-red]
cd ~/work/shop && python3 -m admin.audit
# --8<-- [end:beyond-red]

# effect: reads
# --8<-- [start:beyond-cure]
cd ~/work && python3 -m shop.admin.audit
# --8<-- [end:beyond-cure]

# effect: reads
# exit: 1
# --8<-- [start:syntax-red]
python3 -c 'import .shop'
# --8<-- [end:syntax-red]

# effect: reads
# --8<-- [start:syntax-cure]
python3 -c 'from shop import orders; print(orders.total)'
# --8<-- [end:syntax-cure]

# effect: changes
# --8<-- [start:same-name]
mkdir ~/play && cd ~/play
printf '%s\n' 'import random' 'print(random.choice("a"))' >random.py
# --8<-- [end:same-name]

# effect: reads
# exit: 1
# --8<-- [start:same-red]
python3 random.py
# --8<-- [end:same-red]

# effect: changes
# --8<-- [start:same-cure]
mv random.py dice.py
python3 dice.py
# --8<-- [end:same-cure]

# effect: changes
# --8<-- [start:no-package]
mkdir acme && touch acme/db.py
echo 'import acme.db; print("found")' >acme.py
# --8<-- [end:no-package]

# effect: reads
# exit: 1
# --8<-- [start:not-package-red]
python3 acme.py
# --8<-- [end:not-package-red]

# effect: changes
# --8<-- [start:not-package-cure]
mv acme.py main.py
python3 main.py
# --8<-- [end:not-package-cure]

# effect: changes
# --8<-- [start:circle]
echo 'from b import y; x = 1' >a.py
echo 'from a import x; y = 2' >b.py
# --8<-- [end:circle]

# effect: reads
# exit: 1
# --8<-- [start:circle-red]
python3 -c 'import a'
# --8<-- [end:circle-red]

# effect: changes
# --8<-- [start:circle-cure]
printf '%s\n' 'import a' 'y = 2' 'def both(): return a.x + y' >b.py
python3 -c 'import a, b; print(b.both())'
# --8<-- [end:circle-cure]

# effect: reads
# exit: 1
# --8<-- [start:submodule-red]
python3 -c 'import xml; xml.etree'
# --8<-- [end:submodule-red]

# effect: reads
# --8<-- [start:submodule-cure]
python3 -c 'import xml.etree; print(xml.etree.__name__)'
# --8<-- [end:submodule-cure]

# effect: reads
# exit: 1
# --8<-- [start:extend-red]
python3 -c 'import sys; sys.path.extend()["/home/alice/one", "/home/alice/two"]'
# --8<-- [end:extend-red]

# effect: reads
# --8<-- [start:extend-cure]
cd /tmp && python3 -c '
import sys
sys.path.extend(["/home/alice/one", "/home/alice/two"])
import acme
print(list(acme.__path__))'
# --8<-- [end:extend-cure]
