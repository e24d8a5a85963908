"""Devices: which one a name stands for, and what is said about it."""

import platform
import sys

import pytest
import torch

from fourmasks.system import device as device_module
from fourmasks.system.device import (
    banner,
    describe,
    device_label,
    existing_devices,
    peak_memory_mb,
    reset_peak_memory,
    resolve_device,
    synchronize,
)


@pytest.fixture(autouse=True)
def no_device_from_outside(monkeypatch):
    monkeypatch.delenv("FOURMASKS_DEVICE", raising=False)


def pretend(monkeypatch, **counts):
    monkeypatch.setattr(device_module, "existing_devices", lambda: counts | {"cpu": 1})


def test_the_cpu_always_exists():
    assert existing_devices()["cpu"] == 1
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize(
    ("counts", "expected"), [({"cuda": 2, "mps": 1}, "cuda"), ({"mps": 1}, "mps"), ({}, "cpu")]
)
def test_auto_takes_the_first_that_exists(monkeypatch, counts, expected):
    pretend(monkeypatch, **counts)
    assert resolve_device() == resolve_device("auto") == torch.device(expected)


def test_what_exists_is_in_the_order_of_preference(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert list(existing_devices().items()) == [("cuda", 2), ("mps", 1), ("cpu", 1)]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert list(existing_devices()) == ["mps", "cpu"]


def test_the_environment_decides_auto_and_nothing_else(monkeypatch):
    pretend(monkeypatch, cuda=2)
    monkeypatch.setenv("FOURMASKS_DEVICE", "cuda:1")
    assert resolve_device("auto") == torch.device("cuda:1")
    assert resolve_device("cpu") == torch.device("cpu")
    monkeypatch.setenv("FOURMASKS_DEVICE", "auto")
    assert resolve_device("auto") == torch.device("cuda")
    monkeypatch.setenv("FOURMASKS_DEVICE", "")
    assert resolve_device("auto") == torch.device("cuda")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:2", "mps", "cpu:1", "meta", None, 7])
def test_a_device_that_does_not_exist_is_refused_with_those_that_do(monkeypatch, name):
    pretend(monkeypatch, cuda=2)
    with pytest.raises(ValueError, match=r"expected 'auto' or a device that exists here: cuda \(2\), cpu\."):
        resolve_device(name)


def test_a_bad_environment_variable_is_named(monkeypatch):
    monkeypatch.setenv("FOURMASKS_DEVICE", "tpu")
    with pytest.raises(ValueError, match=r"device 'tpu' \(from FOURMASKS_DEVICE\)"):
        resolve_device()


def test_describe_and_banner_agree():
    found = describe("cpu")
    assert found["device"] == device_label("cpu") == "cpu"
    assert found["threads"] == torch.get_num_threads()
    assert found["python"] == platform.python_version()
    assert found["name"] and 0 < found["memory_gb"] < 1e5
    line = banner("cpu")
    assert line.startswith(f"device: cpu ({found['name']}), {found['threads']} thread")
    assert line.endswith(f", torch {found['torch']}") and "\n" not in line


@pytest.mark.parametrize(("threads", "text"), [(1, " 1 thread,"), (2, " 2 threads,")])
def test_the_banner_counts_threads(monkeypatch, threads, text):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert text in banner("cpu")


def test_the_name_of_a_gpu_is_in_its_label_and_banner(monkeypatch):
    pretend(monkeypatch, cuda=1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H200")
    monkeypatch.setattr(device_module, "_total_memory", lambda device: 2**37)
    assert device_label("cuda:0") == "cuda (NVIDIA H200)"
    assert describe("cuda")["memory_gb"] == 128.0
    assert banner("cuda").startswith("device: cuda (NVIDIA H200), ")


def test_the_peak_of_a_process_lies_between_what_it_holds_and_what_there_is():
    block = torch.ones(2**24)
    held = block.element_size() * block.nelement() / 2**20
    assert held == 64 < peak_memory_mb("cpu") < 1024 * describe("cpu")["memory_gb"]


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_the_unit_of_the_peak_differs_between_systems(monkeypatch):
    import resource

    usage = type("Usage", (), {"ru_maxrss": 2**21})
    monkeypatch.setattr(resource, "getrusage", lambda who: usage)
    monkeypatch.setattr(sys, "platform", "linux")
    assert peak_memory_mb("cpu") == 2048.0
    monkeypatch.setattr(sys, "platform", "darwin")
    assert peak_memory_mb("cpu") == 2.0


def test_nothing_waits_or_is_reset_on_the_cpu():
    synchronize("cpu")
    reset_peak_memory("cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_peak_of_a_gpu_counts_what_was_allocated():
    reset_peak_memory("cuda")
    before = peak_memory_mb("cuda")
    block = torch.ones(2**20 * 64, device="cuda")  # 256 MB
    synchronize("cuda")
    assert peak_memory_mb("cuda") >= before + 255
    del block
    reset_peak_memory("cuda")
    assert peak_memory_mb("cuda") < before + 255
