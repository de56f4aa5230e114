"""All that runs inside the container; imports nothing of ours outside itself.

The folder is bound read-only into the sandbox as the package ``runner``; the grader
imports it as ``graders.runner``. So every import inside is relative, and nothing but
the standard library, torch, safetensors and msgpack is used.
"""
