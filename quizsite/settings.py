"""One settings file, read from the environment; every name is in the README."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from quizsite.env import (
    celery_broker,
    database,
    env_bool,
    env_int,
    env_list,
    env_str,
    sandbox,
    secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env_bool("DEBUG", False)
SECRET_KEY = secret_key(VAR_DIR)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = env_str("SITE_URL", "http://localhost:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")

# Where the content lives; authors edit these folders, load_book reads them.
CHAPTERS_DIR = BASE_DIR / "fixtures" / "chapters"
COURSES_DIR = BASE_DIR / "fixtures" / "courses"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # the templates of its widgets, for FORM_RENDERER
    "django_htmx",
    "allauth",
    "allauth.account",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "quizsite.lib",
    "quizsite.accounts",
    "quizsite.book",
    "quizsite.quizzes",
    "quizsite.submissions",
    "quizsite.courses",
    "quizsite.dashboards",
    "quizsite.learning",
    "quizsite.api",
    "graders",  # its management commands: grade, check_exercises, doctor
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages only: static files are compressed already. It pads its output at random,
    # so that the length tells nothing of a token (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "quizsite.lib.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "quizsite.urls"
WSGI_APPLICATION = "quizsite.wsgi.application"
ASGI_APPLICATION = "quizsite.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "quizsite" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "builtins": ["quizsite.lib.templatetags.text"],
        },
    },
]

FORM_RENDERER = "quizsite.lib.forms.FormRenderer"

# --- data ---------------------------------------------------------------------
DATABASES = {
    "default": database(
        env_str("DATABASE_URL", f"sqlite://{VAR_DIR / 'quizsite.sqlite3'}")
    )
}

# --- queue: the database is the only truth, the broker may lose everything ----
CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = celery_broker(
    env_str("CELERY_BROKER_URL", f"filesystem://{VAR_DIR / 'broker'}")
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"graders.tasks.grade": {"queue": "grading.cpu"}}
CELERY_TASK_ACKS_LATE = False  # leases and the sweep redeliver, not the broker
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env_int("WORKER_CONCURRENCY", 2)
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60  # a child is ready once its sandbox is warm
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"

# --- grading ------------------------------------------------------------------
SANDBOX = sandbox("SANDBOX", "bwrap:", gpu=False)
GPU_SANDBOX = sandbox(
    "GPU_SANDBOX", "", gpu=True
)  # of workers that consume grading.gpu
LEASE_SECONDS = env_int("LEASE_SECONDS", 60)
MAX_TRIES = 3
MAX_IN_FLIGHT = 2  # per student; the rest wait in the database
MAX_SOURCE_BYTES = 256 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# --- people -------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "quizsite.accounts.forms.LoginForm",
    "signup": "quizsite.accounts.forms.SignupForm",
    "add_email": "quizsite.accounts.forms.AddEmailForm",
    "change_password": "quizsite.accounts.forms.ChangePasswordForm",
    "reset_password": "quizsite.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "quizsite.accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = env_str("EMAIL_VERIFICATION", "none")
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
EMAIL_BACKEND = env_str(
    "EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"
)

# --- language -----------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("русский")), ("en", _("английский"))]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "quizsite" / "locale"]
USE_TZ = True
TIME_ZONE = env_str("TIME_ZONE", "Europe/Moscow")

# --- static files -------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "quizsite" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- security -----------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        # The nonce is for the style sheet that the code editor makes at run time.
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
X_FRAME_OPTIONS = "DENY"

# --- REST ---------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "quizsite.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "quizsite.api.permissions.HasScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["quizsite.api.parsers.JsonBody"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "quizsite.api.base.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "quizsite.api.errors.handle",
    # Proxies in front of us: how many X-Forwarded-For entries are not made up.
    "NUM_PROXIES": env_int("NUM_PROXIES", 0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Deep learning quizzes",
    "DESCRIPTION": "Chapters, quizzes, exercises, submissions and grades.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "SubmissionStateEnum": "quizsite.submissions.models.State",
        "ExerciseDeviceEnum": ["cpu", "gpu", "any"],
        "CheckDeviceEnum": ["cpu", "gpu"],
        "RegradeStageEnum": "quizsite.submissions.models.Stage",
        "QuestionRegradeStageEnum": "quizsite.quizzes.models.RegradeStage",
        "AnswerStateEnum": ["blank", "malformed", "incomplete", "answered"],
        "BehaviourEnum": "quizsite.quizzes.rules.BehaviourName",
        "OwnBehaviourEnum": ["practice", "test", "cbm"],
        "SavedStateEnum": ["blank", "incomplete", "answered"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "quizsite.api.schema.add_problems",
    ],
}

# --- logs ---------------------------------------------------------------------
LOG_LEVEL = env_str("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{levelname:<7} {name}: {message}", "style": "{"}
    },
    "filters": {"no_routine": {"()": "quizsite.lib.logs.HideRoutine"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            # Heartbeats and sweeps, every few seconds, only for who looks closely.
            "filters": [] if LOG_LEVEL == "DEBUG" else ["no_routine"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
