#!/usr/bin/env bash
# Ask ssh what it makes of ~/.ssh/config.

# effect: reads
# --8<-- [start:check]
ssh -G web | grep -E '^(hostname|user|identityfile|serveraliveinterval) '
# --8<-- [end:check]

# effect: changes
# --8<-- [start:use]
ssh db hostname
# --8<-- [end:use]

# effect: reads
# --8<-- [start:without]
ssh -F none web hostname
# --8<-- [end:without]

# effect: reads
# --8<-- [start:included]
ssh -G ci | grep '^hostname '
# --8<-- [end:included]

# effect: reads
# --8<-- [start:first-wins]
ssh -F ~/.ssh/star-first.conf -G web | grep '^serveraliveinterval '
# --8<-- [end:first-wins]

# effect: reads
# --8<-- [start:last-fills]
ssh -F ~/.ssh/star-last.conf -G web | grep '^serveraliveinterval '
# --8<-- [end:last-fills]

# effect: changes
# --8<-- [start:open-to-all]
chmod 666 ~/.ssh/config
# --8<-- [end:open-to-all]

# effect: reads
# exit: 255
# --8<-- [start:refused]
ssh web hostname
# --8<-- [end:refused]

# effect: changes
# --8<-- [start:close]
chmod 600 ~/.ssh/config
# --8<-- [end:close]

# effect: changes
# --8<-- [start:accepted]
ssh web hostname
# --8<-- [end:accepted]
