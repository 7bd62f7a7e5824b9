#!/usr/bin/env bash
# Drop, reword, amend or split a commit that is not the last one.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once, and a script would not go on

# effect: changes
# --8<-- [start:make]
cd ~/project
git switch --quiet --create report
echo 'print("report")' >report.py
git add report.py
git commit --quiet --message 'Ad report'
echo 'DEBUG = True' >debug.py
git add debug.py
git commit --quiet --message 'Add debug switch'
echo 'total' >total.txt
echo 'mean' >mean.txt
git add total.txt mean.txt
git commit --quiet --message 'Add total and mean'
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
# --8<-- [end:make]

# effect: changes
# --8<-- [start:drop]
GIT_SEQUENCE_EDITOR='sed -i "/Add debug switch/s/^pick/drop/"' git rebase -i HEAD~4
# --8<-- [end:drop]

# effect: reads
# --8<-- [start:check]
git range-diff main '@{1}' HEAD
# --8<-- [end:check]

# effect: changes
# --8<-- [start:undo]
git reset --keep '@{1}'
git log --oneline main..
# --8<-- [end:undo]

# effect: changes
# --8<-- [start:reword]
GIT_SEQUENCE_EDITOR='sed -i "/Ad report/s/^pick/reword/"' \
    GIT_EDITOR='sed -i "1s/.*/Add report/"' git rebase -i HEAD~4
# --8<-- [end:reword]

# effect: reads
# --8<-- [start:reword-check]
git log --oneline main..
# --8<-- [end:reword-check]

# effect: changes
# --8<-- [start:fixup]
echo 'print("end")' >>report.py
git commit --all --fixup HEAD~3
GIT_SEQUENCE_EDITOR=true git rebase -i --autosquash HEAD~5
# --8<-- [end:fixup]

# effect: reads
# --8<-- [start:fixup-check]
git log --oneline --stat main..
# --8<-- [end:fixup-check]

# effect: changes
# --8<-- [start:split]
GIT_SEQUENCE_EDITOR='sed -i "/total and mean/s/^pick/edit/"' git rebase -i HEAD~2
git reset HEAD~1
git add total.txt
git commit --message 'Add total'
git add mean.txt
git commit --message 'Add mean'
git rebase --continue
# --8<-- [end:split]

# effect: reads
# --8<-- [start:split-check]
git diff --stat '@{1}' HEAD
git log --oneline --stat -3
# --8<-- [end:split-check]

# effect: changes
# --8<-- [start:push]
git push --quiet --set-upstream origin report
# --8<-- [end:push]

# effect: reads
# --8<-- [start:pushed]
git branch --remotes --contains HEAD~3
# --8<-- [end:pushed]

# effect: changes
# --8<-- [start:revert]
git revert --no-edit HEAD~3
git push
# --8<-- [end:revert]

# effect: changes
# --8<-- [start:conflict-make]
git clone --quiet /srv/git/project.git ~/conflict
cd ~/conflict
git switch --quiet --create greet
echo 'print("good morning")' >app.py
git commit --quiet --all --message 'Say good morning'
echo 'print("good evening")' >app.py
git commit --quiet --all --message 'Say good evening'
# --8<-- [end:conflict-make]

# effect: changes
# exit: 1
# --8<-- [start:conflict]
GIT_SEQUENCE_EDITOR='sed -i "/good morning/s/^pick/drop/"' git rebase -i HEAD~2
# --8<-- [end:conflict]

# effect: changes
# --8<-- [start:abort]
git rebase --abort
git status --short --branch
git log --oneline main..
# --8<-- [end:abort]

# effect: changes
# --8<-- [start:dirty-make]
git clone --quiet /srv/git/project.git ~/dirty
cd ~/dirty
echo '# not finished' >>README.md
# --8<-- [end:dirty-make]

# effect: reads
# exit: 1
# --8<-- [start:dirty]
GIT_SEQUENCE_EDITOR='sed -i "/Add app/s/^pick/drop/"' git rebase -i HEAD~1
# --8<-- [end:dirty]

# effect: changes
# --8<-- [start:dirty-cure]
git config rebase.autoStash true
GIT_SEQUENCE_EDITOR='sed -i "/Add app/s/^pick/drop/"' git rebase -i HEAD~1
# --8<-- [end:dirty-cure]

# effect: reads
# --8<-- [start:dirty-check]
git log --oneline
git status --short
# --8<-- [end:dirty-check]

# effect: changes
# --8<-- [start:root-make]
git clone --quiet /srv/git/project.git ~/root
cd ~/root
# --8<-- [end:root-make]

# effect: reads
# exit: 128
# --8<-- [start:root]
GIT_SEQUENCE_EDITOR='sed -i "/Add README/s/^pick/reword/"' git rebase -i HEAD~2
# --8<-- [end:root]

# effect: changes
# --8<-- [start:root-cure]
GIT_SEQUENCE_EDITOR='sed -i "/Add README/s/^pick/reword/"' \
    GIT_EDITOR='sed -i "1s/.*/Begin/"' git rebase -i --root
# --8<-- [end:root-cure]

# effect: reads
# --8<-- [start:root-check]
git log --oneline
# --8<-- [end:root-check]

# effect: changes
# --8<-- [start:missing-config]
git config --global rebase.missingCommitsCheck error
# --8<-- [end:missing-config]

# effect: changes
# --8<-- [start:missing-make]
git clone --quiet /srv/git/project.git ~/missing
cd ~/missing
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
# --8<-- [end:missing-make]

# effect: changes
# exit: 1
# --8<-- [start:missing]
GIT_SEQUENCE_EDITOR='sed -i "/Add app/d"' git rebase -i HEAD~2
# --8<-- [end:missing]

# effect: changes
# --8<-- [start:missing-cure]
git rebase --abort
GIT_SEQUENCE_EDITOR='sed -i "/Add app/s/^pick/drop/"' git rebase -i HEAD~2
# --8<-- [end:missing-cure]

# effect: reads
# --8<-- [start:missing-check]
git log --oneline
# --8<-- [end:missing-check]

# effect: reads
# exit: 1
# --8<-- [start:nothing]
GIT_SEQUENCE_EDITOR='sed -i d' git rebase -i HEAD~1
# --8<-- [end:nothing]

# effect: changes
# --8<-- [start:nothing-cure]
GIT_SEQUENCE_EDITOR='sed -i s/^pick/drop/' git rebase -i HEAD~1
# --8<-- [end:nothing-cure]

# effect: reads
# --8<-- [start:nothing-check]
git log --oneline
# --8<-- [end:nothing-check]
