#!/usr/bin/env bash
# Undo by situation: commits, files, merges, and what was pushed.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:situation]
cd ~/project
echo 'print("bye")' >>app.py
git commit --quiet -am "Say by"
echo "Draft" >>README.md
# --8<-- [end:situation]

# effect: reads
# --8<-- [start:look]
git status --short --branch
git log --oneline --max-count=3
# --8<-- [end:look]

# effect: changes
# --8<-- [start:message]
git commit --amend -m "Say bye"
# --8<-- [end:message]

# effect: changes
# --8<-- [start:soft]
git reset --soft HEAD~1
git status --short
# --8<-- [end:soft]

# effect: changes
# --8<-- [start:soft-back]
git reset --soft ORIG_HEAD
# --8<-- [end:soft-back]

# effect: changes
# --8<-- [start:keep]
git reset --keep HEAD~1
git status --short --branch
# --8<-- [end:keep]

# effect: changes
# --8<-- [start:back]
git reset --keep ORIG_HEAD
git log --oneline --max-count=1
# --8<-- [end:back]

# effect: changes
# --8<-- [start:wrong-branch]
git branch bye
git reset --keep HEAD~1
git log --oneline --decorate --all --max-count=2
# --8<-- [end:wrong-branch]

# effect: changes
# --8<-- [start:on-main-again]
git reset --keep bye
# --8<-- [end:on-main-again]

# effect: changes
# --8<-- [start:forgotten]
git add README.md
git commit --amend --no-edit
# --8<-- [end:forgotten]

# effect: changes
# --8<-- [start:dirty]
echo "Second draft" >>README.md
git add README.md
# --8<-- [end:dirty]

# effect: changes
# --8<-- [start:unstage]
git restore --staged README.md
git status --short
# --8<-- [end:unstage]

# effect: destroys
# --8<-- [start:discard]
git restore README.md
# --8<-- [end:discard]

# effect: destroys
# --8<-- [start:older]
git restore --source HEAD~1 app.py
git diff --stat
# --8<-- [end:older]

# effect: destroys
# --8<-- [start:not-older]
git restore app.py
# --8<-- [end:not-older]

# effect: changes
# --8<-- [start:new-file]
touch scratch.txt
# --8<-- [end:new-file]

# effect: reads
# exit: 128
# --8<-- [start:clean-refused]
git clean
# --8<-- [end:clean-refused]

# effect: reads
# --8<-- [start:would-clean]
git clean --dry-run
# --8<-- [end:would-clean]

# effect: destroys
# --8<-- [start:clean]
git clean --force
# --8<-- [end:clean]

# effect: changes
# --8<-- [start:push]
git push --quiet
# --8<-- [end:push]

# effect: changes
# --8<-- [start:revert]
git revert --no-edit HEAD
git push
# --8<-- [end:revert]

# effect: changes
# --8<-- [start:two-branches]
git switch --quiet --create hi
sed -i 's/hello/hi/' app.py
git commit --quiet -am "Say hi"
git switch --quiet main
sed -i 's/hello/good day/' app.py
git commit --quiet -am "Say good day"
# --8<-- [end:two-branches]

# effect: changes
# exit: 1
# --8<-- [start:merge]
git merge hi
# --8<-- [end:merge]

# effect: changes
# --8<-- [start:merge-abort]
git merge --abort
git status --short --branch
# --8<-- [end:merge-abort]

# effect: changes
# exit: 1
# --8<-- [start:rebase]
git rebase --quiet hi
# --8<-- [end:rebase]

# effect: changes
# --8<-- [start:rebase-abort]
git rebase --abort
git status --short --branch
# --8<-- [end:rebase-abort]

# effect: changes
# --8<-- [start:merge-notes]
git switch --quiet --create notes HEAD~1
echo "Ask Bob" >notes.txt
git add notes.txt
git commit --quiet -m "Take notes"
git switch --quiet main
git merge --quiet --no-edit notes
# --8<-- [end:merge-notes]

# effect: changes
# --8<-- [start:unmerge]
git reset --keep ORIG_HEAD
git log --oneline --max-count=1
# --8<-- [end:unmerge]

# effect: changes
# --8<-- [start:push-merge]
git merge --quiet --no-edit notes
git push --quiet
# --8<-- [end:push-merge]

# effect: reads
# exit: 128
# --8<-- [start:revert-refused]
git revert --no-edit HEAD
# --8<-- [end:revert-refused]

# effect: changes
# --8<-- [start:revert-merge]
git revert --no-edit -m 1 HEAD
# --8<-- [end:revert-merge]

# effect: changes
# --8<-- [start:edit-same-file]
echo 'print("late")' >>app.py
git commit --quiet -am "Say late"
sed -i '1i # greets' app.py
# --8<-- [end:edit-same-file]

# effect: reads
# exit: 128
# --8<-- [start:keep-refused]
git reset --keep HEAD~1
# --8<-- [end:keep-refused]

# effect: changes
# --8<-- [start:stash]
git stash --quiet
git reset --keep HEAD~1
git stash pop --quiet
git diff
# --8<-- [end:stash]

# effect: changes
# --8<-- [start:before-hard]
git commit --quiet -am "Tell what it does"
echo "An hour of work" >>README.md
# --8<-- [end:before-hard]

# effect: destroys
# --8<-- [start:hard]
git reset --hard HEAD~1
grep "An hour of work" README.md || echo "gone"
# --8<-- [end:hard]
