#!/usr/bin/env python3
"""Works on one store with many processes at once: loads, pulls, names, removals, prunes, saves, mounts,
containers. Some commands are killed. Afterwards the store must be whole.

usage: store-stress.py PLYFS DIRECTORY SECONDS [REGISTRY]

DIRECTORY is empty; REGISTRY, such as 127.0.0.1:5000, is one that skopeo may fill. Every message that a
command prints must be one of EXPECTED, every file of a mount must have its text, and in the end
'verify' finds nothing, each image still loads, and tmp/ is empty. The last line says what was done.
"""
import collections
import hashlib
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time

IMAGES, WORKERS, FILES = 6, 10, 40

# What a command may say because another one was quicker.
EXPECTED = [
    r"there is no image '",
    r"cannot remove '[^']+', image [0-9a-f]+: ",
    r"cannot remove the layer [0-9a-f]+: a mount uses",
    r"a layer of the image is missing",
    r"cannot read .*: No such file or directory",
    r"image .* cannot be read: ",
    r"conflict|Conflict|is already in use|is being removed|No such container|no container",
    r"has gone|was removed|is not running|is running|uses it",
    r"there is no store",
]


class Plyfs:
    """The commands, on one store."""

    def __init__(self, program, store):
        self.program, self.store = program, store
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.wrong = []

    def run(self, *arguments, kill=None, stdin=None):
        """Runs a command; its exit code, or None if it was killed, and its output."""
        process = subprocess.Popen(
            [self.program, *arguments], stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "PLYFS_STORE": self.store},
            start_new_session=True)
        killed = False
        try:
            out, err = process.communicate(timeout=kill or 300)
        except subprocess.TimeoutExpired:
            killed = True
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        with self.lock:
            outcome = "killed" if killed else "done" if process.returncode == 0 else "refused"
            self.counts[arguments[0], outcome] += 1
            if outcome == "refused":
                self.check(arguments, err.decode("utf-8", "replace"))
        return None if killed else process.returncode, out

    def check(self, arguments, messages):
        for line in messages.splitlines():
            if not any(re.search(each, line) for each in EXPECTED):
                self.wrong.append(f"{' '.join(arguments)}: {line}")


def layer(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def content(image, number):
    return (f"image {image} file {number}\n" * (1 + number * 50)).encode()


def write_archive(path, image):
    """An image of a base that all share, a layer that pairs of images share, and one of its own."""
    layers = [
        layer([(f"base/{n}", content("base", n)) for n in range(FILES)]),
        layer([(f"pair/{n}", content(f"pair{image // 2}", n)) for n in range(FILES)]),
        layer([(f"own/{n}", content(image, n)) for n in range(FILES)]),
    ]
    names = [hashlib.sha256(each).hexdigest() for each in layers]
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "config": {"Labels": {"image": str(image)}},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + name for name in names]}}).encode()
    manifest = json.dumps([{
        "Config": hashlib.sha256(config).hexdigest() + ".json", "RepoTags": [f"stress/i{image}:1"],
        "Layers": [name + ".tar" for name in names]}]).encode()
    with tarfile.open(path, "w") as tar:
        for name, text in [
                (hashlib.sha256(config).hexdigest() + ".json", config),
                *((name + ".tar", each) for name, each in zip(names, layers)),
                ("manifest.json", manifest)]:
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))


class Worker(threading.Thread):
    def __init__(self, plyfs, number, directory, end, registry):
        super().__init__()
        self.plyfs, self.directory, self.end, self.registry = plyfs, directory, end, registry
        self.number = number
        self.random = random.Random(number)
        self.mountpoint = os.path.join(directory, f"m{number}")
        os.mkdir(self.mountpoint)

    def run(self):
        works = [self.load, self.load, self.load, self.tag, self.remove, self.prune, self.list,
                 self.save, self.mount, self.mount, self.container]
        if self.registry:
            works += [self.pull, self.pull]
        while time.monotonic() < self.end:
            try:
                self.random.choice(works)(self.random.randrange(IMAGES))
            except Exception as failure:  # whatever it is, the run has failed
                with self.plyfs.lock:
                    self.plyfs.wrong.append(f"worker {self.number}: {failure!r}")

    def sometimes(self):
        """When to kill a command, in seconds; None for never."""
        return self.random.uniform(0.2, 1.5) if self.random.random() < 0.15 else None

    def load(self, image):
        self.plyfs.run("load", "-q", f"{self.directory}/i{image}.tar", kill=self.sometimes())

    def pull(self, image):
        self.plyfs.run("pull", "-q", f"{self.registry}/stress/i{image}:1", kill=self.sometimes())

    def tag(self, image):
        self.plyfs.run("tag", f"stress/i{image}:1", f"other{self.number}:{image}",
                       kill=self.sometimes())

    def remove(self, image):
        name = self.random.choice([f"stress/i{image}:1", f"other{self.number}:{image}"])
        self.plyfs.run("rmi", name, kill=self.sometimes())

    def prune(self, image):
        self.plyfs.run("prune", "-f", *(["-a"] if image == 0 else []), kill=self.sometimes())

    def list(self, image):
        self.plyfs.run("images", "-q")

    def save(self, image):
        file = f"{self.directory}/saved{self.number}.tar"
        code, _ = self.plyfs.run("save", "-o", file, f"stress/i{image}:1", kill=self.sometimes())
        if code == 0:
            with tarfile.open(file) as tar:
                assert len(tar.getnames()) >= 5, tar.getnames()

    def mount(self, image):
        code, _ = self.plyfs.run("mount", "-r", f"stress/i{image}:1", self.mountpoint)
        if code == 0:
            self.look(image)
            self.plyfs.run("umount", self.mountpoint)

    def container(self, image):
        name = f"c{self.number}"
        code, _ = self.plyfs.run("mount", "--name", name, f"stress/i{image}:1", self.mountpoint)
        if code == 0:
            self.look(image)
            with open(f"{self.mountpoint}/own/0", "w", encoding="utf-8") as file:
                file.write("changed\n")
            self.plyfs.run("commit", self.mountpoint, f"made{self.number}:{image}",
                           kill=self.sometimes())
            self.plyfs.run("stop", name)
            if self.random.random() < 0.5:
                self.plyfs.run("start", name)
                with open(f"{self.mountpoint}/own/0", encoding="utf-8") as file:
                    assert file.read() == "changed\n"
        self.plyfs.run("rm", "-f", name)

    def look(self, image):
        for part, who in (("base", "base"), ("pair", f"pair{image // 2}"), ("own", image)):
            number = self.random.randrange(FILES)
            with open(f"{self.mountpoint}/{part}/{number}", "rb") as file:
                read = file.read()
            assert read == content(who, number), f"{part}/{number} of image {image}: {read[:60]!r}"


def main():
    program, directory, seconds = sys.argv[1], os.path.abspath(sys.argv[2]), float(sys.argv[3])
    registry = sys.argv[4] if len(sys.argv) > 4 else None
    plyfs = Plyfs(program, f"{directory}/store")
    for image in range(IMAGES):
        archive = f"{directory}/i{image}.tar"
        write_archive(archive, image)
        if registry:
            subprocess.run(
                ["skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false",
                 f"docker-archive:{archive}", f"docker://{registry}/stress/i{image}:1"], check=True)
    workers = [Worker(plyfs, number, directory, time.monotonic() + seconds, registry)
               for number in range(WORKERS)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    finish(plyfs, workers, directory)
    for (command, outcome), count in sorted(plyfs.counts.items()):
        print(f"{command} {outcome}: {count}")
    for each in plyfs.wrong[:20]:
        print("WRONG:", each)
    print(f"{sum(plyfs.counts.values())} commands, {len(plyfs.wrong)} wrong")
    return 1 if plyfs.wrong else 0


def finish(plyfs, workers, directory):
    """The store must be whole, and what was killed must be gone after the next change."""
    code, out = plyfs.run("verify")
    if code != 0:
        plyfs.wrong.append("verify: " + out.decode("utf-8", "replace"))
    for image in range(IMAGES):
        code, _ = plyfs.run("load", "-q", f"{directory}/i{image}.tar")
        if code != 0:
            plyfs.wrong.append(f"image {image} does not load any more")
        workers[0].mount(image)
    plyfs.run("prune", "-f")
    left = os.listdir(f"{directory}/store/tmp")
    if left:
        plyfs.wrong.append(f"left in tmp/: {left}")


sys.exit(main())
