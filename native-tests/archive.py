"""Writes an archive as docker save does, with images that have a history, labels and names.

usage: archive.py FILE.tar
"""
import hashlib
import io
import json
import sys
import tarfile


def layer(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, size in files:
            entry = tarfile.TarInfo(name)
            entry.size = size
            entry.mtime = 1700000000
            tar.addfile(entry, io.BytesIO(b"x" * size))
    return out.getvalue()


def step(day, command, **more):
    return {"created": "2024-02-%02dT04:05:06Z" % day, "created_by": command, **more}


BASE = layer([("base", 4_260_000)])
TOP = layer([("top", 1500), ("more", 500)])

BASE_HISTORY = [
    step(1, "/bin/sh -c #(nop) ADD file:0123456789abcdef in / "),
    step(1, '/bin/sh -c #(nop)  CMD ["sh"]', empty_layer=True),
]
TOP_HISTORY = BASE_HISTORY + [
    step(2, "ENV A=b", empty_layer=True, comment="buildkit.dockerfile.v0"),
    step(
        3,
        "RUN /bin/sh -c set -e;\techo 0123456789012345678901234567890123456789 # buildkit",
        comment="buildkit.dockerfile.v0",
    ),
]

IMAGES = [
    ([BASE], BASE_HISTORY, ["localhost:5000/base:1"], {"Cmd": ["sh"]}),
    (
        [BASE, TOP],
        TOP_HISTORY,
        ["localhost:5000/demo:1", "localhost:5000/demo:latest", "localhost:5000/other:x"],
        {
            "Cmd": ["sh", "-c", "echo <hi>"],
            "Entrypoint": None,
            "Env": ["PATH=/bin", "A=b"],
            "WorkingDir": "/app",
            "Labels": {"org.example.kind": "demo", "version": "1.0"},
            "ExposedPorts": {"80/tcp": {}},
        },
    ),
    ([TOP], [step(2, "COPY . / # buildkit")], [], {"Cmd": ["x"], "Labels": {"version": "2"}}),
]


def main(out):
    files, manifest = {}, []
    for layers, history, tags, config in IMAGES:
        names = []
        for each in layers:
            name = hashlib.sha256(each).hexdigest() + ".tar"
            files[name] = each
            names.append(name)
        text = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "author": "A. Author",
                "created": history[-1]["created"],
                "config": config,
                "history": history,
                "rootfs": {
                    "type": "layers",
                    "diff_ids": ["sha256:" + hashlib.sha256(each).hexdigest() for each in layers],
                },
            }
        ).encode()
        name = hashlib.sha256(text).hexdigest() + ".json"
        files[name] = text
        manifest.append({"Config": name, "RepoTags": tags, "Layers": names})
    files["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(out, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


main(sys.argv[1])
