#!/usr/bin/env bash
# Push a branch whose commits were rewritten, without throwing away what a colleague pushed to it.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once, and a script would not go on

# effect: changes
# --8<-- [start:make]
cd ~/project
git switch --quiet --create report
echo 'print("report")' >report.py
git add report.py
git commit --quiet --message 'Ad report'
git push --quiet --set-upstream origin report
git commit --quiet --amend --message 'Add report'
# --8<-- [end:make]

# effect: changes
# --8<-- [start:push]
git push --force-with-lease --force-if-includes
# --8<-- [end:push]

# effect: reads
# --8<-- [start:check]
git status --short --branch
# --8<-- [end:check]

# effect: changes
# --8<-- [start:plain-make]
git commit --quiet --amend --message 'Add the report'
# --8<-- [end:plain-make]

# effect: reads
# exit: 1
# --8<-- [start:plain]
git push
# --8<-- [end:plain]

# effect: changes
# --8<-- [start:plain-cure]
git push --force-with-lease --force-if-includes
# --8<-- [end:plain-cure]

# effect: changes
# --8<-- [start:stale-make]
cd ~/colleague
git fetch --quiet
git switch --quiet report
echo 'print("total")' >>report.py
git commit --quiet --all --message 'Print the total'
git push --quiet
cd ~/project
git commit --quiet --amend --message 'Add a report'
# --8<-- [end:stale-make]

# effect: reads
# exit: 1
# --8<-- [start:stale]
git push --force-with-lease --force-if-includes
# --8<-- [end:stale]

# effect: changes
# --8<-- [start:look]
git fetch
seen=$(git rev-parse '@{u}')
git log --format='%h %an: %s' HEAD.."$seen"
# --8<-- [end:look]

# effect: changes
# --8<-- [start:take]
git cherry-pick "$seen"
git push --force-with-lease=report:"$seen"
# --8<-- [end:take]

# effect: reads
# --8<-- [start:take-check]
git log --format='%h %an: %s' 'main..@{u}'
# --8<-- [end:take-check]

# effect: changes
# --8<-- [start:includes-make]
cd ~/colleague
git fetch --quiet
git reset --quiet --keep '@{u}'
echo 'print("average")' >>report.py
git commit --quiet --all --message 'Print the average'
git push --quiet
cd ~/project
git commit --quiet --amend --message 'Print the sum'
git fetch --quiet
# --8<-- [end:includes-make]

# effect: reads
# exit: 1
# --8<-- [start:includes]
git push --force-with-lease --force-if-includes
# --8<-- [end:includes]

# effect: changes
# --8<-- [start:includes-cure]
seen=$(git rev-parse '@{u}')
git log --format='%h %an: %s' HEAD.."$seen"
git cherry-pick "$seen"
git push --force-with-lease=report:"$seen"
# --8<-- [end:includes-cure]

# effect: changes
# --8<-- [start:force-make]
cd ~/colleague
git fetch --quiet
git reset --quiet --keep '@{u}'
echo 'print("median")' >>report.py
git commit --quiet --all --message 'Print the median'
git push --quiet
cd ~/project
git commit --quiet --amend --message 'Print the mean'
# --8<-- [end:force-make]

# effect: destroys
# --8<-- [start:force]
git push --force
git log --format='%h %an: %s' 'main..@{u}'
# --8<-- [end:force]

# effect: destroys
# --8<-- [start:bob-pull]
cd ~/colleague
git pull --quiet --rebase
git log --format='%h %an: %s' main..
# --8<-- [end:bob-pull]

# effect: changes
# --8<-- [start:bob-cure]
git cherry-pick '@{1}'
git push
git log --format='%h %an: %s' 'main..@{u}'
# --8<-- [end:bob-cure]

# effect: changes
# --8<-- [start:lease-make]
cd ~/project
git pull --quiet --rebase
git commit --quiet --amend --message 'Print the middle'
cd ~/colleague
echo 'print("range")' >>report.py
git commit --quiet --all --message 'Print the range'
git push --quiet
cd ~/project
git fetch --quiet
# --8<-- [end:lease-make]

# effect: destroys
# --8<-- [start:lease]
git push --force-with-lease
git log --format='%h %an: %s' 'main..@{u}'
# --8<-- [end:lease]

# effect: changes
# --8<-- [start:lease-undo]
git cherry-pick 'origin/report@{1}'
git push
git log --format='%h %an: %s' 'main..@{u}'
# --8<-- [end:lease-undo]

# effect: changes
# --8<-- [start:default]
git config --global push.useForceIfIncludes true
# --8<-- [end:default]
