"""Kernels forked from one process that has imported, once, what every chapter imports: two seconds less for each.

    launch_kernel(command, ...)     stands in for jupyter_client's function of this name: forks where it can
    Server(), Kernel                that process; a kernel, as subprocess.Popen would return it

Only libraries are imported beforehand, never backprop_sym: a chapter meets it as a reader does. Elsewhere than on Linux
(a fork of a process that has loaded numerical libraries is not safe on macOS, and unknown on Windows), and for kernels
of another Python, everything is as without this file.
"""
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time

LIBRARIES = """
    IPython.core.completerlib IPython.extensions.storemagic ipykernel.ipkernel ipykernel.kernelapp ipykernel.zmqshell
    matplotlib.backends.backend_agg matplotlib.figure matplotlib.patheffects matplotlib_inline.backend_inline mpmath numpy
    pdb PIL.PngImagePlugin psutil sqlite3 sympy.codegen.cfunctions sympy.combinatorics sympy.tensor.tensor
    tornado.platform.asyncio tornado.queues tqdm.auto""".split()


def launch_kernel(command, cwd=None, env=None, **options):
    """Start a kernel: by fork if it is ``python -m module arguments`` of this Python, else as jupyter_client does."""
    if sys.platform == "linux" and command[:2] == [sys.executable, "-m"]:
        return server().launch(command[2:], cwd or os.getcwd(), env or os.environ)
    from jupyter_client.launcher import launch_kernel
    return launch_kernel(command, cwd=cwd, env=env, **options)


@functools.cache
def server():
    """The one server of this process, made when it is first needed."""
    made = Server()
    atexit.register(made.close)
    return made


class Server:
    """A process that forks kernels. Python's own settings (PYTHONHASHSEED) are those of the moment in which it is made."""

    def __init__(self):
        # Frozen modules have no source to step into, and the kernel's debugger says so on every start.
        self.process = subprocess.Popen([sys.executable, "-Xfrozen_modules=off", __file__], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **request):
        """What the server answers."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process that forks kernels has ended, with {self.process.wait()}")
        return json.loads(answer)

    def launch(self, command, cwd, env):
        """The kernel that ``python -m`` with the rest of its command, a module and its arguments, would start."""
        return Kernel(self, self.ask(command=list(command), cwd=str(cwd), env=dict(env)))

    def close(self):
        """End the server; kernels that it forked see this and end as well."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Kernel:
    """A forked process, with those members of subprocess.Popen that jupyter_client uses."""

    stdin = stdout = stderr = returncode = None

    def __init__(self, server, pid):
        self.server, self.pid = server, pid

    def poll(self):
        """The exit code; None while it runs."""
        if self.returncode is None:
            self.returncode = self.server.ask(poll=self.pid)
        return self.returncode

    def wait(self):
        """The exit code, when it has ended."""
        while self.poll() is None:
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, number):
        """Nothing, where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self):
        """End it."""
        self.send_signal(signal.SIGKILL)


def serve():
    """Answer requests, a line of JSON each, until there are no more."""
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()                                         # what all kernels share is not to be searched for garbage by each
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # the terminal's Ctrl-C is for pytest
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            pid, status = os.waitpid(request["poll"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                become(**request)
            os.setpgid(answer, answer)                  # before anyone is told: signals go to the kernel's own group
        print(json.dumps(answer), flush=True)


def become(command, cwd, env):
    """Turn this process into the kernel."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))        # the kernel ends itself when its parent has ended
    os.chdir(cwd)
    sys.path[0] = ""
    sys.argv = command
    code = 1
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code or 0
    finally:
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    serve()
