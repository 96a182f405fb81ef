"""Money: who may hold how much of it, by the rules of the control room. Amounts are nanodollars."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal, TypeAlias

    Verdict: TypeAlias = Literal["held", "waiting", "exhausted", "too narrow"]

LARGEST_BUDGET = 1_000_000 * 1_000_000_000


class Purse:
    """A part of the money with a limit of its own; without one, what it uses is only counted."""

    __slots__ = ("limit", "reserved", "spent")

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.spent = 0
        self.reserved = 0

    def lacks(self, amount: int, *, now: bool) -> bool:
        """Whether it has no room for as much, `now` or once all is given back."""
        return self.limit is not None and amount > self.limit - self.spent - (self.reserved if now else 0)


class Claim:
    """Money that is asked for."""

    __slots__ = ("amount", "purses", "too_narrow", "verdict")

    def __init__(self, amount: int, purses: tuple[Purse, ...]) -> None:
        self.amount = amount
        self.purses = purses
        self.verdict: Verdict = "waiting"
        #: The purse that it does not fit into.
        self.too_narrow: Purse | None = None


class Book:
    """Who comes first is served first: a claim that waits for others holds up those behind it; one that can only wait for a raise
    holds up nobody, and takes its old place when one comes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0
        self.reserved = 0
        self.is_exhausted = False
        self.is_warned = False
        #: In the order in which they came; those that hold something, those that wait, and those that wait for a raise.
        self.claims: list[Claim] = []

    def enter(self, amount: int, purses: Iterable[Purse] = ()) -> Claim:
        claim = Claim(amount, tuple(purses))
        self.claims.append(claim)
        self._decide()
        return claim

    def settle(self, claim: Claim, charged: int) -> bool:
        """Charges, and gives the rest back; true where nine tenths of the limit are spent by this."""
        if claim.verdict != "held" or claim not in self.claims:
            raise ValueError("This reservation holds nothing: it was settled before, or never held.")
        self._give_back(claim)
        self.spent += charged
        for purse in claim.purses:
            purse.spent += charged
        is_crossed = self._cross()
        self._decide()
        return is_crossed

    def leave(self, claim: Claim) -> None:
        """Gives back what it holds, or its place in the line."""
        if claim not in self.claims:
            return
        if claim.verdict == "held":
            self._give_back(claim)
        else:
            self.claims.remove(claim)
        self._decide()

    def exhaust(self) -> bool:
        """A claim did not fit; true for the first one at this limit."""
        was, self.is_exhausted = self.is_exhausted, True
        return not was

    def raise_by(self, amount: int) -> bool:
        """True where nine tenths of the new limit are spent all the same."""
        if amount > LARGEST_BUDGET - self.limit:
            raise ValueError("A limit beyond the largest budget there may be: a million dollars.")
        self.limit += amount
        self.is_warned = self.is_exhausted = False
        for claim in self.claims:
            if claim.verdict == "exhausted" and claim.amount <= self.limit - self.spent:
                claim.verdict = "waiting"
        self._decide()
        return self._cross()

    def _cross(self) -> bool:
        if self.is_warned or self.spent < self.limit - self.limit // 10:
            return False
        self.is_warned = True
        return True

    def _give_back(self, claim: Claim) -> None:
        self.claims.remove(claim)
        self.reserved -= claim.amount
        for purse in claim.purses:
            purse.reserved -= claim.amount

    def _decide(self) -> None:
        is_held_up = False
        held_up: list[Purse] = []
        for claim in list(self.claims):
            if claim.verdict != "waiting":
                continue
            amount = claim.amount
            too_narrow = next((purse for purse in claim.purses if purse.lacks(amount, now=False)), None)
            waits_for = [purse for purse in claim.purses if purse.lacks(amount, now=True)]
            fits_now = amount <= self.limit - self.spent - self.reserved
            is_behind = any(purse is other for purse in claim.purses for other in held_up)
            if not is_held_up and fits_now and not waits_for and not is_behind:
                claim.verdict = "held"
                self.reserved += amount
                for purse in claim.purses:
                    purse.reserved += amount
            elif too_narrow is not None:
                claim.verdict, claim.too_narrow = "too narrow", too_narrow
                self.claims.remove(claim)
            elif amount <= self.limit - self.spent:
                is_held_up = is_held_up or not fits_now
                held_up += waits_for
            else:
                claim.verdict = "exhausted"
