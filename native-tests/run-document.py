#!/usr/bin/env python3
"""Runs the commands of a document and compares what they print with what it shows.

usage: run-document.py [--print] DOCUMENT

Commands are the lines that begin with '$ ' in blocks marked ```console; a line that begins with
'> ' goes on with the command above. They run in one shell, in their order. What follows a
command is its output, errors included. In it

  <hex>   stands for hexadecimal digits,
  <size>  for a size, such as 1.98MB,
  <time>  for a duration, such as 34.1us,
  <path>  for a path without blanks.

With --print the document is printed with what the commands really print.
"""
import re
import subprocess
import sys

MARK = "\x01"
PLACES = {
    "<hex>": "[0-9a-f]+",
    "<size>": "[0-9.]+[kMG]?B",
    "<time>": "[0-9.]+(?:us|ms|s)",
    "<path>": r"/[^ \n]*",
}


def read(path):
    """The document as a list of parts: text, or [command, expected lines]."""
    parts, block, command = [], False, None
    for line in open(path, encoding="utf-8").read().splitlines():
        if not block or line == "```":
            block, command = line == "```console", None
            parts.append(line)
        elif line.startswith("$ "):
            command = [line[2:], []]
            parts.append(command)
        elif command is None:
            raise SystemExit(f"{path}: output before a command: {line}")
        elif line.startswith("> ") and not command[1]:
            command[0] += "\n" + line[2:]
        else:
            command[1].append(line)
    return parts


def run(commands):
    script = "".join(f"printf '{MARK}'\n{each[0]}\n" for each in commands)
    done = subprocess.run(
        ["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=900)
    outputs = done.stdout.decode("utf-8", "replace").split(MARK)[1:]
    if len(outputs) != len(commands):
        raise SystemExit("a command ended the shell:\n" + outputs[-1])
    return [output.splitlines() for output in outputs]


def pattern(lines):
    text = ""
    for line in lines:
        escaped = re.escape(line)
        for place, meaning in PLACES.items():
            escaped = escaped.replace(re.escape(place), meaning)
        text += escaped + "\n"
    return re.compile(text)


def show(parts, outputs):
    printed = iter(outputs)
    for part in parts:
        if isinstance(part, str):
            print(part)
        else:
            print("$ " + part[0].replace("\n", "\n> "))
            for line in next(printed):
                print(line)


def main():
    printing = sys.argv[1] == "--print"
    parts = read(sys.argv[-1])
    commands = [part for part in parts if not isinstance(part, str)]
    outputs = run(commands)
    if printing:
        show(parts, outputs)
        return 0
    wrong = 0
    for (command, expected), output in zip(commands, outputs):
        if not pattern(expected).fullmatch("".join(line + "\n" for line in output)):
            wrong += 1
            print(f"$ {command}")
            print("  the document shows:\n    " + "\n    ".join(expected))
            print("  it prints:\n    " + "\n    ".join(output))
    print(f"{len(commands)} commands, {wrong} print something else")
    return 1 if wrong else 0


sys.exit(main())
