#!/bin/sh
# signing_drill_test.sh JATAI PACKAGE: the commands of docs/howto/signing.md, and that each does what the page says.
set -eu
jatai=$1; package=$2
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cp "$package" kws.jpk
refused() { if "$@" > said 2>&1; then echo "taken, expected a refusal: $*" >&2; exit 1; fi; [ $? = 0 ] || true; }
fail() { echo "$1" >&2; exit 1; }

for name in root-a root-b root-c signing-1 signing-2; do "$jatai" package keygen $name > /dev/null; done
[ "$(stat -c %a root-a.pem)" = 600 ] || fail "root-a.pem can be read by others"
refused "$jatai" package keygen root-a
command -v openssl > /dev/null && openssl pkey -in root-a.pem -noout

roots="--root root-a.pub --root root-b.pub --root root-c.pub"
"$jatai" package root --threshold 2 $roots --signing signing-1.pub --key root-a.pem --key root-b.pem --sequence 1 -o root-1.cbor > /dev/null
refused "$jatai" package root --threshold 2 $roots --signing signing-1.pub --key root-a.pem --sequence 1 -o none.cbor
[ ! -e none.cbor ] || fail "a root document below its threshold was written"

"$jatai" package sign kws.jpk --key signing-1.pem > /dev/null
"$jatai" package verify kws.jpk --key signing-1.pub > /dev/null
"$jatai" package verify kws.suit --root root-1.cbor > /dev/null
refused "$jatai" package verify kws.jpk --key signing-2.pub
cp kws.suit other.suit
printf x | dd of=other.suit bs=1 seek=60 conv=notrunc 2> /dev/null
refused "$jatai" package verify other.suit --key signing-1.pub
"$jatai" package sign --notice --key signing-1.pem -o notice.suit > /dev/null

# signing-1 is stolen.
refused "$jatai" package root --threshold 2 $roots --signing signing-2.pub --key root-b.pem --sequence 2 --previous root-1.cbor -o root-2.cbor
refused "$jatai" package root --threshold 2 $roots --signing signing-2.pub --key root-b.pem --key signing-1.pem --sequence 2 \
    --previous root-1.cbor -o root-2.cbor
"$jatai" package root --threshold 2 $roots --signing signing-2.pub --key root-b.pem --key root-c.pem --sequence 2 --previous root-1.cbor \
    -o root-2.cbor > /dev/null
"$jatai" package sign kws.jpk --key signing-2.pem > /dev/null
"$jatai" package verify kws.jpk --root root-2.cbor > /dev/null
"$jatai" package sign kws.jpk --key signing-1.pem -o stolen.suit > /dev/null
refused "$jatai" package verify stolen.suit --root root-2.cbor

# A difference to the same image is next to nothing, and JSON is JSON.
"$jatai" package delta kws.jpk --from kws.jpk -o none.jup --json | grep -q '"coding": *"difference"' || fail "no difference"
[ "$(stat -c %s none.jup)" -lt 100 ] || fail "a difference of nothing is long"
echo "the drill went as the page says"
