"""Forked kernels are what jupyter_client would have started: the same exit codes, signals, folder and environment."""
import json
import os
import queue
import subprocess
import sys

import pytest

from notebooks import kernels

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of modules to run as kernels are run, by ``python -m``."""
    made = tmp_path_factory.mktemp("modules")
    (made / "saying.py").write_text(
        "import json, os, sys\n"
        "said = [sys.argv[1:], os.getcwd(), os.environ.get('SAID'), 'HOME' in os.environ, __name__]\n"
        "open('said.json', 'w').write(json.dumps(said))\n", encoding="utf-8")
    (made / "leaving.py").write_text("import sys\nsys.exit(int(sys.argv[1]))\n", encoding="utf-8")
    (made / "failing.py").write_text("1/0\n", encoding="utf-8")
    (made / "sleeping.py").write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    return made


def launch(folder, module, *arguments):
    return kernels.launch_kernel([sys.executable, "-m", module, *arguments], cwd=str(folder), env={"SAID": "yes"})


def test_it_has_the_arguments_the_folder_and_the_environment_that_it_was_given(folder):
    assert launch(folder, "saying", "a", "b").wait() == 0
    assert json.loads((folder / "said.json").read_text()) == [["a", "b"], str(folder), "yes", False, "__main__"]


@pytest.mark.parametrize(("module", "arguments", "code"), [("leaving", ("0",), 0), ("leaving", ("3",), 3), ("failing", (), 1)])
def test_the_exit_code_is_that_of_the_module(folder, module, arguments, code):
    assert launch(folder, module, *arguments).wait() == code


@pytest.mark.parametrize(("end", "code"), [("terminate", -15), ("kill", -9)])
def test_it_ends_when_told_to_and_can_be_told_again(folder, end, code):
    kernel = launch(folder, "sleeping")
    assert kernel.poll() is None
    getattr(kernel, end)()
    assert kernel.wait() == code
    getattr(kernel, end)()                              # it has ended: nobody is hurt


def test_a_command_that_is_not_this_python_is_started_as_jupyter_client_does(folder):
    kernel = kernels.launch_kernel(["sleep", "0"], cwd=str(folder))
    assert isinstance(kernel, subprocess.Popen)
    assert kernel.wait() == 0
    for stream in (kernel.stdout, kernel.stderr, kernel.stdin):
        if stream:
            stream.close()


def test_a_server_that_has_ended_says_so():
    server = kernels.Server()
    server.process.kill()
    with pytest.raises(RuntimeError, match="has ended, with -9"):
        server.launch(["json.tool"], os.getcwd(), os.environ)
    server.close()


def test_kernels_have_the_libraries_and_not_the_book(folder):
    (folder / "importing.py").write_text(
        "import sys\nsys.exit(10*('sympy' in sys.modules) + any(m.startswith('backprop_sym') for m in sys.modules))\n",
        encoding="utf-8")
    assert launch(folder, "importing").wait() == 10


def test_a_forked_kernel_is_ready_when_it_has_answered(monkeypatch, tmp_path):
    from jupyter_client.manager import start_new_kernel
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with kernels.without_waiting():
        manager, client = start_new_kernel(kernel_name="python3")
        said = []
        client.execute_interactive("print(6*7)", timeout=60, output_hook=said.append)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert [message["content"]["text"] for message in said if message["msg_type"] == "stream"] == ["42\n"]
    assert not manager.is_alive()


def test_a_kernel_that_does_not_answer():
    class Silent:
        alive = True
        kernel_info = staticmethod(lambda: "request")
        is_alive = classmethod(lambda cls: cls.alive)

        @staticmethod
        def get_shell_msg(timeout):
            raise queue.Empty

    with pytest.raises(RuntimeError, match="has not answered in 0.05 seconds"):
        kernels.wait_for_ready(Silent, 0.05)
    Silent.alive = False
    with pytest.raises(RuntimeError, match="has ended before it answered"):
        kernels.wait_for_ready(Silent, 60)
