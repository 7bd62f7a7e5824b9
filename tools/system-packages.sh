#!/bin/sh
# Names the Debian packages of packages.txt that are missing, and gets them where it may (root, or sudo that
# asks nothing). Never fails: a test whose package is missing skips and says so, or fails with OPSBOOK_REQUIRE=all.
# OPSBOOK_INSTALL=0 only names them.
set -u
cd "$(dirname "$0")/.." || exit 1

wanted=$(sed 's/[# ].*//' packages.txt | tr '\n' ' ')
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "Not Debian or Ubuntu: tests that miss one of these will skip: $wanted" >&2
    exit 0
fi

missing() {
    # shellcheck disable=SC2086 # a list of words
    installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' $wanted 2>/dev/null)
    for package in $wanted; do
        case "
$installed
" in
        *"
$package=installed
"*) ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

apt() {
    # The lock may be held by the system's own daily update; every other question gets its default answer.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null >"$log" 2>&1
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0
echo "System packages missing: $lacking"

if [ "${OPSBOOK_INSTALL:-1}" = 0 ]; then
    echo "Not getting them (OPSBOOK_INSTALL=0): tests that need them skip." >&2
    exit 0
elif [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    echo "Not root, and sudo wants a password: tests that need them skip. To get them: sudo apt-get install $lacking" >&2
    exit 0
fi

echo "Getting them with apt-get…"
log=$(mktemp)
# Some packages would start a service, such as a web server; the tests start their own, so none is started here.
policy=/usr/sbin/policy-rc.d
if [ -e $policy ]; then policy=; else printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null && $as_root chmod 755 $policy; fi
trap 'rm -f "$log"; [ -z "$policy" ] || $as_root rm -f $policy' EXIT
trap 'exit 1' HUP INT TERM
apt update
# shellcheck disable=SC2086 # a list of words
if ! apt install --no-install-recommends $lacking; then
    # One name this release does not know (Ubuntu has no chromium package) must not cost the others.
    for package in $lacking; do
        apt install --no-install-recommends "$package" ||
            echo "apt-get could not get $package: $(grep -m 1 '^E:' "$log")" >&2
    done
fi
lacking=$(missing)
[ -z "$lacking" ] || echo "Still missing: $lacking(tests that need them skip)" >&2
exit 0
