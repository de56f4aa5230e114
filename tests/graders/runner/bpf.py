"""A BPF interpreter in twenty lines: what a filter says to a call."""

from __future__ import annotations

import struct

from graders.runner.seccomp import Instruction

DATA = struct.Struct("<iIQ6Q")  # struct seccomp_data


def verdict(
    program: list[Instruction], arch: int, number: int, arguments: tuple[int, ...] = ()
) -> int:
    """The action that ``program`` returns."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = DATA.pack(number if number < 2**31 else number - 2**32, arch, 0, *padded)
    accumulator = at = 0
    while True:
        code, jump_true, jump_false, constant = program[at]
        at += 1
        match code:
            case 0x20:  # load a word
                (accumulator,) = struct.unpack_from("<I", data, constant)
                continue
            case 0x06:  # return
                return constant
            case 0x54:  # keep these bits
                accumulator &= constant
                continue
            case 0x15:
                holds = accumulator == constant
            case 0x35:
                holds = accumulator >= constant
            case 0x45:
                holds = bool(accumulator & constant)
            case _:
                raise AssertionError(f"code {code:#x} is not used")
        at += jump_true if holds else jump_false
