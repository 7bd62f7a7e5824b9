"""What a YAML reader makes of quoted and bare words."""

# --8<-- [start:loads]
import yaml

for line in ('"version": "1.10"', "version: 1.10", '"debug": "no"', "debug: no"):
    print(f"{line:18}", yaml.safe_load(line))
# --8<-- [end:loads]
