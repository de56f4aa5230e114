"""The site's settings, but nothing of the developer's own var/ is touched.

A settings module because pytest-django reads settings before any conftest. What tests
start as processes of their own inherits the same folder through the environment.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="quizsite-test-")
os.environ.setdefault("SECRET_KEY", "for tests only")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from quizsite.settings import *  # noqa: E402, F403
from quizsite.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir()  # whitenoise warns about a missing one
# The manifest of hashed names exists only after collectstatic.
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A kept connection of the live server would be in the way when the database is dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0
