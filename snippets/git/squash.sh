#!/usr/bin/env bash
# Squash a branch into one commit, and live with what that forgets.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:situation]
cd ~/project
git switch --quiet --create search
echo 'def find(word):' >search.py
git add search.py
git commit --quiet -m "Start search"
echo '    return [word]' >>search.py
git commit --quiet -am "Fix it"
echo '# slow' >>search.py
git commit --quiet -am "Fix it again"
# --8<-- [end:situation]

# effect: changes
# --8<-- [start:squash]
git switch main
git merge --squash search
git commit -m "Add search"
# --8<-- [end:squash]

# effect: reads
# --8<-- [start:check]
git log --oneline --graph main search
git diff --stat main search
# --8<-- [end:check]

# effect: changes
# --8<-- [start:undo]
git reset --keep HEAD~1
git log --oneline
# --8<-- [end:undo]

# effect: changes
# --8<-- [start:redo]
git reset --keep ORIG_HEAD
# --8<-- [end:redo]

# effect: changes
# --8<-- [start:soft]
git switch search
git reset --soft "$(git merge-base main search)"
git commit -s -m "Add search"
# --8<-- [end:soft]

# effect: reads
# --8<-- [start:soft-check]
git log main..search
# --8<-- [end:soft-check]

# effect: changes
# --8<-- [start:soft-undo]
git reset --soft ORIG_HEAD
git log --oneline main..search
# --8<-- [end:soft-undo]

# effect: changes
# --8<-- [start:go-on]
sed -i 's/slow/fast/' search.py
git commit --quiet -am "Speed up search"
git switch --quiet main
# --8<-- [end:go-on]

# effect: changes
# exit: 1
# --8<-- [start:again]
git merge --squash search
# --8<-- [end:again]

# effect: reads
# exit: 128
# --8<-- [start:abort]
git merge --abort
# --8<-- [end:abort]

# effect: changes
# --8<-- [start:reset-merge]
git reset --merge
git status --short --branch
# --8<-- [end:reset-merge]

# effect: changes
# --8<-- [start:onto]
git rebase --quiet --onto main search~1 search
git switch --quiet main
git merge --squash search
git commit -m "Speed up search"
# --8<-- [end:onto]

# effect: reads
# exit: 1
# --8<-- [start:delete]
git branch -d search
# --8<-- [end:delete]

# effect: reads
# --8<-- [start:same]
git diff --exit-code main search
# --8<-- [end:same]

# effect: destroys
# --8<-- [start:force-delete]
git branch -D search
# --8<-- [end:force-delete]
