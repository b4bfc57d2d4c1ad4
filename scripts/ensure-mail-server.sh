#!/bin/sh
# Makes sure that the tests can start private instances of Postfix, with programs to check passwords
# and to create a certificate. Installs the distribution's packages if it may, and otherwise prints
# instructions.
set -eu
PATH="$PATH:/usr/sbin:/sbin"

has_programs() {
    for program in postconf saslpasswd2 openssl; do
        command -v "$program" > /dev/null 2>&1 || return 1
    done
    # The mechanism PLAIN is a separate file.
    for plain in /usr/lib*/sasl2/libplain.so /usr/lib/*/sasl2/libplain.so; do
        [ -e "$plain" ] && return 0
    done
    return 1
}

install() {
    # Without a configuration Postfix does not start, and the tests bring their own. An installed
    # Postfix retains its configuration.
    command -v postconf > /dev/null 2>&1 ||
        echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    apt-get update -qq
    # OpenSSL comes with Postfix. Another mail server is not replaced.
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove \
        postfix sasl2-bin libsasl2-modules
}

if [ "$(id -u)" != 0 ]; then
    echo "The tests start a private Postfix, which requires root: run them as root, for example in a" >&2
    echo "container, or skip the tests that need it:" >&2
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
    echo "(Debian: apt-get install postfix sasl2-bin libsasl2-modules). If another mail server is" >&2
    echo "installed, use a container." >&2
    exit 1
fi
