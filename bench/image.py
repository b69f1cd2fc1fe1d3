#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scanning an image costs beside reading it.

    bench/image.py VEDETTE FOLDER [FOLDER...]

Each folder (of this machine, say /usr/lib /etc) becomes a layer of an image with its own path; the image is stored
as an archive of `docker save`, and as OCI layouts with gzip and with zstd. For each: the bare cost of reading it in
one process (unpack all layers, SHA-256 of the stored bytes), then `vedette scan image`, packages alone and with
secrets; seconds of processor, the least of RUNS runs, and peak memory. Whether dpkg's own list is what was found.
"""
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile

RUNS = 3
STEP = 1 << 18


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def layer_of(folder, path):
    with open(path, "wb") as out:
        subprocess.run(["tar", "--one-file-system", "--format=pax", "-C", "/", "-c", folder.lstrip("/")], stdout=out,
                       stderr=subprocess.DEVNULL, check=False)


def layout_of(root, layers, pack, suffix):
    blobs = os.path.join(root, "blobs", "sha256")
    os.makedirs(blobs)

    def put(data):
        name = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, name), "wb") as file:
            file.write(data)
        return {"digest": "sha256:" + name, "size": len(data)}

    described = []
    for layer in layers:
        packed = layer + suffix
        with open(packed, "wb") as out:
            subprocess.run([*pack, layer], stdout=out, check=True)
        name = digest_of(packed)
        os.rename(packed, os.path.join(blobs, name))
        described.append({"digest": "sha256:" + name, "size": os.path.getsize(os.path.join(blobs, name))})
    config = put(config_of(layers))
    manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": described}).encode())
    with open(os.path.join(root, "index.json"), "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)
    return root, [os.path.join(blobs, one["digest"][7:]) for one in described]


def config_of(layers):
    return json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": ["sha256:" + digest_of(one) for one in layers]}}).encode()


def saved_of(path, layers, folder):
    config = os.path.join(folder, "config.json")
    with open(config, "wb") as file:
        file.write(config_of(layers))
    manifest = os.path.join(folder, "manifest.json")
    with open(manifest, "w", encoding="utf-8") as file:
        json.dump([{"Config": "config.json", "RepoTags": ["bench:1"],
                    "Layers": [os.path.basename(one) for one in layers]}], file)
    with tarfile.open(path, "w") as tar:
        for one in (*layers, config, manifest):
            tar.add(one, arcname=os.path.basename(one))
    return path, layers


BARE = """
import hashlib, sys, zlib
for path in sys.argv[2:]:
    digest = hashlib.sha256()
    unpack = zlib.decompressobj(31) if sys.argv[1] == "gzip" else None
    with open(path, "rb") as file:
        while block := file.read(%d):
            digest.update(block)
            while unpack and block:
                unpack.decompress(block, %d)
                block = unpack.unconsumed_tail
""" % (STEP, STEP)


def cost(*commands):
    """(least seconds of processor, largest peak in MB of a run)"""
    seconds, peak = [], 0
    for _ in range(RUNS):
        total = 0
        for command in commands:
            child = os.posix_spawnp(command[0], command, os.environ, file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
            usage = os.wait4(child, 0)[2]
            total += usage.ru_utime + usage.ru_stime
            peak = max(peak, usage.ru_maxrss)
        seconds.append(total)
    return min(seconds), peak / 1024


def main(vedette, folders):
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        layers = []
        for number, one in enumerate(folders):
            layers.append(os.path.join(folder, f"layer{number}.tar"))
            layer_of(one, layers[-1])
        print(f"{sum(map(os.path.getsize, layers)) / 1e6:.0f} MB in {len(layers)} layers")
        images = {
            "saved": saved_of(os.path.join(folder, "saved.tar"), layers, folder),
            "gzip": layout_of(os.path.join(folder, "gzip"), layers, ["gzip", "-c"], ".gz"),
            "zstd": layout_of(os.path.join(folder, "zstd"), layers, ["zstd", "-q", "-c"], ".zst"),
        }
        for name, (image, parts) in images.items():
            bare = [[sys.executable, "-c", BARE, name, *parts]]
            if name == "zstd":
                bare.append(["zstd", "-q", "-d", "-c", "--single-thread", *parts])
            base, _ = cost(*bare)
            scan = [vedette, "scan", "image", "-q", "-o", os.path.join(folder, "out"), "-f", "json", image]
            packages, peak = cost([*scan, "--only", "packages"])
            one_thread, one_peak = cost([*scan, "--only", "packages", "--threads", "1"])
            both, both_peak = cost(scan)
            print(f"{name}: bare {base:.2f} s; packages {packages:.2f} s ({packages / base:.2f}), {peak:.0f} MB; "
                  f"one thread {one_thread:.2f} s ({one_thread / base:.2f}), {one_peak:.0f} MB; "
                  f"with secrets {both:.2f} s, {both_peak:.0f} MB")
        with open(os.path.join(folder, "out"), encoding="utf-8") as file:
            found = json.load(file)["packages"]["packages"]
        ours = {(p["name"], p["version"]) for p in found if p["ecosystem"] == "deb"}
        lines = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${Status}\n"], text=True,
                               stdout=subprocess.PIPE, check=False).stdout.splitlines()
        theirs = {tuple(one.split()[:2]) for one in lines if one.split()[-1] == "installed"}
        kinds = {kind: sum(p["ecosystem"] == kind for p in found) for kind in sorted({p["ecosystem"] for p in found})}
        print(f"packages {kinds}; of dpkg only we {sorted(ours - theirs)}, only dpkg {sorted(theirs - ours)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
