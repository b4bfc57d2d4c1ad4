#!/bin/sh
# Fails if a crate depends on another one that its layer must not know, or if a library needs more
# than a C compiler to build.
#
# The layers are domain <- ports <- application <- http <- engage <- server. Adapters know the domain and
# their port, and nothing of each other. Both SQL stores share a library below them and the package of
# their migrations, and the adapters that call other servers share the set-up of their clients, in
# outbound.
set -eu

CARGO=${CARGO:-cargo}
failed=0

# Lists the dependencies of a crate, or of all crates with --workspace, one name per line. Ends the
# script if cargo fails.
tree() {
    listing=$("$CARGO" tree --locked --edges normal,build --all-features --prefix none \
        --format '{p}' "$@")
    echo "$listing" | cut -d ' ' -f 1 | sort -u
}

# allow CRATE [KNOWN...]: checks that CRATE depends, at any depth, on no crate of the workspace
# other than KNOWN.
allow() {
    crate=$1
    shift
    built_from=$(tree --package "$crate")
    for known in $(echo "$built_from" | grep -E '^engage(-|$)' | grep -v "^$crate\$"); do
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
ports="engage-repository engage-notifier engage-identity engage-environment"
adapters="engage-attachments engage-postgres engage-sms engage-smtp engage-sqlite engage-system engage-templates engage-webhook"

allow engage-domain
allow engage-repository $domain
allow engage-notifier $domain
allow engage-identity $domain
allow engage-environment $domain
allow engage-application $domain $ports
allow engage-outbound
allow engage-otlp engage-outbound
allow engage-sql $domain engage-repository
allow engage-migrations
allow engage-sqlite $domain engage-repository engage-sql engage-migrations
allow engage-postgres $domain engage-repository engage-sql engage-migrations engage-outbound
allow engage-attachments $domain engage-repository engage-outbound
allow engage-backup $domain engage-repository
allow engage-system $domain engage-environment
allow engage-templates $domain engage-notifier
for channel in smtp sms webhook; do
    allow "engage-$channel" $domain engage-notifier engage-outbound
done
allow engage-jwt $domain engage-identity engage-outbound
allow engage-http $domain $ports engage-application
# The assembly knows the clock of the machine and the templates. Other adapters are optional, and given
# to it by its users.
allow engage $domain $ports $adapters engage-application engage-http engage-outbound engage-sql engage-migrations
allow engage-testkit $domain $ports engage-application
allow engage-bench
allow engage-structure

# The server knows every adapter, but not what is below the SQL stores.
for crate in engage-sql engage-migrations; do
    if tree --package engage-server --depth 1 | grep -qx $crate; then
        echo "engage-server must not depend on $crate" >&2
        failed=1
    fi
done

# Every crate needs a line above, except the server, which may know them all.
members=$("$CARGO" metadata --locked --no-deps --format-version 1 |
    grep -oE '"name":"engage(-[a-z]+)?","version"' | cut -d '"' -f 4)
for crate in $members; do
    case " $domain $ports engage-application engage-attachments engage-backup engage-migrations engage-postgres engage-sql engage-sqlite engage-system \
        engage-templates engage-smtp engage-sms engage-webhook engage-jwt engage-outbound engage-otlp engage engage-http engage-testkit engage-bench \
        engage-structure engage-server " in
    *" $crate "*) ;;
    *)
        echo "$crate is not in scripts/check-dependencies.sh: add its allowed dependencies" >&2
        failed=1
        ;;
    esac
done

# Other programs embed the domain, so it only depends on a time library, thiserror, the encoding of
# e-mail addresses (idna), the similarity of words (strsim) and the normal form of tags
# (unicode-normalization), and optionally on serde and uuid.
libraries=$(tree --package engage-domain --depth 1)
for library in $libraries; do
    case $library in
    engage-domain | idna | jiff | serde | strsim | thiserror | \
        unicode-normalization | uuid) ;;
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
