# Runs a private Postfix in a folder until its input is closed, and then removes the folder. The
# input closes when the tests end, however they end.
#
# $1 is the folder, and $2 is the user who owns the mailboxes.
set -eu
folder=$1 owner=$2
PATH="$PATH:/usr/sbin"
cd "$folder"

services=$(postconf -d -h daemon_directory)
mkdir data mail queue
cd queue
mkdir active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace
chown postfix ../data ../passwords ./*
# This folder belongs to the master process, like the parent folder.
chown root pid
cd ..
chown "$owner" mail

"$services/master" -c "$folder/config" > /dev/null 2>&1 &
master=$!
echo $master
read -r _ || true
# The master leads a group with all processes that it started.
kill -s KILL -- "-$master" "$master" || true
wait "$master" 2> /dev/null || true
cd /
rm -rf "$folder"
