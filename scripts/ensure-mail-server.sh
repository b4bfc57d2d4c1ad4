#!/bin/sh
# Makes sure that the tests find Postfix, of which they start private instances, and what these need
# to check passwords and to show a certificate. Installs the distribution's packages where it may,
# else says what to do.
set -eu
PATH="$PATH:/usr/sbin:/sbin"

has_programs() {
    for program in postconf saslpasswd2 openssl; do
        command -v "$program" > /dev/null 2>&1 || return 1
    done
    # The mechanism PLAIN is a file of its own.
    for plain in /usr/lib*/sasl2/libplain.so /usr/lib/*/sasl2/libplain.so; do
        [ -e "$plain" ] && return 0
    done
    return 1
}

install() {
    # Without a configuration nothing of Postfix is started; the tests bring theirs. A Postfix that
    # is there already keeps its own.
    command -v postconf > /dev/null 2>&1 ||
        echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    apt-get update -qq
    # OpenSSL comes with Postfix. Another mail server is not replaced.
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove \
        postfix sasl2-bin libsasl2-modules
}

if [ "$(id -u)" != 0 ]; then
    echo "The tests start a private Postfix, which only root can: run them as root, such as in a" >&2
    echo "container, or leave those out that need it:" >&2
    echo "cargo test --locked --workspace --all-features -- --skip mail_server" >&2
    exit 1
fi

if has_programs; then
    exit 0
fi

if command -v apt-get > /dev/null 2>&1; then
    echo "Installing Postfix for the tests." >&2
    install || true
fi

if ! has_programs; then
    echo "The tests need Postfix, Cyrus SASL with PLAIN and saslpasswd2, and OpenSSL: install them" >&2
    echo "(Debian: apt-get install postfix sasl2-bin libsasl2-modules; beside another mail" >&2
    echo "server they cannot be installed, but in a container they can)." >&2
    exit 1
fi
