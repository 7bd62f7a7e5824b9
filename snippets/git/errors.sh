#!/usr/bin/env bash
# git's errors by message: each is made, seen, cured. Every section has clones of its own.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once, and a script would not go on

# effect: changes
# --8<-- [start:fetch-first-make]
git clone --quiet --bare /srv/git/project.git ~/push.git
git clone --quiet ~/push.git ~/push-bob
git clone --quiet ~/push.git ~/push
cd ~/push-bob
echo 'pip install project' >INSTALL.md
git add INSTALL.md
git commit --quiet --author 'Bob <bob@example.com>' --message 'Say how to install'
git push --quiet
cd ~/push
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
# --8<-- [end:fetch-first-make]

# effect: reads
# exit: 1
# --8<-- [start:fetch-first]
git push
# --8<-- [end:fetch-first]

# effect: changes
# --8<-- [start:fetch-first-cure]
git pull --quiet --rebase
git push
# --8<-- [end:fetch-first-cure]

# effect: changes
# --8<-- [start:refspec-make]
git clone --quiet --bare /srv/git/project.git ~/refspec.git
git clone --quiet ~/refspec.git ~/refspec
cd ~/refspec
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
# --8<-- [end:refspec-make]

# effect: reads
# exit: 1
# --8<-- [start:refspec]
git push origin master
# --8<-- [end:refspec]

# effect: changes
# --8<-- [start:refspec-cure]
git branch --show-current
git push origin main
# --8<-- [end:refspec-cure]

# effect: changes
# --8<-- [start:no-upstream-make]
git clone --quiet --bare /srv/git/project.git ~/upstream.git
git clone --quiet ~/upstream.git ~/upstream
cd ~/upstream
git switch --quiet --create topic
# --8<-- [end:no-upstream-make]

# effect: reads
# exit: 128
# --8<-- [start:no-upstream]
git push
# --8<-- [end:no-upstream]

# effect: changes
# --8<-- [start:no-upstream-cure]
git push --set-upstream origin topic
# --8<-- [end:no-upstream-cure]

# effect: changes
# --8<-- [start:divergent-make]
git clone --quiet --bare /srv/git/project.git ~/pull.git
git clone --quiet ~/pull.git ~/pull-bob
git clone --quiet ~/pull.git ~/pull
cd ~/pull-bob
echo 'pip install project' >INSTALL.md
git add INSTALL.md
git commit --quiet --author 'Bob <bob@example.com>' --message 'Say how to install'
git push --quiet
cd ~/pull
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
# --8<-- [end:divergent-make]

# effect: changes
# exit: 128
# --8<-- [start:divergent]
git pull --quiet
# --8<-- [end:divergent]

# effect: changes
# --8<-- [start:divergent-cure]
git config pull.rebase true
git pull --quiet
git log --format='%h %an: %s' -3
# --8<-- [end:divergent-cure]

# effect: changes
# --8<-- [start:unrelated-make]
git init --quiet ~/unrelated
cd ~/unrelated
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
git remote add origin /srv/git/project.git
git fetch --quiet
# --8<-- [end:unrelated-make]

# effect: changes
# exit: 128
# --8<-- [start:unrelated]
git merge origin/main
# --8<-- [end:unrelated]

# effect: changes
# --8<-- [start:unrelated-cure]
git rebase --quiet origin/main
git log --oneline
# --8<-- [end:unrelated-cure]

# effect: changes
# --8<-- [start:merge-dirty-make]
git clone --quiet /srv/git/project.git ~/merge
cd ~/merge
seq 9 >list.txt
git add list.txt
git commit --quiet --message 'Add list'
git switch --quiet --create topic
sed -i 's/1/one/' list.txt
git commit --quiet --all --message 'Spell one'
git switch --quiet main
sed -i 's/9/nine/' list.txt
# --8<-- [end:merge-dirty-make]

# effect: changes
# exit: 1
# --8<-- [start:merge-dirty]
git merge topic
# --8<-- [end:merge-dirty]

# effect: changes
# --8<-- [start:merge-dirty-cure]
git merge --autostash topic
git diff
# --8<-- [end:merge-dirty-cure]

# effect: changes
# --8<-- [start:rebase-dirty-make]
git clone --quiet /srv/git/project.git ~/rebase
cd ~/rebase
git reset --quiet --hard HEAD~1
echo 'Not finished' >>README.md
# --8<-- [end:rebase-dirty-make]

# effect: reads
# exit: 128
# --8<-- [start:rebase-dirty]
git pull --rebase
# --8<-- [end:rebase-dirty]

# effect: changes
# --8<-- [start:rebase-dirty-cure]
git pull --quiet --rebase --autostash
git status --short --branch
# --8<-- [end:rebase-dirty-cure]

# effect: changes
# --8<-- [start:conflict-make]
git clone --quiet /srv/git/project.git ~/conflict
cd ~/conflict
git switch --quiet --create topic
echo 'print("good morning")' >app.py
git commit --quiet --all --message 'Say good morning'
git switch --quiet main
echo 'print("good evening")' >app.py
git commit --quiet --all --message 'Say good evening'
# --8<-- [end:conflict-make]

# effect: changes
# exit: 1
# --8<-- [start:conflict]
git merge topic
# --8<-- [end:conflict]

# effect: reads
# --8<-- [start:conflict-look]
git status --short
git diff
# --8<-- [end:conflict-look]

# effect: changes
# --8<-- [start:conflict-cure]
echo 'print("good day")' >app.py
git add app.py
git commit --no-edit
# --8<-- [end:conflict-cure]

# effect: changes
# --8<-- [start:squash-make]
git clone --quiet /srv/git/project.git ~/squash
cd ~/squash
git switch --quiet --create topic
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
# --8<-- [end:squash-make]

# effect: changes
# --8<-- [start:squash]
git merge --squash main
# --8<-- [end:squash]

# effect: changes
# --8<-- [start:squash-cure]
git switch --quiet main
git merge --squash topic
git commit --message 'Add license'
# --8<-- [end:squash-cure]

# effect: changes
# --8<-- [start:checkout-dirty-make]
git clone --quiet /srv/git/project.git ~/checkout
cd ~/checkout
git switch --quiet --create topic
echo 'print("good morning")' >app.py
git commit --quiet --all --message 'Say good morning'
git switch --quiet main
echo '# not finished' >>app.py
# --8<-- [end:checkout-dirty-make]

# effect: reads
# exit: 1
# --8<-- [start:checkout-dirty]
git switch topic
# --8<-- [end:checkout-dirty]

# effect: changes
# --8<-- [start:checkout-dirty-cure]
git stash
git switch topic
# --8<-- [end:checkout-dirty-cure]

# effect: changes
# --8<-- [start:checkout-dirty-back]
git switch --quiet main
git stash pop
# --8<-- [end:checkout-dirty-back]

# effect: changes
# --8<-- [start:untracked-make]
git clone --quiet /srv/git/project.git ~/untracked
cd ~/untracked
git switch --quiet --create topic
echo 'debug = false' >settings.ini
git add settings.ini
git commit --quiet --message 'Add settings'
git switch --quiet main
echo 'debug = true' >settings.ini
# --8<-- [end:untracked-make]

# effect: reads
# exit: 1
# --8<-- [start:untracked]
git switch topic
# --8<-- [end:untracked]

# effect: reads
# exit: 1
# --8<-- [start:untracked-look]
git show topic:settings.ini | diff settings.ini -
# --8<-- [end:untracked-look]

# effect: changes
# --8<-- [start:untracked-cure]
mv --no-clobber settings.ini settings.ini.mine
git switch topic
# --8<-- [end:untracked-cure]

# effect: changes
# --8<-- [start:pathspec-make]
git clone --quiet --bare /srv/git/project.git ~/pathspec.git
git clone --quiet ~/pathspec.git ~/pathspec
git -C ~/pathspec.git branch feature main
cd ~/pathspec
# --8<-- [end:pathspec-make]

# effect: reads
# exit: 1
# --8<-- [start:pathspec]
git checkout feature
# --8<-- [end:pathspec]

# effect: changes
# --8<-- [start:pathspec-cure]
git fetch
git checkout feature
# --8<-- [end:pathspec-cure]

# effect: changes
# --8<-- [start:detached-make]
git clone --quiet /srv/git/project.git ~/detached
cd ~/detached
# --8<-- [end:detached-make]

# effect: changes
# --8<-- [start:detached]
git checkout HEAD~1
# --8<-- [end:detached]

# effect: changes
# --8<-- [start:detached-leave]
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
git switch main
# --8<-- [end:detached-leave]

# effect: changes
# --8<-- [start:detached-cure]
git branch license 'HEAD@{1}'
git log --oneline license
# --8<-- [end:detached-cure]

# effect: changes
# --8<-- [start:not-merged-make]
git clone --quiet /srv/git/project.git ~/merged
cd ~/merged
git switch --quiet --create topic
echo 'MIT' >LICENSE
git add LICENSE
git commit --quiet --message 'Add license'
git switch --quiet main
# --8<-- [end:not-merged-make]

# effect: reads
# exit: 1
# --8<-- [start:not-merged]
git branch --delete topic
# --8<-- [end:not-merged]

# effect: reads
# --8<-- [start:not-merged-look]
git log --oneline main..topic
# --8<-- [end:not-merged-look]

# effect: destroys
# --8<-- [start:not-merged-cure]
git branch --delete --force topic
# --8<-- [end:not-merged-cure]

# effect: changes
# --8<-- [start:nothing-make]
git clone --quiet /srv/git/project.git ~/nothing
cd ~/nothing
echo '*.log' >>.git/info/exclude
echo 'it works' >release.log
# --8<-- [end:nothing-make]

# effect: changes
# exit: 1
# --8<-- [start:nothing]
git commit --all --message 'Add release log'
# --8<-- [end:nothing]

# effect: reads
# --8<-- [start:nothing-look]
git status --short --ignored
git check-ignore --verbose release.log
# --8<-- [end:nothing-look]

# effect: changes
# --8<-- [start:nothing-cure]
git add --force release.log
git commit --message 'Add release log'
# --8<-- [end:nothing-cure]

# effect: changes
# user: bob
# --8<-- [start:who-make]
git init --quiet --initial-branch main ~/who
cd ~/who
# --8<-- [end:who-make]

# effect: changes
# user: bob
# exit: 128
# --8<-- [start:who]
git commit --allow-empty --message 'Start'
# --8<-- [end:who]

# effect: changes
# user: bob
# --8<-- [start:who-cure]
git config --global user.name Bob
git config --global user.email bob@example.com
git commit --allow-empty --message 'Start'
# --8<-- [end:who-cure]

# effect: changes
# --8<-- [start:lock-make]
git clone --quiet /srv/git/project.git ~/lock
cd ~/lock
touch .git/index.lock
echo 'MIT' >LICENSE
# --8<-- [end:lock-make]

# effect: reads
# exit: 128
# --8<-- [start:lock]
git add LICENSE
# --8<-- [end:lock]

# effect: destroys
# --8<-- [start:lock-cure]
pgrep --list-full --exact git || rm --verbose .git/index.lock
git add --verbose LICENSE
# --8<-- [end:lock-cure]

# effect: changes
# user: root
# --8<-- [start:dubious-make]
git init --quiet --initial-branch main /srv/tools
# --8<-- [end:dubious-make]

# effect: reads
# exit: 128
# --8<-- [start:dubious]
git -C /srv/tools status
# --8<-- [end:dubious]

# effect: changes
# user: root
# --8<-- [start:dubious-own]
chown --recursive alice: /srv/tools
# --8<-- [end:dubious-own]

# effect: reads
# --8<-- [start:dubious-check]
git -C /srv/tools status --short --branch
# --8<-- [end:dubious-check]

# effect: changes
# user: root
# --8<-- [start:dubious-return]
chown --recursive root: /srv/tools
# --8<-- [end:dubious-return]

# effect: changes
# --8<-- [start:dubious-trust]
git config --global --add safe.directory /srv/tools
git -C /srv/tools status --short --branch
# --8<-- [end:dubious-trust]

# effect: changes
# --8<-- [start:dubious-distrust]
git config --global --unset-all --fixed-value safe.directory /srv/tools
# --8<-- [end:dubious-distrust]

# effect: changes
# --8<-- [start:not-a-repo-make]
mkdir ~/downloads
cd ~/downloads
# --8<-- [end:not-a-repo-make]

# effect: reads
# exit: 128
# --8<-- [start:not-a-repo]
git status
# --8<-- [end:not-a-repo]

# effect: reads
# --8<-- [start:not-a-repo-cure]
cd ~/project
git status
# --8<-- [end:not-a-repo-cure]

# effect: changes
# --8<-- [start:shallow-make]
git clone --quiet --depth 1 file:///srv/git/project.git ~/shallow
cd ~/shallow
# --8<-- [end:shallow-make]

# effect: reads
# exit: 128
# --8<-- [start:shallow]
git diff --stat HEAD~1
# --8<-- [end:shallow]

# effect: changes
# --8<-- [start:shallow-cure]
git rev-parse --is-shallow-repository
git fetch --quiet --unshallow
git diff --stat HEAD~1
# --8<-- [end:shallow-cure]

# effect: changes
# --8<-- [start:revision-make]
git clone --quiet --bare /srv/git/project.git ~/revision.git
git clone --quiet ~/revision.git ~/revision-bob
cd ~/revision-bob
git switch --quiet --create fix
echo 'print("hello, world")' >app.py
git commit --quiet --all --author 'Bob <bob@example.com>' --message 'Greet the world'
git push --quiet origin fix
git clone --quiet ~/revision.git ~/revision
cd ~/revision
# --8<-- [end:revision-make]

# effect: reads
# exit: 128
# --8<-- [start:revision]
git cherry-pick fix
# --8<-- [end:revision]

# effect: reads
# --8<-- [start:revision-look]
git branch --all --list '*fix*'
# --8<-- [end:revision-look]

# effect: changes
# --8<-- [start:revision-cure]
git cherry-pick origin/fix
# --8<-- [end:revision-cure]

# effect: changes
# --8<-- [start:origin-make]
git init --quiet ~/origin
cd ~/origin
# --8<-- [end:origin-make]

# effect: changes
# exit: 128
# --8<-- [start:origin]
git fetch origin
# --8<-- [end:origin]

# effect: changes
# --8<-- [start:origin-cure]
git remote add origin /srv/git/project.git
git fetch origin
# --8<-- [end:origin-cure]
