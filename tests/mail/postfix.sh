#!/bin/bash
# A private postfix (SMTP AUTH by a private dovecot) on loopback for the mail tests.
#
#   postfix.sh DIR STARTTLS_PORT TLS_PORT PLAIN_PORT
#
# Says "ready" when it is up, stays in the foreground, and when its standard input ends (its parent died,
# however that came about) stops both servers and removes DIR. Needs root, and from Debian: postfix dovecot-core
# openssl. What is in DIR meanwhile: ca.pem, mail/USER/new/* (Maildir), log/.
#
#   STARTTLS_PORT  refuses mail before STARTTLS, AUTH only inside TLS
#   TLS_PORT       TLS from the first byte
#   PLAIN_PORT     no STARTTLS offered, no AUTH needed: the office relay
#
# Mailboxes maria@ and joao@cliente.test; any other user there is refused with 550 at RCPT.
# Login atendimento@imob.test, password "segredo". Nothing can leave this machine (default_transport).
set -eu
for tool in postfix dovecot openssl; do
  command -v "$tool" >/dev/null || PATH="$PATH:/usr/sbin:/sbin"
  command -v "$tool" >/dev/null || { echo "missing: $tool (apt-get install postfix dovecot-core openssl)" >&2; exit 3; }
done
[ "$(id -u)" = 0 ] || { echo "postfix refuses to start without root" >&2; exit 4; }

R=$1 STARTTLS=$2 TLS=$3 PLAIN=$4
mkdir "$R" # must be new: it is removed at the end
mkdir -p "$R"/postfix/{etc,spool,data} "$R"/dovecot "$R"/mail "$R"/log
chmod 755 "$R" "$R/postfix" "$R/log" "$R/dovecot"

stop() {
  postfix -c "$R/postfix/etc" stop >>"$R/log/stop.log" 2>&1 || true
  doveadm -c "$R/dovecot/dovecot.conf" stop >>"$R/log/stop.log" 2>&1 || true
  rm -rf "$R"
}
trap stop EXIT

ec="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
openssl req -x509 $ec -keyout "$R/ca.key" -out "$R/ca.pem" -subj "/CN=mail test CA" 2>>"$R/log/openssl.log"
openssl req -x509 $ec -CA "$R/ca.pem" -CAkey "$R/ca.key" -keyout "$R/server.key" -out "$R/server.pem" \
  -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" \
  -addext "basicConstraints=critical,CA:FALSE" 2>>"$R/log/openssl.log"

cat >"$R/postfix/etc/main.cf" <<X
compatibility_level = 3.6
queue_directory = $R/postfix/spool
data_directory = $R/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = $R
maillog_file = $R/log/postfix.log
import_environment = MAIL_CONFIG TZ LANG=C
myhostname = mx.imob.test
mydomain = imob.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = cliente.test
virtual_mailbox_base = $R/mail
virtual_mailbox_maps = inline:{ maria@cliente.test=maria/, joao@cliente.test=joao/ }
virtual_minimum_uid = 1
virtual_uid_maps = static:$(id -u mail)
virtual_gid_maps = static:$(id -g mail)
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_reject_unlisted_recipient = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $R/dovecot/auth
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = $R/server.pem
smtpd_tls_key_file = $R/server.key
disable_vrfy_command = yes
default_transport = error:5.1.2 outside of the test
smtp_tls_security_level = none
X
cat >"$R/postfix/etc/master.cf" <<X
127.0.0.1:$STARTTLS inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
127.0.0.1:$TLS inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
127.0.0.1:$PLAIN inet n - n - - smtpd -o smtpd_tls_security_level=none
pickup  unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce  unix - - n - 0 bounce
defer   unix - - n - 0 bounce
trace   unix - - n - 0 bounce
error   unix - - n - - error
retry   unix - - n - - error
virtual unix - n n - - virtual
anvil   unix - - n - 1 anvil
tlsmgr  unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
X
chown root "$R"/postfix/etc/*
chown postfix "$R/postfix/data"
chown mail:mail "$R/mail"

cat >"$R/dovecot/dovecot.conf" <<X
base_dir = $R/dovecot/run
state_dir = $R/dovecot/run
instance_name = balcao-mail-test
log_path = $R/log/dovecot.log
protocols =
listen = 127.0.0.1
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u $R/dovecot/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$R/mail
}
service auth {
  unix_listener $R/dovecot/auth {
    mode = 0666
  }
}
# Or each wrong password would slow down every later login from this machine.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
X
echo 'atendimento@imob.test:{PLAIN}segredo' >"$R/dovecot/users"
chmod 644 "$R/dovecot/users"

dovecot -c "$R/dovecot/dovecot.conf" </dev/null >>"$R/log/start.log" 2>&1
postfix -c "$R/postfix/etc" start </dev/null >>"$R/log/start.log" 2>&1 || { cat "$R"/log/* >&2; exit 5; }
echo ready
cat >/dev/null
