from __future__ import annotations

from rest_framework.authentication import BaseAuthentication


class TokenAuthentication(BaseAuthentication):
    """Placed by the API's author."""
