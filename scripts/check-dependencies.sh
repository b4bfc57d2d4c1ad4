#!/bin/sh
# Fails where a crate depends on one that its layer must not know, or where a library crept in that
# would need more than a C compiler to build.
#
# The layers: domain <- ports <- application <- http <- server; adapters know the domain and their
# port, and nothing of each other.
set -eu

CARGO=${CARGO:-cargo}
failed=0

# What a crate, or with --workspace everything, is built from: a name a line. Ends the script where
# cargo fails.
tree() {
    listing=$("$CARGO" tree --locked --edges normal,build --all-features --prefix none \
        --format '{p}' "$@")
    echo "$listing" | cut -d ' ' -f 1 | sort -u
}

# allow CRATE [KNOWN...]: CRATE may depend, at any depth, on KNOWN and on no other crate of the
# workspace.
allow() {
    crate=$1
    shift
    built_from=$(tree --package "$crate")
    for known in $(echo "$built_from" | grep '^engage-' | grep -v "^$crate\$"); do
        case " $* " in
        *" $known "*) ;;
        *)
            echo "$crate must not depend on $known" >&2
            failed=1
            ;;
        esac
    done
}

domain="engage-domain"
ports="engage-repository engage-notifier engage-identity"

allow engage-domain
allow engage-repository $domain
allow engage-notifier $domain
allow engage-identity $domain
allow engage-application $domain $ports
allow engage-sqlite $domain engage-repository
allow engage-postgres $domain engage-repository
allow engage-attachments $domain engage-repository
for channel in templates smtp sms webhook; do
    allow "engage-$channel" $domain engage-notifier
done
allow engage-jwt $domain engage-identity
allow engage-http $domain $ports engage-application
allow engage-testkit $domain $ports engage-application
allow engage-bench
allow engage-structure

# Every crate must have its line above; only the server may know them all.
members=$("$CARGO" metadata --locked --no-deps --format-version 1 |
    grep -o '"name":"engage-[a-z]*","version"' | cut -d '"' -f 4)
for crate in $members; do
    case " $domain $ports engage-application engage-attachments engage-postgres engage-sqlite engage-templates engage-smtp \
        engage-sms engage-webhook engage-jwt engage-http engage-testkit engage-bench engage-structure engage-server " in
    *" $crate "*) ;;
    *)
        echo "$crate is not in scripts/check-dependencies.sh: say what it may depend on" >&2
        failed=1
        ;;
    esac
done

# The domain is embedded in other programs: it brings a time library, thiserror, serde, what e-mail
# addresses need (idna) and how alike two words are (strsim), no more.
libraries=$(tree --package engage-domain --depth 1)
for library in $libraries; do
    case $library in
    engage-domain | idna | jiff | serde | strsim | thiserror) ;;
    *)
        echo "engage-domain must not depend on $library" >&2
        failed=1
        ;;
    esac
done

libraries=$(tree --workspace)
for library in openssl-sys native-tls pq-sys; do
    if echo "$libraries" | grep -qx "$library"; then
        echo "$library needs a system library; use rustls, or tokio-postgres" >&2
        failed=1
    fi
done

exit $failed
