#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pickles that nobody here wrote: models/picklescan below VEDETTE_DATA. Of each hostile file the call that it is known for
must be named, the clean ones must give nothing. Last line: `models passed failed skipped`."""
import json
import os
import subprocess
import sys

data = os.path.join(os.environ.get("VEDETTE_DATA", "../shared/data"), "models", "picklescan")
vedette = os.environ.get("VEDETTE", "build/release/bin/vedette")

if not os.path.isdir(data):
    print("skip: no models; set VEDETTE_DATA")
    print("models 0 0 1")
    sys.exit(0)

CLEAN = {"bad_pytorch.pt", "benign0_v0.pkl", "benign0_v3.pkl", "benign0_v4.pkl", "benign_password_protected.zip",
         "new_pytorch_model.bin", "not_a_pickle.bin", "pytorch_model.bin"}
# What each is known for, by the begin of its name; the others evaluate a text.
CALLS = {"malicious0": "__builtin__.eval", "malicious10": "__builtin__.exec", "malicious11": "os.system",
         "malicious12": "os.system", "malicious13a": "pickle.loads", "malicious13b": "_pickle.loads",
         "malicious14": "runpy._run_code", "malicious15": "bdb.Bdb", "malicious16": "pip.main",
         "malicious17": "torch._inductor.codecache.compile_file", "malicious18": "pydoc.pipepager",
         "malicious19": "torch.serialization.load", "malicious20": "venv.create", "malicious2_": "posix.system",
         "malicious3": "httplib.HTTPSConnection", "malicious4": "requests.api.get", "malicious5": "aiohttp.client.ClientSession",
         "malicious6": "requests.api.get", "malicious7": "socket.create_connection", "malicious8": "subprocess.run",
         "malicious9": "sys.exit", "malicious-invalid-bytes": "os.system", "broken_model": "builtins.exec",
         "pytorch_magic_bypass": "posix.system", "sys_module_override": "torch._utils"}

passed = failed = 0
for name in sorted(os.listdir(data)):
    done = subprocess.run([vedette, "scan", "model", "-f", "json", os.path.join(data, name)], capture_output=True, text=True,
                          check=False, timeout=60)
    messages = [one["message"] for one in json.loads(done.stdout)["findings"]]
    begin = max((one for one in CALLS if name.startswith(one)), key=len, default=None)
    wanted = CALLS[begin] if begin else ".eval("
    good = not messages if name in CLEAN else any(wanted in message for message in messages)
    passed += good
    failed += not good
    if not good:
        print(f"{name}: expected {'nothing' if name in CLEAN else wanted}, found {messages[:3]}")
print(f"models {passed} {failed} 0")
sys.exit(1 if failed else 0)
