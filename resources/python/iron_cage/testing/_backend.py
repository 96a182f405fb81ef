"""A service that fails as it is told to."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class ServiceDown(Exception):
    """What a made-up service answers instead of a value; counted by its status, as those of HTTP libraries are."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status_code = status
        self.retry_after = retry_after


class Backend:
    """Answers with what it is given in turn, and goes on with the last; an exception is raised.

    backend = Backend([ConnectionError("no route")] * 5 + [{"name": "ada"}])

    @runtime.service("linkedin")
    def profile(person: str) -> dict:
        return backend(person)
    """

    def __init__(self, answers: Sequence[Any]) -> None:
        if not answers:
            raise ValueError("answers was empty; give at least one, for the last is given again and again.")
        self._answers = list(answers)
        #: The arguments of each call.
        self.asked: list[tuple[Any, ...]] = []

    def __repr__(self) -> str:
        return f"<Backend, asked {len(self.asked)} times>"

    @property
    def calls(self) -> int:
        return len(self.asked)

    def __call__(self, *arguments: Any) -> Any:
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(arguments)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def ask_async(self, *arguments: Any) -> Any:
        """The same for code that waits."""
        return self(*arguments)

    @classmethod
    def down(cls, problem: BaseException | None = None) -> Backend:
        """One that never answers."""
        return cls([problem or ConnectionError("The made-up service does not answer.")])

    @classmethod
    def rate_limited(cls, retry_after: float | None = 30.0) -> Backend:
        """One that says 429, and when to come back."""
        return cls([ServiceDown(429, retry_after)])

    @classmethod
    def recovering(cls, failures: int, answer: Any) -> Backend:
        """One that fails so often, and answers from then on."""
        return cls([ServiceDown(503)] * failures + [answer])
