#!/bin/sh
# swupdate: Debian's swupdate, in its hawkBit mode, takes a CMS-signed update from our server, and one with a foreign
# signature not. Skips, saying so, where swupdate, openssl, curl or cpio is missing.
#     tests/faults/swupdate.sh build/release/jatai
set -eu
jatai=$(realpath "$1")
for program in swupdate openssl cpio python3; do
    command -v $program >/dev/null || { echo "skipped: no $program here"; exit 0; }
done
work=$(mktemp -d)
cd "$work"
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
value() { python3 -c "import json,sys; print(eval('json.load(sys.stdin)'+sys.argv[1]))" "$1"; }
sign() {  # NAME: an update that installs NAME.bin, signed by the key in force
    cat >sw-description <<END
software = { version = "2.0"; hardware-compatibility: [ "1.0" ];
  files: ( { filename = "$1.bin"; path = "$work/installed.bin"; sha256 = "$(sha256sum "$1.bin" | cut -d' ' -f1)"; } ); }
END
    openssl cms -sign -in sw-description -out sw-description.sig -signer "$2.crt" -inkey "$2.key" -outform DER -nosmimecap -binary
    printf 'sw-description\nsw-description.sig\n%s.bin\n' "$1" | cpio -o -H crc >"$1.swu" 2>/dev/null
}
for who in maker stranger; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout $who.key -out $who.crt -subj /CN=$who -days 2 \
        -addext extendedKeyUsage=emailProtection -addext basicConstraints=critical,CA:TRUE 2>/dev/null
done
echo "the model, second version" >good.bin; sign good maker
echo "the model of a stranger" >foreign.bin; sign foreign stranger

"$jatai" serve --data data --listen 127.0.0.1:0 --json >serve.json & server=$!
for _ in $(seq 100); do [ -s serve.json ] && break; sleep 0.1; done
JATAI_SERVER=$(value '["url"]' <serve.json) JATAI_KEY=$(value '["admin_key"]' <serve.json)
export JATAI_SERVER JATAI_KEY
token=$("$jatai" fleet enroll gw1 --board linux --json | value '["devices"][0]["token"]')
device() {  # seconds, more options
    timeout "$1" swupdate -l 5 -H linux:1.0 -k maker.crt --cert-purpose emailProtection -M -m \
        -u "-t default -i gw1 -u $JATAI_SERVER -k $token -p 2 $2" >>swupdate.log 2>&1 || true
}
roll_out() {  # NAME
    version=$("$jatai" push "$1.swu" --model gateway --name "$1" --board linux --json | value '["version"]["id"]')
    "$jatai" fleet versions "$version" --approve --json >/dev/null
    rollout=$("$jatai" fleet rollout --version "$version" --no-gate --do start --json | value '["id"]')
    sleep 1
}
state() { "$jatai" fleet rollout "$rollout" --json | value "[\"$1\"]"; }

roll_out good
device 25 ""
device 8 "-c 2"  # as after its restart: the new system works
cmp good.bin installed.bin
sleep 1
[ "$(state installed)" = 1 ] || { tail -20 swupdate.log; echo "the server counts $(state installed) installed, expected 1"; exit 1; }
roll_out foreign
device 25 ""
cmp good.bin installed.bin
sleep 1
[ "$(state failed)" = 1 ] || { tail -20 swupdate.log; echo "the server counts $(state failed) failed, expected 1"; exit 1; }
echo "swupdate took the signed update and refused the foreign one"
