"""Owns the tree of errors a user can meet; must not know any other module.

Every error names three things: the *place* (file, line, exchange, option), the *thing* that is wrong there,
and the *remedy*. A bug is not in this tree: it crashes with its traceback.
"""

from __future__ import annotations


class LlmUsageError(Exception):
    """Base of every error that is somebody's input, configuration or storage and not our bug.

    Args:
        place: where it happened, as a user would find it (``cassette.yaml line 12``).
        thing: what is wrong there. Never quotes bodies, headers or keys.
        remedy: what to do about it.
    """

    def __init__(self, place: str, thing: str, remedy: str) -> None:
        super().__init__(place, thing, remedy)
        self.place = place
        self.thing = thing
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.place}: {self.thing}. {self.remedy}"

    def at(self, place: str) -> LlmUsageError:
        """The same error seen from further out: ``place`` is put in front of the inner place."""
        inner = f"{place}: {self.place}" if self.place else place
        return type(self)(inner, self.thing, self.remedy)


class InputError(LlmUsageError):
    """A recording, or one exchange in it, cannot be read. Becomes a counted reject, never stops a run."""


class LimitError(InputError):
    """An input passed one of the limits of `llm_usage.limits`; names the limit and how to raise it."""


class BugError(LlmUsageError):
    """A fault of ours, met in one file: it costs that file only, is told with its name, and shows in the exit code (3)."""

    @classmethod
    def met(cls, place: str, fault: BaseException) -> BugError:
        """The error of an exception that nobody expected. Says where in the code, never what was being read."""
        last = fault.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        where = f"{last.tb_frame.f_globals.get('__name__', '?')} line {last.tb_lineno}" if last is not None else "?"
        return cls(
            place, f"a fault of llm-usage ({type(fault).__name__} in {where})", "Please report it with the file, or with what kind it is"
        )


class ConfigError(LlmUsageError):
    """The command line, ``llm-usage.yaml`` or ``prices.yaml`` is wrong. Exit code 2."""


class LakeError(LlmUsageError):
    """The lake cannot be opened or written as it is."""
