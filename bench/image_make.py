#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the large image that `vedette scan image` is measured on.

    bench/image_make.py FOLDER [SOURCES]

Needs root, mmdebstrap, pip, npm, go, mvn, gzip and zstd. SOURCES is the list of apt's sources that the Debian system
is made from (/etc/apt/sources.list.d/debian.sources). FOLDER gets saved.tar (as `docker save` writes it), and
the OCI layouts gzip/ and zstd/ of the same layers: a Debian system with its own packages of Python, Node, Go, Java,
Ruby, R, PHP and Elixir, then a layer each for what pip, npm, go and Maven install, and one that deletes some of it.
What is there already is not made again, so that a run that broke off goes on.
"""
import io
import os
import shutil
import subprocess
import sys
import tarfile

import image_layout

DEBIAN = """python3-pip python3-venv python3-django python3-pandas python3-requests python3-cryptography python3-sqlalchemy
 python3-twisted nodejs npm default-jdk-headless maven golang-go docker.io rails ruby-dev bundler r-base-core php-cli
 composer elixir nginx redis-server postgresql mariadb-server apache2 memcached haproxy curl busybox-static openssl
 build-essential git perl lua5.4 tcl wget vim imagemagick""".split()
PYTHON = ["flask==2.3.2", "requests==2.31.0", "pyyaml==6.0.1", "jinja2==3.1.2", "celery==5.3.1", "boto3==1.28.0",
          "fastapi==0.100.0", "aiohttp==3.8.5", "pillow==10.0.0", "django==4.2.3", "scrapy==2.9.0", "black==23.7.0"]
NODE = ["express@4.18.2", "lodash@4.17.20", "webpack@5.88.0", "axios@1.4.0", "jest@29.6.1", "@babel/core@7.22.8",
        "eslint@8.44.0", "typescript@5.1.6", "minimist@1.2.5"]
GO = ["github.com/mikefarah/yq/v4@v4.40.5", "github.com/gohugoio/hashstructure@v0.1.0", "mvdan.cc/sh/v3/cmd/shfmt@v3.7.0",
      "golang.org/x/tools/cmd/goimports@v0.20.0", "github.com/google/go-containerregistry/cmd/crane@v0.19.1"]
JAVA = ["org.springframework.boot:spring-boot-starter-web:2.7.14", "org.apache.logging.log4j:log4j-core:2.14.1",
        "org.apache.hadoop:hadoop-client-runtime:3.3.6", "org.apache.kafka:kafka-clients:3.5.0",
        "commons-collections:commons-collections:3.2.1", "io.netty:netty-all:4.1.94.Final"]
DELETED = ["srv/app/node_modules/.wh.minimist", "usr/local/bin/.wh.shfmt", "opt/empty/.wh..wh..opq"]


def run(*command, **more):
    print("+", " ".join(command[:6]), flush=True)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)


def debian(path, sources):
    run("mmdebstrap", "--quiet", "--variant=apt", "--mode=root", "--include=" + ",".join(DEBIAN), "bookworm", path, sources)


def python(root):
    target = os.path.join(root, "usr/local/lib/python3.11/dist-packages")
    run(sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--only-binary=:all:", "--python-version=3.11",
        "--target", target, *PYTHON)


def node(root):
    folder = os.path.join(root, "srv/app")
    os.makedirs(folder)
    with open(os.path.join(folder, "package.json"), "w", encoding="utf-8") as file:
        file.write('{"name": "bench-app", "version": "1.0.0"}\n')
    run("npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", *NODE, cwd=folder)


def go(root):
    target = os.path.join(root, "usr/local/bin")
    os.makedirs(target)
    for one in GO:
        environment = {**os.environ, "GOBIN": os.path.abspath(target), "GOFLAGS": "-p=1", "GOTOOLCHAIN": "local"}
        if subprocess.run(["go", "install", one], env=environment, check=False).returncode != 0:
            print(f"{one} was not installed")


def java(root):
    """Jars side by side, and the same in one jar as Spring Boot has them."""
    target = os.path.join(root, "opt/app/lib")
    os.makedirs(target)
    wanted = "".join("<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
        *one.split(":")) for one in JAVA)
    pom = os.path.join(root, "pom.xml")
    with open(pom, "w", encoding="utf-8") as file:
        file.write("<project><modelVersion>4.0.0</modelVersion><groupId>bench</groupId><artifactId>app</artifactId>"
                   f"<version>1</version><dependencies>{wanted}</dependencies></project>")
    run("mvn", "-q", "-f", pom, "dependency:copy-dependencies", "-DoutputDirectory=" + os.path.abspath(target))
    os.remove(pom)
    staged = os.path.join(root, "staged")
    shutil.copytree(target, os.path.join(staged, "BOOT-INF", "lib"))
    for one in os.listdir(os.path.join(staged, "BOOT-INF", "lib")):  # large, and there once is enough
        if one.startswith("hadoop"):
            os.remove(os.path.join(staged, "BOOT-INF", "lib", one))
    app = os.path.abspath(os.path.join(root, "opt/app/app.jar"))
    run(sys.executable, "-c", "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2])", app, staged)
    os.rename(app + ".zip", app)
    shutil.rmtree(staged)


def layer(folder, number, make):
    """layerN.tar of what `make` puts below a root of its own."""
    path = os.path.join(folder, f"layer{number}.tar")
    if os.path.exists(path):
        return path
    root = os.path.join(folder, f"root{number}")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    make(root)
    run("tar", "--format=pax", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-C", root, "-cf", path + ".part", ".")
    os.rename(path + ".part", path)
    shutil.rmtree(root)
    return path


def deleted(folder, number):
    path = os.path.join(folder, f"layer{number}.tar")
    with tarfile.open(path, "w") as tar:
        for one in DELETED:
            tar.addfile(tarfile.TarInfo(one), io.BytesIO())
    return path


def main(folder, sources="/etc/apt/sources.list.d/debian.sources"):
    os.makedirs(folder, exist_ok=True)
    first = os.path.join(folder, "layer0.tar")
    if not os.path.exists(first):
        debian(first + ".part.tar", sources)
        os.rename(first + ".part.tar", first)
    layers = [first, *(layer(folder, i + 1, make) for i, make in enumerate((python, node, go, java)))]
    layers.append(deleted(folder, len(layers)))
    if not os.path.isdir(os.path.join(folder, "zstd")):
        image_layout.write_layout(os.path.join(folder, "gzip"), layers, ["gzip", "-6", "-c"], "gzip")
        image_layout.write_layout(os.path.join(folder, "zstd"), layers, ["zstd", "-q", "-c"], "zstd")
    image_layout.write_saved(os.path.join(folder, "saved.tar"), layers)
    print(f"{sum(map(os.path.getsize, layers)) / 1e6:.0f} MB in {len(layers)} layers")


if __name__ == "__main__":
    main(*sys.argv[1:])
