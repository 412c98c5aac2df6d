"""Makes what is mounted: layers of a real Debian, and one of files to be copied up."""
from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import commands
import place

SUITE = "bookworm"
PACKAGES = "python3 git gcc libc6-dev make perl vim-tiny"
BUILT = "built"  # the file that says that a set of layers is complete
FILES = (("k4", 300, 4 << 10), ("m1", 60, 1 << 20), ("m16", 8, 16 << 20), ("m512", 1, 512 << 20))
LARGEST = FILES[-1][2]
CHUNK = 1 << 20


def debian(folder: Path) -> list[str]:
    """Layers of a Debian in a folder, topmost first; they are made if they are not there.

    Three of them: a minimal system, the packages of a small developer's machine, and a layer that
    adds a file and deletes the documentation of the others.
    """
    top, middle, base = folder / "top", folder / "packages", folder / "base"
    if not (folder / BUILT).exists():
        if folder.exists():
            place.Place.remove(folder)
        folder.mkdir(parents=True)
        print(f"bench: making layers of Debian {SUITE} in {folder}, for minutes", flush=True)
        _bootstrap(base)
        _install(folder, middle, base)
        _delete(folder, top, middle, base)
        place.Place.remove(folder / "work")
        (folder / "merged").rmdir()
        (folder / BUILT).touch()
    return [str(top), str(middle), str(base)]


def missing() -> str:
    """Why layers cannot be made here; empty if they can."""
    if shutil.which("mmdebstrap") or shutil.which("debootstrap"):
        return ""
    return "install debootstrap or mmdebstrap to make layers, or give some with --layers DIR:DIR:.."


def mirror() -> str:
    """Where packages come from: DEBIAN_MIRROR, else as apt has it here."""
    if "DEBIAN_MIRROR" in os.environ:
        return os.environ["DEBIAN_MIRROR"]
    named = re.compile(r"^[^#\n]*?(https?://\S*/debian)/?(?=\s|$)", re.MULTILINE)
    sources = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    for source in sources:
        found = source.is_file() and named.search(source.read_text(encoding="utf-8"))
        if found:
            return found[1]
    return "http://deb.debian.org/debian"


def _bootstrap(base: Path) -> None:
    program = "mmdebstrap" if shutil.which("mmdebstrap") else "debootstrap"
    commands.run([program, "--variant=minbase", SUITE, str(base), mirror()], seconds=1800)


def _overlay(folder: Path, upper: Path, *lower: Path) -> Path:
    merged = folder / "merged"
    for each in (upper, folder / "work" / upper.name, merged):
        each.mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={':'.join(map(str, lower))},upperdir={upper},workdir="
    work = str(folder / "work" / upper.name)
    commands.run(["mount", "-t", "overlay", "overlay", "-o", options + work, str(merged)])
    return merged


def _install(folder: Path, upper: Path, *lower: Path) -> None:
    merged = _overlay(folder, upper, *lower)
    try:
        for name in ("etc/resolv.conf", "etc/hosts"):
            shutil.copy(f"/{name}", merged / name)
        settings = Path("/etc/apt/apt.conf.d")
        if settings.is_dir():
            shutil.copytree(settings, merged / "etc/apt/apt.conf.d", dirs_exist_ok=True)
        script = f"apt-get update && apt-get install -y --no-install-recommends {PACKAGES}"
        commands.run(["chroot", str(merged), *commands.shell(script)], seconds=1800)
    finally:
        place.unmount(str(merged))


def _delete(folder: Path, upper: Path, *lower: Path) -> None:
    merged = _overlay(folder, upper, *lower)
    try:
        (merged / "srv/hello").write_text("hello\n", encoding="ascii")
        for name in ("usr/share/doc", "var/lib/apt/lists"):
            for entry in os.scandir(merged / name):
                commands.run(["rm", "-rf", entry.path])
    finally:
        place.unmount(str(merged))


def check(given: str) -> list[str]:
    """The directories of a lowerdir string.

    Raises SystemExit with a sentence if one of them is none.
    """
    layers = [os.path.abspath(layer) for layer in given.split(":")]
    for layer in layers:
        if not os.path.isdir(layer):
            raise SystemExit(f"bench: the layer {layer} is no directory: give --layers DIR:DIR:..")
        if "," in layer:
            raise SystemExit(f"bench: the layer {layer} has a comma in its name: rename it")
    return layers


def copy_up(layer: Path, source: Path, scale: int, largest: int = LARGEST) -> None:
    """Makes the layer of files for the copy-up rows, of random bytes, and of sources to compile.

    scale: divides the numbers of files; largest: bytes of the largest file.
    """
    folder = layer / "bench"
    folder.mkdir(parents=True)
    for name in ("one.c", "two.c"):
        shutil.copy(source, folder / name)
    for name, number, size in FILES:
        actual = largest if name == "m512" else size
        for i in range(max(1, number // scale)):
            with open(folder / f"{name}-{i}", "wb") as file:
                for at in range(0, actual, CHUNK):
                    file.write(os.urandom(min(CHUNK, actual - at)))


def big_mebibytes(root: str) -> int:
    """Size of the largest file of the copy-up layer below a directory."""
    return os.stat(f"{root}/bench/m512-0").st_size >> 20


def tree(folder: Path, most: int) -> int:
    """Makes folder/tree.tar and folder/repository of at most so many files of /usr/include.

    Returns the number of files.
    """
    names: list[str] = []
    for directory, below, files in os.walk("/usr/include"):
        below.sort()
        names += [os.path.join(directory, name) for name in sorted(files)]
        if len(names) >= most:
            break
    names = [os.path.relpath(name, "/usr/include") for name in names[:most]]
    (folder / "names").write_text("\0".join(names), encoding="utf-8", errors="surrogateescape")
    commands.run(["tar", "cf", f"{folder}/tree.tar", "-C", "/usr/include", "--null",
                  "--verbatim-files-from", "-T", f"{folder}/names"])
    repository = folder / "repository"
    repository.mkdir()
    commands.run(["tar", "xf", f"{folder}/tree.tar", "-C", str(repository)])
    if shutil.which("git"):
        script = (f"cd '{repository}' && git init -q . && git add -A && "
                  "git -c user.name=bench -c user.email=bench@localhost commit -q -m tree")
        commands.run(commands.shell(script))
    return len(names)


def warm(folders: list[str]) -> None:
    """Reads everything in the layers, so that the disk is out of it for rows that are not cold."""
    for folder in folders:
        reading = 'tar cf - -C "$1" . 2>/dev/null | cat >/dev/null'
        commands.run([*commands.shell(reading), "sh", folder])
