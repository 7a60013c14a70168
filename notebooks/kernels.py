"""Kernels forked from one process that has imported, once, what every chapter imports: two seconds less for each.

    without_waiting()               what nbval starts and stops in this context is forked where that is possible, and without
                                    jupyter_client's pauses
    launch_kernel(command, ...)     stands in for jupyter_client's function of this name
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
import queue
import runpy
import signal
import subprocess
import sys
import time
from unittest import mock

LIBRARIES = """
    IPython.core.completerlib IPython.core.debugger IPython.core.oinspect IPython.extensions.storemagic ipykernel.debugger
    ipykernel.ipkernel ipykernel.kernelapp ipykernel.zmqshell matplotlib.backends.backend_agg matplotlib.figure
    matplotlib.patheffects matplotlib_inline.backend_inline mpmath numpy pdb PIL.PngImagePlugin psutil sqlite3 statistics
    sympy.codegen.cfunctions sympy.combinatorics sympy.tensor.tensor tornado.platform.asyncio tornado.queues
    tqdm.auto""".split()


@contextlib.contextmanager
def without_waiting():
    """Kernels are forked, and jupyter_client goes on as soon as one has answered, or has ended.

    Left to itself it listens, once a kernel has answered, for a fifth of a second of silence, and looks only ten times a
    second whether one has ended.
    """
    from jupyter_client.blocking import BlockingKernelClient
    from jupyter_client.manager import KernelManager
    with contextlib.ExitStack() as stack:
        if sys.platform == "linux":
            quick = functools.partialmethod(KernelManager._async_wait, pollinterval=0.005)
            stack.enter_context(mock.patch("jupyter_client.provisioning.local_provisioner.launch_kernel", launch_kernel))
            stack.enter_context(mock.patch.object(BlockingKernelClient, "wait_for_ready", wait_for_ready))
            stack.enter_context(mock.patch.object(KernelManager, "_async_wait", quick))
        yield


def wait_for_ready(client, timeout):
    """Ask the kernel until it answers and what it publishes arrives; RuntimeError where it ends, or does not in time."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if not client.is_alive():
            raise RuntimeError("the kernel has ended before it answered")
        request = client.kernel_info()
        with contextlib.suppress(queue.Empty):
            client.get_shell_msg(timeout=1)
            while client.get_iopub_msg(timeout=0.02)["parent_header"].get("msg_id") != request:
                pass
            return
    raise RuntimeError(f"the kernel has not answered in {timeout} seconds")


def launch_kernel(command, cwd=None, env=None, **options):
    """Start a kernel: by fork if it is ``python -m module arguments`` of this Python, else as jupyter_client does."""
    if command[:2] == [sys.executable, "-m"]:
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
        self.process = subprocess.Popen([sys.executable, __file__], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

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


def draw():
    """Draw a formula: matplotlib builds its grammar of formulas, and reads its fonts, for the first that it draws."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    figure = Figure(layout="constrained")
    figure.subplots().set_title(r"$\frac{\partial E}{\partial w_1}$")
    FigureCanvasAgg(figure).draw()


def serve():
    """Answer requests, a line of JSON each, until there are no more."""
    sys.modules["debugpy"] = None                       # importing it is refused: nobody steps through a check
    for name in LIBRARIES:
        importlib.import_module(name)
    draw()
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
