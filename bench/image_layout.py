# SPDX-License-Identifier: Apache-2.0
"""Stores layers (files of tar) as images: for image_make.py."""
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile

LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def config_of(layers):
    return json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
        "type": "layers", "diff_ids": ["sha256:" + digest_of(one) for one in layers]},
        "history": [{"created_by": os.path.basename(one)} for one in layers]}).encode()


def write_layout(root, layers, pack, suffix):
    """An OCI layout; `pack` is a command that writes a compressed file to its output."""
    shutil.rmtree(root, ignore_errors=True)
    blobs = os.path.join(root, "blobs", "sha256")
    os.makedirs(blobs)

    def put(data, media_type):
        name = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, name), "wb") as file:
            file.write(data)
        return {"mediaType": media_type, "digest": "sha256:" + name, "size": len(data)}

    described = []
    for layer in layers:
        packed = os.path.join(blobs, "packed")
        with open(packed, "wb") as out:
            subprocess.run([*pack, layer], stdout=out, check=True)
        name = digest_of(packed)
        os.rename(packed, os.path.join(blobs, name))
        described.append({"mediaType": LAYER_TYPE + suffix, "digest": "sha256:" + name,
                          "size": os.path.getsize(os.path.join(blobs, name))})
    config = put(config_of(layers), "application/vnd.oci.image.config.v1+json")
    manifest = put(json.dumps({"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config,
                               "layers": described}).encode(), MANIFEST_TYPE)
    with open(os.path.join(root, "oci-layout"), "w", encoding="utf-8") as file:
        json.dump({"imageLayoutVersion": "1.0.0"}, file)
    with open(os.path.join(root, "index.json"), "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)


def write_saved(path, layers):
    """An archive as `docker save` writes it."""
    config = config_of(layers)
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": ["bench:1"],
                            "Layers": [os.path.basename(one) for one in layers]}]).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in ((config_name, config), ("manifest.json", manifest)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for one in layers:
            tar.add(one, arcname=os.path.basename(one))


def stored_layers(image):
    """(compression, files) of a layout; of an archive the archive itself."""
    if not os.path.isdir(image):
        return "none", [image]
    with open(os.path.join(image, "index.json"), encoding="utf-8") as file:
        manifest = json.load(file)["manifests"][0]["digest"]
    blobs = os.path.join(image, "blobs", "sha256")
    with open(os.path.join(blobs, manifest[7:]), encoding="utf-8") as file:
        layers = json.load(file)["layers"]
    return layers[0]["mediaType"].rpartition("+")[2], [os.path.join(blobs, one["digest"][7:]) for one in layers]
