"""``manage.py load_demo_course --owner USERNAME``: a course with invented students."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quizsite.accounts.models import User
from quizsite.courses.demo import load_demo_course
from quizsite.lib.sourced_yaml import DocumentError


class Command(BaseCommand):
    help = "Make the demo course; harmless to repeat. Its submissions are graded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--owner", required=True, help="who is to teach in it")

    def handle(self, *args: Any, owner: str, **options: Any) -> None:
        try:
            course = load_demo_course(owner=User.objects.get(username=owner))
        except User.DoesNotExist as error:
            raise CommandError(f"нет пользователя «{owner}»") from error
        except DocumentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{course.title}: {course.get_absolute_url()}")
