#!/usr/bin/env bash
# SSH's error messages: each provoked, then cured.

# effect: reads
# --8<-- [start:stages]
ssh -v web true 2>&1 |
    grep -E 'Connecting|Connection established|is known and matches|Authenticated'
# --8<-- [end:stages]

# effect: reads
# --8<-- [start:works]
ssh web hostname
# --8<-- [end:works]

# effect: reads
# on: web
# user: root
# --8<-- [start:reload]
reload_ssh() {
    /usr/sbin/sshd -t || return
    rm -f /run/sshd.pid
    pkill -HUP -o -x sshd
    until [ -s /run/sshd.pid ]; do sleep 0.02; done
}
# --8<-- [end:reload]

# effect: destroys
# --8<-- [start:drop-config]
[ "$(hostname)" = laptop ] && rm ~/.ssh/config
# --8<-- [end:drop-config]

# --- Could not resolve hostname

# effect: reads
# exit: 255
# --8<-- [start:resolve-red]
ssh shop hostname
# --8<-- [end:resolve-red]

# effect: reads
# --8<-- [start:resolve-cure]
ssh -o HostName=192.0.2.10 shop hostname
# --8<-- [end:resolve-cure]

# --- Connection refused

# effect: changes
# on: web
# user: root
# --8<-- [start:refused-make]
sed -i 's/^Port .*/Port 2222/' /etc/ssh/sshd_config
reload_ssh
# --8<-- [end:refused-make]

# effect: reads
# exit: 255
# --8<-- [start:refused-red]
ssh web hostname
# --8<-- [end:refused-red]

# effect: reads
# on: web
# user: root
# --8<-- [start:refused-look]
ss -tlnH
# --8<-- [end:refused-look]

# effect: reads
# --8<-- [start:refused-cure]
ssh -p 2222 web hostname
# --8<-- [end:refused-cure]

# effect: changes
# on: web
# user: root
# --8<-- [start:refused-undo]
sed -i 's/^Port .*/Port 22/' /etc/ssh/sshd_config
reload_ssh
# --8<-- [end:refused-undo]

# --- Connection timed out

# effect: changes
# on: web
# user: root
# --8<-- [start:timeout-make]
cat >~/lab.nft <<'END'
table inet lab
delete table inet lab
table inet lab {
  chain input {
    type filter hook input priority filter;
    tcp dport 22 tcp flags syn drop
  }
}
END
nft -f ~/lab.nft
# --8<-- [end:timeout-make]

# effect: reads
# exit: 255
# --8<-- [start:timeout-red]
ssh -o ConnectTimeout=1 web hostname
# --8<-- [end:timeout-red]

# effect: reads
# on: web
# user: root
# --8<-- [start:timeout-look]
nft list ruleset
# --8<-- [end:timeout-look]

# effect: changes
# on: web
# user: root
# --8<-- [start:timeout-cure]
sed -i 's/tcp dport 22 .*/tcp dport 22 accept/' ~/lab.nft
nft -f ~/lab.nft
# --8<-- [end:timeout-cure]

# effect: destroys
# on: web
# user: root
# --8<-- [start:no-firewall]
nft delete table inet lab
rm ~/lab.nft
# --8<-- [end:no-firewall]

# --- No route to host

# effect: changes
# on: web
# user: root
# --8<-- [start:route-make]
cat >~/lab.nft <<'END'
table inet lab
delete table inet lab
table inet lab {
  chain input {
    type filter hook input priority filter;
    tcp dport 22 tcp flags syn reject with icmpx admin-prohibited
  }
}
END
nft -f ~/lab.nft
# --8<-- [end:route-make]

# effect: reads
# exit: 255
# --8<-- [start:route-red]
ssh web hostname
# --8<-- [end:route-red]

# --- kex_exchange_identification: Connection closed by remote host

# effect: changes
# on: web
# user: root
# --8<-- [start:startups-make]
echo 'MaxStartups 1' >>/etc/ssh/sshd_config
reload_ssh
# --8<-- [end:startups-make]

# effect: reads
# --8<-- [start:startups-hold]
exec 3<>/dev/tcp/web/22
# --8<-- [end:startups-hold]

# effect: reads
# exit: 255
# --8<-- [start:startups-red]
ssh -J bastion web hostname
# --8<-- [end:startups-red]

# effect: reads
# on: web
# user: root
# --8<-- [start:startups-look]
grep MaxStartups /var/log/auth.log
# --8<-- [end:startups-look]

# effect: changes
# on: web
# user: root
# --8<-- [start:startups-cure]
sed -i 's/^MaxStartups .*/MaxStartups 50:30:200/' /etc/ssh/sshd_config
reload_ssh
# --8<-- [end:startups-cure]

# effect: reads
# --8<-- [start:startups-green]
ssh -J bastion web hostname
# --8<-- [end:startups-green]

# effect: reads
# --8<-- [start:startups-release]
exec 3>&-
# --8<-- [end:startups-release]

# effect: changes
# on: web
# user: root
# --8<-- [start:startups-undo]
sed -i '/^MaxStartups /d' /etc/ssh/sshd_config
reload_ssh
# --8<-- [end:startups-undo]

# --- no matching key exchange method found

# effect: changes
# on: web
# user: root
# --8<-- [start:kex-make]
echo 'KexAlgorithms diffie-hellman-group14-sha1' >>/etc/ssh/sshd_config
reload_ssh
# --8<-- [end:kex-make]

# effect: reads
# exit: 255
# --8<-- [start:kex-red]
ssh web hostname
# --8<-- [end:kex-red]

# effect: reads
# --8<-- [start:kex-narrow]
ssh -o KexAlgorithms=+diffie-hellman-group14-sha1 web hostname
# --8<-- [end:kex-narrow]

# effect: changes
# on: web
# user: root
# --8<-- [start:kex-cure]
sed -i '/^KexAlgorithms /d' /etc/ssh/sshd_config
reload_ssh
# --8<-- [end:kex-cure]

# --- no matching host key type found

# effect: changes
# on: web
# user: root
# --8<-- [start:hostkey-make]
ssh-keygen -q -t rsa -b 2048 -N '' -f /etc/ssh/ssh_host_rsa_key
cat >>/etc/ssh/sshd_config <<'END'
HostKey /etc/ssh/ssh_host_rsa_key
HostKeyAlgorithms ssh-rsa
END
reload_ssh
# --8<-- [end:hostkey-make]

# effect: reads
# exit: 255
# --8<-- [start:hostkey-red]
ssh web hostname
# --8<-- [end:hostkey-red]

# effect: changes
# --8<-- [start:hostkey-scan]
ssh-keyscan -t rsa web 2>/dev/null | tee ~/web.key | ssh-keygen -lf -
# --8<-- [end:hostkey-scan]

# effect: changes
# --8<-- [start:hostkey-narrow]
cat ~/web.key >>~/.ssh/known_hosts
rm ~/web.key
ssh -o HostKeyAlgorithms=+ssh-rsa web hostname
# --8<-- [end:hostkey-narrow]

# effect: changes
# on: web
# user: root
# --8<-- [start:hostkey-cure]
sed -i -e '/^HostKeyAlgorithms /d' -e '/ssh_host_rsa_key$/d' /etc/ssh/sshd_config
reload_ssh
# --8<-- [end:hostkey-cure]

# effect: changes
# --8<-- [start:hostkey-green]
sed -i '/^web ssh-rsa /d' ~/.ssh/known_hosts
ssh web hostname
# --8<-- [end:hostkey-green]

# --- REMOTE HOST IDENTIFICATION HAS CHANGED

# effect: destroys
# on: web
# user: root
# --8<-- [start:changed-make]
[ "$(hostname)" = web ] && rm /etc/ssh/ssh_host_ed25519_key*
ssh-keygen -q -t ed25519 -N '' -C web -f /etc/ssh/ssh_host_ed25519_key
reload_ssh
# --8<-- [end:changed-make]

# effect: reads
# exit: 255
# --8<-- [start:changed-red]
ssh web hostname
# --8<-- [end:changed-red]

# effect: reads
# on: web
# user: root
# --8<-- [start:server-key]
ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
# --8<-- [end:server-key]

# effect: changes
# --8<-- [start:changed-cure]
ssh-keygen -R web
ssh -o StrictHostKeyChecking=accept-new web hostname
ssh-keygen -lF web
# --8<-- [end:changed-cure]

# --- Host key verification failed.

# effect: changes
# --8<-- [start:unknown-make]
ssh-keygen -R web
# --8<-- [end:unknown-make]

# effect: reads
# exit: 255
# --8<-- [start:unknown-red]
ssh web hostname
# --8<-- [end:unknown-red]

# effect: changes
# --8<-- [start:unknown-scan]
ssh-keyscan -t ed25519 web 2>/dev/null | tee ~/web.key | ssh-keygen -lf -
# --8<-- [end:unknown-scan]

# effect: changes
# --8<-- [start:unknown-cure]
cat ~/web.key >>~/.ssh/known_hosts
rm ~/web.key
ssh web hostname
# --8<-- [end:unknown-cure]

# --- Permission denied (publickey).

# effect: changes
# --8<-- [start:denied-make]
mv ~/.ssh/id_ed25519 ~/.ssh/web_key
mv ~/.ssh/id_ed25519.pub ~/.ssh/web_key.pub
# --8<-- [end:denied-make]

# effect: reads
# exit: 255
# --8<-- [start:denied-red]
ssh web hostname
# --8<-- [end:denied-red]

# effect: reads
# --8<-- [start:denied-look]
ssh -v web hostname 2>&1 | grep -E 'Authenticating to|Offering|Trying private'
# --8<-- [end:denied-look]

# effect: destroys
# --8<-- [start:denied-undo]
mv ~/.ssh/web_key ~/.ssh/id_ed25519
mv ~/.ssh/web_key.pub ~/.ssh/id_ed25519.pub
[ "$(hostname)" = laptop ] && rm ~/.ssh/config
# --8<-- [end:denied-undo]

# --- WARNING: UNPROTECTED PRIVATE KEY FILE!

# effect: changes
# --8<-- [start:unprotected-make]
chmod 644 ~/.ssh/id_ed25519
# --8<-- [end:unprotected-make]

# effect: reads
# exit: 255
# --8<-- [start:unprotected-red]
ssh web hostname
# --8<-- [end:unprotected-red]

# effect: changes
# --8<-- [start:unprotected-cure]
chmod 600 ~/.ssh/id_ed25519
ssh web hostname
# --8<-- [end:unprotected-cure]

# --- Authentication refused: bad ownership or modes

# effect: changes
# on: web
# --8<-- [start:modes-make]
chmod 777 ~
# --8<-- [end:modes-make]

# effect: reads
# exit: 255
# --8<-- [start:modes-red]
ssh web hostname
# --8<-- [end:modes-red]

# effect: reads
# on: web
# user: root
# --8<-- [start:modes-look]
grep 'bad ownership' /var/log/auth.log | tail -n 1
# --8<-- [end:modes-look]

# effect: changes
# on: web
# --8<-- [start:modes-cure]
chmod 700 ~ ~/.ssh
chmod 600 ~/.ssh/authorized_keys
# --8<-- [end:modes-cure]

# --- Too many authentication failures

# effect: changes
# --8<-- [start:many-make]
eval "$(ssh-agent -s)"
for n in 1 2 3 4 5 6; do
    ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/spare$n
    ssh-add -q ~/.ssh/spare$n
done
# --8<-- [end:many-make]

# effect: reads
# exit: 255
# --8<-- [start:many-red]
ssh web hostname
# --8<-- [end:many-red]

# effect: reads
# --8<-- [start:many-look]
ssh -v web hostname 2>&1 | grep -c Offering
# --8<-- [end:many-look]

# effect: destroys
# --8<-- [start:many-undo]
eval "$(ssh-agent -k)"
[ "$(hostname)" = laptop ] && rm ~/.ssh/spare* ~/.ssh/config
# --8<-- [end:many-undo]

# --- client_loop: send disconnect: Broken pipe

# effect: changes
# on: web
# user: root
# --8<-- [start:pipe-make]
cat >~/lab.nft <<'END'
table inet lab
delete table inet lab
table inet lab {
  chain input {
    type filter hook input priority filter;
    ct state established accept
    tcp dport 22 tcp flags & (syn | ack) != syn reject with tcp reset
  }
}
END
nft -f ~/lab.nft
sysctl -q -w net.netfilter.nf_conntrack_tcp_timeout_established=2
# --8<-- [end:pipe-make]

# effect: reads
# exit: 255
# --8<-- [start:pipe-red]
{ sleep 4 && echo hostname; } | ssh -T web
# --8<-- [end:pipe-red]

# effect: reads
# --8<-- [start:pipe-green]
{ sleep 4 && echo hostname; } | ssh -T -o ServerAliveInterval=1 web
# --8<-- [end:pipe-green]

# effect: destroys
# on: web
# user: root
# --8<-- [start:pipe-undo]
sysctl -q -w net.netfilter.nf_conntrack_tcp_timeout_established=432000
nft delete table inet lab
rm ~/lab.nft
# --8<-- [end:pipe-undo]

# --- Bad configuration option

# effect: reads
# exit: 255
# --8<-- [start:option-red]
ssh web hostname
# --8<-- [end:option-red]

# --- ControlPath too long

# effect: reads
# exit: 255
# --8<-- [start:path-red]
ssh reporting-database-replica-01.production.eu-central-1.internal.example.com hostname
# --8<-- [end:path-red]

# effect: reads
# --8<-- [start:path-green]
ssh reporting-database-replica-01.production.eu-central-1.internal.example.com hostname
# --8<-- [end:path-green]

# --- Could not open a connection to your authentication agent.

# effect: reads
# --8<-- [start:agent-make]
unset SSH_AUTH_SOCK
# --8<-- [end:agent-make]

# effect: reads
# exit: 2
# --8<-- [start:agent-red]
ssh-add ~/.ssh/id_ed25519
# --8<-- [end:agent-red]

# effect: changes
# --8<-- [start:agent-cure]
eval "$(ssh-agent -s)"
ssh-add ~/.ssh/id_ed25519
ssh-add -l
# --8<-- [end:agent-cure]

# effect: changes
# --8<-- [start:agent-undo]
eval "$(ssh-agent -k)"
# --8<-- [end:agent-undo]
