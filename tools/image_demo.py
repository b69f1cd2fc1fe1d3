#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An image made on the spot, with packages that were vulnerable in their day and a key that a later layer deletes, and
advisories of our own words about three of them: what `vedette db build` and `vedette scan image --db` say.

    tools/image_demo.py VEDETTE
"""
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

OS_RELEASE = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
STATUS = "".join(f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"
                 for name, version in (("libc6", "2.36-9+deb12u1"), ("curl", "7.88.1-10+deb12u1"), ("zlib1g", "1:1.2.13.dfsg-1")))
# Put together here, so that no scanner takes this file for a leak.
KEY = "glpat-" + "x9Kd7QmB2vRt5NwZ8pLs"


def advisory(name, alias, ecosystem, package, fixed, summary, vector):
    return {"id": name, "aliases": [alias], "modified": "2026-01-01T00:00:00Z", "summary": summary,
            "severity": [{"type": "CVSS_V3", "score": vector}],
            "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}


# Facts as published; the words are ours.
ADVISORIES = [
    advisory("DEMO-1", "CVE-2023-38545", "Debian:12", "curl", "7.88.1-10+deb12u4",
             "A long host name overflows the heap in the SOCKS5 handshake", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
    advisory("DEMO-2", "CVE-2023-32681", "PyPI", "requests", "2.31.0",
             "Redirects may hand Proxy-Authorization to the wrong server", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:N"),
    advisory("DEMO-3", "CVE-2021-44228", "Maven", "org.apache.logging.log4j:log4j-core", "2.15.0",
             "Text that is logged can load code from a directory server", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"),
]
EXPLOITED = {"catalogVersion": "demo", "vulnerabilities": [{"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10",
                                                           "knownRansomwareCampaignUse": "Known"}]}


def jar():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties",
                      "groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n")
    return out.getvalue()


def layer(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def image(path):
    """As `docker save` writes one."""
    layers = [
        ("ADD rootfs.tar.xz /", layer({"etc/os-release": OS_RELEASE, "var/lib/dpkg/status": STATUS})),
        ("RUN pip install requests==2.19.0", layer({
            "usr/local/lib/python3.11/site-packages/requests-2.19.0.dist-info/METADATA":
                "Metadata-Version: 2.1\nName: requests\nVersion: 2.19.0\nLicense: Apache-2.0\n"})),
        ("COPY . /app", layer({"app/lib/log4j-core-2.14.1.jar": jar(), "app/.env": f"GITLAB_TOKEN={KEY}\n"})),
        ("RUN rm /app/.env", layer({"app/.wh..env": ""})),
    ]
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "config": {"Cmd": ["java", "-jar", "/app/shop.jar"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(one).hexdigest() for _, one in layers]},
        "history": [{"created_by": layers[0][0]}, {"created_by": 'CMD ["bash"]', "empty_layer": True},
                    *({"created_by": text} for text, _ in layers[1:])]}).encode()
    members = {"config.json": config, **{f"{i}/layer.tar": one for i, (_, one) in enumerate(layers)}}
    members["manifest.json"] = json.dumps([{"Config": "config.json", "RepoTags": ["shop:1"],
                                            "Layers": [f"{i}/layer.tar" for i in range(len(layers))]}]).encode()
    with open(path, "wb") as file:
        file.write(layer(members))


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="vedette-demo-") as folder:
        os.chdir(folder)
        image("shop.tar")
        os.mkdir("advisories")
        for name, content in [*((one["id"], one) for one in ADVISORIES), ("exploited", EXPLOITED)]:
            with open(f"advisories/{name}.json", "w", encoding="utf-8") as file:
                json.dump(content, file)
        run = [[program, "db", "build", "-o", "vulnerabilities.db", "advisories"],
               [program, "scan", "image", "--no-cache", "-f", "table", "--db", "vulnerabilities.db", "shop.tar"]]
        for command in run:
            print("$ vedette " + " ".join(command[1:]), flush=True)
            code = subprocess.run(command, check=False).returncode
            print(flush=True)
    sys.exit(0 if code == 1 else 1)


if __name__ == "__main__":
    main()
