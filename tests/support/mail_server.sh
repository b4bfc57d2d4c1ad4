# Runs a private Postfix in a folder until its input is closed, which it is when the tests are
# gone, however they end; then the folder goes too.
#
# $1 is the folder, $2 the user whose mailboxes it fills.
set -eu
folder=$1 owner=$2
PATH="$PATH:/usr/sbin"
cd "$folder"

services=$(postconf -d -h daemon_directory)
mkdir data mail queue
cd queue
mkdir active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace
chown postfix ../data ../passwords ./*
# This one is the master's, as the folder is.
chown root pid
cd ..
chown "$owner" mail

"$services/master" -c "$folder/config" > /dev/null 2>&1 &
master=$!
echo $master
read -r _ || true
# It leads a group, of which are the processes that it has started.
kill -s KILL -- "-$master" "$master" || true
wait "$master" 2> /dev/null || true
cd /
rm -rf "$folder"
