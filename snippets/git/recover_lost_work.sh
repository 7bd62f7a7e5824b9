#!/usr/bin/env bash
# Get back what a hard reset, a deleted branch, a dropped stash or a bad rebase took.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:lose-commits]
cd ~/project
echo 'print("one")' >>app.py
git commit --quiet -am "Print one"
echo 'print("two")' >>app.py
git commit --quiet -am "Print two"
git reset --hard HEAD~2
# --8<-- [end:lose-commits]

# effect: reads
# --8<-- [start:reflog]
git reflog -n 4
# --8<-- [end:reflog]

# effect: changes
# --8<-- [start:reset]
git reset --keep "HEAD@{1}"
# --8<-- [end:reset]

# effect: reads
# --8<-- [start:check]
git log --oneline
# --8<-- [end:check]

# effect: changes
# --8<-- [start:undo]
git reset --keep ORIG_HEAD
# --8<-- [end:undo]

# effect: changes
# --8<-- [start:lose-branch]
git switch --create report
echo "total: 3" >report.txt
git add report.txt
git commit --quiet -m "Add report"
git switch --quiet main
git branch -D report
# --8<-- [end:lose-branch]

# effect: reads
# --8<-- [start:find-branch]
git reflog -n 4
# --8<-- [end:find-branch]

# effect: changes
# --8<-- [start:branch]
git branch report "HEAD@{1}"
git log --oneline main..report
# --8<-- [end:branch]

# effect: changes
# --8<-- [start:lose-stash]
echo 'print("draft")' >>app.py
git stash
git stash drop
# --8<-- [end:lose-stash]

# effect: reads
# --8<-- [start:find-stash]
git fsck --no-progress --unreachable | awk '$2 == "commit" { print $3 }' |
    xargs git log --no-walk --merges --oneline
# --8<-- [end:find-stash]

# effect: changes
# --8<-- [start:stash]
git stash apply "$(
    git fsck --no-progress --unreachable | awk '$2 == "commit" { print $3 }' |
        xargs git log --no-walk --merges --format=%h --max-count=1
)"
# --8<-- [end:stash]

# effect: changes
# --8<-- [start:lose-by-rebase]
git commit --quiet -am "Print draft"
git switch --quiet report
echo "total: 4" >report.txt
git commit --quiet -am "Correct the total"
GIT_SEQUENCE_EDITOR='sed -i 2d' git rebase --quiet --interactive HEAD~2
# --8<-- [end:lose-by-rebase]

# effect: reads
# --8<-- [start:find-rebase]
git reflog report
git log --no-walk --oneline ORIG_HEAD
# --8<-- [end:find-rebase]

# effect: changes
# --8<-- [start:rebase]
git reset --keep "report@{1}"
git log --oneline main..report
# --8<-- [end:rebase]

# effect: destroys
# --8<-- [start:lose-edits]
echo "offline: staged" >>report.txt
git add report.txt
echo "offline: never staged" >>README.md
git reset --hard
# --8<-- [end:lose-edits]

# effect: changes
# --8<-- [start:find-edits]
git fsck --no-progress --lost-found
grep -r "offline" .git/lost-found
# --8<-- [end:find-edits]

# effect: changes
# --8<-- [start:edits]
cp "$(grep -rl "offline" .git/lost-found/other)" report.txt
git diff
# --8<-- [end:edits]

# effect: reads
# exit: 128
# --8<-- [start:other-clone]
git -C ~/colleague show "HEAD@{1}"
# --8<-- [end:other-clone]

# effect: reads
# --8<-- [start:colleague]
git -C ~/colleague reflog
# --8<-- [end:colleague]

# effect: reads
# --8<-- [start:this-clone]
git -C ~/project log --no-walk --oneline "HEAD@{1}"
# --8<-- [end:this-clone]

# effect: destroys
# --8<-- [start:lose-for-good]
git restore report.txt
git switch --quiet main
lost=$(git rev-parse report)
git branch -D report
git reflog expire --all
git gc --quiet --prune=now
# --8<-- [end:lose-for-good]

# effect: reads
# exit: 128
# --8<-- [start:gone]
git show "$lost"
# --8<-- [end:gone]

# effect: changes
# --8<-- [start:keep-longer]
git config gc.reflogExpire never
git config gc.reflogExpireUnreachable never
# --8<-- [end:keep-longer]

# effect: changes
# --8<-- [start:lose-again]
git switch --quiet --create report
echo "total: 5" >report.txt
git add report.txt
git commit --quiet -m "Add report again"
lost=$(git rev-parse report)
git switch --quiet main
git branch -D report
git reflog expire --all
git gc --quiet --prune=now
# --8<-- [end:lose-again]

# effect: reads
# --8<-- [start:kept]
git log --no-walk --oneline "$lost"
# --8<-- [end:kept]
