#!/usr/bin/env bash
# Connect a branch to its upstream, so that push and pull need no arguments.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:situation]
cd ~/project
git switch --quiet --create search
echo 'def find(word):' >search.py
git add search.py
git commit --quiet -m "Start search"
# --8<-- [end:situation]

# effect: changes
# --8<-- [start:push-u]
git push -u origin search
# --8<-- [end:push-u]

# effect: reads
# --8<-- [start:check]
git branch -vv
# --8<-- [end:check]

# effect: changes
# --8<-- [start:undo]
git branch --unset-upstream
# --8<-- [end:undo]

# effect: changes
# exit: 1
# --8<-- [start:pull]
git pull
# --8<-- [end:pull]

# effect: changes
# --8<-- [start:set-upstream]
git branch --set-upstream-to=origin/search
# --8<-- [end:set-upstream]

# effect: changes
# --8<-- [start:pull-again]
git pull
# --8<-- [end:pull-again]

# effect: changes
# --8<-- [start:not-cloned]
git init --quiet ~/fresh
git -C ~/fresh remote add origin /srv/git/project.git
# --8<-- [end:not-cloned]

# effect: changes
# exit: 1
# --8<-- [start:pull-fresh]
git -C ~/fresh pull
# --8<-- [end:pull-fresh]

# effect: changes
# --8<-- [start:switch-fresh]
git -C ~/fresh switch main
git -C ~/fresh pull
# --8<-- [end:switch-fresh]

# effect: changes
# --8<-- [start:new-branch]
git switch --quiet --create report
git commit --quiet --allow-empty -m "Plan the report"
# --8<-- [end:new-branch]

# effect: reads
# exit: 128
# --8<-- [start:push]
git push
# --8<-- [end:push]

# effect: changes
# --8<-- [start:auto]
git config --global push.autoSetupRemote true
git push
# --8<-- [end:auto]

# effect: changes
# --8<-- [start:other-name]
git switch --quiet --create fix origin/main
git commit --quiet --allow-empty -m "Fix it"
# --8<-- [end:other-name]

# effect: reads
# exit: 128
# --8<-- [start:push-other-name]
git push
# --8<-- [end:push-other-name]

# effect: changes
# --8<-- [start:push-own-name]
git push -u origin HEAD
git status --short --branch
# --8<-- [end:push-own-name]

# effect: reads
# exit: 128
# --8<-- [start:master]
git branch --set-upstream-to=origin/master
# --8<-- [end:master]

# effect: reads
# --8<-- [start:default]
git ls-remote --symref origin HEAD
# --8<-- [end:default]

# effect: changes
# --8<-- [start:main]
git fetch
git branch --set-upstream-to=origin/main main
# --8<-- [end:main]

# effect: changes
# --8<-- [start:unlink]
git branch --unset-upstream search
# --8<-- [end:unlink]

# effect: reads
# exit: 128
# --8<-- [start:old-option]
git branch --set-upstream search origin/search
# --8<-- [end:old-option]

# effect: changes
# --8<-- [start:new-option]
git branch --set-upstream-to=origin/search search
# --8<-- [end:new-option]
