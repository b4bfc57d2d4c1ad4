#!/bin/sh
# Makes sure that the tests have a PostgreSQL: the server in ENGAGE_TEST_DATABASE_URL, or the
# binaries to start a private one. Installs the distribution's package if it may, and otherwise
# prints instructions.
set -eu

has_binaries() {
    command -v initdb > /dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1
}

if [ -n "${ENGAGE_TEST_DATABASE_URL:-}" ] || has_binaries; then
    exit 0
fi

if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
    echo "Installing PostgreSQL for the tests." >&2
    # The package's own cluster is not needed, since the tests create one.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
fi

if ! has_binaries; then
    echo "The tests need PostgreSQL: install its server (Debian: apt-get install postgresql)," >&2
    echo "or set ENGAGE_TEST_DATABASE_URL to one whose user may create databases." >&2
    exit 1
fi
