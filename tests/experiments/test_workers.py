import signal

import pytest

from fourmasks.experiments import workers
from fourmasks.experiments.plan import Run
from fourmasks.experiments.schedule import Task
from fourmasks.experiments.workers import Cluster, Processes


@pytest.mark.parametrize("offered", [False, True])
def test_what_stands_beside_what(toys, offered):
    on_gpu, on_cpu, timed = (
        Task(Run("demo/x", toys.fit, {}, **more), "missing", 1, 0)
        for more in ({"on_device": True}, {}, {"alone": True})
    )
    processes = Processes(2)
    assert processes.takes(on_cpu, "cuda", [on_gpu]) and processes.takes(on_gpu, "cpu", [on_gpu])
    assert not processes.takes(on_gpu, "cuda", [on_gpu])
    assert not processes.takes(on_cpu, "cpu", [on_cpu, on_cpu])
    assert processes.takes(timed, "cpu", []) and not processes.takes(timed, "cpu", [on_cpu])
    assert not processes.takes(on_cpu, "cpu", [timed])
    cluster = object.__new__(Cluster)
    cluster._offered = offered
    assert cluster.takes(on_cpu, "cpu", [on_cpu] * 9)
    assert cluster.takes(timed, "cpu", [on_cpu]) is offered is cluster.takes(on_cpu, "cpu", [timed])


@pytest.mark.parametrize(
    ("platform", "device", "method"),
    [("linux", "cpu", "forkserver"), ("linux", "cuda", "spawn"), ("darwin", "cpu", "spawn")],
)
def test_processes_are_forks_only_where_that_is_safe(monkeypatch, platform, device, method):
    monkeypatch.setattr("sys.platform", platform)
    assert workers._start_method(device) == method


def test_ctrl_c_while_a_process_starts_is_for_the_handler_that_was_there():
    def interrupted():
        with workers._uninterrupted():
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as under nohup
    try:
        interrupted()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)
