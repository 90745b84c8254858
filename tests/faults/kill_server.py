#!/usr/bin/env python3
# kill_server: kill -9 of the server at random moments; nothing it acknowledged may be missing afterwards.
#     tests/faults/kill_server.py build/release/jatai [KILLS [SEED]]
# Devices enrol, report and answer feedback, versions are pushed and approved, all the time; each acknowledged change is
# written down here, and looked for after the restart. Prints one JSON document; exits 1 when something was lost.
import hashlib, http.client, json, os, random, signal, subprocess, sys, tempfile, threading, time

program, kills, seed = sys.argv[1], int(sys.argv[2] if len(sys.argv) > 2 else 200), int(sys.argv[3] if len(sys.argv) > 3 else 1)
random.seed(seed)
folder = tempfile.mkdtemp(prefix="kill_server_")
port, key = 20000 + os.getpid() % 20000, None


def start():
    global key
    server = subprocess.Popen([program, "serve", "--data", folder + "/data", "--listen", f"127.0.0.1:{port}", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = ""
    while not said.endswith("}\n"):
        said += server.stdout.readline()
    key = key or json.loads(said)["admin_key"]
    return server


def ask(link, method, path, body=None, auth=None, kind="application/json"):
    raw = body if isinstance(body, bytes) else json.dumps(body) if body is not None else None
    link.request(method, path, raw, {"Authorization": auth or "Bearer " + key, "Content-Type": kind})
    answer = link.getresponse()
    text = answer.read()
    return answer.status, (json.loads(text) if text[:1] in b"{[" and text else text)


devices, approvals, health, lock = {}, set(), {}, threading.Lock()


def health_report(runs):  # {0: 1, 1: 2, 11: [runs, 0, 0]}
    return b"\xa3\x00\x01\x01\x02\x0b\x83\x1a" + runs.to_bytes(4, "big") + b"\x00\x00"


def work(worker, ending):
    number = 0
    while not ending.is_set():
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            while not ending.is_set():
                number += 1
                name = f"w{worker}-{number}-{random.randrange(10**9)}"
                status, said = ask(link, "POST", "/api/v1/devices", {"id": name, "consent_health": True})
                if status == 201:
                    with lock: devices[name] = said["items"][0]["token"]
                if status == 201:
                    runs = random.randrange(1, 2**31)
                    status, said = ask(link, "POST", f"/default/controller/v1/{name}/reports", health_report(runs), "TargetToken " + devices[name], "application/cbor")
                    if status == 200:
                        with lock: health[name] = runs
                status, said = ask(link, "POST", "/api/v1/versions", {"model": "m", "weights_hash": hashlib.sha256(name.encode()).hexdigest()})
                if status == 201:
                    status, said = ask(link, "POST", f"/api/v1/versions/{said['id']}/approve", {})
                    if status == 200:
                        with lock: approvals.add(said["id"])
                if status == 429: time.sleep(0.2)
        except (OSError, http.client.HTTPException, ValueError):
            time.sleep(0.02)


def everything(link, path):
    items, after = {}, ""
    while True:
        status, page = ask(link, "GET", f"{path}?limit=1000&after={after}")
        if status == 429:
            time.sleep(0.3)
            continue
        items.update({item["id"]: item for item in page["items"]})
        after = page["next"]
        if not after: return items


lost, began = [], time.time()
for round_ in range(kills):
    server, ending = start(), threading.Event()
    threads = [threading.Thread(target=work, args=(w, ending)) for w in range(4)]
    for t in threads: t.start()
    time.sleep(random.uniform(0.02, 0.3))
    server.send_signal(signal.SIGKILL)
    server.wait()
    ending.set()
    for t in threads: t.join()
    if round_ % 10 == 9 or round_ == kills - 1:  # looked for after every tenth kill: what is lost stays lost
        server = start()
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        have, versions = everything(link, "/api/v1/devices"), everything(link, "/api/v1/versions")
        lost += [d for d in devices if d not in have]
        lost += [d for d, runs in health.items() if d in have and have[d]["health"]["requests"] != runs]
        lost += [v for v in approvals if versions.get(v, {}).get("state") != "approved"]
        server.send_signal(signal.SIGTERM)
        server.wait()
        if lost: break
subprocess.run(["rm", "-rf", folder])
print(json.dumps({"kills": round_ + 1, "devices": len(devices), "reports": len(health), "approvals": len(approvals), "lost": len(lost), "seconds": round(time.time() - began, 1)}))
sys.exit(1 if lost else 0)
