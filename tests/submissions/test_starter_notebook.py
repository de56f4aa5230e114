"""The starter notebook's own code, executed against a live site as Jupyter would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from exercises.spec import load_exercise
from graders import chores, tasks
from quizsite.api.services import issue_token
from quizsite.submissions import bundles, queue
from quizsite.submissions.models import Submission

pytestmark = pytest.mark.django_db(transaction=True)
EXERCISE = load_exercise("tr_attention")
REFERENCE = (EXERCISE.folder / "reference.py").read_text()
NO_SCALE = EXERCISE.wrong_solution("no_scale").read_text()
# Enough where no answer is looked at; spares the import of torch.
TINY = "def attention(q, k, v, mask=None, causal=False):\n    return q, k\n"
# What a kernel does: executes cells in __main__ and remembers their text.
KERNEL = """
import json, sys
In = [""]
for text in json.load(sys.stdin):
    In.append(text)
    exec(compile(text, f"<cell {len(In) - 1}>", "exec"))
"""


@pytest.fixture(autouse=True)
def _graders_in_this_process(monkeypatch):
    """Messages are obeyed at once; the student's code runs in a real sandbox."""

    def grade(message):
        tasks.grade.apply(args=[str(message.submission_id)]).get()
        return True

    def make(bundle, exercise):
        chores.bundle.apply(args=[bundle.pk]).get()

    monkeypatch.setattr(queue, "_send", grade)
    monkeypatch.setattr(bundles, "_send", make)


@pytest.fixture(scope="module", autouse=True)
def _sandbox():
    yield
    tasks.close_sandbox()


@pytest.fixture
def key(bob) -> str:
    scopes = ["read", "submissions"]
    return issue_token(user=bob, name="т", scopes=scopes, days=1)[1]


@pytest.fixture
def run(live_server, client, tmp_path) -> Callable[..., str]:
    """Executes the notebook with a solution in it; what it printed."""

    def execute(solution: str, key: str = "", patch: str = "", **cells: str) -> str:
        url = f"{live_server.url}/exercises/tr_attention/starter.ipynb"
        made = client.get(
            url, headers={"host": live_server.url.removeprefix("http://")}
        )
        notebook = json.loads(made.content)
        texts = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
        del texts["statement"]
        texts |= {"solution": solution, "playground": ""} | cells
        if patch:
            line = next(t for t in texts["helper"].split("\n") if t.startswith("SITE"))
            texts["helper"] = texts["helper"].replace(line, patch)
        environment = {**os.environ, "DLQ_TOKEN": key}
        done = subprocess.run(
            [sys.executable, "-c", KERNEL],
            input=json.dumps(list(texts.values())),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.replace("\xa0", " ")

    return execute


def test_a_right_solution_is_checked_here_and_accepted_there(run, key, bob):
    printed = run(REFERENCE, key)
    assert "✓ Внимание без масок: верно, случаев: 5." in printed
    assert "Пройдено проверок: 2 из 2." in printed
    assert "Формат в порядке.\nЯчейки: 2\nОпределения: attention\n" in printed
    submission = Submission.objects.get()
    assert (submission.user, submission.verdict) == (bob, "accepted")
    assert "Все проверки пройдены. Результат: 100 %" in printed
    assert submission.get_absolute_url() in printed


def test_a_mistake_is_told_here_and_recognised_there(run, key):
    printed = run(NO_SCALE, key)
    assert "✗ Внимание без масок: не пройдено случаев: 4 из 5." in printed
    assert "out: не совпадает элементов" in printed
    assert "Подсказка:" in printed


def test_what_is_not_defined_yet_is_told(run):
    assert "Не определено: attention" in run("x = 1", submit="1", check="check()")


def test_a_wrong_token_is_told_and_nothing_is_sent(run):
    printed = run(TINY, "dlq_wrong", check="1")
    assert "Токен неизвестен, отозван или истёк." in printed
    assert "/profile/tokens/" in printed
    assert not Submission.objects.exists()


def test_a_token_without_the_right_is_told(run, bob):
    _, key = issue_token(user=bob, name="т", scopes=["read"], days=1)
    assert "нужно право «submissions»" in run(TINY, key, check="1")


def test_a_file_can_be_sent_instead(run, key, tmp_path):
    (tmp_path / "work.py").write_text(TINY)
    run("x = 1", key, check="1", submit="submit('work.py')")
    assert Submission.objects.get().filename == "work.py"
    printed = run("x = 1", key, check="1", submit="submit('none.py')")
    assert "Файл не читается" in printed


def test_a_refused_notebook_is_told_with_the_reason(run, key):
    printed = run("x = 1", key, check="check_format()")
    assert printed.count("В тетради нет ячейки, где определено: attention.") == 2


def test_cells_have_the_numbers_that_jupyter_shows(run, key):
    stale = EXERCISE.starter
    printed = run(TINY, key, playground=stale, check="check_format()", submit="1")
    assert "! attention: в ячейке 3 снова заготовка с NotImplementedError." in printed
    assert "Взято готовое определение в ячейке 2." in printed


def test_without_a_grader_the_notebook_says_so_kindly(run, monkeypatch):
    monkeypatch.setattr(bundles, "_send", lambda bundle, exercise: None)
    faster = "import dlq_helper\ndlq_helper.time.sleep = lambda s: None\ncheck()"
    printed = run(TINY, check=faster, submit="1")
    assert "Открытых примеров пока нет" in printed
    assert "submit() работает и без них" in printed


def test_without_the_site_what_was_fetched_before_is_used(run, live_server):
    run(REFERENCE, check="check()", submit="1")
    gone = "SITE, EXERCISE = 'http://127.0.0.1:9', 'tr_attention'"
    printed = run(REFERENCE, check="check()", submit="1", patch=gone)
    assert "остаётся скачанное раньше" in printed
    assert "Пройдено проверок: 2 из 2." in printed


def test_the_token_is_asked_for_and_kept_out_of_the_notebook(run, key):
    ask = "import getpass\ngetpass.getpass = lambda prompt: " + repr(key)
    printed = run(TINY, "", playground=ask, check="1")
    assert "Результат: 0 %" in printed
    assert key not in printed


def test_a_redirect_does_not_take_the_token_elsewhere(run, key, live_server):
    """The site is asked by another name than its redirects lead to."""
    hop = (
        "import http.server, threading\n"
        "class Hop(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(302)\n"
        f"        self.send_header('Location', {live_server.url!r} + self.path)\n"
        "        self.end_headers()\n"
        "    do_POST = do_GET\n"
        "    def log_message(self, *args): pass\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), Hop)\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "site = f'http://127.0.0.1:{server.server_port}'\n"
        "helper = Helper(site, 'tr_attention', ARCHIVE)\n"
        "helper.submit()"
    )
    assert "отсылает на другой адрес" in run(TINY, key, check="1", submit=hop)
    assert not Submission.objects.exists()
