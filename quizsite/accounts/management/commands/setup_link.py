"""``manage.py setup_link``: a one-time link that makes the administrator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quizsite.accounts.services import setup_link


class Command(BaseCommand):
    help = "Print a one-time link that makes the administrator; older ones die."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site-url", help="instead of SITE_URL")

    def handle(self, *args: Any, site_url: str | None, **options: Any) -> None:
        link = setup_link(site_url=site_url)
        if link is None:
            raise CommandError("there is an administrator already")
        self.stdout.write(link)
