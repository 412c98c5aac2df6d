"""Tells which requests an operation on a mount costs, and which system calls the daemon makes for
each: system-calls.py PID MOUNT OPERATION [PREPARATION]

PID is the daemon's, with threads=1. OPERATION is a line of Python that is run again and again with
i = 0, 1, 2, ...; PREPARATION is run for all of them before. Prints the requests of one operation,
separated by "; ", each with the calls between the read(2) that brings it and the write(2) that
answers it, and behind "then" those that come after the answer. What most of the operations cost is
printed, so that a class that is loaded or a descriptor that is opened meanwhile changes nothing.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile
import time

REPEATED = 18
WARM_UP = 6

# include/uapi/linux/fuse.h, enum fuse_opcode
OPCODES = {
    1: "LOOKUP", 2: "FORGET", 3: "GETATTR", 4: "SETATTR", 5: "READLINK", 6: "SYMLINK", 8: "MKNOD",
    9: "MKDIR", 10: "UNLINK", 11: "RMDIR", 12: "RENAME", 13: "LINK", 14: "OPEN", 15: "READ",
    16: "WRITE", 17: "STATFS", 18: "RELEASE", 20: "FSYNC", 21: "SETXATTR", 22: "GETXATTR",
    23: "LISTXATTR", 24: "REMOVEXATTR", 25: "FLUSH", 27: "OPENDIR", 28: "READDIR",
    29: "RELEASEDIR", 30: "FSYNCDIR", 34: "ACCESS", 35: "CREATE", 36: "INTERRUPT",
    42: "BATCH_FORGET", 43: "FALLOCATE", 44: "READDIRPLUS", 45: "RENAME2", 46: "LSEEK",
    47: "COPY_FILE_RANGE",
}  # fmt: skip

# They come when the kernel likes, and have no answer.
UNANSWERED = {"FORGET", "BATCH_FORGET", "INTERRUPT"}

# statfs(2) is asked anew each time, so it stands between the operations.
MARK = "STATFS"

# What the JVM does in any of its threads: waiting, memory, signals.
OF_THE_JVM = {
    "clock_gettime", "futex", "getcpu", "getrusage", "gettid", "madvise", "membarrier", "mmap",
    "mprotect", "munmap", "restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sched_getaffinity", "sched_yield", "sysinfo",
}  # fmt: skip

# Calls that are newer than strace, or are made in another way by an older kernel.
NUMBERED = {
    "syscall_0x1c4": "fchmodat2",
    "syscall_0x1d0": "lgetxattr", "getxattrat": "lgetxattr",
    "syscall_0x1d1": "llistxattr", "listxattrat": "llistxattr",
}  # fmt: skip

CALL = re.compile(r"^(\w+)\((.*)$")
BYTES = re.compile(r'^\d+, "((?:\\x[0-9a-f]{2})+)"')


def worker(pid):
    """The thread that serves the requests."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm") as comm:
            if comm.read().startswith("plyfs-worker"):
                return task
    sys.exit(f"process {pid} has no worker")


def queues(pid):
    """Descriptors by which requests come."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            if os.readlink(f"/proc/{pid}/fd/{fd}") == "/dev/fuse":
                found.add(fd)
        except FileNotFoundError:
            pass  # one of those that come and go
    return found


def traced(pid, run):
    """Lines of strace about one thread while a function runs."""
    task = worker(pid)
    with tempfile.NamedTemporaryFile("r") as lines:
        tracer = subprocess.Popen(
            ["strace", "-qq", "-xx", "-s", "16", "-o", lines.name, "-p", task]
        )
        try:
            while "\nTracerPid:\t0\n" in open(f"/proc/{pid}/task/{task}/status").read():
                if tracer.poll() is not None:
                    sys.exit("strace cannot attach")
                time.sleep(0.002)
            run()
        finally:
            tracer.terminate()
            tracer.wait()
        return lines.read().splitlines()


def headers(arguments):
    """First and second half of the 16 bytes that a read or written message begins with."""
    found = BYTES.match(arguments)
    message = bytes.fromhex(found[1].replace("\\x", "")) if found else bytes(16)
    return int.from_bytes(message[4:8], sys.byteorder), message[8:16]


def requests(lines, fds):
    """(name, calls) of each request that has an answer."""
    name, unique, calls = None, b"", []
    for line in lines:
        found = CALL.match(line)
        if found is None or found[1] in OF_THE_JVM:
            continue
        call, arguments = found.groups()
        isOnQueue = arguments.split(",", 1)[0] in fds
        if isOnQueue and call == "read":
            if name is not None and name not in UNANSWERED:
                yield name, calls
            opcode, unique = headers(arguments)
            name, calls = OPCODES.get(opcode), []
        elif isOnQueue and call == "write":
            calls.append("then" if headers(arguments)[1] == unique else "notice")
        else:
            calls.append(NUMBERED.get(call, call))


def text(name, calls):
    if calls[-1:] == ["then"]:
        calls = calls[:-1]
    return " ".join([name, *calls])


def main():
    pid, mount, operation, *preparation = sys.argv[1:]
    names = {"os": os}

    def repeat(line, first, last):
        code = compile(line, line, "exec")
        for i in range(first, last):
            names["i"] = i
            exec(code, names)
            os.statvfs(mount)

    for line in preparation:
        repeat(line, 0, REPEATED)
    repeat(operation, 0, WARM_UP)
    lines = traced(pid, lambda: repeat(operation, WARM_UP, REPEATED))
    costs, cost = collections.Counter(), []
    for name, calls in requests(lines, queues(pid)):
        if name == MARK:
            costs["; ".join(cost)] += 1
            cost = []
        else:
            cost.append(text(name, calls))
    print(costs.most_common(1)[0][0])


main()
