"""The filesystem broker keeps working whatever happens to its folders."""

from __future__ import annotations

import shutil
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from quizsite.celery import app


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "broker"


@pytest.fixture
def connection(root):
    options = {
        "data_folder_in": str(root / "messages"),
        "data_folder_out": str(root / "messages"),
        "control_folder": str(root / "control"),
    }
    with Connection("filesystem://", transport_options=options) as made:
        yield made


@pytest.fixture
def queue(connection):
    with connection.SimpleQueue("grading.cpu") as made:
        yield made


def received(queue) -> list[object]:
    found = []
    while True:
        try:
            message = queue.get_nowait()
        except Empty:
            return found
        message.ack()
        found.append(message.payload)


def test_celery_uses_this_transport():
    with app.connection_for_write() as connection:
        assert type(connection.transport).__module__ == "quizsite.lib.spool"


def test_messages_come_in_the_order_of_sending(queue):
    for number in range(20):
        queue.put(number)
    assert received(queue) == list(range(20))


def test_a_queue_gets_only_its_own_messages(connection, queue):
    with connection.SimpleQueue("cpu") as other:
        other.put("for the other")
        queue.put("for me")
        assert received(queue) == ["for me"]


def test_a_removed_folder_is_made_again_by_the_reader(root, queue):
    shutil.rmtree(root)
    assert received(queue) == []
    assert (root / "messages").is_dir()


def test_a_publisher_goes_on_after_the_folder_was_removed(root, queue):
    queue.put("lost")
    shutil.rmtree(root)
    queue.put("kept")
    assert received(queue) == ["kept"]


def test_half_a_message_is_dropped_and_the_next_one_read(root, queue):
    (root / "messages").mkdir(parents=True, exist_ok=True)
    (root / "messages" / "0.grading.cpu.msg").write_text('{"body": ')
    queue.put("whole")
    assert received(queue) == ["whole"]


def test_an_empty_exchange_table_is_no_error(root, connection):
    (root / "control").mkdir(parents=True)
    (root / "control" / "grading.cpu.exchange").write_text("")
    with connection.SimpleQueue("grading.cpu") as queue:
        queue.put("arrives")
        assert received(queue) == ["arrives"]


def test_nothing_is_left_behind(root, queue):
    queue.put("one")
    received(queue)
    assert list((root / "messages").iterdir()) == []


def test_purging_removes_and_counts(queue):
    queue.put(1)
    queue.put(2)
    assert queue.clear() == 2
    assert received(queue) == []
